"""Games with private sides: the updates beside loops that are written out, and what is refused."""

import keras
import numpy as np
import pytest

from keras_gan import GAN, augmentations, layers, networks, replay
from keras_gan.data import Schema
from keras_gan.models import CTGAN
from keras_gan.privacy import PrivateOptimizer

X = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")


def private(clip=1.0, noise=1.0, rate=1.0):
    return PrivateOptimizer(keras.optimizers.SGD(rate), clip, noise)


def make(*inner, packing=1, **options):
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    hidden = inner or (keras.layers.Dense(4, "tanh"),)
    judge = keras.Sequential([keras.Input((2 * packing,)), *hidden, keras.layers.Dense(1)])
    return GAN(generator, judge, latents=2, seed=1, packing=packing, **options)


def compiled(gan, optimizer, objective="wasserstein + 10 * gradient_penalty", **options):
    gan.compile(
        objective=objective,
        discriminator_optimizer=optimizer,
        **{"generator_optimizer": "sgd", "run_eagerly": True, "check_gradients": False, **options},
    )
    return gan


def weights(gan):
    return np.concatenate([each.numpy().ravel() for each in gan.discriminator.trainable_variables])


@pytest.mark.parametrize("packing", [1, 2])
def test_without_clipping_and_noise_it_is_the_plain_game(packing):
    plain, mine = (
        compiled(make(packing=packing), optimizer) for optimizer in (keras.optimizers.SGD(1.0), private(1e6, noise=0))
    )
    before = weights(plain)
    logs = [gan.train_on_batch(X, return_dict=True) for gan in (plain, mine)]
    assert np.abs(weights(plain) - before).max() > 0.1
    np.testing.assert_allclose(weights(mine), weights(plain), atol=1e-5)
    assert logs[0] == pytest.approx(logs[1], rel=1e-5)


def test_each_example_is_clipped_by_itself():
    clip, fake = 1.4, np.array([0.5, -1.0])
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, kernel_initializer="zeros")])
    generator.layers[-1].bias.assign(fake)  # whatever the latents are
    judge = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    gan = compiled(GAN(generator, judge, latents=2, seed=1), private(clip, noise=0), "wasserstein")
    before = weights(gan)
    gan.train_on_batch(X)
    each = fake - X  # of D(G(z)) - D(x), D(x) = w x
    norms = np.linalg.norm(each, axis=1, keepdims=True)
    assert 0 < (norms > clip).sum() < len(norms)
    expected = before - (each * np.minimum(1, clip / norms)).mean(0)
    np.testing.assert_allclose(weights(gan), expected, rtol=1e-5)


def test_noise_alone_moves_weights_by_its_deviation():
    gan = compiled(make(keras.layers.Dense(2000)), private(clip=1e-6, noise=2e6, rate=1.0))
    before = weights(gan)
    gan.train_on_batch(X)
    assert (weights(gan) - before).std() == pytest.approx(2.0 / len(X), rel=0.03)


@pytest.mark.learns
def test_it_is_saved_and_goes_on(tmp_path):
    whole, half = (compiled(make(layers.Dropout(0.5)), private(rate=0.1)) for _ in "ab")
    whole.fit(X, batch_size=3, epochs=2, verbose=0)
    half.fit(X, batch_size=3, epochs=1, verbose=0)
    half.save(tmp_path / "half.keras")
    loaded = keras.models.load_model(tmp_path / "half.keras")
    assert loaded.discriminator_optimizer.get_config() == half.discriminator_optimizer.get_config()
    assert int(loaded.discriminator_optimizer.iterations) == 2
    loaded.fit(X, batch_size=3, epochs=2, initial_epoch=1, verbose=0)
    np.testing.assert_array_equal(weights(loaded), weights(whole))


def test_examples_of_a_batch_have_masks_of_their_own():
    gan = compiled(make(keras.layers.Dense(64), layers.Dropout(0.5)), private(1e6, noise=0), "wasserstein")
    before = gan.discriminator.layers[-1].kernel.numpy()
    gan.train_on_batch(np.repeat(X[:1], 6, axis=0))
    moved = gan.discriminator.layers[-1].kernel.numpy() - before
    assert len(np.unique(moved.round(5))) > 32  # one mask for all would leave half of them, or a fifth, as they were
    assert (moved == 0).mean() < 0.1


def people():
    schema = Schema.of({"job": ["cook", "nurse"] * 10})
    condition = 2
    generator = networks.row_generator(2, schema.width, condition=condition, hidden=(4,))
    judge = networks.row_discriminator(schema.width, condition=condition, packing=2, hidden=(4,))
    return CTGAN(generator, judge, schema, 2, packing=2, seed=0)


REFUSED = {
    "a generator that looks at real": (make, "relativistic_paired", "the generator reads the data. Received: 'real'"),
    "conditions that are data": (people, None, "the generator reads the data. Received: 'condition'"),
    "statistics": (
        lambda: make(layers.BatchNormalization(), keras.layers.Dense(4)),
        "hinge",
        "without noise. Received: the state .*moving_mean",
    ),
    "a memory": (make, "hinge + le_cam", "without noise. Received: the state "),
    "examples that are compared": (
        lambda: make(keras.layers.Dense(4), layers.MinibatchStandardDeviation(2)),
        "hinge",
        "do not compare examples. Received: 'hinge', where the loss of an example changes by",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_it_refuses(case):
    game, objective, message = REFUSED[case][0](), *REFUSED[case][1:]
    with pytest.raises(ValueError, match=f"_optimizer` must .*{message}"):
        compiled(game, private(), objective)
    assert not game.compiled


@pytest.mark.learns
def test_pools_and_adaptive_augmentations_are_refused():
    pictures = keras.Sequential([keras.Input((2,)), keras.layers.Dense(16), keras.layers.Reshape((4, 4, 1))])
    judge = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    for gan, options in (
        (make(), {"replay": replay.FakePool(4)}),
        (GAN(pictures, judge, latents=2, seed=1), {"augmentation": augmentations.AdaptiveAugmentation()}),
    ):
        with pytest.raises(ValueError, match="keeps a state of the data without noise"):
            compiled(gan, private(), "hinge", **options)


def labelled(takes):
    """A game of two classes; the generator takes them, or its fakes get those of the data."""
    keras.utils.set_random_seed(0)
    z, x, label = keras.Input((2,)), keras.Input((2,)), keras.Input((), dtype="int32")
    told = keras.layers.Embedding(2, 2)
    made = keras.layers.Dense(2)(keras.layers.Add()([z, told(label)]) if takes else z)
    generator = keras.Model([z, label] if takes else z, made)
    outputs = {"output": keras.layers.Dense(1)(x), "class_logits": keras.layers.Dense(2)(x)}
    return GAN(generator, keras.Model(x, outputs), latents=2, seed=1, **({"labels": 2} if takes else {}))


@pytest.mark.learns
def test_labels_of_fakes_are_drawn_and_not_those_of_the_data():
    gan = compiled(labelled(True), private(), "hinge + auxiliary_classifier")
    gan.train_on_batch(X, np.arange(6) % 2)
    with pytest.raises(ValueError, match="the loss of the generator not read the data"):
        compiled(labelled(False), private(), "hinge + auxiliary_classifier")


def test_objectives_that_compare_are_refused_though_both_sides_are_private():
    with pytest.raises(ValueError, match="do not compare examples"):
        compiled(make(), private(), "relativistic_average", generator_optimizer=private())


@pytest.mark.learns
def test_rows_of_a_table_without_conditions():
    schema = Schema.of({"job": ["cook", "nurse"] * 10})
    generator = networks.row_generator(2, schema.width, hidden=(4,))
    judge = networks.row_discriminator(schema.width, packing=2, hidden=(4,))
    game = CTGAN(generator, judge, schema, 2, packing=2, conditional=False, seed=0)
    game.compile(discriminator_optimizer=private(), run_eagerly=True)
    game.train_on_batch({"real": np.eye(2, dtype="float32")[[0, 1, 1, 0]]})
    assert len(game.sample(3, conditions={"job": "cook"}, seed=1)) == 3
    assert CTGAN.from_config(game.get_config()).conditional is False
