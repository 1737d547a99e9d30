"""FilteredResampling2D: pictures made larger, smaller or smoother by a small filter."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_number, shown
from keras_gan.layers.common import upcast
from keras_gan.layers.resampling import resample


@keras.saving.register_keras_serializable("keras_gan")
class FilteredResampling2D(keras.layers.Layer):
    """Inserts zeros between the pixels of pictures, filters, and keeps every n-th pixel.

    y_k = sum_t f_t u_(down k + t - before), u_(up j) = x_j and 0 elsewhere, along each axis

    The filter f is scaled to the sum `up`, so that a constant picture stays constant except at its border, which is
    padded with zeros. With `up` above 1 the layer multiplies by one matrix per axis, on a CPU several times as fast as
    a transposed depthwise convolution; otherwise it uses a depthwise convolution. Both have correct second derivatives,
    also with XLA.

    Args:
        up: The factor by which the sides are enlarged. Defaults to 1.
        down: n: every n-th pixel is kept. Defaults to 1.
        taps: The filter, of any sum above 0. Defaults to (1, 3, 3, 1), that of StyleGAN2; R3GAN's is (1, 2, 1).
        padding: (before, after), the numbers of zeros added to both axes, at least 0. Defaults to those that give
            sides of H `up` / `down`.

    Input: (N, H, W, C), float, H and W known. Output: (N, H', W', C).

    Raises:
        ValueError: If an argument is out of range, or a side is unknown.

    Example:

    >>> x = keras.ops.reshape([4.0, 8.0], (1, 1, 2, 1))
    >>> FilteredResampling2D(up=2, taps=(1, 2, 1))(x)[0, 1, :, 0].numpy().tolist()
    [2.0, 4.0, 6.0, 8.0]

    Reference: [Karras et al., 2020](https://arxiv.org/abs/1912.04958), appendix B.
    """

    def __init__(
        self,
        up: int = 1,
        down: int = 1,
        taps: Sequence[float] = (1, 3, 3, 1),
        padding: Sequence[int] | None = None,
        **options,
    ):
        super().__init__(**options)
        self.up, self.down = check_count("up", up), check_count("down", down)
        if not isinstance(taps, Sequence) or isinstance(taps, str) or not taps:
            raise ValueError(f"`taps` must be a list of numbers. Received: taps={shown(taps)}")
        self.taps = [check_number("taps", tap) for tap in taps]
        check_number("the sum of `taps`", sum(self.taps), 0, ends="()")
        count = len(self.taps)
        default = ((count + self.up - self.down) // 2, (count - max(self.up, self.down)) // 2)
        if padding is None and min(default) < 0:
            raise ValueError(
                "`padding` must be given for fewer `taps` than `up` or `down`. "
                f"Received: taps={shown(taps)}, up={self.up}, down={self.down}, padding=None"
            )
        self.padding = list(default if padding is None else padding)
        if len(self.padding) != 2 or not all(isinstance(zeros, int) and zeros >= 0 for zeros in self.padding):
            raise ValueError(
                f"`padding` must be two integers of at least 0, before and after. Received: padding={shown(padding)}"
            )

    def build(self, input_shape):
        self._matrices(input_shape)

    def call(self, inputs):
        if self.up > 1:
            return resample(inputs, *self._matrices(inputs.shape), row_axis=-3)
        x = tf.pad(upcast(inputs), [(0, 0), self.padding, self.padding, (0, 0)])
        taps = np.asarray(self.taps) / sum(self.taps)
        kernel = np.tile(np.outer(taps, taps)[:, :, None, None], (1, 1, inputs.shape[-1], 1))
        y = tf.nn.depthwise_conv2d(x, tf.constant(kernel, x.dtype), [1, self.down, self.down, 1], "VALID")
        return tf.cast(y, inputs.dtype)

    def _matrices(self, shape):
        if len(shape) != 4 or None in tuple(shape)[1:3]:
            raise ValueError(
                f"The input must be pictures (N, H, W, C) of a known size. Received: input_shape={tuple(shape)}"
            )
        return [self._matrix(side) for side in tuple(shape)[1:3]]

    def _matrix(self, side):
        """Returns the matrix (new side, side), whose column j is the result for a line of zeros with a 1 at j."""
        rows, columns = np.arange(self._side(side))[:, None], np.arange(side)
        places = self.up * columns - self.down * rows + self.padding[0]
        inside = (places >= 0) & (places < len(self.taps))
        taps = np.asarray(self.taps) * (self.up / sum(self.taps))
        return np.where(inside, taps[np.where(inside, places, 0)], 0.0)

    def _side(self, side):
        new = (side * self.up + sum(self.padding) - len(self.taps)) // self.down + 1
        if new < 1:
            raise ValueError(f"`padding` must leave a pixel. Received: padding={self.padding}, a side of {side}")
        return new

    def compute_output_shape(self, input_shape):
        count, *sides, channels = input_shape
        return (count, *(None if side is None else self._side(side) for side in sides), channels)

    def get_config(self):
        config = {"up": self.up, "down": self.down, "taps": self.taps, "padding": self.padding}
        return {**super().get_config(), **config}
