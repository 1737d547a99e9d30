"""Small recurrent networks that are trained on windows: to distinguish them from real ones, and to predict."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from keras_gan.ground.arguments import check_seed, shown

BATCH, CALL = 128, 50  # windows of each kind per batch, and steps per call
COMPILED = {"jit_compile": True}
UNITS, RATE, STEPS = 24, 5e-3, 500  # of the learners whose test shares no moment with training
PUBLISHED_RATE, PUBLISHED_STEPS = 1e-3, {"judge": 2_000, "forecaster": 5_000}
TAUGHT = 0.8  # the share of windows that the published judge is trained on


def discriminative_score(real, made, *, unseen=None, seed: int = 0) -> float:
    """Measures how well a recurrent network distinguishes generated windows from real ones: |accuracy - 1/2|.

    Without `unseen` it is TimeGAN's protocol: a GRU of half as many units as there are columns, 2,000 batches of 128
    windows of each kind, tested on a random fifth of both. Windows overlap in time, so that real test windows nearly
    equal training windows; the size and the length of training are fixed, and small. With `unseen`, a GRU of 24 units
    is trained on `real` and half of `made` in 500 batches, and tested on `unseen` and the other half.

    Args:
        real: (n, length, columns) real windows, n of at least 5, of any scale; for the network the least and the
            greatest value of each column become 0 and 1.
        made: (k, length, columns) generated windows, on the same scale, k of at least 5.
        unseen: (m, length, columns) real windows that share no moment with `real`, or None. `data.Windows` has both.
        seed: Seed of the network, of the order, and of the choice of test windows.

    Returns:
        A number in [0, 0.5]; 0 if the network can only guess.

    Raises:
        ValueError: If windows are of different shapes, too few or not finite.

    Example:

    ```python
    series = data.Windows("stock.csv", 24, stretches=10)
    made = gan.generate(len(series.train))
    discriminative_score(series.train, made), discriminative_score(series.train, made, unseen=series.test)
    ```

    Reference: [Yoon et al., 2019](https://papers.nips.cc/paper/8789), section 5.
    """
    real, made, unseen = scaled(real, made, unseen)
    seed = check_seed("seed", seed) % 2**32
    return Judge(real.shape[1:], published=unseen is None).score(real, made, unseen, seed)


def predictive_score(real, made, *, unseen=None, seed: int = 0) -> float:
    """Measures the error on real windows of a recurrent network that predicts the next moment, trained on `made`.

    Without `unseen` it is TimeGAN's protocol: a GRU of half as many units as there are columns predicts the next value
    of the last column from the other columns, is trained in 5,000 batches, and tested on `real`, the windows that the
    generator was trained on. With `unseen`, a GRU of 24 units predicts the next values of all columns from all of them,
    is trained in 500 batches, and tested on `unseen`.

    Args:
        real: Real windows, as for `discriminative_score`.
        made: Generated windows, on which the network is trained.
        unseen: Real windows that share no moment with `real`, or None.
        seed: Seed of the network and of the order.

    Returns:
        The mean absolute error, on the scale on which the least and the greatest value of each column of `real` are 0
        and 1.

    Raises:
        ValueError: If windows are of different shapes, too few or not finite; or of a single column, without `unseen`.

    Reference: [Yoon et al., 2019](https://papers.nips.cc/paper/8789), section 5.
    """
    real, made, unseen = scaled(real, made, unseen)
    if unseen is None and real.shape[-1] == 1:
        raise ValueError("`real` must have at least two columns, or `unseen` be given. Received: real with one column")
    seed = check_seed("seed", seed) % 2**32
    return Forecaster(real.shape[1:], published=unseen is None).score(real, made, unseen, seed)


class Learner:
    """A recurrent network that can be trained repeatedly, each time from the weights of a seed.

    Args:
        model: A model of GRU and dense layers, whose weights are replaced.
        loss: A Keras loss.
        published: Whether the network is trained as in TimeGAN's code.
        steps: The number of batches.
    """

    def __init__(self, model: keras.Model, loss: str | keras.losses.Loss, published: bool, steps: int):
        self.model, self.published, self.steps = model, published, steps
        optimizer = keras.optimizers.Adam(PUBLISHED_RATE if published else RATE)
        model.compile(optimizer, loss, steps_per_execution=min(CALL, steps), **COMPILED)
        optimizer.build(model.trainable_variables)
        self._fresh = [variable.numpy() for variable in optimizer.variables]

    def fit(self, x: np.ndarray, y: np.ndarray, orders: np.ndarray, seed: int) -> None:
        """Trains on batches of examples x with targets y, whose positions are the rows of `orders`."""
        rng = np.random.default_rng(seed)
        for layer in self.model.layers:
            if layer.weights:
                layer.set_weights(_initial_weights(layer, rng))
        for variable, value in zip(self.model.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        x, y = tf.constant(x), tf.constant(y)
        batches = tf.data.Dataset.from_tensor_slices(orders)
        self.model.fit(
            batches.map(lambda places: (tf.gather(x, places), tf.gather(y, places))), shuffle=False, verbose=0
        )

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns the network's predictions for examples x."""
        return self.model.predict(x, batch_size=1024, verbose=0)


class Judge(Learner):
    """A classifier of real and generated windows.

    Args:
        shape: (length, columns) of a window.
        published: Whether to use TimeGAN's protocol.
    """

    def __init__(self, shape: tuple[int, int], published: bool):
        inputs = keras.Input(shape)
        hidden = layers.GRU(max(1, shape[1] // 2) if published else UNITS, reset_after=False)(inputs)
        model = keras.Model(inputs, layers.Dense(1)(hidden))
        steps = PUBLISHED_STEPS["judge"] if published else STEPS
        super().__init__(model, keras.losses.BinaryCrossentropy(from_logits=True), published, steps)

    def score(self, real: np.ndarray, made: np.ndarray, unseen: np.ndarray | None, seed: int) -> float:
        """Computes |accuracy - 1/2|, of windows in [0, 1]."""
        rng = np.random.default_rng((seed, 1))
        if self.published:
            (real, unseen), (made, other) = (dealt(each, TAUGHT, rng) for each in (real, made))
        else:
            made, other = dealt(made, 0.5, rng)
        return self.compare(real, made, unseen, other, seed)

    def compare(self, real: np.ndarray, made: np.ndarray, unseen: np.ndarray, other: np.ndarray, seed: int) -> float:
        """Computes |accuracy - 1/2| on `unseen` and `other`, after training on `real` and `made`."""
        rng = np.random.default_rng((seed, 2))
        y = np.repeat(np.float32([1, 0]), [len(real), len(made)])[:, None]
        orders = [_orders(real, self.steps, rng), len(real) + _orders(made, self.steps, rng)]
        self.fit(np.concatenate([real, made]), y, np.concatenate(orders, axis=1), seed)
        right = np.mean(self.predict(unseen) > 0), np.mean(self.predict(other) <= 0)
        return float(abs(np.mean(right) - 0.5))


class Forecaster(Learner):
    """A predictor of the next moment of a window from the previous ones.

    Args:
        shape: (length, columns) of a window.
        published: Whether to use TimeGAN's protocol: the last column is predicted from the others.
    """

    def __init__(self, shape: tuple[int, int], published: bool):
        length, columns = shape
        inputs = keras.Input((length - 1, columns - 1 if published else columns))
        units = max(1, columns // 2) if published else UNITS
        hidden = layers.GRU(units, reset_after=False, return_sequences=True)(inputs)
        outputs = layers.Dense(1, activation="sigmoid")(hidden) if published else layers.Dense(columns)(hidden)
        steps = PUBLISHED_STEPS["forecaster"] if published else STEPS
        super().__init__(keras.Model(inputs, outputs), "mae", published, steps)

    def score(self, real: np.ndarray, made: np.ndarray, unseen: np.ndarray | None, seed: int) -> float:
        """Computes the mean absolute error on `real` if `published`, otherwise on `unseen`, of windows in [0, 1]."""
        x, y = self._task(made)
        self.fit(x, y, _orders(made, self.steps, np.random.default_rng((seed, 2))), seed)
        x, y = self._task(real if self.published else unseen)
        return float(np.mean(np.abs(self.predict(x) - y)))

    def _task(self, windows):
        if self.published:
            return windows[:, :-1, :-1], windows[:, 1:, -1:]
        return windows[:, :-1], windows[:, 1:]


def scaled(real, made, unseen) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Returns the windows as float32, scaled so that the real ones are in [0, 1].

    Raises:
        ValueError: If the windows are of different shapes, too few or not finite.
    """
    parts = {"real": real, "made": made} | ({} if unseen is None else {"unseen": unseen})
    shape = np.shape(real)[1:]
    for name, part in parts.items():
        array = np.asarray(part)
        if (
            array.ndim != 3
            or array.shape[1:] != shape
            or len(array) < 5
            or shape[0] < 2
            or array.dtype.kind not in "iuf"
        ):
            raise ValueError(
                f"`{name}` must be at least 5 windows, (n, length, columns), of the shape of the others. "
                f"Received: {name}={shown(part)}"
            )
        if not np.isfinite(array).all():
            raise ValueError(f"`{name}` must hold finite numbers. Received: NaN or infinity")
        parts[name] = array.astype("float64")
    low, high = (end(parts["real"], axis=(0, 1)) for end in (np.min, np.max))
    width = np.where(high > low, high - low, 1.0)
    parts = {name: ((part - low) / width).astype("float32") for name, part in parts.items()}
    return parts["real"], parts["made"], parts.get("unseen")


def dealt(windows: np.ndarray, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Splits windows at random into a share of them and the others."""
    order, count = rng.permutation(len(windows)), int(len(windows) * share)
    return windows[order[:count]], windows[order[count:]]


def _orders(windows, steps, rng):
    """Draws the positions of each batch's windows, (steps, batch), without repetition in a batch."""
    count, batch = len(windows), min(BATCH, len(windows))
    return np.stack([rng.choice(count, batch, replace=False, shuffle=False) for _ in range(steps)])


def _initial_weights(layer, rng):
    """Draws initial weights as in TensorFlow 1: Glorot's uniform ones, and biases of 1 for the gates."""
    if isinstance(layer, layers.GRU):
        columns, units = layer.get_weights()[0].shape[0], layer.units
        limits = np.repeat([np.sqrt(6 / (columns + units + width)) for width in (2 * units, units)], [2 * units, units])
        kernels = rng.uniform(-limits, limits, (columns + units, 3 * units))
        return [kernels[:columns], kernels[columns:], np.repeat([1.0, 0.0], [2 * units, units])]
    kernel, bias = layer.get_weights()
    limit = np.sqrt(6 / sum(kernel.shape))
    return [rng.uniform(-limit, limit, kernel.shape), np.zeros_like(bias)]
