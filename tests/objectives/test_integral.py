import keras
import numpy as np
import pytest
import scipy.spatial.distance
import scipy.stats
import tensorflow as tf
from keras import layers

from keras_gan import Round
from keras_gan.objectives import Cramer, MaximumMeanDiscrepancy
from keras_gan.objectives.integral import KERNELS, squared_distances

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 3)), RNG.normal(size=(9, 3)) + 0.5
REFERENCES = {
    "rbf": lambda d, a, b: sum(np.exp(-(d**2) / (2 * s**2)) for s in (2, 5, 10, 20, 40, 80)),
    "rational_quadratic": lambda d, a, b: sum((1 + d**2 / (2 * s)) ** -s for s in (0.2, 0.5, 1, 2, 5)),
    "linear": lambda d, a, b: a @ b.T,
}
REFERENCES["rational_quadratic_linear"] = lambda d, a, b: REFERENCES["rational_quadratic"](d, a, b) + a @ b.T


def a_round(x, y):
    return Round(real_output=tf.constant(x, tf.float32), fake_output=tf.constant(y, tf.float32))


def reference(kernel, unbiased):
    """Double loops over SciPy's distances."""

    def k(a, b):
        return REFERENCES[kernel](scipy.spatial.distance.cdist(a, b), a, b)

    def within(a):
        pairs = [k(a, a)[i, j] for i in range(len(a)) for j in range(len(a)) if i != j or not unbiased]
        return np.mean(pairs)

    return within(X) + within(Y) - 2 * np.mean(k(X, Y))


@pytest.mark.parametrize("unbiased", [True, False])
@pytest.mark.parametrize("kernel", KERNELS)
def test_mmd_against_double_loops(kernel, unbiased):
    objective = MaximumMeanDiscrepancy(kernel, unbiased)
    expected = reference(kernel, unbiased)
    assert float(objective.generator_loss(a_round(X, Y))) == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert float(objective.discriminator_loss(a_round(X, Y))) == pytest.approx(-expected, rel=1e-4, abs=1e-5)


def test_the_biased_linear_kernel_is_the_distance_of_the_means():
    expected = np.sum((X.mean(0) - Y.mean(0)) ** 2)
    objective = MaximumMeanDiscrepancy("linear", unbiased=False)
    assert float(objective.generator_loss(a_round(X, Y))) == pytest.approx(expected, rel=1e-5)


def test_cramer_in_one_dimension_against_scipy():
    x, y = X[:, :1], Y[:, :1]
    # SciPy's energy distance is the square root of the biased estimate
    expected = scipy.stats.energy_distance(x.ravel(), y.ravel()) ** 2
    assert float(Cramer(unbiased=False).generator_loss(a_round(x, y))) == pytest.approx(expected, abs=3e-4)


@pytest.mark.learns
def test_unbiased_estimates_are_zero_on_average_for_one_distribution():
    samples = RNG.normal(size=(150, 2, 8, 2))
    estimates = [float(MaximumMeanDiscrepancy().generator_loss(a_round(*pair))) for pair in samples]
    assert np.mean(estimates) == pytest.approx(0, abs=4 * np.std(estimates) / np.sqrt(len(estimates)))
    biased = [float(MaximumMeanDiscrepancy(unbiased=False).generator_loss(a_round(*pair))) for pair in samples[:50]]
    assert np.mean(biased) > 0.1


@pytest.mark.parametrize("objective", [*map(MaximumMeanDiscrepancy, KERNELS), Cramer()], ids=str)
def test_gradients_are_finite_where_examples_coincide(objective):
    y = tf.zeros((4, 2))
    with tf.GradientTape() as tape:
        tape.watch(y)
        loss = objective.generator_loss(Round(real_output=tf.zeros((4, 2)), fake_output=y))
    assert np.all(np.isfinite(tape.gradient(loss, y)))


def test_squared_distances_against_scipy():
    expected = scipy.spatial.distance.cdist(X, Y, "sqeuclidean")
    np.testing.assert_allclose(squared_distances(*map(tf.constant, (X, Y))), expected, rtol=1e-9)


@pytest.mark.parametrize("objective", [MaximumMeanDiscrepancy(), Cramer()], ids=str)
def test_penalties_differentiate_the_witness(objective):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), layers.Dense(4, activation="tanh"), layers.Dense(3)])
    real, fake = (tf.constant(RNG.normal(size=(5, 2)), tf.float32) for _ in range(2))

    def a_game(x):
        round = Round(real=real, fake=fake, discriminator=model, critic=objective.critic)
        return round, round.gradient(tf.constant(x, tf.float32))

    x = RNG.normal(size=(3, 2)).astype("float32")
    round, gradient = a_game(x)

    def witness(x):
        h, a, b = (model(v).numpy().astype("float64") for v in (x, real, fake))
        cdist = scipy.spatial.distance.cdist
        if isinstance(objective, Cramer):
            return -cdist(h, a).mean(1) + cdist(h, b).mean(1)
        k = REFERENCES["rational_quadratic"]
        return k(cdist(h, a), h, a).mean(1) - k(cdist(h, b), h, b).mean(1)

    np.testing.assert_allclose(round.critic(round.real_output)[:, 0], witness(real), rtol=1e-3, atol=1e-4)
    for of, given in ((real, round.real_gradient), (fake, round.fake_gradient)):
        np.testing.assert_allclose(given, round.gradient(of), rtol=1e-5, atol=1e-6)
    e = 1e-2
    for axis in range(2):
        step = e * np.eye(2, dtype="float32")[axis]
        difference = (witness(x + step) - witness(x - step)) / (2 * e)
        np.testing.assert_allclose(gradient[:, axis], difference, rtol=2e-2, atol=2e-3)


FAR_OBJECTIVES = [*map(MaximumMeanDiscrepancy, KERNELS), MaximumMeanDiscrepancy("linear", unbiased=False), Cramer()]


@pytest.mark.parametrize("apart", [0.5, 50.0])
@pytest.mark.parametrize("objective", FAR_OBJECTIVES, ids=str)
def test_embeddings_far_from_zero(objective, apart):
    """Shifted by 1,000 standard deviations the distance and its gradient are what they are at 0."""
    x, y = RNG.normal(size=(32, 3)), RNG.normal(size=(24, 3)) + apart
    far = 1000 * np.array([1.0, -1.0, 0.5])

    def measured(x, y):
        x, y = tf.constant(np.float32(x)), tf.constant(np.float32(y))
        with tf.GradientTape() as tape:
            tape.watch((x, y))
            loss = objective.generator_loss(Round(real_output=x, fake_output=y))
        return float(loss), *(gradient.numpy() for gradient in tape.gradient(loss, (x, y)))

    rounded = [np.float32(z + far).astype("float64") - far for z in (x, y)]  # what float32 leaves of them out there
    (loss, *gradients), (expected, *wanted) = measured(x + far, y + far), measured(*rounded)
    assert loss == pytest.approx(expected, rel=2e-4, abs=2e-5)
    for gradient, want in zip(gradients, wanted, strict=True):
        np.testing.assert_allclose(gradient, want, atol=2e-4 * np.abs(want).max())


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_witness_far_from_zero(kernel):
    x, y = (RNG.normal(size=(16, 3)) + shift for shift in (0.0, 0.5))
    x, y = (np.float32(z + 1000).astype("float64") for z in (x, y))

    def k(a, b):
        return REFERENCES[kernel](scipy.spatial.distance.cdist(a, b), a, b)

    expected = k(x, x).mean(axis=1) - k(x, y).mean(axis=1)
    objective, round = MaximumMeanDiscrepancy(kernel), a_round(x, y)
    found = objective.critic(round.real_output, round)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", [MaximumMeanDiscrepancy, Cramer])
def test_the_fair_scores_of_the_batch_differ_by_the_unbiased_distance(kind):
    objective, round = kind(), a_round(X, Y)
    real, fake = (objective.fair_critic(output, round) for output in (round.real_output, round.fake_output))
    difference = float(tf.reduce_mean(real) - tf.reduce_mean(fake))
    assert difference == pytest.approx(float(objective.distance(round)), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("objective", [MaximumMeanDiscrepancy(), MaximumMeanDiscrepancy("rbf"), Cramer()], ids=str)
def test_the_fair_scores_of_equal_distributions_have_no_sign(objective):
    """ADA takes the share of positive scores on real examples for overfitting: of 16 numbers it was 1 at p = q."""
    rng, signs = np.random.default_rng(3), []
    for _ in range(100):
        round = a_round(*(rng.normal(size=(32, 16)) for _ in range(2)))
        signs += [np.sign(objective.fair_critic(output, round)) for output in (round.real_output, round.fake_output)]
    real, fake = (np.mean(signs[i::2]) for i in (0, 1))
    assert abs(real) < 0.15
    assert abs(fake) < 0.15


def test_unknown_kernels_list_the_known():
    with pytest.raises(ValueError, match=r"`kernel` must be one of \['rbf', .*Received: kernel='gauss'"):
        MaximumMeanDiscrepancy("gauss")


def test_an_embedding_of_unknown_size_is_explained():
    model = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(2, 1)])
    output = tf.function(model, input_signature=[tf.TensorSpec((None, None, None, 1))], autograph=False)
    with pytest.raises(ValueError, match=r"known sizes.*Received: shape=\(None, None, None, 2\)"):

        @tf.function(input_signature=[tf.TensorSpec((None, None, None, 1))], autograph=False)
        def loss(x):
            return Cramer().discriminator_loss(Round(real_output=output(x), fake_output=output(x)))

        loss(tf.zeros((2, 3, 3, 1)))
