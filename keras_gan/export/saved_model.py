"""A GAN as a SavedModel in a model's folder."""

import os
import pathlib
import tempfile

import keras
import tensorflow as tf

from keras_gan.export import layout, warmup
from keras_gan.export import metadata as metadata_
from keras_gan.export.discriminate import discriminate as discriminate_
from keras_gan.export.signatures import GeneratorSignatures
from keras_gan.ground import files
from keras_gan.ground.arguments import check_count, check_range
from keras_gan.latents import Normal


def export(
    game: keras.Model,
    path: str | os.PathLike,
    version: int | None = None,
    *,
    discriminate: bool = False,
    truncation: bool = False,
    max_samples: int = 1024,
    value_range: tuple[float, float] | None = None,
    keep: int | None = None,
    metadata: dict | None = None,
) -> str:
    """Writes a GAN as a SavedModel that TF Serving serves as it stands: see `keras_gan.GAN.export`.

    What an export or a removal that was killed more than a day ago left in the model's folder is removed:
    see `keras_gan.ground.files.remove_leftovers`.
    """
    check_count("max_samples", max_samples, most=2**31 - 1)
    if keep is not None:
        check_count("keep", keep)
    metadata_.check_json(metadata)
    if truncation and type(game.latents) is not Normal:
        raise ValueError(
            f"`truncation` must be False unless latents are drawn from `Normal`. Received: latents={game.latents!r}"
        )
    value_range = game.value_range if value_range is None else check_range("value_range", value_range)
    folder = layout.free_version(path, version)
    signatures = GeneratorSignatures(game, value_range, max_samples, truncation).all()
    if discriminate:
        signatures["discriminate"] = discriminate_(game)
    traced = {name: signature.trace() for name, signature in signatures.items()}
    described = {name: signature.describe(traced[name]) for name, signature in signatures.items()}
    details = {"value_range": value_range and list(value_range), "max_samples": max_samples, "metadata": metadata}
    text = metadata_.to_json(game, described, **details)
    files.remove_leftovers(path)
    with files.atomic(folder) as part, tempfile.TemporaryDirectory() as assets:
        asset = pathlib.Path(assets) / metadata_.FILE
        asset.write_text(text, encoding="utf-8")
        tf.saved_model.save(_module(game, asset, discriminate), str(part), signatures=traced)
        warmup.write(part, folder.absolute().parent.name, signatures)
    layout.write_configs(path)
    if keep is not None:
        layout.prune(folder, keep)
    return str(folder)


def _module(game, asset, discriminate):
    """What the SavedModel keeps: the variables that its signatures read, and the metadata.

    Not the models themselves: Keras would trace their calls too. Of averaged weights only the averages.
    """
    averaged = [] if game.ema is None else game.ema.pairs(game.generator)
    replaced = {id(weight) for weight, _ in averaged}
    kept = [weight for weight in game.generator.variables if id(weight) not in replaced]
    kept += [shadow for _, shadow in averaged]
    if discriminate:
        kept += game.discriminator.variables
        kept += game.objective_memory.variables if game.compiled else []
    module = tf.Module()
    module.weights = [weight.value for weight in kept]
    module.metadata = tf.saved_model.Asset(str(asset))
    return module
