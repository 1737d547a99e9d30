"""Checks of the settings of a preset, so that errors name settings, and not arguments of players made from them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_gan.latents import Prior
    from keras_gan.presets.parts import Parts

LARGEST_SEED = 2**32 - 1


def check_shapes(
    shape: Sequence[int] | Mapping[str, Sequence[int]], names: Sequence[str], model: str
) -> dict[str, tuple]:
    """Returns the shape of each part of the data.

    Args:
        shape: (height, width, channels) of the pictures, or a dict of the shape of each part.
        names: The parts of the data that have the shape of pictures.
        model: The name of the family in the text.

    Raises:
        ValueError: If a part is missing, or one of pictures has another shape.
    """
    if not isinstance(shape, Mapping):
        return dict.fromkeys(names, _picture("shape", shape))
    missing = [name for name in names if name not in shape]
    if missing:
        raise ValueError(f"`shape` must name {missing} for {model}. Received: shape={dict(shape)}")
    pictures = {name: _picture(f"shape[{name!r}]", shape[name]) for name in names}
    return {name: tuple(each) for name, each in shape.items()} | pictures


def _picture(name, shape):
    from keras_gan.ground import arguments  # here, as the command line lists presets without TensorFlow

    sides = tuple(shape) if isinstance(shape, Iterable) else ()
    if len(sides) != 3 or not all(type(each) is int and each > 0 for each in sides):
        raise ValueError(
            f"`{name}` must be (height, width, channels), each at least 1. Received: {name}={arguments.shown(shape)}"
        )
    return sides


def check_settings(settings: Mapping[str, Any], seed: int | None) -> None:
    """Raises a ValueError if a number of a preset's settings is out of range; `ema` is checked by the game."""
    from keras_gan.ground import arguments  # here, as the command line lists presets without TensorFlow

    for name in ("width", "latent_dim", "discriminator_steps", "steps"):
        arguments.check_count(name, settings[name])
    for name in ("generator_lr", "discriminator_lr"):
        arguments.check_number(name, settings[name], 0, ends="()")
    if seed is not None:
        arguments.check_count("seed", seed, most=LARGEST_SEED, least=0)


def check_labels(labels: "Prior | int | None", parts: "Parts", model: str) -> None:
    """Raises a ValueError if the classes do not fit the family."""
    if parts.labels == "required" and labels is None:
        raise ValueError(f"`labels` must be given for {model}: the number of classes. Received: labels=None")
    if parts.labels == "none" and labels is not None:
        raise ValueError(f"`labels` must be None for {model}, which takes none. Received: labels={labels!r}")
    if labels is None:
        return
    from keras_gan import latents  # here, as the command line lists presets without TensorFlow
    from keras_gan.ground import arguments

    if not isinstance(labels, latents.Categorical) and (type(labels) is not int or labels < 1):
        raise ValueError(
            f"`labels` must be the number of classes of {model}, or a latents.Categorical. "
            f"Received: labels={arguments.shown(labels)}"
        )
