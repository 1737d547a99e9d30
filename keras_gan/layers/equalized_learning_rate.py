"""EqualizedLearningRate: a layer whose weights an optimizer sees at one size."""

import math

import keras

from keras_gan.ground.arguments import check_number
from keras_gan.layers.common import upcast
from keras_gan.layers.reparametrization import Reparametrization


@keras.saving.register_keras_serializable("keras_gan")
class EqualizedLearningRate(Reparametrization):
    """Runs a layer with m W / sqrt(n) and m b: what the optimizer moves is W and b, of a size that is the same for all.

    n is the number of inputs of each output. W and b begin so that the layer is as it would have been without: a
    kernel of variance 1 / n is kept as numbers of variance 1 / m^2. Adam, whose steps have one length, then changes
    all layers by the same share.

    Args:
        layer: A Dense, Conv1D to 3D or Conv1DTranspose to 3D layer.
        multiplier: m, above 0, by which the layer learns faster. StyleGAN's mapping network has 0.01.

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
