"""The game against hand-written training, for every kind of player and of data."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import GAN, Noise, constraints, latents, networks
from keras_gan.objectives import Objective
from tests.games import renewing


def mlp_gan(latents=3, labels=None, data_dim=2, **options):
    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(3, (data_dim,), hidden=(8,), labels=labels)
    discriminator = networks.mlp_discriminator((data_dim,), hidden=(8,), labels=labels)
    return GAN(generator, discriminator, latents, seed=0, **options)


def conv_gan(normalization="batch", dropout=0.0, ema=None, seed=0):
    generator = networks.dcgan_generator(4, (8, 8, 1), filters=4, normalization=normalization)
    return GAN(generator, networks.dcgan_discriminator((8, 8, 1), filters=4, dropout=dropout), 4, seed=seed, ema=ema)


@functools.cache
def hinge():
    """A function that gives back, as it was new, a game that is evaluated by a metric too."""
    gan = mlp_gan(ema=0.9)
    gan.compile("hinge", metrics=[keras.metrics.MeanSquaredError(name="mse")])
    return renewing(gan)


@functools.cache
def sgd(k):
    """The same of a game of plain gradient descent and `k` moves of the discriminator per step."""
    gan = mlp_gan()
    gan.compile("wasserstein", keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), discriminator_steps=k)
    return renewing(gan)


def adams():
    return keras.optimizers.Adam(2e-3, beta_1=0.0), keras.optimizers.Adam(1e-2, beta_1=0.0)


class TestTheAlgorithm:
    """train_step against algorithm 1, written out with NumPy noise and plain Keras calls."""

    @pytest.mark.learns
    @pytest.mark.parametrize("k", [pytest.param(1, marks=pytest.mark.learns), 3])
    def test_steps_equal_a_hand_written_loop(self, points, k):
        gan = mlp_gan()
        reference = {p: keras.models.clone_model(getattr(gan, p)) for p in ("generator", "discriminator")}
        for name, clone in reference.items():
            clone.set_weights(getattr(gan, name).get_weights())
        gan.compile(
            "non_saturating",
            keras.optimizers.SGD(0.1),
            keras.optimizers.SGD(0.2),
            discriminator_steps=k,
        )
        gan.fit(points, batch_size=8, shuffle=False, verbose=0)
        steps = 64 // 8 // k
        assert int(gan.step.numpy()) == steps

        g, d = reference["generator"], reference["discriminator"]
        batches = points.reshape(8, 8, 2)
        for step in range(steps):
            noise = Noise((0, "train"), step)
            for i in range(k):
                real = batches[step * k + i]
                fake = g(noise.at("discriminator", i, "latents").normal((8, 3)))
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean(tf.nn.softplus(-d(real)) + tf.nn.softplus(d(fake)))
                self.descend(d, tape.gradient(loss, [v.value for v in d.trainable_variables]), 0.2)
            z = noise.at("generator", "latents").normal((8, 3))
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.nn.softplus(-d(g(z))))
            self.descend(g, tape.gradient(loss, [v.value for v in g.trainable_variables]), 0.1)
        for name, clone in reference.items():
            for ours, theirs in zip(getattr(gan, name).get_weights(), clone.get_weights(), strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)

    @staticmethod
    def descend(model, gradients, rate):
        for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
            variable.assign_sub(rate * gradient)

    @pytest.mark.learns
    def test_a_players_move_leaves_the_other_alone(self, points):
        class OnlyG(Objective):
            def discriminator_loss(self, round):
                return 0.0 * round.real_scores

            def generator_loss(self, round):
                return round.fake_scores

        gan = mlp_gan()
        before = [w.copy() for w in gan.discriminator.get_weights()], [w.copy() for w in gan.generator.get_weights()]
        gan.compile(OnlyG(), keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), run_eagerly=True)
        gan.fit(points, verbose=0)
        for old, new in zip(before[0], gan.discriminator.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
        assert any(not np.array_equal(o, n) for o, n in zip(before[1], gan.generator.get_weights(), strict=True))

    @pytest.mark.learns
    def test_it_learns(self):
        data = np.random.default_rng(0).normal(1.0, 0.5, size=(2048, 1)).astype("float32")
        generator = networks.mlp_generator(1, (1,), hidden=(16,))
        gan = GAN(generator, networks.mlp_discriminator((1,), hidden=(16,)), 1, seed=0, ema=0.99)
        gan.compile("relativistic_paired + 0.1 * r1 + 0.1 * r2", *adams())
        gan.fit(data, batch_size=128, epochs=60, verbose=0)
        samples = gan.generate(4000, seed=0)
        assert np.mean(samples) == pytest.approx(1.0, abs=0.1)
        assert np.std(samples) == pytest.approx(0.5, abs=0.15)

    @pytest.mark.learns
    def test_weights_are_clipped_after_each_move(self, points):
        gan = mlp_gan()
        gan.compile("wasserstein", discriminator_constraint=constraints.ClipWeights(0.01))
        gan.fit(points, verbose=0)
        weights = np.concatenate([w.ravel() for w in gan.discriminator.get_weights()])
        assert np.abs(weights).max() == pytest.approx(0.01, rel=1e-6)
        assert np.abs(gan.generator.get_weights()[0]).max() > 0.01

    @pytest.mark.learns
    def test_logs(self, points):
        gan = mlp_gan()
        gan.compile("wasserstein + 2 * gradient_penalty + 0.5 * gradient_penalty(target=0)")
        history = gan.fit(points, verbose=0, validation_data=points).history
        assert set(history) == {
            "d_loss", "g_loss", "d_real", "d_fake", "d_wasserstein", "g_wasserstein", "d_gradient_penalty",
            "d_gradient_penalty_2", "val_d_loss", "val_g_loss", "val_d_real", "val_d_fake",
        }  # fmt: skip
        at = {name: values[0] for name, values in history.items()}
        total = at["d_wasserstein"] + 2 * at["d_gradient_penalty"] + 0.5 * at["d_gradient_penalty_2"]
        assert at["d_loss"] == pytest.approx(total, rel=1e-5)
        assert at["d_wasserstein"] == pytest.approx(at["d_fake"] - at["d_real"], abs=1e-6)
        assert at["val_d_loss"] == pytest.approx(at["val_d_fake"] - at["val_d_real"], abs=1e-6)  # no penalty

    @pytest.mark.learns
    def test_logs_are_means_over_the_epoch(self):
        class Count(Objective):
            def discriminator_loss(self, round):
                return round.real[:, 0] + 0 * tf.reduce_sum(round.real_scores)

            def generator_loss(self, round):
                return 0 * tf.reduce_sum(round.fake_scores)

        gan = mlp_gan()
        gan.compile(Count())
        data = np.repeat(np.arange(4.0), 2 * 16).reshape(64, 2)
        assert gan.fit(data, batch_size=16, shuffle=False, verbose=0).history["d_loss"] == [pytest.approx(1.5)]

    @pytest.mark.learns
    def test_no_retrace(self, points):
        gan = mlp_gan()
        traces = []

        class Spy(Objective):
            def discriminator_loss(self, round):
                traces.append(1)
                return round.fake_scores - round.real_scores

            def generator_loss(self, round):
                return -round.fake_scores

        gan.compile(Spy())
        traces.clear()  # what compile tries out is no trace
        gan.fit(points, batch_size=16, epochs=3, verbose=0)
        assert len(traces) == 1


class TestPlayers:
    @pytest.mark.learns
    def test_sequential_and_subclassed(self, points):
        class Discriminator(keras.Model):
            def __init__(self):
                super().__init__()
                self.body = layers.Dense(4, activation="relu")
                self.score = layers.Dense(1)

            def call(self, x, training=False):
                return self.score(self.body(x))[:, 0]

        gan = GAN(keras.Sequential([layers.Dense(2)]), Discriminator(), 3, seed=0, ema=0.9)
        gan.compile("hinge + r1", run_eagerly=True)
        gan.fit(points, verbose=0)
        assert gan.generate(2, seed=0).shape == (2, 2)

    @pytest.mark.learns
    def test_patch_discriminator_and_dict_output(self):
        image = keras.Input((8, 8, 1))
        features = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(image)
        outputs = {"output": layers.Conv2D(1, 3, padding="same")(features), "features": features}
        gan = GAN(networks.dcgan_generator(4, (8, 8, 1), filters=4), keras.Model(image, outputs), 4, seed=0)
        gan.compile("relativistic_paired + r1 + gradient_penalty", run_eagerly=True)
        history = gan.fit(np.zeros((8, 8, 8, 1)), batch_size=8, verbose=0).history
        assert np.isfinite(history["d_loss"][0])

    @pytest.mark.learns
    @pytest.mark.parametrize(
        "who", ["both", *(pytest.param(each, marks=pytest.mark.learns) for each in ("generator", "discriminator"))]
    )
    def test_conditional(self, points, who):
        labels = np.arange(64) % 3
        generator = networks.mlp_generator(3, (2,), hidden=(8,), labels=3 if who != "discriminator" else None)
        discriminator = networks.mlp_discriminator((2,), hidden=(8,), labels=3 if who != "generator" else None)
        gan = GAN(generator, discriminator, 3, labels=3, seed=0)
        gan.compile("hinge + gradient_penalty", run_eagerly=True)
        gan.fit(points, labels, batch_size=32, verbose=0)
        gan.evaluate(points, labels, batch_size=32, verbose=0)
        assert gan.generate(4, labels=[0, 1, 2, 0] if who != "discriminator" else None, seed=0).shape == (4, 2)

    @pytest.mark.learns
    def test_fakes_have_the_real_batchs_labels_unless_drawn(self, points):
        seen = []

        class Spy(Objective):
            def discriminator_loss(self, round):
                seen.append((round.real_labels, round.fake_labels))
                return round.fake_scores - round.real_scores

            def generator_loss(self, round):
                return -round.fake_scores

        labels = np.arange(64) % 3
        for i, prior in enumerate((None, latents.Categorical([0.0, 0.0, 1.0]))):
            gan = mlp_gan(labels=3)
            gan.labels = prior
            gan.compile(Spy(), run_eagerly=True)
            del seen[i:]  # of what compile tries out
            gan.fit(points, labels, batch_size=64, verbose=0)
        np.testing.assert_array_equal(*seen[0])
        np.testing.assert_array_equal(seen[1][1], np.full(64, 2))

    @pytest.mark.learns
    def test_conditioning_is_learned(self):
        labels = np.arange(1024) % 2
        data = np.where(labels, 1.0, -1.0)[:, None] + 0.1 * np.random.default_rng(0).normal(size=(1024, 1))
        generator = networks.mlp_generator(2, (1,), hidden=(16,), labels=2)
        discriminator = networks.mlp_discriminator((1,), hidden=(16,), labels=2)
        gan = GAN(generator, discriminator, 2, labels=2, seed=0, ema=0.99)
        gan.compile("relativistic_paired + 0.1 * r1 + 0.1 * r2", *adams())
        gan.fit(data, labels, batch_size=128, epochs=100, verbose=0)
        for label, mean in ((0, -1), (1, 1)):
            assert np.mean(gan.generate(500, labels=label, seed=0)) == pytest.approx(mean, abs=0.3)


class TestData:
    def fit(self, data, k=1, **options):
        gan = sgd(k)()
        gan.fit(data, verbose=0, **options)
        return gan

    @pytest.mark.learns
    @pytest.mark.parametrize("k", [1, pytest.param(2, marks=pytest.mark.learns)])
    def test_array_dataset_and_pydataset_give_the_same_weights(self, points, k):
        class Batches(keras.utils.PyDataset):
            def __len__(self):
                return 4

            def __getitem__(self, i):
                return points[16 * i : 16 * i + 16]

        ends = [
            self.fit(data, k, **options).get_weights()
            for data, options in (
                (points, {"batch_size": 16, "shuffle": False}),
                (tf.data.Dataset.from_tensor_slices(points).batch(16), {}),
                (Batches(), {}),
            )
        ]
        for other in ends[1:]:
            for a, b in zip(ends[0], other, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)

    @pytest.mark.learns
    def test_k_steps_drop_partial_batches_and_groups(self, points):
        data = tf.data.Dataset.from_tensor_slices(points).batch(10)  # 6 full batches and one of 4
        assert int(self.fit(data, 4).step.numpy()) == 1
        assert int(self.fit(data, 3).step.numpy()) == 2
        assert int(self.fit(data, 1).step.numpy()) == 7

    @pytest.mark.learns
    def test_steps_per_epoch_counts_generator_updates(self, points):
        data = tf.data.Dataset.from_tensor_slices(points).batch(8).repeat()
        assert int(self.fit(data, 3, steps_per_epoch=5, epochs=2).step.numpy()) == 10

    @pytest.mark.learns
    def test_default_batch_of_a_small_array(self):
        assert int(self.fit(np.zeros((5, 2))).step.numpy()) == 1

    @pytest.mark.learns
    def test_float64_and_integers_are_taken(self):
        assert int(self.fit(np.zeros((32, 2), "int64")).step.numpy()) == 1


class TestEvaluate:
    @pytest.mark.learns
    def test_is_repeatable_and_changes_nothing(self, points):
        generator = networks.mlp_generator(4, (8, 8, 1), hidden=(4,), normalization="batch")
        gan = GAN(generator, networks.mlp_discriminator((8, 8, 1), hidden=(4,), dropout=0.3), 4, seed=0, ema=0.9)
        gan.compile("non_saturating + r1")
        before = [v.numpy().copy() for v in gan.variables if "seed" not in v.path and "logs" not in v.path]
        data = np.random.default_rng(0).uniform(-1, 1, (32, 8, 8, 1))
        first, second = (gan.evaluate(data, batch_size=8, verbose=0, return_dict=True) for _ in range(2))
        assert first == second
        after = [v.numpy().copy() for v in gan.variables if "seed" not in v.path and "logs" not in v.path]
        for a, b in zip(before, after, strict=True):
            np.testing.assert_array_equal(a, b)

    @pytest.mark.learns
    def test_batches_get_different_latents(self, points):
        gan = mlp_gan()

        class Spread(keras.metrics.Metric):
            def __init__(self):
                super().__init__(name="spread")
                self.seen = []

            def update_state(self, real, fake):
                self.seen.append(np.array(fake))

            def result(self):
                return 0.0

        spread = Spread()
        gan.compile("hinge", metrics=[spread], run_eagerly=True)
        gan.evaluate(points, batch_size=32, verbose=0)
        assert not np.allclose(*spread.seen)

    @pytest.mark.learns
    def test_metrics_see_real_and_fake(self, points):
        gan = hinge()()
        result = gan.evaluate(points, batch_size=64, verbose=0, return_dict=True)
        z = Noise((0, "evaluate"), 0).at("latents").normal((64, 3))
        expected = np.mean((points - np.asarray(gan(z))) ** 2)
        assert result["mse"] == pytest.approx(expected, rel=1e-5)

    @pytest.mark.learns
    def test_partial_batches_count(self, points):
        gan = hinge()()
        assert np.isfinite(gan.evaluate(points[:50], batch_size=16, verbose=0, return_dict=True)["d_loss"])


class TestGenerate:
    def test_same_seed_same_examples_and_a_longer_request_begins_with_the_shorter(self):
        generator = networks.mlp_generator(4, (2,), hidden=(4,), normalization="batch")
        gan = GAN(generator, networks.mlp_discriminator((2,), hidden=(4,)), 4, seed=0)
        long, short = gan.generate(20, seed=5, batch_size=8), gan.generate(7, seed=5, batch_size=3)
        np.testing.assert_allclose(long[:7], short, atol=1e-6)
        assert not np.allclose(gan.generate(7, seed=6), short)

    def test_without_a_seed_requests_differ(self):
        gan = mlp_gan()
        assert not np.allclose(gan.generate(3), gan.generate(3))

    @pytest.mark.learns
    def test_labels_are_drawn_or_given(self):
        gan = mlp_gan(labels=3)
        gan = GAN(gan.generator, gan.discriminator, 3, labels=latents.Categorical([0.0, 1.0, 0.0]), seed=0)
        np.testing.assert_allclose(gan.generate(5, seed=1), gan.generate(5, labels=1, seed=1), atol=1e-6)
        assert not np.allclose(gan.generate(5, seed=1), gan.generate(5, labels=[0, 1, 2, 0, 2], seed=1))

    @pytest.mark.parametrize("n", [0, -1, 1.5, True, "3"])
    def test_n_is_checked(self, n):
        with pytest.raises(ValueError, match=r"`n` must be an integer from 1 to 2147483647. Received: n="):
            mlp_gan().generate(n)

    def test_labels_are_checked(self):
        gan = GAN(networks.mlp_generator(3, (2,), labels=3), networks.mlp_discriminator((2,), labels=3), 3, labels=3)
        with pytest.raises(ValueError, match=r"`labels` must be in \[0, 3\). Received: labels in \[1, 3\]"):
            gan.generate(2, labels=[1, 3])
        with pytest.raises(
            ValueError,
            match=r"`labels` must be one integer or 2 integers. Received: labels of dtype int64, of shape \(3,\)",
        ):
            gan.generate(2, labels=[0, 1, 2])
        with pytest.raises(ValueError, match=r"the generator takes none. Received: labels=1"):
            mlp_gan().generate(2, labels=1)

    def test_labels_that_nobody_can_draw(self):
        gan = GAN(networks.mlp_generator(3, (2,), labels=3), networks.mlp_discriminator((2,), labels=3), 3)
        with pytest.raises(ValueError, match=r"`labels` must be given: the generator takes them"):
            gan.generate(2)

    def test_call_is_the_averaged_generator(self):
        gan = mlp_gan(ema=0.9)
        gan.step.assign(1)  # before the first one the average is the generator
        gan.generator.set_weights([w * 0 for w in gan.generator.get_weights()])
        z = np.ones((2, 3), "float32")
        assert np.abs(gan(z)).max() > 0
        assert np.abs(gan(z, training=True)).max() == 0
        np.testing.assert_allclose(gan.predict(z, verbose=0), gan(z), atol=1e-6)


def test_summary_shows_both_players(capsys):
    mlp_gan().summary()
    printed = capsys.readouterr().out
    assert "generator" in printed
    assert "discriminator" in printed


def test_defaults_of_compile():
    gan = mlp_gan()
    gan.compile()
    assert str(gan.objective) == "non_saturating"
    assert gan.generator_optimizer is not gan.discriminator_optimizer
    assert gan.generator_optimizer.get_config()["beta_1"] == 0.5


@pytest.mark.learns
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_learns_finite_numbers(precision):
    keras.config.set_dtype_policy(precision)
    try:
        gan = conv_gan(ema=0.9)
    finally:
        keras.config.set_dtype_policy("float32")
    gan.compile("relativistic_paired + r1 + r2", discriminator_steps=2)
    before = gan.generator.get_weights()
    history = gan.fit(np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 1)), batch_size=8, verbose=0).history
    assert np.isfinite(history["d_loss"][0])
    assert gan.generate(2, seed=0).dtype == np.float32
    assert any(not np.array_equal(a, b) for a, b in zip(before, gan.generator.get_weights(), strict=True))


class TestAsKerasModelsAreUsed:
    @pytest.mark.learns
    def test_fit_and_evaluate_take_keras_positions(self, points):
        gan = mlp_gan(labels=3)
        gan.compile("hinge", "adam", "adam")
        gan.fit(points, np.arange(64) % 3, 32, 2, 0)
        assert int(gan.step.numpy()) == 4
        assert len(gan.evaluate(points, np.arange(64) % 3, 32, verbose=0)) == 4

    @pytest.mark.learns
    def test_evaluate_gives_what_metrics_names_says(self, points):
        gan = mlp_gan()
        gan.compile("hinge", metrics=["mse"], run_eagerly=True)
        values = gan.evaluate(points, verbose=0)
        by_name = gan.evaluate(points, verbose=0, return_dict=True)
        assert gan.metrics_names == ["d_loss", "g_loss", "d_real", "d_fake", "mean_squared_error"]
        assert [by_name[name] for name in gan.metrics_names] == pytest.approx(values)

    @pytest.mark.learns
    def test_validation_split(self, points):
        gan = hinge()()
        history = gan.fit(points, batch_size=16, validation_split=0.25, verbose=0).history
        assert int(gan.step.numpy()) == 3
        assert "val_d_loss" in history
        with pytest.raises(ValueError, match=r"`validation_split` must be in \[0, 1\).*Received: validation_split=1.5"):
            gan.fit(points, validation_split=1.5)

    @pytest.mark.learns
    def test_train_on_batch_and_test_on_batch(self, points):
        gan = hinge()()
        losses = {"d_loss", "g_loss", "d_real", "d_fake"}
        assert set(gan.train_on_batch(points, return_dict=True)) == losses
        assert int(gan.step.numpy()) == 1
        assert set(gan.test_on_batch(points, return_dict=True)) == losses | {"mse"}

    @pytest.mark.parametrize("name", ["class_weight", "sample_weight"])
    def test_weights_of_examples_are_refused(self, points, name):
        gan = hinge()()
        with pytest.raises(ValueError, match=rf"`{name}` must be None: examples cannot be weighted in a game"):
            gan.fit(points, **{name: {0: 1.0}})
        if name == "sample_weight":
            with pytest.raises(ValueError, match="`sample_weight` must be None"):
                gan.evaluate(points, sample_weight=np.zeros(len(points)))

    def test_too_few_batches_for_a_step(self, points):
        gan = mlp_gan()
        gan.compile("hinge", discriminator_steps=20)
        for data in (points, tf.data.Dataset.from_tensor_slices(points).batch(32)):
            with pytest.raises(
                ValueError, match=r"at least `discriminator_steps` full batches.*discriminator_steps=20"
            ):
                gan.fit(data, verbose=0)

    @pytest.mark.learns
    def test_a_layer_frozen_later_stops_learning_and_nothing_else(self, points):
        gan = mlp_gan(ema=0.9)
        gan.generator.layers[1].trainable = False
        frozen = gan.generator.layers[1].get_weights()[0].copy()
        gan.compile("hinge")
        gan.fit(points, verbose=0)
        np.testing.assert_array_equal(gan.generator.layers[1].get_weights()[0], frozen)

    def test_an_optimizer_of_another_model_is_refused(self):
        adam = keras.optimizers.Adam()
        mlp_gan().compile("hinge", adam)
        with pytest.raises(ValueError, match="`generator_optimizer` must be new, or made for this player"):
            mlp_gan().compile("hinge", adam)


@pytest.mark.learns
@pytest.mark.parametrize(
    "precision",
    ["mixed_float16", *(pytest.param(each, marks=pytest.mark.learns) for each in ("mixed_bfloat16", "float64"))],
)
def test_players_of_any_precision(points, precision):
    keras.config.set_dtype_policy(precision)
    try:
        generator = keras.Sequential([keras.Input((3,)), layers.Dense(4, "relu"), layers.Dense(2)])
        discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(4, "relu"), layers.Dense(1)])
    finally:
        keras.config.set_dtype_policy("float32")
    gan = GAN(generator, discriminator, 3, seed=0, ema=0.9)
    gan.compile("hinge + wasserstein + gradient_penalty + r1 + r2")
    for name, [value] in gan.fit(points, verbose=0).history.items():
        assert np.isfinite(value), name
    assert gan.generate(2, seed=0).dtype == np.float32


@pytest.mark.learns
def test_evaluate_and_predict_follow_layers_that_change_after_the_first_call():
    gan = mlp_gan()
    gan.compile()
    x, z = np.ones((4, 2), "float32"), np.ones((4, 3), "float32")
    before = [gan.evaluate(x, verbose=0), gan.predict(z, verbose=0), gan.predict_on_batch(z)]
    dense = next(layer for layer in gan.generator.layers if isinstance(layer, keras.layers.Dense))
    dense.enable_lora(1)
    dense.lora_kernel_b.assign(np.ones(dense.lora_kernel_b.shape))
    after = [gan.evaluate(x, verbose=0), gan.predict(z, verbose=0), gan.predict_on_batch(z)]
    assert not np.array_equal(before[0], after[0])
    for made in after[1:]:
        np.testing.assert_allclose(made, gan.generator(z), rtol=1e-5)
    function = gan.test_function
    gan.evaluate(x, verbose=0)
    assert gan.test_function is function
