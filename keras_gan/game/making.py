"""Values that players make from given inputs, in inference mode."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_gan import images, ranges
from keras_gan.data import RowDecoding
from keras_gan.game.values import Values
from keras_gan.game.wiring import Reference, read_reference
from keras_gan.ground import internals
from keras_gan.ground.arguments import check_count, check_seed, check_unmasked, reason, shown
from keras_gan.latents import label_count
from keras_gan.noise import Noise
from keras_gan.play import conditions


def make(game, name: str, inputs: Mapping, *, n: int | None, seed: int | None, use_ema: bool, batch_size: int) -> Any:
    """Makes a value of a game: see `Game.make` for the arguments."""
    reference = read_reference(game.tasks.get(name, name), "name")
    leaves = game.wiring.leaves([reference.name], given=set(inputs) - {reference.name})
    _check_inputs(game, reference, inputs, leaves, n)
    check_count("batch_size", batch_size)
    seed = random.randrange(2**31) if seed is None else check_seed("seed", seed)
    given = {key: game.as_input(key, value) for key, value in inputs.items()}
    count = len(next(iter(given.values()))) if given else check_count("n", n)
    pieces = []
    for start in range(0, max(count, 1), batch_size):  # once without examples, too, for the shape
        piece = {key: value[start : start + batch_size] for key, value in given.items()}
        noise = Noise(("make",), seed, start=start)
        values = make_values(game, piece, min(batch_size, count - start), noise)
        try:
            made = _as_given(game, reference, scoped(game, values, reference, use_ema))
            pieces.append(keras.tree.map_structure(lambda x: x.numpy(), made))
        except (ValueError, TypeError, tf.errors.InvalidArgumentError) as error:
            raise ValueError(
                f"`make` must be given what the players take for {str(reference)!r}{_taken(game, given)}. Received: "
                f"{_shapes(given)}, with the error: {reason(error)}"
            ) from error
    return keras.tree.map_structure(lambda *parts: np.concatenate(parts), *pieces)


def _taken(game, given):
    """Returns the shapes of inputs, as far as they are known, in words."""
    known = {key: (None, *game.shapes[key]) for key in given if game.shapes.get(key) is not None}
    return f": {', '.join(f'{key} of shape {shape}' for key, shape in known.items())}" if known else ""


def _shapes(given):
    return ", ".join(f"{key} of shape {tuple(value.shape)}" for key, value in given.items()) or "no inputs"


def make_all(game, names: list[str], inputs: Mapping) -> dict[str, tf.Tensor]:
    """Returns the named values of a game, made from the inputs with averaged weights."""
    given = {key: game.as_input(key, value) for key, value in inputs.items()}
    count, noise = tf.shape(next(iter(given.values())))[0], Noise(("make",), 0)
    values = make_values(game, given, count, noise)
    return {name: scoped(game, values, Reference(name)) for name in names}


def exported(game, names: str | Sequence[str] | None) -> list[str]:
    """Returns the names of values to export: the given ones, or by default the fakes and the values of tasks.

    Raises:
        ValueError: If a name is no value.
    """
    if names is None:
        fakes = [str(each) for match in game.matches.values() for each in match.fakes]
        names = fakes or [game.compared[1] if game.compared else next(reversed(game.wiring.values))]
        fakes = [name for name in names if read_reference(name, "values").name in game.wiring.values]
        return list(dict.fromkeys([*fakes, *game.tasks.values()]))
    names = [game.tasks.get(name, name) for name in ([names] if isinstance(names, str) else names)]
    if not names or any(read_reference(name, "values").name not in game.wiring.values for name in names):
        raise ValueError(
            f"`values` must name values of the game: {', '.join(map(repr, game.wiring.values))}. "
            f"Received: values={shown(names)}"
        )
    return names


def given_draws(game, given: Sequence[str]) -> list[str]:
    """Returns the names of draws that are inputs of the exported signatures.

    Raises:
        ValueError: If a name is no draw of the game.
    """
    given = [given] if isinstance(given, str) else list(given)
    unknown = [name for name in given if name not in game.draws]
    if unknown:
        raise ValueError(
            f"`given` must name draws of the game: {', '.join(map(repr, game.draws)) or 'it has none'}. "
            f"Received: given={shown(given)}"
        )
    return given


def compute(
    game, name: str, inputs: Mapping, count: tf.Tensor, seed: tf.Tensor | int | None
) -> tf.Tensor | dict | list:
    """Computes a value in a graph, with averaged weights, as `make` does.

    Floats are float32, except for the columns of a table, which keep the dtypes of their schema.

    A given draw is drawn where it is missing, such as a label of -1, unless the seed is None.
    """
    given = {key: game.as_input(key, value) for key, value in inputs.items()}
    noise = Noise(("make",), 0 if seed is None else seed)
    drawn = [] if seed is None else [name for name in given if name in game.draws]
    given |= {name: _or_drawn(given[name], game.draws[name], count, noise.at(name)) for name in drawn}
    values = make_values(game, given, count, noise)
    reference = read_reference(name, "values")
    return _as_given(game, reference, scoped(game, values, reference))


def _as_given(game, reference, made):
    """Casts the floats of a value to float32, except for the columns of a table."""
    if isinstance(game.players[game.wiring.values[reference.name].player], RowDecoding):
        return made
    return keras.tree.map_structure(lambda x: tf.cast(x, tf.float32) if x.dtype.is_floating else x, made)


def _or_drawn(given, prior, count, noise):
    condition = conditions.of_prior(prior)
    return tf.where(condition.is_missing(given), condition.of(prior.draw(count, noise)), given)


def make_values(game, inputs: Mapping, count: int | tf.Tensor, noise: Noise) -> Values:
    """Returns the values of a game in inference mode."""
    return Values(game.wiring, game.players, inputs, game.draws, count, noise)


def scoped(game, values: Values, reference: Reference, use_ema: bool = True) -> tf.Tensor | dict | list:
    """Returns one value, made without writing any variable, so that several may be made at the same time."""
    averages = game.averages.items() if use_ema else ()
    pairs = [pair for name, average in averages for pair in average.pairs(game.players[name])]
    with internals.nested_scope(pairs):
        return values[reference]


def _check_inputs(game, reference, inputs, leaves, n):
    if reference.name not in game.wiring.values:
        raise ValueError(
            f"`name` must be a value of the game: {', '.join(map(repr, game.wiring.values))}. "
            f"Received: name={str(reference)!r}"
        )
    missing = [leaf for leaf in leaves if leaf not in inputs and leaf not in game.draws]
    if missing:
        raise ValueError(
            f"`{missing[0]}` must be given, as {str(reference)!r} is made of {', '.join(leaves)}. "
            f"Received: {', '.join(inputs) or 'no inputs'}"
        )
    unknown = [key for key in inputs if key not in leaves]
    if unknown:
        raise ValueError(
            f"`make` must be given what {str(reference)!r} is made of: {', '.join(leaves)}. "
            f"Received: {unknown[0]!r} too"
        )
    for key, value in inputs.items():
        if np.ndim(value) == 0:
            raise ValueError(f"`{key}` must be an array of examples. Received: {key}={shown(value)}")
    check_unmasked(*inputs.values())
    lengths = {key: len(value) for key, value in inputs.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"All inputs must have the same length. Received: {lengths}")
    for key, value in inputs.items():
        check_input(game, key, np.asarray(value))
    if not inputs and n is None:
        raise ValueError(f"`n` must be given, as all of {str(reference)!r} is drawn. Received: n=None")
    if inputs and n is not None and n != next(iter(lengths.values())):
        raise ValueError(f"`n` must be None or the length of the inputs. Received: n={n}, and inputs of {lengths}")


def check_input(game, key: str, value: np.ndarray) -> None:
    """Checks a part of the data that a value is made from or shown beside.

    Raises:
        ValueError: If a class is out of range, or pictures are integers out of `value_range`, such as bytes.
    """
    count = label_count(game.draws.get(key))
    if count is not None and value.size:
        known = value.dtype.kind in "iuf" and np.all((value >= 0) & (value < count) & (value == np.floor(value)))
        if not known:
            raise ValueError(
                f"`{key}` must be integers in [0, {count}), one per example. Received: {key}={shown(value.tolist())}"
            )
    if value.dtype.kind in "iu" and value.size and images.is_picture(value.shape[1:]) and game.range_is_known:
        low, high = float(value.min()), float(value.max())
        if not ranges.is_inside(low, high, game.value_range):
            raise ValueError(
                f"`{key}` must lie in {ranges.shown(game.value_range)}, as the data of training. Received: integers "
                f"in {ranges.shown((low, high))}; {ranges.how_to_map(game.value_range)}"
            )
