"""`keras-gan translate`: a folder of pictures becomes one of translations, and the first folder stays as it is."""

import pathlib
import shutil

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan import data, images, latents, models, networks
from keras_gan.cli import translate

pytestmark = pytest.mark.usefixtures("read_once")
SIDE = 8


def network(inputs, outputs, name):
    """1x1 convolution of colours that keeps [-1, 1]."""
    x = keras.Input((SIDE, SIDE, inputs))
    return keras.Model(x, keras.layers.Conv2D(outputs, 1, activation="tanh")(x), name=name)


@pytest.fixture(scope="module")
def cycle(tmp_path_factory):
    """The file of a CycleGAN of 8x8 pictures, grey ones `a` and RGB ones `b`, and its SavedModel."""
    keras.utils.set_random_seed(0)
    judges = [networks.mlp_discriminator((SIDE, SIDE, c), hidden=(4,)) for c in (1, 3)]
    game = models.CycleGAN(network(1, 3, "g_ab"), network(3, 1, "g_ba"), *judges, seed=0, name="colours")
    game.compile()
    folder = tmp_path_factory.mktemp("cycle")
    game.save(folder / "game.keras")
    game.export(folder / "colours", ("fake_b", "fake_a"))
    return folder, game


@pytest.fixture
def photos(tmp_path):
    """A folder of five pictures: grey and colour, of two sizes, in two folders; two differ in the suffix alone."""
    draw = np.random.default_rng(0)
    folder = tmp_path / "photos"
    for name, shape in (
        ("one.png", (8, 8)),
        ("two.JPG", (8, 8, 3)),
        ("deep/er/three.png", (8, 8)),
        ("deep/same.png", (8, 8)),
        ("deep/same.bmp", (12, 10)),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 256, shape, "uint8")).save(folder / name)
    return folder


def read(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


NAMES = ["deep/er/three.png", "deep/same.bmp.png", "deep/same.png.png", "one.png", "side-by-side.png", "two.png"]


@pytest.mark.learns
@pytest.mark.parametrize("kind", ["game.keras", "colours"])
def test_each_picture_becomes_one_of_its_name(keras_gan, cycle, photos, tmp_path, kind):
    folder, game = cycle
    before = contents(photos)
    result = keras_gan("translate", f"--model={folder / kind}", "--folder=photos", "--out=made/here", "--batch_size=2")
    assert (result.code, result.err) == (0, "")
    assert contents(photos) == before
    assert sorted(contents(tmp_path / "made/here")) == NAMES
    one = images.from_uint8(read(photos / "one.png"))[None, ..., None]
    expected = images.to_uint8(game.make("fake_b", a=one))[0]
    np.testing.assert_array_equal(read("made/here/one.png"), expected)
    lines = result.out.splitlines()
    assert lines[:2] == ["2 of 5 pictures", "4 of 5 pictures"]
    assert lines[2].startswith("5 pictures, fake_b of a, in ")
    assert lines[2].endswith(" s: made/here")
    assert lines[3:] == [
        "1 of them had another size, and were cut and scaled to 8 x 8 pixels",
        "Side by side: made/here/side-by-side.png",
    ]
    sheet = read("made/here/side-by-side.png")
    assert sheet.shape == (5 * (6 * SIDE + 2) + 2 + images.CAPTION, 2 * (6 * SIDE + 2) + 2, 3)
    row = sheet[images.CAPTION + 2 + 3 * 50 :][: 6 * SIDE]  # the fourth picture, one.png
    np.testing.assert_array_equal(row[::6, 2 : 2 + 6 * SIDE : 6, 0], read(photos / "one.png"))
    np.testing.assert_array_equal(row[::6, 52 : 52 + 6 * SIDE : 6], expected)


@pytest.mark.parametrize("value", ["translate_ba", "fake_a"])
def test_the_other_way(keras_gan, cycle, photos, value):
    folder, game = cycle
    shutil.rmtree(photos / "deep")
    result = keras_gan("translate", f"--model={folder}/game.keras", "--folder=photos", "--out=made", f"--value={value}")
    assert result.code == 0, result.err
    grey = np.repeat(images.from_uint8(read(photos / "one.png"))[None, ..., None], 3, axis=-1)
    np.testing.assert_array_equal(read("made/one.png"), images.to_uint8(game.make("fake_a", b=grey))[0, ..., 0])


@pytest.mark.learns
def test_a_zip_gives_what_its_folder_gives(keras_gan, cycle, photos, tmp_path):
    shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, "photos")  # photos is the only folder in it
    shutil.make_archive(str(tmp_path / "flat"), "zip", photos)
    for source in ("photos", "packed.zip", "flat.zip"):
        flags = (f"--model={cycle[0]}/game.keras", f"--folder={source}", f"--out=made/{source}")
        assert keras_gan("translate", *flags).code == 0
    assert sorted(contents(tmp_path / "made/photos")) == NAMES
    for source in ("packed.zip", "flat.zip"):
        assert contents(tmp_path / "made" / source) == contents(tmp_path / "made/photos")


def test_files_that_are_no_pictures_are_told(keras_gan, cycle, photos):
    (photos / "broken.png").write_bytes(b"no picture")
    shutil.rmtree(photos / "deep")
    result = keras_gan("translate", f"--model={cycle[0]}/game.keras", "--folder=photos", "--out=made")
    assert result.code == 0, result.err
    assert "2 pictures, fake_b of a" in result.out
    assert "Skipped 1 that cannot be read: photos/broken.png: not a picture, or of an unknown kind" in result.out


def test_where_all_are_broken_nothing_is_made(keras_gan, cycle, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/broken.png").write_bytes(b"no picture")
    result = keras_gan("translate", f"--model={cycle[0]}/game.keras", "--folder=photos", "--out=made")
    assert (result.code, result.out) == (1, "")
    assert "`folder` must hold at least one readable picture. Received: photos/broken.png" in result.err


def test_other_sizes_may_be_refused(keras_gan, cycle, photos):
    result = keras_gan("translate", f"--model={cycle[0]}/game.keras", "--folder=photos", "--out=made", "--noresize")
    assert result.code == 1
    assert "Pictures must have 8 x 8 pixels, the size of the model; without --noresize" in result.err
    assert "Received: photos/deep/same.bmp, of another size" in result.err
    assert not pathlib.Path("made").exists()  # the pictures before it were not written


def test_a_translation_is_not_named_as_a_folder(refused, keras_gan, cycle, tmp_path):
    for name in ("photos/a.jpg", "photos/a.png/b.png", "other/side-by-side.png/c.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        images.save_png(tmp_path / name, np.zeros((8, 8, 1), "uint8"))
    flags = ["translate", f"--model={cycle[0]}/game.keras", "--out=made"]
    refused([*flags, "--folder=photos"], "`out` must not have folders of the names of translations", "made/a.png")
    assert keras_gan(*flags, "--folder=other").code == 0
    assert [path.name for path in (tmp_path / "made").rglob("*.png") if path.is_file()] == ["c.png"]
    (tmp_path / "made/a.png").mkdir()
    (tmp_path / "photos/a.png/b.png").unlink()
    refused([*flags, "--folder=photos", "--overwrite"], "made/a.png is both a picture and a folder")


@pytest.fixture(scope="module")
def star(tmp_path_factory):
    """A StarGAN of 8x8 pictures of three domains, and its folder, with the file and the SavedModel."""
    keras.utils.set_random_seed(0)
    x, c = keras.Input((SIDE, SIDE, 1)), keras.Input((), dtype="int32")
    shift = keras.layers.Reshape((1, 1, 1))(keras.layers.Embedding(3, 1, "ones")(c))
    generator = keras.Model([x, c], keras.layers.Activation("tanh")(keras.layers.Conv2D(1, 1)(x) + shift))
    judge = networks.mlp_discriminator((SIDE, SIDE, 1), hidden=(4,))
    judge = networks.with_head(judge, "hidden_1", 3, "class_logits")
    domains = latents.Categorical([0.5, 0.25, 0.25], names=("yours", "hers", "mine"))
    game = models.StarGAN(generator, judge, domains=domains, seed=0, name="star")
    game.compile()
    folder = tmp_path_factory.mktemp("star")
    game.save(folder / "game.keras")
    game.export(folder / "star", "fake")
    return folder, game


@pytest.mark.learns
@pytest.mark.parametrize("kind", ["game.keras", "star"])
def test_a_class_is_given_to_all(keras_gan, star, photos, kind):
    folder, game = star
    shutil.rmtree(photos / "deep")
    (photos / "two.JPG").unlink()
    flags = ["translate", f"--model={folder / kind}", "--folder=photos"]
    assert keras_gan(*flags, "--out=made", "--given=target=2").code == 0
    one = images.from_uint8(read(photos / "one.png"))[None, ..., None]
    made = game.make("fake", real=one, target=np.array([2], "int32"))
    np.testing.assert_array_equal(read("made/one.png"), images.to_uint8(made)[0, ..., 0])
    assert keras_gan(*flags, "--out=drawn").code == 0  # of a class that is drawn
    assert keras_gan(*flags, "--out=named", "--given=target=mine").code == 0
    assert read("named/one.png").tolist() == read("made/one.png").tolist()
    for given, *mentions in (
        ("taget=2", "`given` must name an input of translate", "Received: given=taget=2"),
        ("real=2", "`given` must name an input of translate", "Received: given=real=2, which are the pictures"),
        ("target=3", "`given` must be NAME=NUMBER, where target is a class of 0 yours", "Received: given='target=3'"),
        ("target=me", "`given` must be NAME=NUMBER, where target is a class of 0 yours", "Received: given='target=me'"),
    ):
        refused = keras_gan(*flags, "--out=other", f"--given={given}")
        assert refused.code == 2
        assert all(text in refused.err for text in mentions)


@pytest.mark.parametrize(
    ("flags", "mentions"),
    [
        (["--out=made"], ["`folder` must be given. Received: no --folder"]),
        (["--folder=photos"], ["`out` must be given. Received: no --out"]),
        (
            ["--folder=nowhere", "--out=made"],
            ["`folder` must be a folder of pictures, or a zip of them. Received: folder='nowhere'"],
        ),
        (["--folder=photos", "--out=photos"], ["`out` must not be `folder`, nor lie in it", "out='photos'"]),
        (["--folder=photos", "--out=photos/made"], ["`out` must not be `folder`, nor lie in it"]),
        (["--folder=photos", "--out=photos/one.png"], ["`out` must be a folder", "is a file"]),
        (["--folder=photos/deep/er", "--out=photos/deep/er/../../deep/er"], ["`out` must not be `folder`"]),
        (
            ["--folder=photos/deep/er", "--out=made", "--value=zebra"],
            ["`value` must be made from one picture"],
        ),
        (
            ["--folder=photos", "--out=made", "--value=zebra"],
            ["translate_ab, translate_ba, fake_b", "'zebra', unknown"],
        ),
        (["--folder=photos", "--out=made", "--given=target"], ["`given` must be NAME=NUMBER", "given='target'"]),
        (
            ["--folder=photos", "--out=made", "--given=c=1", "--given=c=2"],
            ["`given` must name each input once", "c=1 and c=2"],
        ),
        (
            ["--folder=photos", "--out=made", "--given=c=1"],
            ["`given` must name an input of translate_ab: it has none beside a."],
        ),
        (["--folder=empty", "--out=made"], ["`folder` must hold at least one picture (.bmp", "folder='empty'"]),
    ],
)
def test_what_cannot_be_done_is_refused(refused, cycle, photos, tmp_path, flags, mentions):
    (tmp_path / "empty").mkdir()
    refused(["translate", f"--model={cycle[0]}/game.keras", *flags], *mentions)


def test_pictures_of_the_folder_are_never_replaced(refused, cycle, tmp_path):
    (tmp_path / "in/in").mkdir(parents=True)
    for name in ("in/one.png", "in/in/one.png"):  # the second would become the first
        Image.fromarray(np.zeros((8, 8), "uint8")).save(tmp_path / name)
    refused(
        ["translate", f"--model={cycle[0]}/game.keras", "--folder=in", "--out=."],
        "`out` must not replace pictures of `folder`. Received: out='.', which would replace",
        "in/one.png",
    )


def test_each_picture_has_a_name_of_its_own(keras_gan, cycle, tmp_path):
    """`a.jpg` keeps its suffix beside `a.png`, and is then called as `a.jpg.webp` would be without its own."""
    (tmp_path / "in").mkdir()
    for i, name in enumerate(("a.png", "a.jpg", "a.jpg.webp", "a.jpg.webp.bmp", "b.png")):
        Image.fromarray(np.full((8, 8), 50 * i, "uint8")).save(tmp_path / "in" / name)
    result = keras_gan("translate", f"--model={cycle[0]}/game.keras", "--folder=in", "--out=made")
    assert (result.code, result.out.startswith("5 pictures")) == (0, True)
    names = {"a.png.png", "a.jpg.png", "a.jpg.webp.png", "a.jpg.webp.bmp.png", "b.png"}
    assert {path.name for path in (tmp_path / "made").iterdir()} == names | {"side-by-side.png"}


def test_files_of_the_same_names_are_replaced_only_if_asked(keras_gan, cycle, photos, tmp_path):
    mine = tmp_path / "mine/two.png"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    flags = ["translate", f"--model={cycle[0]}/game.keras", "--folder=photos", "--out=mine"]
    refused = keras_gan(*flags)
    assert refused.code == 2
    assert "`out` must not hold files of the same names" in refused.err
    assert "Received: out='mine', which holds 1 such file, the first mine/two.png" in refused.err
    assert contents(mine.parent) == {"two.png": b"mine"}
    assert keras_gan(*flags, "--overwrite").code == 0
    assert sorted(contents(mine.parent)) == NAMES


def test_what_makes_no_pictures_of_pictures_is_refused(refused, plain_model, exported, photos):
    flags = ["--folder=photos", "--out=made"]
    refused(
        ["translate", f"--model={plain_model}", *flags],
        "`model` must make pictures from pictures",
        "a GAN, which makes them from noise: use keras-gan sample",
    )
    refused(
        ["translate", f"--model={exported.folder / 'saved_models/plain'}", *flags],
        "`model` must make pictures from pictures. Received:",
        "'generate'",
    )


def test_a_model_with_transparency_sees_that_of_pictures(tmp_path):
    """As training does. Others see what is transparent on white."""
    shades = np.random.default_rng(0).integers(0, 256, (8, 8, 4), "uint8")
    Image.fromarray(shades).save(tmp_path / "rgba.png")
    Image.fromarray(shades[..., 0]).save(tmp_path / "grey.png")
    files = [tmp_path / "rgba.png", tmp_path / "grey.png"]
    (_, rgba), (_, grey) = translate.Reader((8, 8, 4), files, resize=True).pictures()
    np.testing.assert_array_equal(rgba, data.read(f"folder:{tmp_path}", alpha=True).images[1])
    assert rgba[..., 3].min() < 10
    np.testing.assert_array_equal(grey, np.dstack([shades[..., :1]] * 3 + [np.full((8, 8, 1), 255)]))
    (_, white), _ = translate.Reader((8, 8, 3), files, resize=True).pictures()
    np.testing.assert_array_equal(white, images.on_white(shades[None])[0])
