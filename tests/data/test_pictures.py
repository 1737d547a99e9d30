import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from keras_gan.data import Pictures
from keras_gan.data.pictures import fit, get_size, to_unit_range
from keras_gan.data.stored import check_memory

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 4, 6, 3), dtype="uint8")
LABELS = np.arange(20, dtype="int32")


def test_the_shape_of_one_picture():
    assert Pictures(IMAGES).image_shape == (4, 6, 3)


def test_batches_are_in_the_unit_range():
    data = Pictures(IMAGES).dataset(5, shuffle=False)
    assert data.element_spec == tf.TensorSpec((5, 4, 6, 3), tf.float32)
    seen = np.concatenate([batch.numpy() for batch in data])
    np.testing.assert_allclose(seen, IMAGES / 127.5 - 1, atol=1e-6)
    assert seen.min() >= -1
    assert seen.max() <= 1


@pytest.mark.parametrize("labels", [False, True])
def test_batches_are_in_the_range_that_is_asked_for(labels):
    data = Pictures(IMAGES, LABELS).dataset(20, labels=labels, shuffle=False, value_range=(0, 1))
    (batch,) = data
    np.testing.assert_allclose(batch[0] if labels else batch, IMAGES / 255, atol=1e-6)
    with pytest.raises(ValueError, match=r"`value_range` must be two finite numbers.*Received: value_range=\(1, 0\)"):
        Pictures(IMAGES).dataset(5, value_range=(1, 0))


def test_every_byte_to_the_unit_range():
    every = to_unit_range(tf.range(256)).numpy()
    assert every.dtype == np.float32
    np.testing.assert_allclose(every, np.arange(256) / 127.5 - 1, atol=1e-6)
    assert every[[0, 255]].tolist() == [-1, 1]


def test_pairs_stay_together():
    data = Pictures(IMAGES, LABELS).dataset(6, labels=True, seed=3, drop_remainder=False)
    seen = []
    for images, labels in data:
        assert labels.dtype == tf.int32
        np.testing.assert_allclose(images, IMAGES[labels.numpy()] / 127.5 - 1, atol=1e-6)
        seen += labels.numpy().tolist()
    assert sorted(seen) == list(range(20))
    assert seen != list(range(20))


def test_labels_come_only_when_asked_for():
    assert isinstance(Pictures(IMAGES, LABELS).dataset(5).element_spec, tf.TensorSpec)


@pytest.mark.learns
def test_the_order_is_that_of_the_seed():
    def order(seed):
        data = Pictures(IMAGES, LABELS).dataset(20, labels=True, seed=seed)
        return next(iter(data))[1].numpy().tolist()

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_labels_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match=r"`labels` must be False: this data set has none. Received: labels=True"):
        Pictures(IMAGES).dataset(5, labels=True)


def test_batches_larger_than_the_set_are_refused():
    with pytest.raises(ValueError, match=r"`batch_size` must be .*Received: batch_size=21"):
        Pictures(IMAGES).dataset(21)


def test_pictures_are_frozen_and_can_be_compared():
    pictures = Pictures(IMAGES, LABELS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        pictures.labels = None
    assert pictures != Pictures(IMAGES[::-1].copy(), LABELS.copy())
    assert len({pictures, pictures}) == 1


MODES = ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr", "HSV", "I", "I;16", "F"]


def new_picture(mode, size):
    if mode == "RGBa":
        return Image.new("RGBA", size).convert(mode)
    return Image.new("L", size, 100).convert("LA").convert("PA") if mode == "PA" else Image.new(mode, size)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_fits(mode, channels):
    for size, shape in ((None, (5, 7)), ((4, 4), (4, 4))):
        array = fit(new_picture(mode, (7, 5)), size, channels)
        assert array.shape == (*shape, channels)
        assert array.dtype == np.uint8


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.tuples(*[st.integers(1, 40)] * 4), st.sampled_from([1, 3]), st.integers(0, 255))
def test_a_flat_picture_stays_flat_at_any_size(sides, channels, value):
    width, height, new_height, new_width = sides
    array = fit(Image.new("RGB", (width, height), (value,) * 3), (new_height, new_width), channels)
    assert array.shape == (new_height, new_width, channels)
    np.testing.assert_array_equal(array, value)


def test_a_picture_of_the_right_size_is_untouched():
    array = IMAGES[0]
    np.testing.assert_array_equal(fit(Image.fromarray(array), None, 3), array)
    np.testing.assert_array_equal(fit(Image.fromarray(array), (4, 6), 3), array)


@pytest.mark.parametrize("upright", [False, True])
def test_a_picture_is_cut_around_its_centre(upright):
    # a third red, a third green, a third blue: the square in the middle is green
    array = np.zeros((10, 30, 3), "uint8")
    for i in range(3):
        array[:, 10 * i : 10 * i + 10, i] = 255
    if upright:
        array = array.transpose(1, 0, 2).copy()
    np.testing.assert_array_equal(fit(Image.fromarray(array), (10, 10), 3), np.full((10, 10, 3), [0, 255, 0]))


def test_scaling_down_averages():
    checks = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype("uint8")
    array = fit(Image.fromarray(checks), (8, 8), 1)
    np.testing.assert_allclose(array, 127.5, atol=12)


def test_colours_become_grey_by_luma():
    # ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 200, 90]]], "uint8")
    expected = colours.astype(float) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(fit(Image.fromarray(colours), None, 1)[..., 0], expected, atol=1)


def test_grey_becomes_equal_colours():
    array = fit(Image.fromarray(IMAGES[0, ..., 0]), None, 3)
    np.testing.assert_array_equal(array, np.repeat(IMAGES[0, ..., :1], 3, axis=-1))


@pytest.mark.parametrize("channels", [1, 3])
def test_transparency_is_laid_on_white(channels):
    alpha = np.array([[0, 128, 255]], "uint8")
    black = np.zeros_like(alpha)
    expected = np.repeat(255 - alpha[..., None], channels, axis=-1)
    for array in (np.stack([black, alpha], axis=-1), np.stack([black, black, black, alpha], axis=-1)):
        np.testing.assert_allclose(fit(Image.fromarray(array), None, channels).astype(int), expected, atol=1)


def test_a_transparent_colour_of_a_palette_is_laid_on_white():
    picture = Image.fromarray(np.array([[0, 1]], "uint8")).convert("P")
    picture.putpalette([10, 20, 30, 200, 100, 50])
    picture.info["transparency"] = 0
    assert fit(picture, None, 3).tolist() == [[[255, 255, 255], [200, 100, 50]]]


def test_sixteen_bits_are_scaled_down_to_eight():
    array = np.array([[0, 257, 32_768, 65_535]], "uint16")
    np.testing.assert_allclose(fit(Image.fromarray(array), None, 1)[0, :, 0], [0, 1, 127.5, 255], atol=0.6)


def test_a_dark_sixteen_bit_picture_stays_dark():
    array = np.full((2, 2), 1_285, "uint16")
    np.testing.assert_allclose(fit(Image.fromarray(array), None, 1), 5, atol=0.6)


@pytest.mark.parametrize(
    ("image_size", "size"),
    [(None, None), (32, (32, 32)), ((24, 32), (24, 32)), ([1, 4096], (1, 4096)), (np.int64(8), (8, 8))],
)
def test_sizes_that_a_user_may_give(image_size, size):
    assert get_size(image_size) == size


@pytest.mark.parametrize(
    "image_size", [0, -4, 4097, (32,), (32, 32, 3), (32, 0), (32, 1.5), "32x", "a", "8x8x8", "", 32.0, True, (True, 8)]
)
def test_sizes_that_a_user_may_not_give(image_size):
    message = r"`image_size` must be a side or \(height, width\), in \[1, 4096\].* Received: image_size="
    with pytest.raises(ValueError, match=message):
        get_size(image_size)


def test_a_set_that_does_not_fit_in_memory_is_refused():
    check_memory(10_000, (128, 128, 3))
    with pytest.raises(
        ValueError, match=r"must fit in .* `image_size` .*Received: 1000000 pictures of \(128, 128, 3\)"
    ):
        check_memory(1_000_000, (128, 128, 3))


def test_pictures_of_some_classes_are_numbered_anew():
    labels, names = np.arange(20) % 4, ("ants", "bees", "2", "cats")
    pictures = Pictures(IMAGES, labels.astype("int32"), names, files=tuple(f"{i}.png" for i in range(20)))
    for classes in (["cats", "bees"], [3, 1], ["1", "cats", 3]):
        some = pictures.of_classes(classes)
        assert some.class_names == ("bees", "cats")
        assert some.labels.tolist() == [0, 1] * 5
        np.testing.assert_array_equal(some.images, IMAGES[labels % 2 == 1])
        assert some.files[:2] == ("1.png", "3.png")
    numbered = dataclasses.replace(pictures, class_names=("2", "1", "0", "x"))
    assert numbered.of_classes(["2"]).labels.tolist() == [0] * 5  # a name wins over a number
    np.testing.assert_array_equal(numbered.of_classes(["2"]).images, IMAGES[labels == 0])


@pytest.mark.parametrize("classes", [["dogs"], ["4"], [-1], []])
def test_classes_that_there_are_not_are_refused_with_those_there_are(classes):
    pictures = Pictures(IMAGES, LABELS % 2, ("ants", "bees"))
    with pytest.raises(ValueError, match=r"by name or by number from 0 to 1: ants, bees\. Received: labels="):
        pictures.of_classes(classes)
    with pytest.raises(ValueError, match="`labels` must be None: these pictures have none"):
        Pictures(IMAGES).of_classes(classes)


def test_transparency_of_deep_grey_is_laid_on_white(tmp_path):
    """A PNG of 16 bits names the one value that is transparent."""
    values = np.array([[0, 5000], [20000, 65535]], "uint16")
    Image.fromarray(values).save(tmp_path / "deep.png", transparency=5000)
    with Image.open(tmp_path / "deep.png") as picture:
        assert picture.has_transparency_data
        opaque, clear = fit(picture, None, 1), fit(picture, None, 4)
    np.testing.assert_array_equal(opaque[..., 0], [[0, 255], [78, 255]])
    np.testing.assert_array_equal(clear[..., 3], [[255, 0], [255, 255]])
    np.testing.assert_array_equal(clear[..., 0], [[0, 19], [78, 255]])


@pytest.mark.parametrize("mode", ["I", "F"])
def test_transparency_that_is_no_number_is_let_be(mode):
    picture = Image.new("RGB", (4, 4), (7, 7, 7))
    picture.info["transparency"] = (7, 7, 7)
    np.testing.assert_array_equal(
        fit(picture.convert(mode), None, 1), fit(Image.new("L", (4, 4), 7).convert(mode), None, 1)
    )
