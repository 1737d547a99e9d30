"""Closed forms on linear and quadratic critics; finite differences of weights' gradients, 2-D and 4-D, plain, XLA."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import GAN, Game, Match, Noise, Round, networks
from keras_gan.layers import MinibatchStandardDeviation
from keras_gan.objectives import DRAGAN, R1, R2, GradientPenalty, Hinge, MaximumMeanDiscrepancy, NonSaturating

NOISE = Noise((0, "penalties"))


def linear(weights):
    w = np.asarray(weights, "float32").reshape(-1, 1)
    model = keras.Sequential([keras.Input((len(w),)), layers.Dense(1)])
    model.set_weights([w, np.zeros(1, "float32")])
    return model


def a_round(model, real, fake):
    return Round(real=tf.constant(real), fake=tf.constant(fake), discriminator=model, noise=NOISE)


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (GradientPenalty(), (5 - 1) ** 2),
        (GradientPenalty(target=7), (5 - 7) ** 2),
        (GradientPenalty(target=7, one_sided=True), 0),
        (GradientPenalty(target=2, one_sided=True), 9),
        (GradientPenalty(target=0), 25),
        (R1(), 25 / 2),
        (R2(), 25 / 2),
    ],
    ids=str,
)
def test_linear_critic(penalty, expected):
    round = a_round(linear([3.0, -4.0]), np.ones((6, 2), "float32"), np.zeros((6, 2), "float32"))
    np.testing.assert_allclose(penalty.discriminator_loss(round), np.full(6, expected), rtol=1e-5, atol=1e-6)
    assert penalty.generator_loss(round) is None


def test_r1_looks_at_real_and_r2_at_fake():
    # D(x) = x^2, D'(x) = 2x
    model = keras.Sequential([keras.Input((1,)), layers.Lambda(lambda x: x * x)])
    round = a_round(model, np.array([[1.0], [2.0]], "float32"), np.array([[3.0], [0.0]], "float32"))
    np.testing.assert_allclose(R1().discriminator_loss(round), [2.0, 8.0], rtol=1e-6)
    np.testing.assert_allclose(R2().discriminator_loss(round), [18.0, 0.0], rtol=1e-6, atol=1e-6)


def test_gradient_penalty_is_taken_on_the_segment():
    # |D'| = 2|x^|, so the penalty tells where x^ was: between 1 and 3, one place an example
    model = keras.Sequential([keras.Input((1,)), layers.Lambda(lambda x: x * x)])
    round = a_round(model, np.full((500, 1), 1.0, "float32"), np.full((500, 1), 3.0, "float32"))
    places = np.sqrt(GradientPenalty(target=0).discriminator_loss(round)) / 2
    assert places.min() > 1
    assert places.max() < 3
    assert np.mean(places) == pytest.approx(2, abs=0.08)
    assert np.std(places) == pytest.approx(2 / np.sqrt(12), abs=0.05)


def test_the_norm_runs_over_all_axes_of_an_image():
    model = keras.Sequential([keras.Input((3, 4, 2)), layers.Flatten(), layers.Dense(1, kernel_initializer="ones")])
    image = np.zeros((2, 3, 4, 2), "float32")
    round = a_round(model, image, image + 1)
    np.testing.assert_allclose(
        GradientPenalty().discriminator_loss(round), np.full(2, (np.sqrt(24) - 1) ** 2), rtol=1e-5
    )


def test_dragan_looks_at_a_neighbourhood_of_the_real_examples():
    # |D'| = 2|x^|: x^ = x + u c std(x) v, with x all 1 and -1, so std 1, and D' = 2 x tells where x^ was
    model = keras.Sequential([keras.Input((1,)), layers.Lambda(lambda x: x * x)])
    x = np.where(np.arange(4000) % 2, 1.0, -1.0).astype("float32")[:, None]
    round = a_round(model, x, np.full((4000, 1), 50.0, "float32"))
    square = DRAGAN(target=0, scale=0.5).discriminator_loss(round).numpy()
    places = np.sqrt(square[1::2]) / 2 - 1  # u 0.5 v, for x = 1
    assert places.min() > -1e-5
    assert places.max() < 0.5
    assert places.mean() == pytest.approx(0.5 / 4, abs=0.006)  # E u E v
    assert np.mean(places**2) == pytest.approx(0.25 / 9, abs=0.002)


def test_dragan_of_a_linear_critic():
    round = a_round(linear([3.0, -4.0]), np.ones((6, 2), "float32"), np.zeros((6, 2), "float32"))
    np.testing.assert_allclose(DRAGAN().discriminator_loss(round), np.full(6, 16.0), rtol=1e-5)


@pytest.mark.learns
@pytest.mark.parametrize("xla", [False, pytest.param(True, marks=pytest.mark.xla)], ids=["plain", "xla"])
@pytest.mark.parametrize("penalty", [GradientPenalty, R1, R2, DRAGAN])
def test_a_lazy_penalty_is_taken_now_and_then_and_as_much_stronger(penalty, xla):
    model = critic((3,))
    real, fake = (tf.constant(np.random.default_rng(i).normal(size=(4, 3)), tf.float32) for i in range(2))

    @tf.function(jit_compile=xla, autograph=False)
    def look(step, every):
        round = Round(real=real, fake=fake, discriminator=model, noise=Noise((0, "lazy"), step))
        weights = [v.value for v in model.trainable_variables]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(penalty(every=every).discriminator_loss(round))
        return loss, tape.gradient(loss, weights, unconnected_gradients="zero")

    for step in range(5):
        always, gradients = look(tf.constant(step, tf.int64), 1)
        lazy, lazy_gradients = look(tf.constant(step, tf.int64), 3)
        factor = 3 if step % 3 == 0 else 0
        np.testing.assert_allclose(lazy, factor * always, rtol=1e-5, atol=1e-7)
        for a, b in zip(lazy_gradients, gradients, strict=True):
            np.testing.assert_allclose(a, factor * b, rtol=1e-4, atol=1e-6)


@pytest.mark.xla
@pytest.mark.parametrize("penalty", [R1, GradientPenalty])
def test_a_lazy_penalty_under_xla_where_neither_batch_nor_rank_is_known(penalty):
    # the gradient of a pooling's gradient has no rank in the graph, which a branch under XLA has to know
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            layers.Conv2D(2, 3, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    shape = tf.TensorSpec((None, 4, 4, 1))

    @tf.function(jit_compile=True, input_signature=[shape, shape, tf.TensorSpec((), tf.int64)], autograph=False)
    def look(real, fake, step):
        round = Round(real=real, fake=fake, discriminator=model, noise=Noise((0, "lazy"), step))
        weights = [v.value for v in model.trainable_variables]
        with tf.GradientTape() as tape:
            loss = penalty(every=2).discriminator_loss(round)
        return loss, tape.gradient(loss, weights)

    real, fake = (tf.constant(np.random.default_rng(i).normal(size=(3, 4, 4, 1)), tf.float32) for i in range(2))
    round = Round(real=real, fake=fake, discriminator=model, noise=Noise((0, "lazy")))
    with tf.GradientTape() as tape:
        expected = 2 * tf.reduce_mean(penalty().discriminator_loss(round))
    gradients = tape.gradient(expected, [v.value for v in model.trainable_variables], unconnected_gradients="zero")
    loss, lazy = look(real, fake, tf.constant(0, tf.int64))
    assert float(expected) > 0
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    for a, b in zip(lazy, gradients, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_lazy_penalty_leaves_no_trace_in_layers_and_sees_the_masks_of_the_loss():
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)]
    )
    x = tf.constant(np.random.default_rng(0).normal(size=(6, 3)), tf.float32)
    round = Round(real=x, discriminator=model, noise=Noise((0, "lazy"), 2))
    expected = tf.reduce_mean(R1().discriminator_loss(round))
    before = [v.numpy() for v in model.variables]
    loss = R1(every=2).discriminator_loss(round)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    np.testing.assert_allclose(loss, 2 * expected, rtol=1e-5)


def test_a_lazy_penalty_sees_what_a_scope_around_it_has_written():
    """A move that XLA compiles on a replica writes its variables into a scope."""
    scale = layers.Rescaling(1.0)
    scale.scale = keras.Variable(1.0, trainable=False)
    model = keras.Sequential([keras.Input((1,)), scale])
    with keras.StatelessScope():
        scale.scale.assign(3.0)
        round = Round(real=tf.ones((2, 1)), discriminator=model, noise=Noise((0, "lazy")))
        loss = R1(every=2).discriminator_loss(round)
    assert float(loss) == 2 * 3**2 / 2


def test_a_lazy_penalty_keeps_the_small_gradients_of_float16():
    """Scaled by 2^12 they are those of float32; differentiated without a scale, most are lost."""

    def gradients(dtype, scale):
        keras.utils.set_random_seed(2)
        start = keras.initializers.RandomNormal(stddev=0.05, seed=3)
        options = {"dtype": dtype, "kernel_initializer": start}
        hidden = [layers.Dense(16, "tanh", **options) for _ in range(2)]
        model = keras.Sequential([keras.Input((6,)), *hidden, layers.Dense(1, **options)])
        x = tf.constant(np.random.default_rng(0).normal(size=(256, 6)), tf.float32)
        round = Round(real=x, discriminator=model, noise=Noise((0, "lazy")), loss_scale=scale)
        weights = [v.value for v in model.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            loss = scale * R1(every=2).discriminator_loss(round)
        found = tape.gradient(loss, weights, unconnected_gradients="zero")
        return [each.numpy() / scale for each in found]

    def worst(found):
        return max(np.abs(a - b).max() / np.abs(b).max() for a, b in zip(found, expected, strict=True) if b.any())

    expected = gradients("float32", 1.0)
    assert worst(gradients("mixed_float16", 2.0**12)) < 0.01
    assert worst(gradients("mixed_float16", 1.0)) > 0.1


@pytest.mark.parametrize("penalty", [R1, GradientPenalty])
def test_a_lazy_penalty_follows_a_critic_that_looks_at_the_whole_round(penalty):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4, "tanh"), layers.Dense(2)])
    real, fake = (tf.constant(np.random.default_rng(i).normal(size=(5, 3)), tf.float32) for i in range(2))
    weights = [v.value for v in model.trainable_variables]
    found = []
    for every in (1, 2):
        round = Round(real=real, fake=fake, discriminator=model, noise=NOISE, critic=MaximumMeanDiscrepancy().critic)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(penalty(every=every).discriminator_loss(round))
        found.append([loss, *tape.gradient(loss, weights, unconnected_gradients="zero")])
    for always, lazy in zip(*found, strict=True):
        np.testing.assert_allclose(lazy, 2 * always, rtol=1e-4, atol=1e-7)
    assert float(found[0][0]) > 1e-4


@pytest.mark.parametrize("penalty", [R1, R2, GradientPenalty, DRAGAN])
@pytest.mark.parametrize("augmentation", [None, "instance_noise"])
def test_a_lazy_penalty_moves_all_players_of_the_judges_side(penalty, augmentation):
    """One that makes what the discriminator sees moves as much as by the penalty of every step, times `every`."""
    moved = []
    for objective in ("hinge", Hinge() + 10 * penalty(), Hinge() + 10 * penalty(every=2)):
        keras.utils.set_random_seed(0)
        tanh = [layers.Dense(4, "tanh"), layers.Dense(1)]
        game = Game(
            players={
                "g": networks.mlp_generator(2, (2,), hidden=(3,)),
                "f": keras.Sequential([keras.Input((2,)), layers.Dense(3, "tanh")]),
                "d": keras.Sequential([keras.Input((3,)), *tanh]),
            },
            values={"fake": "g(z)", "of_real": "f(real)", "of_fake": "f(fake)"},
            matches=Match("d", "of_real", "of_fake", augmentation=augmentation),
            draws={"z": 2},
            sides={"discriminator": ["d", "f"], "generator": "g"},
            seed=0,
        )
        game.compile(objective, discriminator_optimizer=keras.optimizers.SGD(1.0), run_eagerly=True)
        weights = game.sides["discriminator"].trainable_variables
        start = [weight.numpy() for weight in weights]
        game.train_on_batch(np.random.default_rng(0).normal(size=(8, 2)).astype("float32"))
        moved.append([weight.numpy() - first for weight, first in zip(weights, start, strict=True)])
    for plain, always, lazy in zip(*moved, strict=True):
        np.testing.assert_allclose(lazy - plain, 2 * (always - plain), rtol=1e-3, atol=2e-6)
    kernels = [(plain, always) for plain, always in zip(*moved[:2], strict=True) if plain.ndim == 2]
    assert min(np.abs(always - plain).max() for plain, always in kernels) > 1e-3


def fit_on(objective, discriminator_layers, replicas):
    def play():
        keras.utils.set_random_seed(0)
        discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(8, "tanh"), *discriminator_layers()])
        gan = GAN(networks.mlp_generator(2, (2,), hidden=(8,)), discriminator, 2, seed=0)
        gan.compile(objective, keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
        return gan

    points = np.random.default_rng(0).normal(size=(48, 2)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices(points).batch(16, drop_remainder=True)
    devices = [f"/cpu:{i}" for i in range(replicas)]
    reduction = tf.distribute.ReductionToOneDevice()
    with tf.distribute.MirroredStrategy(devices, cross_device_ops=reduction).scope():
        gan = play()
    gan.fit(data, verbose=0)
    return gan.get_weights()


@pytest.mark.learns
def test_a_lazy_penalty_on_two_replicas_is_that_on_one():
    def head():
        return [layers.Dropout(0.0), layers.Dense(1)]

    objective = NonSaturating() + R1(every=2) + GradientPenalty(every=2)
    for a, b in zip(fit_on(objective, head, 1), fit_on(objective, head, 2), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-6)


@pytest.mark.learns
@pytest.mark.parametrize(
    ("objective", "head"),
    [
        (NonSaturating() + DRAGAN(every=2), lambda: [layers.Dense(1)]),
        (MaximumMeanDiscrepancy() + GradientPenalty(every=2), lambda: [layers.Dense(3)]),
        (NonSaturating() + R1(every=2), lambda: [MinibatchStandardDeviation(2), layers.Dense(1)]),
    ],
    ids=["dragan", "mmd", "layer"],
)
def test_what_compares_with_the_whole_batch_is_not_lazy_on_two_replicas(objective, head):
    with pytest.raises(ValueError, match=r"lazy penalty on several replicas: give the penalty `every=1`. Received: 2"):
        fit_on(objective, head, 2)


def test_ranges_of_lazy_and_local_penalties():
    with pytest.raises(ValueError, match=r"`every` must be an integer of at least 1. Received: every=0"):
        R1(every=0)
    with pytest.raises(ValueError, match=r"`scale` must be a finite number above 0. Received: scale=0"):
        DRAGAN(scale=0)


def test_no_nan_at_a_flat_critic():
    model = linear([0.0, 0.0])
    with tf.GradientTape() as tape:
        loss = GradientPenalty().discriminator_loss(
            a_round(model, np.ones((2, 2), "float32"), np.zeros((2, 2), "float32"))
        )
    gradient = tape.gradient(loss, model.trainable_variables[0].value)
    np.testing.assert_allclose(loss, [1.0, 1.0], rtol=1e-4)
    assert np.all(np.isfinite(gradient))


def critic(shape):
    smooth = {"activation": "tanh", "kernel_initializer": keras.initializers.GlorotNormal(1)}
    body = [layers.Dense(7, **smooth)] if len(shape) == 1 else [layers.Conv2D(3, 3, 2, **smooth), layers.Flatten()]
    model = keras.Sequential([keras.Input(shape), *body, layers.Dense(5, **smooth), layers.Dense(1)])
    for variable in model.trainable_variables:
        variable.assign(variable * 1.5 + 0.05)
    return model


@pytest.mark.parametrize("xla", [False, pytest.param(True, marks=pytest.mark.xla)], ids=["plain", "xla"])
@pytest.mark.parametrize("shape", [(3,), (6, 5, 2)], ids=["2d", "4d"])
@pytest.mark.parametrize(
    "penalty", [GradientPenalty(), GradientPenalty(0.1, one_sided=True), DRAGAN(), R1(), R2()], ids=str
)
def test_weights_gradient_against_finite_differences(penalty, shape, xla):
    model = critic(shape)
    real, fake = (tf.constant(np.random.default_rng(i).normal(size=(4, *shape)), tf.float32) for i in range(2))

    @tf.function(jit_compile=xla, autograph=False)
    def loss_and_gradient():
        weights = [v.value for v in model.trainable_variables]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(
                penalty.discriminator_loss(Round(real=real, fake=fake, discriminator=model, noise=NOISE))
            )
        return loss, tape.gradient(loss, weights, unconnected_gradients="zero")

    _, gradients = loss_and_gradient()
    direction = [np.random.default_rng(7).normal(size=g.shape).astype("float32") for g in gradients]
    along = sum(float(np.sum(g * d)) for g, d in zip(gradients, direction, strict=True))
    h, start = 1e-2, model.get_weights()
    values = []
    for sign in (1, -1, 2, -2):  # fourth order
        model.set_weights([w + sign * h * d for w, d in zip(start, direction, strict=True)])
        values.append(float(loss_and_gradient()[0]))
    difference = (8 * (values[0] - values[1]) - (values[2] - values[3])) / (12 * h)
    assert along == pytest.approx(difference, rel=3e-3, abs=1e-4)
    assert abs(along) > 1e-3


def test_a_penalty_stands_aside_while_evaluating():
    round = Round(real=tf.ones((2, 2)), discriminator=linear([1.0, 1.0]), training=False)
    assert R1().discriminator_loss(round) is None


@pytest.mark.parametrize("target", [-1, float("inf"), float("nan")])
def test_target_range(target):
    with pytest.raises(ValueError, match=r"`target` must be a finite number of at least 0. Received: target="):
        GradientPenalty(target=target)
