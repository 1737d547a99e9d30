"""Where an exported model comes from: what is written into its metadata."""

import dataclasses
import json
import math
import pathlib
import shutil
import subprocess

import keras

import keras_gan
from keras_gan.cli.config import TrainConfig


def of_run(config: TrainConfig, history: keras.callbacks.History, seconds: float) -> dict:
    """What a finished training run tells of its model."""
    last = {name: float(per_epoch[-1]) for name, per_epoch in history.history.items() if per_epoch}
    return {
        "config": dataclasses.asdict(config),
        "seed": config.seed,
        "commit": commit(),
        "metrics": {
            "of": "the last epoch of training: means over its steps",
            "values": {k: v for k, v in last.items() if math.isfinite(v)},
        },
        "seconds": round(seconds, 1),
    }


def of_model(path: str) -> dict:
    """What is known of a saved model: its path, and the configuration of the run that it stands in."""
    model = pathlib.Path(path)
    config = (model if model.is_dir() else model.parent) / "config.json"
    known = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else None
    return {"model": path, "config": known, "commit": commit()}


def commit() -> str | None:
    """The git commit of this library, with `-dirty` behind it if its files were changed; None outside of a checkout."""
    root, git = pathlib.Path(keras_gan.__file__).resolve().parents[1], shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    command = [git, "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() or None
