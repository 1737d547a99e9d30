"""Where samples come from: a GAN, an exported SavedModel, or a folder of pictures that any program made."""

import dataclasses
import os
import pathlib
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from keras_gan import images
from keras_gan.data import Pictures
from keras_gan.data.folder import read_folder
from keras_gan.export import metadata
from keras_gan.export.layout import versions
from keras_gan.play import conditions

PIECE = 1000  # samples made at a time: of piece i the seed is seed * 2^20 + i


@dataclasses.dataclass(frozen=True)
class Source:
    """Something that has samples.

    Attributes:
        name: What it is called.
        shape: (height, width, channels) of a sample; None of a folder, whose pictures are read at the asked size.
        count: How many samples it has; None for any number.
        about: What is known of it, for the record.
        pieces: (n, seed, shape) -> batches of pictures of (height, width, channels), n in all.
    """

    name: str
    shape: tuple[int, int, int] | None
    count: int | None
    about: dict
    pieces: Callable[[int, int, tuple], Iterator[Pictures]]


def of_game(game, name: str, about: dict) -> Source:
    """The (averaged) generator of a GAN. Samples are rounded to 8 bits, as pictures in files are; alpha is on white."""
    shape_on_white = _shape_on_white(game.example_shape, name)
    value_range = game.value_range

    def pieces(n, seed, shape):
        for count, piece_seed in _plan(n, seed, PIECE):
            yield Pictures(images.on_white(images.to_uint8(game.generate(count, seed=piece_seed), value_range)))

    return Source(name, shape_on_white, None, {**about, "step": int(game.step.numpy())}, pieces)


def from_prior(spec: tf.TensorSpec) -> tf.Tensor:
    """The condition in whose place an exported generator draws one from its prior, for the input `spec`."""
    return tf.constant(conditions.missing((1, *spec.shape[1:]), spec.dtype.as_numpy_dtype))


def of_saved_model(path: str | os.PathLike) -> Source:
    """The signature `generate` of a SavedModel that `gan.export` wrote: of a version's folder, or the newest below."""
    folder = pathlib.Path(path)
    if not (folder / "saved_model.pb").is_file():
        folder = folder / str(max(versions(folder), default=0))
    known = metadata.read(folder)
    model = tf.saved_model.load(str(folder))
    if "generate" not in model.signatures:
        raise ValueError(f"`model` must have the signature `generate`. Received: {path}, with {list(model.signatures)}")
    generate = model.signatures["generate"]
    output, inputs = generate.structured_outputs["images"], generate.structured_input_signature[1]
    name = known.get("name") or folder.resolve().parent.name
    shape_on_white = _shape_on_white(output.shape[1:] if output.dtype == tf.uint8 else (), name)
    labels = {"labels": from_prior(inputs["labels"])} if "labels" in inputs else {}

    def pieces(n, seed, shape):
        for count, piece_seed in _plan(n, seed, min(PIECE, known.get("max_samples") or PIECE)):
            asked = {"num_samples": tf.constant(count, tf.int32), "seed": tf.constant(piece_seed, tf.int64), **labels}
            made = model.signatures["generate"](**asked)["images"]  # through `model`, which must stay alive
            yield Pictures(images.on_white(made.numpy()))

    about = {"path": str(folder), "step": known.get("step"), "created": known.get("created")}
    return Source(name, shape_on_white, None, about, pieces)


def of_folder(path: str | os.PathLike) -> Source:
    """Every picture below a folder, in the order of their names, cut and scaled to the size that is asked for."""
    folder = pathlib.Path(path)
    count = len(read_folder(folder, 4).images)  # small: only to count what can be read

    def pieces(n, seed, shape):
        found = read_folder(folder, shape[:2])
        made = found.images
        if made.shape[-1] < shape[-1]:
            made = np.broadcast_to(made, (*made.shape[:-1], shape[-1]))
        elif made.shape[-1] > shape[-1]:
            if not all((made[..., :1] == made[..., i : i + 1]).all() for i in range(made.shape[-1])):
                raise ValueError(f"`model` must hold grey pictures, as the data set does. Received: colour in {folder}")
            made = made[..., :1]
        yield Pictures(made[:n], resize=found.resize)

    return Source(folder.resolve().name, None, count, {"path": str(folder), "pictures": count}, pieces)


def _plan(n, seed, piece):
    for i in range(-(-n // piece)):
        yield min(piece, n - i * piece), seed * 2**20 + i


def _shape_on_white(shape, name):
    """The shape of samples after `keras_gan.images.on_white`: real pictures are laid on white when they are read."""
    if not images.is_picture(shape):
        raise ValueError(
            "`model` must make pictures, (height, width, channels) with 1, 3 or 4 channels. "
            f"Received: {name!r}, of {tuple(shape)}"
        )
    return (*map(int, shape[:2]), 3 if shape[-1] == 4 else int(shape[-1]))
