"""What makes pictures of pictures: a value of a game, or a signature of a SavedModel."""

import dataclasses
import re
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from keras_gan import images
from keras_gan.cli import models
from keras_gan.export import metadata
from keras_gan.game import GAN, Game
from keras_gan.game.wiring import read_reference

DRAWN = ("seed", "num_samples")  # inputs of signatures that stand for draws


@dataclasses.dataclass(frozen=True)
class Translator:
    """Makes pictures of pictures.

    Attributes:
        value: The name of what is made.
        part: The name of what it is made of.
        shape: (height, width, channels) of the pictures that it takes.
        value_range: The numbers that are black and white.
        call: Pictures (N, *shape) float32 in that range and a seed -> pictures (N, ...) float32.
    """

    value: str
    part: str
    shape: tuple[int, int, int]
    value_range: tuple[float, float]
    call: Callable[[np.ndarray, int], np.ndarray]

    def __call__(self, pictures: np.ndarray, seed: int) -> np.ndarray:
        """The translations of pictures (N, *shape) uint8, as uint8."""
        made = self.call(images.from_uint8(pictures, self.value_range), seed)
        return images.to_uint8(made, self.value_range)


def find(found: models.Found, value: str | None, given: Mapping[str, int]) -> Translator:
    """The translator of a model.

    Args:
        found: The model.
        value: The name of a value or of a task; None for the model's first that makes pictures of pictures.
        given: What is the same for all pictures, such as the class `target`: integers by their names.

    Raises:
        ValueError: If the model has no such value, or it is not made of pictures alone.
    """
    if found.version is not None:
        return _of_saved_model(found, value, given)
    return _of_game(models.load_found(found, Game), found.path, value, given)


def _of_game(game, path, value, given):
    if isinstance(game, GAN):
        raise ValueError(
            "`model` must make pictures of pictures. "
            f"Received: model={path!r}, a GAN, which makes them of noise: keras-gan sample --model={path}"
        )
    names = _names(game)
    value, part = _choose(value, _inputs_of_values(game, given), path)
    _check_given(given, game.wiring.leaves([read_reference(names[value], "values").name]), value)

    def call(pictures, seed):
        constant = {name: np.full(len(pictures), number, "int32") for name, number in given.items()}
        return game.make(names[value], seed=seed, **{part: pictures}, **constant)

    return Translator(names[value], part, tuple(game.shapes[part]), game.value_range, call)


def fitting(game: Game) -> dict[str, str]:
    """What a game makes of one picture each -> the part that it is made of: values, and tasks before them."""
    return {} if isinstance(game, GAN) else _fitting(_inputs_of_values(game, {}))


def _names(game):
    return {name: game.tasks.get(name, name) for name in (*game.tasks, *game.wiring.values)}


def _inputs_of_values(game, given):
    """For each value or task the parts that it is made of, each with its shape; None if it is no picture."""
    inputs = {}
    for name, made in _names(game).items():
        shape = game.shapes.get(made)
        leaves = game.wiring.leaves([read_reference(made, "values").name])
        parts = [leaf for leaf in leaves if leaf not in game.draws and leaf not in given]
        is_picture = shape is not None and images.is_picture(shape)
        inputs[name] = {leaf: tuple(game.shapes.get(leaf) or ()) for leaf in parts} if is_picture else None
    return inputs


def _of_saved_model(found, value, given):
    model, known = tf.saved_model.load(str(found.version)), metadata.read(found.version)
    signatures = {name: each for name, each in model.signatures.items() if name != "serving_default"}
    tasks = known.get("tasks") if isinstance(known.get("tasks"), dict) else {}
    order = [*(name for name in tasks if name in signatures), *(name for name in signatures if name not in tasks)]
    inputs = {name: _inputs_of_signature(signatures[name], given) for name in order}
    value, part = _choose(value, inputs, found.path)
    signature = signatures[value]
    takes = signature.structured_input_signature[1]
    _check_given(given, [name for name, spec in takes.items() if _is_label(spec)], value)

    def call(pictures, seed):
        asked = {name: tf.fill((len(pictures),), number) for name, number in given.items()}
        asked |= {"seed": tf.constant(seed, tf.int64)} if "seed" in takes else {}
        absent = {  # labels that are drawn where they are -1
            name: tf.fill((len(pictures),), -1) for name, spec in takes.items() if _is_label(spec) and name not in asked
        }
        (made,) = model.signatures[value](**{part: tf.constant(pictures)}, **asked, **absent).values()
        return made.numpy()  # through `model`, which must stay alive

    (name,) = signature.structured_outputs
    value_range = known.get("value_range") or (-1.0, 1.0)
    return Translator(name, part, tuple(takes[part].shape[1:]), tuple(value_range), call)


def _inputs_of_signature(signature, given):
    made = signature.structured_outputs
    if len(made) != 1 or not images.is_picture(next(iter(made.values())).shape[1:]):
        return None
    takes = signature.structured_input_signature[1]
    free = {name for name, spec in takes.items() if name in DRAWN or _is_label(spec)} | set(given)
    drawn = {"num_samples": ()} if "num_samples" in takes else {}
    return {name: tuple(spec.shape[1:]) for name, spec in takes.items() if name not in free} | drawn


def _is_label(spec):
    return spec.dtype == tf.int32 and spec.shape.rank == 1


def _fitting(inputs):
    return {
        name: next(iter(taken))
        for name, taken in inputs.items()
        if taken is not None and len(taken) == 1 and images.is_picture(next(iter(taken.values())))
    }


def _choose(value, inputs, path):
    """A name that makes pictures of one picture each, and the part that this is."""
    fit = _fitting(inputs)
    if value is None:
        if not fit:
            raise ValueError(f"`model` must make pictures of pictures. Received: model={path!r}, with {list(inputs)}")
        value = next(iter(fit))
    if value not in fit:
        taken = inputs.get(value)
        why = ", unknown" if value not in inputs else ", which is no picture"
        why = why if taken is None else f", which is made of {', '.join(taken) or 'draws alone'}"
        known = ", ".join(fit) or "none of this model"
        raise ValueError(f"`value` must make pictures of one picture each: {known}. Received: value={value!r}{why}")
    return value, fit[value]


def _check_given(given, known, value):
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(
            f"`given` must name what {value} is made of: {', '.join(known) or 'nothing but a picture'}. "
            f"Received: given={unknown[0]}={given[unknown[0]]}"
        )


def parse_given(words: list[str]) -> dict[str, int]:
    """What `--given=target=2` says: integers by the names of draws or parts.

    Raises:
        ValueError: If a word is something else.
    """
    given = {}
    for word in words:
        found = re.fullmatch(r"([A-Za-z_]\w*)=(\d{1,9})", word)
        if found is None:
            raise ValueError(f"`given` must be NAME=NUMBER, such as target=2. Received: given={word!r}")
        given[found[1]] = int(found[2])
    return given
