"""n replicas of B / n examples are one of B."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, kernels, latents, networks
from keras_gan.augmentations import AdaptiveAugmentation
from keras_gan.ground import workers
from keras_gan.objectives import BoundaryEquilibrium
from keras_gan.play import players
from tests.distribution import play


def replicas(count=2):
    devices = [f"/cpu:{i}" for i in range(count)]
    return tf.distribute.MirroredStrategy(devices, cross_device_ops=tf.distribute.ReductionToOneDevice())


def fit(gan):
    history = gan.fit(play.POINTS[:64], batch_size=play.BATCH, epochs=2, verbose=0, shuffle=False).history
    return history, gan.evaluate(play.POINTS[:64], batch_size=16, verbose=0, return_dict=True)


@pytest.mark.learns
@pytest.mark.parametrize(
    "options",
    [{}, {"objective": "relativistic_average + gradient_penalty", "minibatch": True, "discriminator_steps": 1}],
    ids=["batch normalization", "the whole batch"],
)
def test_two_replicas_of_half_a_batch_are_one(options):
    alone = play.make(**options)
    with replicas().scope():
        together = play.make(**options)
    (a, evaluated), (b, evaluated_together) = fit(alone), fit(together)
    for x, y in zip(play.state(alone), play.state(together), strict=True):
        assert np.all(np.isfinite(x))
        np.testing.assert_allclose(x, y, atol=1e-6)
    for name in a:
        np.testing.assert_allclose(a[name], b[name], atol=1e-5, err_msg=name)
    for name in evaluated:
        assert evaluated[name] == pytest.approx(evaluated_together[name], abs=1e-5), name


@pytest.mark.xla
def test_xla_compiles_what_a_replica_does_between_two_meetings():
    options = {"norm": None, "discriminator_steps": 1, "augmentation": "instance_noise"}
    alone = play.make(**options)
    with replicas().scope():
        compiled, meeting = play.make(**options, jit_compile=True), play.make(jit_compile=True)
    assert compiled.get_compile_config()["jit_compile"] is True
    for gan in (alone, compiled):
        gan.fit(play.POINTS[:32], batch_size=play.BATCH, verbose=0)
    for x, y in zip(play.state(alone), play.state(compiled), strict=True):
        np.testing.assert_allclose(x, y, atol=1e-6)
    with pytest.raises(ValueError, match=r"`jit_compile` must be False or 'auto' on several replicas that communicate"):
        meeting.fit(play.POINTS[:32], batch_size=play.BATCH, verbose=0)


@pytest.mark.parametrize("options", [{}, {"renorm": True}], ids=["stock", "renorm"])
def test_batch_normalization_is_of_all_replicas(options):
    """Far from 0, where E[x^2] - E[x]^2 in float32 is off by 1.8; the layer itself stays as it came."""
    x = np.random.default_rng(0).normal(1000, 1, (8, 16, 16, 2)).astype("float32")
    x[4:] += 1  # the replicas' own statistics differ
    strategy = replicas()
    with strategy.scope():
        layer = keras.layers.BatchNormalization(epsilon=1e-6, **options)
        player = keras.Sequential([keras.Input((16, 16, 2)), layer])

    @tf.function(autograph=False)
    def run():
        def on_replica():
            half = 4 * tf.distribute.get_replica_context().replica_id_in_sync_group
            with kernels.used():
                return players.call(player, x_[half : half + 4], training=True)

        x_ = tf.constant(x)
        return strategy.run(on_replica)

    y = np.concatenate([each.numpy() for each in strategy.experimental_local_results(run())])
    mean, variance = x.astype("float64").mean((0, 1, 2)), x.astype("float64").var((0, 1, 2))
    if not options:
        np.testing.assert_allclose(y, (x - mean) / np.sqrt(variance + 1e-6), rtol=0, atol=1e-3)
    np.testing.assert_allclose(layer.moving_mean, 0.01 * mean, rtol=1e-5)
    deviation = layer.moving_stddev if options else layer.moving_variance
    np.testing.assert_allclose(
        deviation, 0.99 + 0.01 * np.sqrt(variance) if options else 0.99 + 0.01 * variance, rtol=1e-4
    )
    assert layer.synchronized is False


@pytest.mark.learns
def test_a_replica_without_examples_counts_for_nothing():
    with replicas().scope():
        gan = play.make()
    logs = gan.evaluate(play.POINTS[:5], batch_size=4, verbose=0)  # 2 and 2, then 1 and none
    assert np.all(np.isfinite(logs))


def test_examples_are_numbered_over_all_replicas():
    """After 10 and 7 examples a replica gets 5 and the next one 3."""
    strategy = replicas()

    def on_replica():
        first = tf.distribute.get_replica_context().replica_id_in_sync_group == 0
        seen, count = (tf.where(first, a, b) for a, b in ((10.0, 7.0), (5, 3)))
        return workers.first_index(seen, count)

    results = strategy.experimental_local_results(tf.function(lambda: strategy.run(on_replica), autograph=False)())
    assert [int(each) for each in results] == [17, 22]


@pytest.mark.learns
def test_accumulated_gradients_are_refused_under_a_strategy():
    def accumulating(rate):
        return keras.optimizers.SGD(rate, gradient_accumulation_steps=2)

    for count in (1, 2):
        with (
            replicas(count).scope(),
            pytest.raises(ValueError, match=r"`gradient_accumulation_steps` must be None.*=2"),
        ):
            play.make(optimizer=accumulating)


@pytest.mark.learns
def test_averages_that_overwrite_weights_are_refused_under_a_strategy():
    def averaging(rate):
        return keras.optimizers.SGD(rate, use_ema=True, ema_overwrite_frequency=2)

    with replicas().scope(), pytest.raises(ValueError, match=r"`ema_overwrite_frequency` must be None.*=2"):
        play.make(optimizer=averaging)


@pytest.mark.learns
def test_several_workers_play_one_step_a_call(monkeypatch):
    gan = play.make()
    monkeypatch.setattr(workers, "are_several", lambda strategy: True)
    monkeypatch.setattr(gan, "_distribute_strategy", tf.distribute.get_strategy())
    with pytest.raises(ValueError, match=r"`steps_per_execution` must be 1 with several workers.*=2"):
        gan.compile("hinge", steps_per_execution=2)
    gan.compile("hinge", steps_per_execution="auto")


class Rows(latents.Normal):
    """The latents of example i of the data are row i, however it is divided into batches."""

    def draw(self, count, noise):
        k = next(part for part in reversed(noise.path) if isinstance(part, int))
        return tf.constant(ROWS)[k * count : (k + 1) * count]


ROWS = np.random.default_rng(1).normal(size=(8, 3)).astype("float32")


@pytest.mark.learns
def test_accumulated_moves_of_the_discriminator_are_one_of_a_larger_batch():
    after = []
    for k, steps in ((1, None), (4, 4)):
        keras.utils.set_random_seed(3)
        generator = networks.mlp_generator(3, (2,), hidden=(4,), normalization=None)
        discriminator = networks.mlp_discriminator((2,), hidden=(4,))
        gan = GAN(generator, discriminator, 3, seed=0)
        gan.latents.draw = Rows(3).draw
        before = discriminator.get_weights()
        optimizer = keras.optimizers.SGD(0.1, gradient_accumulation_steps=steps)
        gan.compile("wasserstein + r1", keras.optimizers.SGD(0.0), optimizer, discriminator_steps=k)
        gan.fit(play.POINTS[:8], batch_size=8 // k, shuffle=False, verbose=0)
        after.append(discriminator.get_weights())
    for a, b in zip(*after, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert any(np.abs(a - old).max() > 1e-3 for a, old in zip(after[0], before, strict=True))


def on_one_and_two(make):
    """Yields what `make` makes, on one device and under a strategy of two replicas."""
    yield make()
    with replicas().scope():
        yield make()


def one_step(gan, x):
    before = [v.numpy() for v in gan.discriminator.trainable_variables]
    gan.fit(x, batch_size=len(x), epochs=1, shuffle=False, verbose=0)
    return [v.numpy() - b for v, b in zip(gan.discriminator.trainable_variables, before, strict=True)]


@pytest.mark.learns
@pytest.mark.parametrize("clip", [{"global_clipnorm": 0.01}, {"clipnorm": 0.01}, {"clipvalue": 0.001}], ids=str)
def test_gradients_are_clipped_after_they_are_summed(clip):
    """SGD of rate 1 moves by the clipped gradient."""

    def made():
        return play.make(optimizer=lambda _: keras.optimizers.SGD(1.0, **clip), discriminator_steps=1)

    alone, together = (one_step(gan, play.POINTS[:8]) for gan in on_one_and_two(made))
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    norms = [np.linalg.norm(each) for each in together]
    if "global_clipnorm" in clip:
        assert np.linalg.norm(norms) == pytest.approx(0.01, rel=1e-4)
    elif "clipnorm" in clip:
        assert max(norms) == pytest.approx(0.01, rel=1e-4)
    else:
        assert max(abs(each).max() for each in together) == pytest.approx(0.001, rel=1e-4)


@pytest.mark.learns
def test_an_overflow_on_any_replica_skips_the_step_of_all():
    """It is in the examples of the second one."""
    x = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    x[6] = 1e38

    def made():
        scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=1024.0)
        gan = play.make("wasserstein", norm=None, discriminator_steps=1)
        gan.compile("wasserstein", keras.optimizers.SGD(0.1), scaled)
        return gan

    for gan in on_one_and_two(made):
        for change in one_step(gan, x):
            np.testing.assert_array_equal(change, 0)
        assert float(gan.discriminator_optimizer.dynamic_scale.numpy()) == 512


@pytest.mark.learns
def test_the_balance_of_energies_is_that_of_the_whole_batch():
    """Its k is clipped at 0, where it begins."""
    x = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")

    def made():
        keras.utils.set_random_seed(3)
        start = keras.initializers.Constant(3.0)
        energy = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "softplus", kernel_initializer=start)])
        gan = GAN(networks.mlp_generator(2, (2,), hidden=(4,)), energy, 2, seed=0)
        gan.compile(BoundaryEquilibrium(gamma=0.5, rate=0.1), keras.optimizers.SGD(0.01), keras.optimizers.SGD(0.01))
        return gan

    found = []
    for gan in on_one_and_two(made):
        gan.fit(x, batch_size=4, epochs=1, shuffle=False, verbose=0)
        found.append(float(gan.objective_memory.variables[0].numpy()))
    assert found[0] == pytest.approx(found[1], abs=1e-6)
    assert 0 < found[0] < 1


@pytest.mark.xla
def test_what_follows_the_step_is_refused_where_xla_compiles_what_is_before_it():
    """Adaptive augmentation, which asks the other replicas first, and averages of weights."""
    with replicas().scope():
        with pytest.raises(ValueError, match=r"`jit_compile` must be False or 'auto' under .*historical_averaging"):
            play.make("hinge + 0.01 * historical_averaging", norm=None, jit_compile=True)
        pictures = networks.mlp_generator(2, (4, 4, 1), hidden=(4,)), networks.mlp_discriminator((4, 4, 1))
        gan = GAN(*pictures, 2, seed=0)
        gan.compile("hinge", augmentation="adaptive", jit_compile=True)
    with pytest.raises(ValueError, match=r"`jit_compile` must be False or 'auto' on several replicas that communicate"):
        gan.fit(np.zeros((8, 4, 4, 1), "float32"), batch_size=8, verbose=0)


@pytest.mark.learns
def test_adaptive_augmentation_follows_all_replicas():
    """Half of the scores are above 0: r_t is 0, below the target, so that p falls by 8 examples of 80."""
    x = np.concatenate([np.full((4, 4, 4, 1), 0.9), np.full((4, 4, 4, 1), -0.9)]).astype("float32")
    with replicas().scope():
        generator = networks.mlp_generator(2, (4, 4, 1), hidden=(4,))
        judge = [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1, kernel_initializer="ones")]
        gan = GAN(generator, keras.Sequential(judge), 2, seed=0)
        adaptive = AdaptiveAugmentation("blit", target=0.5, examples=80, every=1, p=0.5)
        gan.compile("non_saturating", "sgd", "sgd", augmentation=adaptive)
    gan.fit(x, batch_size=8, epochs=1, shuffle=False, verbose=0)
    assert float(gan.augmentation.p.numpy()) == pytest.approx(0.4, abs=1e-6)


class Wrapper(keras.optimizers.Optimizer):
    """Lets another optimizer update, as Lookahead does."""

    def __init__(self, inner):
        super().__init__(learning_rate=1.0, name="wrapper")
        self.inner = inner

    def build(self, variables):
        self.inner.build(variables)
        super().build(variables)

    def apply(self, grads, trainable_variables=None):
        self.inner.apply(grads, trainable_variables)


@pytest.mark.learns
def test_an_optimizer_that_updates_by_another_gets_each_gradient_once():
    def made():
        return play.make(optimizer=lambda _: Wrapper(keras.optimizers.SGD(1.0)), discriminator_steps=1)

    alone, together = (one_step(gan, play.POINTS[:8]) for gan in on_one_and_two(made))
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert max(abs(each).max() for each in alone) > 0.01


@pytest.mark.learns
def test_packs_are_whole_on_each_replica():
    with replicas().scope():
        judge = networks.mlp_discriminator((8,), hidden=(4,))
        gan = GAN(networks.mlp_generator(2, (2,), hidden=(4,)), judge, 2, packing=4, seed=0)
        gan.compile("hinge")
    with pytest.raises(
        ValueError, match=r"multiple of `packing` times the number of replicas, 4 x 2. Rec.*batch of 12"
    ):
        gan.fit(play.POINTS[:24], batch_size=12, verbose=0)
    gan.fit(play.POINTS[:24], batch_size=8, verbose=0)
