"""PathLength: path-length regularization, after which equal steps of the styles change pictures equally."""

import copy

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_number
from keras_gan.ground.shapes import sizes
from keras_gan.objectives.lazy import lazily
from keras_gan.objectives.named import NamedTerm, check_name
from keras_gan.play import players


@keras.saving.register_keras_serializable("keras_gan")
class PathLength(NamedTerm):
    """Path-length regularization: keeps the path lengths l of pictures near their running mean a.

    (l - a)^2, l = ||J^T y||, y ~ N(0, I) / sqrt(H W), a <- a + rate (mean l - a)

    J is the Jacobian of the picture with respect to the styles. For styles of several layers, (N, layers, d), l is the
    root of the mean over layers of the squared norms. The player is called again, on a part of the batch. The running
    mean is saved with the game. The authors' weight is 2. The authors apply the term in a separate update; here it is
    part of the loss, every `every` steps.

    Args:
        player: The name of the player that makes pictures from `styles` alone.
        styles: The name of that player's input.
        rate: Update rate of the running mean a, in (0, 1]. Defaults to 0.01.
        every: Applies the term every `every` steps only, and scales it by `every`. Defaults to 4.
        share: Divisor of the batch: the term is computed on the first 1 / `share` of the examples. Defaults to 2.
        side: The side that minimises the term. Defaults to `"generator"`.

    Example:

    >>> objective = NonSaturating() + 2 * PathLength("synthesis", "styles")

    Reference: [Karras et al., 2020](https://arxiv.org/abs/1912.04958), equation 4 and appendix B.
    """

    _player = None

    def __init__(
        self,
        player: str,
        styles: str,
        rate: float = 0.01,
        every: int = 4,
        share: int = 2,
        side: str = "generator",
    ):
        super().__init__(side)
        self.player, self.styles = check_name("player", player), check_name("styles", styles)
        self.rate = check_number("rate", rate, 0, 1, ends="(]")
        self.every, self.share = check_count("every", every), check_count("share", share)

    @property
    def reads(self):
        return (self.styles,)

    @property
    def looks_through(self):
        return (self.player,)

    def with_players(self, members):
        made = copy.copy(self)
        made._player = members[self.player]
        return made

    def build(self, memory, generator, discriminator):
        options = {"initializer": "zeros", "trainable": False, "dtype": "float32", "aggregation": "mean"}
        self.mean = memory.add_weight(name="path_length", shape=(), **options)

    def loss(self, side, round):
        if side != self.side or not round.training:
            return None
        styles = round.values[self.styles]
        before = tf.convert_to_tensor(self.mean)
        weights = [styles, *(variable.value for variable in self._player.trainable_variables)]

        def compute():
            count = tf.maximum(tf.shape(styles)[0] // self.share, 1)
            lengths = self.lengths(tf.gather(styles, tf.range(count)), round.noise)
            after = tf.stop_gradient(before + self.rate * (tf.reduce_mean(lengths) - before))
            return (lengths - after) ** 2, after

        value, round.kept[self] = lazily(
            self.every, round.noise.index, weights, compute, otherwise=[before], loss_scale=round.loss_scale
        )
        return value

    def lengths(self, styles: tf.Tensor, noise) -> tf.Tensor:
        """Returns the path lengths l, (N,), at `styles`, with y drawn at the address `noise`. Differentiable."""
        players.reseed(self._player, noise.at("path_length", "layers"))
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(styles)
            pictures = tf.cast(players.call_on(self._player, [styles], training=True), tf.float32)
            _, *shape = sizes(pictures)
            y = noise.at("path_length").normal((sizes(pictures)[0], *shape))
            moved = tf.reduce_sum(pictures * y) / tf.sqrt(tf.cast(tf.reduce_prod(shape[:-1]), tf.float32))
        gradient = tf.cast(tape.gradient(moved, styles), tf.float32)
        squares = tf.reduce_mean(tf.reshape(gradient**2, (sizes(gradient)[0], -1, gradient.shape[-1])), axis=1)
        return tf.sqrt(tf.reduce_sum(squares, axis=1) + 1e-8)

    def measure(self, *values):
        raise NotImplementedError("`PathLength` must be used in a game, as it calls a player. Received: values")

    def update(self, player, round):
        if player == self.side and self in round.kept:
            self.mean.assign(round.kept[self])

    def get_config(self):
        config = {"player": self.player, "styles": self.styles, "rate": self.rate}
        return {**config, "every": self.every, "share": self.share, **super().get_config()}
