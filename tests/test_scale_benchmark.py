"""The benchmark of what a step costs: its fits are exact, and its parts run."""

import doctest
import importlib
import json
import subprocess
import sys

import numpy as np
import pytest
from absl import flags


@pytest.fixture
def scale(new_flags):
    sys.modules.pop("benchmarks.scale", None)  # it defines its flags
    return importlib.import_module("benchmarks.scale")


def timed(scale, axis, values, milliseconds, operations):
    """Points that took so long on the processor in each try, by their value."""
    points = [scale.Point("ring", axis, x) for x in values]
    for point in points:
        point.found = [(0.0, each, 0.0) for each in milliseconds(point.x)]
        point.operations = operations(point.x)
    return points


def test_exponents_and_overheads_are_those_of_the_times(scale):
    points = timed(scale, "width", (0.5, 1, 2, 4), lambda w: (0.3 + 2 * w, 0.3 + 2 * w**2, 0.3 + 2 * w**3), lambda w: 0)
    found = scale.exponents(points)
    assert found["k"] == pytest.approx(2, abs=0.011)
    assert (found["a_ms"], found["b_ms"]) == (pytest.approx(0.3, abs=0.02), pytest.approx(2, abs=0.02))
    assert found["k_of_a_try"] == [pytest.approx(1, abs=0.011), pytest.approx(3, abs=0.011)]
    assert found["slope_of_the_last_two"] == pytest.approx(np.log2(32.3 / 8.3), rel=0.01)
    points = timed(scale, "batch", (16, 64, 256), lambda b: (3 + b / 50,), lambda b: 1e9 * b)
    assert scale.overhead(points) == {
        "game": "ring",
        "overhead_ms": 3.0,
        "gflop_per_second": 50_000.0,
        "gflop_of_equal_shares": 150.0,
    }


def test_a_time_that_does_not_change_has_no_exponent(scale):
    a, b, _ = scale.power(np.array([1e3, 1e4, 1e5]), np.array([2.0, 2.0, 2.0]))
    assert (a, b) == (pytest.approx(2), pytest.approx(0, abs=1e-9))
    assert scale.slope(np.array([1e3, 1e4, 1e5]), np.array([2.0, 2.0, 2.0])) == pytest.approx(0, abs=1e-12)


def test_docstring_examples_run(scale):
    assert doctest.testmod(scale).failed == 0


@pytest.mark.nightly
def test_smoke(scale, capsys):
    flags.FLAGS(["", "--smoke"])
    scale.main([])
    assert '"steps_a_call": 64' in capsys.readouterr().out


@pytest.mark.nightly
def test_reductions_of_two_workers(tmp_path):
    out = tmp_path / "reductions.json"
    subprocess.run([sys.executable, "-m", "benchmarks.reductions", "--rounds=1", f"--out={out}"], check=True)
    rows = json.loads(out.read_text(encoding="utf-8"))["rows"]
    assert len(rows) == 3 * 4
    assert all(row["clock_ms"] > 0 for row in rows)
