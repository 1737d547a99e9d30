import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan import GAN, images, latents, networks
from keras_gan.cli import sample_folder
from keras_gan.evaluation import sources
from keras_gan.exploration import Space
from keras_gan.models import StyleGAN2

pytestmark = pytest.mark.usefixtures("read_once")


def pictures(folder):
    """The pixels of a folder's pictures in the order of their names, grey as (n, height, width)."""
    return np.stack([np.asarray(Image.open(path)) for path in sorted(folder.iterdir())])


def test_a_name_without_a_suffix_is_a_folder():
    assert all(map(sample_folder.is_folder, ("a/b", "a.d/b/")))
    assert not any(map(sample_folder.is_folder, ("a/b.png", "a.csv", None)))


def test_the_pictures_are_those_that_evaluate_measures(keras_gan, plain_model, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "PIECE", 4)
    result = keras_gan("sample", f"--model={plain_model}", "--n=6", "--seed=5", "--out=made/")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("4 of 6 pictures\n6 pictures, 000000.png to 000005.png, in ")
    gan = keras.saving.load_model(plain_model)
    source = sources.of_game(gan, "plain", {})
    measured = np.concatenate([piece.images for piece in source.pieces(6, 5, source.shape)])
    np.testing.assert_array_equal(pictures(tmp_path / "made"), measured[..., 0])
    assert [path.name for path in sorted((tmp_path / "made").iterdir())] == [f"{i:06d}.png" for i in range(6)]


@pytest.mark.learns
@pytest.mark.parametrize(("flag", "labels"), [([], None), (["--labels=2"], 2), (["--labels=0,2,1"], [0, 2, 1])])
def test_labels_choose_the_classes(keras_gan, conditional_model, tmp_path, flag, labels):
    assert keras_gan("sample", f"--model={conditional_model}", "--n=3", "--out=made", *flag).code == 0
    gan = keras.saving.load_model(conditional_model)
    expected = images.to_uint8(gan.generate(3, labels=labels, seed=0), gan.value_range)
    np.testing.assert_array_equal(pictures(tmp_path / "made"), expected[..., 0])


@pytest.mark.learns
def test_an_exported_model_writes_what_the_model_does(keras_gan, conditional_model, tmp_path):
    keras.saving.load_model(conditional_model).export(tmp_path / "saved", max_samples=2)
    for model, out in ((conditional_model, "a"), (tmp_path / "saved", "b")):
        result = keras_gan("sample", f"--model={model}", "--n=5", "--labels=1,0,2,2,1", f"--out={out}")
        assert (result.code, result.err) == (0, "")
    a, b = pictures(tmp_path / "a"), pictures(tmp_path / "b")
    np.testing.assert_array_equal(a[:2], b[:2])  # the export makes two at a time, of other seeds
    assert b.shape == a.shape
    assert keras_gan("sample", f"--model={tmp_path / 'saved'}", "--n=2", "--out=c").code == 0
    assert pictures(tmp_path / "c").shape == (2, 8, 8)


def test_truncated_latents_make_the_pictures(keras_gan, plain_model, tmp_path):
    assert keras_gan("sample", f"--model={plain_model}", "--n=3", "--truncation=0.5", "--out=made").code == 0
    gan = keras.saving.load_model(plain_model)
    space = Space(gan)
    expected = images.to_uint8(space.pictures(space.draw(3, 0, 0.5)), gan.value_range)
    np.testing.assert_array_equal(pictures(tmp_path / "made"), expected[..., 0])


@pytest.mark.learns
def test_pictures_of_another_game_are_written(keras_gan, vae, tmp_path):
    for model, out in ((vae / "vae.keras", "a"), (vae / "vae", "b")):
        assert keras_gan("sample", f"--model={model}", "--n=2", f"--out={out}").code == 0
    np.testing.assert_array_equal(pictures(tmp_path / "a"), pictures(tmp_path / "b"))


@pytest.fixture(scope="module")
def styled(tmp_path_factory):
    """A StyleGAN2 of three named classes, which takes one label, in a file and exported."""
    folder = tmp_path_factory.mktemp("styled")
    keras.utils.set_random_seed(0)
    mapping = networks.stylegan2_mapping(3, width=4, depth=1, labels=3)
    judge = networks.stylegan2_discriminator((6, 6, 1), width=2, labels=3)
    labels = latents.Categorical([0.25, 0.25, 0.5], ("ant", "bee", "cat"))
    synthesis = networks.stylegan2_synthesis((6, 6, 1), style=4, width=2)
    game = StyleGAN2(mapping, synthesis, judge, latents=3, labels=labels, seed=0)
    game.save(folder / "styled.keras")
    game.export(folder / "styled")
    return folder


@pytest.mark.learns
@pytest.mark.parametrize("model", ["styled.keras", "styled"])
@pytest.mark.parametrize(("words", "numbers"), [("cat", [2, 2, 2]), ("bee,0,cat", [1, 0, 2])])
def test_labels_choose_the_classes_of_other_games(keras_gan, styled, tmp_path, model, words, numbers):
    flags = ["sample", f"--model={styled / model}", "--n=3", f"--labels={words}"]
    for result in (keras_gan(*flags, "--out=made"), keras_gan(*flags, "--out=sheet.png", "--scale=1", "--columns=3")):
        assert (result.code, result.err) == (0, "")
    game = keras.saving.load_model(styled / "styled.keras")
    expected = images.to_uint8(game.make("fake", seed=0, label=np.array(numbers)), game.value_range)
    assert len({each.tobytes() for each in expected}) == 3
    np.testing.assert_allclose(pictures(tmp_path / "made").astype(int), expected[..., 0], atol=1)
    sheet = np.asarray(Image.open(tmp_path / "sheet.png").convert("L")).astype(int)
    np.testing.assert_allclose(sheet, images.grid(expected, 3, scale=1)[..., 0], atol=1)


@pytest.mark.learns
@pytest.mark.parametrize("model", ["styled.keras", "styled"])
@pytest.mark.parametrize("labels", ["3", "dog"])
def test_classes_that_another_game_does_not_have_are_refused(refused, styled, model, labels):
    for out in ("made", "sheet.png"):
        refused(["sample", f"--model={styled / model}", "--n=2", f"--labels={labels}", f"--out={out}"], "label", labels)


@pytest.mark.parametrize(
    ("flags", "mentions"),
    [
        (["--columns=2"], ["`columns`", "single pictures"]),
        (["--grid=2x2"], ["`grid`", "single pictures"]),
        (["--interpolate=3"], ["`interpolate`", "single pictures"]),
        (["--truncation=1,0.5"], ["`truncation`", "2 numbers"]),
        (["--values=fake"], ["`value`", "fake"]),
        (["--labels=0"], ["`labels`"]),
        (["--seed=8796093022208"], ["`seed` must be below 2^43. Received: seed=8796093022208"]),
        (["--n=200000"], ["n", "200000"]),
    ],
)
def test_flags_that_do_not_fit_are_refused(refused, plain_model, flags, mentions):
    refused(["sample", f"--model={plain_model}", "--out=made", *flags], *mentions)


@pytest.mark.parametrize(("labels", "mentions"), [("0,1", ["4 labels", "2 labels"]), ("3", ["[0, 3)", "3"])])
def test_wrong_labels_are_refused_before_a_picture_is_written(refused, conditional_model, labels, mentions):
    refused(["sample", f"--model={conditional_model}", "--n=4", f"--labels={labels}", "--out=made"], *mentions)


def test_a_folder_with_files_is_refused(refused, plain_model, tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine.txt").write_text("mine")
    refused(["sample", f"--model={plain_model}", "--out=made"], "`out`", "empty folder", "mine.txt")


def test_examples_that_are_no_pictures_are_refused(refused, tmp_path):
    def dense(inputs, outputs):
        return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])

    GAN(dense(2, 2), dense(2, 1), 2, seed=0).save(tmp_path / "points.keras")
    refused(["sample", f"--model={tmp_path / 'points.keras'}", "--out=made"], "`model` must make pictures", "(2,)")
