"""Checks of the parts of the data that a game is given."""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from keras_gan import images, ranges
from keras_gan.data import feed
from keras_gan.game.shapes import wanted
from keras_gan.objectives import At, NamedTerm
from keras_gan.play import players


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
            f"The data must have the parts {', '.join(map(repr, needed))}: a dict of arrays, or a data set of dicts. "
            f"Received: data with the parts {', '.join(map(repr, found)) or 'none'}, without {missing[0]!r}"
        )
    for name in needed:
        _check_part(game, name, np.asarray(found[name]))
    _check_limits(game, found)
    _check_classes(game, found)
    lengths = {name: len(found[name]) for name in needed}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"The parts of a batch must have the same length. Received: {lengths}")


def _check_part(game, name, part):
    feed.check_numbers(part, f"The part {name!r} of the data")
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


def _check_classes(game, found):
    """Checks that the labels of a match are in the range of the classes that its judge has an output for."""
    for name, match in game.matches.items():
        label, shapes = match.labels_of.get("real"), [game.shapes.get(str(each)) for each in match.reals]
        if label not in found or None in shapes or match.packing > 1:
            continue
        judge, labels = game.players[match.judge], np.asarray(found[label])
        inputs = [players.cast_like(tf.zeros((2, *shape)), judge) for shape in shapes]
        if len(inputs) == 1 and players.takes_labels(judge):
            inputs.append(tf.zeros((2, *labels.shape[1:]), labels.dtype))
        with keras.StatelessScope():
            output = players.call_on(judge, inputs)
        for _, term in game.objective.terms:
            elsewhere = isinstance(term, At) and term.match not in (None, name)
            known = None if elsewhere else term.label_range(output)
            if known is not None and not known.start <= labels.min() <= labels.max() < known.stop:
                raise ValueError(
                    f"The part {label!r} of the data must be classes from {known.start} to {known.stop - 1}, of which "
                    f"{match.judge!r} has logits for {term.name!r}. Received: labels in "
                    f"[{labels.min()}, {labels.max()}]"
                )


def deserialize(value: object) -> object:
    """Returns an argument of a constructor from its config, also where it is a dict of configs."""
    if isinstance(value, Mapping) and "class_name" not in value:
        return {key: deserialize(each) for key, each in value.items()}
    return keras.saving.deserialize_keras_object(value)


def check_step(game, element, name: str, batches: int) -> None:
    """Checks the parts of the data of one call of `train_on_batch` or `test_on_batch`.

    Args:
        game: The compiled game.
        element: A dict of parts.
        name: The name of the method.
        batches: Number of batches that the call consumes, stacked on axis 1.

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
