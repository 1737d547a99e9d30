"""What `compile` finds of the gradients that a penalty needs: in plain layers, in models in models, in subclasses."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, layers, networks, objectives
from keras_gan.noise import Noise
from keras_gan.objectives import R1, Hinge, Objective, Players
from keras_gan.objectives.penalties import Penalty
from keras_gan.play.round import Round

stock = keras.layers
SHAPE = (8, 8, 2)
MISSING = {
    "Resizing": lambda: stock.Resizing(4, 4),
    "nearest": lambda: stock.Resizing(4, 4, "nearest"),
    "lanczos": lambda: stock.Resizing(4, 4, "lanczos3"),
    "UpSampling2D": lambda: stock.UpSampling2D(interpolation="bilinear"),
    "bicubic": lambda: stock.UpSampling2D(interpolation="bicubic"),
    "Resize": lambda: lambda x: keras.ops.image.resize(x, (4, 4)),
    "Lambda": lambda: stock.Lambda(lambda x: tf.image.resize(x, (4, 4))),
}
INEXACT = {
    "BatchNormalization": stock.BatchNormalization,
    "LayerNormalization": stock.LayerNormalization,
    "GroupNormalization": lambda: stock.GroupNormalization(2),
    "RandomTranslation": lambda: stock.RandomTranslation(0.3, 0.3),
    "RandomZoom": lambda: stock.RandomZoom(0.3),
    "RandomRotation": lambda: stock.RandomRotation(0.2),
    "SpectralNormalization": lambda: stock.SpectralNormalization(stock.Conv2D(3, 3)),
}
RIGHT = [  # in this order a picture of 8 x 8 goes through all of them, one after the other
    layers.BatchNormalization,
    layers.LayerNormalization,
    lambda: layers.GroupNormalization(2),
    stock.RMSNormalization,
    stock.UnitNormalization,
    lambda: stock.BatchNormalization(trainable=False),
    lambda: layers.Resizing(4, 4),
    lambda: layers.UpSampling2D(interpolation="bicubic"),
    lambda: stock.MaxPooling2D(2, 1),
    lambda: stock.SeparableConv2D(3, 3, activation="relu"),
    stock.RandomFlip,
    lambda: stock.CenterCrop(4, 4),
    lambda: stock.Dense(3, activation=lambda x: tf.nn.leaky_relu(x, 0.3)),
]


def discriminate(*inner, shape=SHAPE, start=True):
    """A functional discriminator with layers of a kind between two convolutions."""
    x = inputs = keras.Input(shape)
    if start:
        x = stock.LeakyReLU()(stock.Conv2D(4, 3, padding="same")(x))
    for layer in inner:
        x = layer(x)
    if len(shape) == 3 and len(x.shape) == 4:
        x = stock.Conv2D(3, 3, activation="leaky_relu")(x)
    return keras.Model(inputs, stock.Dense(1)(stock.Flatten()(x)), name="d")


def compile_(discriminator, objective="hinge + r1", shape=SHAPE, **options):
    generator = keras.Sequential([keras.Input((2,)), stock.Dense(int(np.prod(shape))), stock.Reshape(shape)])
    gan = GAN(generator, discriminator, 2, seed=0)
    gan.compile(objective, **options)
    return gan


@pytest.fixture
def loud():
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="The gradient of")
        yield


@pytest.mark.learns
@pytest.mark.parametrize("name", MISSING)
def test_a_missing_gradient_is_refused(name):
    layer = MISSING[name]()
    discriminator = discriminate(layer)
    kind = name if name[0].isupper() else type(layer).__name__
    with pytest.raises(ValueError, match=rf"`objective` must have a gradient through 'd'.*'r1'.*\({kind}\)"):
        compile_(discriminator)


@pytest.mark.learns
def test_without_a_penalty_or_without_the_check_nothing_is_refused(loud):
    for options in ({"objective": "hinge + consistency_regularization"}, {"check_gradients": False}):
        compile_(discriminate(stock.Resizing(4, 4)), **options)


@pytest.mark.learns
@pytest.mark.parametrize("name", INEXACT)
def test_an_inexact_gradient_is_warned_of(name):
    with pytest.warns(UserWarning, match=rf"'r1' is inexact through the layer .*\({name}\)"):
        compile_(discriminate(INEXACT[name]()))


@pytest.mark.learns
@pytest.mark.usefixtures("loud")
def test_a_right_gradient_is_not_spoken_of():
    compile_(discriminate(*(make() for make in RIGHT)))


@pytest.mark.usefixtures("loud")
@pytest.mark.parametrize("activation", ["elu", "gelu", "hard_silu", "mish", "selu", "silu", "softplus", "tanh", "celu"])
def test_the_activations_of_keras_are_right(activation):
    from keras_gan.gradients.differences import examine

    x = tf.constant(np.random.default_rng(0).normal(size=(4, 3)).astype("float32"))
    layer = stock.Dense(3, activation=activation)
    layer(x)
    assert examine(layer, (x,), {}, [x]).kind == "right"


@pytest.mark.parametrize("objective", ["r2", "gradient_penalty", "dragan", "0.1 * r1(every=4)"])
def test_every_penalty_is_checked(objective):
    discriminator = discriminate(stock.Resizing(4, 4))
    with pytest.raises(ValueError, match=r"`keras_gan.layers.Resizing`"):
        compile_(discriminator, Players(discriminator=Hinge() + objectives.get(objective), generator=Hinge()))


class OfTheUser(Penalty):
    def penalty(self, round):
        return tf.reduce_sum(round.fake_gradient**2, axis=(1, 2, 3))


class WithoutABase(Objective):
    def discriminator_loss(self, round):
        return tf.reduce_mean(round.gradient(0.5 * (round.real + round.fake), None, "between") ** 2)


class WithoutAGradient(Objective):
    def discriminator_loss(self, round):
        return tf.reduce_mean(round.real_scores**2)


@pytest.mark.learns
def test_penalties_of_the_user_are_checked():
    discriminator = discriminate(stock.Resizing(4, 4))
    for term in (OfTheUser(), OfTheUser(every=2), WithoutABase()):
        with pytest.raises(ValueError, match=f"{term.name!r}, which has none through the layer 'resizing"):
            compile_(discriminator, Hinge() + term)
    compile_(discriminator, Hinge() + WithoutAGradient())


@pytest.mark.learns
def test_what_blocks_the_gradient_is_named():
    embedding = stock.Embedding(3, 4)
    with pytest.raises(ValueError, match=r"'r1', which has none through the layer 'embedding\w*' \(Embedding\)"):
        compile_(discriminate(stock.ReLU(), embedding, stock.Flatten(), shape=(5,), start=False), shape=(5,))
    for operation, kind in ((keras.ops.round, "Round"), (keras.ops.stop_gradient, "StopGradient")):
        with pytest.raises(ValueError, match=rf"which has none through the layer '\w+' \({kind}\)"):
            compile_(discriminate(operation, start=False))


@pytest.mark.usefixtures("loud")
@pytest.mark.parametrize("operation", [keras.ops.round, keras.ops.stop_gradient])
def test_what_has_no_gradient_is_allowed_beside_another_way(operation):
    x = keras.Input(SHAPE)
    beside = stock.Concatenate()([x, operation(x)])
    compile_(keras.Model(x, stock.Dense(1)(stock.Flatten()(beside))))


class Subclass(keras.Model):
    """A discriminator that says nothing of its graph."""

    def __init__(self, layer=None, operation=None):
        super().__init__(name="d")
        self.first, self.last = stock.Conv2D(4, 3, padding="same", activation="leaky_relu"), stock.Dense(1)
        self.second, self.given, self.flatten = stock.Conv2D(3, 3, activation="relu"), layer, stock.Flatten()
        self.run = operation or (lambda x: x)

    def call(self, x, training=False):
        x = self.first(x)
        if self.given is not None:
            x = self.given(x, training=training) if isinstance(self.given, stock.BatchNormalization) else self.given(x)
        return self.last(self.flatten(self.second(self.run(x))))


class Upwards(keras.Model):
    """One that can be made again, by a constructor without arguments."""

    def __init__(self):
        super().__init__()
        self.convolve, self.score, self.flatten = stock.Conv2D(4, 3, activation="relu"), stock.Dense(1), stock.Flatten()

    def call(self, x):
        return {"output": self.score(self.flatten(keras.ops.image.resize(self.convolve(x), (9, 9)))), "features": x}


class Plain(Upwards):
    def call(self, x):
        return self.score(self.flatten(self.convolve(x)))


@pytest.mark.learns
def test_subclassed_discriminators():
    with pytest.raises(ValueError, match=r"through the layer 'resizing\w*' \(Resizing\)"):
        compile_(Subclass(stock.Resizing(7, 7)))
    with pytest.raises(ValueError, match=r"through the layer 'd' \(Subclass\)"):
        compile_(Subclass(operation=lambda x: tf.image.resize(x, (7, 7))))
    with pytest.raises(ValueError, match=r"through the layer 'upwards\w*' \(Upwards\)"):
        compile_(Upwards())
    for layer in (stock.BatchNormalization(), stock.LayerNormalization()):
        with pytest.warns(UserWarning, match=rf"inexact through the layer '{layer.name}'"):
            compile_(Subclass(layer))


@pytest.mark.learns
@pytest.mark.usefixtures("loud")
def test_subclassed_discriminators_that_are_right():
    for player in (Subclass(layers.Resizing(7, 7)), Subclass(layers.BatchNormalization()), Plain(), Subclass()):
        compile_(player)


@pytest.mark.learns
def test_models_in_models():
    block = keras.Sequential([keras.Input((8, 8, 4)), stock.Dense(4), stock.Resizing(5, 5, name="small")])
    functional = keras.Model(block.inputs, block(block.inputs[0]))
    with pytest.raises(ValueError, match=r"the layer 'small' \(Resizing\)"):
        compile_(discriminate(functional))
    with pytest.raises(ValueError, match=r"the layer 'small' \(Resizing\)"):
        compile_(keras.Sequential([keras.Input((8, 8, 4)), block, stock.Flatten(), stock.Dense(1)], name="d"),
                 shape=(8, 8, 4))  # fmt: skip


def conditional(join):
    x, y = keras.Input(SHAPE), keras.Input((), dtype="int32")
    return keras.Model([x, y], stock.Dense(1)(join(stock.Flatten()(x), y)), name="d")


@pytest.mark.learns
@pytest.mark.usefixtures("loud")
def test_only_the_way_of_the_input_is_looked_at():
    def label_map(x, y):
        small = stock.Reshape((2, 2, 1))(stock.Embedding(3, 4)(y))
        return stock.Concatenate()([x, stock.Flatten()(stock.Resizing(4, 4)(stock.LayerNormalization()(small)))])

    z, y = keras.Input((2,)), keras.Input((), dtype="int32")
    generator = keras.Model([z, y], stock.Reshape(SHAPE)(stock.Dense(128)(z)))
    GAN(generator, conditional(label_map), 2, labels=3).compile("hinge + r1")
    x = keras.Input(SHAPE)
    aside = {"output": stock.Dense(1)(stock.Flatten()(x)), "features": stock.Flatten()(stock.Resizing(4, 4)(x))}
    compile_(keras.Model(x, aside))


@pytest.mark.learns
@pytest.mark.usefixtures("loud")
def test_no_false_alarm_for_the_networks_in_half_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        players = [
            networks.dcgan_discriminator(SHAPE, filters=4, hidden=4, normalization="batch", dropout=0.2),
            networks.dcgan_discriminator((8, 8, 1), filters=4, hidden=0, normalization="layer", packing=2),
            networks.resnet_discriminator(SHAPE, filters=8),
            networks.autoencoder_discriminator(SHAPE, hidden=(4,), norm=1),
            networks.mlp_discriminator(SHAPE, hidden=(4,), pieces=3, dropout=0.1),
        ]
        for player in players:
            shape, packing = ((8, 8, 1), 2) if player is players[1] else (SHAPE, 1)
            generator = keras.Sequential([keras.Input((2,)), stock.Dense(int(np.prod(shape))), stock.Reshape(shape)])
            GAN(generator, player, 2, packing=packing).compile("wasserstein + gradient_penalty")
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.learns
def test_half_precision_is_checked_too():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        with pytest.raises(ValueError, match=r"through the layer 'resizing"):
            compile_(discriminate(stock.Resizing(4, 4)))
        with pytest.warns(UserWarning, match=r"through the layer 'layer_normalization"):
            compile_(discriminate(stock.LayerNormalization()))
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.learns
def test_nothing_is_changed():
    import random

    discriminator = discriminate(stock.BatchNormalization(), stock.Dropout(0.5), stock.RandomFlip())
    discriminator.add_weight(shape=(), name="more")
    compile_(discriminator, check_gradients=False)
    before = [w.numpy() for w in discriminator.variables]
    random.seed(3)
    with pytest.warns(UserWarning, match="BatchNormalization"):
        compile_(discriminator)
    drawn = random.random()
    for variable, value in zip(discriminator.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    random.seed(3)
    compile_(discriminator, check_gradients=False)
    assert random.random() == drawn
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.learns
def test_a_loaded_game_is_not_checked_again(tmp_path, loud):
    gan = compile_(discriminate(stock.Resizing(4, 4)), check_gradients=False)
    gan.save(tmp_path / "gan.keras")
    assert keras.models.load_model(tmp_path / "gan.keras").get_compile_config()["check_gradients"] is False
    gan = compile_(discriminate(layers.Resizing(4, 4)))
    gan.save(tmp_path / "gan.keras")
    assert keras.models.load_model(tmp_path / "gan.keras").get_compile_config()["check_gradients"] is True
    with pytest.raises(ValueError, match=r"`check_gradients` must .*Received: check_gradients='no'"):
        gan.compile(check_gradients="no")


def test_a_gradient_that_is_twice_too_large_is_told_as_that():
    from keras_gan.gradients.differences import examine

    @tf.custom_gradient
    def twice(x):
        return 3 * x, lambda dy: 6 * dy

    class Twice(stock.Layer):
        def call(self, x):
            return twice(x)

    x = tf.constant(np.random.default_rng(0).normal(size=(4, 3)).astype("float32"))
    verdict = examine(Twice(), (x,), {}, [x])
    assert verdict.kind == "inexact"
    assert verdict.tape == pytest.approx(2 * verdict.difference, rel=1e-6)


@pytest.mark.learns
def test_replicas_are_checked_too(loud):
    reduction = tf.distribute.ReductionToOneDevice()
    strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"], cross_device_ops=reduction)
    with strategy.scope():
        with pytest.raises(ValueError, match=r"through the layer 'resizing"):
            compile_(discriminate(stock.Resizing(4, 4)))
        with pytest.warns(UserWarning, match=r"through the layer 'layer_normalization"):
            compile_(discriminate(stock.LayerNormalization()))
        compile_(discriminate(stock.BatchNormalization()))  # which is synchronized in training


@pytest.mark.learns
@pytest.mark.parametrize("penalty", [objectives.R1, objectives.R2, objectives.GradientPenalty, objectives.DRAGAN])
def test_penalties_through_the_layers_of_the_library_have_their_gradient(penalty):
    rng = np.random.default_rng(0)
    x = inputs = keras.Input(SHAPE)
    for layer in (layers.Resizing(5, 6), layers.BatchNormalization(), layers.UpSampling2D(interpolation="bicubic"),
                  layers.LayerNormalization(), layers.GroupNormalization(2)):  # fmt: skip
        x = layer(stock.Conv2D(4, 3, padding="same", activation="tanh")(x))
    discriminator = keras.Model(inputs, stock.Dense(1)(stock.Flatten()(x)))
    real, fake = (tf.constant(rng.normal(size=(4, *SHAPE)).astype("float32")) for _ in range(2))
    weights = [w.value for w in discriminator.trainable_variables]
    directions = [0.1 * rng.normal(size=w.shape).astype("float32") for w in weights]
    before = [w.numpy() for w in weights]

    def value():
        round = Round(real=real, fake=fake, discriminator=discriminator, noise=Noise((0,)))
        return tf.reduce_mean(penalty().discriminator_loss(round))

    with tf.GradientTape() as tape:
        loss = value()
    gradients = tape.gradient(loss, weights, unconnected_gradients="zero")
    slope, ends = sum(float(tf.reduce_sum(g * d)) for g, d in zip(gradients, directions, strict=True)), []
    for h in (2e-3, -2e-3):
        for w, start, d in zip(discriminator.trainable_variables, before, directions, strict=True):
            w.assign(start + h * d)
        ends.append(float(value()))
    assert slope == pytest.approx((ends[0] - ends[1]) / 4e-3, rel=5e-3)


def test_r1_by_hand():
    assert R1().differentiates_input
    assert (Hinge() + 2 * R1()).differentiates_input
    assert Players(discriminator=R1() + Hinge()).differentiates_input
    assert not Players(generator=Hinge()).differentiates_input
    assert not objectives.get("hinge + consistency_regularization").differentiates_input
