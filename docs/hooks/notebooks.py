"""Shows the notebooks of examples/notebooks as pages.

    python -m docs.hooks.notebooks

executes them, in some minutes, and keeps what they printed and drew under runs/notebooks. Where this was done, the
pages have it; otherwise they show the text and the code alone.
"""

import base64
import json
import pathlib
import re
import tempfile
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "notebooks"
EXECUTED = ROOT / "runs" / "notebooks"
LONGEST = 40  # lines of an output


def execute(path: pathlib.Path) -> dict:
    """A notebook with its outputs. It runs in an empty folder, by the kernel of this Python.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell fails.
    """
    import nbclient
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    return notebook


def read(path: pathlib.Path) -> dict:
    """A notebook: as it was executed, if that was the same code, otherwise as it is in git."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if not (EXECUTED / path.name).exists():
        return notebook
    executed = json.loads((EXECUTED / path.name).read_text(encoding="utf-8"))
    sources = [[_source(cell) for cell in each["cells"]] for each in (notebook, executed)]
    return executed if sources[0] == sources[1] else notebook


def page(notebook: dict, name: str) -> tuple[str, dict[str, bytes]]:
    """A notebook in Markdown, and its pictures by the name of their file."""
    parts, pictures = [], {}
    for cell in notebook["cells"]:
        text = _source(cell)
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
        for printed, png in outputs(cell):
            if png is not None:
                file = f"{name}-{len(pictures) + 1}.png"
                pictures[file] = png
                parts.append(f"![what this cell shows]({file})")
            elif shown(printed):
                parts.append(f"```text\n{shown(printed)}\n```")
    parts.append(f"This page is the notebook `examples/notebooks/{name}.ipynb`.")
    return "\n\n".join(parts) + "\n", pictures


def outputs(cell: dict) -> Iterator[tuple[str, bytes | None]]:
    """What a cell printed, and the bytes of its pictures, in order: a text, or a picture. Warnings are left out."""
    printed = ""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if output.get("name") == "stdout":
            printed += _joined(output["text"])  # comes in pieces, of which one may overwrite another
        elif data:
            yield printed, None
            printed = ""
            png = data.get("image/png")
            yield _joined(data.get("text/plain", "")), None if png is None else base64.b64decode(png)
    yield printed, None


def shown(text: str) -> str:
    """What a terminal shows of a text: without colours, and with each line as it was last overwritten.

    >>> shown("1/2 \\x1b[1m===\\x1b[0m\\b\\b\\r2/2 ===\\ndone\\n")
    '2/2 ===\\ndone'
    """
    text = re.sub(r"\x1b\[[\d;]*m|\x08", "", text)
    lines = [line.rpartition("\r")[2].rstrip() for line in text.strip("\n").split("\n")]
    if len(lines) > LONGEST:
        lines = [*lines[: LONGEST // 2], "...", *lines[-LONGEST // 2 :]]
    return "\n".join(lines).strip("\n")


def _source(cell):
    return _joined(cell["source"])


def _joined(text):
    return text if isinstance(text, str) else "".join(text)


def on_files(files, config):
    """Adds a page a notebook, and its pictures."""
    from mkdocs.structure.files import File

    for path in sorted(FOLDER.glob("*.ipynb")):
        text, pictures = page(read(path), path.stem)
        for name, content in {f"{path.stem}.md": text, **pictures}.items():
            files.append(File.generated(config, f"tutorials/{name}", content=content))
    return files


def main() -> None:
    """Executes all notebooks."""
    import nbformat

    EXECUTED.mkdir(parents=True, exist_ok=True)
    for path in sorted(FOLDER.glob("*.ipynb")):
        print(path.name, flush=True)
        nbformat.write(execute(path), EXECUTED / path.name)


if __name__ == "__main__":
    main()
