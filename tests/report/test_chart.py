import re

import pytest

from keras_gan.report.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, _ticks, chart


def points(figure, i=0):
    text = re.search(rf'<polyline class="c{i}" points="([^"]*)"', figure)[1]
    return [tuple(map(float, pair.split(","))) for pair in text.split()]


def test_a_line_spans_its_box():
    (x0, y0), (x1, y1), (x2, y2) = points(chart("t", {"a": [(0, 0.0), (5, 10.0), (10, 5.0)]}, "step"))
    assert (x0, x1, x2) == pytest.approx((LEFT, (LEFT + WIDTH - RIGHT) / 2, WIDTH - RIGHT), abs=0.06)
    inner, margin = HEIGHT - TOP - BOTTOM, (HEIGHT - TOP - BOTTOM) * 0.05 / 1.1
    assert (y0, y1) == pytest.approx((HEIGHT - BOTTOM - margin, TOP + margin), abs=0.06)
    assert y2 == pytest.approx(TOP + inner / 2, abs=0.06)


def test_a_wide_range_is_logarithmic():
    figure = chart("t", {"a": [(0, 1e-3), (1, 1.0), (2, 1e3)]}, "step")
    (_, y0), (_, y1), (_, y2) = points(figure)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.11)
    assert "logarithmic" in figure
    assert "logarithmic" not in chart("t", {"a": [(0, -1e-3), (2, 1e3)]}, "step")


@pytest.mark.parametrize("line", [[(1, 2.0)], [(1, 0.0)], [(1, 5.0), (2, 5.0)], [(1, -3.0), (2, -3.0)]])
def test_what_does_not_change_is_drawn(line):
    assert len(points(chart("t", {"a": line}, "epoch"))) == len(line)


def test_names_are_escaped():
    figure = chart('<b>"', {'<i>"': [(0, 1.0), (1, 2.0)]}, "<u>")
    assert not any(text in figure for text in ("<b>", '<i>"', "<u>"))


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-3, 7, [-2, 0, 2, 4, 6]), (0, 9000, [0, 2000, 4000, 6000, 8000])],
)
def test_ticks_are_round(low, high, ticks):
    assert _ticks(low, high)[0] == pytest.approx(ticks)


@pytest.mark.parametrize("low", [0.0, 1e-14, 5e-5, 1e-4, 0.9999, 12.345, 999.9, 1e5, 123456.0, -3e7, 1e12])
@pytest.mark.parametrize("span", [1e-14, 3e-7, 2e-4, 1.5e-3, 0.3, 7.0, 1e4, 2.5e6])
def test_a_tick_says_its_own_value(low, span):
    """Two ticks of one label, or a label of another value, would be a wrong axis."""
    figure = chart("t", {"a": [(low, 0.0), (low + span, low + span)]}, "step")
    kinds = re.findall(r'<text class="tick (\w+)" x="([\d.-]+)" y="[\d.-]+">([^<]*)</text>', figure)
    ticks = [(float(x), float(text.replace(",", ""))) for kind, x, text in kinds if kind == "mid"]
    first, last = re.search(r'data-range="\[(.*),(.*)\]"', figure).groups()
    share = (WIDTH - LEFT - RIGHT) / (float(last) - float(first))
    assert len(ticks) >= 2
    for x, value in ticks:
        assert LEFT + (value - float(first)) * share == pytest.approx(x, abs=0.6)
    assert len({text for kind, _, text in kinds if kind == "mid"}) == len(ticks)


def test_what_is_not_finite_is_a_gap():
    line = [(1, 1.0), (2, None), (3, 2.0), (4, 3.0), (5, None), (6, None)]
    figure = chart("t", {"loss": line, "other": [(1, 1.0), (6, 1.0)]}, "epoch")
    found = [text.split() for text in re.findall(r'<polyline class="c0" points="([^"]*)"', figure)]
    assert [len(piece) for piece in found] == [1, 2]
    assert "<output>by epoch, loss NaN, infinite or beyond 1e100 at epoch 2 and at 2 more</output>" in figure
    assert 'data-range="[1.0,6.0]"' in figure
    assert "polyline" not in chart("t", {"loss": [(1, None), (2, None)]}, "epoch")
