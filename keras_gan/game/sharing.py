"""Layers that several players share, and their sharing in a loaded game."""

import collections
from collections.abc import Mapping

import keras

from keras_gan.play.players import graph_inputs


def find_shared(players: Mapping[str, keras.Model]) -> list[list[list[str]]]:
    """Returns the layers that several players share: for each layer, the names of players, and its name in each.

    Args:
        players: The players by name.

    Raises:
        ValueError: If a shared layer is not one of the layers of functional or sequential players.
    """
    holders, weights = collections.defaultdict(list), collections.defaultdict(set)
    for name, player in players.items():
        for variable in player.variables:
            weights[id(variable)].add(name)
        for layer in getattr(player, "layers", ()) if _has_graph(player) else ():
            if layer.variables:
                holders[id(layer)].append((name, layer))
    groups = [group for group in holders.values() if len(group) > 1]
    reached = {id(variable) for group in groups for _, layer in group for variable in layer.variables}
    hidden = next((sorted(names) for each, names in weights.items() if len(names) > 1 and each not in reached), None)
    if hidden is not None:
        raise ValueError(
            "`players` must share whole layers of functional or sequential models, or none: make the shared part a "
            "separate player, such as values={'hidden': 'trunk(z)', 'fake': 'head(hidden)'}. "
            f"Received: {hidden[0]!r} and {hidden[1]!r}, which share weights inside of a layer"
        )
    return [[[name, layer.name] for name, layer in group] for group in groups]


def share(players: dict[str, keras.Model], shared: list[list[list[str]]]) -> dict[str, keras.Model]:
    """Returns the players, rebuilt with shared layers where they have copies.

    Args:
        players: The players by name, as they were loaded, each with its own layers.
        shared: The result of `find_shared` for the game that was saved.
    """
    for (first, name), *others in shared:
        layer = players[first].get_layer(name)
        for other, alias in others:
            copy = players[other].get_layer(alias)
            players[other] = keras.models.clone_model(
                players[other], clone_function=lambda each, copy=copy, layer=layer: layer if each is copy else each
            )
    return players


def _has_graph(player):
    return isinstance(player, keras.Sequential) or graph_inputs(player) is not None
