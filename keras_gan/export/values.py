"""The signatures of a game's named values."""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence

import keras
import tensorflow as tf

from keras_gan.export import requirements
from keras_gan.export.signature import Argument, Signature
from keras_gan.latents import Latents, label_count
from keras_gan.play import conditions

OURS = ("seed", "num_samples")  # inputs that determine draws


@dataclasses.dataclass(frozen=True)
class ValueSignatures:
    """The signatures of a game: its named values, each computed from the parts of the data that it needs.

    Args:
        game: A `keras_gan.Game`.
        compute: `compute(name, parts, count, seed)` computes a value of `count` examples in a graph; the seed is None
            if nothing is drawn.
        max_samples: Maximum number of examples per request, if all inputs are drawn.
    """

    game: keras.Model
    compute: Callable[[str, Mapping[str, tf.Tensor], tf.Tensor, tf.Tensor | int | None], object]
    max_samples: int

    def all(self, names: list[str], given: Sequence[str] = ()) -> dict[str, Signature]:
        """Returns a signature per value, the first one also as `serving_default`, and those of tasks by their names.

        Args:
            names: The names of the values.
            given: Draws that are inputs instead of being drawn.
        """
        made = {name: self.signature(name, given) for name in names}
        tasks = {task: made[name] for task, name in self.game.tasks.items() if name in made}
        values = {_plain(name): each for name, each in made.items()}
        explored = self.game.explored
        halves = {}
        if explored is not None and explored.layers is not None and explored.made in made:
            halves["map"] = self.signature(explored.code, self.game.wiring.leaves([explored.code]))
            halves["synthesize"] = self.signature(explored.made, (explored.layers,))
        return {"serving_default": next(iter(made.values())), **values, **tasks, **halves}

    def signature(self, name: str, given: Sequence[str] = ()) -> Signature:
        """Returns the signature parts[, conditions][, seed][, num_samples] -> the value, or its outputs by name.

        Args:
            name: The name of the value.
            given: Draws and values that are inputs instead of being drawn and computed.
        """
        leaves = self.game.wiring.leaves([re.split(r"[.\[]", name)[0]], given)
        draws = [leaf for leaf in leaves if leaf in self.game.draws and leaf not in given]
        parts = [leaf for leaf in leaves if leaf not in draws]
        found = {draw: conditions.of_prior(prior) for draw, prior in self._conditions(draws).items()}
        optional = {draw: condition for draw, condition in found.items() if parts or condition.is_label}
        taken = [leaf for leaf in (*parts, *optional) if leaf in OURS]
        if taken:
            raise ValueError(
                f"`values` must be made of parts with other names than {', '.join(OURS)}, which name other inputs. "
                f"Received: {name!r}, made of {taken[0]!r}"
            )
        inputs = {part: self._part(part) for part in parts}
        inputs |= {draw: _condition(condition, bool(parts)) for draw, condition in optional.items()}
        inputs |= self._drawn(draws, not parts)

        def call(seed=0 if draws else None, num_samples=None, **given):
            first, count = (parts[0], tf.shape(given[parts[0]])[0]) if parts else ("num_samples", num_samples)
            others = [*parts[1:], *optional]
            needed = [requirements.as_many(given[key], count, first, key, or_one=not parts) for key in others]
            needed += [self._known(draw, given[draw], condition) for draw, condition in optional.items()]
            if num_samples is not None:
                needed.append(requirements.within("num_samples", num_samples, 1, self.max_samples))
            count, *whole = requirements.after(needed, count, *given.values())
            return _named(name, self.compute(name, dict(zip(given, whole, strict=True)), count, seed))

        of = f", of draws from {', '.join(draws)}" if draws else ""
        return Signature(f"{name}{self._how(name)}{of}.", inputs, {}, call)

    def _conditions(self, draws):
        """Returns the priors of draws that a request may give: conditions such as labels, not latents."""
        priors = {draw: self.game.draws[draw] for draw in draws}
        return {draw: prior for draw, prior in priors.items() if not isinstance(prior, Latents)}

    def _known(self, draw, values, condition):
        if condition.is_label:
            return requirements.known_labels(values, label_count(self.game.draws[draw]), drawn=True, name=draw)
        return requirements.known_conditions(values, condition, drawn=True, name=draw)

    def _how(self, name):
        value = self.game.wiring.values.get(name)
        return f" = {value}" if value is not None else ""

    def _part(self, name):
        prior = self.game.draws.get(name)
        shape = self.game.shapes.get(name) if prior is None else conditions.of_prior(prior).shape
        if shape is None:
            raise ValueError(
                "`values` must be made of parts whose shapes are known: call `fit` first, or give the game `shapes`. "
                f"Received: a value that is made of {name!r}, whose shape is unknown"
            )
        dtype = self.game.dtypes.get(name, "int32" if shape == () else "float32")
        spec = tf.TensorSpec((None, *shape), dtype)
        zeros = tf.zeros((1, *shape), spec.dtype).numpy().tolist()
        return Argument(spec, "Integers." if spec.dtype.is_integer else "As in the training data.", zeros)

    def _drawn(self, draws, alone):
        inputs = {}
        if alone:
            count = tf.TensorSpec((), tf.int32)
            inputs["num_samples"] = Argument(count, f"Number of examples: 1 to {self.max_samples}.", 1)
        if draws:
            text = f"The same seed gives the same {', '.join(draws)}."
            inputs["seed"] = Argument(tf.TensorSpec((), tf.int64), text, 0)
        return inputs


def _condition(condition, each):
    """Returns the input of a condition that is drawn if it is missing, for `each` example or also one for all."""
    missing = "-1" if condition.dtype == "int32" else "NaN"
    of = "" if condition.shape == () else "a condition of only "
    text = f"One per example{'' if each else ', or one for all'}; {of}{missing} is drawn."
    return Argument(condition.spec(), text, condition.missing().tolist())


def _plain(name):
    return re.sub(r"\[(\w+)\]", r".\1", name)


def _named(name, made):
    """Returns the outputs of a signature by name: the items of a dict, list or tuple, or the value by its own name."""
    if isinstance(made, Mapping):
        return dict(made)
    if isinstance(made, list | tuple):
        return {str(i): each for i, each in enumerate(made)}
    return {_plain(name): made}
