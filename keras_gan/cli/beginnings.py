"""The start of a run: the model that `auto` chooses, a length that fits the machine, and the weights of `--init`."""

import dataclasses
import pathlib

import tensorflow as tf

from keras_gan import presets
from keras_gan.cli import models, run_files, runs
from keras_gan.cli.config import AUTO, TrainConfig
from keras_gan.data import Pictures, Table, Windows
from keras_gan.game import Game
from keras_gan.ground import checkpoints, internals
from keras_gan.ground.arguments import counted
from keras_gan.ground.prefixes import PICTURES, kind_of
from keras_gan.presets import auto, lengths
from keras_gan.presets.parts import DEFAULTS, join_names

CHOICES = ("epochs", "batch_size", "latent_dim", "augmentation", "ema")  # flags whose defaults a run prints


def has_gpu() -> bool:
    """Returns whether TensorFlow finds a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def read(config: TrainConfig) -> tuple[TrainConfig, dict[str, Pictures | Table | Windows | str], list[str]]:
    """Reads the data of a configuration, and chooses the model if that is `auto`.

    Returns:
        The configuration with the defaults of its model, the parts of its data, and lines that tell the user what was
        chosen and why.

    Raises:
        ValueError: If the settings do not fit the model, or the data does not exist.
    """
    given, parts, notes = config, None, []
    kind, default = kind_of(config.dataset), DEFAULTS[PICTURES]
    if kind != PICTURES and config.model in (AUTO, default):
        config = dataclasses.replace(config, model=DEFAULTS[kind])
        notes = [f"--dataset={config.dataset} holds {kind}: training --model={config.model}, which makes {kind}."]
    if config.model == AUTO:
        family = presets.Examples("optional")
        family.check(AUTO, config.sources)
        parts = family.read(config.sources)
        pictures = parts["real"]
        choice = auto.choose(len(pictures), pictures.image_shape[:2], gpu=has_gpu(), labels=config.conditional)
        config = config.chosen(choice)
        settings = "".join(f" --{name}={value}" for name, value in choice.settings.items())
        notes = [f"--model=auto chooses --model={choice.model}{settings}:", *(f"  {each}" for each in choice.reasons)]
    config.of_model().check_model()
    family = config.preset.parts
    parts = family.read(config.sources) if parts is None else parts
    if config.labels is not None:  # numbers become names, so that the same classes give the same configuration
        chosen = next(iter(parts.values()))
        config = dataclasses.replace(config, labels=join_names(chosen.class_names))
        if chosen.survey is None:
            notes += [f"Training on {counted(len(chosen.images), 'picture')} of the classes {config.labels}."]
    notes += _describe_classes(given, config, parts)
    counts = [len(part) for name in family.names if not isinstance(part := parts[name], str)]
    resolved = config.of_model(*counts)
    return resolved, parts, notes + _describe_batch(config, resolved, counts)


def _describe_classes(given, config, parts):
    """Returns a note if the pictures have classes that the model could use, and does not."""
    takes = given.model == AUTO or config.preset.parts.labels == "optional"
    names = getattr(parts.get("real"), "class_names", ())
    if config.conditional or not takes or len(names) < 2:
        return []
    kind = config.preset.parts.kind
    return [f"The {len(names)} classes of the {kind} are not used; --conditional trains on them."]


def _describe_batch(given, resolved, counts):
    """Returns a note if the batch is smaller than the model's, because there are too few examples."""
    usual, moves = resolved.preset.batch_size, resolved.discriminator_steps
    if given.batch_size is not None or resolved.batch_size == usual:
        return []
    examples = counted(min(counts), resolved.preset.parts.kind.removesuffix("s"))
    per_step = f" and {moves} moves per step" if moves > 1 else ""
    return [f"With {examples}{per_step}, batch_size is {resolved.batch_size}; {resolved.model}'s default is {usual}."]


def describe_choice(given: TrainConfig, resolved: TrainConfig) -> str:
    """Returns the defaults that no flag sets, written as flags."""
    chosen = {name: getattr(resolved, name) for name in CHOICES if getattr(given, name) is None}
    flags = "".join(f" --{name}={value}" for name, value in chosen.items() if value is not None)
    return f"Chosen for you:{flags}" if flags else ""


def describe_length(given: TrainConfig, resolved: TrainConfig, steps: int) -> list[str]:
    """Returns a note if the run is shorter than the model's, because there is no GPU; `steps` are those per epoch."""
    updates, usual = resolved.epochs * steps, resolved.preset.updates
    if given.epochs is not None or updates > 0.9 * usual:
        return []
    fits = f"what fits in about an hour on one core, {counted(updates, 'step')}"
    if resolved.epochs == max(1, round(lengths.LEAST / steps)):
        fits = f"the minimum, {counted(updates, 'step')}, which may take more than an hour on one core"
    return [f"Without a GPU the default is {fits}; --epochs={round(usual / steps)} gives the model's usual {usual:,}."]


def take_weights(config: TrainConfig, game: Game, way: runs.Way) -> list[str]:
    """Initializes a new game with the weights of the game that `--init` names.

    A resumed run has its own weights in a checkpoint: nothing is read then.

    Returns:
        Lines that tell the user which weights were taken, and which layers did not fit.

    Raises:
        ValueError: If `--init` names no game, or none of its layers fits.
    """
    is_resumed = way is runs.Way.BEGIN_OR_RESUME and checkpoints.list_checkpoints(
        pathlib.Path(config.run_dir, run_files.CHECKPOINTS)
    )
    if config.init is None or is_resumed or way is runs.Way.LONGER:
        return []
    other = models.load_found(models.find(config.init, "init", models.GAMES), Game, "init")
    try:
        left = game.initialize_from(other)
    except ValueError as error:  # which names an argument of the method
        raise ValueError(
            f"`init` must name a run whose players have the same names, {list(game.players)}, and layers that fit. "
            f"Received: init={config.init!r}, {other.name!r} with {list(other.players)}, of which no layer fits"
        ) from error
    _check_frozen(config, game, left)
    notes = [f"Initial weights: those of {config.init} at step {int(other.step.numpy()):,}."]
    if left:
        notes += [f"{counted(len(left), 'layer')} did not fit and start from random weights: {', '.join(left)}."]
    if config.freeze:
        notes += [f"Frozen: {counted(config.freeze, 'layer')} at the beginning of the discriminator."]
    return notes


def _check_frozen(config, game, left):
    """Checks that every frozen layer has weights of `--init`: a random one would never be trained."""
    judges = dict.fromkeys(match.judge for match in game.matches.values()) if config.freeze else ()
    frozen = {
        f"{judge}/{layer.name}"
        for judge in judges
        for layer in internals.layers_of(game.players[judge])
        if not layer.trainable
    }
    random = [each for each in left if each.partition(" ")[0] in frozen]
    if random:
        raise ValueError(
            "`freeze` must only cover layers that fit those of `init`: others would stay random. Received: "
            f"freeze={config.freeze}, init={config.init!r}, of which {', '.join(random)} did not fit"
        )
