import numpy as np
import pytest

from keras_gan.evaluation import find_copies
from keras_gan.evaluation.copies import shrink

RNG = np.random.default_rng(0)


def test_copies_are_found_by_pixels_and_by_features():
    training = RNG.integers(0, 256, (300, 8, 8, 1), "uint8")
    noisy = np.clip(training[:10].astype("int32") + RNG.integers(-5, 6, (10, 8, 8, 1)), 0, 255).astype("uint8")
    found = find_copies(noisy, training)
    assert list(found) == ["pixels", "random_features"]
    for each in found.values():
        assert each.indices.tolist() == list(range(10))
        assert (each.copied, each.copied_of_real, each.closer) == (1, 0, 1)
    new = find_copies(RNG.integers(0, 256, (200, 8, 8, 1), "uint8"), training)
    for each in new.values():
        assert each.copied == 0
        assert each.closer == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize(("shape", "small"), [((64, 64, 3), (32, 32, 3)), ((128, 64, 1), (32, 16, 1))])
def test_large_pictures_are_means_over_areas(shape, small):
    pictures = RNG.integers(0, 256, (2, *shape), "uint8")
    factor = shape[0] // small[0]
    means = pictures.reshape(2, small[0], factor, small[1], factor, -1).mean(axis=(2, 4))
    np.testing.assert_allclose(shrink(pictures), means, atol=1)
    assert shrink(pictures).shape == (2, *small)
    assert shrink(pictures[:, :8, :8]).shape == (2, 8, 8, shape[-1])
