"""Penalties differentiate at the picture before the augmentation, or at what it gave."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import GAN, Noise, Round, augmentations, networks
from keras_gan.objectives import DRAGAN, R1, R2, ConsistencyRegularization, GradientPenalty, Objective, Wasserstein
from keras_gan.play.packing import pack, unpack
from keras_gan.play.round import Pictures
from keras_gan.replay import FakePool

NOISE = Noise((0, "test"))
RNG = np.random.default_rng(0)


@keras.saving.register_keras_serializable("tests")
class Times(augmentations.Augmentation):
    """Multiplies by 3."""

    def call(self, x, noise):
        return 3.0 * x


def sizes(penalties_at, penalties, packing=1, **options):
    """What is logged of penalties in one step of a linear discriminator without a bias and a generator of its own."""
    keras.utils.set_random_seed(0)
    discriminator = keras.Sequential(
        [keras.Input((2 * packing,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(3,)), discriminator, 2, seed=0, packing=packing)
    objective = sum((0.5 * penalty for penalty in penalties), start=Wasserstein())
    gan.compile(objective, "sgd", "sgd", penalties_at=penalties_at, run_eagerly=True, **options)
    history = gan.fit(np.ones((8, 2), "float32"), batch_size=8, verbose=0).history
    return [history[f"d_{penalty.name}"][0] for penalty in penalties]


@pytest.mark.learns
@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("packing", [1, 2])
def test_the_gradient_is_by_the_picture_by_default(packing, every):
    """D(A(x)) with A(x) = 3 x and D the sum of all numbers: its gradient by x is 3 everywhere, by A(x) 1."""
    penalties = [kind(every=every) for kind in (R1, R2, GradientPenalty, DRAGAN)]
    for place, slope in (("picture", 3.0), ("augmented", 1.0)):
        measured = sizes(place, penalties, packing, augmentation=Times(), replay=FakePool(4))
        norm = slope * np.sqrt(2 * packing)
        expected = [norm**2 / 2, norm**2 / 2, (norm - 1) ** 2, (norm - 1) ** 2]
        assert measured == pytest.approx([every * size for size in expected], rel=1e-5)


class Through(augmentations.Augmentation):
    """What a function gives."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x, noise):
        return self.function(x)


def compiled_with(function, objective="hinge + r1", **options):
    generator = networks.mlp_generator(2, (4, 4, 1), hidden=(3,))
    gan = GAN(generator, networks.mlp_discriminator((4, 4, 1), hidden=(3,)), 2)
    gan.compile(objective, augmentation=[Through(function), "instance_noise"], **options)


@pytest.mark.learns
@pytest.mark.parametrize(
    "function",
    [lambda x: tf.image.resize(tf.image.resize(x, (8, 8)), (4, 4)), lambda x: tf.round(x), tf.stop_gradient],
    ids=["bilinear", "round", "stopped"],
)
def test_an_augmentation_that_has_no_second_gradient_is_refused(function):
    with pytest.raises(ValueError, match=r"`augmentation` must be differentiable twice.*`penalties_at='augmented'`"):
        compiled_with(function)
    for objective, options in (("hinge", {}), ("hinge + r1", {"penalties_at": "augmented"})):
        compiled_with(function, objective, **options)
    compiled_with(function, check_gradients=False)


@pytest.mark.learns
def test_an_augmentation_whose_gradient_is_not_that_of_its_values_is_warned_of():
    with pytest.warns(UserWarning, match=r"The gradient of 'r1' is inexact through <Chain"):
        compiled_with(lambda x: 2 * x + tf.stop_gradient(x))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compiled_with(lambda x: tf.tanh(x) + x[:, ::-1])
    assert not [each for each in caught if "inexact" in str(each.message)]


@pytest.mark.learns
def test_the_default_and_what_is_refused():
    assert sizes("picture", [R1()], augmentation=Times()) != sizes("augmented", [R1()], augmentation=Times())
    gan = GAN(networks.mlp_generator(2, (2,)), networks.mlp_discriminator((2,)), 2)
    gan.compile()
    assert gan.penalties_at == "picture"
    with pytest.raises(
        ValueError, match=r"`penalties_at` must be 'picture' or 'augmented'. Received: penalties_at='x'"
    ):
        gan.compile(penalties_at="x")


@pytest.mark.learns
def test_without_an_augmentation_nothing_differs():
    objective = "wasserstein + r1 + r2(every=2) + gradient_penalty + dragan + consistency_regularization"
    results = []
    for place in ("picture", "augmented"):
        keras.utils.set_random_seed(0)
        generator = networks.mlp_generator(2, (4, 4, 1), hidden=(3,))
        gan = GAN(generator, networks.mlp_discriminator((4, 4, 1), hidden=(3,)), 2, seed=0)
        gan.compile(objective, penalties_at=place, run_eagerly=True)
        gan.fit(RNG.normal(size=(16, 4, 4, 1)).astype("float32") * 0 + 0.5, batch_size=8, verbose=0)
        results.append(gan.get_weights())
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.learns
def test_what_a_file_was_compiled_with_is_kept(tmp_path):
    gan = GAN(networks.mlp_generator(2, (2,)), networks.mlp_discriminator((2,)), 2)
    for place in ("picture", "augmented"):
        gan.compile("hinge + r1", augmentation=Times(), penalties_at=place)
        gan.save(tmp_path / "gan.keras")
        assert keras.models.load_model(tmp_path / "gan.keras").penalties_at == place
    old = gan.get_compile_config()
    del old["penalties_at"]  # version 0.1 differentiated at what the augmentation gave, and goes on
    gan.compile_from_config(old)
    assert gan.penalties_at == "augmented"


@pytest.mark.learns
def test_a_users_penalty_sees_the_picture_and_other_objectives_what_the_discriminator_is_shown():
    seen = {}

    class Mine(R1):
        def penalty(self, round):
            seen["penalty"] = round.real.numpy(), round.fake.numpy(), round.real_gradient.numpy()
            return super().penalty(round)

    class Other(Objective):
        def discriminator_loss(self, round):
            seen["other"] = round.real.numpy(), round.fake.numpy(), round.real_gradient.numpy()
            return 0 * tf.reduce_mean(round.real_scores)

    keras.utils.set_random_seed(0)
    discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(3,)), discriminator, 2, seed=0)
    gan.compile(Wasserstein() + Mine() + Other(), augmentation=Times(), run_eagerly=True)
    gan.train_step(tf.ones((4, 2)))
    for picture, shown in zip(seen["penalty"][:2], seen["other"][:2], strict=True):
        np.testing.assert_allclose(3 * picture, shown, rtol=1e-6)
    np.testing.assert_allclose(seen["penalty"][2], 3 * seen["other"][2], rtol=1e-6)


def test_consistency_is_that_of_the_discriminator_with_its_augmentation():
    """(D(A(x)) - D(A(T(x))))^2, with the same draws of A."""
    model = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dense(1)])
    x = tf.constant(RNG.normal(size=(5, 6, 6, 1)), tf.float32)
    ada, shift = augmentations.AdaptiveAugmentation(p=1.0), augmentations.DiffAugment("translation")

    def augment(x, name):
        return ada(x, noise=NOISE.at("augmentation", name))

    pictures = Pictures({"real": x, "fake": x}, augment)
    round = Round(real=pictures.shown["real"], pictures=pictures, discriminator=model, noise=NOISE)
    moved = shift(x, noise=NOISE.at("consistency", "augmentation"))
    expected = (model(augment(x, "real")) - model(augment(moved, "real"))).numpy()[:, 0] ** 2
    loss = ConsistencyRegularization(shift).discriminator_loss(round)
    np.testing.assert_allclose(loss, expected, rtol=1e-3, atol=1e-6)
    assert np.max(expected) > 1e-4


def test_packs_are_taken_apart_and_put_together():
    x = tf.constant(RNG.normal(size=(6, 2, 3)))
    for count in (1, 2, 3):
        np.testing.assert_array_equal(unpack(pack(x, count), count), x)


EACH = {
    "color": augmentations.DiffAugment("color"),
    "translation": augmentations.DiffAugment("translation"),
    "cutout": augmentations.DiffAugment("cutout"),
    "blit": augmentations.AdaptiveAugmentation("blit", p=0.9),
    "geometric": augmentations.AdaptiveAugmentation("geometric", p=0.9),
    "ada color": augmentations.AdaptiveAugmentation("color", p=0.9),
    "instance noise": augmentations.InstanceNoise(0.3),
    "chain": augmentations.get(["diff_augment", "instance_noise"]),
}


UNDER_XLA = ("translation", "cutout", "blit", "instance noise")  # warps of one kind, and all that is compiled quickly


@pytest.mark.learns
@pytest.mark.parametrize(
    ("name", "jit_compile"),
    [*((name, False) for name in EACH), *(pytest.param(name, True, marks=pytest.mark.xla) for name in UNDER_XLA)],
)
def test_second_derivatives_through_each_augmentation(name, jit_compile):
    """The gradient of R1 + R2 by the weights, along a direction, against a central difference, in float64."""
    augmentation = EACH[name]
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("float64")
    try:
        body = [layers.Conv2D(2, 3, activation="tanh"), layers.Flatten(), layers.Dense(1)]
        model = keras.Sequential([keras.Input((6, 6, 3)), *body])
    finally:
        keras.config.set_dtype_policy("float32")
    rng = np.random.default_rng(1)
    real, fake = (tf.constant(rng.normal(size=(3, 6, 6, 3))) for _ in range(2))
    weights = [variable.value for variable in model.trainable_variables]
    start = [np.array(weight) for weight in weights]
    direction = [rng.normal(size=weight.shape) for weight in weights]

    @tf.function(jit_compile=jit_compile, autograph=False)
    def penalty():
        with tf.GradientTape() as tape:
            pictures = Pictures(
                {"real": real, "fake": fake}, lambda x, name: augmentation(x, noise=NOISE.at("augmentation", name))
            )
            round = Round(**pictures.shown, pictures=pictures, discriminator=model, noise=NOISE)
            loss = sum(tf.reduce_sum(term.discriminator_loss(round)) for term in (R1(), R2(), GradientPenalty()))
        return tf.cast(loss, tf.float64), tape.gradient(loss, weights)

    def at(step):
        for weight, value, along in zip(weights, start, direction, strict=True):
            weight.assign(value + step * along)
        return penalty()

    gradients = at(0.0)[1]
    expected = (float(at(1e-3)[0]) - float(at(-1e-3)[0])) / 2e-3
    measured = sum(float(tf.reduce_sum(g * d)) for g, d in zip(gradients, direction, strict=True) if g is not None)
    assert measured == pytest.approx(expected, rel=2e-3, abs=1e-2)
    assert abs(expected) > 0.1
