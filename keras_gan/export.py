"""A generator as a SavedModel."""

import os
import pathlib

import keras
import tensorflow as tf

from keras_gan import files, players


def export(gan: keras.Model, path: str | os.PathLike, version: int | None = None) -> str:
    """Writes the generator of a GAN, with its averaged weights if it keeps an average, as a SavedModel.

    The signature `serving_default` takes `latents` (N, dim) float32, and `labels` (N,) int32 of a conditional
    generator, and gives `images` (N, ...) float32 in the range of the training data. The folder is written under a
    temporary name and moved, so that a server that polls `path` never sees half a model.

    Args:
        gan: A `keras_gan.GAN`; it need not be compiled.
        path: The model's folder; versions are numbered folders in it.
        version: At least 1. Defaults to the number after the highest.

    Returns:
        The folder of the version that was written.

    Raises:
        ValueError: If `version` is not an integer of at least 1.
        FileExistsError: If the version exists.
    """
    path = pathlib.Path(path)
    version = next_version(path) if version is None else version
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(f"`version` must be an integer of at least 1. Received: version={version!r}")
    folder = path / str(version)
    if folder.exists():
        raise FileExistsError(f"`version` must be new. Received: version={version}, and {folder} exists")
    specs = [tf.TensorSpec((None, gan.latents.dim), tf.float32, name="latents")]
    if players.takes_labels(gan.generator):
        specs.append(tf.TensorSpec((None,), tf.int32, name="labels"))

    def serving_default(latents, labels=None):
        images = gan.call([latents, labels] if labels is not None else latents)
        return {"images": tf.cast(images, tf.float32)}

    kept = tf.Module()  # not the generator itself: Keras would trace its call without labels
    kept.weights = [v.value for v in (*gan.generator.variables, *(gan.ema.variables if gan.ema else ()))]
    archive = keras.export.ExportArchive()
    archive.track(kept)
    archive.add_endpoint("serving_default", serving_default, input_signature=specs)
    with files.atomic(folder) as part:
        archive.write_out(str(part), verbose=False)
    return str(folder)


def next_version(path: str | os.PathLike) -> int:
    """1 more than the highest version in a model's folder; 1 if there is none."""
    path = pathlib.Path(path)
    taken = [int(child.name) for child in path.iterdir() if child.name.isdecimal()] if path.is_dir() else []
    return max(taken, default=0) + 1
