"""MinibatchStandardDeviation: the variation within groups of examples."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_number
from keras_gan.ground.replicas import gather
from keras_gan.ground.shapes import sizes
from keras_gan.layers.common import place, upcast


@keras.saving.register_keras_serializable("keras_gan")
class MinibatchStandardDeviation(keras.layers.Layer):
    """Appends feature maps of the variation within the batch, for a discriminator.

    s(g, k) = mean over space and the k-th part of the channels of sqrt(var_{i in group g} x_i + epsilon)

    Each example gets its group's s(g, 1..features), constant over space. Of N examples in groups of G, example i is in
    group i mod (N / G). On several replicas N is the global batch.

    Args:
        group_size: G, at least 1, or None for the whole batch. Defaults to 4. A batch of fewer examples is one group,
            as is a larger batch that G does not divide, such as the last one of an evaluation. In training the layer
            raises an error for the latter if the batch size is known (as always in eager mode).
        features: Number of parts of the channels, each with its own map. Defaults to 1.
        epsilon: Number added inside the root, so that its second derivative is finite for equal examples. Defaults to
            1e-8.

    Input: (N, ..., C), float, C divisible by `features`. Output: (N, ..., C + features).

    Raises:
        ValueError: If `group_size` does not divide a batch of training, or `features` the channels.

    Example:

    >>> MinibatchStandardDeviation(2)(tf.constant([[0.0], [2.0]])).numpy().round(3).tolist()
    [[0.0, 1.0], [2.0, 1.0]]

    Reference: [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 3; groups as in the code of
    [Karras et al., 2020](https://arxiv.org/abs/1912.04958).
    """

    def __init__(self, group_size: int | None = 4, features: int = 1, epsilon: float = 1e-8, **options):
        super().__init__(**options)
        self.group_size = None if group_size is None else check_count("group_size", group_size)
        self.features = check_count("features", features)
        self.epsilon = check_number("epsilon", epsilon, 0, ends="()")

    def build(self, input_shape):
        if input_shape[-1] % self.features:
            raise ValueError(
                f"`features` must divide the channels. Received: features={self.features}, "
                f"input_shape={tuple(input_shape)}"
            )

    def call(self, inputs, training=False):
        everyone = upcast(gather(inputs))
        group = self._group(everyone, training)
        members = tf.reshape(everyone, (group, -1, *sizes(inputs)[1:]))
        deviation = members - tf.reduce_mean(members, axis=0, keepdims=True)
        s = tf.sqrt(tf.reduce_mean(deviation * deviation, axis=0) + self.epsilon)  # (groups, ..., C)
        s = tf.reshape(s, (tf.shape(s)[0], -1, self.features, inputs.shape[-1] // self.features))
        s = tf.tile(tf.reduce_mean(s, axis=(1, 3)), (group, 1))  # (everyone, features)
        own = tf.gather(s, place(inputs) + tf.range(tf.shape(inputs)[0]))  # XLA differentiates tf.slice only once
        own = tf.reshape(own, (-1, *[1] * (inputs.shape.rank - 2), self.features))
        maps = tf.broadcast_to(own, (*sizes(inputs)[:-1], self.features))
        return tf.concat([inputs, tf.cast(maps, inputs.dtype)], axis=-1)

    def _group(self, everyone, training):
        """Returns the size of a group."""
        count, size = everyone.shape[0], self.group_size
        if count is None:
            count = tf.shape(everyone)[0]
            return count if size is None else tf.where((count > size) & (count % size == 0), size, count)
        if size is None or count <= size:
            return count
        if count % size and training:
            raise ValueError(
                f"`group_size` must divide a batch of training. Received: group_size={size}, a batch of {count}"
            )
        return count if count % size else size

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + self.features)

    def get_config(self):
        config = {"group_size": self.group_size, "features": self.features, "epsilon": self.epsilon}
        return {**super().get_config(), **config}
