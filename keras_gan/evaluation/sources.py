"""Sources of samples: a GAN, an exported SavedModel, or a folder of pictures from any program."""

import dataclasses
import functools
import os
import pathlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from keras_gan import images
from keras_gan.data import Pictures
from keras_gan.data.folder import read_folder
from keras_gan.export import metadata
from keras_gan.export.layout import versions
from keras_gan.export.loading import load
from keras_gan.game import GAN, Game
from keras_gan.game.making import check_input
from keras_gan.ground.arguments import reason
from keras_gan.latents import Latents, Prior
from keras_gan.noise import Noise
from keras_gan.play import conditions

DRAWN = {"num_samples", "seed"}  # the inputs of signatures that draw everything else
PIECE = 1000  # samples made at a time: the seed of piece i is seed * 2^20 + i


@dataclasses.dataclass(frozen=True)
class Source:
    """A source of samples.

    Attributes:
        name: Name of the source.
        shape: (height, width, channels) of a sample; None for a folder, whose pictures are read at any size.
        count: Number of samples of the source; None for any number.
        about: Description of the source, for the record.
        pieces: Function (n, seed, shape) -> batches of pictures of (height, width, channels), n in all.
    """

    name: str
    shape: tuple[int, int, int] | None
    count: int | None
    about: dict
    pieces: Callable[[int, int, tuple], Iterator[Pictures]]


def of_game(game: Game, name: str, about: dict, value: str | None = None) -> Source:
    """Returns the source of samples of a game, made with averaged weights, rounded to 8 bits and with alpha on white.

    Args:
        game: A GAN, or a game that makes pictures from draws alone.
        name: Name of the source.
        about: Description of the source.
        value: The value to make, for games other than GANs; None if there is only one.

    Raises:
        ValueError: If the game makes no pictures from draws alone, or not this value.
    """
    shape, call = drawn_by(game, name, value)
    shape_on_white = _shape_on_white(shape, name)

    def pieces(n, seed, shape):
        for count, piece_seed in plan(n, seed):
            yield Pictures(images.on_white(call(count, piece_seed)))

    return Source(name, shape_on_white, None, {**about, "step": int(game.step.numpy())}, pieces)


def drawn_by(game: Game, name: str, value: str | None = None) -> tuple[tuple, Callable[..., np.ndarray]]:
    """Returns the shape of the pictures that a game makes from draws alone, and a function to make them.

    Args:
        game: A GAN, or a game that makes pictures from draws alone.
        name: Name of the source.
        value: The value to make, for games other than GANs; None if there is only one.

    Returns:
        The shape of one picture, and a function (count, seed, labels=None) -> pictures (count, *shape) uint8. Labels,
        one or `count`, are for games that draw labels.
    """
    if isinstance(game, GAN):
        _refuse(value)
        shape, make = game.example_shape, game.generate
    else:
        value = choose(game.tasks.get(value, value), drawn_values(game), name)
        shape, make = game.shapes[value], functools.partial(_make, game, value)

    def call(count, seed, labels=None):
        return images.to_uint8(make(n=count, seed=seed, labels=labels), game.value_range)

    return shape, call


def _make(game, value, n, seed, labels):
    if labels is None:
        return game.make(value, n=n, seed=seed)
    return game.make(value, seed=seed, **given_labels(game, [value], labels, n))


def given_labels(game: Game, values: Sequence[str], labels: int | np.ndarray, n: int) -> dict[str, np.ndarray]:
    """Returns labels as the draw, by its name, that values of a game other than a GAN are made from.

    Args:
        game: The game.
        values: The values' names.
        labels: One label for all examples, or `n` labels.
        n: Number of examples.

    Raises:
        ValueError: If the values are made of no draw of labels or of several, or there are not as many labels.
    """
    draws = label_draws(game, values)
    if len(draws) != 1:
        raise ValueError(
            "`labels` must only be given for values that are made of one draw of labels. "
            f"Received: {', '.join(values)}, made of {', '.join(draws) or 'none'}"
        )
    (name,) = draws
    given = np.broadcast_to(labels, (n,)) if np.ndim(labels) == 0 else np.asarray(labels)
    if len(given) != n:
        raise ValueError(f"`labels` must be one label, or {n} labels. Received: {len(given)} labels")
    check_input(game, name, given)
    return {name: given}


def label_draws(game: Game, values: Sequence[str]) -> dict[str, Prior]:
    """Returns the draws of labels that values are made of: their names and priors."""
    leaves = game.wiring.leaves(values)
    draws = {name: game.draws[name] for name in leaves if name in game.draws}
    return {
        name: prior
        for name, prior in draws.items()
        if not isinstance(prior, Latents) and conditions.of_prior(prior).is_label
    }


def drawn_values(game: Game) -> list[str]:
    """Returns the names of the pictures that a game other than a GAN makes from draws alone."""
    named = dict.fromkeys([*game.tasks.values(), *game.displayed])
    values = [name for name in named if name in game.wiring.values and images.is_picture(game.shapes.get(name) or ())]
    return [name for name in values if all(leaf in game.draws for leaf in game.wiring.leaves([name]))]


def _refuse(value):
    if value is not None:
        raise ValueError(f"`value` must be None for a GAN, which makes only one. Received: value={value!r}")


def choose(value: str | None, known: Sequence[str], name: str) -> str:
    """Returns `value` if it is one of the `known` values, or the only one for None.

    Raises:
        ValueError: If there is no known value, `value` is not one of them, or it is None and there are several.
    """
    if not known:
        raise ValueError(
            "`model` must make pictures from noise. "
            f"Received: {name!r}, which makes them from pictures: use keras-gan translate"
        )
    if value not in known and (value is not None or len(known) > 1):
        raise ValueError(f"`value` must be one of {', '.join(known)}. Received: value={value!r}")
    return value or known[0]


def from_prior(spec: tf.TensorSpec) -> tf.Tensor:
    """Returns the placeholder condition, for the input `spec`, that makes an exported generator draw from its prior."""
    return tf.constant(conditions.missing((1, *spec.shape[1:]), spec.dtype.as_numpy_dtype))


def of_saved_model(path: str | os.PathLike, value: str | None = None) -> Source:
    """Returns the source of samples that a SavedModel makes from a seed alone.

    Args:
        path: The folder of a version, or one whose newest version is used.
        value: The signature, for exported games other than GANs; None if there is only one value.
    """
    folder = pathlib.Path(path)
    if not (folder / "saved_model.pb").is_file():
        folder = folder / str(max(versions(folder), default=0))
    known = metadata.read(folder)
    model = load(folder)
    name = known.get("name") or folder.resolve().parent.name
    shape, call = drawn(model, known, name, value)
    shape_on_white = _shape_on_white(shape, name)

    def pieces(n, seed, shape):
        for count, piece_seed in plan(n, seed, known.get("max_samples")):
            yield Pictures(images.on_white(call(count, piece_seed)))

    about = {"path": str(folder), "step": known.get("step"), "created": known.get("created")}
    return Source(name, shape_on_white, None, about, pieces)


def drawn(model, known: dict, name: str, value: str | None = None) -> tuple[tuple, Callable[..., np.ndarray]]:
    """Returns the shape of the pictures that a loaded SavedModel makes from a seed alone, and a function to make them.

    Args:
        model: The loaded model. The returned function keeps it alive.
        known: The model's metadata.
        name: Name of the source.
        value: The signature; None if there is only one.

    Returns:
        The shape of one picture, and a function (count, seed, labels=None) -> pictures (count, *shape) uint8. Labels,
        one or `count`, are for models that take them.
    """
    generate = model.signatures.get("generate")
    if generate is not None and "images" in generate.structured_outputs:  # of a GAN
        _refuse(value)
        output = generate.structured_outputs["images"]
        return (output.shape[1:] if output.dtype == tf.uint8 else ()), _sampler(model, "generate", np.asarray)
    found = drawn_signatures(model, known)
    if not found and "tasks" not in known:
        raise ValueError(f"`model` must have the signature `generate`. Received: {name}, with {list(model.signatures)}")
    chosen = choose(known.get("tasks", {}).get(value, value), list(found), name)
    value_range = known.get("value_range") or (-1.0, 1.0)
    return found[chosen].shape[1:], _sampler(model, chosen, lambda made: images.to_uint8(made, value_range))


def _sampler(model, signature, finish):
    specs = model.signatures[signature].structured_input_signature[1]
    given = [name for name, spec in specs.items() if name not in DRAWN and spec.shape.rank]

    def call(count, seed, labels=None):
        inputs = {"num_samples": tf.constant(count, tf.int32), "seed": tf.constant(seed, tf.int64)}
        inputs |= {name: from_prior(specs[name]) for name in given}
        if labels is not None:
            if len(given) != 1:
                raise ValueError(
                    "`labels` must only be given for a signature with one input of labels. "
                    f"Received: {signature!r}, with {', '.join(given) or 'none'}"
                )
            inputs[given[0]] = tf.cast(np.reshape(labels, -1), specs[given[0]].dtype)
        try:
            (made,) = model.signatures[signature](**inputs).values()  # through `model`, which must stay alive
        except tf.errors.InvalidArgumentError as error:
            if labels is None:
                raise
            raise ValueError(f"`labels` must fit the model. Received: labels={labels}: {reason(error)}") from error
        return finish(made.numpy())

    return call


def drawn_signatures(model, known: dict) -> dict[str, tf.TensorSpec]:
    """Returns the specs of the pictures that a SavedModel of a game makes from a seed alone, by the values' names."""
    found = {}
    for name, signature in model.signatures.items():
        outputs, takes = signature.structured_outputs, signature.structured_input_signature[1]
        is_task = name == "serving_default" or name in (known.get("tasks", {}))
        is_drawn = set(takes) >= DRAWN and all(is_label(spec) for key, spec in takes.items() if key not in DRAWN)
        if is_drawn and list(outputs) == [name] and not is_task:
            found |= {name: outputs[name]} if images.is_picture(outputs[name].shape[1:]) else {}
    return found


def is_label(spec: tf.TensorSpec) -> bool:
    """Returns whether an input of a signature takes labels, (N,) int32."""
    return spec.dtype == tf.int32 and spec.shape.rank == 1


def of_folder(path: str | os.PathLike) -> Source:
    """Returns the source of the pictures below a folder, cropped and scaled to the given shape; a seed chooses some."""
    folder = pathlib.Path(path)
    count = len(read_folder(folder, 4).images)  # small: only to count the readable pictures

    def pieces(n, seed, shape):
        found = read_folder(folder, shape[:2])
        made = np.asarray(found.images)
        if made.shape[-1] < shape[-1]:
            made = np.broadcast_to(made, (*made.shape[:-1], shape[-1]))
        elif made.shape[-1] > shape[-1]:
            if not all((made[..., :1] == made[..., i : i + 1]).all() for i in range(made.shape[-1])):
                raise ValueError(f"`model` must hold grey pictures, as the data set does. Received: colour in {folder}")
            made = made[..., :1]
        chosen = np.argsort(Noise((seed, "chosen")).uniform((count,)).numpy(), kind="stable")[:n]
        yield Pictures(made[np.sort(chosen)], resize=found.resize)

    return Source(folder.resolve().name, None, count, {"path": str(folder), "pictures": count}, pieces)


def plan(n: int, seed: int, most: int | None = None) -> list[tuple[int, int]]:
    """Returns the count and the seed of each piece of `n` samples; a piece has at most `most` of them, if given.

    Raises:
        ValueError: If the seed is not below 2^43, as those of the pieces must be below 2^63.
    """
    if not seed < 2**43:
        raise ValueError(f"`seed` must be below 2^43. Received: seed={seed}")
    piece = min(PIECE, most or PIECE)
    return [(min(piece, n - i * piece), seed * 2**20 + i) for i in range(-(-n // piece))]


def _shape_on_white(shape, name):
    """Returns the shape of samples after `keras_gan.images.on_white`, which real pictures have."""
    if not images.is_picture(shape):
        raise ValueError(
            "`model` must make pictures, (height, width, channels) with 1, 3 or 4 channels. "
            f"Received: {name!r}, of {tuple(shape)}"
        )
    return (*map(int, shape[:2]), 3 if shape[-1] == 4 else int(shape[-1]))
