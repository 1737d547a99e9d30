"""Every file that the library writes is whole or as it was, whenever the writing is stopped."""

import ast
import importlib
import os
import pathlib
import random
import subprocess
import sys
import time
import types

import numpy as np
import pytest

import keras_gan
from keras_gan import browser, callbacks, images
from keras_gan.data import frames
from keras_gan.ground import checkpoints, files
from tests.conformance.bad import games

PACKAGE = pathlib.Path(keras_gan.__file__).parent
PICTURE = np.zeros((4, 4, 1), "uint8")


def loss_plot(path):
    plot = callbacks.LossPlot(path)
    plot.history = {"d_loss": [1.0, 2.0]}
    plot.on_train_end()


def sample_grid(path):
    grid = callbacks.SampleGrid(path.parent, num_samples=1, gif=False)
    grid.set_model(games.plain())
    grid.on_train_begin()
    grid.on_epoch_end(0)


def converting(path):
    """What `convert` writes, the conversion itself left out."""
    module = importlib.import_module("keras_gan.export.convert")
    model, nothing = types.SimpleNamespace(signatures={"serving_default": None}), np.zeros(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_load", lambda folder, name: model)
        patch.setattr(module, "_feed", lambda signature, batch: {})
        patch.setattr(module, "_run", lambda signature, feed: nothing)
        patch.setattr(module, "FORMATS", {"onnx": lambda signature: (b"content", lambda feed: nothing)})
        module.convert("model", path, "onnx")


def page(path):
    """The folder that `write_page` writes, the conversion left out, with a runtime that is none."""
    runtime = path.parent.parent / "runtime"
    runtime.mkdir(exist_ok=True)
    for name in importlib.import_module("keras_gan.browser.runtime").SUMS:
        (runtime / name).touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(browser.write, "convert", lambda version, file, *_: file.touch())
        browser.write_page(PACKAGE.parent / "saved_models/digits/1", path, runtime_folder=runtime)


FILES = {
    "text.json": lambda path: files.write_text(path, "text"),
    "rows.csv": lambda path: frames.write(frames.as_frame({"a": [1, 2]}), path),
    "rows.parquet": lambda path: frames.write(frames.as_frame({"a": [1, 2]}), path),
    "picture.png": lambda path: images.save_png(path, PICTURE),
    "picture.webp": lambda path: images.save(path, PICTURE),
    "walk.webp": lambda path: images.save_film(path, [PICTURE]),
    "film.gif": lambda path: images.save_gif(path, [path.parent.parent / "frame.png"]),
    "gan.keras": lambda path: games.plain().save(path),
    "gan.weights.h5": lambda path: games.plain().save_weights(path),
    "curves.png": loss_plot,
    "epoch-0001.png": sample_grid,
    "gan.onnx": converting,
}
FOLDERS = {
    "1": lambda path: games.plain().export(path.parent, version=1),
    "page": page,
    "step-00000000": lambda path: checkpoints.write(path.parent, games.plain(), {}, {"a": np.zeros(2)}),
}


def failing(*_):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("how", ["replace", "fsync"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_stays_as_it_was(tmp_path, monkeypatch, name, how):
    images.save_png(tmp_path / "frame.png", PICTURE)
    path = tmp_path / "here" / name
    path.parent.mkdir()
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os, how, failing)
        with pytest.raises(OSError, match="No space left on device"):
            FILES[name](path)
    assert path.read_bytes() == b"old"
    assert [each.name for each in path.parent.iterdir()] == [name]
    FILES[name](path)
    assert path.read_bytes() != b"old"
    assert [each.name for each in path.parent.iterdir()] == [name]


@pytest.mark.learns
@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_not_there_before_it_is_whole(tmp_path, monkeypatch, name):
    for how in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, how, failing)
            with pytest.raises(OSError, match="No space left on device"):
                FOLDERS[name](tmp_path / name)
        assert list(tmp_path.iterdir()) == []
    FOLDERS[name](tmp_path / name)
    assert (tmp_path / name).is_dir()


# -- Nothing is written in another way --------------------------------------------------------------------------------

RAW = {"write_text", "write_bytes", "save", "savez", "save_weights", "copyfile", "copy", "move", "dump", "tofile"}
RAW |= {"TFRecordWriter", "savefig", "savetxt", "to_csv", "create_file_writer", "CSVLogger", "rename", "replace"}
BY_ATOMIC = {"files.write_text", "images.save", "game.save", "gan.save", "drawing.save"}  # these are atomic themselves
ALLOWED = {
    "ground/files.py": "it is what makes the others atomic",
    "ground/checkpoints.py:rename": "a damaged checkpoint, as a whole, to a hidden name",
    "callbacks/drawing.py:create_file_writer": "TensorBoard's log grows by whole records with checksums",
    "cli/train.py:CSVLogger": "a log that grows by lines; `Resume` cuts what is behind its checkpoint",
    "export/saved_model.py:write_text": "an asset in a temporary folder, from which TensorFlow copies it",
    "images.py:save": "a picture in memory, for a notebook",
    "report/frames.py:save": "a picture in memory",
    "data/writers.py:save": "a picture in memory",
    "export/warmup.py:TFRecordWriter": "into the folder that `export` is writing",
}


def raw_writes(tree):
    """(line, name) of each call that writes a file and does not stand in a `with atomic(...)`."""
    sheltered = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any("atomic(" in ast.unparse(item.context_expr) for item in node.items):
            sheltered |= {id(each) for each in ast.walk(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or id(node) in sheltered:
            continue
        called = ast.unparse(node.func)
        name = called.rsplit(".", 1)[-1]
        opens = name == "open" and any(
            isinstance(a, ast.Constant) and set(str(a.value)) & set("wax+") for a in node.args[1:]
        )
        of_text = name in ("replace", "copy", "move") and not called.startswith(("os.", "shutil.", "pathlib."))
        if (opens or name in RAW) and not of_text and called not in BY_ATOMIC:
            yield node.lineno, name


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_writes_is_atomic(path):
    where = str(path.relative_to(PACKAGE))
    found = [f"{where}:{name}" for _, name in raw_writes(ast.parse(path.read_text(encoding="utf-8")))]
    assert [each for each in found if each not in ALLOWED and where not in ALLOWED] == []


def test_the_check_can_fail():
    bad, good = "open(p, 'w')\nnp.savez(p)\nos.replace(a, b)\n", "open(p)\ns.replace(a, b)\n"
    sheltered = "with atomic(p) as q:\n    q.write_text(t)"
    found = list(raw_writes(ast.parse(bad + good + sheltered)))
    assert found == [(1, "open"), (2, "savez"), (3, "replace")]


# -- A real kill ------------------------------------------------------------------------------------------------------

CHILD = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("files", sys.argv[1])
files = importlib.util.module_from_spec(spec)
spec.loader.exec_module(files)
print("ready", flush=True)
while True:
    for letter in "ab":
        files.write_text(sys.argv[2], letter * 3_000_000)
"""


@pytest.mark.process
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path):
    path, chance, halves = tmp_path / "text", random.Random(0), 0
    path.write_text("a" * 3_000_000)
    for _ in range(12):
        command = [sys.executable, "-c", CHILD, str(PACKAGE / "ground" / "files.py"), str(path)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        child.stdout.readline()
        time.sleep(chance.uniform(0.005, 0.06))
        child.kill()
        child.wait()
        child.stdout.close()
        text = path.read_text()
        assert len(text) == 3_000_000
        assert len(set(text)) == 1
        halves += sum(1 for part in tmp_path.glob(".part-*") if part.unlink() is None)
    assert halves, "no kill met a file half way"
