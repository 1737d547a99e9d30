"""The metadata of an exported game, as JSON in the SavedModel's assets."""

import dataclasses
import datetime
import json
import pathlib
import platform

import keras
import tensorflow as tf

import keras_gan
from keras_gan import schedules
from keras_gan.data import Schema, served
from keras_gan.export.walk import mode
from keras_gan.ground import files

FILE = "keras_gan.json"
KINDS = {
    "keras_gan": str,
    "created": str,
    "name": str,
    "step": int,
    "max_samples": int,
    "metadata": dict | None,
    "signatures": dict,
    "tasks": dict,
    "columns": dict,
}


def check_json(value: dict | None) -> None:
    """Checks that the caller's metadata can be written as JSON.

    Raises:
        ValueError: If the value is no dict, or cannot be written as JSON.
    """
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`metadata` must be a dict that can be written as JSON. Received: {error}") from error
    if not isinstance(value, dict | None):
        raise ValueError(f"`metadata` must be a dict or None. Received: metadata={value!r}")


def of_gan(game: keras.Model) -> dict:
    """Returns the metadata that only a GAN has."""
    serialize = keras.saving.serialize_keras_object
    return {
        "ema": None if game.ema is None else schedules.describe(game.ema.decay),
        "latents": serialize(game.latents),
        "labels": None if game.labels is None else serialize(game.labels),
        "condition": None if game.condition is None else dataclasses.asdict(game.condition),
        "example_shape": list(game.example_shape),
        "interpolation": mode(game.latents),
    }


def of_game(game: keras.Model) -> dict:
    """Returns the metadata that only a game other than a GAN has: its draws, values and tasks."""
    serialize = keras.saving.serialize_keras_object
    return {
        "ema": {name: schedules.describe(average.decay) for name, average in game.averages.items()},
        "draws": {name: serialize(prior) for name, prior in game.draws.items()},
        "values": {name: str(value) for name, value in game.wiring.values.items()},
        "tasks": dict(game.tasks),
    }


def to_json(game: keras.Model, described: dict, **details) -> str:
    """Returns the metadata of an export as JSON.

    Args:
        game: The game.
        described: The descriptions of the signatures, by name.
        **details: Further entries about the game and the export.
    """
    known = {
        "keras_gan": keras_gan.__version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "python": platform.python_version(),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "name": game.name,
        "step": int(game.step.numpy()),
        **details,
        **_columns(game),
        "signatures": described,
    }
    return json.dumps(known, indent=2) + "\n"


def _columns(game):
    """Returns the entry that restores the columns of a table's rows to those of the data; empty for other games."""
    schema = getattr(game, "schema", None)
    return {"columns": served.describe(schema)} if isinstance(schema, Schema) else {}


def read(folder: pathlib.Path) -> dict:
    """Reads the metadata of an exported version; empty if there is none.

    Raises:
        ValueError: If the file is not one that `export` wrote.
    """
    path = folder / "assets" / FILE
    if not path.is_file():
        return {}
    known = files.read_json(path)
    wrong = [name for name, kind in KINDS.items() if name in known and not isinstance(known[name], kind)]
    wrong += [name for name in ("step", "max_samples") if name not in wrong and known.get(name, 1) < 0]
    signatures = {} if "signatures" in wrong else known.get("signatures", {})
    wrong += [f"signatures[{name!r}]" for name, each in signatures.items() if not isinstance(each, dict)]
    if wrong:
        raise ValueError(f"{path} must be what `export` wrote. Received: {', '.join(wrong)} of another kind")
    return known
