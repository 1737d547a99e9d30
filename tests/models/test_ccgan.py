import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import data, networks
from keras_gan.latents import Blocks
from keras_gan.models import CCGAN
from keras_gan.noise import Noise

RNG = np.random.default_rng(0)
X, FEW = (RNG.uniform(-1, 1, (count, 4, 4, 1)).astype("float32") for count in (16, 8))
LABELS = np.arange(8) % 3


def players():
    keras.utils.set_random_seed(0)
    stack = [keras.layers.Flatten(), keras.layers.Dense(16, "tanh"), keras.layers.Reshape((4, 4, 1))]
    judge = networks.mlp_discriminator((4, 4, 1), hidden=(4,))
    return keras.Sequential([keras.Input((4, 4, 1)), *stack]), networks.with_head(judge, "hidden_1", 3, "class_logits")


def softplus(x):
    return tf.reduce_mean(tf.math.softplus(x))


@pytest.mark.learns
def test_a_step_is_that_of_a_loop_that_is_written_out():
    """The judge sees the composite, and classes of the labelled ones; the generator has no loss but the judge's."""
    game = CCGAN(*players(), classes=0.5, fill=0.25, seed=3)
    rates = {"generator_optimizer": keras.optimizers.SGD(0.1), "discriminator_optimizer": keras.optimizers.SGD(0.2)}
    game.compile(**rates, run_eagerly=True)
    generator, judge = map(keras.models.clone_model, players())
    for copy, player in ((generator, game.generator), (judge, game.discriminator)):
        copy.set_weights(player.get_weights())
    x, some = tf.constant(X), tf.constant(FEW)

    def restored(*address):
        mask = Blocks((4, 4)).draw(16, Noise((3, "train"), 0).at(*address, "mask"))
        return (1 - mask) * x + mask * generator((1 - mask) * x + 0.25 * mask)

    def step(weights, rate, loss):
        with tf.GradientTape() as tape:
            value = loss()
        for weight, gradient in zip(weights, tape.gradient(value, [w.value for w in weights]), strict=True):
            weight.assign_sub(rate * gradient)
        return float(value)

    def of_judge():
        logits = judge(some)["class_logits"]
        entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, logits)
        adversarial = softplus(-judge(x)["output"]) + softplus(judge(restored("discriminator", 0))["output"])
        return adversarial + 0.5 * tf.reduce_mean(entropy)

    d_loss = step(judge.trainable_variables, 0.2, of_judge)
    g_loss = step(generator.trainable_variables, 0.1, lambda: softplus(-judge(restored("generator"))["output"]))
    logs = game.train_on_batch(
        {"real": X, "labelled": np.tile(FEW, (2, 1, 1, 1)), "labels": np.tile(LABELS, 2)}, return_dict=True
    )
    assert logs["d_loss"] == pytest.approx(d_loss, rel=1e-5)
    assert logs["g_loss"] == pytest.approx(g_loss, rel=1e-5)
    for copy, player in ((generator, game.generator), (judge, game.discriminator)):
        for expected, found in zip(copy.get_weights(), player.get_weights(), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-6)


def test_what_can_be_made():
    game = CCGAN(*players(), seed=3)
    mask = np.zeros((16, 4, 4, 1), "float32")
    mask[:, 2:, 2:] = 1
    restored = game.make("restored", real=X, mask=mask)
    np.testing.assert_array_equal(restored[mask == 0], X[mask == 0])
    np.testing.assert_allclose(restored[mask == 1], game.generator((1 - mask) * X).numpy()[mask == 1], atol=1e-6)
    drawn = game.make("masked", real=X, seed=1)
    assert np.all(np.sum(drawn == 0, axis=(1, 2, 3)) == 4)
    guess = game.make("classify", labelled=FEW)
    np.testing.assert_allclose(guess, game.discriminator(FEW)["class_logits"], atol=1e-6)
    assert (game.value_range, game.range_is_known) == ((-1.0, 1.0), True)
    assert game.displayed == ["masked", "restored", "real"]


@pytest.mark.learns
def test_without_labels():
    generator, _ = players()
    game = CCGAN(generator, networks.mlp_discriminator((4, 4, 1), hidden=(4,)), classes=0, size=0.25, seed=3)
    game.compile(run_eagerly=True)
    assert set(game.fit(X, verbose=0).history) == {"d_loss", "g_loss", "d_real", "d_fake"}
    assert (game.parts, game.tasks) == (["real"], {"restore": "restored"})


@pytest.mark.learns
def test_data_with_labels():
    game = CCGAN(*players(), seed=3)
    game.compile(run_eagerly=True)
    batches = data.unpaired({"labelled": FEW, "labels": LABELS}, real=X, batch_size=8)
    game._check_data(next(iter(batches)))
    with pytest.raises(ValueError, match=r"'labels' of the data must lie in \[0, 2\], as 'cross_entropy' reads it"):
        game.fit({"real": X[:8], "labelled": FEW, "labels": LABELS + 1}, verbose=0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g, d: CCGAN(d, d), r"`generator` must turn pictures \(N, H, W, C\), .* of the same shape. Received"),
        (lambda g, d: CCGAN(g, d, classes=-1), "`classes` must be a finite number of at least 0. Received: classes=-1"),
        (lambda g, d: CCGAN(g, d, size=0), r"`size` must be in \(0, 1\]. Received: size=0"),
        (lambda g, d: CCGAN(g, d, fill=None), "`fill` must be a finite number. Received: fill=None"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(*players())
