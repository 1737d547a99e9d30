"""Regularizers and `add_loss` of the players' layers, against plain Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import GAN, Noise

RATE = 0.1
POINTS = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")


class AddsLoss(layers.Layer):
    """Adds its mean squared input, in training only, a vector of its first example, and an integer."""

    def call(self, x, training=False):
        if training:
            self.add_loss(keras.ops.mean(x**2))
        self.add_loss(2 * x[0] ** 2)
        self.add_loss(keras.ops.ones((), "int32"))
        return x


def player(name, inputs, outputs, plain=False, frozen=False):
    inner = {} if plain else {"kernel_regularizer": keras.regularizers.L2(0.5), "bias_regularizer": "l1"}
    outer = {} if plain else {"activity_regularizer": keras.regularizers.L1L2(0.1, 0.2), "kernel_regularizer": "l1"}
    ramp = keras.initializers.RandomNormal(stddev=0.5, seed=len(name))
    body = [layers.Dense(3, "tanh", bias_initializer="ones", kernel_initializer=ramp, **inner)]
    body += [] if plain else [AddsLoss()]
    body = keras.Sequential([keras.Input((inputs,)), *body], name=f"{name}_body")
    body.layers[0].trainable = not frozen
    x = keras.Input((inputs,))
    return keras.Model(x, layers.Dense(outputs, kernel_initializer=ramp, **outer)(body(x)), name=name)


def make(objective="non_saturating", plain=False, **options):
    keras.utils.set_random_seed(0)
    ema = options.pop("ema", None)
    generator, discriminator = player("generator", 3, 2, plain), player("discriminator", 2, 1, plain)
    gan = GAN(generator, discriminator, 3, seed=0, ema=ema)
    gan.compile(objective, keras.optimizers.SGD(RATE), keras.optimizers.SGD(RATE), **options)
    return gan


def total(losses):
    return sum(float(tf.reduce_sum(tf.cast(loss, "float32"))) for loss in losses)


def descend(model, loss, tape):
    for weight, gradient in zip(
        model.trainable_weights, tape.gradient(loss, [w.value for w in model.trainable_weights]), strict=True
    ):
        weight.assign_sub(RATE * gradient)


def sum_of(losses):
    return tf.add_n([tf.reduce_sum(tf.cast(loss, tf.float32)) for loss in losses])


def by_hand(g, d, batches, reuse=False):
    """The same by plain Keras: `model.losses` of each call, its weights' regularizers once a move."""
    logs = []
    for step, real in enumerate(batches):
        noise = Noise((0, "train"), step)
        z = noise.at("discriminator", 0, "latents").normal((len(real), 3))
        fake = g(z, training=True)
        with tf.GradientTape() as tape:
            on_real, of_real = d(real, training=True), d.losses
            on_fake, of_fake = d(fake, training=True), d.losses
            count = sum(w.regularizer is not None for w in d.trainable_weights)
            added = sum_of(of_real + of_fake[: len(of_fake) - count])
            d_loss = tf.reduce_mean(tf.nn.softplus(-on_real) + tf.nn.softplus(on_fake)) + added
        descend(d, d_loss, tape)
        z = z if reuse else noise.at("generator", "latents").normal((len(real), 3))
        with tf.GradientTape() as tape:
            fake = g(z, training=True)
            of_generator = sum_of(g.losses)
            g_loss = tf.reduce_mean(tf.nn.softplus(-d(fake, training=True))) + of_generator
        descend(g, g_loss, tape)
        values = {"d_loss": d_loss, "g_loss": g_loss, "d_regularization": added, "g_regularization": of_generator}
        logs.append({name: float(value) for name, value in values.items()})
    return {name: np.mean([each[name] for each in logs]) for name in logs[0]}


def assert_as_by_hand(gan, history, reuse=False, **tolerance):
    expected = make(jit_compile=False)
    logs = by_hand(expected.generator, expected.discriminator, [POINTS[:8], POINTS[8:]], reuse)
    for name, value in logs.items():
        assert history[name][0] == pytest.approx(value, rel=1e-4), name
    for ours, theirs in zip(gan.get_weights()[1:], expected.get_weights()[1:], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


OPTIONS = {
    "graph": {},
    "eager": {"run_eagerly": True},
    "reused fakes": {"reuse_fakes": True},
    "two steps per call": {"steps_per_execution": 2},
    "XLA": {"jit_compile": True},
    "XLA, two steps per call": {"jit_compile": True, "steps_per_execution": 2},
}


@pytest.mark.learns
@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.xla] if "XLA" in n else []) for n in OPTIONS])
def test_two_steps_equal_plain_keras(name):
    gan = make(**OPTIONS[name])
    history = gan.fit(POINTS, batch_size=8, shuffle=False, verbose=0).history
    assert_as_by_hand(gan, history, reuse=name == "reused fakes")


@pytest.mark.learns
@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.xla)])
def test_on_two_replicas_weights_count_once(jit_compile):
    """What activities add is averaged over the examples of both."""

    def play(**options):
        keras.utils.set_random_seed(0)
        regularizers = {"kernel_regularizer": "l2", "bias_regularizer": "l1", "activity_regularizer": "l2"}
        bodies = [layers.Dense(n, bias_initializer="ones", **regularizers) for n in (2, 1)]
        gan = GAN(*(keras.Sequential([keras.Input((2,)), body]) for body in bodies), latents=2, seed=0)
        gan.compile("wasserstein", keras.optimizers.SGD(RATE), keras.optimizers.SGD(RATE), **options)
        data = tf.data.Dataset.from_tensor_slices(POINTS).batch(8, drop_remainder=True)
        return gan, gan.fit(data, verbose=0).history

    alone, logs = play()
    devices = {"devices": ["/cpu:0", "/cpu:1"], "cross_device_ops": tf.distribute.ReductionToOneDevice()}
    with tf.distribute.MirroredStrategy(**devices).scope():
        together, other_logs = play(jit_compile=jit_compile)
    assert other_logs.keys() == logs.keys() > {"d_regularization", "g_regularization"}
    for name, value in logs.items():
        assert other_logs[name][0] == pytest.approx(value[0], rel=1e-4, abs=1e-6), name
    for a, b in zip(alone.get_weights(), together.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.learns
@pytest.mark.parametrize("ema", [None, pytest.param(0.9, marks=pytest.mark.learns)])
def test_evaluation_adds_them_too(ema):
    """Of the averaged generator: its averaged weights, and what its layers add to what it makes."""
    gan = make(ema=ema)
    plain = make(ema=ema, plain=True, run_eagerly=True)
    gan.fit(POINTS, batch_size=8, verbose=0)
    for player in ("generator", "discriminator"):
        getattr(plain, player).set_weights(getattr(gan, player).get_weights())
    if ema:
        for mine, shadow in zip(plain.ema.shadows, gan.ema.shadows, strict=True):
            mine.assign(shadow)
        plain.step.assign(gan.step)  # before the first step an average is the weights themselves
    result = gan.evaluate(POINTS, batch_size=16, verbose=0, return_dict=True)
    bare = plain.evaluate(POINTS, batch_size=16, verbose=0, return_dict=True)
    in_order = gan.evaluate(POINTS, batch_size=16, verbose=0)
    assert in_order == [result[name] for name in gan.metrics_names]
    assert set(result) - set(bare) == {"d_regularization", "g_regularization"}
    for name in ("d", "g"):
        assert result[f"{name}_loss"] == pytest.approx(
            bare[f"{name}_loss"] + result[f"{name}_regularization"], rel=1e-4
        )
    z = Noise((0, "evaluate")).at("latents").normal((16, 3))
    if ema:
        gan.generator.trainable = True
        for weight, shadow in gan.ema.pairs(gan.generator):
            weight.assign(shadow)
    fake = gan.generator(z)
    assert result["g_regularization"] == pytest.approx(total(gan.generator.losses), rel=1e-4)
    gan.discriminator(POINTS)
    of_real = total(gan.discriminator.losses)
    gan.discriminator(fake)
    count = sum(w.regularizer is not None for w in gan.discriminator.trainable_weights)
    of_fake = total(gan.discriminator.losses[:-count])
    assert result["d_regularization"] == pytest.approx(of_real + of_fake, rel=1e-4)
    assert "val_d_regularization" in gan.fit(POINTS, batch_size=8, validation_data=POINTS, verbose=0).history


@pytest.mark.learns
def test_without_any_nothing_is_logged():
    gan = make(plain=True, run_eagerly=True)
    history = gan.fit(POINTS, verbose=0, validation_data=POINTS).history
    assert not [name for name in history if "regularization" in name]


@pytest.mark.learns
def test_what_is_frozen_is_not_regularized():
    """As in Keras: its activity and what it adds are."""
    gan = make()
    gan.discriminator.get_layer("discriminator_body").layers[0].trainable = False
    gan.compile("non_saturating", "sgd", "sgd", run_eagerly=True)
    result = gan.evaluate(POINTS, verbose=0, return_dict=True)
    gan.discriminator(POINTS)
    weights = [w for w in gan.discriminator.trainable_weights if w.regularizer is not None]
    assert len(weights) == 1
    assert result["d_regularization"] > total(gan.discriminator.losses)  # and on fakes


@pytest.mark.learns
def test_a_penaltys_own_calls_add_nothing():
    """Lazy or not, the weights' and the activities' share is that of the calls on real and on fake."""
    logs = []
    added = (f" + 0.0 * gradient_penalty(every={every})" for every in (1, 2))
    for objective in ("non_saturating", *(f"non_saturating{term}" for term in added)):
        gan = make(objective)
        logs.append(gan.fit(POINTS, batch_size=8, shuffle=False, verbose=0).history)
    for name in ("d_regularization", "g_regularization", "d_loss"):
        assert [each[name][0] for each in logs[1:]] == pytest.approx([logs[0][name][0]] * 2, rel=1e-5)


@pytest.mark.learns
@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_in_16_bits_they_add_up_in_float32(precision):
    keras.config.set_dtype_policy(precision)
    try:
        gan = make()
    finally:
        keras.config.set_dtype_policy("float32")
    result = gan.evaluate(POINTS, batch_size=16, verbose=0, return_dict=True)
    expected = make(run_eagerly=True).evaluate(POINTS, batch_size=16, verbose=0, return_dict=True)
    assert result["d_regularization"] == pytest.approx(expected["d_regularization"], rel=0.02)
    assert np.isfinite(gan.fit(POINTS, verbose=0).history["g_regularization"][0])
