"""EqualizedLearningRate: a layer whose weights have one scale for the optimizer."""

import math

import keras

from keras_gan.ground.arguments import check_number
from keras_gan.layers.common import upcast
from keras_gan.layers.reparametrization import Reparametrization


@keras.saving.register_keras_serializable("keras_gan")
class EqualizedLearningRate(Reparametrization):
    """Runs a layer with m W / sqrt(n) and m b, where the optimizer updates W and b, of one scale in all layers.

    n is the number of inputs of each output. Wrapping does not change the layer's initial outputs: a kernel of variance
    1 / n is stored with variance 1 / m^2. Adam, whose steps have one length, then changes all layers by the same share.

    Args:
        layer: A Dense, Conv1D to 3D or Conv1DTranspose to 3D layer.
        multiplier: m, above 0, a factor of the layer's learning rate. Defaults to 1; StyleGAN's mapping network has
            0.01.

    Input and output: those of `layer`.

    Raises:
        ValueError: If the layer is of another type.

    Example:

    >>> layer = EqualizedLearningRate(keras.layers.Dense(3, kernel_initializer="ones"), multiplier=0.5)
    >>> float(layer(tf.ones((1, 4)))[0, 0]), float(layer.kernel[0, 0])
    (4.0, 4.0)

    Reference: [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 4.1.
    """

    def __init__(self, layer: keras.layers.Layer, multiplier: float = 1.0, **options):
        super().__init__(layer, **options)
        self.multiplier = check_number("multiplier", multiplier, 0, ends="()")

    def build(self, input_shape=None):
        super().build(input_shape)
        self.kernel.assign(self.kernel / self._scale)
        if self.layer.use_bias:
            self.layer.bias.assign(self.layer.bias / self.multiplier)

    @property
    def _scale(self):
        return self.multiplier / math.sqrt(math.prod(self.kernel.shape) // self.outputs)

    def call(self, inputs):
        bias = upcast(self.layer.bias.value) * self.multiplier if self.layer.use_bias else None
        return self.run(upcast(self.kernel.value) * self._scale, inputs, bias)

    def get_config(self):
        return {**super().get_config(), "multiplier": self.multiplier}
