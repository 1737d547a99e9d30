"""An optimizer whose updates are differentially private."""

from collections.abc import Callable, Mapping

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number, interpret
from keras_gan.noise import Noise


@keras.saving.register_keras_serializable("keras_gan")
class PrivateOptimizer(keras.optimizers.Optimizer):
    """Updates weights by gradients that are clipped, each example's by itself, and noised.

    g <- (sum_i g_i min(1, C / ||g_i||) + N(0, (s C)^2)) / N

    g_i is the gradient of example i by all weights together, C the `l2_norm_clip` and s the `noise_multiplier`. One
    example then changes the sum by no more than C, and the noise hides whether it was there: how well is what
    `privacy.epsilon` says. It is given to `compile` as the optimizer of the side that sees the data, most often
    `discriminator_optimizer`; what else is learned, of fakes that this side judges, is then private too. A game takes
    the gradient of each example by itself, one after the other, so that a step takes as many times as long as a batch
    has examples, or packs of them, but for what is shared.

    `compile` refuses what would tell of the data past this: another side that reads it, layers that keep statistics of
    it, such as batch normalization, objectives that remember or compare examples of a batch, pools of past fakes,
    adaptive augmentations, loss scaling and several replicas. The noise is a function of the game's seed, as all its
    noise is: draw the seed (`seed=None`), and hand out an export of the generator, not the `.keras` file, which holds
    it. Logs, such as `d_loss` and `d_real`, are measured without noise.

    Args:
        inner_optimizer: A Keras optimizer, or its name, that the noised gradients are given to.
        l2_norm_clip: C, above 0. Defaults to 1.
        noise_multiplier: s, at least 0; 0 clips alone, and guarantees nothing. Defaults to 1.
        name: The optimizer's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> optimizer = PrivateOptimizer(keras.optimizers.Adam(2e-4, beta_1=0.5), l2_norm_clip=0.5, noise_multiplier=1.1)
    >>> optimizer.noise_multiplier
    1.1

    Reference: [Abadi et al., 2016](https://arxiv.org/abs/1607.00133), algorithm 1, and of a discriminator alone
    [Xie et al., 2018](https://arxiv.org/abs/1802.06739).
    """

    def __init__(
        self,
        inner_optimizer: keras.optimizers.Optimizer | str,
        l2_norm_clip: float = 1.0,
        noise_multiplier: float = 1.0,
        name: str | None = None,
    ):
        what = "a Keras optimizer, its name or config"
        inner = interpret("inner_optimizer", inner_optimizer, keras.optimizers.get, what)
        if isinstance(inner, PrivateOptimizer | keras.optimizers.LossScaleOptimizer):
            raise ValueError(
                "`inner_optimizer` must be one that neither clips nor scales. "
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

        The gradient of an example that is not finite counts as zero, as it would else change the sum by more than C.

        Args:
            loss_of: The number of an example, a scalar int32 -> its loss, a scalar.
            count: How many examples there are, at least 1.
            variables: The Keras variables.
            noise: Where the Gaussian noise is drawn.

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
        """Gives gradients, which `gradients` has made, to the inner optimizer."""
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
        """The inner optimizer's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        self.inner_optimizer.learning_rate = learning_rate

    def finalize_variable_values(self, var_list):
        """Lets the inner optimizer leave its averages in the weights, if it keeps any."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def save_own_variables(self, store: Mapping) -> None:
        """Saves nothing: the state is the inner optimizer's, which is saved by itself."""

    def load_own_variables(self, store: Mapping) -> None:
        """Loads nothing."""

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
    """Returns tensors of a joint norm of at most `most`, of tensors whose squares may overflow; zeros of NaN or Inf."""
    wide = tf.float64 if any(each.dtype == tf.float64 for each in gradients) else tf.float32
    found = [tf.cast(each, wide) for each in gradients]
    largest = tf.reduce_max([tf.reduce_max(tf.abs(each)) for each in found if each.shape.num_elements()])
    unit = tf.where(largest > 0, largest, 1)
    scaled = [each / unit for each in found]
    norm = tf.sqrt(tf.add_n([tf.reduce_sum(tf.square(each)) for each in scaled]))
    factor = tf.minimum(unit, most / tf.maximum(norm, 1e-30))  # of the scaled ones, which `unit` gives back
    finite = tf.math.is_finite(norm) & tf.math.is_finite(largest)
    clipped = [tf.where(finite, each * factor, 0) for each in scaled]
    return [tf.cast(each, given.dtype) for each, given in zip(clipped, gradients, strict=True)]
