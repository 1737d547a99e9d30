"""PrivateOptimizer: an optimizer with differentially private updates."""

from collections.abc import Callable, Mapping

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number, interpret
from keras_gan.noise import Noise


@keras.saving.register_keras_serializable("keras_gan")
class PrivateOptimizer(keras.optimizers.Optimizer):
    """Updates weights by gradients that are clipped per example and noised.

    g <- (sum_i g_i min(1, C / ||g_i||) + N(0, (s C)^2)) / N

    g_i is the gradient of example i by all weights together, C the `l2_norm_clip` and s the `noise_multiplier`. One
    example then changes the sum by at most C, and the noise hides its presence; `privacy.epsilon` computes how well.
    Pass it to `compile` as the optimizer of the side that reads the data, most often `discriminator_optimizer`; players
    that learn only from this side's judgement of fakes are then private too. A game computes the gradient of one
    example after another, so that a step takes about as many times as long as a batch has examples, or packs of them.

    `compile` refuses other ways in which the data could leak: another side that reads the data, layers that keep
    statistics of it, such as batch normalization, objectives that are stateful or compare examples of a batch, pools of
    past fakes, adaptive augmentations, loss scaling and several replicas. The noise is a function of the game's seed:
    use a random seed (`seed=None`), and publish an export of the generator, not the `.keras` file, which contains the
    seed. Logs, such as `d_loss` and `d_real`, are measured without noise.

    Args:
        inner_optimizer: A Keras optimizer, or its name, that receives the noised gradients.
        l2_norm_clip: C, above 0. Defaults to 1.
        noise_multiplier: s, at least 0; 0 only clips, without any guarantee. Defaults to 1.
        name: The optimizer's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> optimizer = PrivateOptimizer(keras.optimizers.Adam(2e-4, beta_1=0.5), l2_norm_clip=0.5, noise_multiplier=1.1)
    >>> optimizer.noise_multiplier
    1.1

    Reference: [Abadi et al., 2016](https://arxiv.org/abs/1607.00133), algorithm 1, and for a discriminator alone
    [Xie et al., 2018](https://arxiv.org/abs/1802.06739).
    """

    def __init__(
        self,
        inner_optimizer: keras.optimizers.Optimizer | str,
        l2_norm_clip: float = 1.0,
        noise_multiplier: float = 1.0,
        name: str | None = None,
    ):
        requirement = "a Keras optimizer, its name or config"
        inner = interpret("inner_optimizer", inner_optimizer, keras.optimizers.get, requirement)
        if isinstance(inner, PrivateOptimizer | keras.optimizers.LossScaleOptimizer):
            raise ValueError(
                "`inner_optimizer` must not be a PrivateOptimizer or LossScaleOptimizer. "
                f"Received: inner_optimizer={type(inner).__name__}"
            )
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner
        self.l2_norm_clip = check_number("l2_norm_clip", l2_norm_clip, 0, ends="()")
        self.noise_multiplier = check_number("noise_multiplier", noise_multiplier, 0)

    def gradients(
        self, loss_of: Callable[[tf.Tensor], tf.Tensor], count: int | tf.Tensor, variables: list, noise: Noise
    ) -> list[tf.Tensor]:
        """Returns the gradients of `count` examples, clipped, summed, noised and divided by their number.

        The gradient of an example that is not finite counts as zero, as it would otherwise change the sum by more than
        C.

        Args:
            loss_of: A function from the index of an example, a scalar int32, to its loss, a scalar.
            count: The number of examples, at least 1.
            variables: The Keras variables.
            noise: The address at which the Gaussian noise is drawn.

        Returns:
            A tensor for each of the variables.
        """
        values = [variable.value for variable in variables]

        def add(i, sums):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(values)
                loss = loss_of(i)
            found = tape.gradient(loss, values, unconnected_gradients="zero")
            clipped = _clip([tf.convert_to_tensor(each) for each in found], self.l2_norm_clip)
            return i + 1, [total + each for total, each in zip(sums, clipped, strict=True)]

        zeros = [tf.zeros(variable.shape, variable.dtype) for variable in variables]
        _, sums = tf.while_loop(lambda i, _: i < count, add, (0, zeros), parallel_iterations=1)
        deviation = self.noise_multiplier * self.l2_norm_clip
        drawn = [noise.at(i).normal((max(total.shape.num_elements(), 1),)) for i, total in enumerate(sums)]
        return [
            (total + deviation * tf.reshape(tf.cast(each, total.dtype), total.shape)) / tf.cast(count, total.dtype)
            for total, each in zip(sums, drawn, strict=True)
        ]

    def build(self, variables):
        """Builds the inner optimizer."""
        self.inner_optimizer.build(variables)
        super().build(variables)

    def apply(self, grads, trainable_variables=None):
        """Applies gradients, as from `gradients`, with the inner optimizer."""
        self.inner_optimizer.apply(grads, trainable_variables)

    @property
    def variables(self):
        """The state of the inner optimizer."""
        return self.inner_optimizer.variables

    @property
    def iterations(self):
        """The number of updates."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self):
        """The inner optimizer's learning rate."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        self.inner_optimizer.learning_rate = learning_rate

    def finalize_variable_values(self, var_list):
        """Finalizes the variables with the inner optimizer, which may overwrite them by their averages."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def save_own_variables(self, store: Mapping) -> None:
        """Saves nothing, as the inner optimizer saves its own state."""

    def load_own_variables(self, store: Mapping) -> None:
        """Loads nothing, as the inner optimizer loads its own state."""

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        return {
            "inner_optimizer": keras.saving.serialize_keras_object(self.inner_optimizer),
            "l2_norm_clip": self.l2_norm_clip,
            "noise_multiplier": self.noise_multiplier,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        inner = keras.saving.deserialize_keras_object(config["inner_optimizer"], custom_objects)
        return cls(**{**config, "inner_optimizer": inner})


def _clip(gradients, most):
    """Scales tensors to a joint norm of at most `most`, without overflow of squares; zeros for NaN or Inf."""
    wide = tf.float64 if any(gradient.dtype == tf.float64 for gradient in gradients) else tf.float32
    found = [tf.cast(gradient, wide) for gradient in gradients]
    largest = tf.reduce_max([tf.reduce_max(tf.abs(x)) for x in found if x.shape.num_elements()])
    unit = tf.where(largest > 0, largest, 1)
    scaled = [x / unit for x in found]
    norm = tf.sqrt(tf.add_n([tf.reduce_sum(tf.square(x)) for x in scaled]))
    factor = tf.minimum(unit, most / tf.maximum(norm, 1e-30))  # for scaled tensors: `unit` undoes the scaling
    finite = tf.math.is_finite(norm) & tf.math.is_finite(largest)
    clipped = [tf.where(finite, x * factor, 0) for x in scaled]
    return [tf.cast(x, gradient.dtype) for x, gradient in zip(clipped, gradients, strict=True)]
