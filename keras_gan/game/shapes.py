"""The shapes and dtypes of one example of the parts, draws and values of a game."""

from collections.abc import Mapping

import keras
import tensorflow as tf

from keras_gan.game.values import Values
from keras_gan.game.wiring import read_reference
from keras_gan.ground.arguments import reason
from keras_gan.noise import Noise
from keras_gan.objectives import CrossEntropy, NamedTerm
from keras_gan.play import conditions, players


def find_shapes(game) -> dict[str, tuple]:
    """Returns the shapes of one example of all parts, draws and values, as far as functional players determine them.

    Raises:
        ValueError: If a player is not built and cannot be, or does not take its inputs.
    """
    noise = Noise((0, "check"))
    drawn = {name: tf.convert_to_tensor(prior.draw(2, noise.at(name))) for name, prior in game.draws.items()}
    game.dtypes |= {name: "int32" if each.dtype.is_integer else "float32" for name, each in drawn.items()}
    drawn = {name: tuple(each.shape[1:]) for name, each in drawn.items()}
    shapes = {**drawn, **{name: shape for name, shape in game.shapes_given.items() if shape is not None}}
    for value in game.wiring.values.values():
        inputs = players.graph_inputs(game.players[value.player]) or ()
        for reference, tensor in zip(value.inputs, inputs, strict=False):
            _take_input(shapes, game, reference, tensor)
    for match in game.matches.values():
        inputs = players.graph_inputs(game.players[match.judge]) or ()
        if len(match.reals) == 1 and len(inputs) == 2:
            for name in match.labels_of.values():
                _take_input(shapes, game, read_reference(name, "labels"), inputs[1])
        for references in (match.reals, match.fakes):
            for reference, tensor in zip(references, inputs, strict=False):
                packed = tuple(tensor.shape[1:])
                if match.packing == 1 and None not in packed:
                    _take_input(shapes, game, reference, tensor)
                elif None not in packed:
                    shapes.setdefault(reference.name, (*packed[:-1], packed[-1] // match.packing))
    shapes = _made_shapes(game, shapes)
    _check_judged(game, shapes)
    return shapes


def _check_judged(game, shapes):
    """Checks that functional judges take the shapes of the fakes."""
    for match in game.matches.values():
        inputs = players.graph_inputs(game.players[match.judge]) or ()
        for reference, tensor in zip(match.fakes, inputs, strict=False):
            made = shapes.get(str(reference))
            if reference.name not in game.wiring.values or made is None:
                continue
            shown, taken = (*made[:-1], *(size * match.packing for size in made[-1:])), tuple(tensor.shape[1:])
            if len(shown) == len(taken) and any(b not in (None, a) for a, b in zip(shown, taken, strict=True)):
                raise ValueError(
                    f"`matches` must give {match.judge!r} examples of the shape that it takes, {(None, *taken)}. "
                    f"Received: {str(reference)!r} of shape {(None, *shown)}"
                )


def _take_input(shapes, game, reference, tensor):
    shape = tuple(tensor.shape[1:])
    if reference.output is None and reference.name not in game.draws:
        game.dtypes.setdefault(reference.name, conditions.of_input(tensor).dtype)
        if None not in shape:
            shapes.setdefault(reference.name, shape)


def _made_shapes(game, shapes):
    """Adds the shapes of values whose inputs are known, which also builds their players."""
    known = [
        name
        for name in game.wiring.values
        if all(leaf in shapes or leaf in game.draws for leaf in game.wiring.leaves([name]))
    ]
    leaves = {
        name: tf.zeros((2, *shapes[name]), dtype_of(game, name, shapes[name]))
        for name in game.wiring.leaves(known)
        if name not in game.draws
    }
    values = Values(game.wiring, game.players, leaves, game.draws, 2, Noise((0, "check")))
    for name in known:
        try:
            with keras.StatelessScope():
                made = values[name]
        except Exception as error:  # whatever a user's model may raise
            raise ValueError(
                f"`values` must fit the players. Received: {name}={str(game.wiring.values[name])!r}, with the error: "
                f"{reason(error)}"
            ) from error
        for key, each in _outputs(name, made):
            shapes[key] = tuple(each.shape[1:])
    for name, player in game.players.items():
        judged = [match for match in game.matches.values() if match.judge == name]
        for match in judged:
            if not player.built and all(str(each) in shapes for each in match.fakes):
                player.build(_first((2, *shapes[str(each)]) for each in match.fakes))
        if not player.built:
            raise ValueError(
                f"`players` must be built: call {name!r} once, give it an Input, or give its inputs in `shapes`. "
                f"Received: {player.name!r}, which is not built"
            )
    return shapes


def _first(shapes):
    shapes = list(shapes)
    return shapes[0] if len(shapes) == 1 else shapes


def _outputs(name, made):
    if isinstance(made, Mapping):
        return [(f"{name}.{key}", each) for key, each in made.items()]
    if isinstance(made, list | tuple):
        return [(f"{name}[{i}]", each) for i, each in enumerate(made)]
    return [(name, made)]


def dtype_of(game, name: str, shape: tuple) -> str:
    """Returns the dtype of a part: that of its players, otherwise int32 for labels (N,) and float32 for all others."""
    return game.dtypes.get(name, "int32" if shape == () else "float32")


def labels_of(game, match: str) -> tuple[tuple, str]:
    """Returns the shape and dtype of the labels of one fake of a match; those of integers (N,) if there are none."""
    name = game.matches[match].labels_of.get("fake")
    shape = game.shapes.get(name, ())
    return shape, dtype_of(game, name, shape)


def complete(game) -> None:
    """Adds the shapes of parts that only the objective reads: the shape of the value that a part is compared with."""
    for _, term in game.objective.terms:
        if not isinstance(term, NamedTerm):
            continue
        names = [read_reference(each, "reads") for each in term.reads]
        if isinstance(term, CrossEntropy):  # whose labels may be integers, one-hot or soft, as the data has them
            continue
        known = next((game.shapes[str(each)] for each in names if str(each) in game.shapes), None)
        for each in names:
            if each.output is None and known is not None and each.name not in game.wiring.values:
                game.shapes.setdefault(each.name, known)


def wanted(game) -> list[str]:
    """Returns the parts of the data that a step needs."""
    names = [name for side in game.reads.values() for name in side]
    return [name for name in game.wiring.leaves(names) if name not in game.draws]


def are_complete(game) -> bool:
    """Returns whether all shapes are known that a step needs; labels of a `CrossEntropy` first count as integers."""
    labels = {term.labels for _, term in game.objective.terms if isinstance(term, CrossEntropy)}
    return all(name in game.shapes or name in labels for name in wanted(game))


def zeros(game, count: int) -> dict[str, tf.Tensor]:
    """Returns a batch of zeros of all parts that a step needs, and of labels that matches name."""
    labels = [name for match in game.matches.values() for name in match.labels_of.values()]
    names = dict.fromkeys([*wanted(game), *(name for name in labels if name not in game.draws)])
    shapes = {name: game.shapes.get(name, ()) for name in names if name not in game.wiring.values}
    return {name: tf.zeros((count, *shape), dtype_of(game, name, shape)) for name, shape in shapes.items()}


def shapes_of(game, element) -> dict[str, tuple]:
    """Returns the shapes of one example of the parts of a batch."""
    return {name: tuple(part.shape[1:]) for name, part in game.parts_of(element).items()}


def learn_dtypes(game, element) -> None:
    """Sets the dtypes of the parts that a step needs from a batch, where no player determines them."""
    found = game.parts_of(element)
    for name in wanted(game):
        taken = game.as_input(name, found[name])
        game.dtypes.setdefault(name, "int32" if taken.dtype.is_integer else "float32")


def note_shapes(game) -> None:
    """Stores the shapes of all values, once those of all parts are known."""
    values = Values(game.wiring, game.players, zeros(game, 2), game.draws, 2, Noise((0, "check")))
    for name in game.wiring.values:
        if all(leaf in values or leaf in game.draws for leaf in game.wiring.leaves([name])):
            with keras.StatelessScope():
                for key, each in _outputs(name, values[name]):
                    game.shapes[key] = tuple(each.shape[1:])
