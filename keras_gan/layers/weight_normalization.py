"""WeightNormalization: a kernel as a direction and a length per output."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_flag
from keras_gan.layers.common import initialize_from_batch, upcast, wide
from keras_gan.layers.reparametrization import Reparametrization

TINY = 1e-12  # inside roots


@keras.saving.register_keras_serializable("keras_gan")
class WeightNormalization(Reparametrization):
    """Runs a layer with g v / ||v||: the length g and the direction of each output's weights are learned separately.

    w_k = g_k v_k / ||v_k||, ||.|| over all axes of output k's weights

    g is initialized to ||v||, so that wrapping changes nothing. `initialize_weight_normalization(model, batch)` then
    sets g and the bias from data: with t = v . x / ||v||, g = 1 / std(t) and b = -mean(t) / std(t), so that
    preactivations begin with mean 0 and variance 1.

    Args:
        layer: A Dense, Conv1D to 3D or Conv1DTranspose to 3D layer.
        data_dependent: Whether `initialize_weight_normalization` initializes this layer. Defaults to True.

    Input and output: those of `layer`.

    Raises:
        ValueError: If the layer is of another type.

    Example:

    >>> layer = WeightNormalization(keras.layers.Dense(3))
    >>> x = keras.random.normal((100, 4), mean=5.0, seed=0)
    >>> y = layer.initialize(x)
    >>> bool(tf.reduce_all(abs(tf.reduce_mean(layer(x), axis=0)) < 1e-4))
    True

    Reference: [Salimans & Kingma, 2016](https://arxiv.org/abs/1602.07868), equations 2, 5 and 6.
    """

    def __init__(self, layer: keras.layers.Layer, data_dependent: bool = True, **options):
        super().__init__(layer, **options)
        check_flag("data_dependent", data_dependent)
        self.data_dependent = data_dependent
        self.initializing = False

    def build(self, input_shape=None):
        super().build(input_shape)
        self.g = self.add_weight(
            name="g",
            shape=(self.outputs,),
            initializer=lambda shape, dtype: tf.cast(self._norms(), dtype),
            dtype=wide(self.kernel.dtype),
            autocast=False,
        )

    def call(self, inputs):
        if self.initializing and self.data_dependent:
            return self.initialize(inputs)
        return self.run(self._scaled(self.g.value), inputs)

    def initialize(self, inputs: tf.Tensor) -> tf.Tensor:
        """Sets g and the bias for preactivations of mean 0 and variance 1 on `inputs`, and returns the outputs.

        Without a bias only the variance is set.
        """
        if not self.built:  # type: ignore[has-type]  # Keras's
            self.build(inputs.shape)
            self.built = True
        activation, bias = self.layer.activation, self.layer.bias
        self.layer.activation = None
        try:
            t = upcast(self.run(self._scaled(tf.ones_like(self.g.value)), inputs))
        finally:
            self.layer.activation = activation
        first = getattr(self.layer, "data_format", "channels_last") == "channels_first"
        channels = 1 if first else t.shape.rank - 1
        mean, variance = tf.nn.moments(t, [axis for axis in range(t.shape.rank) if axis != channels])
        std = tf.sqrt(variance + TINY)
        self.g.assign(1 / std)
        if bias is not None:
            bias.assign(-(mean - upcast(bias.value)) / std)
        return self.run(self._scaled(self.g.value), inputs)

    def _norms(self):
        return tf.sqrt(tf.reduce_sum(self.matrix() ** 2, axis=0) + TINY)

    def _scaled(self, g):
        scale = tf.convert_to_tensor(g) / self._norms()
        return upcast(self.kernel.value) * (scale[:, None] if self.transposed else scale)

    def get_config(self):
        return {**super().get_config(), "data_dependent": self.data_dependent}


def initialize_weight_normalization(model: keras.Model, batch: tf.Tensor | list, training: bool = False) -> None:
    """Initialises every data-dependent `WeightNormalization` in the model from the layer's inputs on one batch.

    Args:
        model: A built model.
        batch: A representative batch of the model's inputs, of some hundred examples; a list for several inputs.
        training: Whether the model is called in training mode. Use True for models that add noise, so that
            preactivations have variance 1 with the noise. Layers with moving statistics update them once. Defaults to
            False.

    Raises:
        ValueError: If the model has no such layer.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), WeightNormalization(keras.layers.Dense(3))])
    >>> initialize_weight_normalization(model, keras.random.normal((100, 2), mean=5.0, seed=0))
    """
    initialize_from_batch(model, batch, WeightNormalization, training)
