"""Checks of the players, latents and labels of a GAN. Each error names what does not fit."""

from typing import Any

import keras
import numpy as np

from keras_gan.ground.arguments import fits_in_memory, reason
from keras_gan.latents import Latents, Prior, label_count
from keras_gan.noise import Noise
from keras_gan.play import conditions, players


def check_players(
    generator: keras.Model, discriminator: keras.Model, latents: Latents, labels: Prior | None, packing: int = 1
) -> tuple:
    """Builds players that are not built yet, and checks that their inputs and outputs fit each other.

    Returns:
        The shape of one generated example, and the condition that players take, or None if it is not determined.

    Raises:
        ValueError: If players, latents and labels do not fit each other.
    """
    _check_models(generator, discriminator)
    _check_latents(generator, latents)
    condition = conditions.find({"generator": generator, "discriminator": discriminator}, labels)
    if condition is None or condition.is_label:
        y = np.array([0, 0, (label_count(labels) or 1) - 1], "int32")
    else:
        y = condition.zeros(3).numpy()
    fake = _check_generator(generator, latents, y)
    _check_discriminator(discriminator, fake, y[1:], packing)
    shared = {id(v) for v in generator.variables} & {id(v) for v in discriminator.variables}
    if shared:
        names = [v.path for v in generator.variables if id(v) in shared]
        raise ValueError(f"`generator` and `discriminator` must not share variables. Received: both hold {names[:3]}")
    if labels is not None and not players.takes_labels(generator) and not players.takes_labels(discriminator):
        raise ValueError(
            "`labels` must be None unless a player takes labels: give it a second input, or a `labels` argument in "
            f"`call`. Received: labels={labels!r}"
        )
    return tuple(fake.shape[1:]), condition


def _check_models(generator, discriminator):
    for name, player in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(player, keras.Model):
            raise ValueError(f"`{name}` must be a keras.Model. Received: {name}={player!r}")
        players.check_listed(name, player)
    if generator is discriminator:
        raise ValueError(
            "`generator` and `discriminator` must be two models, which play against each other. "
            f"Received: one model for both, {generator.name!r}"
        )


def _check_latents(generator, latents):
    takes = _input_shape(generator)
    if takes is not None and takes != (None, latents.dim):
        hint = (
            "; the inputs of a conditional generator are [latents, labels]" if players.takes_labels(generator) else ""
        )
        raise ValueError(
            f"`latents` must have the shape that the generator takes, {takes}. "
            f"Received: latents={latents!r} of shape (None, {latents.dim}){hint}"
        )


def _check_generator(generator, latents, labels):
    """Checks that the generator makes a tensor with one example per label, and returns the tensor."""
    with fits_in_memory("latents", f"latents={latents!r}"):
        z = latents.draw(len(labels), Noise((0, "check")))
    fake = try_player("generator", generator, z, labels, f"latents of shape (N, {latents.dim})")
    if not hasattr(fake, "shape"):
        raise ValueError(f"`generator` must give one tensor. Received: a {type(fake).__name__}")
    check_one_per_example("generator", generator, fake, len(labels))
    return fake


def _check_discriminator(discriminator, fake, labels, packing):
    """Checks that the discriminator gives a tensor, or a dict of tensors, with one row per pack of examples."""
    packed = (*fake.shape[1:-1], packing * fake.shape[-1])
    takes = _input_shape(discriminator)
    if takes is not None and not _fits((len(labels), *packed), takes):
        hint = f", which is {(None, *packed)} with packing={packing}" if packing > 1 else ""
        raise ValueError(
            f"`generator` must give what the discriminator takes, {takes}. "
            f"Received: generator output of shape {(None, *fake.shape[1:])}{hint}"
        )
    if packing > 1 and players.takes_labels(discriminator):
        raise ValueError(
            "`packing` must be 1 where the discriminator takes labels, as packed examples have different labels. "
            f"Received: packing={packing}"
        )
    x = np.zeros((len(labels), *packed), fake.dtype.name)
    output = try_player("discriminator", discriminator, x, labels, f"generated examples of shape {(None, *packed)}")
    if isinstance(output, list | tuple):
        raise ValueError(
            "`discriminator` must give one tensor, or a dict of tensors of which one is named 'output', such as "
            "`keras.Model(inputs, {'output': score, 'features': hidden})`. "
            f"Received: {discriminator.name!r}, which gives a {type(output).__name__} of {len(output)}"
        )
    check_one_per_example("discriminator", discriminator, output, len(labels))


def _input_shape(player):
    inputs = players.graph_inputs(player)
    return tuple(inputs[0].shape) if inputs else None


def _fits(shape, wanted):
    return len(shape) == len(wanted) and all(w in (None, s) for s, w in zip(shape[1:], wanted[1:], strict=True))


def try_player(name: str, player: keras.Model, inputs, labels: np.ndarray, what: str) -> Any:
    """Calls a player of a GAN. An error of the player is raised as a `ValueError`: the player must take `what`."""
    if players.takes_labels(player):
        most = f" up to {labels.max()}" if labels.ndim == 1 and labels.max() else ""
        shape = f"(N{''.join(f', {size}' for size in labels.shape[1:])}{',' * (labels.ndim == 1)})"
        what = f"[{what}, labels{most} of shape {shape} {labels.dtype}], in this order"
    try:
        return players.call(player, inputs, labels)
    except Exception as error:  # whatever a user's model may raise
        hint = _hint(player) if "unpack" in str(error) else ""
        if players.takes_labels(player) and players.graph_inputs(player) is None and labels.dtype == "int32":
            hint = "; where a subclass takes another condition, `labels` must be a prior that draws it"
        raise ValueError(
            f"`{name}` must take {what}. Received: {player.name!r}, with the error: {reason(error)}{hint}"
        ) from error


def check_one_per_example(name: str, player: keras.Model, outputs, count: int) -> None:
    """Checks that each output of a player on `count` examples has that many rows."""
    for output in keras.tree.flatten(outputs):
        if not getattr(output, "shape", None) or output.shape[0] != count:
            raise ValueError(
                f"`{name}` must give one output per example. Received: {player.name!r}, which gives shape "
                f"{tuple(getattr(output, 'shape', ()))} for {count} examples{_hint(player)}"
            )


def _hint(player):
    """Returns a hint on how a subclassed player gets labels, if the player is one that gets none."""
    if players.graph_inputs(player) is not None or players.takes_labels(player):
        return ""
    return "; a subclassed player gets labels only if its `call` has an argument named `labels`"
