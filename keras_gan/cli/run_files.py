"""The files that a run writes to its folder, and their removal, which leaves all other files."""

import contextlib
import os
import pathlib
import re

from keras_gan import report
from keras_gan.cli.config import TrainConfig
from keras_gan.cli.paths import SOURCES
from keras_gan.export import metadata
from keras_gan.ground import checkpoints, files, prefixes
from keras_gan.report.run import ANOMALIES, COPIES, EVALUATION, EXPLORED, NEAREST, ROWS

CONFIG, FINISHED, EXPORTING, EXTENDING = "config.json", "finished.json", "exporting.json", "extending.json"
RUNNING = "running"  # the lock file of the process that trains
CHECKPOINTS, MODEL, SAMPLES, PROFILE = "checkpoints", "gan.keras", "samples", "profile"
PICTURES = ("curves.png", "samples.png", NEAREST, *ANOMALIES, *EXPLORED)
MEASURED = (COPIES, "metrics.jsonl", EVALUATION, "evaluation.html")
TEXTS = ("history.csv", "doctor.json", ROWS, *MEASURED, report.FILE)
FILES = (FINISHED, EXPORTING, EXTENDING, MODEL, *TEXTS, *PICTURES, CONFIG)
FOLDERS = {  # folder -> pattern of the paths in it that a run writes
    SAMPLES: re.compile(r"(step|epoch)-\d{4,}\.png|samples\.gif", re.ASCII),
    PROFILE: re.compile(r"plugins/profile/\d{4}(_\d\d){5}/.+|events\.out\.tfevents\..+", re.ASCII),
}
WRITTEN = (*FILES, CHECKPOINTS, *FOLDERS)


def taken(run_dir: pathlib.Path) -> list[str]:
    """Returns the names in a folder that a run would write."""
    return [name for name in WRITTEN if (run_dir / name).exists()]


def read_config(run_dir: pathlib.Path) -> dict | None:
    """Returns the `config.json` that a run wrote; None if there is none, or one that no run wrote.

    Raises:
        ValueError: If the file is damaged.
    """
    path = run_dir / CONFIG
    saved = files.read_json(path) if path.exists() else {}
    return saved if {"dataset", "run_dir", "export_dir"} <= saved.keys() else None


def config_of(version: pathlib.Path) -> dict:
    """Returns the configuration of the run that exported a version of a SavedModel; empty if no run did."""
    provenance = metadata.read(version).get("metadata")
    known = provenance.get("config") if isinstance(provenance, dict) else None
    return known if isinstance(known, dict) else {}


def run_of(version: pathlib.Path) -> pathlib.Path | None:
    """Returns the folder of the run that exported a version of a SavedModel, if that run is still there."""
    known = config_of(version)
    places = _places(known.get("run_dir"), version.absolute().parent, known.get("export_dir"))
    return next((run_dir for run_dir in places if _is_export(version, run_dir)), None)


def version_of(run_dir: pathlib.Path) -> pathlib.Path | None:
    """Returns the version of a SavedModel that a finished run exported, if that version is still there."""
    exported, known = files.read_json(run_dir / FINISHED).get("exported"), read_config(run_dir) or {}
    places = _places(exported, run_dir, known.get("run_dir"))
    return next((version for version in places if _is_export(version, run_dir)), None)


def _places(path, folder, known):
    """Yields the places where the `path` in a file of a run may be, the likeliest first.

    Relative paths begin where the run was trained. There, `folder` was `known`; it may be called from anywhere.
    """
    if not isinstance(path, str):
        return
    parts = pathlib.PurePath(known).parts if isinstance(known, str) else ()
    for place in (pathlib.Path(os.path.abspath(folder)), folder.resolve()):
        root, own = place.parts[: -len(parts)], place.parts[-len(parts) :]
        if parts and parts == own and pathlib.Path(*root) != pathlib.Path.cwd():
            yield pathlib.Path(*root, path)
    yield pathlib.Path(path)


def _is_export(version, run_dir):
    """Returns whether a run, by its configuration, exported a version."""
    known, path = config_of(version), run_dir / CONFIG
    there = files.read_json(path) if known and path.is_file() else {}
    return bool(there) and all(there.get(name) == value for name, value in known.items())


def remove(run_dir: pathlib.Path) -> None:
    """Removes the files that a run writes, and its folders if they are then empty. All other files stay.

    The configuration is removed last, since a folder without it is not treated as a run.
    """
    checkpoints.clear(run_dir / CHECKPOINTS)
    for name, written in FOLDERS.items():
        _clear(run_dir / name, written)
    for name in FILES:
        if not (run_dir / name).is_dir():
            (run_dir / name).unlink(missing_ok=True)


def _clear(folder, written):
    files.remove_leftovers(folder, age=0.0)
    for path in list(folder.rglob("*")):
        if written.fullmatch(path.relative_to(folder).as_posix()) and not path.is_dir():
            path.unlink()
            with contextlib.suppress(OSError):  # something else is there
                for each in path.relative_to(folder.parent).parents[:-1]:
                    (folder.parent / each).rmdir()


def check_places(config: TrainConfig) -> None:
    """Checks that a run writes nothing into its data, and that its data are no files that a run writes.

    Raises:
        ValueError: If `run_dir` or `export_dir` is a folder of data or lies in one, or data are files of a run there.
    """
    for source, where in _data(config):
        data = where.resolve()
        for name in ("run_dir", "export_dir"):
            place = pathlib.Path(getattr(config, name))
            received = f"Received: {name}={str(place)!r}, {source}={getattr(config, source)!r}"
            if place.resolve().is_relative_to(data):
                raise ValueError(
                    f"`{name}` must be outside of the folder of the data, as what is written there would be read as "
                    f"data: give another --{name}. {received}"
                )
            if name == "run_dir" and any(data.is_relative_to((place / each).resolve()) for each in WRITTEN):
                raise ValueError(
                    f"`{name}` must be another folder than that of a run whose files are the data: give another "
                    f"--{name} or --name. {received}"
                )


def _data(config):
    """Yields (name of a source, path) of the data that is in files."""
    for source in SOURCES:
        prefix, path = prefixes.split(getattr(config, source) or "")
        if prefix and path:
            yield source, files.expand(path, source)
