import codecs
import json
import pathlib
import re
import shutil
import struct
import warnings
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from keras_gan import data
from keras_gan.data import stored
from keras_gan.data.folder import read_folder
from keras_gan.data.labels import as_numbers, read_labels
from keras_gan.data.survey import Survey

CIFAR = pathlib.Path(__file__).parents[2].parent / "shared/data/cifar10_images"


def save(path, value=100, size=(6, 8), mode="RGB", **options):
    """A flat picture of (height, width) `size`, or of an array."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(value, np.ndarray):
        picture = Image.fromarray(value)
    else:
        picture = Image.new("RGB", size[::-1], (value,) * 3).convert(mode)
    picture.save(path, **options)
    return path


def random_array(*shape, dtype="uint8"):
    return np.random.default_rng(0).integers(0, 256, shape).astype(dtype)


def read_quietly(path, image_size=None):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read_folder(path, image_size)


def test_pixels_are_those_of_the_files(tmp_path):
    array = random_array(6, 8, 3)
    save(tmp_path / "a.png", array)
    pictures = read_quietly(tmp_path)
    np.testing.assert_array_equal(pictures.images, array[None])
    assert pictures.images.dtype == np.uint8
    assert pictures.labels is None
    assert pictures.class_names == ()
    assert pictures.skipped == ()


def test_pictures_are_in_the_order_of_their_names(tmp_path):
    for value, name in ((40, "d.png"), (10, "a.png"), (30, "c.png"), (20, "b.png")):
        save(tmp_path / name, value)
    assert read_quietly(tmp_path).images[:, 0, 0, 0].tolist() == [10, 20, 30, 40]


@pytest.mark.parametrize("suffix", ["png", "jpg", "jpeg", "bmp", "gif", "tif", "tiff", "webp", "PNG", "Jpg"])
def test_every_kind_of_file_is_read(tmp_path, suffix):
    save(tmp_path / f"picture.{suffix}", 100)
    images = read_quietly(str(tmp_path)).images
    assert images.shape == (1, 6, 8, 3)
    np.testing.assert_allclose(images.astype(int), 100, atol=2)


def test_files_of_other_kinds_are_left_alone(tmp_path):
    save(tmp_path / "picture.png", 7)
    for name in ("notes.txt", "Thumbs.db", "my labels.csv", "png", "picture.png.bak"):
        (tmp_path / name).write_bytes(b"no picture")
    assert len(read_quietly(tmp_path).images) == 1


def test_grey_pictures_stay_grey(tmp_path):
    array = random_array(5, 5)
    save(tmp_path / "grey.png", array)
    save(tmp_path / "one_bit.png", 255, (5, 5), mode="1")
    save(tmp_path / "transparent.png", 50, (5, 5), mode="LA")
    images = read_quietly(tmp_path).images
    assert images.shape == (3, 5, 5, 1)
    np.testing.assert_array_equal(images[0, ..., 0], array)
    assert np.unique(images[1]).tolist() == [255]
    assert np.unique(images[2]).tolist() == [50]


def test_one_colour_picture_makes_all_rgb(tmp_path):
    grey, colour = random_array(5, 5), random_array(5, 5, 3)
    save(tmp_path / "a.png", grey)
    save(tmp_path / "b.png", colour)
    images = read_quietly(tmp_path).images
    np.testing.assert_array_equal(images, [np.stack([grey] * 3, axis=-1), colour])


def test_a_palette_is_colour(tmp_path):
    array = np.array([[[200, 10, 30], [0, 90, 250]]], "uint8")
    Image.fromarray(array).quantize(4).save(tmp_path / "palette.png")
    with Image.open(tmp_path / "palette.png") as picture:
        assert picture.mode == "P"
    np.testing.assert_allclose(read_quietly(tmp_path).images.astype(int), array[None], atol=4)


def test_transparency_is_laid_on_white(tmp_path):
    array = np.zeros((1, 3, 4), "uint8")
    array[0, :, 0], array[0, :, 3] = 200, [0, 128, 255]
    save(tmp_path / "a.png", array)
    expected = [[[255, 255, 255], [227, 127, 127], [200, 0, 0]]]
    np.testing.assert_allclose(read_quietly(tmp_path).images[0].astype(int), expected, atol=1)


def test_a_transparent_palette_is_laid_on_white(tmp_path):
    picture = Image.fromarray(np.array([[0, 1]], "uint8")).convert("P")
    picture.putpalette([10, 20, 30, 200, 100, 50])
    picture.save(tmp_path / "a.png", transparency=0)
    assert read_quietly(tmp_path).images.tolist() == [[[[255, 255, 255], [200, 100, 50]]]]


def test_sixteen_bit_grey_is_scaled_down_alike_in_every_picture(tmp_path):
    save(tmp_path / "bright.png", np.array([[0, 65_535]], "uint16"))
    save(tmp_path / "dark.png", np.array([[0, 12_850]], "uint16"))
    with Image.open(tmp_path / "dark.png") as picture:
        assert picture.mode.startswith("I")
    images = read_quietly(tmp_path).images
    assert images.shape == (2, 1, 2, 1)
    np.testing.assert_allclose(images[..., 0, :, 0].astype(int), [[0, 255], [0, 50]], atol=1)


# what the camera held upright, and how a viewer turns the stored array back
TURNS = {
    1: lambda x: x,
    2: np.fliplr,
    3: lambda x: np.rot90(x, 2),
    4: np.flipud,
    5: lambda x: x.transpose(1, 0, 2),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: np.rot90(x, 2).transpose(1, 0, 2),
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_pictures_stand_upright_as_exif_says(tmp_path, orientation, suffix):
    array = random_array(4, 6, 3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(tmp_path / f"photo.{suffix}", array, exif=exif)
    np.testing.assert_array_equal(read_quietly(tmp_path).images, TURNS[orientation](array)[None])


@pytest.mark.parametrize("white", [255, 65535])
def test_grey_tiffs_stand_upright_as_exif_says(tmp_path, white):
    array, exif = random_array(4, 6, 1)[..., 0], Image.Exif()
    array[0, 0] = 255
    exif[0x0112] = 6
    stored = array if white == 255 else array.astype("uint16") * 257
    save(tmp_path / "photo.tif", stored, exif=exif)  # uncompressed: Pillow maps it into memory if it is read by path
    pictures = read_quietly(tmp_path)
    np.testing.assert_array_equal(pictures.images[..., 0], np.rot90(array, -1)[None])
    assert pictures.survey.kinds["turned as EXIF says"] == 1


def test_a_turned_jpeg_is_cut_after_it_is_turned(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "photo.jpg", 100, (10, 30), exif=exif)
    assert read_quietly(tmp_path).images.shape == (1, 30, 10, 3)
    assert read_quietly(tmp_path, (15, 5)).images.shape == (1, 15, 5, 3)


@pytest.mark.parametrize(("image_size", "shape"), [(16, (16, 16)), ((12, 20), (12, 20))])
def test_mixed_sizes_become_one(tmp_path, image_size, shape):
    for i, size in enumerate([(6, 8), (50, 20), (1, 9), (16, 16)]):
        save(tmp_path / f"{i}.png", 10 * i, size)
    images = read_quietly(tmp_path, image_size).images
    assert images.shape == (4, *shape, 3)
    assert images[:, 0, 0, 0].tolist() == [0, 10, 20, 30]


def test_mixed_sizes_without_a_size_are_refused(tmp_path):
    save(tmp_path / "a.png", size=(6, 8))
    save(tmp_path / "b.png", size=(8, 6))
    save(tmp_path / "c.png", size=(8, 6))
    with pytest.raises(
        ValueError, match=r"`image_size` must be given.* 2 different sizes. Received: image_size=None, sizes 6x8, 8x6"
    ):
        read_folder(tmp_path)


def test_subfolders_are_classes(tmp_path):
    for name, value in (("dog/1.png", 3), ("cat/2.png", 2), ("cat/1.png", 1), ("ant/deep/er/1.png", 0)):
        save(tmp_path / name, value)
    (tmp_path / "empty").mkdir()
    pictures = read_quietly(tmp_path)
    assert pictures.class_names == ("ant", "cat", "dog")
    assert pictures.labels.dtype == np.int32
    assert pictures.labels.tolist() == [0, 1, 1, 2]
    assert pictures.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3]


def test_many_pictures_beside_the_subfolders_mean_no_classes(tmp_path):
    save(tmp_path / "cat" / "1.png", 2)
    save(tmp_path / "1.png", 1)
    with pytest.warns(UserWarning, match=r"No classes: 1 of 2 pictures lie in no subfolder: 1\.png"):
        pictures = read_folder(tmp_path)
    assert pictures.labels is None
    assert pictures.class_names == ()
    assert len(pictures.images) == 2


def test_a_stray_picture_beside_the_subfolders_leaves_the_classes(tmp_path):
    for i in range(9):
        save(tmp_path / ("cat" if i % 2 else "dog") / f"{i}.png", i + 1)
    save(tmp_path / "cover.png", 100)
    with pytest.warns(UserWarning, match=r"Skipped 1 picture beside the classes' folders: cover\.png"):
        pictures = read_folder(tmp_path)
    assert pictures.class_names == ("cat", "dog")
    assert np.bincount(pictures.labels).tolist() == [4, 5]
    assert pictures.images.max() == 9


HIDDEN = [".ipynb_checkpoints", ".thumbs", "@eaDir", "__MACOSX", "$RECYCLE.BIN", "System Volume Information", "@tmp"]


@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_folders_are_no_classes(tmp_path, name):
    save(tmp_path / "cat" / "1.png", 1)
    save(tmp_path / "dog" / "1.png", 2)
    save(tmp_path / name / "1.png", 200)
    save(tmp_path / "dog" / name / "deeper" / "1.png", 200)
    with pytest.warns(UserWarning, match=rf"Skipped 2 hidden pictures: 2 in {re.escape(name)}"):
        pictures = read_folder(tmp_path)
    assert pictures.class_names == ("cat", "dog")
    assert pictures.labels.tolist() == [0, 1]
    assert pictures.images.max() == 2


def test_hidden_files_are_no_pictures_but_a_hidden_root_may_hold_them(tmp_path):
    save(tmp_path / ".root" / "1.png", 1)
    save(tmp_path / ".root" / "._1.png", 200)
    with pytest.warns(UserWarning, match=r"Skipped 1 hidden picture: \._1\.png"):
        assert read_folder(tmp_path / ".root").images.max() == 1


@pytest.mark.parametrize("suffix", ["jfif", "JFIF", "jpe"])
def test_other_suffixes_of_jpeg(tmp_path, suffix):
    Image.fromarray(np.full((8, 8), 90, "uint8")).save(tmp_path / f"a.{suffix}", format="JPEG")
    np.testing.assert_allclose(read_quietly(tmp_path).images, 90, atol=2)


@pytest.mark.parametrize(
    ("dtype", "suffix", "bright", "dark", "text"),
    [
        ("float32", "tif", 1.0, 0.25, None),
        ("float32", "tif", 255.0, 63.75, "as if 0 were black and 255 white"),
        ("float32", "tif", 1.0, -0.5, "as if -1 were black and 1 white"),
        ("uint16", "png", 65535, 16384, None),
        ("uint16", "png", 4095, 1024, "as if 0 were black and 4095 white"),
        ("uint16", "tif", 1023, 256, "as if 0 were black and 1023 white"),
        ("int32", "tif", 4095, 1024, "as if 0 were black and 4095 white"),
    ],
)
def test_white_is_the_same_in_all_pictures_of_more_than_eight_bits(tmp_path, dtype, suffix, bright, dark, text):
    for name, value in (("bright", bright), ("dark", dark)):
        Image.fromarray(np.full((2, 2), value, dtype)).save(tmp_path / f"{name}.{suffix}")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        images = read_folder(tmp_path).images
    assert [text in str(each.message) for each in caught] == ([True] if text else [])
    worst = "dark" if text and "-1" in text else "bright"
    assert all(f", as {worst}.{suffix} has values from " in str(each.message) for each in caught)
    np.testing.assert_allclose(images[:, 0, 0, 0].astype(int), [255, 64], atol=1)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_a_faulty_pixel_that_makes_all_pictures_black_is_told(tmp_path, dtype):
    rows = np.random.default_rng(0).integers(0, 1000, (3, 16, 16))
    rows[1, 3, 4] = 65_535
    white = 65_535 if dtype == "uint16" else 1.0
    for name, values in zip("abc", rows, strict=True):
        Image.fromarray((values * (white / 65_535)).astype(dtype)).save(tmp_path / f"{name}.tif")
    usual = np.median(np.quantile(rows * (white / 65_535), 0.99, axis=(1, 2)))
    expected = (
        rf"and {white:g} white, as b\.tif has .*, though 99% of .* at most {usual:g}, nearly black: correct faulty"
    )
    with pytest.warns(UserWarning, match=expected):
        assert np.median(read_folder(tmp_path).images) < 4


@pytest.mark.parametrize("suffix", ["tif", "gif", "png", "webp"])
def test_further_pages_and_frames_are_told(tmp_path, suffix):
    first, second = (Image.new("RGB", (8, 8), (value,) * 3) for value in (40, 200))
    first.save(tmp_path / f"a.{suffix}", save_all=True, append_images=[second, first])
    first.save(tmp_path / f"b.{suffix}")
    pictures = read_quietly(tmp_path)
    np.testing.assert_allclose(pictures.images.astype(int), 40, atol=3)
    assert pictures.survey.kinds["first of several pages or frames"] == 1
    assert any("1 first of several pages or frames" in line for line in pictures.survey.describe())


def test_the_preview_in_a_photo_is_no_further_page(tmp_path):
    first, preview = (Image.new("RGB", size, (90,) * 3) for size in ((16, 16), (8, 8)))
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[preview])
    assert not read_quietly(tmp_path).survey.kinds


def test_a_damaged_second_page_leaves_the_first(tmp_path):
    first, second = (Image.new("L", (8, 8), value) for value in (40, 200))
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second])
    whole = (tmp_path / "a.tif").read_bytes()
    for length in range(len(whole) - 150, len(whole), 7):
        (tmp_path / "a.tif").write_bytes(whole[:length])
        assert np.unique(read_folder(tmp_path).images).tolist() == [40]


def test_twelve_bits_in_colour_of_sixteen_are_said(tmp_path):
    rows = b"".join(b"\0" + np.full((2, 3), 4095, ">u2").tobytes() for _ in range(2))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    with pytest.warns(UserWarning, match="16 bits, of which only the upper 8 .* 99% of .* at most 15 of 255"):
        read_folder(tmp_path)


def test_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    save(tmp_path / "pictures" / "a.png", 3)
    assert data.read("folder:~/pictures").images.max() == 3


NAMES = st.text("abzÄé日 _-.0", min_size=1, max_size=6).filter(lambda name: not name.startswith("."))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.dictionaries(
        NAMES, st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=3), min_size=1, max_size=4
    )
)
def test_every_picture_has_the_class_of_its_folder(tmp_path_factory, classes):
    root = tmp_path_factory.mktemp("pictures")
    folders = {}
    for name, sizes in classes.items():
        for size in sizes:
            value = len(folders)
            save(root / name / f"{value}.bmp", value, size)
            folders[value] = name
    pictures = read_quietly(root, 4)
    assert pictures.images.shape == (len(folders), 4, 4, 3)
    assert pictures.class_names == tuple(sorted(classes))
    values = pictures.images[:, 0, 0, 0].tolist()
    assert sorted(values) == sorted(folders)
    assert [pictures.class_names[label] for label in pictures.labels] == [folders[value] for value in values]
    shutil.rmtree(root)


def break_off(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_files_that_cannot_be_read_are_named_and_skipped(tmp_path):
    save(tmp_path / "cat" / "good.png", 1)
    save(tmp_path / "dog" / "good.png", 2)
    break_off(save(tmp_path / "cat" / "half.png", random_array(40, 40, 3)))
    break_off(save(tmp_path / "cat" / "half.jpg", random_array(40, 40, 3)))
    (tmp_path / "cat" / "empty.png").touch()
    (tmp_path / "dog" / "text.gif").write_text("no picture")
    (tmp_path / "dog" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    bad = ["cat/empty.png", "cat/half.jpg", "cat/half.png", "dog/gone.png", "dog/text.gif"]
    with pytest.warns(UserWarning, match=r"Skipped 5 of 7 pictures that cannot be read") as record:
        pictures = read_folder(tmp_path)
    assert len(record) == 1
    assert len(pictures.skipped) == 5
    for name, reason in zip(bad, pictures.skipped, strict=True):
        assert name in str(record[0].message)
        assert reason.startswith(f"{name}: ")
        assert len(reason) > len(name) + 5
    assert pictures.images[:, 0, 0, 0].tolist() == [1, 2]
    assert pictures.labels.tolist() == [0, 1]
    assert pictures.class_names == ("cat", "dog")


def test_a_class_without_a_readable_picture_is_none(tmp_path):
    save(tmp_path / "cat" / "good.png")
    (tmp_path / "ant").mkdir()
    (tmp_path / "ant" / "empty.png").touch()
    with pytest.warns(UserWarning, match=r"Skipped 1 of 2 .*ant/empty\.png"):
        pictures = read_folder(tmp_path)
    assert pictures.class_names == ("cat",)
    assert pictures.labels.tolist() == [0]


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tif", "webp"])
def test_no_damage_stops_the_reading(tmp_path, suffix):
    whole = save(tmp_path / f"whole.{suffix}", random_array(12, 10, 3)).read_bytes()
    generator = np.random.default_rng(0)
    for i in range(25):
        damaged = bytearray(whole[: generator.integers(1, len(whole) + 1)])
        for position in generator.integers(0, len(damaged), 3):
            damaged[position] = generator.integers(256)
        (tmp_path / f"{i:02}.{suffix}").write_bytes(damaged)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pictures = read_folder(tmp_path, 8)
    assert len(pictures.images) + len(pictures.skipped) == 26
    assert len(pictures.skipped) > 0


def test_links_to_files_are_read_and_links_to_folders_are_not_followed(tmp_path):
    save(tmp_path / "root" / "a.png", 1)
    save(tmp_path / "elsewhere" / "b.png", 2)
    (tmp_path / "root" / "loop").symlink_to(tmp_path / "root", target_is_directory=True)
    (tmp_path / "root" / "other").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "root" / "c.png").symlink_to(tmp_path / "elsewhere" / "b.png")
    with pytest.warns(UserWarning, match=r"Skipped 2 links to folders, which are not followed: loop, other"):
        assert read_folder(tmp_path / "root").images[:, 0, 0, 0].tolist() == [1, 2]


def test_parts_of_a_data_set_are_told_to_be_taken_as_classes(tmp_path):
    for name in ("train", "Test"):
        save(tmp_path / name / "cat" / "1.png", 1)
    with pytest.warns(UserWarning, match=r"taken as classes: Test, train.*give one of them as `path`"):
        assert read_folder(tmp_path).class_names == ("Test", "train")


def test_a_float_picture_of_no_numbers_is_not_read_as_black(tmp_path):
    Image.fromarray(np.full((4, 4), 0.5, "float32")).save(tmp_path / "a.tif")
    Image.fromarray(np.array([[0.5, np.nan], [np.inf, 0]], "float32").repeat(2, 0).repeat(2, 1)).save(
        tmp_path / "b.tif"
    )
    with pytest.warns(UserWarning, match=r"Skipped 1 of 2 .*b\.tif: numbers that are not finite"):
        assert np.unique(read_folder(tmp_path).images).tolist() == [128]  # of 0.5, whatever is in the other one


def test_the_folder_itself_may_be_a_link(tmp_path):
    save(tmp_path / "real" / "a.png", 1)
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert len(read_quietly(tmp_path / "link").images) == 1


def test_a_folder_named_like_a_picture_is_a_folder(tmp_path):
    save(tmp_path / "cats.png" / "a.png", 1)
    assert read_quietly(tmp_path).class_names == ("cats.png",)


@pytest.mark.parametrize(
    ("name", "content", "received"),
    [
        ("nowhere", None, ", which does not exist"),
        ("picture.png", b"x", ", one picture: give the folder that it lies in"),
        ("pictures.tar.gz", b"x", r", a \.gz file: unpack it, or make a zip of it"),
        ("cut.zip", b"PK", ", not a zip, or one whose end is missing"),
        ("none.zip", b"", ", an empty file"),
        ("notes.txt", b"x", ", a file that is neither"),
    ],
)
def test_what_is_no_folder_is_refused(tmp_path, name, content, received):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(
        ValueError, match=rf"`path` must be a folder of pictures, or a zip of them. Received: path='.*{name}'{received}"
    ):
        read_folder(tmp_path / name)


def test_a_home_that_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ValueError, match=rf"Received: path='~/x', which is {tmp_path}/x, which does not exist"):
        data.read("folder:~/x")
    for name in ("folder:~nobody-has-this-name/x", "records:~nobody-has-this-name/x"):
        with pytest.raises(
            ValueError, match=r"`path` must be below the home of an existing user. Received: path='~nobody"
        ):
            data.read(name)


@pytest.mark.parametrize("name", [None, "notes.txt"])
def test_a_folder_without_pictures_is_refused(tmp_path, name):
    if name:
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=r"`path` must hold at least one .*\.png.*Received: path='.*with 0 files"):
        read_folder(tmp_path)


def test_a_folder_without_readable_pictures_is_refused(tmp_path):
    (tmp_path / "a.png").touch()
    with (
        pytest.warns(UserWarning, match=r"Skipped 1 of 1 .*a\.png"),
        pytest.raises(ValueError, match=r"`path` must hold at least one readable picture.*with 1 file of"),
    ):
        read_folder(tmp_path)


def test_an_impossible_size_is_refused(tmp_path):
    save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"`image_size` must be .*Received: image_size=-1"):
        read_folder(tmp_path, -1)


@pytest.mark.filterwarnings("ignore:Skipped 1 of 6 pictures")
def test_pictures_too_large_for_memory_stay_on_disk(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    for i in range(5):
        save(tmp_path / "ab"[i % 2] / f"{i}.png", rng.integers(0, 256, (9, 8 + i, 3), "uint8"))
    (tmp_path / "a" / "broken.png").write_bytes(b"no picture")
    held = read_folder(tmp_path, 8)
    monkeypatch.setattr(stored, "MOST_BYTES", 3 * 8 * 8 * 3)
    kept = read_folder(tmp_path, 8)
    assert isinstance(kept.images, data.Stored)
    assert (kept.survey.stored, held.survey.stored) == (True, False)
    assert (kept.files, kept.class_names, kept.skipped) == (held.files, held.class_names, held.skipped)
    np.testing.assert_array_equal(kept.labels, held.labels)
    np.testing.assert_array_equal(kept.images[:2], held.images[:2])
    for one, other in zip(*(each.dataset(2, labels=True, seed=1) for each in (held, kept)), strict=True):
        for part, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(part, same)
    with pytest.raises(ValueError, match=r"must fit in .*Received: 4 pictures of \(8, 8, 3\)"):
        read_folder(tmp_path, 8, stored=False)
    monkeypatch.undo()
    assert isinstance(data.read(f"folder:{tmp_path / 'b'}", image_size=8, stored=True).images, data.Stored)


@pytest.mark.skipif(not CIFAR.is_dir(), reason="the CIFAR-10 pictures are not on this machine")
def test_real_pictures():
    pictures = read_quietly(CIFAR)
    assert pictures.images.shape == (2000, 32, 32, 3)
    classes = "airplane automobile bird cat deer dog frog horse ship truck"
    assert pictures.class_names == tuple(classes.split())
    assert np.bincount(pictures.labels).tolist() == [200] * 10
    ship = sorted((CIFAR / "ship").iterdir())[7]
    np.testing.assert_array_equal(pictures.images[pictures.labels == 8][7], np.asarray(Image.open(ship)))
    np.testing.assert_allclose(pictures.images.mean(axis=(0, 1, 2)), [125.3, 123.0, 113.9], atol=4)  # of all 50,000


def zipped(path, root, **more):
    """A zip of the files below a folder, and of texts by their names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(root.rglob("*.*")):
            archive.write(file, file.relative_to(root))
        for name, content in more.items():
            archive.writestr(name, content)
    return path


def test_a_zip_is_read_as_the_folder_is(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    for i in range(4):
        save(tmp_path / "in" / "ab"[i % 2] / f"{i}.png", rng.integers(0, 256, (8, 8, 3), "uint8"))
    path, before = zipped(tmp_path / "in.zip", tmp_path / "in"), sorted(tmp_path.rglob("*"))
    held = read_quietly(tmp_path / "in")
    for found in (read_quietly(path), data.read(f"folder:{path}", stored=True)):
        np.testing.assert_array_equal(np.asarray(found.images), held.images)
        np.testing.assert_array_equal(found.labels, held.labels)
        assert (found.files, found.class_names) == (held.files, held.class_names)
    assert sorted(tmp_path.rglob("*")) == before


def test_no_zip_fills_the_memory_or_leaves_its_place(tmp_path, monkeypatch):
    save(tmp_path / "in" / "a.png", 7, (8, 8))
    picture = (tmp_path / "in" / "a.png").read_bytes()
    names = {"../out.png": picture, "/root.png": picture, "x/../b.png": picture, "bomb.png": b"0" * 10_000}
    path = zipped(tmp_path / "in.zip", tmp_path / "in", **names)
    monkeypatch.setattr("keras_gan.data.archives.MOST_BYTES", 9_999)
    with (
        pytest.warns(UserWarning, match=r"Skipped 3 pictures named as outside of the zip: \.\./out\.png, /root"),
        pytest.warns(UserWarning, match=r"Skipped 1 of 2 .*bomb\.png: 10,000 bytes when unpacked, more than 9,999"),
    ):
        found = read_folder(path)
    assert found.survey.passed == {"named as outside of the zip": 3}
    assert found.files == ("a.png",)
    whole = bytearray(path.read_bytes())
    whole[30 + len("a.png") + 10] ^= 255
    path.write_bytes(whole)
    with pytest.warns(UserWarning, match=r"a\.png: it cannot be unpacked"), pytest.raises(ValueError, match="readable"):
        read_folder(path)


def test_names_in_a_zip_are_those_of_files(tmp_path):
    pictures = [save(tmp_path / "in" / f"{i}.png", i, (4, 4)).read_bytes() for i in range(5)]
    names = ["./a/0.png", "b//1.png", "c\\2.png", "b/./1.png"]
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for name, content in zip([*names, "d.png/"], [*pictures[:4], b""], strict=True):
            archive.writestr(name, content)
        archive.writestr("c/text.png", b"no picture")
    with (
        pytest.warns(UserWarning, match=r"Skipped 1 picture replaced by a later one of that name: b//1\.png"),
        pytest.warns(UserWarning, match=r"c/text\.png: not a picture, or of an unknown kind$"),
    ):
        found = read_folder(tmp_path / "in.zip")
    assert (found.files, found.class_names) == (("a/0.png", "b/1.png", "c/2.png"), ("a", "b", "c"))
    assert found.images[:, 0, 0, 0].tolist() == [0, 3, 2]
    assert found.survey.passed == {"replaced by a later one of that name": 1, "folder without pictures (d.png)": 1}


@pytest.mark.parametrize("labels", ["none", "inside", "beside", "given", "given for the inside"])
def test_the_only_folder_of_a_zip_is_no_class(tmp_path, labels):
    for i in range(4):
        save(tmp_path / "in" / "my" / "pics" / "ab"[i % 2] / f"{i}.png", i, (4, 4))
    inside = "\n".join(["file,label", *(f"{'ab'[i % 2]}/{i}.png,{'yx'[i % 2]}" for i in range(4))])
    whole, options, more = inside.replace("\n", "\nmy/pics/"), {}, {}
    if labels.startswith("given"):
        (tmp_path / "some.csv").write_text(whole if labels == "given" else inside)
        options = {"labels": tmp_path / "some.csv"}
    elif labels != "none":
        more = {"my/pics/labels.csv": inside} if labels == "inside" else {"labels.csv": whole}
    path = zipped(tmp_path / "in.zip", tmp_path / "in", **more, **{"__MACOSX/x.txt": b"", "notes.txt": b""})
    found = read_folder(path, **options)
    classes = ("a", "b") if labels == "none" else ("x", "y")
    assert (found.class_names, found.labels.tolist()) == (classes, [0, 0, 1, 1] if labels == "none" else [1, 1, 0, 0])
    is_inside = labels not in ("beside", "given")
    assert found.files[0] == ("a/0.png" if is_inside else "my/pics/a/0.png")
    told = "all of them in my/pics, the only folder of the zip, which is no class" in found.survey.describe()
    assert told == is_inside


def test_the_only_folder_of_a_folder_is_told(tmp_path):
    for name in ("a", "b"):
        save(tmp_path / "pics" / name / "0.png", 1)
    with pytest.warns(UserWarning, match=rf"lie in pics, which .* only class. .* give {tmp_path}/pics as `path`"):
        assert read_folder(tmp_path).class_names == ("pics",)
    shutil.rmtree(tmp_path / "pics" / "b")
    assert read_quietly(tmp_path).class_names == ("pics",)


LABELS = {"sub/0.png": "b", "sub/1.png": "a", "sub/2.png": "b"}
PLAIN = "file,label\n" + "".join(f"{name},{label}\n" for name, label in LABELS.items())


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + PLAIN.encode(),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace("\n", "\r\n").replace(",", "\t").encode(),
        PLAIN.replace(",", ", ").encode(),
        b'file, "label"\n' + PLAIN.partition("\n")[2].replace(",", ' , "').replace("\n", '"\n').encode(),
        PLAIN.replace("file,label", "File,Label").encode(),
        PLAIN.replace("file,label", " FILE ,note, label").replace("png,", "png,x,").encode(),
        PLAIN.replace("sub/", "./sub//").encode(),
        PLAIN.replace("sub/", "sub\\").encode(),
        b"\n" + PLAIN.encode() + b"\n,\n",
    ],
)
def test_labels_of_a_spreadsheet(tmp_path, content):
    for i, name in enumerate(LABELS):
        save(tmp_path / name, i, (4, 4))
    (tmp_path / "labels.csv").write_bytes(content)
    found = read_quietly(tmp_path)
    assert (found.class_names, found.labels.tolist()) == (("a", "b"), [1, 0, 1])


JSON_LABELS = list(map(list, LABELS.items()))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("labels.csv", "", "with the columns file and label. Received: an empty file"),
        ("labels.csv", "file,label\n", "with the columns .* Received: no row below them"),
        ("labels.csv", "filename,class\na.png,1\n", "with the columns .* Received: the first line 'filename,class'"),
        ("labels.csv", PLAIN.replace(",b", ",é").encode("latin-1"), "be text in UTF-8. Received: "),
        ("labels.csv", b"\x89PNG\x00\xff", "be text in UTF-8. Received: "),
        ("labels.csv", PLAIN + "x.png," + "x" * 200_000, "Received: field larger than field limit .* in line 5"),
        (
            "labels.csv",
            PLAIN + "sub/1.png,b\n",
            "one class for each file. Received: 'b' for 'sub/1.png' in line 5, 'a' b",
        ),
        ("labels.csv", PLAIN + "sub\\1.png,b\n", "one class for each file. Received: 'b' for .* in line 5, 'a' before"),
        (
            "labels.csv",
            PLAIN.replace(",a", ", "),
            "one class .* Received: '' for 'sub/1.png' in line 3, which is no name",
        ),
        (
            "labels.csv",
            PLAIN.replace(",a", ""),
            "one class .* Received: '' for 'sub/1.png' in line 3, which is no name",
        ),
        ("labels.csv", PLAIN.replace(",a", ",a\0"), "one class .* in line 3, which has a control character"),
        ("labels.csv", PLAIN.replace(",a", ",01").replace(",b", ",1"), "one way. Received: both '1' and '01'"),
        ("labels.csv", PLAIN.replace(",a", ",1.0").replace(",b", ",1"), r"one way. Received: both '1' and '1\.0'"),
        ("labels.csv", PLAIN.replace("sub/2.png,b\n", ""), "Received: 1 of 3 pictures has no label: sub/2.png"),
        ("labels.csv", None, "be a file that can be read. Received: a folder"),
        ("dataset.json", "", "be a JSON file whose 'labels' are pairs .* Received: Expecting value"),
        ("dataset.json", "[]", "be a JSON file .* Received: a list"),
        ("dataset.json", "{}", "be a JSON file .* Received: no 'labels'"),
        ("dataset.json", {"labels": LABELS}, "be a JSON file .* Received: labels that are {'sub/0.png': 'b'"),
        ("dataset.json", {"labels": [["sub/0.png"]]}, r"be a JSON file .* Received: \['sub/0.png'\] as pair 0"),
        ("dataset.json", {"labels": [*JSON_LABELS, ["x", 10**30]]}, "Received: an integer of more than 64 bits"),
        (
            "dataset.json",
            {"labels": [*JSON_LABELS, ["x", None]]},
            "one class .* None for 'x' in pair 3, which is no text",
        ),
        (
            "dataset.json",
            {"labels": [*JSON_LABELS, ["x", [0, 1]]]},
            r"one class .* \[0, 1\] for 'x' in pair 3, which is n",
        ),
        ("dataset.json", '{"labels": [["x", NaN]]}', "one class .* nan for 'x' in pair 0, which is no text"),
    ],
)
def test_labels_that_cannot_be_used_are_told(tmp_path, name, content, reason):
    for i, file in enumerate(LABELS):
        save(tmp_path / file, i, (4, 4))
    if content is None:
        (tmp_path / name).mkdir()
    else:
        content = json.dumps(content) if isinstance(content, dict) else content
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.warns(UserWarning, match=rf"^{name} is not used: it must .*{reason}"):
        assert read_folder(tmp_path).class_names == ("sub",)
    with pytest.raises(ValueError, match=rf"^`labels` must .*{reason.replace('Received: ', 'Received: .*')}"):
        read_folder(tmp_path, labels=tmp_path / name)


def test_files_of_labels_that_say_nothing_are_passed_over(tmp_path):
    for i, name in enumerate(LABELS):
        save(tmp_path / name, i, (4, 4))
    (tmp_path / "dataset.json").write_text('{"labels": null}')  # as StyleGAN's tools write it
    assert read_quietly(tmp_path).class_names == ("sub",)
    (tmp_path / "labels.csv").write_text(PLAIN)
    with pytest.warns(UserWarning, match=r"dataset\.json is not used beside labels\.csv: pass the right one"):
        assert read_folder(tmp_path).class_names == ("a", "b")
    with pytest.raises(ValueError, match=r"`labels` must be a file .* Received: labels='nowhere.csv', No such file"):
        read_labels("nowhere.csv")


def test_whole_numbers_are_in_their_order_whatever_they_are_written_as():
    for labels in (["10", "2", "10"], [10, 2, 10], [10, "2", "10"]):
        numbers, names = as_numbers(labels)
        assert (numbers.tolist(), names) == ([1, 0, 1], ("2", "10"))
    assert as_numbers(["--5", "2"])[1] == ("--5", "2")


@pytest.mark.parametrize("kind", ["labels.csv", "dataset.json"])
@pytest.mark.parametrize("place", ["folder", "zip"])
def test_labels_of_a_file_in_the_folder(tmp_path, kind, place):
    for i in range(12):
        save(tmp_path / "in" / "00000" / f"{i:02d}.png", i, (4, 4))
    values = {f"00000/{i:02d}.png": 10 - i % 3 for i in range(12)}
    text = "\n".join(["label,file", *(f"{value},{name}" for name, value in values.items())])
    if kind == "dataset.json":
        text = json.dumps({"labels": list(map(list, values.items()))})
    (tmp_path / "in" / kind).write_text(text)
    found = read_quietly(zipped(tmp_path / "in.zip", tmp_path / "in") if place == "zip" else tmp_path / "in")
    np.testing.assert_array_equal(found.labels, [2 - i % 3 for i in range(12)])
    assert found.class_names == ("8", "9", "10")
    assert (found.survey.labels, found.survey.passed) == ("file", {})
    (tmp_path / "in" / kind).write_text(text.replace("00000/07", "00000/other"))
    with pytest.warns(UserWarning, match=rf"{kind} is not used: .* 1 of 12 pictures has no label: 00000/07.png"):
        assert read_folder(tmp_path / "in").class_names == ("00000",)
    with pytest.raises(ValueError, match=r"`labels` must list every picture. Received: 1 of 12 .* 00000/07"):
        read_folder(tmp_path / "in", labels=tmp_path / "in" / kind)


def test_alpha_is_a_fourth_channel_where_it_is_asked_for(tmp_path):
    array = random_array(6, 6, 4)
    save(tmp_path / "a.png", array)
    save(tmp_path / "b.png", 90, (6, 6), mode="L")
    found = data.read(f"folder:{tmp_path}", alpha=True)
    np.testing.assert_array_equal(found.images[0], array)
    np.testing.assert_array_equal(found.images[1], np.broadcast_to([90, 90, 90, 255], (6, 6, 4)))
    assert read_folder(tmp_path).image_shape == (6, 6, 3)
    half = np.zeros((4, 4, 4), "uint8")
    half[:, :2] = 200, 0, 0, 255  # what is transparent has no colour to mix in
    save(tmp_path / "c" / "c.png", half)
    (small,) = read_folder(tmp_path / "c", 2, alpha=True).images
    assert small[:, 0, 0].min() >= 198


def test_what_is_found_is_told(tmp_path):
    save(tmp_path / "a" / "1.png", 7, (6, 8))
    save(tmp_path / "a" / "2.tif", 7, (6, 8), mode="CMYK")
    save(tmp_path / "b" / "3.png", 7, (8, 8), mode="P")
    for name in ("a/notes.txt", "b/more.txt", "b/raw.CR2"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "dir.png" / "below").mkdir(parents=True)
    found = read_quietly(tmp_path, 4)
    assert list(found.survey.describe({"a": 2, "b": 1})) == [
        "3 pictures; 2 classes by folder: a (2), b (1)",
        "sizes (height x width): 2 of 6x8, 1 of 8x8; all brought to 4x4, centre crop, Lanczos",
        "among them: 1 CMYK, 1 palette",
        "skipped: 1 folder without pictures (dir.png), 2 .txt, 1 .cr2",
    ]


def test_of_many_kinds_the_first_ones_are_named():
    def told(count):
        survey = Survey(9, {}, {}, {f".{i}": 2 for i in range(count)}, 0, "none", "folder", False)
        first, *_, last = survey.describe({f"{i}": 3 for i in range(count)})
        return first.partition("folder: ")[2], last

    classes, skipped = told(7)
    assert (classes.count("(3)"), skipped.count("2 .")) == (7, 7)
    classes, skipped = told(8)
    assert classes.endswith("5 (3), 2 other classes (6)")
    assert skipped.endswith("2 .5, 4 of 2 other kinds")
