"""PathLength beside finite differences, and in a game."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import Game, Match, networks
from keras_gan.noise import Noise
from keras_gan.objectives import Hinge, PathLength
from keras_gan.play.round import Round

RNG = np.random.default_rng(0)
NOISE = Noise((0, "test"), 0)


def maker(dtype="float64"):
    """Styles of two layers (N, 2, 3) -> pictures (N, 4, 2, 1), not linear."""
    options = {"dtype": dtype, "kernel_initializer": keras.initializers.RandomNormal(stddev=0.7, seed=1)}
    x = styles = keras.Input((2, 3), dtype=dtype)
    x = keras.layers.Flatten(dtype=dtype)(x)
    x = keras.layers.Dense(8, "tanh", **options)(x)
    return keras.Model(styles, keras.layers.Reshape((4, 2, 1), dtype=dtype)(x))


def bound(player, **options):
    term = PathLength("g", "styles", **options).with_players({"g": player})
    return term.bound(None, None)


def written_out(player, styles, y, h=1e-4):
    """||J^T y||, each derivative by a difference of pictures, and the root of the mean over the layers of squares."""
    lengths = []
    for i, layer in np.ndindex(len(styles), 1):
        squares = 0
        for layer, k in np.ndindex(2, 3):
            step = np.zeros((1, 2, 3))
            step[0, layer, k] = h
            ends = [np.asarray(player(styles[i : i + 1] + sign * step)) for sign in (1, -1)]
            squares += (np.sum((ends[0] - ends[1]) * y[i]) / (2 * h)) ** 2
        lengths.append(np.sqrt(squares / 2))
    return np.array(lengths)


def test_lengths_are_those_of_finite_differences():
    player, styles = maker(), RNG.normal(size=(3, 2, 3))
    y = NOISE.at("path_length").normal((3, 4, 2, 1)).numpy() / np.sqrt(8)
    made = bound(player).lengths(tf.constant(styles), NOISE)
    np.testing.assert_allclose(made, written_out(player, styles, y), rtol=1e-4)


def loss(term, styles, index=0):
    return term.loss("generator", Round(values={"styles": styles}, noise=Noise((0, "test"), index)))


@pytest.mark.parametrize("every", [1, 4])
def test_its_gradients_by_weights_and_styles_are_those_of_finite_differences(every):
    """The whole loss, of the first half of the batch, and as many times as strong as it is seldom."""
    player, styles = maker(), tf.constant(RNG.normal(size=(4, 2, 3)))
    term = bound(player, every=every, rate=0.1)
    term.mean.assign(0.3)

    def plain(styles):
        lengths = term.lengths(styles[:2], NOISE)
        return float(every * tf.reduce_mean((lengths - mean) ** 2))

    mean = 0.3 + 0.1 * (float(tf.reduce_mean(term.lengths(styles[:2], NOISE))) - 0.3)  # of which there is no gradient
    weights = player.trainable_variables[0]
    with tf.GradientTape() as tape:
        tape.watch(styles)
        value = loss(term, styles)
    by_styles, by_weights = tape.gradient(value, [styles, weights.value])
    np.testing.assert_allclose(value, plain(styles), rtol=1e-5)
    h, step = 1e-3, RNG.normal(size=(4, 2, 3))
    slope = (plain(styles + h * step) - plain(styles - h * step)) / (2 * h)
    np.testing.assert_allclose(tf.reduce_sum(step * by_styles), slope, rtol=1e-2)
    step, before, ends = RNG.normal(size=weights.shape), weights.numpy(), []
    for sign in (1, -1):
        weights.assign(before + sign * h * step)
        ends.append(plain(styles))
    np.testing.assert_allclose(tf.reduce_sum(step * by_weights), (ends[0] - ends[1]) / (2 * h), rtol=1e-2)


def test_it_rests_between():
    term, styles = bound(maker(), every=4), tf.constant(RNG.normal(size=(4, 2, 3)))
    assert [float(loss(term, styles, index)) > 0 for index in range(5)] == [True, False, False, False, True]
    assert term.loss("discriminator", Round(values={"styles": styles}, noise=NOISE)) is None
    assert term.loss("generator", Round(values={"styles": styles}, noise=NOISE, training=False)) is None


@pytest.mark.xla
def test_it_is_the_same_with_xla():
    player = maker()
    term, styles = bound(player, every=2, rate=0.1), tf.constant(RNG.normal(size=(4, 2, 3)))
    term.mean.assign(0.3)

    def gradients(styles, index):
        weights = [variable.value for variable in player.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch([styles, *weights])
            value = loss(term, styles, index)
        return [value, *tape.gradient(value, [styles, *weights])]

    plain, compiled = (tf.function(gradients, jit_compile=jit, autograph=False) for jit in (False, True))
    for index in (0, 1):
        for ours, theirs in zip(compiled(styles, index), plain(styles, index), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
            assert (np.abs(theirs).max() > 0) == (index == 0)


def game():
    """One whose makers are two players, and whose every second step is regularised."""
    keras.utils.set_random_seed(0)
    mapping = keras.Sequential([keras.Input((2,)), keras.layers.Dense(6), keras.layers.Reshape((2, 3))])
    players = {"mapping": mapping, "g": maker("float32"), "d": networks.mlp_discriminator((4, 2, 1), hidden=(4,))}
    made = Game(
        players, {"styles": "mapping(z)", "fake": "g(styles)"}, Match("d", "real", "fake"), draws={"z": 2}, seed=0
    )
    optimizers = {f"{side}_optimizer": keras.optimizers.SGD(0.1) for side in ("generator", "discriminator")}
    made.compile(Hinge() + 2 * PathLength("g", "styles", every=2), **optimizers, run_eagerly=True)
    return made


@pytest.mark.learns
def test_a_game_moves_both_makers_and_the_mean():
    made, plain = game(), game()
    plain.compile("hinge", **{name: keras.optimizers.SGD(0.1) for name in ("generator_optimizer",)}, run_eagerly=True)
    real = RNG.normal(size=(4, 4, 2, 1)).astype("float32")
    made.train_on_batch(real)
    plain.train_on_batch(real)
    mean = made.objective_memory.weights[0]
    assert 0 < float(mean) < 0.1
    for player in ("mapping", "g"):
        ours, theirs = getattr(made, player).get_weights()[0], getattr(plain, player).get_weights()[0]
        assert np.abs(ours - theirs).max() > 1e-5
    before = float(mean)
    made.train_on_batch(real)
    assert float(mean) == before
    made.train_on_batch(real)
    assert float(mean) > before


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PathLength(3, "styles"), "`player` must be the name.*Received: player=3"),
        (lambda: PathLength("g", "styles", rate=0), r"`rate` must be in \(0, 1\].*Received: rate=0"),
        (lambda: PathLength("g", "styles", every=0), "`every` must .*Received: every=0"),
        (lambda: PathLength("g", "styles", share=0), "`share` must .*Received: share=0"),
        (lambda: PathLength("g", "s").discriminator_loss(None), "`path_length` must be bound to its players"),
        (lambda: game().compile(Hinge() + PathLength("h", "styles")), "must name a player of the game.*Received: 'h'"),
        (lambda: game().compile(Hinge() + PathLength("g", "w")), "must name a value of the game.*Received: 'w'"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
