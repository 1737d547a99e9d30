"""Latents that contain codes, which a discriminator predicts."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_shape
from keras_gan.latents.prior import Latents


@keras.saving.register_keras_serializable("keras_gan")
class Codes(Latents):
    """InfoGAN's latents: z = [noise | a one-hot code for each categorical | continuous codes].

    noise ~ N(0, I), categorical c_i uniform over its K_i classes, continuous ~ U(-1, 1); all independent

    Args:
        noise: The number of noise dimensions, at least 0. Defaults to 62.
        categorical: The number of classes of each categorical code, at least 2; may be empty. Defaults to (10,).
        continuous: The number of continuous codes, at least 0. Defaults to 2.

    Attributes:
        parts: A list of (name, slice) of the parts of z, in order: `"noise"`, `"categorical_0"`, ...,
            `"continuous"`; empty ones are left out.

    Example:

    >>> codes = Codes(noise=62, categorical=(10,), continuous=2)
    >>> codes.dim
    74
    >>> codes.parts
    [('noise', slice(0, 62, None)), ('categorical_0', slice(62, 72, None)), ('continuous', slice(72, 74, None))]

    Reference: [Chen et al., 2016](https://arxiv.org/abs/1606.03657), InfoGAN, sections 4 and 7.2.
    """

    def __init__(self, noise: int = 62, categorical: Sequence[int] = (10,), continuous: int = 2):
        check_count("noise", noise, least=0)
        check_count("continuous", continuous, least=0)
        sizes = check_shape("categorical", categorical)
        if 1 in sizes:
            raise ValueError(f"`categorical` must have at least 2 classes each. Received: categorical={categorical!r}")
        self.noise, self.categorical, self.continuous = int(noise), sizes, int(continuous)
        if self.noise + sum(sizes) + self.continuous == 0:
            raise ValueError("`noise`, `categorical` or `continuous` must define a dimension. Received: none")
        super().__init__(self.noise + sum(sizes) + self.continuous)

    @property
    def parts(self) -> list[tuple[str, slice]]:
        """The name and place of each part of z."""
        classes = [(f"categorical_{i}", size) for i, size in enumerate(self.categorical)]
        parts, start = [], 0
        for name, size in [("noise", self.noise), *classes, ("continuous", self.continuous)]:
            parts.append((name, slice(start, start + size)))
            start += size
        return [(name, place) for name, place in parts if place.start < place.stop]

    def draw(self, count, noise):
        z = [noise.at("noise").normal((count, self.noise))]
        for i, size in enumerate(self.categorical):
            z.append(tf.one_hot(noise.at("categorical", i).categorical(count, [1 / size] * size), size))
        z.append(noise.at("continuous").uniform((count, self.continuous), -1.0, 1.0))
        return tf.concat(z, axis=1)

    def expectation(self):
        mean = np.zeros(self.dim, "float32")
        for name, place in self.parts:
            mean[place] = 1 / (place.stop - place.start) if name.startswith("categorical") else 0
        return mean

    def get_config(self):
        return {"noise": self.noise, "categorical": self.categorical, "continuous": self.continuous}
