"""PatchContrast: a generated patch should resemble the input at its place more than at others."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number
from keras_gan.objectives.named import NamedTerm, check_name, per_example


@keras.saving.register_keras_serializable("keras_gan")
class PatchContrast(NamedTerm):
    """The contrastive loss of two pictures' patches: the cross-entropy of finding the key at each query's place.

    mean over p of -log(exp(cos(q_p, k_p) / temperature) / sum_j exp(cos(q_p, k_j) / temperature))

    q_p and k_p are the vectors at place p of the queries and of the keys; j runs over the P places of the same picture.
    No gradient reaches the keys. Where all similarities are equal, the loss is log(P).

    Args:
        queries: The name of vectors (N, P, d) of the generated pictures.
        keys: The name of vectors (N, P, d) of their inputs, at the same places.
        temperature: Divisor of the cosines, above 0. Defaults to 0.07.
        side: The side that minimises the term. Defaults to `"generator"`.

    Example:

    >>> objective = LeastSquares() + PatchContrast("queries.hidden_1", "keys.hidden_1")

    Reference: [Park et al., 2020](https://arxiv.org/abs/2007.15651), equations 2 to 4;
    [van den Oord et al., 2018](https://arxiv.org/abs/1807.03748), equation 4.
    """

    is_comparison = True

    def __init__(self, queries: str, keys: str, temperature: float = 0.07, side: str = "generator"):
        super().__init__(side)
        self.queries, self.keys = check_name("queries", queries), check_name("keys", keys)
        self.temperature = check_number("temperature", temperature, 0, ends="()")

    @property
    def reads(self):
        return (self.queries, self.keys)

    def measure(self, queries, keys):
        self.check_shapes(queries, keys)
        if queries.shape.rank != 3:
            raise ValueError(
                f"`{self.name}` must be given vectors of places, (N, P, d). "
                f"Received: {self.queries!r} of shape {tuple(queries.shape)}"
            )
        queries, keys = (tf.math.l2_normalize(x, axis=-1) for x in (queries, tf.stop_gradient(keys)))
        logits = tf.matmul(queries, keys, transpose_b=True) / self.temperature
        return per_example(tf.reduce_logsumexp(logits, axis=-1) - tf.linalg.diag_part(logits))

    def get_config(self):
        config = {"queries": self.queries, "keys": self.keys, "temperature": self.temperature}
        return {**config, **super().get_config()}
