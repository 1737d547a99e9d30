"""Shows the notebooks of examples/notebooks as pages: text as it is, cells as code."""

import json
import pathlib

FOLDER = pathlib.Path(__file__).parents[2] / "examples" / "notebooks"


def page(path: pathlib.Path) -> str:
    """A notebook in Markdown."""
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
    parts.append(f"This page is the notebook [{path.name}](../../examples/notebooks/{path.name}).")
    return "\n\n".join(parts) + "\n"


def on_files(files, config):
    """Adds a page a notebook."""
    from mkdocs.structure.files import File

    for path in sorted(FOLDER.glob("*.ipynb")):
        files.append(File.generated(config, f"tutorials/{path.stem}.md", content=page(path)))
    return files
