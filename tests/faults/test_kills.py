"""Real processes, ended by SIGKILL and started again, end as runs that nobody touched: see benchmarks/kills.py."""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


def test_killed_runs_end_as_others_do(tmp_path):
    flags = ["--kills=4", "--seed=114", f"--out={tmp_path / 'kills.json'}"]
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", *flags], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    rows = json.loads((tmp_path / "kills.json").read_text())["scenarios"]
    assert [row["scenario"] for row in rows] == ["plain", "critic", "pictures", "command"]
    assert all(row["kills"] == 1 and row["runs"] >= 1 and row["differ"] == 0 for row in rows), rows
    assert sum(row["resumed"] for row in rows) >= 2, rows
    assert sum(row["byte"] for row in rows) >= 1, rows  # within a file, not between two
