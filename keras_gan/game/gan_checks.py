"""Checks of the data, the labels and the methods' arguments of a GAN. Each error names what does not fit."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan import ranges
from keras_gan.data import feed
from keras_gan.game.checks import check_packs
from keras_gan.game.gan_players import check_one_per_example, try_player
from keras_gan.ground.arguments import kind
from keras_gan.latents import label_count
from keras_gan.noise import Noise
from keras_gan.play import conditions, players


def check_step(element, game: keras.Model, *, name: str, batches: int) -> None:
    """Checks the data of one call of `train_on_batch` or `test_on_batch`: shapes, labels, the range of integers.

    Args:
        element: A batch of examples, or (examples, labels).
        game: The compiled `GAN`.
        name: The name of the method.
        batches: Number of batches that the call consumes, stacked on axis 1.
    """
    examples, labels = feed.unpack(element)
    stacked = (batches,) if batches > 1 else ()
    shape, wanted = tuple(getattr(examples, "shape", ())), (*stacked, *game.example_shape)
    if shape[1:] != wanted:
        why = f", as a step consumes {batches} batches, stacked on axis 1" if stacked else ""
        raise ValueError(f"`{name}` must be given examples of shape {(None, *wanted)}{why}. Received: shape={shape}")
    if not shape[0]:
        raise ValueError(f"`{name}` must be given at least one example. Received: none")
    if game.takes_labels and labels is None:
        raise ValueError(f"`{name}` must be given (examples, labels): a player takes labels. Received: examples only")
    if labels is not None:
        given, first, condition = tuple(getattr(labels, "shape", ())), shape[: 1 + len(stacked)], _condition_of(game)
        if given[: len(first)] != first or not condition.fits(given[len(first) :]):
            raise ValueError(
                f"`{name}` must be given labels of shape {(*first, *condition.shape)}. "
                f"Received: labels of shape {given}"
            )
        if game.takes_labels:  # other games ignore labels, which may then have any values
            _check_labels_of_step(np.asarray(labels), condition, game, name)
    if np.issubdtype(np.asarray(examples).dtype, np.integer):  # such as pictures that were not rescaled
        _check_range(float(np.min(examples)), float(np.max(examples)), game)
    check_packs(examples, game.packing, game.distribute_strategy.num_replicas_in_sync)


def _check_labels_of_step(labels, condition, game, name):
    if not condition.holds(labels):
        wanted = "integers" if condition.dtype == "int32" else "finite numbers"
        raise ValueError(f"`{name}` must be given labels that are {wanted}. Received: labels of {kind(labels)}")
    count = label_count(game.labels)
    if condition.is_label and count is not None:
        check_labels(labels, range(count), f"The labels that `{name}` is given")


def check_batch(batch, labels, game) -> None:
    """Checks the first batch of a data set against the game's generator and labels.

    Raises:
        ValueError: If its shape, range or labels do not fit.
    """
    example_shape = game.example_shape
    batch = np.asarray(batch)
    feed.check_numbers(batch)
    if batch.shape[1:] != example_shape:
        raise ValueError(
            f"The data must have the shape that the generator makes, {(None, *example_shape)}. "
            f"Received: a batch of shape {batch.shape}"
        )
    if not np.all(np.isfinite(batch)):
        raise ValueError(f"The data must be finite. Received: a batch with {np.sum(~np.isfinite(batch))} NaN or Inf")
    _check_range(float(batch.min()), float(batch.max()), game)
    if game.takes_labels and labels is None:
        raise ValueError("The data must be pairs (example, label): a player takes labels. Received: examples only")
    count = label_count(game.labels)
    if game.takes_labels:
        game.condition.check(labels, len(batch), "The data's labels")
    are_labels = game.takes_labels and game.condition.is_label
    if are_labels and count is not None:
        check_labels(np.asarray(labels), range(count), "The data's labels")
    lowest = 0 if labels is None else _check_classes(np.asarray(labels), game)
    if are_labels and count is None:
        check_labels(np.asarray(labels), range(lowest, 2**31), "The data's labels")
        _try_labels(game, np.array([0, 0, np.max(labels)], "int32"))
    elif game.takes_labels and not are_labels:
        _try_labels(game, game.condition.of(labels[:3]).numpy())


def _check_range(low, high, game):
    """Checks that the data lies in the range of the generator, and in the `value_range` of the GAN."""
    bound = ranges.deduce(game.generator)
    if not ranges.is_inside(low, high, bound.ends):
        raise ValueError(
            f"The data must lie in {ranges.shown(bound.ends)}, the range of the generator, which ends in a "
            f"{bound.origin}. Received: data in {ranges.shown((low, high))}; {ranges.how_to_map(bound.ends)}"
        )
    if game.range_is_known and not ranges.is_inside(low, high, game.value_range):
        raise ValueError(
            f"The data must lie in {ranges.shown(game.value_range)}, the `value_range` of the GAN. "
            f"Received: data in {ranges.shown((low, high))}; {ranges.how_to_map(game.value_range)}"
        )


def _condition_of(game):
    return game.condition or conditions.Condition()


def _try_labels(game, labels):
    """Calls each player that takes labels with some of the data: of integers with the largest, which no prior gives."""
    z = game.latents.draw(len(labels), Noise((0, "check")))
    x = np.zeros((len(labels), *game.example_shape), "float32")
    for name, inputs, what in (
        ("generator", z, f"latents of shape (N, {game.latents.dim})"),
        ("discriminator", x, f"examples of shape {(None, *game.example_shape)}"),
    ):
        player = getattr(game, name)
        if players.takes_labels(player):
            made = try_player(name, player, players.cast_like(inputs, player), labels, what)
            check_one_per_example(name, player, made, len(labels))
            if name == "generator" and tuple(made.shape[1:]) != game.example_shape:
                raise ValueError(
                    f"`generator` must give examples of shape {(None, *game.example_shape)} whatever the labels are. "
                    f"Received: {tuple(made.shape)} of labels of shape {labels.shape}"
                )


def _check_integers(labels, count):
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"The data's labels must be integers, one per example, ({count},). "
            f"Received: labels of {kind(labels)}, of shape {labels.shape}"
        )


def check_labels(labels: np.ndarray, known: range, what: str) -> None:
    """Checks that all labels are in the range of the `known` ones."""
    if labels.size and (labels.min() < known.start or labels.max() >= known.stop):
        low, high = labels.min(), labels.max()
        received = f"the label {low}" if low == high else f"labels in [{low}, {high}]"
        raise ValueError(f"{what} must be in [{known.start}, {known.stop}). Received: {received}")


def _check_classes(labels, game):
    """Checks that the discriminator has a logit for each label that the objective reads, and returns the lowest."""
    shape = (2, *game.example_shape[:-1], game.packing * game.example_shape[-1])
    zeros = players.cast_like(tf.zeros(shape), game.discriminator)
    output = players.call(game.discriminator, zeros, _condition_of(game).zeros(2))
    lowest = 0
    for name, _, term in game.objective.named_terms():
        known = term.label_range(output)
        if known is not None:
            lowest = min(lowest, known.start)  # -1 for an example without a label
            _check_integers(labels, len(labels))
            check_labels(labels, known, f"The data's labels, of which the discriminator has logits for {name!r},")
            drawn = np.arange(label_count(game.labels) or 0)
            if game.labels is not None and not game.condition.is_label:
                raise ValueError(
                    f"`labels` must be drawn as integers (N,) for {name!r}, which reads classes. Received: "
                    f"labels={game.labels!r}, which draws {game.condition.text}"
                )
            check_labels(drawn, known, f"The GAN's `labels`, of which the discriminator has logits for {name!r},")
    return lowest


def check_labels_to_generate(n: int, labels, game) -> np.ndarray | None:
    """Checks the argument `labels` of `generate`: one or `n` known labels, if the generator takes labels.

    Returns:
        (1, ...) or (n, ...) conditions; a missing one if they are to be drawn; None if the generator takes none.
    """
    condition = game.condition
    if not players.takes_labels(game.generator):
        if labels is not None:
            raise ValueError(f"`labels` must be None: the generator takes none. Received: labels={labels!r}")
        return None
    if labels is None:
        if game.labels is None:
            raise ValueError(
                "`labels` must be given: the generator takes them, and the GAN was made without `labels` to draw "
                "them from. Received: labels=None"
            )
        return condition.missing()
    labels = np.asarray(labels)
    if not condition.holds(labels) or condition.rows(labels, n) is None:
        wanted = f"finite numbers of shape {condition.shape}, one condition for all, or {(n, *condition.shape)}"
        if condition.is_label:
            wanted = f"one integer or {n} integers"
        raise ValueError(f"`labels` must be {wanted}. Received: labels of {kind(labels)}, of shape {labels.shape}")
    count = label_count(game.labels)
    if count is not None:
        check_labels(labels, range(count), "`labels`")
    return condition.rows(labels, n)
