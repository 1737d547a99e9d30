import warnings

import numpy as np
import pytest
from matplotlib.figure import Figure

from keras_gan.ground import plots

GENERATOR = np.random.default_rng(0)
POINTS = GENERATOR.normal(size=(200, 2))
LINE = GENERATOR.normal(size=(200, 1))


def redness(picture):
    """How much more red than green or blue each pixel is."""
    picture = picture.astype(int)
    return np.clip(picture[..., 0] - np.maximum(picture[..., 1], picture[..., 2]), 0, None)


def check(picture, height, width):
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8
    assert picture.flags.owndata
    assert picture.flags.writeable
    assert (picture == 255).all(axis=-1).mean() > 0.05  # some paper
    assert (picture < 200).any(axis=-1).mean() > 0.005  # some ink


@pytest.mark.parametrize("real", [None, POINTS + 1])
@pytest.mark.parametrize("labels", [None, np.arange(200) % 3])
def test_scatter_is_a_picture(real, labels):
    check(plots.scatter(POINTS, real, labels), 500, 500)


def test_histogram_is_a_picture():
    check(plots.histogram(LINE), 400, 600)
    check(plots.histogram(LINE, LINE + 1), 400, 600)


def test_rows_is_a_picture():
    check(plots.rows(GENERATOR.normal(size=(10, 7))), 400, 600)


def test_curves_is_a_picture_that_grows_with_its_panels():
    check(plots.curves({"loss": {"a": [1.0, 2.0], "b": [2.0, 1.0]}}), 360, 500)
    check(plots.curves({"loss": {"a": [1.0, 2.0]}, "output": {"b": np.sin(np.arange(50))}}, "step"), 360, 1000)


def test_curves_are_over_what_they_were_measured_at():
    once, even, uneven = (plots.curves({"loss": {"a": [1.0, 2.0, 3.0]}}, x=x) for x in (None, [1, 2, 3], [1, 2, 9]))
    np.testing.assert_array_equal(once, even)
    assert (once != uneven).any()


def test_pixels_are_those_of_the_figure():
    figure = Figure(figsize=(2, 1), dpi=50, facecolor=(1.0, 0.0, 0.0))
    assert np.unique(plots.pixels(figure).reshape(-1, 3), axis=0).tolist() == [[255, 0, 0]]
    assert plots.pixels(figure).shape == (50, 100, 3)


def test_points_stand_where_they_are():
    real = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
    cloud = 0.02 * GENERATOR.normal(size=(100, 2))
    side = np.array([0.9, 0.0])
    left = redness(plots.scatter(cloud - side, real))
    right = redness(plots.scatter(cloud + side, real))
    assert left[:, :250].sum() > 5 * right[:, :250].sum() + 100
    assert right[:, 250:].sum() > left[:, 250:].sum() + 100


@pytest.mark.parametrize("far", [(100.0, 0.0), (0.0, 100.0)])
def test_the_view_follows_the_real_points(far):
    real = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
    below_the_legend = slice(150, None)
    inside = redness(plots.scatter(np.zeros((50, 2)), real))[below_the_legend].sum()
    outside = redness(plots.scatter(np.tile(far, (50, 1)), real))[below_the_legend].sum()
    assert inside > 100
    assert outside == 0


def test_labels_colour_the_points():
    plain = redness(plots.scatter(POINTS))
    labelled = redness(plots.scatter(POINTS, labels=np.arange(200) % 2))
    assert labelled.sum() < 0.5 * plain.sum()  # blue and cyan


def test_histogram_shows_both_densities():
    apart = plots.histogram(LINE - 10, LINE + 10).astype(int)
    assert redness(apart)[:, :300].sum() > redness(apart)[:, 350:500].sum()
    grey = np.abs(apart - [0x9A, 0xA5, 0xB1]).max(axis=-1) < 8
    assert grey[150:, 300:].sum() > 5 * grey[150:, :300].sum() + 100


def test_a_histogram_of_other_kinds_has_other_names():
    plain, named = plots.histogram(LINE, LINE + 1), plots.histogram(LINE, LINE + 1, names=("strange", "usual"))
    changed = np.argwhere((plain != named).any(axis=-1))
    assert len(changed)
    assert changed[:, 0].max() < 100  # the legend
    assert changed[:, 1].min() > 350


@pytest.mark.parametrize("real", [None, np.zeros((50, 1)), LINE])
def test_histogram_shows_a_collapsed_generator(real):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(plots.histogram(np.zeros((50, 1)), real), 400, 600)


def test_scatter_shows_a_collapsed_generator():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(plots.scatter(np.zeros((50, 2))), 500, 500)
        check(plots.scatter(np.zeros((50, 2)), np.zeros((50, 2))), 500, 500)


def test_curves_show_what_is_finite():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(plots.curves({"loss": {"a": [1.0, float("nan"), 2.0], "b": [float("nan")] * 3}}), 360, 500)


@pytest.mark.learns
def test_a_plot_is_a_function_of_its_data():
    np.testing.assert_array_equal(plots.scatter(POINTS), plots.scatter(POINTS.copy()))
    assert (plots.rows(np.eye(4)) != plots.rows(np.eye(4)[::-1])).any()


def test_bars_are_a_picture_a_panel_each():
    panels = {"age": ([str(i) for i in range(24)], np.ones(24) / 24, np.ones(24) / 24)}
    one = plots.bars(panels)
    two = plots.bars({**panels, "job": (["cook", "nurse"], [0.5, 0.5], [0.1, 0.9])})
    assert one.dtype == np.uint8
    assert two.shape[1] > 1.8 * one.shape[1]
    assert redness(two).sum() > redness(one).sum() > 0
