import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gan.models
from keras_gan import latents, networks
from keras_gan.models import BiGAN
from keras_gan.noise import Noise

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
LATENTS = latents.Uniform(2)


def test_models_have_no_training_code():
    for path in pathlib.Path(keras_gan.models.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for word in ("train_step", "test_step", "GradientTape", "apply_gradients", "def fit", "tf.function"):
            assert word not in text, f"{path.name} has {word!r}"


def players():
    dense, draw = keras.layers.Dense, keras.initializers.RandomNormal
    maker = [
        keras.Sequential([keras.Input((a,)), dense(4, "tanh", kernel_initializer=draw(seed=a)), dense(b)], name=name)
        for a, b, name in ((2, 3, "generator"), (3, 2, "encoder"))
    ]
    x, z = keras.Input((3,)), keras.Input((2,))
    hidden = dense(5, "tanh", kernel_initializer=draw(seed=5))(keras.layers.Concatenate()([x, z]))
    return [*maker, keras.Model([x, z], dense(1)(hidden), name="discriminator")]


def bigan(**options):
    return BiGAN(*players(), LATENTS, seed=0, **options)


@pytest.fixture(scope="module")
def trained():
    """A game that has been trained for two epochs of eight steps, its weights before, and its history."""
    keras.utils.set_random_seed(0)
    game = bigan()
    before = [player.get_weights() for player in (game.generator, game.encoder, game.discriminator)]
    game.compile()
    history = game.fit(X, batch_size=2, epochs=2, shuffle=False, verbose=0).history
    return game, before, history


def losses(generator, encoder, discriminator, x, z):
    """Equation 3 of the paper with logits, for the discriminator, and with real and fake exchanged for the makers."""
    real, fake = discriminator([x, encoder(x)]), discriminator([generator(z), z])
    softplus = tf.math.softplus
    return tf.reduce_mean(softplus(-real) + softplus(fake)), tf.reduce_mean(softplus(real) + softplus(-fake))


@pytest.mark.learns
def test_it_is_trained_as_a_loop_by_hand(trained):
    game, before, history = trained
    by_hand = players()
    for player, weights in zip(by_hand, before, strict=True):
        player.set_weights(weights)
    generator, encoder, discriminator = by_hand
    adams = [keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2)]
    logs = []
    for step in range(16):
        x, found = tf.constant(X[step % 8 * 2 :][:2]), []
        makers = [*generator.trainable_variables, *encoder.trainable_variables]
        for i, weights in enumerate([discriminator.trainable_variables, makers]):
            address = Noise((0, "train"), step)
            address = address.at("generator") if i else address.at("discriminator", 0)
            z = LATENTS.draw(2, address.at("latents"))
            with tf.GradientTape() as tape:
                loss = losses(*by_hand, x, z)[i]
            adams[i].apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            found.append(float(loss))
        logs.append(found)
    for player, expected in zip((game.generator, game.encoder, game.discriminator), by_hand, strict=True):
        for a, b in zip(player.get_weights(), expected.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
    for name, column in (("d_loss", 0), ("g_loss", 1)):
        assert history[name] == pytest.approx([np.mean([row[column] for row in part]) for part in (logs[:8], logs[8:])])


@pytest.mark.parametrize("reuse_fakes", [False, True])
def test_the_gradient_reaches_the_encoder_through_real_pairs(reuse_fakes):
    game = bigan()
    game.compile(
        reuse_fakes=reuse_fakes,
        generator_optimizer=keras.optimizers.SGD(1.0),
        discriminator_optimizer=keras.optimizers.SGD(0.0),
        run_eagerly=True,
    )
    before = [player.get_weights() for player in game.players.values()]
    address = Noise((0, "train"), 0)
    address = address.at("discriminator", 0) if reuse_fakes else address.at("generator")
    z = LATENTS.draw(16, address.at("latents"))
    with tf.GradientTape() as tape:
        real = game.discriminator([tf.constant(X), game.encoder(X)])
        loss = tf.reduce_mean(tf.math.softplus(real))  # of the real pairs alone
    gradients = tape.gradient(loss, game.encoder.trainable_variables)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.math.softplus(-game.discriminator([game.generator(z), z])))
    of_generator = tape.gradient(loss, game.generator.trainable_variables)
    game.train_on_batch(X)
    moved = [
        [old - new for old, new in zip(weights, player.get_weights(), strict=True)]
        for weights, player in zip(before, game.players.values(), strict=True)
    ]
    for found, expected in ((moved[0], of_generator), (moved[1], gradients)):
        assert max(np.abs(each).max() for each in expected) > 1e-3
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-6)
    assert all((each == 0).all() for each in moved[2])


def test_what_can_be_made(trained):
    game, _, _ = trained
    code = game.make("code", real=X)
    np.testing.assert_allclose(code, game.encoder(X), rtol=1e-6)
    np.testing.assert_allclose(game.make("back", real=X), game.generator(code), rtol=1e-5)
    fake = game.make("fake", n=5, seed=1)
    np.testing.assert_allclose(game.make("fake", n=3, seed=1), fake[:3], rtol=1e-6)
    np.testing.assert_allclose(game.make("fake", latents=code), game.generator(code), rtol=1e-5)
    assert game.compared == ("real", "fake")


@pytest.mark.learns
def test_anomaly_scores(trained):
    """By the score of the discriminator; by its features if it gives any; one number per example."""
    game, _, _ = trained
    found = game.anomaly_score(X)
    residual = np.abs(X - game.make("back", real=X)).sum(axis=1)
    surprise = tf.math.softplus(-game.discriminator([tf.constant(X), game.encoder(X)]))[:, 0]
    assert (found.shape, found.dtype) == ((16,), "float32")
    np.testing.assert_allclose(found, 0.9 * residual + 0.1 * surprise, rtol=1e-5)
    np.testing.assert_allclose(game.anomaly_score(X, batch_size=5), found, rtol=1e-5)

    judge = networks.with_features(game.discriminator, game.discriminator.layers[-2].name)
    other = BiGAN(game.generator, game.encoder, judge, LATENTS, anomaly_weight=1.0, seed=0)
    code, back = game.make("code", real=X), game.make("back", real=X)
    features = [judge([x, code])["features"] for x in (X, back)]
    expected = np.abs(features[0] - features[1]).sum(axis=1)
    np.testing.assert_allclose(other.anomaly_score(X), expected, rtol=1e-4)
    other.compile(run_eagerly=True)
    assert np.isfinite(other.train_on_batch(X, return_dict=True)["d_loss"])


@pytest.mark.learns
def test_evaluate_gives_both_losses(trained):
    game, _, _ = trained
    found = game.evaluate(X, return_dict=True, verbose=0)
    z = LATENTS.draw(16, Noise((0, "evaluate")).at("latents"))
    expected = losses(game.generator, game.encoder, game.discriminator, tf.constant(X), z)
    assert [found["d_loss"], found["g_loss"]] == pytest.approx([float(each) for each in expected], rel=1e-5)
    assert set(found) == {"d_loss", "g_loss", "d_real", "d_fake"}


@pytest.mark.learns
@pytest.mark.parametrize("objective", ["swapped(hinge) + 0.1 * (r1 + r2)", "swapped(relativistic_paired)"])
def test_other_objectives(objective):
    game = bigan(ema=0.9)
    game.compile(objective, reuse_fakes=True, run_eagerly=True)
    logs = game.train_on_batch(X, return_dict=True)
    assert all(np.isfinite(each) for each in logs.values())
    assert set(game.averages) == {"generator", "encoder"}


def test_penalties_are_by_the_pair():
    """R1 of a judge of pairs: the squared gradient by the example and by its code."""
    game = bigan()
    game.compile("swapped(non_saturating) + r1", discriminator_optimizer=keras.optimizers.SGD(0.0), run_eagerly=True)
    x, code = tf.constant(X), game.encoder(X)
    with tf.GradientTape() as tape:
        tape.watch([x, code])
        score = game.discriminator([x, code])
    by_x, by_code = tape.gradient(score, [x, code])
    expected = 0.5 * (np.sum(by_x**2, axis=1) + np.sum(by_code**2, axis=1))
    logs = game.train_on_batch(X, return_dict=True)
    assert logs["d_r1"] == pytest.approx(expected.mean(), rel=1e-5)


@pytest.mark.learns
def test_subclassed_discriminators_take_pairs():
    class Judge(keras.Model):
        def __init__(self):
            super().__init__()
            self.score = keras.layers.Dense(1)

        def build(self, shapes):
            self.score.build((None, 5))
            self.built = True

        def call(self, example, code, training=False):
            return self.score(tf.concat([example, code], axis=1))

    generator, encoder, _ = players()
    judge = Judge()
    judge(X, X[:, :2])
    game = BiGAN(generator, encoder, judge, LATENTS, seed=0)
    game.compile(run_eagerly=True)
    assert np.isfinite(game.train_on_batch(X, return_dict=True)["d_loss"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"anomaly_weight": 2}, "`anomaly_weight` must be"),
        ({"latents": 3}, "`values` must fit the players. Received: fake='generator.latents.'"),
        ({"latents": "normal"}, "`latents` must be"),
        (
            {"encoder": lambda: keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])},
            "Received: back='generator",
        ),
        (
            {"discriminator": lambda: keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])},
            "`values` must give 'discriminator' as many inputs as it takes, 1. Received: judged=",
        ),
    ],
    ids=["no share", "another number of latents", "text", "codes of another length", "a judge of examples alone"],
)
def test_players_that_do_not_fit_are_refused(change, message):
    generator, encoder, discriminator = players()
    given = {"generator": generator, "encoder": encoder, "discriminator": discriminator, "latents": LATENTS}
    given |= {name: each() if callable(each) else each for name, each in change.items()}
    with pytest.raises(ValueError, match=message):
        BiGAN(**given).compile()
