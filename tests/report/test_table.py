"""The page of an evaluation of a table."""

import re

import pytest

from keras_gan import report
from keras_gan.evaluation import TableReport

EVIL = "</title><img src=x onerror='window.hurt=1'><script>window.hurt=1</script>&amp;"


@pytest.fixture
def found():
    rows = {name: {"f1": value, "copied": 0.0, "f1_tree": 0.1} for name, value in [("synthetic", 0.5), ("real", 0.625)]}
    columns = {EVIL: {"synthetic": 0.25, "real": 0.0}, "job": {"synthetic": 0.5, "real": 0.1}}
    age = {"values": [f"{i}" for i in range(24)], "real": [1 / 24] * 24, "synthetic": [0.0] * 23 + [1.0]}
    job = {"values": ["cook", EVIL], "real": [0.75, 0.25], "synthetic": [0.25, 0.75]}
    settings = {"label": EVIL, "seed": 3, "versions": {"keras": "3"}}
    return TableReport(rows, columns, {EVIL: age, "job": job}, {"copied": EVIL}, settings)


def test_everything_is_on_the_page_and_nothing_of_a_table_is_markup(found, tmp_path):
    path = report.write_table(found, tmp_path / "page.html", EVIL)
    page = path.read_text(encoding="utf-8")
    assert "<img" not in page
    assert page.count("<script>") == 1
    assert "<th>f1</th><td>0.5</td><td>0.625</td><td>higher</td>" in page
    assert "job: 0.500" in page
    assert page == report.table_to_html(found, EVIL)


def test_bars_are_as_high_as_shares():
    figure = report.table.histogram("job", ["cook", "nurse"], [0.5, 0.25], [0.25, 1.0])
    heights = [float(x) for x in re.findall(r'<rect [^>]*height="([\d.]+)"', figure)]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    line = [tuple(map(float, x.split(","))) for x in re.search('points="([^"]+)"', figure)[1].split()]
    assert [x for x, _ in line] == [0, 280, 280, 560]
    floor = report.table.HEIGHT - report.table.BOTTOM
    assert floor - line[0][1] == pytest.approx(heights[1], abs=0.2)
    assert floor - line[2][1] == pytest.approx(2 * heights[0], abs=0.2)
