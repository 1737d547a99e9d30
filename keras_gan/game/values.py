"""The named tensors of one move."""

import collections
import functools
from collections.abc import Collection, Iterable, Iterator, Mapping

import keras
import tensorflow as tf

from keras_gan.game.wiring import Reference, Wiring, read_reference
from keras_gan.ground.shapes import sizes
from keras_gan.latents import Prior
from keras_gan.noise import Noise
from keras_gan.play import players


class Values(Mapping):
    """Parts of the data, draws, and outputs of players, computed when first read.

    Values are computed in the order in which the game lists them, whichever is read first, so that the state of layers
    is always written in one order.

    Args:
        wiring: How the values are made.
        members: The players by name.
        leaves: Parts of the data, and draws that are given instead of drawn, by name.
        draws: The priors of the draws, by name.
        count: Number of examples to draw.
        noise: The noise of draws and of the players' random layers.
        training: The names of the players that are called in training mode. Defaults to none.
        element: The element of the data set that the parts come from.

    Attributes:
        element: The argument `element`.
        count: The argument `count`.
    """

    def __init__(
        self,
        wiring: Wiring,
        members: Mapping[str, keras.layers.Layer],
        leaves: Mapping[str, tf.Tensor],
        draws: Mapping[str, Prior],
        count: int | tf.Tensor,
        noise: Noise,
        training: Collection[str] = (),
        element=None,
    ):
        self.element, self.count = element, count
        self._wiring, self._members, self._draws = wiring, members, draws
        self._known, self._noise = dict(leaves), noise
        self._training, self._added = training, {}

    @property
    def added(self) -> dict[str, list[tf.Tensor]]:
        """The losses that the calls of each player added, in their order, by the player's name."""
        found = collections.defaultdict(list)
        for name, losses in self._added.items():
            found[self._wiring.values[name].player].extend(losses)
        return dict(found)

    def compute(self, names: Iterable[str], without: Iterable[str] = ()) -> None:
        """Computes the named values and their inputs, except for values that the players `without` help to make."""
        names, left = [read_reference(name, "values").name for name in names], self._wiring.involving(without)
        for name in self._wiring.leaves(names):
            _ = self[name]
        for name in self._wiring.needed(names):
            if name not in left:
                _ = self[name]

    def of(self, rows: tf.Tensor, noise: Noise) -> "Values":
        """Returns the values of the examples at `rows`, (n,) integers: those known here; others are made when read."""
        some = functools.partial(keras.tree.map_structure, lambda x: tf.gather(x, rows))
        known, element = some(self._known), None if self.element is None else some(self.element)
        parts = self._wiring, self._members, known, self._draws
        return Values(*parts, sizes(rows)[0], noise, self._training, element)

    def forget(self, players: Iterable[str]) -> None:
        """Drops the values that some players have helped to make, so that they are made again when read."""
        for name in self._wiring.involving(players):
            self._known.pop(name, None)
            self._added.pop(name, None)

    def __getitem__(self, name: str | Reference):
        reference = name if isinstance(name, Reference) else read_reference(name, "values")
        if reference.name not in self._known:
            self._known[reference.name] = self._make(reference.name)
        whole = self._known[reference.name]
        if reference.output is None:
            return whole
        try:
            return whole[reference.output]
        except (KeyError, IndexError, TypeError) as error:
            outputs = sorted(whole) if isinstance(whole, Mapping) else f"a {type(whole).__name__}"
            raise ValueError(
                f"`values` must have the outputs that are read. Received: {reference}, where "
                f"{reference.name!r} gives {outputs}"
            ) from error

    def _make(self, name):
        if name in self._draws:
            return self._draws[name].draw(self.count, self._noise.at(name))
        value = self._wiring.values.get(name)
        if value is None:
            raise ValueError(
                f"The data must have the part {name!r}, or `draws` must draw it. "
                f"Received: data with the parts {sorted(set(self._known) - set(self._wiring.values))}"
            )
        player = self._members[value.player]
        self.compute([each.name for each in value.inputs])
        inputs = [self[each] for each in value.inputs]
        players.reseed(player, self._noise.at("layers", *self._address(name)))
        made = players.call_on(player, inputs, training=value.player in self._training)
        self._added[name] = players.added_losses(player)
        return keras.tree.map_structure(lambda x: players.cast_like(x, player) if x.dtype.is_floating else x, made)

    def _address(self, name):
        return () if len(self._wiring.values) == 1 else (name,)  # one value needs no name, as in version 0.1

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._draws or name in self._wiring.values

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._known, *self._draws, *self._wiring.values]))

    def __len__(self) -> int:
        return len(list(iter(self)))
