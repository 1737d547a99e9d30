"""Differentiable augmentation of all images, at full strength from the first step."""

import keras
import tensorflow as tf

from keras_gan.augmentations.augmentation import Augmentation, get_policy
from keras_gan.augmentations.pixels import image_sizes, of_colours, read, uniform_numbers, whole_numbers
from keras_gan.noise import Noise

POLICY = ("color", "translation", "cutout")


@keras.saving.register_keras_serializable("keras_gan")
class DiffAugment(Augmentation):
    """Random colour, translation and cutout of real and fake alike, in both players' moves.

    color: x + b, b ~ U(-1/2, 1/2); then m + s (x - m), s ~ U(0, 2), m a pixel's mean over channels;
        then M + k (x - M), k ~ U(1/2, 3/2), M the image's mean
    translation: by whole pixels, up to 1/8 of each side, both ways, padded with zeros
    cutout: zeros in a rectangle of half of each side, its centre anywhere in the image

    Each example has its own draws. The alpha channel of RGBA keeps its values under `color`. Nothing is clipped:
    colours may leave [-1, 1].

    Args:
        policy: Some of `"color,translation,cutout"`, which are applied in this order.
        name: The layer's name.

    Raises:
        ValueError: If the policy is unknown; when called, if `x` is not (N, h, w, c).

    Example:

    >>> from keras_gan.noise import Noise
    >>> DiffAugment("translation,cutout")(tf.ones((4, 8, 8, 3)), noise=Noise((0, "example"))).shape
    TensorShape([4, 8, 8, 3])

    Reference: [Zhao et al., 2020](https://arxiv.org/abs/2006.10738), section 3.
    """

    def __init__(self, policy: str = "color,translation,cutout", name: str | None = None):
        super().__init__(name=name)
        self._names = get_policy(policy, POLICY)
        self.policy = ",".join(self._names)

    def call(self, x, noise):
        steps = {"color": _colour, "translation": translate, "cutout": cut_out}
        for name in self._names:
            x = steps[name](x, noise)
        return x

    def get_config(self):
        return {"policy": self.policy, **super().get_config()}


def _colour(x, noise):
    return of_colours(lambda colours: color(colours, noise), x)


def color(x: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Changes brightness, saturation and contrast by separate draws per image."""
    u, v, w = uniform_numbers(noise.at("color"), (image_sizes(x)[0], 1, 1, 1), 3)
    brightness, saturation, contrast = (tf.cast(each, x.dtype) for each in (u - 0.5, 2.0 * v, w + 0.5))
    x = x + brightness
    gray = tf.reduce_mean(x, axis=3, keepdims=True)
    x = gray + saturation * (x - gray)
    mean = tf.reduce_mean(x, axis=(1, 2, 3), keepdims=True)
    return mean + contrast * (x - mean)


def translate(x: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Translates each image by up to 1/8 of its sides, rounded, and pads with zeros."""
    n, *sides, _ = image_sizes(x)
    places, inside = [], []
    for side, uniform in zip(sides, uniform_numbers(noise.at("translation"), (n, 1), 2), strict=True):
        most = int(side / 8 + 0.5)
        place = tf.range(side)[None] + whole_numbers(uniform, 2 * most + 1) - most
        inside.append(tf.cast((place >= 0) & (place < side), x.dtype))
        places.append(tf.clip_by_value(place, 0, side - 1))
    moved = read(x, places[0][:, :, None], places[1][:, None, :])
    return moved * (inside[0][:, :, None] * inside[1][:, None, :])[..., None]


def cut_out(x: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Sets a rectangle of half of each side, rounded, to zeros; parts of it outside of the image are cut off."""
    n, *sides, _ = image_sizes(x)
    within = []
    for side, uniform in zip(sides, uniform_numbers(noise.at("cutout"), (n, 1), 2), strict=True):
        size = int(side / 2 + 0.5)
        # an even size has its centre between pixels: one more place makes both borders equally likely
        start = whole_numbers(uniform, side + 1 - size % 2) - size // 2
        place = tf.range(side)[None]
        within.append((place >= start) & (place < start + size))
    hole = within[0][:, :, None] & within[1][:, None, :]
    return x * tf.cast(~hole, x.dtype)[..., None]
