"""GaussianPosterior: codes drawn from normal distributions, with gradients through the draw."""

from collections.abc import Mapping

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("keras_gan")
class GaussianPosterior(keras.layers.Layer):
    """Draws a code from the normal distribution that an encoder gives: the reparametrization trick.

    sample = mean + exp(log_variance / 2) noise, noise ~ N(0, I)

    Call the layer on the encoder's output, (N, 2 dim) with the means first and the logarithms of the variances second,
    or a dict of `"mean"` and `"log_variance"`, and on the noise, (N, dim). Output: a dict of `"mean"`, `"log_variance"`
    and `"sample"`, float32. As a player of a `Game` it has no weights.

    Example:

    >>> code = GaussianPosterior()(tf.constant([[1.0, 2.0, 0.0, 0.0]]), tf.constant([[0.5, -1.0]]))
    >>> code["sample"].numpy().tolist()
    [[1.5, 1.0]]

    Reference: [Kingma & Welling, 2014](https://arxiv.org/abs/1312.6114), section 2.4.
    """

    def __init__(self, **options):
        super().__init__(**{"dtype": "float32", **options})

    def build(self, *shapes) -> None:
        """Makes no weights."""
        self.built = True

    def call(self, inputs, noise):
        """Returns a dict of three tensors (N, dim).

        Args:
            inputs: The encoder's output.
            noise: (N, dim), standard normal.

        Raises:
            ValueError: If the shapes do not fit each other.
        """
        if isinstance(inputs, Mapping):
            found = [inputs.get("mean"), inputs.get("log_variance")]
        else:
            dim = inputs.shape[-1] // 2
            found = [inputs[..., :dim], inputs[..., dim:]]
        if any(each is None or not each.shape.is_compatible_with(noise.shape) for each in found):
            given = (
                {name: tuple(x.shape) for name, x in inputs.items()} if isinstance(inputs, Mapping) else inputs.shape
            )
            raise ValueError(
                f"`inputs` must be means and logarithms of variances, (N, {2 * noise.shape[-1]}), or a dict of "
                f"'mean' and 'log_variance', (N, {noise.shape[-1]}), for codes of {noise.shape[-1]} numbers. "
                f"Received: {given}"
            )
        mean, log_variance = (tf.cast(each, tf.float32) for each in found)
        sample = mean + tf.exp(0.5 * log_variance) * tf.cast(noise, tf.float32)
        return {"mean": mean, "log_variance": log_variance, "sample": sample}
