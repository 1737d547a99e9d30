"""Projection: a search, by gradient descent, for the latent vectors of given pictures."""

import copy
import dataclasses
import math

import keras
import numpy as np
import tensorflow as tf

from keras_gan.exploration.space import Space
from keras_gan.game import Game
from keras_gan.ground import internals
from keras_gan.ground.arguments import check_count, check_number, check_seed
from keras_gan.layers import ScaledNoise
from keras_gan.metrics.extractors import Extractor, get_extractor

FALLS, RISES, JITTERS = 0.25, 0.05, 0.75  # shares of the steps: of the rate's fall and rise, and of w's noise
JITTER = 0.05  # initial noise of w, in standard deviations
SMALLEST = 8  # pixels of the smallest size at which the correlation of noise maps is penalised
CALM = 1e5  # the weight of that penalty


@dataclasses.dataclass(frozen=True)
class Projection:
    """The result of `project`: the latent vectors of pictures.

    Attributes:
        codes: The vectors, (N, d) float32.
        pictures: The game's pictures of the vectors, (N, height, width, channels) float32 in the game's range.
        distances: The distances of these to the given pictures, (N,): the mean over sizes of the mean squared
            difference of pixels, in units of half the range, plus that of features, if there are any.
        began: The distances of the vectors that the search began at, (N,).
        labels: The labels or conditions of the pictures, (N, ...), the given one or those drawn with the vectors that
            the search began at; None if pictures take none beside their vectors.
    """

    codes: np.ndarray
    pictures: np.ndarray
    distances: np.ndarray
    began: np.ndarray
    labels: np.ndarray | None = None


def project(
    game: Game,
    pictures: np.ndarray,
    *,
    labels=None,
    steps: int = 500,
    rate: float = 0.1,
    draws: int = 256,
    features: Extractor | keras.Model | str | None = None,
    seed: int = 0,
) -> Projection:
    """Finds vectors of a game's latent space whose pictures are nearest to given pictures.

    mean over sizes ||shrunk(G(c)) - shrunk(x)||^2 / size + ||h(G(c)) - h(x)||^2 / ||h(x)||^2

    c is w of `StyleGAN2`, and z of other games; h are features, if there are any; pictures are compared at their size,
    half of it, and so on. The search begins at the nearest of random vectors and follows the gradient by Adam, whose
    rate rises, stays constant and falls. w is moved by decreasing noise, and the maps of the noise inputs are optimized
    too, for each picture, with a penalty on their correlation, so that w does not have to encode noise; the returned
    pictures are made from w and the game's own maps.

    Args:
        game: A `GAN`, `models.StyleGAN2`, or another game that makes pictures of one `Latents`.
        pictures: (N, height, width, channels), uint8, or floats in the game's `value_range`.
        labels: One label for all pictures, if the game's pictures take labels. Defaults to None: the random vectors
            have random labels, and each picture keeps the label of its nearest vector, if the game draws labels.
        steps: The number of steps of the search, at least 1. Defaults to 500.
        rate: The learning rate, above 0. Defaults to 0.1.
        draws: The number of random vectors that are compared first, at least 1. Defaults to 256.
        features: An extractor, as for metrics, such as a Keras model. Defaults to None, which compares pixels alone.
        seed: The seed of the search; the same seed gives the same vectors. Defaults to 0.

    Raises:
        ValueError: If the game has no such space, the pictures are of another shape, or an argument is out of range.

    Example:

    >>> from keras_gan import GAN, networks
    >>> shape = (8, 8, 1)
    >>> gan = GAN(networks.mlp_generator(4, shape), networks.mlp_discriminator(shape), latents=4, seed=0)
    >>> found = project(gan, gan.generate(2, seed=5), steps=20, draws=8)
    >>> found.codes.shape, bool(np.all(found.distances < found.began))
    ((2, 4), True)

    Reference: [Karras et al., 2020](https://arxiv.org/abs/1912.04958), appendix D.
    """
    space = Space(game, labels)
    for name, count in (("steps", steps), ("draws", draws)):
        check_count(name, count)
    check_seed("seed", seed)
    check_number("rate", rate, 0, ends="()")
    distance = _Distance(space, pictures, None if features is None else get_extractor(features))
    codes, conditions = space.draw(draws, seed), space.conditions(draws, seed)
    made = tf.constant(space.pictures(codes, conditions=conditions))
    nearest = [int(np.argmin(distance.to(made, i))) for i in range(len(distance.targets))]
    begin, kept = codes[nearest], None if conditions is None else conditions[nearest]
    has_maps, found = bool(_noise_maps(space)), []
    for places in [[i] for i in range(len(begin))] if has_maps else [slice(None)]:  # each picture has maps of its own
        conditions = None if kept is None else kept[places]
        spread = codes.std(axis=0)
        search = _Search(space, distance.of(places), begin[places], conditions, spread, steps, rate, seed)
        for step in range(steps):
            search.step(tf.constant(step, tf.float32))
        found.append(search.codes.numpy())
    found = np.concatenate(found)
    began, made = (space.pictures(each, conditions=kept) for each in (begin, found))
    return Projection(found, made, distance(tf.constant(made)).numpy(), distance(tf.constant(began)).numpy(), kept)


class _Distance:
    """The distance of pictures to the targets."""

    def __init__(self, space, pictures, extractor):
        shape, (self.low, self.high) = tuple(space.game.example_shape), space.game.value_range
        pictures = np.asarray(pictures)
        if pictures.ndim != 4 or not len(pictures) or pictures.shape[1:] != shape:
            raise ValueError(
                f"`pictures` must have the shape (N, {', '.join(map(str, shape))}). Received: {pictures.shape}"
            )
        if pictures.dtype != np.uint8 and not np.issubdtype(pictures.dtype, np.floating):
            raise ValueError(
                f"`pictures` must be uint8, or floats in {[self.low, self.high]}. Received: {pictures.dtype}"
            )
        if not np.isfinite(pictures).all():
            raise ValueError("`pictures` must be finite. Received: pictures that are not")
        if pictures.dtype == np.uint8:
            pictures = pictures / np.float32(255) * (self.high - self.low) + self.low
        self.targets, self.extractor = self._unit(tf.constant(pictures, tf.float32)), extractor
        self.features = None if extractor is None else extractor(self.targets)

    def of(self, places):
        """Returns the distance to some of the targets."""
        part = copy.copy(self)
        part.targets = self.targets.numpy()[places]
        part.features = None if self.features is None else np.asarray(self.features)[places]
        return part

    def _unit(self, x):
        return (x - self.low) * (2 / (self.high - self.low)) - 1

    def __call__(self, made):
        """Computes the distance of each picture to its target, (N,)."""
        return self._of(made, self.targets, self.features)

    def to(self, made, i):
        """Computes the distances of any number of pictures to the i-th target, (N,)."""
        features = None if self.features is None else self.features[i : i + 1]
        return self._of(made, self.targets[i : i + 1], features).numpy()

    def _of(self, made, targets, features):
        made = self._unit(made)
        gap, found = made - targets, []
        while True:
            found.append(tf.reduce_mean(gap**2, axis=(1, 2, 3)))
            if min(gap.shape[1:3]) < 2:
                break
            gap = tf.nn.avg_pool2d(gap, 2, 2, "VALID")
        total = tf.add_n(found) / len(found)
        if features is not None:
            squares = tf.reduce_sum((self.extractor(made) - features) ** 2, axis=-1)
            total += squares / (tf.reduce_sum(features**2, axis=-1) + 1e-8)
        return total


class _Search:
    """The optimization of vectors, and of the game's noise maps, if it has any."""

    def __init__(self, space, distance, begin, conditions, spread, steps, rate, seed):
        self.conditions = conditions
        self.space, self.distance, self.steps, self.rate = space, distance, steps, rate
        self.codes = keras.Variable(begin, name="codes")
        self.spread = np.zeros_like(spread) if space.is_drawn else spread
        self.maps = _noise_maps(space)
        self.own = [keras.Variable(noise, name=f"map_{i}") for i, noise in enumerate(self.maps)]
        self.optimizer = keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.999)
        self.optimizer.build([self.codes, *self.own])
        self.seed = seed
        self.step = tf.function(self._step, autograph=False)

    def _step(self, step):
        t = step / self.steps
        jitter = JITTER * tf.maximum(0.0, 1 - t / JITTERS) ** 2
        noise = tf.random.stateless_normal(self.codes.shape, (self.seed, tf.cast(step, tf.int32)), alg="philox")
        variables = [self.codes, *self.own]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])
            codes = self.codes + jitter * self.spread * noise
            with keras.StatelessScope(
                list(zip(self.maps, (tf.identity(variable.value) for variable in self.own), strict=True))
            ):
                made = self.space.tensors(codes, self.conditions)
            loss = tf.reduce_sum(self.distance(made)) + CALM * sum(map(_correlation, self.own), start=0.0)
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        falls = 0.5 - 0.5 * tf.cos(math.pi * tf.minimum(1.0, (1 - t) / FALLS))
        self.optimizer.learning_rate.assign(self.rate * falls * tf.minimum(1.0, (t + 1 / self.steps) / RISES))
        self.optimizer.apply(gradients, variables)
        for variable in self.own:
            centred = variable - tf.reduce_mean(variable)
            variable.assign(centred * tf.math.rsqrt(tf.reduce_mean(centred**2) + 1e-8))


def _noise_maps(space):
    """Returns the variables of the noise maps that a search optimizes too; none if the vectors are latents."""
    players = () if space.is_drawn else space.game.players.values()
    found = [layer for player in players for layer in internals.layers_of(player)]
    return [layer.constant for layer in found if isinstance(layer, ScaledNoise)]


def _correlation(noise):
    """Computes the sum of squared correlations of a map with itself moved by a pixel, at its size, half of it, ...."""
    noise, total = tf.convert_to_tensor(noise)[None], 0.0
    while True:
        total += sum(tf.reduce_mean(noise * tf.roll(noise, 1, axis)) ** 2 for axis in (1, 2))
        if min(noise.shape[1:3]) <= SMALLEST:
            return total
        noise = 2 * tf.nn.avg_pool2d(noise, 2, 2, "VALID")
