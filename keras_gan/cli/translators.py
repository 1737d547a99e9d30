"""Translators, which make pictures from pictures: a value of a game, or a signature of a SavedModel."""

import dataclasses
import re
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from keras_gan import images
from keras_gan.cli import classes, models
from keras_gan.evaluation.sources import DRAWN, is_label
from keras_gan.export import metadata
from keras_gan.export.loading import load
from keras_gan.game import GAN, Game
from keras_gan.game.wiring import read_reference
from keras_gan.ground.arguments import LARGEST, reason
from keras_gan.latents import Prior, label_count


@dataclasses.dataclass(frozen=True)
class Translator:
    """A function from pictures to pictures.

    Attributes:
        value: Name of the output.
        part: Name of the input.
        shape: (height, width, channels) of an input picture.
        value_range: The numbers for black and white.
        call: Pictures (N, *shape) float32 in `value_range` and a seed -> pictures (N, ...) float32.
    """

    value: str
    part: str
    shape: tuple[int, int, int]
    value_range: tuple[float, float]
    call: Callable[[np.ndarray, int], np.ndarray]

    def __call__(self, pictures: np.ndarray, seed: int) -> np.ndarray:
        """Returns the translations of pictures (N, *shape) uint8, as uint8."""
        made = self.call(images.from_uint8(pictures, self.value_range), seed)
        return images.to_uint8(made, self.value_range)


def find(found: models.Found, value: str | None, given: Mapping[str, str]) -> Translator:
    """Returns the translator of a model.

    Args:
        found: The model.
        value: The name of a value or of a task; None for the model's first that makes pictures from pictures.
        given: Inputs that are the same for all pictures, such as the class `target`, by name: a number, or the name of
            a class.

    Raises:
        ValueError: If the model has no such value, or the value needs other inputs than one picture each.
    """
    if found.version is not None:
        return _of_saved_model(found, value, given)
    return _of_game(models.load_found(found, Game), found.path, value, given)


def _of_game(game, path, value, given):
    if isinstance(game, GAN):
        raise ValueError(
            "`model` must make pictures from pictures. "
            f"Received: model={path!r}, a GAN, which makes them from noise: use keras-gan sample --model={path}"
        )
    names = _names(game)
    value, part = _choose(value, _inputs_of_values(game, given), path)
    _check_given(given, game.wiring.leaves([read_reference(names[value], "values").name]), part, value)
    numbers = _numbers(given, game.draws)

    def call(pictures, seed):
        constant = {name: np.full(len(pictures), number, "int32") for name, number in numbers.items()}
        return game.make(names[value], seed=seed, **{part: pictures}, **constant)

    return Translator(names[value], part, tuple(game.shapes[part]), game.value_range, call)


def fitting(game: Game) -> dict[str, str]:
    """Returns {value: part of the data} of the values that a game makes from one picture each; tasks come first."""
    return {} if isinstance(game, GAN) else _fitting(_inputs_of_values(game, {}))


def _names(game):
    return {name: game.tasks.get(name, name) for name in (*game.tasks, *game.wiring.values)}


def _inputs_of_values(game, given):
    """Returns {value or task: {part of the data: shape}} of their inputs, with None for what is no picture."""
    inputs = {}
    for name, made in _names(game).items():
        shape = game.shapes.get(made)
        leaves = game.wiring.leaves([read_reference(made, "values").name])
        shapes = {leaf: tuple(game.shapes.get(leaf) or ()) for leaf in leaves if leaf not in game.draws}
        is_picture = shape is not None and images.is_picture(shape)
        inputs[name] = _not_given(shapes, given) if is_picture else None
    return inputs


def _not_given(shapes, given):
    """Returns the inputs that are not given, which pictures must provide."""
    return {name: shape for name, shape in shapes.items() if name not in given or images.is_picture(shape)}


def _of_saved_model(found, value, given):
    model, known = load(found.version), metadata.read(found.version)
    signatures = {name: each for name, each in model.signatures.items() if name != "serving_default"}
    tasks = known.get("tasks") if isinstance(known.get("tasks"), dict) else {}
    order = [*(name for name in tasks if name in signatures), *(name for name in signatures if name not in tasks)]
    inputs = {name: _inputs_of_signature(signatures[name], given) for name in order}
    value, part = _choose(value, inputs, found.path)
    signature = signatures[value]
    takes = signature.structured_input_signature[1]
    _check_given(given, [part, *(name for name, spec in takes.items() if is_label(spec))], part, value)
    draws = known.get("draws") if isinstance(known.get("draws"), dict) else {}
    numbers = _numbers(given, {name: classes.of_metadata({"labels": each}) for name, each in draws.items()})

    def call(pictures, seed):
        chosen = {name: tf.fill((len(pictures),), number) for name, number in numbers.items()}
        chosen |= {"seed": tf.constant(seed, tf.int64)} if "seed" in takes else {}
        absent = {  # a label of -1 is drawn
            name: tf.fill((len(pictures),), -1) for name, spec in takes.items() if is_label(spec) and name not in chosen
        }
        try:
            (made,) = model.signatures[value](**{part: tf.constant(pictures)}, **chosen, **absent).values()
        except tf.errors.InvalidArgumentError as error:
            raise ValueError(f"`given` must fit the model. Received: {numbers}, with: {reason(error)}") from error
        return made.numpy()  # `model` is called, as it must stay alive

    (name,) = signature.structured_outputs
    value_range = known.get("value_range") or (-1.0, 1.0)
    return Translator(name, part, tuple(takes[part].shape[1:]), tuple(value_range), call)


def _inputs_of_signature(signature, given):
    made = signature.structured_outputs
    if len(made) != 1 or not images.is_picture(next(iter(made.values())).shape[1:]):
        return None
    takes = signature.structured_input_signature[1]
    shapes = {name: tuple(spec.shape[1:]) for name, spec in takes.items() if name not in DRAWN and not is_label(spec)}
    return _not_given(shapes, given) | ({"num_samples": ()} if "num_samples" in takes else {})


def _fitting(inputs):
    return {
        name: next(iter(taken))
        for name, taken in inputs.items()
        if taken is not None and len(taken) == 1 and images.is_picture(next(iter(taken.values())))
    }


def _choose(value, inputs, path):
    """Returns the value to compute, and the part of the data that it is made from."""
    fit = _fitting(inputs)
    if value is None:
        if not fit:
            raise ValueError(f"`model` must make pictures from pictures. Received: model={path!r}, with {list(inputs)}")
        value = next(iter(fit))
    if value not in fit:
        taken = inputs.get(value)
        why = ", unknown" if value not in inputs else ", which is no picture"
        why = why if taken is None else f", which is made from {', '.join(taken) or 'draws alone'}"
        known = ", ".join(fit) or "this model has none"
        raise ValueError(f"`value` must be made from one picture: {known}. Received: value={value!r}{why}")
    return value, fit[value]


def _check_given(given, known, part, value):
    for name, word in given.items():
        if name not in known or name == part:
            received = f"given={name}={word}{', which are the pictures' if name == part else ''}"
            others = ", ".join(each for each in known if each != part) or f"it has none beside {part}"
            raise ValueError(f"`given` must name an input of {value}: {others}. Received: {received}")


def parse_given(words: list[str]) -> dict[str, str]:
    """Parses `--given=target=2`: numbers, or names of classes, by the names of draws or parts.

    Raises:
        ValueError: If a word has another form, or a name is given twice.
    """
    given = {}
    for word in words:
        found = re.fullmatch(r"([A-Za-z_]\w*)=(.+)", word)
        if found is None:
            raise ValueError(f"`given` must be NAME=NUMBER, such as target=2. Received: given={word!r}")
        if found[1] in given:
            raise ValueError(f"`given` must name each input once. Received: {found[1]}={given[found[1]]} and {word}")
        given[found[1]] = found[2]
    return given


def _numbers(given: Mapping[str, str], priors: Mapping[str, Prior | None]) -> dict[str, int]:
    """Returns the inputs as numbers; names of classes become their numbers."""
    numbers = {}
    for name, word in given.items():
        prior, known = priors.get(name), classes.names(priors.get(name))
        number = known.index(word) if word in known else int(word) if word.isdecimal() else -1
        if not 0 <= number < (label_count(prior) or LARGEST):
            kind = f"a class of {classes.describe(prior)}" if label_count(prior) else "a number, such as 2"
            raise ValueError(f"`given` must be NAME=NUMBER, where {name} is {kind}. Received: given='{name}={word}'")
        numbers[name] = number
    return numbers
