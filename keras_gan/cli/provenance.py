"""The provenance of an exported model, as written into its metadata."""

import dataclasses
import json
import math
import pathlib
import shutil
import subprocess

import keras

import keras_gan
from keras_gan.cli.config import TrainConfig
from keras_gan.cli.models import Found
from keras_gan.evaluation import record
from keras_gan.ground import files


def of_run(
    config: TrainConfig, history: keras.callbacks.History, seconds: float, classes: dict[str, float] | None = None
) -> dict:
    """Describes a model by its finished training run.

    Args:
        config: The configuration of the run.
        history: The history that `fit` returned.
        seconds: The training time.
        classes: The share of each class of the data, by name; None without classes.
    """
    last = {name: float(per_epoch[-1]) for name, per_epoch in history.history.items() if per_epoch}
    return {
        "config": dataclasses.asdict(config),
        "seed": config.seed,
        "classes": classes,
        "commit": commit(),
        "metrics": {
            "of": "the last epoch of training: means over its steps",
            "values": {k: v for k, v in last.items() if math.isfinite(v)},
        },
        "seconds": seconds,
    }


def of_model(found: Found) -> dict:
    """Describes a saved model: its path, and the contents of the run folder that it is in.

    These are the configuration, `finished.json`, and for each protocol and data set the newest line of metrics.
    """
    folder = found.run_dir
    config, finished = (_read(folder / name) for name in ("config.json", "finished.json"))
    return {"model": found.path, "config": config, "finished": finished, "metrics": _newest(folder), "commit": commit()}


def _read(file):
    return files.read_json(file) if file.is_file() else None


def _newest(folder):
    records = record.read(folder / record.FILE) if (folder / record.FILE).is_file() else []
    newest = {(each.protocol, each.dataset, each.split): each for each in records}
    return [json.loads(each.to_json()) for each in newest.values()]


def commit() -> str | None:
    """Returns the git commit of this library, with `-dirty` if files have changed; None outside a checkout."""
    root, git = pathlib.Path(keras_gan.__file__).resolve().parents[1], shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    command = [git, "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() or None
