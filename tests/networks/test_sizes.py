import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_gan.networks.sizes import nearest_sides, smallest_map


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((6, 6, 1), (3, 3, 1)),
        ((8, 8, 1), (4, 4, 1)),
        ((14, 14, 1), (7, 7, 1)),
        ((20, 20, 1), (5, 5, 2)),
        ((28, 28, 1), (7, 7, 2)),
        ((32, 32, 3), (4, 4, 3)),
        ((56, 56, 1), (7, 7, 3)),
        ((96, 96, 3), (3, 3, 5)),
        ((192, 192, 3), (3, 3, 6)),
        ((64, 32, 3), (8, 4, 3)),
        ((32, 28, 3), (8, 7, 2)),
        ((48, 64, 3), (3, 4, 4)),
        ((256, 192, 3), (4, 3, 6)),
    ],
)
def test_the_smallest_map(shape, expected):
    assert smallest_map(shape) == expected


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.sampled_from([4, 7]), st.sampled_from([4, 7]), st.integers(1, 6), st.integers(1, 6))
def test_sizes_of_version_0_1_have_the_maps_that_they_had(first, second, m, n):
    height, width, doublings = smallest_map((first << m, second << n, 3))
    assert doublings == min(m, n)
    assert (height << doublings, width << doublings) == (first << m, second << n)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(3, 7), st.integers(3, 7), st.integers(1, 7), st.integers(1, 7))
def test_no_smaller_map_doubles_to_the_picture(first, second, m, n):
    shape = (first << m, second << n, 1)
    height, width, doublings = smallest_map(shape)
    assert (height << doublings, width << doublings) == shape[:2]
    assert min(height, width) >= 3
    assert height % 2 or width % 2 or min(height, width) < 6


def test_the_nearest_sides():
    known = {rest << n for rest in (3, 4, 5, 6, 7) for n in range(1, 9)}
    for side in range(7, 1024):
        below, above = max(each for each in known if each <= side), min(each for each in known if each >= side)
        assert nearest_sides(side) == ((side,) if side in known else (below, above))


def test_a_picture_of_100_pixels_is_refused_with_the_nearest_sizes():
    with pytest.raises(ValueError, match=r"Nearest to 100: 96 and 112. Received: image_shape=\(100, 64, 3\)"):
        smallest_map((100, 64, 3))
    with pytest.raises(ValueError, match=r"Nearest to 5: 6. Received: image_shape=\(64, 5, 3\)"):
        smallest_map((64, 5, 3))
