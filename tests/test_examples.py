import os
import pathlib
import subprocess
import sys

import pytest

EXAMPLES = sorted((pathlib.Path(__file__).parents[1] / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_smoke(example, tmp_path):
    run = subprocess.run(
        [sys.executable, example, "--smoke"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert run.stdout.strip()
    assert "--smoke" in example.read_text(encoding="utf-8").split('"""')[1]


def test_examples_are_short():
    assert all(len(example.read_text(encoding="utf-8").splitlines()) < 130 for example in EXAMPLES)
