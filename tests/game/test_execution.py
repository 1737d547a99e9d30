"""How steps are run changes nothing of what comes out: one by one, many in a graph, with XLA."""

import functools
import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, data, latents, networks
from keras_gan.data import batches
from keras_gan.game import execution
from keras_gan.game.execution import Execution
from tests.games import renewing

DRAW = np.random.default_rng(0)
POINTS = DRAW.normal(size=(40, 2)).astype("float32")
LABELS = DRAW.integers(0, 3, 40)


def game(labels=None, hidden=(8,), convolutional=False, **options):
    keras.utils.set_random_seed(0)
    if convolutional:
        players = networks.dcgan_generator(4, (8, 8, 1), filters=4), networks.dcgan_discriminator((8, 8, 1), filters=4)
    else:
        players = (
            networks.mlp_generator(4, (2,), hidden=hidden, labels=labels),
            networks.mlp_discriminator((2,), hidden=hidden, labels=labels),
        )
    gan = GAN(*players, latents.Normal(4), labels=labels, seed=0, ema=0.9)
    gan.compile("non_saturating", **options)
    return gan


@functools.cache
def four():
    """A function that gives back, as it was new, a game that plays four steps per call."""
    return renewing(game(steps_per_execution=4))


@functools.cache
def labelled(k, at_a_time):
    """The same of labels, of `k` moves of the discriminator and `at_a_time` steps per call."""
    return renewing(game(labels=3, discriminator_steps=k, steps_per_execution=at_a_time))


def shuffled(arrays=POINTS):
    return data.batches(arrays, 4, seed=1)


@functools.cache
def by_hand(steps, k=1, labels=None):
    """The weights of a game that was trained step by step on the pipeline's batches, from the first on."""
    gan = game(labels=labels, discriminator_steps=k)
    batches = shuffled((POINTS, LABELS) if labels else POINTS)
    step = tf.function(gan.train_step, autograph=False)
    group = []
    for batch in batches.addresses.read(lambda: 0, steps * k):
        group.append(batch)
        if len(group) == k:
            step(group[0] if k == 1 else keras.tree.map_structure(lambda *xs: tf.stack(xs, 1), *group))
            group = []
    return gan.get_weights()


def assert_same(gan, weights, atol=0.0):
    for a, b in zip(gan.get_weights(), weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=atol)


@pytest.mark.learns
@pytest.mark.parametrize(
    ("k", "at_a_time"),
    [(1, 4), pytest.param(1, 16, marks=pytest.mark.learns), pytest.param(2, 1, marks=pytest.mark.learns), (2, 4)],
)  # an epoch has 10 batches
def test_many_steps_a_call_are_the_steps_one_by_one(k, at_a_time):
    gan = labelled(k, at_a_time)()
    gan.fit(shuffled((POINTS, LABELS)), epochs=2, verbose=0)
    steps = 2 * (10 // k)
    assert int(gan.step.numpy()) == steps
    assert_same(gan, by_hand(steps, k, labels=3))


def test_small_convolutions_play_several_steps_a_call_as_one_by_one():
    pictures = DRAW.uniform(-1, 1, (64, 8, 8, 1)).astype("float32")
    together, single = game(convolutional=True), game(convolutional=True, steps_per_execution=1)
    for gan in (together, single):
        gan.fit(pictures, batch_size=8, verbose=0)
    assert together.execution == Execution(4, compiles_loop=False)
    assert_same(together, single.get_weights())


def test_work_is_that_of_each_weight_at_every_place_of_its_map():
    gan = game(convolutional=True)
    generator = 4 * 64 + 4 * 4 + (16 * 16 * 4 + 1)  # dense, normalization, 4x4 taps at 4x4 places
    discriminator = (16 * 16 * 4 + 4) + (64 * 128 + 128) + (128 + 1)
    assert execution.step_work(gan, 3) == 12 * 3 * (generator + discriminator)


def test_work_is_infinite_where_a_map_has_no_size():
    gan = game(convolutional=True)
    discriminator = keras.Sequential(
        [keras.Input((None, None, 1)), keras.layers.Conv2D(1, 3), keras.layers.GlobalMaxPooling2D()]
    )
    unsized = GAN(gan.generator, discriminator, 4, seed=0)
    unsized.compile("non_saturating")
    assert execution.step_work(unsized, 1) == np.inf


@pytest.mark.xla
def test_xla_compiles_the_loop_of_dense_players():
    gan = game(steps_per_execution=4, jit_compile=True)
    gan.fit(shuffled(), verbose=0)
    assert gan.execution.compiles_loop
    assert_same(gan, by_hand(10), atol=1e-6)


@pytest.mark.learns
def test_what_is_done_to_batches_is_done_in_the_graph():
    arrays = (POINTS, LABELS)
    doubled, plain = game(labels=3, steps_per_execution=4), labelled(1, 4)()
    plain.fit(data.batches((2 * POINTS, LABELS), 4), verbose=0)
    doubled.fit(data.batches(arrays, 4, transform=lambda x, y: (2 * x, y)), verbose=0)
    assert_same(plain, doubled.get_weights())


@pytest.mark.learns
def test_steps_per_epoch_need_not_divide_anything():
    gan = four()()
    history = gan.fit(shuffled(), steps_per_epoch=7, epochs=3, verbose=0)
    assert len(history.history["d_loss"]) == 3
    assert_same(gan, by_hand(21))


@pytest.mark.learns
def test_large_data_stays_out_of_the_graph(monkeypatch):
    monkeypatch.setattr("keras_gan.game.execution.MOST_BYTES", 10)
    gan = game(steps_per_execution=4)
    gan.fit(shuffled(), steps_per_epoch=7, epochs=3, verbose=0)
    assert_same(gan, by_hand(21))


@pytest.mark.parametrize(
    ("options", "steps", "loop"),
    [
        pytest.param({}, 64, True, marks=pytest.mark.xla),
        ({"jit_compile": False}, 2, False),  # half of 4 steps
        pytest.param({"hidden": (256, 256)}, 16, True, marks=pytest.mark.xla),
        ({"convolutional": True}, 2, False),
    ],
    ids=str,
)
def test_auto_is_a_rule_on_the_layers_and_is_said(options, steps, loop, capsys, monkeypatch):
    monkeypatch.setattr("keras_gan.game.execution.FEWEST_COMPILED", 16)
    gan = game(**options)
    batch = 256 if "hidden" in options else 8
    shape = (8, 8, 1) if options.get("convolutional") else (2,)
    gan.fit(np.zeros((batch, *shape), "float32"), batch_size=batch, steps_per_epoch=128 if loop else 4, verbose=2)
    assert gan.execution == Execution(steps, loop)
    said = f"Chosen: {steps} step{'s' * (steps > 1)} per call, {'with' if loop else 'without'} XLA."
    assert said in capsys.readouterr().out
    assert gan.get_compile_config()["steps_per_execution"] == "auto"  # and is chosen again where it is loaded


@pytest.mark.learns
def test_a_run_is_traced_once():
    traces = []

    class Counting(GAN):
        def train_step(self, data):
            traces.append(data)
            return super().train_step(data)

    gan = game()
    gan = Counting(gan.generator, gan.discriminator, 4, seed=0)
    gan.compile("hinge", steps_per_execution=4)
    for examples in (POINTS, POINTS.copy(), POINTS[:37], POINTS[:33]):
        gan.fit(examples, batch_size=4, epochs=2, verbose=0)
    assert len(traces) == 1


@pytest.mark.learns
def test_evaluation_reads_everything_after_a_choice(capsys):
    gan = game(steps_per_execution="auto", jit_compile=False)
    for epochs in (4, 1):  # 8 steps per call, then 2
        gan.evaluate(POINTS, batch_size=2, verbose=0)
        assert gan.evaluation_logs.sums[1, 0] == len(POINTS)
        gan.fit(POINTS, batch_size=2 * epochs, validation_data=POINTS, validation_batch_size=2, verbose=0)
        assert gan.evaluation_logs.sums[1, 0] == len(POINTS)


@pytest.mark.learns
def test_a_batch_may_be_trained_on_after_a_fit_and_data_is_let_go():
    gan = game()
    pipeline = batches(POINTS, 4)
    held = weakref.ref(pipeline.addresses)
    gan.fit(pipeline, verbose=0)
    del pipeline
    gc.collect()
    assert held() is None
    gan.train_on_batch(POINTS[:4])
    assert int(gan.step.numpy()) == 11


@pytest.mark.parametrize(
    "jit_compile", [pytest.param(False, marks=pytest.mark.learns), pytest.param(True, marks=pytest.mark.xla)]
)
def test_transforms_may_be_what_they_may_be_in_a_pipeline(jit_compile):
    def with_control_flow(x):
        for i in tf.range(2):
            x = x + tf.cast(i, tf.float32)
        return x

    def without_labels(x):
        return x, None

    def of_another_size(x):
        return tf.boolean_mask(x, x[:, 0] > -9.0)

    for transform in (with_control_flow, without_labels, of_another_size):
        gan = game(steps_per_execution=2, jit_compile=jit_compile and transform is not of_another_size)
        gan.fit(batches(POINTS, 4, transform=transform), verbose=0)
        assert int(gan.step.numpy()) == 10


@pytest.mark.learns
def test_a_transform_that_changes_is_seen():
    class Scale:
        factor = 1.0

        def __call__(self, x):
            return self.factor * x

        __hash__ = None

    scale, gan = Scale(), game(steps_per_execution=4)
    gan.fit(batches(POINTS, 4, transform=scale), verbose=0)
    scale.factor = 5.0
    gan.fit(batches(POINTS, 4, transform=scale), verbose=0)
    assert all(int(v.numpy()) == 20 for v in gan.optimizer.variables if v.path.endswith("iteration"))
    fresh = four()()
    fresh.fit(batches(POINTS, 4), verbose=0)
    fresh.fit(batches(5 * POINTS, 4), verbose=0)
    assert_same(gan, fresh.get_weights())


@pytest.mark.learns
def test_replicas_and_data_of_ones_own_are_played_as_keras_does(capsys):
    with tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"]).scope():
        gan = game(steps_per_execution="auto")
    gan.fit(POINTS, batch_size=4, verbose=2)
    assert "Chosen: 1 step per call, without XLA." in capsys.readouterr().out
    gan = game(steps_per_execution="auto")
    gan.fit(tf.data.Dataset.from_tensor_slices(POINTS).batch(4, drop_remainder=True), verbose=2)
    assert "Chosen: 4 steps per call, without XLA." in capsys.readouterr().out
    assert int(gan.step.numpy()) == 10
