import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import data, networks
from keras_gan.models import SRGAN

RNG = np.random.default_rng(0)
LOW, HIGH = RNG.uniform(-1, 1, (8, 2, 2, 1)).astype("float32"), RNG.uniform(-1, 1, (8, 4, 4, 1)).astype("float32")


def network(shape, *sizes, output=(), name=None):
    stack = [keras.layers.Dense(size, "tanh", name=f"dense_{i}") for i, size in enumerate(sizes)]
    return keras.Sequential(
        [keras.Input(shape), keras.layers.Flatten(), *stack, keras.layers.Dense(int(np.prod(output or 1)))]
        + ([keras.layers.Reshape(output)] if output else []),
        name=name,
    )


def srgan(features=None, **options):
    keras.utils.set_random_seed(0)
    return SRGAN(network((2, 2, 1), 5, output=(4, 4, 1)), network((4, 4, 1), 4), features, seed=0, **options)


def phi(x, features):
    return np.tanh(x.reshape(len(x), -1) @ features.get_weights()[0] + features.get_weights()[1])


@pytest.mark.parametrize("kind", ["pixels", "a layer"])
def test_the_losses_are_those_of_the_paper(kind):
    features = None if kind == "pixels" else network((4, 4, 1), 3, name="features")
    layer = None if features is None else "dense_0"
    game = srgan(features, layer=layer, content=0.5, adversarial=0.01)
    game.compile(run_eagerly=True)
    found = game.evaluate({"low": LOW, "high": HIGH}, batch_size=8, return_dict=True, verbose=0)
    restored = game.generator(LOW).numpy()
    real, fake = (game.discriminator(x).numpy() for x in (HIGH, restored))
    see = (lambda x: phi(x, features)) if features else (lambda x: x)
    distance = np.mean((see(HIGH) - see(restored)) ** 2)
    assert found["d_loss"] == pytest.approx(np.mean(np.logaddexp(0, -real) + np.logaddexp(0, fake)), rel=1e-5)
    assert found["g_loss"] == pytest.approx(0.5 * distance + 0.01 * np.mean(np.logaddexp(0, -fake)), rel=1e-5)


@pytest.mark.learns
def test_two_phases_of_one_model():
    """The first is that of a loop by hand; in the second both players move, and the features do not."""
    features = network((4, 4, 1), 3, name="features")
    game, seen = srgan(features), features.get_weights()
    judged = game.discriminator.get_weights()
    game.compile(game.pretraining(), moves="generator")
    by_hand = keras.models.clone_model(game.generator)
    by_hand.set_weights(game.generator.get_weights())
    adam = keras.optimizers.Adam(1e-4)
    history = game.fit({"low": LOW, "high": HIGH}, batch_size=4, shuffle=False, verbose=0).history
    assert set(history) == {"g_loss"}
    losses = []
    for start in (0, 4):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((by_hand(LOW[start : start + 4]) - HIGH[start : start + 4]) ** 2)
        weights = by_hand.trainable_variables
        adam.apply_gradients(zip(tape.gradient(loss, [w.value for w in weights]), weights, strict=True))
        losses.append(float(loss))
    assert history["g_loss"] == pytest.approx([np.mean(losses)], rel=1e-5)
    for found, expected in zip(game.generator.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    for found, expected in zip(game.discriminator.get_weights(), judged, strict=True):
        np.testing.assert_array_equal(found, expected)

    game.compile()
    history = game.fit({"low": LOW, "high": HIGH}, batch_size=4, shuffle=False, verbose=0).history
    assert {"d_loss", "g_loss", "g_feature_distance_restored"} <= set(history)
    assert np.any(game.discriminator.get_weights()[0] != judged[0])
    for found, expected in zip(features.get_weights(), seen, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.learns
def test_pictures_of_any_size():
    generator = networks.srresnet((None, None, 1), factor=2, width=2, blocks=1)
    game = SRGAN(generator, networks.srgan_discriminator((8, 8, 1), width=2, hidden=2), seed=0)
    game.compile(run_eagerly=True)
    pictures = RNG.integers(0, 255, (8, 8, 8, 1)).astype("uint8")
    game.fit(data.paired(low="small", high=pictures, batch_size=8), verbose=0)
    assert game.make("restored", low=np.zeros((2, 5, 7, 1), "float32")).shape == (2, 10, 14, 1)


def test_the_players_and_defaults():
    features = network((4, 4, 1), 3, name="features")
    game = srgan(features)
    assert game.layer is None
    assert str(game.default_objective).endswith(
        f"feature_distance(player='features', layer='{features.layers[-1].name}', a='restored', b='high')"
    )
    assert "0.001 * players(generator=non_saturating)" in str(game.default_objective)
    assert list(game.displayed) == ["low", "restored", "high"]
    assert float(game.default_optimizer("generator").learning_rate) == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer": "dense_0"}, "`layer` must be None where `features` are None. Received: layer='dense_0'"),
        ({"content": -1}, "`content` must be a finite number of at least 0. Received: content=-1"),
        ({"adversarial": "1"}, "`adversarial` must be a finite number of at least 0. Received: adversarial='1'"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        srgan(**options)
