"""Adam and SGD whose moments may follow schedules."""

import numbers

import keras
import tensorflow as tf

from keras_gan.schedules import Schedule, get_share


def _scheduled(name: str) -> property:
    """Returns a hyperparameter that may be a schedule: reading it gives its value at the optimizer's next update.

    It is stored in the attribute in which Keras's class stores a number, so that views of the optimizer read it too.
    """

    def get(self):
        if name not in vars(self):
            raise AttributeError(name)
        value = vars(self)[name]
        return value(tf.convert_to_tensor(self.iterations)) if isinstance(value, Schedule) else value

    return property(get, lambda self, value: vars(self).update({name: value}))


@keras.saving.register_keras_serializable("keras_gan")
class Adam(keras.optimizers.Adam):
    """Keras's Adam, whose `beta_1` and `beta_2` may be schedules of its updates, as its learning rate may be.

    m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2
    w <- w - rate m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon'), the b1 and b2 of update t

    A dense weight is updated by one operation: Keras's dozen takes three times as long for a large one on a CPU.

    Args:
        learning_rate: A number or a schedule. Defaults to 0.001.
        beta_1: A number in [0, 1), or a schedule. Defaults to 0.9.
        beta_2: A number in [0, 1), or a schedule. Defaults to 0.999.
        epsilon: Constant for numerical stability, as in Keras's class. Defaults to 1e-7.
        **options: Other arguments of Keras's class.

    Example: R3GAN on CIFAR-10, by the number of pictures.

    >>> from keras_gan.schedules import Cosine
    >>> steps = 20_000_000 // 512
    >>> optimizer = Adam(Cosine(2e-4, 5e-5, steps), beta_1=0.0, beta_2=Cosine(0.9, 0.99, steps))
    >>> round(float(optimizer.beta_2), 2)
    0.9

    Reference: [Kingma & Ba, 2015](https://arxiv.org/abs/1412.6980), algorithm 1.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float | Schedule = 0.9,
        beta_2: float | Schedule = 0.999,
        epsilon: float = 1e-7,
        **options,
    ):
        betas = {"beta_1": get_share("beta_1", beta_1), "beta_2": get_share("beta_2", beta_2)}
        super().__init__(learning_rate, epsilon=epsilon, **betas, **options)

    beta_1, beta_2 = _scheduled("beta_1"), _scheduled("beta_2")

    def update_step(self, gradient, variable, learning_rate):
        dense, precise = isinstance(gradient, tf.Tensor), variable.dtype in ("float32", "float64")
        if self.amsgrad or tf.distribute.has_strategy() or not dense or not precise:
            super().update_step(gradient, variable, learning_rate)  # 1 - beta_2 would be 17 % off in bfloat16
            return
        index, dtype = self._get_variable_index(variable), variable.dtype
        step = tf.cast(self.iterations + 1, dtype)
        beta_1, beta_2 = (_as(each, dtype) for each in (self.beta_1, self.beta_2))
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=tf.cast(learning_rate, dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.constant(self.epsilon, dtype),
            grad=tf.cast(gradient, dtype),
        )

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        serialize = keras.saving.serialize_keras_object
        return {**super().get_config(), **{name: serialize(vars(self)[name]) for name in ("beta_1", "beta_2")}}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        betas = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("beta_1", "beta_2")}
        return super().from_config({**config, **betas}, custom_objects)


@keras.saving.register_keras_serializable("keras_gan")
class SGD(keras.optimizers.SGD):
    """Keras's SGD, whose `momentum` may be a schedule of its updates, as its learning rate may be.

    m <- momentum m - rate g
    w <- w + m, or with Nesterov's momentum w + momentum m - rate g

    Args:
        learning_rate: A number or a schedule. Defaults to 0.01.
        momentum: A number in [0, 1), or a schedule. Defaults to 0.
        nesterov: Whether the momentum is Nesterov's. Defaults to False.
        **options: Other arguments of Keras's class.

    Example: the players of the 2014 paper, 500 updates per epoch.

    >>> from keras.optimizers.schedules import ExponentialDecay, PolynomialDecay
    >>> momentum = PolynomialDecay(0.5, 250 * 500, 0.7)
    >>> optimizer = SGD(ExponentialDecay(0.1, 1, 1 / 1.000004), momentum)
    >>> round(float(optimizer.momentum), 2)
    0.5

    Reference: [Sutskever et al., 2013](https://proceedings.mlr.press/v28/sutskever13.html), equations 1 to 4.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        momentum: float | Schedule = 0.0,
        nesterov: bool = False,
        **options,
    ):
        super().__init__(learning_rate, nesterov=nesterov, **options)
        self.momentum = get_share("momentum", momentum)

    momentum = _scheduled("momentum")

    def build(self, variables):
        if not self.built:
            keras.optimizers.Optimizer.build(self, variables)  # Keras's SGD has no moments if the momentum begins at 0
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient, variable, learning_rate):
        moment, momentum = self.momentums[self._get_variable_index(variable)], _as(self.momentum, variable.dtype)
        step = keras.ops.multiply(
            keras.ops.cast(gradient, variable.dtype), keras.ops.cast(learning_rate, variable.dtype)
        )
        self.assign(moment, keras.ops.subtract(moment * momentum, step))
        self.assign_add(variable, keras.ops.subtract(moment * momentum, step) if self.nesterov else moment)

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        return {**super().get_config(), "momentum": keras.saving.serialize_keras_object(vars(self)["momentum"])}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        momentum = keras.saving.deserialize_keras_object(config["momentum"])
        return super().from_config({**config, "momentum": momentum}, custom_objects)


def _as(value, dtype):
    return tf.constant(value, dtype) if isinstance(value, numbers.Real) else tf.cast(value, dtype)
