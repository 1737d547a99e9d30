"""A pool of past fakes, so that the discriminator does not forget the generator's earlier output."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_number, fits_in_memory
from keras_gan.ground.shapes import sizes
from keras_gan.noise import Noise


@keras.saving.register_keras_serializable("keras_gan")
class FakePool(keras.layers.Layer):
    """A pool that mixes past fakes into the discriminator's batches of new ones.

    While the pool fills, fakes are stored and returned unchanged. From the next batch on each fake is swapped with
    probability `share` for a stored one, which it replaces. No two fakes of a batch take the same place, so a batch
    larger than the pool swaps at most `size` of them, the first that are to be swapped.

    Call it as `pool(fake, noise=noise)`, outside of the tape and only in the discriminator's moves; or as
    `pool(fake, noise=noise, labels=labels)` in a conditional game: then it returns `(fake, labels)`, with the labels
    swapped like their fakes. `fake` is (N, ...) float, `labels` (N,) integers, or as passed to `build_for`. The same
    address gives the same swaps. Under a `tf.distribute` strategy each replica has its own pool; that of the first
    replica is saved, and loaded on all of them.

    Args:
        size: Number of fakes in the pool, at least 1, stored as float32.
        share: The probability of a swap, in [0, 1].
        name: The layer's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> pool = FakePool(size=2, share=1.0)
    >>> pool(tf.constant([[1.0], [2.0]]), noise=Noise((0, "example"))).numpy().tolist()  # stored
    [[1.0], [2.0]]
    >>> sorted(pool(tf.constant([[3.0], [4.0]]), noise=Noise((0, "example"))).numpy().ravel().tolist())
    [1.0, 2.0]

    Reference: [Shrivastava et al., 2017](https://arxiv.org/abs/1612.07828), section 2.3;
    [Zhu et al., 2017](https://arxiv.org/abs/1703.10593), section 4.
    """

    def __init__(self, size: int = 50, share: float = 0.5, name: str | None = None):
        super().__init__(name=name, trainable=False, dtype="float32", autocast=False)
        self.size, self.share = check_count("size", size), check_number("share", share, 0, 1, "[]")

        self._label_shape, self._label_dtype = (), "int32"

    def build_for(self, input_shape: tuple, label_shape: tuple = (), label_dtype: str = "int32") -> None:
        """Builds the pool for labels that are not integers (N,): vectors, pictures, floats.

        Args:
            input_shape: (None, ...), the shape of fakes.
            label_shape: The shape of one label. Defaults to ().
            label_dtype: `"int32"` or `"float32"`. Defaults to `"int32"`.
        """
        self._label_shape, self._label_dtype = tuple(label_shape), label_dtype
        self.build(input_shape)

    def get_build_config(self) -> dict | None:
        """Returns the shape of the fakes, and the shape and dtype of labels that are not integers (N,)."""
        config = super().get_build_config()
        if config is None or (self._label_shape, self._label_dtype) == ((), "int32"):
            return config
        return {**config, "label_shape": list(self._label_shape), "label_dtype": self._label_dtype}

    def build_from_config(self, config: dict) -> None:
        """Builds the pool by the output of `get_build_config`."""
        self.build_for(config["input_shape"], config.get("label_shape", ()), config.get("label_dtype", "int32"))

    def build(self, input_shape: tuple) -> None:
        """Creates the variables of `size` examples of shape `input_shape[1:]`."""
        with fits_in_memory("size", f"size={self.size}"):
            self.fakes = self._state((self.size, *input_shape[1:]), "float32", "fakes")
            self.labels = self._state((self.size, *self._label_shape), self._label_dtype, "labels")
        self.stored = self._state((), "int32", "stored")
        self.built = True

    def _state(self, shape, dtype, name):
        return keras.Variable(
            "zeros",
            shape=shape,
            dtype=dtype,
            trainable=False,
            aggregation="only_first_replica",
            synchronization="on_read",  # a separate value on each replica, which `add_weight` does not offer
            name=name,
        )

    def call(
        self, fake: tf.Tensor, noise: Noise, labels: tf.Tensor | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        """Swaps some of `fake`, with their `labels`, for examples of the pool."""
        if labels is not None:
            self._check_labels(labels)
        count = sizes(fake)[0]
        stored = tf.convert_to_tensor(self.stored)
        full = tf.equal(stored, self.size)
        places, taken = self._places(count, stored, full, noise)
        self.stored.assign(tf.minimum(stored + count, self.size))
        out = _exchange(self.fakes, fake, places, taken, taken & full)
        if labels is None:
            return out
        return out, _exchange(self.labels, labels, places, taken, taken & full)

    def _check_labels(self, labels):
        fits = self._label_dtype == "float32" or not labels.dtype.is_floating
        if not fits or not labels.shape[1:].is_compatible_with(self._label_shape):
            raise ValueError(
                f"`labels` must be {self._label_dtype} of shape {(None, *self._label_shape)}; `build_for` makes room "
                f"for others. Received: labels of {labels.dtype.name}, of shape {tuple(labels.shape)}"
            )

    def _places(self, count, stored, full, noise):
        """Returns the place in the pool of each fake, (N,) int32, and whether the fake is stored at all."""
        order = tf.argsort(noise.at("order").uniform((self.size,)), stable=True)
        wanted = noise.at("swap").uniform((count,)) < self.share
        turn = tf.cumsum(tf.cast(wanted, tf.int32)) - 1
        swapped = tf.gather(order, tf.clip_by_value(turn, 0, self.size - 1))
        appended = stored + tf.range(count)
        places = tf.where(full, swapped, tf.minimum(appended, self.size - 1))
        return places, tf.where(full, wanted & (turn < self.size), appended < self.size)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the fakes."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        return {"size": self.size, "share": self.share, "name": self.name}


def _exchange(pool, new, places, taken, shown):
    """Writes the `taken` of `new` to their places, and returns `new` with the previous examples where `shown`."""
    old = tf.convert_to_tensor(pool)
    rest = [1] * (old.shape.rank - 1)
    writers = tf.equal(places, tf.range(old.shape[0])[:, None]) & taken  # (size, N), at most one per row
    written = tf.gather(tf.cast(new, old.dtype), tf.argmax(tf.cast(writers, tf.int32), axis=1))
    pool.assign(tf.where(tf.reshape(tf.reduce_any(writers, axis=1), (-1, *rest)), written, old))
    return tf.where(tf.reshape(shown, (-1, *rest)), tf.cast(tf.gather(old, places), new.dtype), new)
