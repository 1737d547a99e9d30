import json
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gan import GAN, images, networks
from keras_gan.cli import sample_rows, sample_windows
from keras_gan.exploration import Space
from keras_gan.models import StyleGAN2
from keras_gan.objectives import Hinge

pytestmark = pytest.mark.usefixtures("read_once")


def read(path):
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture)


@pytest.fixture(scope="module")
def conditional(conditional_model):
    """The conditional GAN, as Keras reads it."""
    return keras.saving.load_model(conditional_model)


@pytest.mark.learns
def test_the_picture_holds_what_the_gan_generates(keras_gan, plain_model, tmp_path):
    result = keras_gan("sample", f"--model={plain_model}", "--n=6", "--columns=3", "--scale=2", "--seed=5")
    assert (result.code, result.err, result.out) == (0, "", "6 samples: samples.png\n")
    expected = keras.saving.load_model(plain_model).generate(6, seed=5)
    np.testing.assert_array_equal(read("samples.png"), images.grid(expected, 3, scale=2)[..., 0])
    assert [path.name for path in tmp_path.iterdir()] == ["samples.png"]


@pytest.mark.parametrize(
    ("flags", "size"),
    [
        ([], (8 * 34 + 2, 8 * 34 + 2)),  # 64 pictures of 8 pixels, shown as 32, and 2 of white between them
        (["--n=10"], (3 * 34 + 2, 4 * 34 + 2)),
        (["--n=10", "--columns=5"], (2 * 34 + 2, 5 * 34 + 2)),
        (["--n=1", "--scale=1"], (12, 12)),
        (["--n=3", "--columns=100", "--scale=1"], (12, 32)),
    ],
)
def test_the_picture_has_the_size_of_its_grid(keras_gan, plain_model, flags, size):
    assert keras_gan("sample", f"--model={plain_model}", "--out=new/grid.png", *flags).code == 0
    assert read("new/grid.png").shape == size


def test_a_seed_is_a_picture(keras_gan, plain_model, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert keras_gan("sample", f"--model={plain_model}", f"--out={name}.png", f"--seed={seed}").code == 0
    a, b, c = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_a_picture_is_replaced(keras_gan, plain_model):
    for n in (4, 9):
        assert keras_gan("sample", f"--model={plain_model}", f"--n={n}").code == 0
    assert read("samples.png").shape == (3 * 34 + 2, 3 * 34 + 2)


@pytest.mark.learns
def test_a_run_folder_names_its_model(keras_gan, run):
    assert keras_gan("sample", f"--model={run.folder / 'runs/digits'}", "--n=4").code == 0
    assert read("samples.png").shape == (2 * 34 + 2, 2 * 34 + 2)


@pytest.mark.learns
@pytest.mark.parametrize(("labels", "meant"), [("2", 2), ("0,2,1,0", [0, 2, 1, 0]), (" 0, 2, 1, 0", [0, 2, 1, 0])])
def test_labels_choose_the_classes(keras_gan, conditional_model, conditional, labels, meant):
    result = keras_gan("sample", f"--model={conditional_model}", "--n=4", f"--labels={labels}")
    assert (result.code, result.err) == (0, "")
    expected = conditional.generate(4, labels=meant, seed=0)
    np.testing.assert_array_equal(read("samples.png"), images.grid(expected, scale=4)[..., 0])


def test_without_labels_each_class_has_a_column(keras_gan, conditional_model, conditional):
    assert keras_gan("sample", f"--model={conditional_model}", "--n=6").code == 0
    expected = conditional.generate(6, labels=[0, 1, 2] * 2, seed=0)
    np.testing.assert_array_equal(read("samples.png"), images.grid(expected, 3, scale=4)[..., 0])


@pytest.mark.parametrize(
    ("labels", "mentions"),
    [
        ("3", ["[0, 3)", "3"]),
        ("0,1", ["4", "2"]),
        ("-1", ["integers", "-1"]),
        ("two", ["integers", "two"]),
        ("1.5", ["integers", "1.5"]),
        ("", ["4", "0"]),
    ],
)
def test_wrong_labels_are_refused(refused, conditional_model, labels, mentions):
    refused(["sample", f"--model={conditional_model}", "--n=4", f"--labels={labels}"], "`labels`", *mentions)


def test_labels_of_a_gan_without_are_refused(refused, plain_model):
    refused(["sample", f"--model={plain_model}", "--labels=1"], "`labels` must be None", "Received: labels=1")


@pytest.mark.parametrize(
    ("flag", "value"),
    [("n", "0"), ("n", "many"), ("n", "1000000"), ("seed", "-1"), ("columns", "0"), ("scale", "0"), ("scale", "x")],
)
def test_bad_numbers_are_refused(refused, plain_model, flag, value):
    refused(["sample", f"--model={plain_model}", f"--{flag}={value}"], flag, value)


@pytest.mark.parametrize("out", ["folder", "file.txt/grid.png"])
def test_a_place_that_cannot_be_written_is_refused(refused, plain_model, tmp_path, out):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    (tmp_path / "file.txt").write_text("a file")
    refused(["sample", f"--model={plain_model}", f"--out={out}"], "`out`", out)


class Unregistered(Hinge):
    """An objective that Keras cannot find again."""


def missing(path):
    pass


def text(path):
    path.write_text("not a model")


def cut(path):
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
    path.write_bytes(path.read_bytes()[:500])


def another_zip(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme", "not a model")


def another_model(path):
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)


def of_unknown_parts(path):
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(2,)), networks.mlp_discriminator((2,), hidden=(2,)), 2, seed=0)
    gan.compile(Unregistered())
    gan.save(path)


@pytest.mark.parametrize("command", ["sample", "export", "info"])
@pytest.mark.parametrize("make", [missing, text, cut, another_zip, another_model, of_unknown_parts])
def test_what_is_not_the_file_of_a_gan_is_refused(refused, tmp_path, command, make):
    make(tmp_path / "thing.keras")
    refused([command, "--model=thing.keras"], "`model`", "thing.keras")


@pytest.mark.parametrize("command", ["sample", "export"])
def test_a_model_must_be_named(refused, command):
    refused([command], "`model`", "no --model")
    refused([command, "--model="], "`model`")


@pytest.mark.parametrize(("suffix", "kind"), [("jpg", "JPEG"), ("jpeg", "JPEG"), ("webp", "WEBP"), ("PNG", "PNG")])
def test_the_suffix_is_the_format(keras_gan, plain_model, suffix, kind):
    assert keras_gan("sample", f"--model={plain_model}", "--n=4", f"--out=a.{suffix}").code == 0
    with Image.open(f"a.{suffix}") as picture:
        assert picture.format == kind


def test_another_suffix_is_refused_and_those_that_work_are_named(refused, plain_model):
    named = ("`out`", ".png, .jpg, .jpeg, .webp", ".csv, .tsv, .parquet for rows", ".npy for windows")
    refused(["sample", f"--model={plain_model}", "--out=a.xyz"], *named, "Received: out='a.xyz'")


@pytest.mark.learns
def test_a_saved_model_draws_what_its_gan_does(keras_gan, conditional_model, tmp_path):
    assert keras_gan("export", f"--model={conditional_model}", "--export_dir=e", "--max_samples=8").code == 0
    for flags, folder in (([], "e"), (["--labels=1"], "e/1"), (["--labels=0,2,1,0,2"], "e")):
        drawn = []
        for model in (conditional_model, folder):
            assert keras_gan("sample", f"--model={model}", "--n=5", "--seed=3", *flags).code == 0
            drawn.append((tmp_path / "samples.png").read_bytes())
        assert drawn[0] == drawn[1]
    for flags, mention in (
        (["--n=9"], "at most 8"),
        (["--n=5", "--labels=3"], "labels"),
        (["--n=5", "--labels=x"], "integers"),
    ):
        result = keras_gan("sample", "--model=e", *flags)
        assert (result.code, result.out) == (2, "")
        assert mention in result.err


@pytest.mark.parametrize("kind", ["vae.keras", "vae"])
def test_a_game_of_another_shape_shows_what_it_makes_of_noise(keras_gan, vae, kind):
    result = keras_gan("sample", f"--model={vae / kind}", "--n=6", "--columns=3", "--scale=2", "--seed=5")
    assert (result.code, result.err, result.out) == (0, "", "6 samples: samples.png\n")
    made = keras.saving.load_model(vae / "vae.keras").make("fake", n=6, seed=5)
    expected = images.grid(images.to_uint8(made, (0, 1)), 3, scale=2)
    np.testing.assert_array_equal(read("samples.png"), expected[..., 0])


@pytest.mark.parametrize("kind", ["cogan.keras", "cogan"])
def test_pairs_stand_side_by_side(keras_gan, cogan, kind):
    assert keras_gan("sample", f"--model={cogan / kind}", "--n=3", "--seed=5", "--scale=6").code == 0
    both = read("samples.png")
    assert both.shape == (3 * 50 + 2 + images.CAPTION, 2 * 50 + 2)
    flags = ["sample", f"--model={cogan / kind}", "--n=3", "--seed=5", "--scale=6"]
    assert keras_gan(*flags, "--values=generate_b", "--columns=1").code == 0
    np.testing.assert_array_equal(read("samples.png"), both[images.CAPTION :, 50:])


@pytest.mark.parametrize(
    ("model", "flags", "mentions"),
    [
        (
            "vae.keras",
            ["--labels=1"],
            ["`labels` must only be given for values", "Received: fake, made of none"],
        ),
        (
            "vae.keras",
            ["--values=decoded"],
            ["`values` must be among those that are made of noise: fake. Received: values='decoded'"],
        ),
        (
            "vae",
            ["--values=zebra"],
            ["`values` must be among those that are made of noise: fake. Received: values='zebra'"],
        ),
        ("vae", ["--n=101"], ["`n` must be at most 100"]),
    ],
)
def test_what_a_game_does_not_make_of_noise_is_refused(refused, vae, model, flags, mentions):
    refused(["sample", f"--model={vae / model}", *flags], *mentions)


def test_a_gan_has_one_value(refused, plain_model):
    refused(["sample", f"--model={plain_model}", "--values=fake"], "`values` must not be given for a GAN")


def test_a_grid_is_rows_and_columns(keras_gan, plain_model):
    assert keras_gan("sample", f"--model={plain_model}", "--grid=2x5", "--scale=1").code == 0
    expected = keras.saving.load_model(plain_model).generate(10, seed=0)
    np.testing.assert_array_equal(read("samples.png"), images.grid(expected, 5)[..., 0])


def test_rows_walk_from_one_sample_to_another(keras_gan, plain_model):
    assert keras_gan("sample", f"--model={plain_model}", "--interpolate=4", "--grid=2x1", "--scale=1").code == 0
    space = Space(keras.saving.load_model(plain_model))
    ends = space.pictures(space.draw(4, seed=0))
    shown = read("samples.png")
    assert shown.shape == (2 * 10 + 2, 4 * 10 + 2)
    for row in range(2):
        ours = shown[2 + 10 * row : 10 + 10 * row]
        np.testing.assert_array_equal(ours[:, 2:10], images.to_uint8(ends[row])[..., 0])
        np.testing.assert_array_equal(ours[:, 32:40], images.to_uint8(ends[2 + row])[..., 0])


def test_all_pictures_of_a_walked_row_have_one_label(keras_gan, conditional_model):
    flags = ("--interpolate=3", "--grid=2x1", "--scale=1", "--seed=4")
    assert keras_gan("sample", f"--model={conditional_model}", *flags).code == 0
    space = Space(keras.saving.load_model(conditional_model))
    ends, labels = space.draw(4, seed=4), space.conditions(2, seed=4)
    shown = read("samples.png")
    for row in range(2):
        one = Space(space.game, int(labels[row]))
        expected = images.to_uint8(one.pictures(one.between(ends[row : row + 1], ends[2 + row : 3 + row], 3)[0]))
        for column in range(3):
            ours = shown[2 + 10 * row : 10 + 10 * row, 2 + 10 * column : 10 + 10 * column]
            np.testing.assert_array_equal(ours, expected[column, ..., 0])


def test_each_truncation_has_a_row(keras_gan, plain_model):
    flags = ("--truncation=0.5,0.1", "--grid=1x3", "--scale=1", "--seed=2")
    assert keras_gan("sample", f"--model={plain_model}", *flags).code == 0
    both = read("samples.png")
    assert keras_gan("sample", f"--model={plain_model}", "--truncation=0.1", *flags[1:]).code == 0
    np.testing.assert_array_equal(both[10:], read("samples.png"))


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_a_film_has_all_frames(keras_gan, plain_model, suffix):
    flags = ["sample", f"--model={plain_model}", f"--video=walk.{suffix}", "--interpolate=3", "--grid=1x2"]
    assert keras_gan(*flags).out == f"12 frames: walk.{suffix}\n"
    with Image.open(f"walk.{suffix}") as film:
        assert (film.n_frames, film.size) == (12, (2 * 34 + 2, 36))


@pytest.mark.parametrize(
    ("flags", "mentions"),
    [
        (["--grid=2"], ["`grid` must be ROWSxCOLUMNS", "'2'"]),
        (["--grid=2x2", "--columns=3"], ["`columns` must not be given with --grid. Received: columns=3"]),
        (["--grid=3x5", "--n=64"], ["`n` must not be given with --grid. Received: n=64"]),
        (["--interpolate=9", "--grid=4x5"], ["`grid` must have as many columns", "4x9, or 1. Received: grid='4x5'"]),
        (["--truncation=1,0.5", "--grid=3x5"], ["`grid` must have a row for each truncation, 2x5, or 1"]),
        (["--truncation=1,0.5", "--columns=3"], ["`columns` must not be given with --truncation: use --grid=ROWS"]),
        (["--interpolate=9", "--n=3"], ["`n` must not be given with --interpolate"]),
        (["--mix=coarse", "--n=3"], ["`n` must not be given with --mix"]),
        (["--video=w.gif", "--n=3"], ["`n` must not be given with --video"]),
        (["--video=w.gif", "--out=w.png"], ["`out` must not be given with --video"]),
        (["--truncation=0"], ["`truncation` must be a finite number above 0"]),
        (["--truncation=x"], ["`truncation` must be finite numbers above 0, or for StyleGAN2 at least 0"]),
        (["--truncation=1,-1"], ["`truncation` must be finite numbers above 0, or for StyleGAN2 at least 0"]),
        (["--mix=coarse"], ["`mix` must not be given for a model without styles"]),
        (["--mix=coarse", "--interpolate=3"], ["`interpolate` must not be given together with mix"]),
        (["--video=a.mp4"], ["`video` must end in one of .gif"]),
        (["--interpolate=1"], ["interpolate"]),
        (["--interpolate=3", "--labels=1"], ["`labels` must be None"]),
    ],
)
def test_what_does_not_fit_a_latent_space_is_refused(refused, plain_model, flags, mentions):
    refused(["sample", f"--model={plain_model}", *flags], *mentions)


def test_an_exported_model_has_no_latent_space(refused, exported):
    refused(["sample", f"--model={exported.folder / 'saved_models/plain'}", "--interpolate=3"], "`model`", "SavedModel")


@pytest.mark.learns
def test_a_third_of_the_layers_is_told_another_style(keras_gan, tmp_path):
    keras.utils.set_random_seed(0)
    mapping = networks.stylegan2_mapping(3, width=4, depth=1)
    judge = networks.stylegan2_discriminator((6, 6, 1), width=2)
    game = StyleGAN2(mapping, networks.stylegan2_synthesis((6, 6, 1), style=4, width=2), judge, latents=3, seed=0)
    game.save(tmp_path / "styled.keras")
    assert keras_gan("sample", "--model=styled.keras", "--mix=middle", "--grid=1x2", "--scale=1").code == 0
    space = Space(game)
    codes = space.draw(3, seed=0)
    above, left = codes[:2], codes[2:]
    shown = [
        images.to_uint8(each)[0, ..., 0] for each in (space.pictures(left), space.mix(left, above, slice(1, 3))[0])
    ]
    np.testing.assert_array_equal(read("samples.png")[10:16, 2:8], shown[0])
    np.testing.assert_array_equal(read("samples.png")[10:16, 10:16], shown[1])


@pytest.mark.parametrize("flags", [["--grid=500x400"], ["--grid=1000x1", "--interpolate=1000"]])
def test_grids_have_as_few_pictures_as_n(refused, plain_model, flags):
    refused(
        ["sample", f"--model={plain_model}", *flags], "`grid` must have at most 100,000 pictures", "Received: grid="
    )


class _Seeds:
    """Stands for a SavedModel whose examples tell the seed and the label of their request, and their place in it."""

    structured_input_signature = ((), {"labels": tf.TensorSpec((None,), tf.int32)})

    def __init__(self):
        self.signatures = {"sample": self}

    def __call__(self, num_samples, seed, labels=None):
        count = int(num_samples)
        labels = np.zeros(count) if labels is None else labels.numpy()
        told = {"seed": np.full(count, int(seed)), "place": np.arange(count), "label": labels}
        return {name: tf.constant(column) for name, column in told.items()}


@pytest.mark.parametrize("module", [sample_rows, sample_windows], ids=["rows", "windows"])
def test_neighbouring_seeds_of_a_saved_model_repeat_nothing(monkeypatch, tmp_path, module):
    known = {"max_samples": 4, "signatures": {"sample": {"outputs": {"seed": {}, "place": {}, "label": {}}}}}
    known |= {"tasks": {"sample": "sample"}} if module is sample_rows else {}
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/keras_gan.json").write_text(json.dumps(known))
    monkeypatch.setattr(module.tf.saved_model, "load", lambda path: _Seeds())
    maker, labels = module.of_version(tmp_path), None if module is sample_rows else np.arange(10)
    made = [maker.make(10, seed, labels) for seed in range(20)]
    found = [pair for each in made for pair in zip(map(int, each["seed"]), map(int, each["place"]), strict=True)]
    assert len(set(found)) == len(found) == 200
    for seed, each in enumerate(made):
        assert list(each["seed"][:4]) == [seed] * 4  # as the first request of a server, and as the run itself
        assert list(each["place"]) == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
        assert labels is None or list(each["label"]) == list(labels)
    assert list(maker.make(10, 7, labels)["seed"]) == list(made[7]["seed"])
