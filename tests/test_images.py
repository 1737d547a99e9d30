import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from keras_gan import images


def random_images(count, height, width, channels, seed=0):
    """Without white, so that padding can be told from pictures."""
    return np.random.default_rng(seed).integers(0, 255, (count, height, width, channels), dtype="uint8")


def test_the_ends_and_the_middle_of_the_range():
    assert images.to_uint8([-1.0, 0.0, 1.0]).tolist() == [0, 128, 255]
    assert images.to_uint8([0.0, 0.2, 1.0], (0.0, 1.0)).tolist() == [0, 51, 255]
    assert images.from_uint8([0, 51, 255]).tolist() == pytest.approx([-1.0, -0.6, 1.0], abs=1e-6)


def test_every_byte_survives_both_ways():
    every = np.arange(256, dtype="uint8").reshape(2, 128)
    floats = images.from_uint8(every)
    assert floats.dtype == np.float32
    assert floats.shape == every.shape
    np.testing.assert_allclose(floats, every / 127.5 - 1, atol=1e-6)
    np.testing.assert_array_equal(images.to_uint8(floats), every)


def test_floats_go_to_the_nearest_byte():
    x = np.linspace(-1, 1, 10_001)
    error = images.to_uint8(x).astype("float64") - (x + 1) * 127.5
    assert np.abs(error).max() <= 0.5 + 1e-4


def test_what_is_out_of_range_is_clipped():
    assert images.to_uint8([-7.0, 7.0, -np.inf, np.inf]).tolist() == [0, 255, 0, 255]
    assert images.to_uint8([-0.5, 1.5], (0.0, 1.0)).tolist() == [0, 255]


def test_a_grid_pixel_by_pixel():
    batch = np.array([[10, 20], [30, 40], [50, 60]], "uint8").reshape(3, 1, 2, 1)
    expected = [
        [255, 255, 255, 255, 255, 255, 255],
        [255, 10, 20, 255, 30, 40, 255],
        [255, 255, 255, 255, 255, 255, 255],
        [255, 50, 60, 255, 255, 255, 255],
        [255, 255, 255, 255, 255, 255, 255],
    ]
    sheet = images.grid(batch, columns=2, padding=1)
    assert sheet.dtype == np.uint8
    assert sheet[..., 0].tolist() == expected


def test_a_scaled_grid_pixel_by_pixel():
    batch = np.array([[10, 20], [30, 40]], "uint8").reshape(1, 2, 2, 1)
    expected = [
        [10, 10, 20, 20],
        [10, 10, 20, 20],
        [30, 30, 40, 40],
        [30, 30, 40, 40],
    ]
    assert images.grid(batch, padding=0, scale=2)[..., 0].tolist() == expected


def test_colours_keep_their_channels():
    batch = random_images(2, 3, 4, 3)
    sheet = images.grid(batch, columns=2, padding=0)
    np.testing.assert_array_equal(sheet, np.concatenate([batch[0], batch[1]], axis=1))


@pytest.mark.parametrize(
    ("count", "columns", "rows", "places"),
    [(1, None, 1, 1), (4, None, 2, 2), (5, None, 2, 3), (10, None, 3, 4), (16, None, 4, 4), (3, 8, 1, 3), (7, 1, 7, 1)],
)
def test_the_number_of_rows_and_columns(count, columns, rows, places):
    sheet = images.grid(np.zeros((count, 5, 6, 1), "uint8"), columns=columns, padding=2)
    assert sheet.shape == (rows * 7 + 2, places * 8 + 2, 1)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    count=st.integers(1, 9),
    height=st.integers(1, 5),
    width=st.integers(1, 5),
    channels=st.sampled_from([1, 3]),
    columns=st.integers(1, 10),
    padding=st.integers(0, 3),
    scale=st.integers(1, 3),
)
def test_every_image_stands_in_its_place_on_white(count, height, width, channels, columns, padding, scale):
    batch = random_images(count, height, width, channels)
    sheet = images.grid(batch, columns=columns, padding=padding, scale=scale)
    columns = min(columns, count)
    down, right = height * scale + padding, width * scale + padding
    assert sheet.shape == (-(-count // columns) * down + padding, columns * right + padding, channels)
    for i, image in enumerate(batch):
        top, left = padding + i // columns * down, padding + i % columns * right
        place = sheet[top : top + height * scale, left : left + width * scale]
        np.testing.assert_array_equal(place, np.kron(image, np.ones((scale, scale, 1), "uint8")))
    assert (sheet < 255).sum() == batch.size * scale**2


def test_alpha_is_a_channel_and_padding_is_opaque():
    batch = random_images(3, 3, 4, 4)
    sheet = images.grid(batch, columns=3, padding=1)
    assert sheet.shape == (5, 16, 4)
    for i in range(3):
        np.testing.assert_array_equal(sheet[1:4, 1 + 5 * i : 5 + 5 * i], batch[i])
    assert np.unique(sheet[0]).tolist() == [255]


def test_what_is_transparent_is_laid_on_white(tmp_path):
    batch = random_images(2, 3, 4, 4)
    rgb, alpha = batch[..., :3].astype("float64"), batch[..., 3:] / 255
    expected = rgb * alpha + 255 * (1 - alpha)
    np.testing.assert_allclose(images.on_white(batch), expected, atol=0.5001)
    images.save_png(tmp_path / "a.png", batch[0])
    with Image.open(tmp_path / "a.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), batch[0])  # a PNG keeps it
        np.testing.assert_allclose(np.asarray(images.read_rgb(picture)), expected[0], atol=0.5001)
    grey = random_images(2, 3, 4, 1)
    assert images.on_white(grey) is grey


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_one_rule_for_what_is_a_picture(channels):
    assert images.is_picture((8, 8, channels)) == (channels in (1, 3, 4))
    assert not images.is_picture((8, channels))


def test_bytes_are_mapped_to_any_range():
    every = np.arange(256, dtype="uint8")
    for low, high in ((0, 1), (-1, 1), (0, 255), (-2.5, 3)):
        floats = images.from_uint8(every, (low, high))
        np.testing.assert_allclose(floats, low + every / 255 * (high - low), atol=1e-4)
        np.testing.assert_array_equal(images.to_uint8(floats, (low, high)), every)


def test_floats_are_mapped_from_their_range():
    floats = np.random.default_rng(0).uniform(-1.2, 1.2, (4, 3, 3, 1)).astype("float32")
    np.testing.assert_array_equal(images.grid(floats), images.grid(images.to_uint8(floats)))
    unit = np.random.default_rng(1).uniform(0, 1, (4, 3, 3, 3)).astype("float32")
    expected = images.grid(np.round(unit * 255).astype("uint8"))
    np.testing.assert_array_equal(images.grid(unit, value_range=(0.0, 1.0)), expected)


@pytest.mark.parametrize("shape", [(4, 8, 8), (8, 8), (4, 8, 8, 2), (4, 8, 8, 5), (0, 8, 8, 1), ()])
def test_a_grid_of_something_else_is_refused(shape):
    with pytest.raises(ValueError, match=r"`images` must be a non-empty batch .*Received: images\.shape=\("):
        images.grid(np.zeros(shape, "uint8"))


def test_a_grid_of_integers_that_are_not_bytes_is_refused():
    with pytest.raises(ValueError, match=r"`images` must be .*uint8.*Received: .*int64"):
        images.grid(np.full((2, 4, 4, 1), 100, "int64"))  # as floats in [-1, 1] all of it would be white


@pytest.mark.parametrize(("name", "value"), [("columns", -1), ("padding", -1), ("scale", 0), ("scale", -1)])
def test_a_grid_of_impossible_measures_is_refused(name, value):
    with pytest.raises(ValueError, match=rf"`{name}` must be .*Received: {name}={value}"):
        images.grid(np.zeros((2, 4, 4, 1), "uint8"), **{name: value})


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_png_keeps_every_pixel(tmp_path, channels, mode):
    image = random_images(1, 7, 5, channels)[0]
    images.save_png(tmp_path / "new" / "picture.png", image)
    with Image.open(tmp_path / "new" / "picture.png") as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", mode, (5, 7))
        np.testing.assert_array_equal(np.asarray(picture).reshape(image.shape), image)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["picture.png"]


def test_png_is_png_whatever_the_name(tmp_path):
    images.save_png(str(tmp_path / "picture.data"), random_images(1, 4, 4, 3)[0])
    with Image.open(tmp_path / "picture.data") as picture:
        assert picture.format == "PNG"


def test_a_png_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "picture.png"
    images.save_png(path, random_images(1, 4, 4, 1)[0])
    before = path.read_bytes()
    with pytest.raises(Exception, match=r"."):
        images.save_png(path, np.zeros((4, 4, 7), "uint8"))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["picture.png"]


COLOURS = [(250, 0, 0), (0, 240, 0), (0, 0, 230), (128, 128, 128)]


def save_frames(folder, colours=COLOURS):
    paths = []
    for i, colour in enumerate(colours):
        paths.append(pathlib.Path(folder) / f"{i}.png")
        images.save_png(paths[-1], np.full((6, 8, 3), colour, "uint8"))
    return paths


def read_gif(path):
    """(frames as RGB arrays, milliseconds of each, loop)."""
    frames, durations = [], []
    with Image.open(path) as gif:
        for i in range(gif.n_frames):
            gif.seek(i)
            durations.append(gif.info["duration"])
            frames.append(np.asarray(gif.convert("RGB")).astype(int))
        return frames, durations, gif.info.get("loop")


def test_a_gif_shows_the_frames_in_order_without_end(tmp_path):
    images.save_gif(tmp_path / "film.gif", save_frames(tmp_path / "frames"), milliseconds=120)
    frames, durations, loop = read_gif(tmp_path / "film.gif")
    assert durations == [120, 120, 120, 2000]
    assert loop == 0
    for frame, colour in zip(frames, COLOURS, strict=True):
        assert frame.shape == (6, 8, 3)
        assert np.abs(frame - colour).max() <= 4


def test_a_gif_of_grey_frames(tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, value in zip(paths, (30, 200), strict=True):
        images.save_png(path, np.full((4, 4, 1), value, "uint8"))
    images.save_gif(tmp_path / "film.gif", [str(path) for path in paths])
    frames, durations, _ = read_gif(tmp_path / "film.gif")
    assert [round(frame.mean()) for frame in frames] == pytest.approx([30, 200], abs=4)
    assert durations == [200, 2000]


def test_a_film_that_stands_still_lasts_as_long(tmp_path):
    images.save_gif(tmp_path / "film.gif", save_frames(tmp_path, [COLOURS[0], COLOURS[1], COLOURS[1]]))
    frames, durations, _ = read_gif(tmp_path / "film.gif")
    assert sum(durations) == 200 + 200 + 2000
    assert len(frames) in (2, 3)  # equal frames may be stored as one


def test_a_gif_of_one_frame(tmp_path):
    images.save_gif(tmp_path / "film.gif", save_frames(tmp_path, COLOURS[:1]))
    with Image.open(tmp_path / "film.gif") as gif:
        assert gif.format == "GIF"
        assert gif.n_frames == 1


@pytest.mark.parametrize("frames", [[], ()])
def test_a_gif_of_nothing_is_refused(tmp_path, frames):
    with pytest.raises(ValueError, match=r"`frames` must name at least one picture. Received: frames="):
        images.save_gif(tmp_path / "film.gif", frames)
    assert not list(tmp_path.iterdir())


FORMATS = {"png": "PNG", "jpg": "JPEG", "JPEG": "JPEG", "webp": "WEBP", "bmp": "BMP", "gif": "GIF", "tif": "TIFF"}


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_picture_is_written_in_the_format_of_its_suffix(tmp_path, suffix, channels):
    shades = np.broadcast_to(np.linspace(0, 255, 16, dtype="uint8")[:, None, None], (16, 16, channels)).copy()
    if channels == 4:
        shades[..., 3] = 128
    images.save(tmp_path / f"a.{suffix}", shades)
    with Image.open(tmp_path / f"a.{suffix}") as picture:
        assert picture.format == FORMATS[suffix]
        found = np.asarray(picture.convert("RGBA" if channels == 4 else "L")).astype("float32")
    expected = shades.astype("float32")
    if channels == 4 and FORMATS[suffix] in ("JPEG", "BMP", "GIF"):  # laid on white
        expected = np.where(np.arange(4) == 3, 255, expected * 128 / 255 + 255 * 127 / 255)
    lossy = {"JPEG": 4, "WEBP": 6, "GIF": 12}.get(FORMATS[suffix], 1.5)
    np.testing.assert_allclose(found, expected if channels == 4 else expected[..., 0], atol=lossy)


@pytest.mark.parametrize("path", ["a.xyz", "a", "a.keras", ".png"])
def test_an_unknown_suffix_is_refused(tmp_path, path):
    with pytest.raises(ValueError, match=r"`path` must end in one of .png, .jpg, .*Received: path="):
        images.save(tmp_path / path, np.zeros((2, 2, 1), "uint8"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_captions_stand_over_their_columns(channels):
    sheet = images.grid(random_images(6, 30, 40, min(channels, 3)), columns=3)
    sheet = np.concatenate([sheet, np.full((*sheet.shape[:2], 1), 255, "uint8")], -1) if channels == 4 else sheet
    found = images.caption(sheet, ("cats", "", "a name that is much too long for it"))
    assert found.shape == (sheet.shape[0] + images.CAPTION, *sheet.shape[1:])
    np.testing.assert_array_equal(found[images.CAPTION :], sheet)
    strip = found[: images.CAPTION, :, 0]
    dark = [bool((strip[:, 2 + 42 * i : 42 + 42 * i] < 128).any()) for i in range(3)]
    assert dark == [True, False, True]
    assert (strip[:, 126:] == 255).all()  # what is too long does not run into the margin
    assert (found[: images.CAPTION, :, 3] == 255).all() if channels == 4 else True
