import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import GAN, networks, schedules
from keras_gan.game.ema import ExponentialMovingAverage
from keras_gan.play import players


@pytest.mark.learns
def test_follows_the_recursion():
    generator = networks.mlp_generator(3, (2,), hidden=(4,))
    ema = ExponentialMovingAverage(generator, 0.8)
    expected = [w.copy() for w in generator.get_weights()]
    for step in range(60):
        generator.set_weights([w + np.sin(step) for w in generator.get_weights()])
        ema.update(generator, tf.constant(step, tf.int64))
        d = min(0.8, (1 + step) / (10 + step))
        expected = [d * e + (1 - d) * w for e, w in zip(expected, generator.get_weights(), strict=True)]
    for shadow, e in zip(ema.shadows, expected, strict=True):
        np.testing.assert_allclose(shadow, e, rtol=2e-5, atol=1e-5)


def test_runs_with_the_shadows_and_leaves_the_generator_alone():
    generator = networks.mlp_generator(3, (2,), hidden=(4,))
    ema = ExponentialMovingAverage(generator, 0.9)
    z = np.ones((2, 3), "float32")
    before = np.asarray(generator(z))
    changed = [w + 1 for w in generator.get_weights()]
    generator.set_weights(changed)
    np.testing.assert_allclose(ema.run(generator, z), before, rtol=1e-6)
    for now, w in zip(generator.get_weights(), changed, strict=True):
        np.testing.assert_array_equal(now, w)


@pytest.mark.learns
def test_before_the_first_step_the_average_is_the_generator():
    """Whose weights may be loaded, or set, after the GAN was made, before `compile` or after it."""
    gan = GAN(networks.mlp_generator(3, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 3, ema=0.9)
    gan.compile(generator_optimizer=keras.optimizers.SGD(1e-9))
    gan.generator.set_weights([w + 1 for w in gan.generator.get_weights()])
    expected = gan.generate(4, seed=1, use_ema=False)
    np.testing.assert_array_equal(gan.generate(4, seed=1), expected)
    gan.generator.set_weights([w + 1 for w in gan.generator.get_weights()])
    gan.fit(np.zeros((8, 2), "float32"), batch_size=4, verbose=0)  # hardly moves
    np.testing.assert_allclose(gan.generate(4, seed=1), gan.generate(4, seed=1, use_ema=False), rtol=1e-5)
    shadows = [np.array(shadow) for shadow in gan.ema.shadows]
    gan.generator.set_weights([w + 1 for w in gan.generator.get_weights()])
    gan.generate(4, seed=1)
    for shadow, before in zip(gan.ema.shadows, shadows, strict=True):
        np.testing.assert_array_equal(shadow, before)


def test_batch_statistics_are_averaged_as_weights_are():
    """(x - mean) / sqrt(variance), of which the shadows are 0.9 of what was and a tenth of what is."""
    generator = keras.Sequential([keras.Input((1,)), layers.BatchNormalization(epsilon=0)])
    ema = ExponentialMovingAverage(generator, 0.9)
    generator.layers[0].moving_mean.assign([10.0])
    generator.layers[0].moving_variance.assign([31.0])
    ema.update(generator, tf.constant(1000, tf.int64))  # mean 0.9 * 0 + 0.1 * 10 = 1, variance 0.9 * 1 + 3.1 = 4
    assert float(ema.run(generator, np.array([[11.0]], "float32"))[0, 0]) == pytest.approx((11 - 1) / 2, rel=1e-5)
    assert float(generator(np.array([[10.0]], "float32"))[0, 0]) == 0


def test_a_subclassed_generator_without_a_config_has_an_average():
    class Odd(keras.Model):
        def __init__(self, secret):
            super().__init__()
            self.dense = layers.Dense(secret)

        def call(self, x):
            return self.dense(x)

    generator = Odd(2)
    z = np.ones((1, 3), "float32")
    before = np.asarray(generator(z))
    ema = ExponentialMovingAverage(generator, 0.9)
    generator.dense.kernel.assign(generator.dense.kernel * 0)
    np.testing.assert_allclose(ema.run(generator, z), before, rtol=1e-6)


@pytest.mark.parametrize("decay", [0, 1, 1.5, -0.1, "0.9", True])
def test_range(decay):
    with pytest.raises(ValueError, match=r"`ema` must be a number in \(0, 1\), a schedule or None. Received: ema="):
        ExponentialMovingAverage(networks.mlp_generator(3, (2,)), decay)


FREEZE = {
    "layer": lambda model: setattr(model.get_layer("head"), "trainable", False),
    "nested model": lambda model: setattr(model.get_layer("body"), "trainable", False),
    "batch normalization": lambda model: setattr(model.get_layer("body").layers[1], "trainable", False),
    "one variable": lambda model: setattr(model.get_layer("head").kernel, "trainable", False),
    "all": lambda model: setattr(model, "trainable", False),
}


class TestFrozenLayers:
    """The average covers every weight that was made to be trained, whatever the flags say when."""

    @staticmethod
    def nested():
        keras.utils.set_random_seed(0)
        body = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.BatchNormalization()], name="body")
        z = keras.Input((3,))
        return keras.Model(z, layers.Dense(2, name="head")(body(z)))

    @staticmethod
    def gan(generator, compiled=True):
        gan = GAN(generator, networks.mlp_discriminator((2,), hidden=(3,)), 3, seed=0, ema=0.5)
        if compiled:
            gan.compile("wasserstein", keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
        return gan

    def test_what_has_a_shadow(self):
        generator = self.nested()
        count = 4 + 4  # of two dense layers and of a batch normalization; none of seeds
        assert len(ExponentialMovingAverage(generator, 0.5).shadows) == count
        for freeze in FREEZE.values():
            freeze(generator)
            assert len(ExponentialMovingAverage(generator, 0.5).shadows) == count

    @pytest.mark.learns
    @pytest.mark.parametrize(
        ("when", "what"),
        [
            pytest.param(when, what, marks=() if (when, what) == ("after", "nested model") else pytest.mark.learns)
            for when in ("before", "after")
            for what in FREEZE
        ],
    )
    def test_a_file_loads_whatever_was_frozen_when(self, what, when, tmp_path):
        generator = self.nested()
        if when == "before":
            FREEZE[what](generator)
        gan = self.gan(generator, compiled=(when, what) != ("before", "all"))
        if when == "after":
            FREEZE[what](generator)
        for i, shadow in enumerate(gan.ema.shadows):
            shadow.assign(np.full(shadow.shape, 0.1 * i + 0.1))
        gan.save(tmp_path / "gan.keras")
        again = keras.models.load_model(tmp_path / "gan.keras")
        np.testing.assert_array_equal(again.generate(4, seed=0), gan.generate(4, seed=0))
        trainable = [variable.trainable for variable in generator.variables]
        if what != "one variable":  # Keras does not save the flags of variables
            assert [variable.trainable for variable in again.generator.variables] == trainable
        again.save_weights(tmp_path / "again.weights.h5")
        gan.load_weights(tmp_path / "again.weights.h5")

    @pytest.mark.learns
    def test_what_is_unfrozen_is_averaged(self, points, tmp_path):
        generator = self.nested()
        generator.get_layer("body").trainable = False
        gan = self.gan(generator)
        gan.fit(points, batch_size=32, epochs=2, verbose=0)
        expected = [np.array(shadow) for shadow in gan.ema.shadows]
        generator.get_layer("body").trainable = True
        gan.compile("wasserstein", keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
        for step in range(4, 8):
            gan.train_on_batch(points[:32])
            d = min(0.5, (1 + step) / (10 + step))
            weights = players.learnable(generator) + players.statistics(generator)
            expected = [d * e + (1 - d) * np.array(w) for e, w in zip(expected, weights, strict=True)]
        for shadow, e in zip(gan.ema.shadows, expected, strict=True):
            np.testing.assert_allclose(shadow, e, rtol=1e-4, atol=1e-6)
        gan.save(tmp_path / "gan.keras")
        again = keras.models.load_model(tmp_path / "gan.keras")
        np.testing.assert_array_equal(again.generate(4, seed=0), gan.generate(4, seed=0))

    @pytest.mark.learns
    def test_shadows_that_version_0_1_did_not_keep_begin_at_the_weights(self, tmp_path):
        """0.1 kept shadows of what was trainable when the GAN was made, and no others."""
        generator = self.nested()
        generator.get_layer("body").trainable = False
        gan = self.gan(generator)
        shadows = {}
        for i, shadow in enumerate(gan.ema.shadows[4:6]):  # of the head
            shadow.assign(np.full(shadow.shape, 0.1 * i + 0.1))
            shadows[str(i)] = np.array(shadow)
        for weight in generator.get_layer("body").trainable_variables:
            weight.assign_add(np.ones(weight.shape))
        keras.utils.set_random_seed(1)
        again = self.gan(self.nested())
        again.generator.get_layer("body").trainable = False
        again = self.gan(again.generator)
        again.ema.load_own_variables(shadows)
        again.generator.set_weights(generator.get_weights())
        body, statistics = players.learnable(generator)[:4], players.statistics(generator)
        expected = [*map(np.array, body), *shadows.values(), *map(np.array, statistics)]
        again.generator.get_layer("body").trainable = True
        again.step.assign(1)  # it has been trained
        again.compile("wasserstein")
        for shadow, e in zip(again.ema.shadows, expected, strict=True):
            np.testing.assert_array_equal(shadow, e)
        with pytest.raises(ValueError, match="expected 8 variables, but received 3"):
            again.ema.load_own_variables({str(i): np.zeros(1) for i in range(3)})

    @pytest.mark.learns
    @pytest.mark.parametrize("is_traced", [False, True])
    def test_of_a_file_without_statistics_the_generators_own_are_used(self, is_traced, points, tmp_path, monkeypatch):
        """As of all files before shadows of statistics were kept; whatever was traced before."""
        first, again = (self.gan(self.nested()) for _ in range(2))
        first.fit(points, batch_size=32, verbose=0)
        first.ema.restart(first.generator)  # so the averaged statistics are the own ones
        expected = first.generate(4, seed=0)
        count = len(players.learnable(first.generator))

        def save(store):
            for i, shadow in enumerate(first.ema.shadows[:count]):
                store[str(i)] = shadow

        monkeypatch.setattr(first.ema, "save_own_variables", save)
        first.save_weights(tmp_path / "old.weights.h5")
        if is_traced:
            again.fit(points * 3, batch_size=32, verbose=0)
            again.generate(4, seed=0)
        again.load_weights(tmp_path / "old.weights.h5")
        np.testing.assert_allclose(again.generate(4, seed=0), expected, atol=1e-6)
        before = [np.array(shadow) for shadow in again.ema.shadows]
        again.fit(points, batch_size=32, verbose=0)
        assert all((np.array(now) != then).any() for now, then in zip(again.ema.shadows, before, strict=True))

    @pytest.mark.learns
    def test_a_file_that_does_not_fit_leaves_the_average_as_it_was(self, points, tmp_path):
        gan = self.gan(self.nested())
        gan.fit(points, batch_size=32, verbose=0)
        expected = gan.generate(4, seed=0)
        wide = GAN(networks.mlp_generator(3, (2,), hidden=(9,)), networks.mlp_discriminator((2,)), 3, seed=0, ema=0.5)
        wide.compile("wasserstein", keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
        wide.save_weights(tmp_path / "other.weights.h5")
        with pytest.raises(ValueError, match=r"`filepath` must|shape|expected"):
            gan.load_weights(tmp_path / "other.weights.h5")
        assert not gan.ema.missing
        np.testing.assert_array_equal(gan.generate(4, seed=0), expected)


def test_a_schedule_of_the_decay_is_followed():
    generator = networks.mlp_generator(3, (2,), hidden=(4,))
    ema = ExponentialMovingAverage(generator, schedules.Cosine(0.0, 0.9, 4))
    expected = generator.get_weights()
    for step in range(6):
        generator.set_weights([w + 1 for w in generator.get_weights()])
        ema.update(generator, tf.constant(step, tf.int64))
        d = 0.9 - 0.45 * (1 + np.cos(np.pi * min(step / 4, 1)))
        expected = [d * e + (1 - d) * w for e, w in zip(expected, generator.get_weights(), strict=True)]
    for shadow, e in zip(ema.shadows, expected, strict=True):
        np.testing.assert_allclose(shadow, e, rtol=1e-5)


@pytest.mark.learns
def test_averages_of_weights_that_layers_got_since_begin_at_compile(tmp_path):
    gan = GAN(networks.mlp_generator(3, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 3, ema=0.9)
    gan.compile()
    x = np.ones((8, 2), "float32")
    gan.fit(x, batch_size=4, verbose=0)
    before, shadows = gan.generate(4, seed=1), len(gan.ema.shadows)
    assert not np.array_equal(before, gan.generate(4, seed=1, use_ema=False))
    dense = next(layer for layer in gan.generator.layers if isinstance(layer, layers.Dense))
    dense.enable_lora(2)  # begins at the weights as they are
    for call in (
        lambda: gan.generate(4),
        lambda: gan.make(x[:, :1].repeat(3, 1)),
        lambda: gan.save(tmp_path / "a.keras"),
    ):
        with pytest.raises(ValueError, match="`generator` must have the weights that its average"):
            call()
    gan.compile()
    np.testing.assert_allclose(gan.generate(4, seed=1), before, rtol=1e-6)
    assert len(gan.ema.shadows) == shadows + 2
    gan.fit(x, batch_size=4, verbose=0)
    gan.save(tmp_path / "a.keras")
    again = keras.models.load_model(tmp_path / "a.keras")
    np.testing.assert_allclose(again.generate(4, seed=1), gan.generate(4, seed=1), rtol=1e-6)
