"""The parts of a game's data: what shapes they have, and whether what `fit` is given has them."""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from keras_gan import images, ranges
from keras_gan.data import feed
from keras_gan.game.match import Match
from keras_gan.game.values import Values
from keras_gan.game.wiring import read_reference
from keras_gan.ground.arguments import reason, shown
from keras_gan.latents import Prior
from keras_gan.noise import Noise
from keras_gan.objectives import CrossEntropy, NamedTerm
from keras_gan.play import conditions, players


def check_dicts(**arguments) -> None:
    """Checks that arguments are dicts, and that there are players and values."""
    for name, given in arguments.items():
        if not isinstance(given, Mapping):
            raise ValueError(f"`{name}` must be a dict by names. Received: {name}={shown(given)}")
        if not given and name in ("players", "values"):
            raise ValueError(f"`{name}` must hold at least one. Received: {name}={{}}")


def named_matches(given: Mapping[str, Match] | Match | None) -> dict[str, Match]:
    """Returns the matches of a game by name; the only one, without a name, by `""`."""
    if isinstance(given, Match):
        return {"": given}
    given = {} if given is None else given
    if not isinstance(given, Mapping) or not all(isinstance(match, Match) for match in given.values()):
        raise ValueError(
            "`matches` must be a Match, a dict of them by names, or None; such as Match('d', real='x', fake='made'). "
            f"Received: matches={shown(given)}"
        )
    return dict(given)


def check_draws(draws: Mapping[str, Prior]) -> None:
    """Checks that what is drawn is drawn from a prior."""
    for name, prior in draws.items():
        if not isinstance(prior, Prior):
            raise ValueError(
                f"`draws` must hold priors, such as `latents.Normal(64)`, or numbers of dimensions. Received: "
                f"{name}={shown(prior)}"
            )


def check_matches(game) -> None:
    """Checks that each match is judged by a player, of names that the game has or the data may have."""
    for name, match in game.matches.items():
        if not isinstance(match, Match) or not isinstance(name, str) or not (name == "" or name.isidentifier()):
            raise ValueError(
                "`matches` must be a Match, or a dict of them by names such as 'a'. "
                f"Received: {name!r}, with {shown(match)}"
            )
        if match.judge not in game.players:
            raise ValueError(
                f"`matches` must be judged by a player, {list(game.players)}. Received: {name!r}, judged by "
                f"{match.judge!r}"
            )
        made = [each.name for each in match.fakes if each.name not in game.wiring.values]
        if len(made) == len(match.fakes):
            raise ValueError(
                f"`matches` must judge a value as fake, {list(game.wiring.values)}. Received: {name!r}, with "
                f"fake={made[0]!r}"
            )


def check_inputs(game) -> None:
    """Checks that players with a graph are given as many inputs as they take.

    Raises:
        ValueError: If one is not.
    """
    for value in game.wiring.values.values():
        inputs = players.graph_inputs(game.players[value.player])
        if inputs and len(inputs) != len(value.inputs):
            raise ValueError(
                f"`values` must give {value.player!r} as many inputs as it takes, {len(inputs)}. "
                f"Received: {value.name}={str(value)!r}"
            )
    for match in game.matches.values():
        inputs, shown = players.graph_inputs(game.players[match.judge]), len(match.reals)
        if inputs and len(inputs) != shown and (len(inputs), shown, match.labels is None) != (2, 1, False):
            raise ValueError(
                f"`matches` must show {match.judge!r} as many things as it takes, {len(inputs)}. Received: {match!r}"
            )


def check_sides(game) -> None:
    """Checks that no judge is on the side of all who make what it judges, and that no player has an attribute's name.

    Raises:
        ValueError: If one is, or has.
    """
    for match in game.matches.values():
        makers = game.wiring.makers(each.name for each in (*match.reals, *match.fakes))
        learning = {name for side in game.sides.values() for name in side.members if name in makers}
        for side in game.sides.values():
            if match.judge in side.members and learning and learning <= set(side.members) - {match.judge}:
                raise ValueError(
                    f"`sides` must part judges from makers: {match.judge!r} judges what {sorted(learning)} make. "
                    f"Received: the side {side.name!r} of {list(side.members)}"
                )
    attributes = {f"{side}_optimizer" for side in game.sides}
    attributes |= {f"{match}_{kind}" for match in game.matches if match for kind in ("augmentation", "replay")}
    taken = sorted(attributes & set(game.players))
    if taken:
        raise ValueError(
            f"`players` must have names that are free, as each becomes an attribute. Received: {taken[0]!r}"
        )


def find_shapes(game) -> dict[str, tuple]:
    """The shapes of one example of all parts, draws and values, as far as players with a graph tell them.

    Raises:
        ValueError: If a player is not built and cannot be, or does not take what it is given.
    """
    noise = Noise((0, "check"))
    drawn = {name: tf.convert_to_tensor(prior.draw(2, noise.at(name))) for name, prior in game.draws.items()}
    game.dtypes |= {name: "int32" if each.dtype.is_integer else "float32" for name, each in drawn.items()}
    drawn = {name: tuple(each.shape[1:]) for name, each in drawn.items()}
    shapes = {**drawn, **{name: shape for name, shape in game.shapes_given.items() if shape is not None}}
    for value in game.wiring.values.values():
        inputs = players.graph_inputs(game.players[value.player]) or ()
        for reference, tensor in zip(value.inputs, inputs, strict=False):
            _learn(shapes, game, reference, tensor)
    for match in game.matches.values():
        inputs = players.graph_inputs(game.players[match.judge]) or ()
        if len(match.reals) == 1 and len(inputs) == 2:
            for name in match.labels_of.values():
                _learn(shapes, game, read_reference(name, "labels"), inputs[1])
        for references in (match.reals, match.fakes):
            for reference, tensor in zip(references, inputs, strict=False):
                packed = tuple(tensor.shape[1:])
                if match.packing == 1 and None not in packed:
                    _learn(shapes, game, reference, tensor)
                elif None not in packed:
                    shapes.setdefault(reference.name, (*packed[:-1], packed[-1] // match.packing))
    return _made_shapes(game, shapes)


def _learn(shapes, game, reference, tensor):
    shape = tuple(tensor.shape[1:])
    if reference.output is None and reference.name not in game.draws and None not in shape:
        shapes.setdefault(reference.name, shape)
        game.dtypes.setdefault(reference.name, conditions.of_input(tensor).dtype)


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
    values = Values(game.wiring, game.players, leaves, game.draws, 2, Noise((0, "check")), training=False)
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
                f"`players` must be built: call {name!r} once, give it an Input, or say in `shapes` what it takes. "
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
    """The dtype of a part: what the players that read it take, else integers of labels (N,) and floats of all else."""
    return game.dtypes.get(name, "int32" if shape == () else "float32")


def labels_of(game, match: str) -> tuple[tuple, str]:
    """The shape and dtype of the labels of one fake of a match: those of integers (N,) where there are none."""
    name = game.matches[match].labels_of.get("fake")
    shape = game.shapes.get(name, ())
    return shape, dtype_of(game, name, shape)


def complete(game) -> None:
    """Adds the shapes of parts that only the objective reads: that of what it compares them with."""
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
    """The parts of the data that a step needs."""
    names = [name for side in game.reads.values() for name in side]
    return [name for name in game.wiring.leaves(names) if name not in game.draws]


def are_complete(game) -> bool:
    """Whether the shapes of all parts are known that a step needs. Labels are taken for integers at first."""
    labels = {term.labels for _, term in game.objective.terms if isinstance(term, CrossEntropy)}
    return all(name in game.shapes or name in labels for name in wanted(game))


def zeros(game, count: int) -> dict[str, tf.Tensor]:
    """A batch of zeros of all parts that a step needs, and of labels that matches name."""
    labels = [name for match in game.matches.values() for name in match.labels_of.values()]
    names = dict.fromkeys([*wanted(game), *(name for name in labels if name not in game.draws)])
    shapes = {name: game.shapes.get(name, ()) for name in names if name not in game.wiring.values}
    return {name: tf.zeros((count, *shape), dtype_of(game, name, shape)) for name, shape in shapes.items()}


def shapes_of(game, element) -> dict[str, tuple]:
    """The shapes of one example of the parts of a batch."""
    return {name: tuple(part.shape[1:]) for name, part in game.parts_of(element).items()}


def note_shapes(game) -> None:
    """Keeps the shapes of all values, now that those of all parts are known."""
    values = Values(game.wiring, game.players, zeros(game, 2), game.draws, 2, Noise((0, "check")), training=False)
    for name in game.wiring.values:
        if all(leaf in values or leaf in game.draws for leaf in game.wiring.leaves([name])):
            with keras.StatelessScope():
                for key, each in _outputs(name, values[name]):
                    game.shapes[key] = tuple(each.shape[1:])


def check_element(game, element) -> None:
    """Checks the first batch of a data set: its parts, their shapes, lengths and numbers.

    Raises:
        ValueError: If a part is missing, or its shape, range or dtype does not fit.
    """
    found = game.parts_of(element)
    needed = wanted(game)
    missing = [name for name in needed if name not in found]
    if missing:
        raise ValueError(
            f"The data must have the parts {', '.join(map(repr, needed))}: a dict of them, or a data set of such. "
            f"Received: data with the parts {', '.join(map(repr, found)) or 'none'}, without {missing[0]!r}"
        )
    for name in needed:
        _check_part(game, name, np.asarray(found[name]))
    _check_limits(game, found)
    lengths = {name: len(found[name]) for name in needed}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"The parts of a batch must have the same length. Received: {lengths}")


def _check_part(game, name, part):
    feed.check_numbers(part)
    shape = game.shapes.get(name)
    if shape is not None and part.shape[1:] != shape:
        raise ValueError(
            f"The part {name!r} of the data must have the shape {(None, *shape)}. "
            f"Received: a batch of shape {part.shape}"
        )
    if not np.all(np.isfinite(part)):
        raise ValueError(
            f"The part {name!r} of the data must be finite. Received: a batch with {np.sum(~np.isfinite(part))} NaN or "
            "Inf"
        )
    for match in game.matches.values():
        for real, fake in zip(match.reals, match.fakes, strict=True):
            if real.name == name and fake.name in game.wiring.values and fake.output is None:
                maker = game.players[game.wiring.values[fake.name].player]
                bound, low, high = ranges.deduce(maker), float(part.min()), float(part.max())
                if not ranges.is_inside(low, high, bound.ends):
                    raise ValueError(
                        f"The part {name!r} of the data must lie in {ranges.shown(bound.ends)}, the range of "
                        f"{fake.name!r}, whose player ends in a {bound.origin}. Received: data in "
                        f"{ranges.shown((low, high))}; {ranges.how_to_map(bound.ends)}"
                    )


def _check_limits(game, found):
    shapes = {**game.shapes, **{name: np.shape(part)[1:] for name, part in found.items()}}
    for term in (term for _, term in game.objective.terms if isinstance(term, NamedTerm)):
        for name, ends in term.limits(shapes).items():
            if name not in found:
                continue
            part = np.asarray(found[name])
            low, high = float(part.min()), float(part.max())
            if not ranges.is_inside(low, high, ends):
                hint = f"; {ranges.how_to_map(ends)}" if images.is_picture(part.shape[1:]) else ""
                raise ValueError(
                    f"The part {name!r} of the data must lie in {ranges.shown(ends)}, as {term.name!r} reads it. "
                    f"Received: data in {ranges.shown((low, high))}{hint}"
                )


def deserialize(value: object) -> object:
    """An argument of a constructor from its config, also where it is a dict of configs."""
    if isinstance(value, Mapping) and "class_name" not in value:
        return {key: deserialize(each) for key, each in value.items()}
    return keras.saving.deserialize_keras_object(value)


def check_step(game, element, name: str, batches: int) -> None:
    """Checks the parts of what one call of `train_on_batch` or `test_on_batch` gets.

    Args:
        game: The compiled game.
        element: A dict of parts.
        name: The name of the method.
        batches: How many batches it consumes, stacked on axis 1.

    Raises:
        ValueError: If a part is missing or has another shape.
    """
    found, stacked = game.parts_of(feed.without_nones(element)), (batches,) if batches > 1 else ()
    for part in wanted(game):
        if part not in found:
            raise ValueError(f"`{name}` must be given the part {part!r}. Received: {', '.join(found) or 'none'}")
        shape, known = tuple(getattr(found[part], "shape", ())), game.shapes.get(part)
        if known is not None and shape[1:] != (*stacked, *known):
            why = f", as a step consumes {batches} batches, stacked on axis 1" if stacked else ""
            raise ValueError(
                f"`{name}` must be given {part!r} of shape {(None, *stacked, *known)}{why}. Received: shape={shape}"
            )
