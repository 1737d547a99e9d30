import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import GAN, Noise, Round, augmentations, networks
from keras_gan import layers as own
from keras_gan.augmentations import DiffAugment, InstanceNoise
from keras_gan.game import Game, Match
from keras_gan.objectives import (
    ConsistencyRegularization,
    HistoricalAveraging,
    LeCam,
    OrthogonalRegularization,
    Players,
    Wasserstein,
)
from keras_gan.play import packing
from tests.games import renewing


def dense(shape, seed=0):
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.Input(shape), layers.Dense(3), layers.Dense(1)])


def test_historical_averaging_against_a_history():
    player, other = dense((2,)), dense((2,), seed=1)
    objective = HistoricalAveraging().bound(other, player)
    round = Round(discriminator=player, generator=other)
    assert float(objective.discriminator_loss(round)) == 0  # there is no past yet
    rng, past = np.random.default_rng(0), []
    for _ in range(5):
        player.set_weights([rng.normal(size=w.shape) for w in player.get_weights()])
        objective.update("discriminator", round)
        past.append(np.concatenate([w.ravel() for w in player.get_weights()]))
        player.set_weights([rng.normal(size=w.shape) for w in player.get_weights()])
        theta = np.concatenate([w.ravel() for w in player.get_weights()])
        expected = np.sum((theta - np.mean(past, axis=0)) ** 2)
        assert float(objective.discriminator_loss(round)) == pytest.approx(expected, rel=1e-4)
    assert float(objective.generator_loss(round)) == 0


@pytest.mark.learns
def test_historical_averaging_holds_the_weights_back_and_is_saved(points, tmp_path):
    def make(weight):
        keras.utils.set_random_seed(0)
        generator = networks.mlp_generator(2, (2,), hidden=(4,))
        gan = GAN(generator, networks.mlp_discriminator((2,), hidden=(4,)), 2, seed=0)
        gan.compile(Wasserstein() + weight * HistoricalAveraging(), keras.optimizers.SGD(0.05), "sgd")
        return gan

    def play(gan, epochs=6):
        """How far the generator's weights went."""
        start = gan.generator.get_weights()
        gan.fit(points + 3.0, batch_size=16, shuffle=False, epochs=epochs, verbose=0)
        return sum(np.sum((a - b) ** 2) for a, b in zip(gan.generator.get_weights(), start, strict=True))

    held = make(2.0)
    anew = renewing(held)
    assert play(held) < 0.5 * play(make(0.0))
    weights = held.get_weights()
    play(anew(), epochs=3)
    held.save(tmp_path / "half.keras")
    again = keras.models.load_model(tmp_path / "half.keras")
    play(again, epochs=3)
    for a, b in zip(again.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_orthogonal_regularization():
    model = keras.Sequential([keras.Input((5, 5, 2)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(1)])
    kernel = model.get_weights()[0].reshape(-1, 4)
    products = kernel.T @ kernel
    expected = np.sum((products * (1 - np.eye(4))) ** 2)  # the dense kernel has one filter: nothing to compare
    loss = OrthogonalRegularization().discriminator_loss(Round(discriminator=model))
    assert float(loss) == pytest.approx(expected, rel=1e-4)
    assert expected > 1e-3
    assert OrthogonalRegularization().discriminator_loss(Round(discriminator=model, training=False)) is None


def test_orthogonal_regularization_of_orthogonal_filters_is_zero():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(6, kernel_initializer="orthogonal")])
    assert float(OrthogonalRegularization().generator_loss(Round(generator=model))) == pytest.approx(0, abs=1e-10)


def test_filters_of_transposed_convolutions_are_on_their_last_axis_but_one():
    model = keras.Sequential([keras.Input((4, 4, 3)), layers.Conv2DTranspose(2, 2)])
    orthonormal = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 2)))[0]  # (h w in, out)
    kernel = orthonormal.reshape(2, 2, 3, 2).transpose(0, 1, 3, 2)
    model.set_weights([kernel, np.zeros(2)])
    assert float(OrthogonalRegularization().generator_loss(Round(generator=model))) == pytest.approx(0, abs=1e-10)


def test_a_kernel_that_is_wrapped_counts_once_and_other_weights_not_at_all():
    keras.utils.set_random_seed(0)
    dense = layers.Dense(3)
    wrapped = keras.Sequential([keras.Input((4,)), own.SpectralNormalization(dense), own.MinibatchDiscrimination(2, 2)])
    products = dense.kernel.numpy().T @ dense.kernel.numpy()
    expected = np.sum((products * (1 - np.eye(3))) ** 2)
    assert float(OrthogonalRegularization().generator_loss(Round(generator=wrapped))) == pytest.approx(
        expected, rel=1e-4
    )


def test_consistency_refuses_what_learns():
    with pytest.raises(ValueError, match=r"`augmentation` must be without state.* Received: augmentation=<Adaptive"):
        ConsistencyRegularization("adaptive")


def test_one_player_alone_can_be_regularized():
    objective = Players(discriminator=Wasserstein(), generator=Wasserstein() + 1e-4 * OrthogonalRegularization())
    assert objective.log_names == ["d_wasserstein", "g_wasserstein", "g_orthogonal_regularization"]


def test_consistency_is_zero_without_change_and_the_squared_difference_with_one():
    model = dense((2,))
    x = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")

    class Shift(augmentations.Augmentation):
        def __init__(self, by):
            super().__init__()
            self.by = by

        def call(self, x, noise):
            return x + self.by

    for by in (0.0, 1.5):
        round = Round(real=tf.constant(x), discriminator=model, noise=Noise((0, "test")))
        expected = (model(x) - model(x + by)).numpy()[:, 0] ** 2
        loss = ConsistencyRegularization(Shift(by)).discriminator_loss(round)
        np.testing.assert_allclose(loss, expected, rtol=1e-4, atol=1e-7)


def test_consistency_draws_and_takes_names():
    objective = ConsistencyRegularization("instance_noise")
    round = Round(real=tf.zeros((8, 2)), discriminator=dense((2,)), noise=Noise((0, "test")))
    assert len(np.unique(objective.discriminator_loss(round))) == 8


class Doubled(augmentations.Augmentation):
    """Doubles the first picture of a batch, and checks that pictures are grey."""

    def call(self, x, noise):
        assert x.shape[-1] == 1
        return tf.concat([2 * x[:1], x[1:]], axis=0)


def flat(*inputs):
    """The sum of all numbers."""
    return keras.Model(
        inputs if len(inputs) > 1 else inputs[0],
        sum(keras.ops.sum(x, axis=tuple(range(1, len(x.shape))))[:, None] for x in inputs),
    )


def test_consistency_augments_the_examples_of_a_pack_one_by_one():
    x = np.arange(1.0, 5.0, dtype="float32").reshape(4, 1, 1, 1)  # packs (1, 3) and (2, 4)
    round = Round(
        real=packing.pack(tf.constant(x), 2),
        discriminator=flat(keras.Input((1, 1, 2))),
        noise=Noise((0, "test")),
        packing=2,
    )
    loss = ConsistencyRegularization(Doubled()).discriminator_loss(round)
    np.testing.assert_allclose(loss, [1.0, 0.0])  # the first picture, 1, became 2


def test_consistency_augments_the_pictures_of_a_pair():
    pair = tf.constant([[[[3.0]]], [[[1.0]]]]), tf.constant([[5.0], [7.0]])  # pictures and codes
    judge = flat(keras.Input((1, 1, 1)), keras.Input((1,)))
    round = Round(real=pair, discriminator=judge, noise=Noise((0, "test")))
    loss = ConsistencyRegularization(Doubled()).discriminator_loss(round)
    np.testing.assert_allclose(loss, [9.0, 0.0])


def test_le_cam_follows_its_equation():
    objective = LeCam(decay=0.9).bound(None, None)
    real_mean = fake_mean = 0.0
    rng = np.random.default_rng(0)
    for _ in range(10):
        r, f = rng.normal([[1], [-1]], size=(2, 6)).astype("float32")
        round = Round(real_output=tf.constant(r, tf.float32), fake_output=tf.constant(f, tf.float32))
        expected = np.maximum(r - fake_mean, 0) ** 2 + np.maximum(real_mean - f, 0) ** 2
        np.testing.assert_allclose(objective.discriminator_loss(round), expected, rtol=1e-4, atol=1e-5)
        objective.update("generator", round)
        objective.update("discriminator", round)
        real_mean, fake_mean = 0.9 * real_mean + 0.1 * r.mean(), 0.9 * fake_mean + 0.1 * f.mean()
        assert float(objective.real_mean) == pytest.approx(real_mean, rel=1e-4)
        assert float(objective.fake_mean) == pytest.approx(fake_mean, rel=1e-4)


@pytest.mark.learns
def test_le_cam_follows_the_mean_of_the_global_batch_on_uneven_replicas():
    reduction = tf.distribute.ReductionToOneDevice()
    strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"], cross_device_ops=reduction)
    with strategy.scope():
        objective = LeCam(decay=0.9).bound(None, None)
    scores = np.float32([1, 2, 3, 4, 25, 6, 7, 80])
    parts = strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant([scores[:5], scores[5:]][context.replica_id_in_sync_group])
    )
    step = tf.function(lambda part: objective.update("discriminator", Round(real_output=part, fake_output=-part)))
    strategy.run(step, (parts,))
    assert objective.real_mean.numpy() == pytest.approx(0.1 * scores.mean(), rel=1e-5)
    assert objective.fake_mean.numpy() == pytest.approx(-0.1 * scores.mean(), rel=1e-5)


@pytest.mark.parametrize("decay", [-0.1, 1.0])
def test_le_cam_range(decay):
    with pytest.raises(ValueError, match=r"`decay` must be in \[0, 1\). Received: decay="):
        LeCam(decay)


def test_consistency_regularization_is_readable():
    for augmentation in (InstanceNoise(0.3), InstanceNoise(0.3, name="another")):
        text = str(ConsistencyRegularization(augmentation))
        assert text == "consistency_regularization(augmentation=InstanceNoise(stddev=0.3, decay_steps=10000))"
    text = str(ConsistencyRegularization([DiffAugment("color"), "instance_noise"], every=2))
    assert "=Chain(augmentations=[DiffAugment(policy='color'), InstanceNoise(" in text
    assert text.endswith(", every=2)")
    assert str(ConsistencyRegularization("diff_augment")) == "consistency_regularization(augmentation='diff_augment')"
    assert str(ConsistencyRegularization()) == "consistency_regularization"
    by_class = ConsistencyRegularization(InstanceNoise)
    assert ConsistencyRegularization.from_config(by_class.get_config()) == by_class


def test_historical_averaging_follows_what_is_frozen_and_unfrozen():
    """The past of a frozen weight is kept, and weighs nothing until it is unfrozen."""
    player = dense((2,))
    objective = HistoricalAveraging().bound(player, player)
    round, past, rng = Round(discriminator=player, generator=player), [], np.random.default_rng(0)
    for frozen in (False, True, True, False):
        player.layers[0].trainable = not frozen
        player.set_weights([rng.normal(size=w.shape) for w in player.get_weights()])
        theta = [np.ravel(w) for w in player.get_weights()]
        means = [np.mean([old[i] for old in past], axis=0) for i in range(4)] if past else theta
        distances = [np.sum((w - mean) ** 2) for w, mean in zip(theta, means, strict=True)]
        expected = sum(distances[2:] if frozen else distances)
        assert float(objective.discriminator_loss(round)) == pytest.approx(expected, rel=1e-4)
        objective.update("discriminator", round)
        past.append(theta)


def overlap(model):
    """Returns the squares of the products of different filters of the dense layers."""
    products = [w.T @ w for w in model.get_weights() if w.ndim == 2]
    return sum(np.sum((p - np.diag(np.diag(p))) ** 2) for p in products)


@pytest.mark.learns
def test_terms_on_weights_are_of_the_side_that_moves():
    """Two sides make what one match judges: each has its own past and its own filters."""
    keras.utils.set_random_seed(0)
    players = {
        name: keras.Sequential([keras.Input((2,)), layers.Dense(size)], name=name)
        for name, size in (("first", 2), ("second", 2), ("judge", 1))
    }
    game = Game(
        players=players,
        draws={"z": 2},
        values={"half": "first(z)", "fake": "second(half)"},
        matches=Match("judge", "real", "fake"),
        sides={"discriminator": "judge", "one": "first", "two": "second"},
        objective="non_saturating + 0.5 * historical_averaging + 0.1 * orthogonal_regularization",
        seed=0,
    )
    members = {"d": game.judge, "one": game.first, "two": game.second}
    rates = {"discriminator_optimizer": "sgd", "one_optimizer": "sgd", "two_optimizer": keras.optimizers.SGD(0.1)}
    game.compile(**rates, run_eagerly=True)
    points, past = np.random.default_rng(0).normal(size=(8, 2)).astype("float32"), {name: [] for name in members}
    for _ in range(3):
        expected = {f"{name}_orthogonal_regularization": overlap(model) for name, model in members.items()}
        for name, old in past.items():
            distance = np.sum((old[-1] - np.mean(old, axis=0)) ** 2) if old else 0.0
            expected[f"{name}_historical_averaging"] = distance
        logs = game.fit(points, batch_size=8, verbose=0).history
        for name, value in expected.items():
            assert logs[name][0] == pytest.approx(value, rel=1e-4, abs=1e-9), name
        for name, model in members.items():
            past[name].append(np.concatenate([np.ravel(w) for w in model.get_weights()]))
    terms = [term for _, term in game.objective.terms if term.label == "historical_averaging"]
    assert [term.players for term in terms] == [("discriminator", "one"), ("two",)]
    for name, term in zip(("one", "two"), terms, strict=True):
        mean = np.concatenate([np.ravel(w) for w in term.objective._means["generator"]])
        np.testing.assert_allclose(mean, np.mean(past[name], axis=0), rtol=1e-4, atol=1e-6)
