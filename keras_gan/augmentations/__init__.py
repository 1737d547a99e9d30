"""Augmentations of the discriminator's inputs, real and fake alike, for training with little data."""

import keras

from keras_gan.augmentations.adaptive import AdaptiveAugmentation
from keras_gan.augmentations.augmentation import Augmentation, Chain
from keras_gan.augmentations.diff_augment import DiffAugment
from keras_gan.augmentations.instance_noise import InstanceNoise

KNOWN: dict[str, type[Augmentation]] = {
    "adaptive": AdaptiveAugmentation,
    "diff_augment": DiffAugment,
    "instance_noise": InstanceNoise,
}

__all__ = ["KNOWN", "AdaptiveAugmentation", "Augmentation", "Chain", "DiffAugment", "InstanceNoise", "get"]


def get(augmentation: Augmentation | type[Augmentation] | str | dict | list | tuple | None) -> Augmentation | None:
    """Returns the augmentation for an instance, a class, a name, a serialised config, or a list of these.

    Args:
        augmentation: An `Augmentation`, a subclass, a name (`"diff_augment"`, `"adaptive"`, `"instance_noise"`), the
            output of `keras.saving.serialize_keras_object`, a list of these, which are applied in order, or None.

    Raises:
        ValueError: If `augmentation` is none of these.

    Example:

    >>> get(["diff_augment", InstanceNoise(0.2)]).augmentations[1].stddev
    0.2
    """
    if isinstance(augmentation, dict):
        try:
            augmentation = keras.saving.deserialize_keras_object(augmentation)
        except TypeError as error:
            raise ValueError(
                "`augmentation` must be the config of a registered Augmentation. "
                f"Received: augmentation={augmentation!r}"
            ) from error
    if augmentation is None or isinstance(augmentation, Augmentation):
        return augmentation  # type: ignore[return-value]  # Keras has no types: a class might be an instance
    if isinstance(augmentation, list | tuple):
        return Chain([get(each) for each in augmentation])
    if isinstance(augmentation, str):
        augmentation = KNOWN.get(augmentation, augmentation)
    if isinstance(augmentation, type) and issubclass(augmentation, Augmentation):
        return augmentation()
    raise ValueError(
        f"`augmentation` must be an Augmentation, its class, one of {sorted(KNOWN)}, a config, a list of these, or "
        f"None. Received: augmentation={augmentation!r}"
    )
