"""Adaptive augmentation: only as often as needed to keep the discriminator from memorizing the data."""

import math

import keras
import tensorflow as tf

from keras_gan.augmentations.augmentation import Augmentation, get_policy
from keras_gan.augmentations.pixels import image_sizes, of_colours, uniform_numbers, warp, whole_numbers
from keras_gan.ground.arguments import check_count, check_number
from keras_gan.ground.replicas import gather
from keras_gan.noise import Noise, normal_of, replica

POLICY = ("blit", "geometric", "color")
COUNTS = {"blit": 7, "geometric": 15, "color": 13}  # uniform numbers per image


@keras.saving.register_keras_serializable("keras_gan")
class AdaptiveAugmentation(Augmentation):
    """ADA: each transform is applied to each image with probability p, and p follows the discriminator.

    r_t = E[sign(D(x))], x real; every `every` moves p <- p + sign(r_t - target) n / examples, clipped to [0, 1],
    with n the real examples since the last time

    so that p can go from 0 to 1 in `examples` real examples. r_t is the mean over these moves and all replicas.

    The transforms are those of the paper's appendix B that its experiments call blit, geom and color, in this order:

    blit: horizontal flip (by a fair coin); rotation by a multiple of 90 degrees; translation by U(-1/8, 1/8) of each
        side, rounded to whole pixels
    geometric: scaling by 2^(0.2 N(0, 1)); rotation by U(-pi, pi); stretching by 2^(0.2 N(0, 1)), columns against
        rows; another such rotation (each with probability 1 - sqrt(1 - p)); translation by 1/8 N(0, 1) of each side
    color: brightness, + 0.2 N(0, 1); contrast, times 2^(0.5 N(0, 1)); luma flip (by a fair coin); hue, a turn by
        U(-pi, pi) about the grey axis, for 3 channels only; saturation, times 2^N(0, 1); the alpha channel of RGBA is
        unchanged

    Two things differ from the paper: an image is resampled once, by bilinear interpolation without the paper's wavelet
    low-pass filters, and it is reflected at its border at any distance. The paper's image-space filtering and
    corruptions (noise, cutout) are not implemented.

    Args:
        policy: Some of `"blit,geometric,color"`.
        target: Target of r_t, in (-1, 1). D(x) is relative to the boundary between real and fake: 0 for logits and
            hinge scores, (a + b) / 2 for `LeastSquares(a, b)`, and midway between the means of real and fake where only
            differences of scores count. The discriminator's scores must be higher on real.
        examples: Number of real examples in which p can go from 0 to 1, at least 1.
        every: Number of moves between updates of p, at least 1.
        p: The initial probability, in [0, 1].
        name: The layer's name.

    Attributes:
        p: The current probability: a float32 variable, saved with the model, and in the logs as `ada_p`.

    Raises:
        ValueError: If an argument is out of range; when called, if `x` is not (N, h, w, c), or not square with the
            policy `"blit"`.

    Example:

    >>> augmentation = AdaptiveAugmentation(examples=1000, every=1)
    >>> augmentation.update(tf.ones((100, 1)))  # r_t is above the target
    >>> round(float(augmentation.p), 6)
    0.1

    Reference: [Karras et al., 2020](https://arxiv.org/abs/2006.06676), section 3 and appendix B.
    """

    def __init__(
        self,
        policy: str = "blit,geometric,color",
        target: float = 0.6,
        examples: int = 500_000,
        every: int = 4,
        p: float = 0.0,
        name: str | None = None,
    ):
        super().__init__(name=name)
        self._names = get_policy(policy, POLICY)
        self.policy = ",".join(self._names)
        self.target, self._first_p = check_number("target", target, -1, 1, "()"), check_number("p", p, 0, 1, "[]")
        self.examples, self.every = check_count("examples", examples), check_count("every", every)
        self.p = self._state("p", p)
        self._moves = self._state("moves", 0.0)
        self._signs = self._state("signs", 0.0)

    def _state(self, name, value):
        start = keras.initializers.Constant(value)
        return self.add_weight(
            shape=(), initializer=start, trainable=False, aggregation="only_first_replica", name=name
        )

    def call(self, x, noise):
        n, h, w, _ = image_sizes(x)
        p = tf.convert_to_tensor(self.p)
        draws = {name: _Draws(noise.at(name), n, p, COUNTS[name]) for name in self._names}
        rows, columns = _grid(h, w)
        if "geometric" in self._names:
            rows, columns = _geometric(rows, columns, h, w, draws["geometric"])
        if "blit" in self._names:
            if h != w:
                raise ValueError(f"`x` must be square images for 'blit' to rotate them. Received: x.shape={x.shape}")
            rows, columns = _blit(rows, columns, h, draws["blit"])
        if {"geometric", "blit"} & set(self._names):
            x = warp(x, rows + (h - 1) / 2, columns + (w - 1) / 2)
        return of_colours(lambda colours: _color(colours, draws["color"]), x) if "color" in self._names else x

    def update(self, real_scores):
        self._signs.assign_add(tf.reduce_mean(gather(tf.sign(tf.cast(real_scores, tf.float32)))))
        self._moves.assign_add(1.0)
        seen = tf.cast(tf.shape(real_scores)[0] * replica()[1] * self.every, tf.float32)
        p = self.p + tf.sign(self._signs / self.every - self.target) * seen / self.examples
        due = tf.equal(tf.convert_to_tensor(self._moves), self.every)
        self.p.assign(tf.where(due, tf.clip_by_value(p, 0.0, 1.0), self.p))
        for counter in (self._signs, self._moves):
            counter.assign(tf.where(due, 0.0, counter))

    def logs(self):
        return {"ada_p": tf.convert_to_tensor(self.p)}

    def get_config(self):
        own = ("policy", "target", "examples", "every")
        return {**{name: getattr(self, name) for name in own}, "p": self._first_p, **super().get_config()}


class _Draws:
    """Successive numbers per image, (n, 1, 1): random if the transform is applied, otherwise 0, for no change.

    They are computed from `count` uniform numbers per image: one decides whether the transform is applied, and each
    number needs one more, or two if it is normal.
    """

    def __init__(self, noise: Noise, n, p, count):
        self.p, self._numbers = p, uniform_numbers(noise, (n, 1, 1), count)

    def applied(self, p=None):
        return next(self._numbers) < (self.p if p is None else p)

    def normal(self, stddev, applied=None):
        applied = self.applied() if applied is None else applied
        return tf.where(applied, stddev * normal_of(next(self._numbers), next(self._numbers)), 0.0)

    def uniform(self, low, high, applied):
        return tf.where(applied, low + (high - low) * next(self._numbers), 0.0)

    def whole(self, count):
        applied = self.applied()
        return tf.where(applied, tf.cast(whole_numbers(next(self._numbers), count), tf.float32), 0.0)


def _grid(h, w):
    """Returns the rows and columns, relative to the centre, that output pixels read without transforms: (1, h, w)."""
    rows, columns = tf.range(h, dtype=tf.float32) - (h - 1) / 2, tf.range(w, dtype=tf.float32) - (w - 1) / 2
    return tf.tile(rows[None, :, None], (1, 1, w)), tf.tile(columns[None, None, :], (1, h, 1))


# From an output pixel back to the position that it reads: the last transform of the docstring is undone first.


def _geometric(rows, columns, h, w, draws):
    either = 1 - tf.sqrt(1 - draws.p)  # one of two rotations or both, with probability p
    shifted = draws.applied()
    rows, columns = rows - draws.normal(h / 8, shifted), columns - draws.normal(w / 8, shifted)
    rows, columns = _turned(rows, columns, draws.uniform(-math.pi, math.pi, draws.applied(either)))
    stretch = 2.0 ** draws.normal(0.2)
    rows, columns = rows * stretch, columns / stretch
    rows, columns = _turned(rows, columns, draws.uniform(-math.pi, math.pi, draws.applied(either)))
    scale = 2.0 ** draws.normal(0.2)
    return rows / scale, columns / scale


def _turned(rows, columns, angle):
    cos, sin = tf.cos(angle), tf.sin(angle)
    return cos * rows - sin * columns, sin * rows + cos * columns


def _blit(rows, columns, side, draws):
    moved = draws.applied()  # the outermost places of 8, 24, 40, ... pixels are half as likely as the others
    rows = rows - tf.round(draws.uniform(-side / 8, side / 8, moved))
    columns = columns - tf.round(draws.uniform(-side / 8, side / 8, moved))
    quarters = draws.whole(4)
    odd = tf.math.floormod(quarters, 2.0)
    cos, sin = (1 - odd) * (1 - quarters), odd * (2 - quarters)  # of whole quarters, without rounding
    rows, columns = cos * rows - sin * columns, sin * rows + cos * columns
    return rows, columns * (1 - 2 * draws.whole(2))


def _color(x, draws):
    def each(value):
        return tf.cast(value[..., None], x.dtype)

    x = x + each(draws.normal(0.2))  # brightness
    x = x * each(2.0 ** draws.normal(0.5))  # contrast
    gray = tf.reduce_mean(x, axis=3, keepdims=True)
    flip = each(draws.whole(2))
    x, gray = x - 2 * flip * gray, gray - 2 * flip * gray
    saturation = 2.0 ** draws.normal(1.0)
    if x.shape[-1] != 3:
        return x + each(saturation - 1) * (x - gray)
    angle = draws.uniform(-math.pi, math.pi, draws.applied())  # of the hue
    before, after = tf.gather(x, [2, 0, 1], axis=3), tf.gather(x, [1, 2, 0], axis=3)
    across = (before - after) / math.sqrt(3)  # the cross product of (1, 1, 1) / sqrt(3) and the colour
    return x + each(saturation * tf.cos(angle) - 1) * (x - gray) + each(saturation * tf.sin(angle)) * across
