"""What is removed of a run folder, and where a run may be."""

import json
import os
import pathlib
import shutil

import pytest

from keras_gan.cli import run_files, runs
from keras_gan.cli.config import TrainConfig

OF_A_RUN = {"dataset": "digits", "run_dir": "here", "export_dir": "there"}
RUNS = [
    "config.json",
    "finished.json",
    "gan.keras",
    "history.csv",
    "walk.gif",
    "samples/step-00000004.png",
    "samples/step-123456789.png",
    "samples/epoch-0001.png",
    "samples/samples.gif",
    "samples/.part-0123abcd-samples.gif",
    "checkpoints/step-00000002/gan.keras",
    "checkpoints/step-00000002/SHA256SUMS",
    "checkpoints/step-00000002-end/state.json",
    "checkpoints/.damaged-step-00000001/callbacks.npz",
    "profile/plugins/profile/2026_11_30_09_08_07/machine.xplane.pb",
]
USERS = [
    "notes.txt",
    "curves.png/mine.png",
    "samples/thesis.txt",
    "samples/step-mine.png",
    "samples/step-00000004.png.bak",
    "samples/mine/step-00000004.png",
    "checkpoints/best.keras",
    "checkpoints/step-mine/gan.keras",
    "checkpoints/step-00000002-end/notes.txt",
    "profile/plugins/notes.txt",
]


def lay(folder, names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(OF_A_RUN) if name == "config.json" else name)


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_only_what_a_run_writes_is_removed(tmp_path):
    lay(tmp_path, [*RUNS, *USERS])
    run_files.remove(tmp_path)
    assert files_in(tmp_path) == sorted(USERS)


def test_nothing_is_left_of_a_run_alone(tmp_path):
    lay(tmp_path, RUNS)
    run_files.remove(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_a_link_leads_to_is_not_removed(tmp_path):
    lay(tmp_path / "mine", ["a.png", "step-00000004/gan.keras"])
    lay(tmp_path / "run", RUNS)
    (tmp_path / "run/checkpoints/step-00000009").symlink_to(tmp_path / "mine/step-00000004")
    (tmp_path / "run/samples/more").symlink_to(tmp_path / "mine")
    run_files.remove(tmp_path / "run")
    assert files_in(tmp_path / "mine") == ["a.png", "step-00000004/gan.keras"]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("known", [None, "{}", '{"model_type": "bert", "epochs": 1}'])
def test_a_folder_of_others_is_no_run(tmp_path, known, overwrite, strict):
    lay(tmp_path, ["history.csv", "samples/mine.bmp"])
    if known is not None:
        (tmp_path / "config.json").write_text(known)
    config = TrainConfig(run_dir=str(tmp_path), export_dir=str(tmp_path / "saved"), epochs=2)
    with pytest.raises(ValueError, match=r"`run_dir` must be new, or .* holds .*history.csv.* and no config.json of a"):
        runs.choose(config, 2, strict, overwrite)


@pytest.mark.parametrize("text", ["[]", "not JSON"])
def test_a_config_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    config = TrainConfig(run_dir=str(tmp_path), export_dir=str(tmp_path / "saved"), epochs=2)
    with pytest.raises(ValueError, match=r"config.json must be JSON"):
        runs.choose(config, 2, True, True)


@pytest.mark.parametrize(
    ("message", "settings"),
    [
        ("`run_dir` must be outside", {"dataset": "folder:flat", "run_dir": "flat"}),
        ("`run_dir` must be outside", {"dataset": "folder:flat/", "run_dir": "flat/cats/../runs"}),
        ("`run_dir` must be outside", {"dataset": "folder:.", "run_dir": "runs/a"}),
        ("`run_dir` must be outside", {"dataset": "folder:link", "run_dir": "flat/runs"}),
        ("`run_dir` must be outside", {"dataset": "folder:flat", "run_dir": "link/runs"}),
        ("`run_dir` must be outside", {"dataset": "records:flat", "run_dir": "flat/run"}),
        ("`run_dir` must be outside", {"pairs": "folder:flat", "run_dir": "flat/run"}),
        ("`run_dir` must be outside", {"a": "folder:x", "b": "folder:flat", "run_dir": "flat/run"}),
        ("`export_dir` must be outside", {"a": "folder:flat", "run_dir": "run", "export_dir": "flat/saved"}),
        ("`run_dir` must be another folder than", {"dataset": "folder:run/samples", "run_dir": "run"}),
        ("`run_dir` must be another folder than", {"dataset": "folder:run/samples/mine", "run_dir": "run"}),
        ("`run_dir` must be another folder than", {"dataset": "table:run/samples.csv", "run_dir": "run"}),
        ("`run_dir` must be another folder than", {"dataset": "series:run/../run/samples.csv", "run_dir": "run"}),
        (None, {"dataset": "folder:flat", "run_dir": "flat2"}),
        (None, {"dataset": "folder:run/pictures", "run_dir": "run"}),
        (None, {"dataset": "folder:run/samples", "run_dir": "other"}),
        (None, {"dataset": "table:people.csv", "run_dir": "."}),
        (None, {"dataset": "mnist", "a": "edges", "run_dir": "mnist"}),
    ],
)
def test_a_run_writes_nothing_among_its_data(tmp_path, monkeypatch, message, settings):
    (tmp_path / "flat").mkdir()
    (tmp_path / "link").symlink_to("flat")
    monkeypatch.chdir(tmp_path)
    config = TrainConfig(**{"export_dir": "saved", **settings})
    if message is None:
        return run_files.check_places(config)
    with pytest.raises(ValueError, match=message):
        run_files.check_places(config)


def test_training_among_the_data_is_refused(refused, pictures):
    flags = ["train", "--dataset=folder:pictures", "--epochs=1", "--run_dir=pictures", "--overwrite"]
    refused(flags, "`run_dir` must be outside of the folder of the data", "dataset='folder:pictures'")


def leave(project, seed, run_dir="runs/digits", export_dir="saved_models/digits"):
    """Lays what a finished run in the working folder `project` left: a run and an export that can be told apart."""
    run, version = project / run_dir, project / export_dir / "1"
    config = {"dataset": "digits", "run_dir": run_dir, "export_dir": export_dir, "seed": seed}
    (version / "assets").mkdir(parents=True)
    (version / "assets/keras_gan.json").write_text(json.dumps({"metadata": {"config": config}}))
    (version / "saved_model.pb").touch()
    run.mkdir(parents=True)
    (run / "config.json").write_text(json.dumps(config))
    (run / "finished.json").write_text(json.dumps({"steps": 1, "exported": f"{export_dir}/1"}))
    return run, version


@pytest.mark.parametrize("seeds", [(0, 0), (0, 1)], ids=str)
@pytest.mark.parametrize("place", ["", "b", "a/runs", "a/saved_models/digits/1"])
def test_a_run_and_its_export_find_each_other_from_anywhere(tmp_path, monkeypatch, place, seeds):
    projects = {name: leave(tmp_path / name, seed) for name, seed in zip("ab", seeds, strict=True)}
    monkeypatch.chdir(tmp_path / place)
    for run, version in projects.values():
        for spelled in (lambda path: path, lambda path: pathlib.Path(os.path.relpath(path))):
            assert run_files.version_of(spelled(run)).resolve() == version
            assert run_files.run_of(spelled(version)).resolve() == run


def test_a_run_and_its_export_are_called_as_where_they_were_made(tmp_path, monkeypatch):
    leave(tmp_path, 0)
    monkeypatch.chdir(tmp_path)
    run, version = pathlib.Path("runs/digits"), pathlib.Path("saved_models/digits/1")
    assert (run_files.version_of(run), run_files.run_of(version)) == (version, run)


def test_what_was_moved_is_found_from_where_it_was_trained(tmp_path, monkeypatch):
    (tmp_path / "big").mkdir()
    (tmp_path / "runs").symlink_to("big")
    run, version = leave(tmp_path, 0)
    run.rename(tmp_path / "kept")
    monkeypatch.chdir(tmp_path)
    assert run_files.version_of(tmp_path / "kept") == pathlib.Path("saved_models/digits/1")
    assert run_files.run_of(version) is None
    (tmp_path / "kept").rename(run)
    assert run_files.version_of(run.resolve()).resolve() == version  # the link is not named
    assert run_files.run_of(version).resolve() == run.resolve()


def test_the_export_of_another_run_is_not_taken(tmp_path, monkeypatch):
    runs_, versions = zip(*(leave(tmp_path / name, seed) for name, seed in (("a", 0), ("b", 1))), strict=True)
    monkeypatch.chdir(tmp_path / "b")
    shutil.rmtree(versions[0])
    assert run_files.version_of(runs_[0]) is None
    shutil.rmtree(runs_[1])
    runs_[0].rename(runs_[1])
    assert run_files.run_of(versions[1]) is None
