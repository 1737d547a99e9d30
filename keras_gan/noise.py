"""Noise as a pure function of (seed, name, step, global example index).

Nothing here has state. The same address gives the same numbers with and without XLA, in a resumed run, on any number
of replicas and inside an exported graph, so no random state has to be saved.
"""

import dataclasses
import hashlib
import math

import tensorflow as tf

# TensorFlow's constants for `alg="philox"`: the algorithm's number, and the key with which it scrambles a seed.
PHILOX, SCRAMBLE = 1, 0x02461E293EC8F720

FEW = 1000  # classes whose probabilities are summed in float32, as before; sums of more lose digits


@dataclasses.dataclass(frozen=True)
class Noise:
    """An address in the space of all random numbers.

    `path` is known while tracing and is hashed in Python, so it costs nothing in the graph. `index` may be a tensor:
    the training step, or the user's seed in an exported graph. The global example index is the position along axis 0
    of the draw: a longer draw begins with the shorter one.

    Args:
        path: A tuple of strings and integers, beginning with the run's seed.
        index: A scalar integer, or a scalar integer tensor. Defaults to 0.
        replica: `(index, count)` of the replica that draws: an index (an integer or a scalar tensor) in
            `[0, count)`. Each replica receives its own slice of the global draw. Defaults to `(0, 1)`.
        start: The global index of the first drawn example, an integer or a scalar integer tensor. Defaults to 0.

    Example:

    >>> noise = Noise((0, "train"), index=7)
    >>> float(noise.at("latents").normal((4, 2))[0, 0]) == float(noise.at("latents").normal((1, 2))[0, 0])
    True
    """

    path: tuple
    index: tf.Tensor | int = 0
    replica: tuple = (0, 1)
    start: tf.Tensor | int = 0

    def at(self, *names: str | int) -> "Noise":
        """Returns the address with `names` appended to the path: draws under different names are independent."""
        return dataclasses.replace(self, path=(*self.path, *names))

    def beginning(self, start: tf.Tensor | int) -> "Noise":
        """Returns the address of draws that begin at the global example index `start`."""
        return dataclasses.replace(self, start=start)

    @property
    def seed(self) -> tf.Tensor:
        """The two int64 numbers, shape (2,), that seed TensorFlow's stateless operations at this address."""
        digest = hashlib.blake2b(repr(self.path).encode(), digest_size=8).digest()
        key = tf.constant(int.from_bytes(digest, "big", signed=True), tf.int64)
        return tf.stack([key, tf.cast(self.index, tf.int64)])

    def normal(self, shape: tuple) -> tf.Tensor:
        """Draws standard normal numbers, float32, by Box and Muller. `shape[0]` counts this replica's examples."""
        return normal_of(*tf.unstack(self.at("box_muller").uniform((*shape, 2)), axis=-1))

    def uniform(self, shape: tuple, low: float = 0.0, high: float = 1.0) -> tf.Tensor:
        """Draws uniform numbers in [low, high), float32."""
        unit = self._words(shape, _unit)
        return unit if (low, high) == (0.0, 1.0) else low + (high - low) * unit

    def categorical(self, count: int | tf.Tensor, probabilities) -> tf.Tensor:
        """Draws `count` class indices in 0..K-1, (count,) int32, with the given `probabilities`, (K,)."""
        probabilities = tf.convert_to_tensor(probabilities, None if tf.is_tensor(probabilities) else tf.float64)
        few = (probabilities.shape[0] or FEW + 1) <= FEW
        probabilities = tf.cast(probabilities, tf.float32 if few else tf.float64)
        edges = tf.cast(tf.cumsum(probabilities)[:-1], tf.float32)
        return tf.searchsorted(edges, self.uniform((count,)), side="right", out_type=tf.int32)

    def bits(self) -> tf.Tensor:
        """Draws two uint32 numbers, (2,), as the state of a `keras.random.SeedGenerator`. They differ by replica."""
        return self._words((1, 2))[0]

    def _words(self, shape, make=tf.identity):
        position, replicas = self.replica
        count, *rest = shape
        alone = isinstance(replicas, int) and replicas == 1
        everyone = (count, *rest) if alone else (count * replicas, *rest)
        if _is_zero(self.start):
            words = _words(self.seed, everyone, make)
        else:
            words = make(_words_from(self.seed, everyone, self.start))
        return words if alone else words[position * count : (position + 1) * count]


def normal(seed: tf.Tensor, shape: tuple) -> tf.Tensor:
    """Draws standard normal numbers, float32: a function of two int64 numbers, `seed`, for layers with a seed."""
    return normal_of(*tf.unstack(uniform(seed, (*shape, 2)), axis=-1))


def uniform(seed: tf.Tensor, shape: tuple) -> tf.Tensor:
    """Draws uniform numbers in [0, 1), float32: a function of two int64 numbers, `seed`, for layers."""
    return _words(seed, shape, _unit)


def normal_of(u: tf.Tensor, v: tf.Tensor) -> tf.Tensor:
    """Computes standard normal numbers from two independent uniform ones in [0, 1), by Box and Muller."""
    return tf.sqrt(-2.0 * tf.math.log(1.0 - u)) * tf.cos(2 * math.pi * v)  # 1 - u is in (0, 1]


def _words(seed, shape, make=tf.identity):
    """Draws uint32 words, and maps each by `make`: `_unit` gives floats, as TensorFlow's own differ under XLA.

    The words are halves of uint64 ones, and become floats before they are reshaped, as XLA otherwise computes a block
    of four words again for each number that it takes from the block.
    """
    count = _product(shape)
    pairs = tf.random.stateless_uniform(((count + 1) // 2,), seed, None, None, tf.uint64, alg="philox")
    return tf.reshape(tf.reshape(make(tf.bitcast(pairs, tf.uint32)), (-1,))[:count], shape)


def _words_from(seed, shape, start):
    """Draws the words of a longer draw of `_words`, from row `start` on."""
    count = _product(shape)
    first = tf.cast(start, tf.int64) * tf.reduce_prod(tf.cast(shape[1:], tf.int64))
    mixed = _philox(4, tf.constant([SCRAMBLE], tf.uint64), tf.cast(seed, tf.uint64))
    counter = tf.stack([tf.cast(first // 4, tf.uint64), tf.bitcast(mixed[2:], tf.uint64)])  # one count per four words
    words = _philox(count + 3, tf.bitcast(mixed[:2], tf.uint64)[None], counter)
    return tf.reshape(tf.slice(words, [tf.cast(first % 4, tf.int32)], [count]), shape)


def _product(shape):
    return math.prod(shape) if all(isinstance(size, int) for size in shape) else tf.reduce_prod(shape)


def _philox(count, key, counter):
    return tf.raw_ops.StatelessRandomUniformFullIntV2(
        shape=[count], key=key, counter=counter, dtype=tf.uint32, alg=PHILOX
    )


def _is_zero(start):
    return isinstance(start, int) and start == 0


def _unit(words):
    return tf.cast(tf.bitwise.right_shift(words, 8), tf.float32) * 2.0**-24


def replica() -> tuple:
    """Returns `(index, count)` of the replica that runs this code under the current `tf.distribute` strategy."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return (0, 1)
    return (context.replica_id_in_sync_group, context.num_replicas_in_sync)
