"""The signature of a run's configuration, and the state of its other callbacks."""

import hashlib
import inspect
import json
import re
from collections.abc import Iterable

import keras
import numpy as np
import tensorflow as tf

from keras_gan import schedules
from keras_gan.data import Schema
from keras_gan.data.addresses import Addresses
from keras_gan.data.columns import Category
from keras_gan.game import GAN
from keras_gan.game.optimizers import describe, innermost
from keras_gan.ground import internals
from keras_gan.ground.arguments import reason

PLAIN = bool | int | float | str | None
NOTHING = "null"  # the entry of a setting that is None
SCHEDULES, EXAMPLES = "schedules", "examples"  # which are in checkpoints from version 0.2 on
LATER = (SCHEDULES, EXAMPLES, "penalties_at")
FILE = "(file)"  # the key of a CSVLogger's file


def signature(game: keras.Model, course) -> dict[str, str]:
    """Returns the settings that must be the same when a run resumes, as text by name."""
    data = course.data
    return {
        **_made_of(game),
        **{name: str(getattr(game, name)) for name in ("objective", "seed", "discriminator_steps", "reuse_fakes")},
        **_schedules(game),
        "simultaneous": _config(game.simultaneous or None),
        "penalties_at": game.penalties_at,
        **_compiled(game),
        "kernels": NOTHING if game.compile_options["kernels"] is True else str(list(game.kernels_used)),
        **{f"{side}_constraint": _config(game.constraints.get(side)) for side in game.sides},
        **{name: _player(player) for name, player in game.players.items()},
        **{f"{side}_optimizer": describe(optimizer) for side, optimizer in game.optimizers.items()},
        "steps_per_epoch": str(course.steps),
        **_columns(game),
        "data": str(data.element_spec if isinstance(data, tf.data.Dataset | Addresses) else type(data).__name__),
        **({} if course.addresses is None else {EXAMPLES: course.addresses.fingerprint()}),
    }


def _schedules(game):
    """Returns the schedules of weights of terms, which the text of an objective omits; empty if there are none."""
    if "(...)" not in str(game.objective):
        return {}
    found = _scheduled_weights(keras.saving.serialize_keras_object(game.given_objective))
    return {SCHEDULES: json.dumps(_nameless(list(found)), sort_keys=True, default=str)}


def _scheduled_weights(config):
    """Yields the configs of weights that are schedules, from the config of an objective."""
    if isinstance(config, dict):
        terms = config.get("terms")
        if isinstance(terms, list):
            yield from (term[0] for term in terms if isinstance(term, list | tuple) and isinstance(term[0], dict))
        for each in config.values():
            yield from _scheduled_weights(each)
    elif isinstance(config, list | tuple):
        for each in config:
            yield from _scheduled_weights(each)


def _compiled(game):
    """Returns whether XLA compiles, as its rounding differs; empty if `fit` chooses it."""
    if game.compile_options["jit_compile"] == game.compile_options["steps_per_execution"] == "auto":
        return {}
    return {"jit_compile": str(game.jit_compile or game.execution.compiles_loop)}


def _columns(game):
    """Describes the columns of a table: with other categories the same weights would have another meaning."""
    schema = getattr(game, "schema", None)
    if not isinstance(schema, Schema):
        return {}
    return {"columns": ", ".join(f"{name} ({_column(each)})" for name, each in schema.columns.items())}


def _column(column):
    if not isinstance(column, Category):
        return "numbers"
    digest = hashlib.blake2b(repr(list(column.values)).encode(), digest_size=4).hexdigest()
    return f"{len(column.values)} categories, {digest}"


def _made_of(game):
    """Describes a game except for its players; a GAN with the names of version 0.1, for its checkpoints."""
    if isinstance(game, GAN):
        return {
            **{name: str(getattr(game, name)) for name in ("latents", "labels", "packing")},
            **{name: _config(getattr(game, name)) for name in ("augmentation", "replay")},
            "ema": str(None if game.ema is None else schedules.describe(game.ema.decay)),
        }
    return {
        "draws": str(game.draws),
        "values": str({name: str(value) for name, value in game.wiring.values.items()}),
        "matches": _config({name: match.get_config() for name, match in game.matches.items()}),
        "sides": str({name: list(side.members) for name, side in game.sides.items()}),
        "moves": str(list(game.moves_given)),
        "ema": str({name: schedules.describe(average.decay) for name, average in game.averages.items()}),
    }


def differences(saved: dict[str, str], now: dict[str, str]) -> list[str]:
    """Returns the names of settings that differ, except for those that an older version did not write."""
    before = {name: saved.get(name, now[name] if name in LATER else NOTHING) for name in now}
    return [name for name in now if _unplaced(before[name]) != _unplaced(now[name])]


def _unplaced(text):
    """Removes the modules of this library's classes from a config, as a later version may have moved a class."""
    return re.sub(r'"module": "keras_gan[\w.]*", ', "", text)


def check_same(saved: dict[str, str], now: dict[str, str], where) -> None:
    """Checks that a checkpoint is of this configuration.

    Raises:
        ValueError: If it is not; the text names the differences.
    """
    differ = differences(saved, now)
    if differ:
        each = "; ".join(f"{name}: {saved.get(name)} there, {now[name]} here" for name in differ)
        raise ValueError(
            f"`path` must hold checkpoints of the same configuration, or `strict` be False. Received: {where}, where "
            f"{each}"
        )


def rates(game: keras.Model) -> list[tuple]:
    """Returns the variable and the value of each constant learning rate, which a checkpoint holds."""
    optimizers = [innermost(optimizer) for optimizer in game.optimizer.optimizers]
    known = [internals.learning_rate(optimizer) for optimizer in optimizers]
    return [(rate, rate.numpy()) for rate in known if isinstance(rate, keras.Variable)]


def check_fit(saved: dict[str, str], now: dict[str, str], players: Iterable[str], where) -> None:
    """Checks that a checkpoint of another configuration has weights of the same shapes.

    Args:
        saved: The signature of the checkpoint.
        now: The signature of the game.
        players: The names of the game's players.
        where: The checkpoint.

    Raises:
        ValueError: If it has not; the text names the player.
    """
    for player in players:
        there, here = (each.get(player, "no player").split(" (")[0] for each in (saved, now))
        if there != here:
            raise ValueError(
                "`path` must hold checkpoints whose weights fit the game, even with `strict=False`. Received: "
                f"{where}, where the {player} has weights of the shapes {there}; here they are {here}"
            )


def load_whole(game: keras.Model, path) -> None:
    """Loads the state of another configuration, completely or not at all.

    Raises:
        ValueError: If the state does not fit. The game is then unchanged.
    """
    try:
        game.load_weights(path)
    except ValueError as error:
        raise ValueError(
            "`path` must hold checkpoints whose state fits the game, even with `strict=False`. "
            f"Received: {path}, with the error: {' '.join(reason(error).split())}"
        ) from error


def _config(value):
    try:
        config = keras.saving.serialize_keras_object(value)
    except NotImplementedError:  # a custom layer without `get_config`
        config = type(value).__name__
    return json.dumps(_nameless(config), sort_keys=True, default=str)


def _nameless(config):
    """Removes the names that Keras numbers, which differ from process to process."""
    if isinstance(config, dict):
        return {key: _nameless(value) for key, value in config.items() if key not in ("name", "build_config")}
    return [_nameless(value) for value in config] if isinstance(config, list | tuple) else config


def _player(player):
    """Returns the shapes of a player's weights, and a hash of its layers' arguments."""
    shapes = ", ".join("x".join(map(str, weight.shape)) or "1" for weight in player.weights)
    whole = player.layers if isinstance(player, keras.Model) else [player]
    layers = [layer for layer in whole if not isinstance(layer, keras.Model)]
    arguments = [_config(layer) for layer in layers]
    return f"{shapes} (layers {hashlib.sha256(json.dumps(arguments).encode()).hexdigest()[:8]})"


class Watched:
    """Callbacks whose state is saved and restored.

    The state of a callback is every attribute that is neither an argument of the constructor nor a string, if it
    consists of numbers, strings and arrays: the best value and weights of `EarlyStopping`, the patience of
    `ReduceLROnPlateau`, a history. The state of a `CSVLogger` includes its file.
    """

    def __init__(self, callbacks: list):
        self.callbacks = {}
        for callback in callbacks:
            if not isinstance(callback, keras.callbacks.ProgbarLogger):
                kind = type(callback).__name__
                number = sum(name.startswith(f"{kind}.") for name in self.callbacks)
                self.callbacks[f"{kind}.{number}"] = callback

    def state(self) -> tuple[dict, dict[str, np.ndarray]]:
        """Returns the state of callbacks: for JSON, and the arrays by name."""
        arrays = {}
        state = {
            name: {key: _pack(value, f"{name}.{key}", arrays) for key, value in _state_of(callback).items()}
            for name, callback in self.callbacks.items()
        }
        return state, arrays

    def restore(self, state: dict, arrays: dict[str, np.ndarray]) -> None:
        """Restores the state of the callbacks."""
        for name, callback in self.callbacks.items():
            for key, value in state.get(name, {}).items():
                value = _unpack(value, arrays)
                if key == FILE:
                    if not isinstance(callback, keras.callbacks.CSVLogger) or not isinstance(value, str):
                        continue
                    callback.csv_file.truncate(0)
                    callback.csv_file.write(value)
                    callback.csv_file.flush()
                    callback.append_header = not value
                elif not _is_code(getattr(type(callback), key, None)):
                    setattr(callback, key, value)


def _state_of(callback):
    given = {"params", *inspect.signature(type(callback)).parameters}
    own = {key: value for key, value in vars(callback).items() if key not in given and not isinstance(value, str)}
    found = {key: value for key, value in own.items() if _is_plain(value)}
    if isinstance(callback, keras.callbacks.CSVLogger) and callback.csv_file is not None:
        callback.csv_file.flush()
        with open(callback.filename, encoding="utf-8", newline="") as file:
            found[FILE] = file.read()
    return found


def _is_code(value):
    """Returns whether an attribute of a class is a method or a property, which is no state."""
    return callable(value) or isinstance(value, property)


def _is_plain(value):
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, PLAIN | np.generic | np.ndarray)


def _pack(value, name, arrays):
    if isinstance(value, dict):
        return {"dict": {key: _pack(each, f"{name}.{key}", arrays) for key, each in value.items()}}
    if isinstance(value, list | tuple):
        return {"list": [_pack(each, f"{name}.{i}", arrays) for i, each in enumerate(value)]}
    if isinstance(value, np.ndarray | np.generic):
        arrays[name] = np.asarray(value)
        return {"array": name}
    return value


def _unpack(value, arrays):
    match value:
        case {"dict": entries}:
            return {key: _unpack(each, arrays) for key, each in entries.items()}
        case {"list": entries}:
            return [_unpack(each, arrays) for each in entries]
        case {"array": name}:
            return arrays[name] if arrays[name].ndim else arrays[name][()]
    return value
