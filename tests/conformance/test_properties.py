"""Any text, configuration, shape or folder of files gives what was meant, or an error that says what was received."""

import contextlib
import json
import string

import numpy as np
import pytest
from absl import flags
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from keras_gan import networks, objectives
from keras_gan.cli import config_flags
from keras_gan.cli.config import TrainConfig, is_name
from keras_gan.data.folder import SUFFIXES, read_folder
from keras_gan.objectives.composite import Sum

quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def outcome(call, *arguments, **options):
    """What a call gives, and the text of its refusal: one of the two. Any other error is a failure."""
    try:
        return call(*arguments, **options), ""
    except (ValueError, flags.Error) as error:
        return None, str(error)


# -- Expressions: text that is made by the grammar reads as the sum that it describes ---------------------------------

NAMES = ("hinge", "r1", "r2", "wasserstein", "minimax", "gradient_penalty")
numbers = st.floats(0, 1000).map(lambda x: float(f"{x:.4g}"))
leaves = st.one_of(
    st.sampled_from(NAMES).map(lambda name: (name, [(1.0, name)])),
    st.tuples(numbers, st.sampled_from(NAMES)).map(lambda t: (f"{t[0]!r} * {t[1]}", [(t[0], t[1])])),
    st.tuples(numbers, st.sampled_from(NAMES)).map(lambda t: (f"{t[1]}() * {t[0]!r}", [(t[0], t[1])])),
)


def added(parts):
    return " + ".join(text for text, _ in parts), [term for _, meant in parts for term in meant]


def scaled(part):
    weight, (text, meant) = part
    return f"{weight!r}*({text})", [(weight * w, name) for w, name in meant]


expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(added),
        st.tuples(numbers, inner).map(scaled),
        inner.map(lambda part: (f"( {part[0]} )", part[1])),
    ),
    max_leaves=6,
)


@quick
@given(expressions)
def test_what_the_grammar_makes_is_read_as_it_was_meant(expression):
    text, meant = expression
    read = objectives.get(text)
    assert [(pytest.approx(weight, rel=1e-9), name) for weight, name in meant] == [(w, t.name) for w, t in read.terms]


@quick
@given(st.text(max_size=60) | st.text(string.printable, max_size=60) | st.binary(max_size=20))
def test_any_text_is_an_objective_or_refused(text):
    made, refused = outcome(objectives.get, text)
    assert isinstance(made, objectives.Objective) or "Received: " in refused


@quick
@given(st.lists(st.tuples(numbers, st.sampled_from(NAMES)), min_size=1, max_size=4))
def test_a_sum_survives_its_config(pairs):
    whole = Sum([(weight, objectives.KNOWN[name]()) for weight, name in pairs])
    again = objectives.get(json.loads(json.dumps({"class_name": "keras_gan>Sum", "config": whole.get_config()})))
    assert again == whole


# -- Configurations ---------------------------------------------------------------------------------------------------

KEYS = [*TrainConfig.__dataclass_fields__, "nonsense"]
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=3), scalars, max_size=2)


def from_file(path):
    flag_values = flags.FlagValues()
    config_flags.define_flags(flag_values)
    flag_values(["keras-gan train", f"--config={path}"])
    return config_flags.from_flags(flag_values)


@quick
@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=4) | values)
def test_any_json_is_a_configuration_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("config") / "config.json"
    path.write_text(json.dumps(content))
    config, refused = outcome(from_file, path)
    if config is None:
        assert refused
        return
    path.write_text(config.to_json())
    assert from_file(path) == config
    assert config.name is None or is_name(config.name)
    assert ".." not in str(config.run_dir).split("/")


# -- Shapes -----------------------------------------------------------------------------------------------------------

sides = st.integers(-1, 64) | st.sampled_from([8, 14, 16, 28, 32, 56, 64]) | st.sampled_from([None, 8.0, "8", True])


@settings(quick, max_examples=40)
@given(st.tuples(sides, sides, st.sampled_from([1, 3, 0, None])) | st.lists(sides, max_size=4).map(tuple) | scalars)
def test_any_shape_has_players_or_is_refused(shape):
    generator, refused = outcome(networks.dcgan_generator, 2, shape, filters=1)
    if generator is None:
        assert "`image_shape` must " in refused
        assert "Received: image_shape=" in refused
        return
    assert generator.output_shape == (None, *shape)
    assert networks.dcgan_discriminator(shape, filters=1, hidden=1).input_shape == (None, *shape)


# -- Folders of pictures ----------------------------------------------------------------------------------------------

letters = st.text(string.ascii_lowercase + " .-_é{}'\"", min_size=1, max_size=6).filter(
    lambda name: name.strip(". ") and not name.startswith(".")  # a hidden one is skipped
)
contents = st.sampled_from(["grey", "colour", "palette", "deep", "clear", "text", "nothing", "cut", "folder"])
files_ = st.tuples(st.lists(letters, max_size=2), letters, st.sampled_from([*SUFFIXES, ".txt", ""]), contents)
MODES = {"grey": "L", "colour": "RGB", "palette": "P", "deep": "I;16", "clear": "RGBA"}


def put(path, kind, side):
    """Writes a file of a kind; True if it is a picture that must be read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "folder":
        path.mkdir()
        return False
    picture = Image.new(MODES.get(kind, "L"), (side, side + 1))
    picture.save(path, format="PNG")
    whole = path.read_bytes()
    if kind not in MODES:
        path.write_bytes({"text": b"text", "nothing": b"", "cut": whole[: len(whole) // 3]}[kind])
    return kind in MODES and path.name.lower().endswith(SUFFIXES)


@quick
@given(st.lists(files_, max_size=5), st.sampled_from([None, 4, (2, 3)]), st.integers(1, 9))
@pytest.mark.filterwarnings("ignore:Skipped")
def test_any_folder_is_read_or_refused(tmp_path_factory, tree, size, side):
    root, meant = tmp_path_factory.mktemp("root"), 0
    for folders, name, suffix, kind in tree:
        path = root.joinpath(*folders, name + suffix)
        with contextlib.suppress(FileExistsError, NotADirectoryError):  # two of the same name
            meant += not path.exists() and put(path, kind, side)
    pictures, refused = outcome(read_folder, root, size)
    if pictures is None:
        assert meant == 0
        assert "`path` must hold at least one readable picture" in refused
        return
    shape = {None: (side + 1, side), 4: (4, 4)}.get(size, size)
    assert pictures.images.shape[:3] == (meant, *shape)
    assert pictures.images.dtype == np.uint8
    assert pictures.labels is None or len(pictures.labels) == meant
    assert pictures.labels is None or set(pictures.labels) == set(range(len(pictures.class_names)))
