"""CUT: what it minimises, against NumPy, and what it trains."""

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from keras_gan import networks
from keras_gan.models import CUT
from keras_gan.noise import Noise

RNG = np.random.default_rng(0)
A, B = RNG.uniform(-1, 1, (2, 3, 4, 4, 1)).astype("float32")
LAYERS, PATCHES = ["inputs", "half"], 3
SEED, TEMPERATURE = 5, 0.2


def cut(**options):
    """A game of pictures of 4 x 4 pixels; one layer that is looked at has 16 places, the other 4."""
    keras.utils.set_random_seed(1)
    layers = [
        keras.layers.Conv2D(3, 2, 2, activation="tanh", name="half"),
        keras.layers.Conv2DTranspose(1, 2, 2, activation="tanh", name="whole"),
    ]
    image = keras.Input((4, 4, 1), name="inputs")
    generator = keras.Model(image, layers[1](layers[0](image)))
    judge = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    heads = networks.patch_heads(generator, LAYERS, patches=PATCHES, units=4)
    return CUT(generator, judge, heads, temperature=TEMPERATURE, seed=SEED, **options)


def seen(game, x, noise):
    """What the heads see of pictures, by layer, with places that are chosen by hand."""
    found = {}
    for layer, map_ in zip(LAYERS, (x, game.generator.get_layer("half")(x)), strict=True):
        vectors = np.asarray(map_).reshape(len(x), -1, map_.shape[-1])
        places = np.argsort(-noise[:, : vectors.shape[1]], axis=1)[:, :PATCHES]
        hidden = np.stack([each[place] for each, place in zip(vectors, places, strict=True)])
        first, second = (layer for layer in _dense(game.heads, layer))
        found[layer] = second(first(hidden)).numpy()
    return found


def _dense(heads, layer):
    """The two dense layers of a head, in their order."""
    second = heads.output[layer]._keras_history.operation
    return second.input._keras_history.operation, second


def contrast(queries, keys):
    queries, keys = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (queries, keys))
    logits = queries @ keys.swapaxes(1, 2) / TEMPERATURE
    right = np.diagonal(scipy.special.log_softmax(logits, axis=-1), axis1=1, axis2=2)
    return -right.mean()


@pytest.fixture(scope="module")
def game():
    game = cut(contrast=2, identity=0.5, ema=0.9)
    game.compile(run_eagerly=True)
    return game


@pytest.mark.learns
def test_the_losses_are_numpys(game):
    found = game.evaluate({"a": A, "b": B}, batch_size=3, verbose=0, return_dict=True)
    noise = game.draws["places"].draw(3, Noise((SEED, "evaluate")).at("places")).numpy()
    fake, same = game.generator(A), game.generator(B)
    real, judged = game.discriminator(B).numpy(), game.discriminator(fake).numpy()
    given, made = seen(game, A, noise), seen(game, fake, noise)
    given_b, made_b = seen(game, B, noise), seen(game, same, noise)
    places = np.mean([contrast(made[layer], given[layer]) for layer in LAYERS])
    places_b = np.mean([contrast(made_b[layer], given_b[layer]) for layer in LAYERS])
    assert found["d_loss"] == pytest.approx(((real - 1) ** 2).mean() / 2 + (judged**2).mean() / 2, rel=1e-5)
    assert found["g_loss"] == pytest.approx(((judged - 1) ** 2).mean() + 2 * places + 0.5 * places_b, rel=1e-5)


@pytest.mark.learns
def test_heads_learn_with_the_generator_and_the_inner_layers_are_its_own(game):
    assert list(game.averages) == ["generator"]
    assert [list(side.members) for side in game.sides.values()] == [["discriminator"], ["generator", "heads"]]
    before = {name: player.get_weights() for name, player in game.players.items()}
    logs = game.train_on_batch({"a": A, "b": B}, return_dict=True)
    moved = {
        name: [np.abs(old - new).max() for old, new in zip(before[name], player.get_weights(), strict=True)]
        for name, player in game.players.items()
    }
    assert all(min(each) > 0 for each in moved.values())
    assert {id(w) for w in game.encoder.weights} < {id(w) for w in game.generator.weights}
    assert "g_patch_contrast_same_b_seen_half" in logs


def test_no_gradient_reaches_what_is_compared_with(game):
    noise = Noise((SEED, "evaluate"))
    values = game.make("fake_b_seen.half", a=A, places=game.draws["places"].draw(3, noise))
    assert values.shape == (3, PATCHES, 4)
    queries, keys = tf.constant(values), tf.constant(values[::-1].copy())
    term = game.default_objective.terms[2][1]
    with tf.GradientTape() as tape:
        tape.watch([queries, keys])
        loss = term.measure(queries, keys)
    gradient, nothing = tape.gradient(loss, [queries, keys])
    assert nothing is None
    assert np.abs(gradient).max() > 1e-3


@pytest.mark.learns
def test_fast_cut_has_no_identity(tmp_path):
    game = cut(contrast=10, identity=0)
    assert "same_b" not in game.wiring.values
    assert [weight for weight, _ in game.default_objective.terms[2:]] == pytest.approx([5, 5])
    game.save(tmp_path / "game.keras")
    loaded = keras.models.load_model(tmp_path / "game.keras")
    assert {id(w) for w in loaded.encoder.weights} < {id(w) for w in loaded.generator.weights}
    np.testing.assert_array_equal(loaded.make("a_inside.half", a=A), game.make("a_inside.half", a=A))


def test_what_is_shown(game):
    assert game.displayed == ["a", "fake_b", "b", "same_b"]
    assert game.compared == ("b", "fake_b")
    assert game.value_range == (-1.0, 1.0)


@pytest.mark.parametrize("options", [{"contrast": -1}, {"identity": None}])
def test_what_does_not_fit_is_refused(options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=rf"`{name}` must be .*Received: {name}={value!r}"):
        cut(**options)
