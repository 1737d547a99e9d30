"""Writes the pages of the reference when the site is built: one per room, with all that its `__all__` names.

The package is read and not imported, so that the site is built without TensorFlow.
"""

import ast
import pathlib

ROOT = pathlib.Path(__file__).parents[2]
PACKAGE = "keras_gan"
ROOMS = [  # of which the reader needs the first ones first
    PACKAGE,
    *(f"{PACKAGE}.{room}" for room in (
        "objectives", "models", "presets", "networks", "layers", "latents", "data", "callbacks", "metrics",
        "metrics.functional", "metrics.extractors", "evaluation", "exploration", "augmentations", "replay", "images",
        "constraints", "optimizers", "privacy", "schedules", "report", "export", "browser", "serving", "theory",
        "gradients", "kernels", "ranges",
    )),
]  # fmt: skip


def source(room: str) -> pathlib.Path:
    """The file of a room, a package or a module.

    >>> source("keras_gan.layers").relative_to(ROOT).as_posix(), source("keras_gan.images").name
    ('keras_gan/layers/__init__.py', 'images.py')
    """
    path = ROOT.joinpath(*room.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def public_names(room: str) -> list[str]:
    """The names of a room's `__all__` that are no rooms themselves; of a module without one, what it defines.

    >>> public_names("keras_gan.gradients")
    ['Judged', 'check', 'check_augmentation']
    """
    tree = ast.parse(source(room).read_text(encoding="utf-8"))
    listed = next((node.value for node in tree.body if isinstance(node, ast.Assign) and _is_all(node)), None)
    if listed is None:
        defined = [node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        return sorted(name for name in defined if not name.startswith("_"))
    names = {each.value for each in listed.elts if isinstance(each, ast.Constant)}
    if any(isinstance(each, ast.Starred) for each in listed.elts):  # objectives: all classes that are imported there
        names |= {name for name in _imported(tree) if name[0].isupper()}
    return sorted(name for name in names if f"{room}.{name}" not in ROOMS)


def _is_all(node):
    return isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__"


def _imported(tree):
    return [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]


def summary(room: str) -> str:
    """What a room says of itself: its docstring."""
    return ast.get_docstring(ast.parse(source(room).read_text(encoding="utf-8")))


def page(room: str) -> str:
    """The page of a room, in Markdown: mkdocstrings puts the docstrings in."""
    title = room.removeprefix(f"{PACKAGE}.")
    return "\n\n".join([f"# {title}", summary(room), *(f"::: {room}.{name}" for name in public_names(room))]) + "\n"


def index() -> str:
    """The first page of the reference: all public names, by room."""
    lines = [
        "# Reference\n",
        "Every public name, from its docstring. Each room of the package has a page. Classes have `get_config` and",
        "`from_config`, and are registered with Keras under `keras_gan`, where a model file may hold them.\n",
    ]
    for room in ROOMS:
        names = [f"[`{name}`]({file_of(room)}#{room}.{name})" for name in public_names(room)]
        head = summary(room).partition("\n\n")[0].replace("\n", " ")
        lines += [f"## [{room}]({file_of(room)})\n", f"{head}\n", " · ".join(names) + "\n"]
    return "\n".join(lines)


def file_of(room: str) -> str:
    """The page of a room, as the first page of the reference links to it."""
    return f"reference/{room.removeprefix(f'{PACKAGE}.')}.md"


def on_config(config):
    """Puts the pages behind the first page of the reference."""
    for entry in config.nav:
        if entry.get("Reference") == "reference.md":
            entry["Reference"] = [
                "reference.md",
                *({room.removeprefix(f"{PACKAGE}."): file_of(room)} for room in ROOMS),
            ]
    return config


def on_files(files, config):
    """Adds the pages."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, "reference.md", content=index()))
    for room in ROOMS:
        files.append(File.generated(config, file_of(room), content=page(room)))
    return files
