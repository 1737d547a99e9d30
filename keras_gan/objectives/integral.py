"""Distances between the embeddings of a real and of a fake batch: the discriminator is h(x), (N, d)."""

import abc

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_flag
from keras_gan.ground.replicas import gather
from keras_gan.objectives.objective import Objective
from keras_gan.play.round import embedding


class KernelDistance(Objective, abc.ABC):
    """MMD^2 between the global batches of h(x) and h(G(z)), with one kernel k.

    MMD^2 = mean k(h(x), h(x')) + mean k(h(G), h(G')) - 2 mean k(h(x), h(G))
    D: -MMD^2
    G: MMD^2

    Penalties and logs read the witness function, mean k(h(.), h(x)) - mean k(h(.), h(G)).

    Compute kernels that depend on distances alone from `squared_distances`. For other kernels whose MMD does not change
    when all embeddings are shifted by one vector, set `shift_invariant = True`: the embeddings are then centred, which
    avoids cancellation far from 0.

    Args:
        unbiased: Whether each example's kernel with itself is left out of the first two means. Defaults to True.
    """

    generator_sees_real = True
    shift_invariant = False

    def __init__(self, unbiased: bool = True):
        check_flag("unbiased", unbiased)
        self.unbiased = unbiased

    @abc.abstractmethod
    def k(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        """Returns the kernel matrix (n, m) of `a`, (n, d), and `b`, (m, d)."""

    def distance(self, round) -> tf.Tensor:
        """Computes MMD^2, a scalar. The unbiased estimate may be below 0."""
        x, y, _ = self._centred(round)
        return self._within(x) + self._within(y) - 2 * tf.reduce_mean(self.k(x, y))

    def _centred(self, round):
        """Returns both global batches, centred, and the vector that was subtracted, a constant for gradients."""
        x, y = gather(embedding(round.real_output)), gather(embedding(round.fake_output))
        if not self.shift_invariant:
            return x, y, tf.zeros_like(x[0])
        centre = tf.stop_gradient(0.5 * (tf.reduce_mean(x, axis=0) + tf.reduce_mean(y, axis=0)))
        return x - centre, y - centre, centre

    def _within(self, x):
        values = self.k(x, x)
        if not self.unbiased:
            return tf.reduce_mean(values)
        n = tf.cast(tf.shape(x)[0], x.dtype)
        return (tf.reduce_sum(values) - tf.linalg.trace(values)) / tf.maximum(n * (n - 1), 1)

    def discriminator_loss(self, round):
        return -self.distance(round)

    def generator_loss(self, round):
        return self.distance(round)

    def critic(self, output, round):
        x, y, centre = self._centred(round)
        h = embedding(output) - centre
        witness = tf.reduce_mean(self.k(h, x), axis=1) - tf.reduce_mean(self.k(h, y), axis=1)
        return witness[:, None] + self.witness_of(centre, x, y)

    def fair_critic(self, output, round):
        x, y, centre = self._centred(round)
        h = embedding(output) - centre
        to_real = self._to_others(h, x, output is round.real_output)
        to_fake = self._to_others(h, y, output is round.fake_output)
        return (to_real - to_fake)[:, None] + self.witness_of(centre, x, y)

    def _to_others(self, h, batch, own):
        """Returns the mean kernel (n,) of each of `h` with a batch, or with the others of it if `h` are its `own`."""
        values = self.k(h, batch)
        if not own:
            return tf.reduce_mean(values, axis=1)
        others = tf.cast(tf.shape(batch)[0] - 1, values.dtype)
        return (tf.reduce_sum(values, axis=1) - tf.linalg.diag_part(self.k(h, h))) / tf.maximum(others, 1)

    def witness_of(self, centre: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor | float:
        """Returns the constant that centring takes from the witness function: 0 for most kernels."""
        del centre, x, y
        return 0.0

    def get_config(self):
        return {"unbiased": self.unbiased}


RBF_SIGMAS = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0)
RATIONAL_ALPHAS = (0.2, 0.5, 1.0, 2.0, 5.0)


def rational_quadratic(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Computes the sum over alpha of (1 + d^2 / (2 alpha))^-alpha, (n, m): by logarithms, faster than powers."""
    squares = squared_distances(a, b)
    return sum(tf.exp(-alpha * tf.math.log(1 + squares / (2 * alpha))) for alpha in RATIONAL_ALPHAS)


KERNELS = {
    "rbf": lambda a, b: sum(tf.exp(-squared_distances(a, b) / (2 * s**2)) for s in RBF_SIGMAS),
    "rational_quadratic": rational_quadratic,
    "linear": lambda a, b: tf.matmul(a, b, transpose_b=True),
}
KERNELS["rational_quadratic_linear"] = lambda a, b: rational_quadratic(a, b) + KERNELS["linear"](a, b)


@keras.saving.register_keras_serializable("keras_gan")
class MaximumMeanDiscrepancy(KernelDistance):
    """MMD GAN: the discriminator learns an embedding in which a kernel separates real from fake.

    MMD^2 = mean k(h(x), h(x')) + mean k(h(G), h(G')) - 2 mean k(h(x), h(G))
    D: -MMD^2
    G: MMD^2

    | kernel | k(a, b), d = ||a - b|| |
    | --- | --- |
    | rbf | sum over sigma in 2, 5, 10, 20, 40, 80 of exp(-d^2 / (2 sigma^2)) |
    | rational_quadratic | sum over alpha in 0.2, 0.5, 1, 2, 5 of (1 + d^2 / (2 alpha))^-alpha |
    | rational_quadratic_linear | the same plus a . b: "rq*" |
    | linear | a . b |

    Args:
        kernel: One of the names in the table. Defaults to `"rational_quadratic"`.
        unbiased: Whether each example's kernel with itself is left out of the means. Defaults to True.

    Example:

    >>> gan.compile(objective="maximum_mean_discrepancy(kernel='rational_quadratic') + gradient_penalty")

    Reference: [Li et al., 2017](https://arxiv.org/abs/1705.08584); [Binkowski et al., 2018](https://arxiv.org/abs/1801.01401).
    """

    shift_invariant = True

    def __init__(self, kernel: str = "rational_quadratic", unbiased: bool = True):
        super().__init__(unbiased)
        if kernel not in KERNELS:
            raise ValueError(f"`kernel` must be one of {list(KERNELS)}. Received: kernel={kernel!r}")
        self.kernel = kernel

    def k(self, a, b):
        return KERNELS[self.kernel](a, b)

    def witness_of(self, centre, x, y):
        if not self.kernel.endswith("linear"):
            return 0.0
        return tf.reduce_sum(centre * (tf.reduce_mean(x, axis=0) - tf.reduce_mean(y, axis=0)))

    def get_config(self):
        return {"kernel": self.kernel, **super().get_config()}


@keras.saving.register_keras_serializable("keras_gan")
class Cramer(KernelDistance):
    """The energy distance between embeddings: MMD^2 with the kernel k(a, b) = -||a - b||.

    E = 2 mean ||h(x) - h(G)|| - mean ||h(x) - h(x')|| - mean ||h(G) - h(G')||
    D: -E
    G: E

    Args:
        unbiased: Whether each example's distance to itself is left out of the means. Defaults to True.

    Example:

    >>> gan.compile(objective="cramer + 10 * gradient_penalty")

    Reference: [Bellemare et al., 2017](https://arxiv.org/abs/1705.10743), section 4;
    [Binkowski et al., 2018](https://arxiv.org/abs/1801.01401), section 2.
    """

    def k(self, a, b):
        return -tf.sqrt(squared_distances(a, b) + 1e-8)


def squared_distances(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Computes ||a_i - b_j||^2 of (n, d) and (m, d): (n, m), at least 0."""
    centre = tf.stop_gradient(0.5 * (tf.reduce_mean(a, axis=0) + tf.reduce_mean(b, axis=0)))
    a, b = a - centre, b - centre  # otherwise the squares below cancel where the embeddings are far from 0
    squares = tf.reduce_sum(a * a, axis=1)[:, None] + tf.reduce_sum(b * b, axis=1)
    return tf.nn.relu(squares - 2 * tf.matmul(a, b, transpose_b=True))
