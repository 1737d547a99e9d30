import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy import ndimage

from keras_gan.data import Derived, Edges, Grey, Masked, Small

DRAW = np.random.default_rng(0)
PICTURES = DRAW.integers(0, 256, (6, 8, 12, 1)).astype("uint8")
SMOOTH = ndimage.gaussian_filter(DRAW.uniform(0, 255, (5, 20, 24, 1)), (0, 1.5, 1.5, 0)).astype("uint8")
COLOURED = DRAW.integers(0, 256, (3, 6, 6, 3)).astype("uint8")


@pytest.mark.parametrize("threshold", [60, 200, 333.3])
@pytest.mark.parametrize("pictures", [PICTURES, SMOOTH], ids=["noise", "smooth"])
def test_edges_are_those_of_each_picture_by_itself(pictures, threshold):
    found = Edges(threshold)(pictures, (0, 1)).numpy()
    for picture, edges in zip(pictures[..., 0].astype(float), found[..., 0], strict=True):
        expected = np.hypot(ndimage.sobel(picture, 0), ndimage.sobel(picture, 1)) > threshold
        np.testing.assert_array_equal(edges, expected)


def test_edges_do_not_depend_on_the_neighbours_in_the_batch():
    together = Edges()(SMOOTH)
    alone = tf.concat([Edges()(SMOOTH[i : i + 1]) for i in range(len(SMOOTH))], axis=0)
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("value_range", [(-1.0, 1.0), (0.0, 1.0), (0.0, 255.0)])
@pytest.mark.parametrize("function", [Edges(), Grey(), Small(), Masked()], ids=str)
def test_bytes_and_numbers_give_the_same(function, value_range):
    low, high = value_range
    numbers = (PICTURES / 255 * (high - low) + low).astype("float32")
    made = function(numbers, value_range)
    assert made.dtype == tf.float32
    np.testing.assert_allclose(made, function(PICTURES, value_range), atol=2e-6 * (high - low))


def test_grey_is_what_pillow_makes_of_colour():
    found = Grey()(COLOURED, (0, 255)).numpy()
    assert found.shape == (3, 6, 6, 1)
    for picture, grey in zip(COLOURED, found[..., 0], strict=True):
        np.testing.assert_allclose(grey, np.asarray(Image.fromarray(picture).convert("L")), atol=0.51)
    np.testing.assert_array_equal(Grey()(PICTURES, (0, 255)), PICTURES)


def test_small_pictures_are_means_of_blocks():
    expected = PICTURES.reshape(6, 2, 4, 3, 4, 1).mean(axis=(2, 4))
    np.testing.assert_allclose(Small(4)(PICTURES, (0, 255)), expected, rtol=1e-6)
    enlarged = Small(4, enlarge=True)(np.full_like(PICTURES, 51), (0, 255))
    np.testing.assert_allclose(enlarged, np.full(PICTURES.shape, 51.0), rtol=1e-5)


def test_a_mask_hides_the_centre_alone():
    made = Masked(0.5, fill=0.2)(PICTURES, (0, 255)).numpy()
    assert (made[:, 2:6, 3:9] == 51).all()
    made[:, 2:6, 3:9] = PICTURES[:, 2:6, 3:9]
    np.testing.assert_array_equal(made, PICTURES)


def test_random_masks_are_of_one_size_and_reach_every_border():
    black = np.zeros((300, 6, 8, 1), "uint8")
    holes = Masked(0.5, "random", 1.0)(black, (0, 1), seed=3).numpy()[..., 0]
    assert (holes.sum(axis=(1, 2)) == 3 * 4).all()
    corners = {(*np.argwhere(hole)[0], *np.argwhere(hole)[-1]) for hole in holes}
    assert corners == {(i, j, i + 2, j + 3) for i in range(4) for j in range(5)}
    np.testing.assert_array_equal(holes, Masked(0.5, "random", 1.0)(black, (0, 1), seed=3)[..., 0])


def test_a_function_of_ones_own():
    class Negative(Derived):
        def make(self, pictures, drawn):
            return 255 - pictures

    np.testing.assert_allclose(Negative()(PICTURES, (0, 255)), 255.0 - PICTURES)
    with pytest.raises(NotImplementedError, match=r"`make` must be overridden. Received: Derived"):
        Derived()(PICTURES)
