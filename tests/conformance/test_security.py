"""Nothing that is read can run code, fill the memory or leave its folder."""

import ast
import json
import pathlib
import zipfile

import keras
import numpy as np
import pytest

import keras_gan
from keras_gan import GAN, cli
from keras_gan.cli import models
from keras_gan.data.reading import MOST_PIXELS
from tests.conformance.bad import games

PACKAGE = pathlib.Path(keras_gan.__file__).parent
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml", "xml"}
CALLS = {"eval", "exec", "compile", "__import__", "enable_unsafe_deserialization", "unsafe_load", "system", "popen"}


def dangers(tree):
    """What a module of the package must not hold, as text."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name for name in names if name.split(".")[0] in MODULES)
        if isinstance(node, ast.Call):
            yield from _dangerous_call(node)


def _dangerous_call(node):
    named = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    called = ast.unparse(node.func)
    name = called.rsplit(".", 1)[-1]
    methods = called.endswith((".compile", ".eval")) and not called.startswith("builtins.")
    if name in CALLS and not methods:
        yield called
    if called in ("np.load", "numpy.load") and named.get("allow_pickle") != "False":
        yield f"{called} without allow_pickle=False"
    if name == "load_model" and named.get("safe_mode", "True") != "True":
        yield f"{called} with safe_mode={named['safe_mode']}"
    if named.get("shell", "False") != "False":
        yield ast.unparse(node)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_runs_what_it_reads(path):
    assert list(dangers(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from marshal import loads",
        "eval('1')",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "load_model(path, safe_mode=False)",
        "keras.config.enable_unsafe_deserialization()",
        "subprocess.run(command, shell=True)",
        "os.system(command)",
    ],
)
def test_the_check_can_fail(code):
    assert len(list(dangers(ast.parse(code)))) >= 1


# -- Hostile .keras files ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """What a sound file holds, by name."""
    path = tmp_path_factory.mktemp("sound") / "gan.keras"
    games.plain().save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_config(parts, change):
    config = json.loads(parts["config.json"])
    change(config)
    return {**parts, "config.json": json.dumps(config).encode()}


def call_of(module, name, config):
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def with_latents(value):
    return lambda parts: with_config(parts, lambda config: config["config"].update(latents=value))


def with_objective(value):
    return lambda parts: with_config(parts, lambda config: config["compile_config"].update(objective=value))


def with_part(name, content):
    return lambda parts: {**parts, name: content}


OWNED = {"args": ["touch", "owned"]}
HOSTILE = {
    "a process": (with_latents(call_of("subprocess", "Popen", OWNED)), "Could not locate class 'Popen'"),
    "a shell": (with_latents(call_of("os", "system", {"command": "touch owned"})), "Could not locate class 'system'"),
    "an eval": (with_latents(call_of("builtins", "function", "eval")), "Could not locate function 'eval'"),
    "a lambda": (with_latents(call_of("builtins", "__lambda__", {"value": {"code": "4wAAAA=="}})), "lambda"),
    "a download": (
        with_objective(call_of("keras.utils", "get_file", {"origin": "http://x"})),
        "keras.utils.get_file",
    ),
    "an unknown objective": (with_objective(call_of("x", "Nope", {})), "Could not locate class 'Nope'"),
    "no JSON": (with_part("config.json", b"{"), "Expecting property name"),
    "JSON without a bottom": (with_part("config.json", b"[" * 100_000), "recursion"),
    "weights that are none": (with_part("model.weights.h5", b"junk"), "file signature not found"),
    "a configuration without an end": (with_part("config.json", b" " * 2**25), "'config.json' would unpack from"),
    "weights without an end": (with_part("model.weights.h5", bytes(2**25)), "'model.weights.h5' would unpack from"),
    "an asset without an end": (with_part("assets/a", bytes(2**25)), "'assets/a' would unpack from"),
}


def write(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(parts, tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    change, why = HOSTILE[name]
    write("hostile.keras", change(parts))
    assert cli.main(["sample", "--model=hostile.keras", "--n=1"]) == 2
    error = capsys.readouterr().err
    assert "`model` must name a .keras file of a GAN. Received: model='hostile.keras'" in error
    assert why in error
    assert len(error) < 1000
    assert "Traceback" not in error
    assert [path.name for path in tmp_path.iterdir()] == ["hostile.keras"]


def test_bytecode_in_a_layer_is_refused(tmp_path):
    generator = games.sequential((3,), keras.layers.Lambda(lambda z: 2 * z), keras.layers.Dense(2))
    GAN(generator, keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), 3).save(tmp_path / "gan.keras")
    assert "__lambda__" in zipfile.ZipFile(tmp_path / "gan.keras").read("config.json").decode()
    with pytest.raises(ValueError, match=r"`model` must name a \.keras file of a GAN.*lambda.* disallowed"):
        models.load(str(tmp_path / "gan.keras"))


def test_a_file_that_was_changed_or_cut_is_refused(parts, tmp_path):
    write(tmp_path / "gan.keras", parts)
    sound = (tmp_path / "gan.keras").read_bytes()
    for at in (0.2, 0.4, 0.6, 0.8):
        place = int(len(sound) * at)
        flipped = sound[:place] + bytes([sound[place] ^ 255]) + sound[place + 1 :]
        for name, content in (("flipped", flipped), ("cut", sound[:place])):
            (tmp_path / f"{name}.keras").write_bytes(content)
            with pytest.raises(ValueError, match=r"`model` must name a \.keras file of a GAN. Received: model="):
                models.load(str(tmp_path / f"{name}.keras"))


def test_no_part_of_a_file_leaves_its_folder(parts, tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    path = tmp_path / "a" / "b" / "gan.keras"
    write(path, {**parts, "assets/../../climbed": b"x", "/climbed": b"x", "../climbed": b"x"})
    try:
        models.load(str(path))
    except ValueError as error:
        assert "`model` must name" in str(error)  # noqa: PT017 -- to be ignored is as good as to be refused
    assert list(tmp_path.rglob("climbed")) == []


def test_a_models_name_is_no_path(parts, tmp_path, monkeypatch, capsys):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    write("gan.keras", with_config(parts, lambda config: config["config"].update(name="..")))
    assert cli.main(["export", "--model=gan.keras"]) == 2
    assert "whose name is no valid folder name. Received: '..'" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*")] == ["work", "gan.keras"]


def test_one_picture_fits_in_memory():
    assert MOST_PIXELS * 4 * np.dtype("uint8").itemsize < 2**30
