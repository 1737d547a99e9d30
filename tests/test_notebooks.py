"""The notebooks: clean in git, and executed. The quickest one each time, all of them with --nightly."""

import base64
import doctest
import importlib.util
import json

import pytest

from docs.hooks import notebooks

PATHS = sorted(notebooks.FOLDER.glob("*.ipynb"))
QUICKEST = "06_serving"


def cells(path, kind="code"):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_outputs_are_not_in_git(path):
    for cell in cells(path):
        assert (cell["outputs"], cell["execution_count"]) == ([], None), "clear all outputs before you commit"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_begins_with_its_title_and_the_installation(path):
    assert "".join(cells(path, "markdown")[0]["source"]).startswith("# ")
    assert cells(path)[0]["source"] == cells(PATHS[0])[0]["source"]
    assert '    %pip install --quiet "{PROJECT}"' in cells(path)[0]["source"]


def test_docstring_examples_run():
    assert doctest.testmod(notebooks).failed == 0


def test_a_page_has_what_cells_printed_and_drew():
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": "a warning"},
        {"output_type": "stream", "name": "stdout", "text": ["Epoch 1\n", "1/2"]},
        {"output_type": "stream", "name": "stderr", "text": "another"},
        {"output_type": "stream", "name": "stdout", "text": "\r2/2\n"},
        {
            "output_type": "display_data",
            "data": {"image/png": base64.b64encode(b"png").decode(), "text/plain": "Image"},
        },
        {"output_type": "execute_result", "data": {"text/plain": ["42"]}},
    ]
    code = {"cell_type": "code", "source": ["f()\n", "42"], "outputs": outputs}
    text, pictures = notebooks.page({"cells": [{"cell_type": "markdown", "source": "# Title"}, code]}, "name")
    assert text.startswith(
        "# Title\n\n```python\nf()\n42\n```\n\n```text\nEpoch 1\n2/2\n```\n\n"
        "![what this cell shows](name-1.png)\n\n```text\n42\n```\n\n"
    )
    assert pictures == {"name-1.png": b"png"}


def test_outputs_of_other_code_are_not_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "EXECUTED", tmp_path)
    notebook = json.loads(PATHS[0].read_text(encoding="utf-8"))
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "installed"}]
    (tmp_path / PATHS[0].name).write_text(json.dumps(notebook), encoding="utf-8")
    assert notebooks.read(PATHS[0]) == notebook
    notebook["cells"][1]["source"] = "other"
    (tmp_path / PATHS[0].name).write_text(json.dumps(notebook), encoding="utf-8")
    assert notebooks.read(PATHS[0])["cells"][1]["outputs"] == []


@pytest.mark.process
@pytest.mark.learns
@pytest.mark.parametrize(
    "path", [pytest.param(p, marks=[] if p.stem == QUICKEST else pytest.mark.nightly, id=p.stem) for p in PATHS]
)
def test_runs(path):
    if importlib.util.find_spec("nbclient") is None or importlib.util.find_spec("ipykernel") is None:
        pytest.skip("no nbclient: pip install -e '.[test]'")
    outputs = [output for cell in notebooks.execute(path)["cells"] for output in cell.get("outputs", [])]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert path.stem == "05_tables" or pictures
