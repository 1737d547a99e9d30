"""The base class of augmentations, and a chain of several."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from keras_gan.noise import Noise


class Augmentation(keras.layers.Layer):
    """A random, differentiable map of examples, applied to real and fake alike before the discriminator.

    A subclass defines `call(x, noise)`, and `update` if it adapts to the discriminator's scores. Keras requires that
    the noise is passed by name: `augmentation(x, noise=noise)`. The same address gives the same draws; each example
    has its own. State, which is saved with the model, is created in the constructor, by `add_weight` with
    `trainable=False` and an `aggregation`.

    Args:
        name: The layer's name.
    """

    def __init__(self, name: str | None = None):
        super().__init__(name=name, dtype="float32", autocast=False)  # inputs keep their precision
        self.built = True

    def call(self, x: tf.Tensor, noise: Noise) -> tf.Tensor:
        """Augments `x`, (N, ...) float, by draws at `noise`, and returns the same shape and dtype."""
        raise NotImplementedError

    def update(self, real_scores: tf.Tensor) -> None:
        """Updates the state by the discriminator's scores on real, once after each of its moves.

        Args:
            real_scores: (N, patches), above 0 where the discriminator rates the example as more likely real: a boundary
                other than 0 (`Objective.boundary`) has been subtracted.
        """

    def logs(self) -> dict[str, tf.Tensor]:
        """Returns the part of the state that is logged in training, scalars by name; the names never change."""
        return {}

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        return {"name": self.name}


@keras.saving.register_keras_serializable("keras_gan")
class Chain(Augmentation):
    """A sequence of augmentations, each with separate draws.

    Args:
        augmentations: Instances of `Augmentation`, in the order in which they are applied.
        name: The layer's name.

    Raises:
        ValueError: If one of them is not an `Augmentation`.

    Example:

    >>> from keras_gan.augmentations import DiffAugment, InstanceNoise
    >>> chain = Chain([DiffAugment("color"), InstanceNoise(0.1)])
    >>> chain(tf.zeros((2, 8, 8, 3)), noise=Noise((0, "example"))).shape
    TensorShape([2, 8, 8, 3])
    """

    def __init__(self, augmentations: Sequence[Augmentation], name: str | None = None):
        super().__init__(name=name)
        if not all(isinstance(each, Augmentation) for each in augmentations):
            raise ValueError(
                f"`augmentations` must be instances of Augmentation. Received: augmentations={augmentations!r}"
            )
        self.augmentations = list(augmentations)

    def call(self, x, noise):
        for i, each in enumerate(self.augmentations):
            x = each(x, noise=noise.at(i))
        return x

    def update(self, real_scores):
        for each in self.augmentations:
            each.update(real_scores)

    def logs(self):
        return {name: value for each in self.augmentations for name, value in each.logs().items()}

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {"augmentations": [serialize(each) for each in self.augmentations], **super().get_config()}

    @classmethod
    def from_config(cls, config: dict) -> "Chain":
        deserialize = keras.saving.deserialize_keras_object
        return cls(**{**config, "augmentations": [deserialize(each) for each in config["augmentations"]]})


def get_policy(value: str, known: Sequence[str]) -> tuple[str, ...]:
    """Returns the names in a comma-separated `policy`, in the order of `known`.

    Raises:
        ValueError: If a name is unknown or repeated, or there is no name.

    >>> get_policy("cutout, color", ("color", "translation", "cutout"))
    ('color', 'cutout')
    """
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else [None]
    if not set(names) <= set(known) or len(set(names)) < len(names):
        raise ValueError(f"`policy` must name some of {','.join(known)!r}, by commas. Received: policy={value!r}")
    return tuple(name for name in known if name in names)
