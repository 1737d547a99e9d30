"""Adam and SGD whose moments follow schedules, beside the papers' algorithms written out."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, networks
from keras_gan.objectives import R1, RelativisticPaired
from keras_gan.optimizers import SGD, Adam
from keras_gan.schedules import Cosine, HalfLife

RATE, FIRST, SECOND = Cosine(0.1, 0.01, 5), Cosine(0.0, 0.5, 5), Cosine(0.9, 0.99, 5)


def written_out(w, gradients):
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        rate, b1, b2 = (float(each(t - 1)) for each in (RATE, FIRST, SECOND))
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        w = w - rate * np.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + 1e-7)
    return w


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_it_is_the_algorithm_of_the_paper(kind):
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=(3, 2)), rng.normal(size=(7, 3, 2))
    variable, optimizer = keras.Variable(start), Adam(RATE, FIRST, SECOND)
    for g in gradients.astype("float32"):
        dense = tf.constant(g)
        given = dense if kind == "dense" else tf.IndexedSlices(dense, tf.range(3), tf.constant([3, 2]))
        optimizer.apply_gradients([(given, variable)])
    np.testing.assert_allclose(variable, written_out(start, gradients), rtol=1e-5)
    np.testing.assert_allclose(optimizer.beta_2, 0.99, rtol=1e-6)


def test_numbers_are_as_with_keras():
    ours, theirs = (kind(0.1, 0.5, 0.9, name="adam") for kind in (Adam, keras.optimizers.Adam))
    assert (ours.beta_1, ours.beta_2) == (0.5, 0.9)
    assert ours.get_config() == theirs.get_config()


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_follows_a_schedule(nesterov):
    rng = np.random.default_rng(0)
    w, m, gradients = rng.normal(size=(3, 2)), 0.0, rng.normal(size=(7, 3, 2))
    variable, optimizer = keras.Variable(w), SGD(RATE, FIRST, nesterov)
    for t, g in enumerate(gradients):
        optimizer.apply_gradients([(tf.constant(g, "float32"), variable)])
        momentum, step = float(FIRST(t)), float(RATE(t)) * g
        m = momentum * m - step
        w = w + (momentum * m - step if nesterov else m)
    np.testing.assert_allclose(variable, w, rtol=1e-5)
    again = SGD.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()


@pytest.mark.learns
def test_a_game_by_schedules_is_saved_and_goes_on(tmp_path):
    """Learning rate, moments, the weight of a penalty and the average of the weights all follow schedules."""
    keras.utils.set_random_seed(0)
    generator, discriminator = (
        networks.mlp_generator(2, (2,), hidden=(4,)),
        networks.mlp_discriminator((2,), hidden=(4,)),
    )
    gan = GAN(generator, discriminator, 2, seed=0, ema=HalfLife(Cosine(0, 100, 10), 4))
    gan.compile(RelativisticPaired() + Cosine(0.5, 0.1, 10) * R1(), Adam(RATE, 0.0, SECOND), Adam(RATE, 0.0, SECOND))
    points = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")
    gan.fit(points, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert again.get_config()["ema"] == gan.get_config()["ema"]
    assert again.get_compile_config() == gan.get_compile_config()
    for game in (gan, again):
        game.fit(points, batch_size=4, verbose=0)
    np.testing.assert_array_equal(again.generate(3, seed=1), gan.generate(3, seed=1))
    np.testing.assert_allclose(gan.generator_optimizer.beta_2, SECOND(8), rtol=1e-6)


@pytest.mark.parametrize("name", ["beta_1", "beta_2"])
def test_what_is_refused(name):
    with pytest.raises(ValueError, match=rf"`{name}` must .*Received: {name}=1.0"):
        Adam(**{name: 1.0})


@pytest.mark.learns
@pytest.mark.parametrize(
    "make",
    [lambda **options: Adam(0.1, beta_2=SECOND, **options), lambda **options: SGD(0.1, FIRST, **options)],
    ids=["Adam", "SGD"],
)
def test_moments_of_accumulated_gradients_follow_their_updates(make):
    """Two equal gradients are one update by the same one."""
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=3).astype("float32"), rng.normal(size=(4, 3)).astype("float32")
    single, accumulated = keras.Variable(start), keras.Variable(start)
    one, two = make(), make(gradient_accumulation_steps=2)

    @tf.function
    def learn(gradient):
        one.apply([gradient], [single])
        for _ in range(2):
            two.apply([gradient], [accumulated])

    one.build([single])
    two.build([accumulated])
    for gradient in gradients:
        learn(tf.constant(gradient))
    np.testing.assert_allclose(accumulated.numpy(), single.numpy(), atol=1e-6)
    assert np.abs(single.numpy() - start).max() > 0.1
