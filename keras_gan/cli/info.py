"""Describes a saved GAN or a SavedModel; without --model, the installation: versions, models and objectives."""

import collections
from collections.abc import Callable

import keras
import tensorflow as tf
from absl import flags

import keras_gan
from keras_gan import presets, schedules
from keras_gan.cli import classes, config, models
from keras_gan.cli import found as found_
from keras_gan.export import metadata
from keras_gan.export.loading import load
from keras_gan.game import GAN, Game
from keras_gan.ground.arguments import outlined
from keras_gan.models.row_maker import RowMaker
from keras_gan.objectives import KNOWN


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Loads the model, if one is given, and returns the function that prints its description."""
    if values.model is None:
        return _installation
    found = models.find(values.model)
    if found.version is not None:
        return lambda: _saved_model(found.version)
    game = models.load_found(found, Game)
    return lambda: _game(game)


def _installation():
    devices = ", ".join(device.name for device in tf.config.list_physical_devices())
    networks = config.TrainConfig.__dataclass_fields__["network"]
    for what, value in (
        ("keras_gan", keras_gan.__version__),
        ("keras", keras.__version__),
        ("tensorflow", tf.__version__),
        ("devices", devices),
        (
            "data sets",
            "digits, folder:PATH, records:PATH, table:PATH, series:PATH, those of TensorFlow Datasets (mnist, ...)",
        ),
        ("models", ", ".join(presets.names())),
        ("networks", ", ".join(networks.metadata["choices"])),
        ("objectives", ", ".join(KNOWN)),
    ):
        print(f"{what:11} {value}")


def _game(game):
    game.summary()
    optimizer = game.optimizer
    for what, value in (
        *_made_of(game),
        ("examples", game.example_shape),
        ("range", game.value_range and f"{game.value_range}{'' if game.range_is_known else ', a guess'}"),
        ("objective", outlined(game.objective) if optimizer else "not compiled"),
        ("moves", _moves(game) if optimizer else "not compiled"),
        ("seed", game.seed),
        ("steps taken", f"{int(game.step.numpy()):,}"),
    ):
        print(f"{what:11} {value}")


def _moves(game):
    """Returns the number of moves of each side in a step, as text."""
    counts = collections.Counter(move.side.name for move in game.moves)
    return ", ".join(f"{side} {count}" for side, count in counts.items())


def _made_of(game):
    if isinstance(game, GAN):
        labels = classes.describe(game.labels)
        condition = game.condition and game.condition.text
        average = game.ema and schedules.describe(game.ema.decay)
        return [("latents", game.latents), ("labels", labels), ("condition", condition), ("average", average)]
    columns = found_.describe_columns(game.schema) if isinstance(game, RowMaker) else []
    return [
        *(("column kind", line) for line in columns),
        *((name, f"= {value}") for name, value in game.wiring.values.items()),
        *((name, f"is drawn from {prior!r}") for name, prior in game.draws.items()),
        *((name or "match", str(match)) for name, match in game.matches.items()),
        *((task, f"is the value {value}") for task, value in game.tasks.items()),
        ("average", {name: schedules.describe(average.decay) for name, average in game.averages.items()} or None),
    ]


def _saved_model(folder):
    model = load(folder)
    known = metadata.read(folder)
    print(f"SavedModel {folder}")
    for what in ("name", "step", "created", "keras_gan", "max_samples"):
        if what in known:
            print(f"  {what:11} {known[what]}")
    labels = classes.of_metadata(known)
    if labels is not None:  # other priors are described by the signatures below
        print(f"  {'labels':11} {classes.describe(labels)}")
    for name in [name for name in known.get("signatures", sorted(model.signatures)) if name in model.signatures]:
        function = model.signatures[name]
        specs = function.structured_input_signature[1]
        order = known.get("signatures", {}).get(name, {}).get("inputs", sorted(specs))
        takes = ", ".join(_spec(specs[key]) for key in order if key in specs)
        gives = ", ".join(_spec(spec, key) for key, spec in function.structured_outputs.items())
        print(f"  {name}: {takes} -> {gives}")


def _spec(spec, name=None):
    return f"{name or spec.name} {tuple(spec.shape)} {spec.dtype.name}"
