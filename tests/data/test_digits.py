import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_gan.data import read, stored
from keras_gan.data.digits import read_digits


@pytest.mark.parametrize(("split", "start", "stop"), [("all", 0, 1797), ("train", 0, 1437), ("test", 1437, 1797)])
def test_the_digits_are_those_of_scikit_learn(split, start, stop):
    digits, original = read_digits(split), load_digits()
    assert digits.images.shape == (stop - start, 8, 8, 1)
    assert digits.images.dtype == np.uint8
    np.testing.assert_allclose(digits.images[..., 0], original.images[start:stop] * 255 / 16, atol=0.5)
    assert digits.labels.dtype == np.int32
    np.testing.assert_array_equal(digits.labels, original.target[start:stop])


def test_the_digits_use_the_whole_range():
    images = read_digits("all").images
    assert (images.min(), images.max()) == (0, 255)


def test_the_classes_are_the_digits():
    digits = read_digits()
    assert digits.class_names == tuple("0123456789")
    assert digits.skipped == ()
    assert set(digits.labels.tolist()) == set(range(10))


@pytest.mark.parametrize(("image_size", "shape"), [(32, (32, 32)), ((16, 8), (16, 8)), (8, (8, 8)), (4, (4, 4))])
def test_the_digits_scale(image_size, shape):
    digits = read_digits("test", image_size)
    assert digits.images.shape == (360, *shape, 1)
    assert digits.images.dtype == np.uint8
    if shape == (8, 8):
        np.testing.assert_array_equal(digits.images, read_digits("test").images)
    elif shape != (16, 8):  # which cuts the sides off
        # scaling keeps the ink
        ink = [images.astype(float).mean(axis=(1, 2, 3)) for images in (digits.images, read_digits("test").images)]
        assert np.corrcoef(*ink)[0, 1] > 0.98


@pytest.mark.parametrize("split", ["validation", "train[:10]", "", None])
def test_an_unknown_split_is_refused(split):
    with pytest.raises(ValueError, match=r"`split` of digits must be one of all, train, test. Received: split="):
        read_digits(split)


def test_an_impossible_size_is_refused():
    with pytest.raises(ValueError, match=r"`image_size` must be .*Received: image_size=0"):
        read("digits", image_size=0)


def test_digits_too_large_for_memory_are_refused(monkeypatch):
    monkeypatch.setattr(stored, "MOST_BYTES", 360 * 16 * 16 - 1)
    with pytest.raises(ValueError, match=r"must fit in .*Received: 360 pictures of \(16, 16, 1\)"):
        read_digits("test", 16)
