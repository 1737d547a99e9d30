import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf

from keras_gan.models import VAE
from keras_gan.noise import Noise
from keras_gan.objectives import BernoulliLikelihood, GaussianDivergence

X = np.random.default_rng(0).integers(0, 2, (16, 4)).astype("float32")


def linear(inputs, outputs, name):
    start = keras.initializers.RandomNormal(stddev=0.5, seed=outputs)
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs, kernel_initializer=start)], name=name)


def vae(**options):
    return VAE(linear(4, 4, "encoder"), linear(2, 4, "decoder"), dim=2, seed=0, **options)


@pytest.fixture(scope="module")
def trained():
    """A game that has been trained for two epochs of eight steps, its weights before, and its history."""
    keras.utils.set_random_seed(0)
    game = vae()
    before = [player.get_weights() for player in (game.encoder, game.decoder)]
    game.compile()
    history = game.fit(X, batch_size=2, epochs=2, shuffle=False, verbose=0).history
    return game, before, history


def negative_elbo(x, encoded, decode, noise):
    """-log p(x | z) + KL(q(z | x) || N(0, I)) of each example, by TensorFlow alone."""
    mean, log_variance = tf.split(encoded, 2, axis=1)
    logits = decode(mean + tf.exp(log_variance / 2) * noise)
    likelihood = tf.reduce_sum(x * tf.math.softplus(-logits) + (1 - x) * tf.math.softplus(logits), axis=1)
    return likelihood + 0.5 * tf.reduce_sum(mean**2 + tf.exp(log_variance) - 1 - log_variance, axis=1)


@pytest.mark.learns
def test_it_is_trained_as_a_loop_by_hand(trained):
    game, before, history = trained
    encoder, decoder = linear(4, 4, "e"), linear(2, 4, "d")
    for player, weights in zip((encoder, decoder), before, strict=True):
        player.set_weights(weights)
    optimizer, losses = keras.optimizers.Adam(1e-3), []
    for step in range(16):
        x = tf.constant(X[step % 8 * 2 :][:2])
        noise = Noise((0, "train"), step).at("generator").at("noise").normal((2, 2))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(negative_elbo(x, encoder(x), decoder, noise))
        weights = [*encoder.trainable_variables, *decoder.trainable_variables]
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        losses.append(float(loss))
    for ours, by_hand in ((game.encoder, encoder), (game.decoder, decoder)):
        for a, b in zip(ours.get_weights(), by_hand.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
    assert history["g_loss"] == pytest.approx([np.mean(losses[:8]), np.mean(losses[8:])], rel=1e-5)
    assert set(history) == {"g_loss", "g_bernoulli_likelihood", "g_gaussian_divergence"}


@pytest.mark.learns
def test_evaluate_gives_the_bound_in_nats(trained):
    game, _, _ = trained
    found = game.evaluate(X, batch_size=8, return_dict=True, verbose=0)
    assert list(found) == ["g_loss"]
    noise = Noise((0, "evaluate")).at("noise").normal((16, 2))
    expected = tf.reduce_mean(negative_elbo(X, game.encoder(X), game.decoder, noise))
    assert found["g_loss"] == pytest.approx(float(expected), rel=1e-5)
    assert game.evaluate(X, batch_size=5, return_dict=True, verbose=0)["g_loss"] == pytest.approx(found["g_loss"])


def test_the_bound_is_above_minus_log_p(trained):
    """log p(x) by the integral over the codes, on a grid."""
    game, _, _ = trained
    side = np.linspace(-6, 6, 121, dtype="float32")
    z = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    log_prior = scipy.stats.norm.logpdf(z).sum(axis=1) + 2 * np.log(side[1] - side[0])
    log_p = scipy.special.log_expit(game.decoder(z).numpy()) @ X.T
    log_p += scipy.special.log_expit(-game.decoder(z).numpy()) @ (1 - X.T)
    nats = -scipy.special.logsumexp(log_p + log_prior[:, None], axis=0).mean()
    bounds = [game.test_on_batch(np.repeat(X, 200, axis=0), return_dict=True)["g_loss"]]
    game.reset_metrics()
    assert nats < bounds[0] < nats + 2


def test_what_can_be_made(trained):
    game, _, _ = trained
    assert game.compared == ("real", "fake")
    fake = game.make("fake", n=500, seed=1)
    assert fake.shape == (500, 4)
    assert 0 < fake.min() < fake.max() < 1
    np.testing.assert_allclose(fake[:3], game.make("fake", n=3, seed=1), rtol=1e-6)
    z = np.random.default_rng(1).normal(size=(3, 2)).astype("float32")
    np.testing.assert_allclose(game.make("fake", latents=z), scipy.special.expit(game.decoder(z).numpy()), rtol=1e-5)
    encoded = game.encoder(X).numpy()
    np.testing.assert_allclose(game.make("code.mean", real=X), encoded[:, :2], rtol=1e-6)
    np.testing.assert_allclose(game.make("code.log_variance", real=X), encoded[:, 2:], rtol=1e-6)
    back = game.make("decoded", real=X, noise=np.zeros((16, 2)))
    np.testing.assert_allclose(back, scipy.special.expit(game.decoder(encoded[:, :2]).numpy()), rtol=1e-5)


def test_summary_shows_the_networks(trained, capsys):
    trained[0].summary()
    text = capsys.readouterr().out
    assert '"encoder"' in text
    assert '"decoder"' in text


@pytest.mark.learns
def test_saved_and_loaded_it_goes_on_as_if_nothing_had_happened(trained, tmp_path):
    game, _, _ = trained
    game.save(tmp_path / "vae.keras")
    again = keras.models.load_model(tmp_path / "vae.keras")
    assert type(again) is VAE
    plain = ("dim", "likelihood", "sigma", "beta", "value_range", "seed", "ema", "name")
    assert [again.get_config()[name] for name in plain] == [game.get_config()[name] for name in plain]
    np.testing.assert_array_equal(again.make("fake", n=3, seed=1), game.make("fake", n=3, seed=1))
    third = {}
    for each in (again, game):
        saved = [variable.numpy() for variable in (*game.variables, *game.optimizer.variables)]
        third[each is game] = each.fit(X, batch_size=2, shuffle=False, verbose=0).history["g_loss"]
    for variable, value in zip((*game.variables, *game.optimizer.variables), saved, strict=True):
        variable.assign(value)  # other tests look at the game, too
    assert third[True] == pytest.approx(third[False], rel=1e-6)


@pytest.mark.learns
def test_the_gaussian_likelihood_and_the_weights():
    x = np.random.default_rng(1).normal(size=(8, 4)).astype("float32")
    game = vae(likelihood="gaussian", sigma=0.5, beta=3.0)
    game.compile(run_eagerly=True)
    found = game.evaluate(x, return_dict=True, verbose=0)["g_loss"]
    mean, log_variance = np.split(game.encoder(x).numpy(), 2, axis=1)
    noise = Noise((0, "evaluate")).at("noise").normal((8, 2)).numpy()
    decoded = game.decoder(mean + np.exp(log_variance / 2) * noise).numpy()
    divergence = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1)
    expected = (-scipy.stats.norm.logpdf(x, decoded, 0.5).sum(axis=1) + 3 * divergence).mean()
    assert found == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(game.make("decoded", real=x, noise=noise), decoded, rtol=1e-5)
    again = VAE.from_config(
        keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(game)).get_config()
    )
    assert (again.likelihood, again.sigma, again.beta) == ("gaussian", 0.5, 3.0)
    assert again.default_objective == game.default_objective


@pytest.mark.learns
def test_an_encoder_may_give_a_dict():
    x = keras.Input((4,))
    outputs = {name: keras.layers.Dense(2)(x) for name in ("mean", "log_variance")}
    game = VAE(keras.Model(x, outputs), linear(2, 4, "decoder"), dim=2, seed=0)
    game.compile(run_eagerly=True)
    game.train_on_batch(X)
    np.testing.assert_allclose(game.make("code.mean", real=X), game.encoder(X)["mean"], rtol=1e-6)


def test_pictures_are_black_and_white_at_0_and_1():
    encoder = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(4)])
    decoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(16), keras.layers.Reshape((4, 4, 1))])
    assert VAE(encoder, decoder, dim=2, seed=0).value_range == (0.0, 1.0)
    gaussian = VAE(encoder, decoder, dim=2, likelihood="gaussian", seed=0)
    assert gaussian.value_range == (-1.0, 1.0)
    assert gaussian.get_config()["value_range"] is None
    given = VAE(encoder, decoder, dim=2, likelihood="gaussian", value_range=(0, 255), seed=0)
    assert VAE.from_config(given.get_config()).value_range == (0, 255)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"likelihood": "poisson"}, "`likelihood` must be 'bernoulli' or 'gaussian'. Received: likelihood='poisson'"),
        ({"sigma": 0.0}, "`sigma` must be"),
        ({"beta": -1}, "`beta` must be"),
        ({"ema": 2}, "`ema` must be"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        vae(**options)


@pytest.mark.parametrize("outputs", [2, 3, 6])
def test_an_encoder_of_another_width_is_refused(outputs):
    with pytest.raises(ValueError, match=r"`inputs` must be means and logarithms of variances, \(N, 4\)"):
        VAE(linear(4, outputs, "encoder"), linear(2, 4, "decoder"), dim=2)


def test_a_decoder_of_another_shape_is_refused():
    game = VAE(linear(4, 4, "encoder"), linear(2, 1, "decoder"), dim=2, seed=0)
    with pytest.raises(ValueError, match=r"`bernoulli_likelihood` must compare values of one shape\. Received: 'real'"):
        game.compile()


def test_a_decoder_that_ends_in_a_sigmoid_is_refused():
    decoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "sigmoid")], name="net")
    with pytest.raises(ValueError, match=r"`decoder` must end in logits, .* Received: 'net' ends in a sigmoid"):
        VAE(linear(4, 4, "encoder"), decoder, dim=2).compile()
    VAE(linear(4, 4, "encoder"), decoder, dim=2, likelihood="gaussian").compile()


def test_data_outside_of_0_and_1_is_refused():
    game = vae()
    game.compile()
    with pytest.raises(
        ValueError, match=r"'real' of the data must lie in \[0, 1\], as 'bernoulli_likelihood' reads it"
    ):
        game.fit(2 * X - 1, verbose=0)


@pytest.mark.learns
def test_another_objective():
    """Annealing: the weight of the divergence grows with the steps."""
    weight = keras.optimizers.schedules.PolynomialDecay(0.0, 2, 1.0)
    game = vae(ema=0.5)
    game.compile(
        BernoulliLikelihood("real", "logits") + weight * GaussianDivergence("code.mean", "code.log_variance"),
        run_eagerly=True,
    )
    for factor in (0.0, 0.5, 1.0, 1.0):
        logs = game.train_on_batch(X, return_dict=True)
        expected = logs["g_bernoulli_likelihood"] + factor * logs["g_gaussian_divergence"]
        assert logs["g_loss"] == pytest.approx(expected, rel=1e-5)
        game.reset_metrics()
    assert set(game.averages) == {"encoder", "decoder"}


@pytest.mark.xla
def test_xla_gives_the_same():
    losses = []
    for jit_compile in (False, True):
        keras.utils.set_random_seed(0)
        game = vae()
        game.compile(jit_compile=jit_compile)
        losses.append(game.fit(X, batch_size=4, epochs=2, verbose=0).history["g_loss"])
    np.testing.assert_allclose(*losses, rtol=1e-5)
