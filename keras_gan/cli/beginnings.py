"""The beginning of a run: the model that `auto` takes, a length that fits the machine, and the weights of `--init`."""

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
from keras_gan.presets import auto, lengths
from keras_gan.presets.parts import DEFAULTS, PICTURES, join_names, kind_of

CHOICES = ("epochs", "batch_size", "latent_dim", "augmentation", "ema")  # flags that most people want to know of


def has_gpu() -> bool:
    """Returns whether TensorFlow sees a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def read(config: TrainConfig) -> tuple[TrainConfig, dict[str, Pictures | Table | Windows | str], list[str]]:
    """Reads the data of a configuration as the flags give it, and takes a model where that is `auto`.

    Returns:
        The configuration with the defaults of its model, the parts of its data, and what was chosen and why, in words.

    Raises:
        ValueError: If the settings do not fit the model, or there is no such data.
    """
    given, parts, told = config, None, []
    kind, default = kind_of(config.dataset), DEFAULTS[PICTURES]
    if kind != PICTURES and config.model in (AUTO, default):
        config = dataclasses.replace(config, model=DEFAULTS[kind])
        told = [f"--dataset={config.dataset} holds {kind}, of which --model={config.model} makes new ones."]
    if config.model == AUTO:
        family = presets.Examples("optional")
        family.check(AUTO, config.sources)
        parts = family.read(config.sources)
        pictures = parts["real"]
        choice = auto.choose(len(pictures), pictures.image_shape[:2], gpu=has_gpu(), labels=config.conditional)
        config = config.chosen(choice)
        settings = "".join(f" --{name}={value}" for name, value in choice.settings.items())
        told = [f"--model=auto takes --model={choice.model}{settings}:", *(f"  {each}" for each in choice.reasons)]
    config.of_model().check_model()
    family = config.preset.parts
    parts = family.read(config.sources) if parts is None else parts
    if config.labels is not None:  # numbers become names, so that one choice has one config
        chosen = next(iter(parts.values()))
        config = dataclasses.replace(config, labels=join_names(chosen.class_names))
        if chosen.survey is None:
            told += [f"{counted(len(chosen.images), 'picture')} of the classes {config.labels} are taken."]
    told += _describe_classes(given, config, parts)
    counts = [len(part) for name in family.names if not isinstance(part := parts[name], str)]
    resolved = config.of_model(*counts)
    return resolved, parts, told + _describe_batch(config, resolved, counts)


def _describe_classes(given, config, parts):
    """Says so if pictures have classes that a model could be given, and is not."""
    takes = given.model == AUTO or config.preset.parts.labels == "optional"
    names = getattr(parts.get("real"), "class_names", ())
    if config.conditional or not takes or len(names) < 2:
        return []
    kind = config.preset.parts.kind
    return [f"The {len(names)} classes of the {kind} are not used; --conditional trains on them."]


def _describe_batch(given, resolved, counts):
    """Says so if a batch is smaller than its model's, as there are too few examples for that."""
    usual, moves = resolved.preset.batch_size, resolved.discriminator_steps
    if given.batch_size is not None or resolved.batch_size == usual:
        return []
    there = counted(min(counts), resolved.preset.parts.kind.removesuffix("s"))
    each = f", for {moves} moves per step," if moves > 1 else ""
    return [f"Of {there}{each} a batch is {resolved.batch_size}; {resolved.model}'s is {usual}."]


def describe_choice(given: TrainConfig, resolved: TrainConfig) -> str:
    """Writes what the model sets where no flag does, as the flags that would set the same."""
    chosen = {name: getattr(resolved, name) for name in CHOICES if getattr(given, name) is None}
    flags = "".join(f" --{name}={value}" for name, value in chosen.items() if value is not None)
    return f"Chosen for you:{flags}" if flags else ""


def describe_length(given: TrainConfig, resolved: TrainConfig, steps: int) -> list[str]:
    """Says so if a run is shorter than its model's, as a processor has no time for that; `steps` are of an epoch."""
    updates, usual = resolved.epochs * steps, resolved.preset.updates
    if given.epochs is not None or updates > 0.9 * usual:
        return []
    fits = f"what fits in about an hour of one core, {counted(updates, 'step')}"
    if resolved.epochs == max(1, round(lengths.LEAST / steps)):
        fits = f"the least, {counted(updates, 'step')}, which may take more than an hour of one core"
    return [f"Without a GPU the default is {fits}; --epochs={round(usual / steps)} gives the model's usual {usual:,}."]


def take_weights(config: TrainConfig, game: Game, way: runs.Way) -> list[str]:
    """Gives a new game the weights of the one that `--init` names.

    A resumed run has its own weights in a checkpoint: nothing is read then.

    Returns:
        What was taken, and which layers did not fit, in words.

    Raises:
        ValueError: If there is no such game, or none of its layers fits.
    """
    goes_on = way is runs.Way.GO_ON and checkpoints.list_checkpoints(
        pathlib.Path(config.run_dir, run_files.CHECKPOINTS)
    )
    if config.init is None or goes_on or way is runs.Way.LONGER:
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
    told = [f"Begins with the weights of {config.init}, of step {int(other.step.numpy()):,}."]
    if left:
        told += [f"{counted(len(left), 'layer')} did not fit and start from random weights: {', '.join(left)}."]
    if config.freeze:
        told += [f"Frozen: {counted(config.freeze, 'layer')} at the beginning of the discriminator."]
    return told


def _check_frozen(config, game, left):
    """Checks that every layer that stays as it is has been given weights: a random one could not learn any more."""
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
            "`freeze` must be 0, or of layers that fit those of `init`: others would stay random. Received: "
            f"freeze={config.freeze}, init={config.init!r}, of which {', '.join(random)} did not fit"
        )
