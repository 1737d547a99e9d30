"""Transfer of the weights of another game's players, layer by layer."""

import difflib
from collections.abc import Iterator

import keras

from keras_gan.ground.arguments import check_count

LayerWeights = tuple[keras.layers.Layer, list[keras.Variable]]


def take(game: keras.Model, other: keras.Model) -> list[str]:
    """Copies the weights of another game's players where their layers fit; see `Game.initialize_from`."""
    values, left = [], []
    for name, player in game.players.items():
        source = other.players.get(name)
        own, theirs = list(_layers(player)), [] if source is None else list(_layers(source))
        average = other.averages.get(name)
        shadows = {} if average is None else {id(weight): shadow for weight, shadow in average.pairs(source)}
        fits = dict(_pairs(own, theirs))
        for i, (layer, weights) in enumerate(own):
            if i not in fits:
                left.append(f"{name}/{layer.name} {_shapes(weights)}")
                continue
            values += [(weight, shadows.get(id(w), w)) for weight, w in zip(weights, theirs[fits[i]][1], strict=True)]
    if not values:
        raise ValueError(
            f"`other` must have players of the same names with layers that fit, {list(game.players)}. "
            f"Received: {other.name!r} with {list(other.players)}, of which no layer fits"
        )
    for weight, value in values:
        weight.assign(value)
    return left


def freeze(player: keras.Model, count: int) -> None:
    """Freezes the first `count` layers of a player that have weights, as FreezeD does for a discriminator.

    Raises:
        ValueError: If the player has no more than `count` such layers.
    """
    layers = [layer for layer, _ in _layers(player)]
    if not check_count("freeze", count, least=0) < len(layers):
        raise ValueError(
            f"`freeze` must be below the number of layers of the discriminator that have weights, {len(layers)}. "
            f"Received: freeze={count}"
        )
    for layer in layers[:count]:
        layer.trainable = False


def _layers(player: keras.layers.Layer) -> Iterator[LayerWeights]:
    """Yields layers with their weights, including those of models inside a model, and last the player's own weights."""
    seen = set()
    for layer in player.layers if isinstance(player, keras.Model) else ():
        for each, weights in _layers(layer) if isinstance(layer, keras.Model) else [(layer, layer.weights)]:
            seen |= {id(weight) for weight in weights}
            if weights:
                yield each, weights
    own = [weight for weight in player.weights if id(weight) not in seen]
    if own:
        yield player, own


def _pairs(own: list[LayerWeights], theirs: list[LayerWeights]) -> Iterator[tuple[int, int]]:
    """Yields the indices of layers that fit each other, in order: of one class, with weights of the same shapes."""
    kinds = [[(type(layer), _shapes(weights)) for layer, weights in each] for each in (own, theirs)]
    ours, others = kinds
    for block in difflib.SequenceMatcher(None, ours, others, autojunk=False).get_matching_blocks():
        yield from ((block.a + k, block.b + k) for k in range(block.size))


def _shapes(weights):
    return " ".join(str(tuple(weight.shape)) for weight in weights)
