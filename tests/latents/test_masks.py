import numpy as np
import pytest
import scipy.stats

from keras_gan.latents import Blocks
from keras_gan.noise import Noise

COUNT = 6_000


@pytest.mark.parametrize(
    ("shape", "size", "sides"), [((6, 4), 0.5, (3, 2)), ((5, 3), 0.34, (2, 1)), ((3, 3), 1, (3, 3))]
)
def test_every_place_is_as_likely_those_at_the_borders_too(shape, size, sides):
    masks = Blocks(shape, size).draw(COUNT, Noise((0, "test masks"))).numpy()
    assert masks.shape == (COUNT, *shape, 1)
    assert set(np.unique(masks)) <= {0.0, 1.0}
    np.testing.assert_array_equal(masks.sum(axis=(1, 2, 3)), sides[0] * sides[1])
    rows, columns = masks.any(axis=(2, 3)), masks.any(axis=(1, 3))
    for inside, side, length in zip((rows, columns), shape, sides, strict=True):
        np.testing.assert_array_equal(inside.sum(axis=1), length)
        counts = np.bincount(inside.argmax(axis=1), minlength=side - length + 1)
        assert len(counts) == side - length + 1  # the last one reaches the last row or column
        assert len(counts) == 1 or scipy.stats.chisquare(counts).pvalue > 1e-4
    starts = rows.argmax(axis=1), columns.argmax(axis=1)
    if shape == (6, 4):
        table = np.histogram2d(*starts, bins=(np.arange(5), np.arange(4)))[0]
        assert scipy.stats.chi2_contingency(table).pvalue > 1e-4  # rows say nothing of columns


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((4,),), r"`shape` must be \(height, width\). Received: shape=\(4,\)"),
        (((4, 0),), "`shape` must be a tuple of integers of at least 1"),
        (((4, 4), 0), r"`size` must be in \(0, 1\]. Received: size=0"),
        (((4, 4), 1.5), r"`size` must be in \(0, 1\]. Received: size=1.5"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Blocks(*arguments)
