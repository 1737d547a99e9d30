"""Imports run one way, down this list. Rooms on one line do not import each other."""

import ast
import pathlib

import pytest

PACKAGE = pathlib.Path(__file__).parents[2] / "keras_gan"
FLOORS = [
    ["__main__"],
    ["cli"],
    ["demos"],
    ["report"],
    ["presets", "exploration", "browser"],
    ["callbacks", "serving", "evaluation", "models"],
    ["game"],
    ["export", "gradients"],
    ["metrics"],
    ["networks", "data", "ranges"],
    ["objectives"],
    ["kernels"],
    ["layers", "augmentations", "replay", "constraints", "optimizers", "privacy"],
    ["play"],
    ["latents", "images", "theory", "schedules"],
    ["ground"],
    ["noise"],
]
LEVEL = {room: len(FLOORS) - i for i, floor in enumerate(FLOORS) for room in floor}


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "keras_gan":
            names = [node.module] if "." in node.module else [f"keras_gan.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("keras_gan")]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "keras_gan":
            names = [f"keras_gan.{node.attr}"] if node.attr in LEVEL else []  # imported when it is asked for
        for name in names:
            yield [*name.split("."), ""][1]


FILES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


def test_every_room_has_a_floor():
    assert {room(path) for path in FILES} == set(LEVEL)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_down(path):
    here = room(path)
    for there in imported_rooms(path):
        if there in ("", here) or (here == "cli" and there not in LEVEL):
            continue
        assert LEVEL[there] < LEVEL[here], f"{path.name} imports {there}, which is not below {here}"


def test_the_check_can_fail(tmp_path):
    file = tmp_path / "x.py"
    file.write_text(
        "from keras_gan import game\nfrom keras_gan.cli import main\nimport keras_gan.data.toys\n"
        "keras_gan.models.VAE\nkeras_gan.__version__\n"
    )
    assert list(imported_rooms(file)) == ["game", "cli", "data", "models"]


@pytest.mark.learns
def test_there_is_no_pickle_no_eval_and_no_assert():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
            assert called not in ("eval", "exec"), path
            assert not isinstance(node, ast.Assert), path
            if isinstance(node, ast.Import):
                assert all(alias.name != "pickle" for alias in node.names), path
