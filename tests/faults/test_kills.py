"""Real processes, ended by SIGKILL and started again, end as runs that nobody touched: see benchmarks/kills.py."""

import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.process
@pytest.mark.parametrize(
    ("scenarios", "kills", "seed"),  # seeds that kill once within a file, and once where a checkpoint is found
    [("plain", 2, 251), pytest.param("plain,critic,pictures,command", 4, 114, marks=pytest.mark.nightly)],
)
def test_killed_runs_end_as_others_do(tmp_path, scenarios, kills, seed):
    names = scenarios.split(",")
    flags = [f"--kills={kills}", f"--scenarios={scenarios}", f"--seed={seed}", f"--out={tmp_path / 'kills.json'}"]
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", *flags], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    rows = json.loads((tmp_path / "kills.json").read_text())["scenarios"]
    assert [row["scenario"] for row in rows] == names
    assert sum(row["kills"] for row in rows) == kills
    assert all(row["runs"] >= 1 and row["differ"] == 0 for row in rows), rows
    assert sum(row["resumed"] for row in rows) >= kills // 2, rows
    assert sum(row["byte"] for row in rows) >= 1, rows  # within a file, not between two
