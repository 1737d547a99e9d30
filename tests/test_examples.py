import pathlib
import runpy
import sys

import pytest

EXAMPLES = sorted((pathlib.Path(__file__).parents[1] / "examples").glob("*.py"))


@pytest.mark.learns
@pytest.mark.usefixtures("new_flags")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_smoke(example, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(example), "--smoke"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(example), run_name="__main__")
    assert not ended.value.code
    assert capsys.readouterr().out.strip()
    assert "--smoke" in example.read_text(encoding="utf-8").split('"""')[1]


def test_examples_are_short():
    assert all(len(example.read_text(encoding="utf-8").splitlines()) < 130 for example in EXAMPLES)
