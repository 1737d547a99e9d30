"""Export of a game as a SavedModel into a model's folder."""

import os
import pathlib
import tempfile
from collections.abc import Iterable

import keras
import tensorflow as tf

from keras_gan.export import layout, warmup
from keras_gan.export import metadata as metadata_
from keras_gan.export.discriminate import discriminate as discriminate_
from keras_gan.export.signature import Signature
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
    """Writes a GAN as a SavedModel for TF Serving: see `keras_gan.GAN.export`.

    Leftovers of exports and removals that were killed more than a day ago are removed from the model's folder:
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
    signatures = GeneratorSignatures(game, value_range, max_samples, truncation).all()
    judges = []
    if discriminate:
        signatures["discriminate"] = discriminate_(game)
        judges = [*game.discriminator.variables, *(game.objective_memory.variables if game.compiled else [])]
    details = {"value_range": value_range and list(value_range), "max_samples": max_samples, "metadata": metadata}
    folder = layout.free_version(path, version)
    known = {**metadata_.of_gan(game), **details}
    return write(folder, signatures, [*_weights(game, ["generator"]), *judges], known, game, keep)


def export_values(
    game: keras.Model,
    path: str | os.PathLike,
    version: int | None,
    signatures: dict[str, Signature],
    players: Iterable[str],
    *,
    max_samples: int,
    keep: int | None,
    metadata: dict | None,
) -> str:
    """Writes some values of a game as a SavedModel: see `keras_gan.Game.export`.

    Args:
        game: The game.
        path: The model's folder.
        version: Version number; None for the next one.
        signatures: The signatures, by name.
        players: The names of the players that make the values.
        max_samples: Maximum number of examples per request.
        keep: Number of versions to keep; None keeps all.
        metadata: The caller's metadata, a dict for JSON; None for none.
    """
    if keep is not None:
        check_count("keep", keep)
    metadata_.check_json(metadata)
    folder = layout.free_version(path, version)
    value_range = game.value_range
    details = {"value_range": value_range and list(value_range), "max_samples": max_samples, "metadata": metadata}
    return write(folder, signatures, _weights(game, players), {**metadata_.of_game(game), **details}, game, keep)


def write(
    folder: pathlib.Path,
    signatures: dict[str, Signature],
    weights: list,
    known: dict,
    game: keras.Model,
    keep: int | None,
) -> str:
    """Writes a version: the SavedModel with its metadata and warm-up, and the server's configuration beside it.

    Args:
        folder: The version's folder, which must not exist.
        signatures: The signatures, by name.
        weights: The variables that the signatures read.
        known: Further entries of the metadata.
        game: The game to export.
        keep: Number of versions to keep; None keeps all.

    Returns:
        The path of the folder.
    """
    path = folder.parent
    graphs = {id(signature): signature.trace() for signature in signatures.values()}  # one may have several names
    traced = {name: graphs[id(signature)] for name, signature in signatures.items()}
    described = {name: signature.describe(traced[name]) for name, signature in signatures.items()}
    text = metadata_.to_json(game, described, **known)
    files.remove_leftovers(path)
    with files.atomic(folder) as part, tempfile.TemporaryDirectory() as assets:
        asset = pathlib.Path(assets) / metadata_.FILE
        asset.write_text(text, encoding="utf-8")
        try:
            tf.saved_model.save(_module(weights, asset), str(part), signatures=traced)
        except tf.errors.OpError as error:  # for example of a full disk
            raise OSError(f"{folder} cannot be written: {error.message.splitlines()[0]}") from error
        warmup.write(part, folder.absolute().parent.name, signatures)
    layout.write_configs(path)
    if keep is not None:
        layout.prune(folder, keep)
    return str(folder)


def _weights(game, players):
    """Returns the variables of players that signatures read, with averages in place of the averaged weights.

    If players share averaged weights, the last player's average is read, as in `making.scoped`.
    """
    averages = {
        id(weight): shadow for name, each in game.averages.items() for weight, shadow in each.pairs(game.players[name])
    }
    read = [averages.get(id(weight), weight) for name in players for weight in game.players[name].variables]
    return list({id(weight): weight for weight in read}.values())


def _module(weights, asset):
    """Returns the module of the SavedModel: the variables that its signatures read, and the metadata.

    The models are not part of it, as Keras would trace their calls, too.
    """
    module = tf.Module()
    module.weights = [weight.value for weight in weights]
    module.metadata = tf.saved_model.Asset(str(asset))
    return module
