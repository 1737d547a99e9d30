import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN
from keras_gan.layers import RandomQuadrant, ScaledNoise, SpectralNormalization
from keras_gan.networks import fastgan_discriminator, fastgan_generator
from keras_gan.noise import Noise
from keras_gan.objectives import Hinge, Reconstruction
from keras_gan.play.round import Round

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (8, 12, 12, 3)).astype("float32")


def normal(*shape):
    return tf.constant(RNG.normal(size=shape).astype("float32"))


@pytest.mark.learns
@pytest.mark.parametrize("shape", [(8, 8, 1), (12, 16, 1), (32, 32, 3)], ids=str)
def test_the_shapes(shape):
    fake = fastgan_generator(5, shape, width=1)(normal(2, 5))
    assert fake.shape == (2, *shape)
    assert np.abs(fake).max() <= 1
    made = fastgan_discriminator(shape, width=1)(fake)
    assert made["quadrant"].shape == (2,)
    assert made["whole"].shape == (2, *shape)
    assert made["part"].shape == (2, shape[0] // 2, shape[1] // 2, shape[2])
    assert fastgan_discriminator(shape, width=1, decoders=False)(fake).shape == made["output"].shape
    assert all(1 < side < 9 for side in made["output"].shape[1:3])


@pytest.mark.learns
def test_the_maps_are_those_of_the_paper():
    """At 256 pixels: 1024, 512, 256, 128, 128, 64 and 32 maps, of which those of 64 pixels and more are excited."""
    model = fastgan_generator(4, (256, 256, 3), width=8)
    hidden = [layer.output.shape[1:] for layer in model.layers if layer.name.startswith("hidden")]
    sizes, maps = [4, 8, 16, 32, 64, 128, 256], [1024, 512, 256, 128, 128, 64, 32]
    assert hidden == [(size, size, count // 8) for size, count in zip(sizes, maps, strict=True)]
    excited = [layer.output.shape[1] for layer in model.layers if isinstance(layer, keras.layers.Multiply)]
    assert excited == [64, 128, 256]
    noisy = [layer.output.shape[1] for layer in model.layers if isinstance(layer, ScaledNoise)]
    assert noisy == [8, 8, 32, 32, 128, 128]
    outputs = fastgan_discriminator((256, 256, 3), width=1).output
    assert {name: x.shape[1] for name, x in outputs.items() if len(x.shape) == 4} == {
        "output": 5,
        "whole": 128,
        "part": 128,
    }


def kernel(layer):
    return np.asarray(layer.kernel / layer.sigma())


@pytest.mark.learns
def test_an_excitation_is_its_formula():
    """The last one, of a picture of 12 pixels: from the map of 3 pixels to that of 6, and on to that of 12."""
    model = fastgan_generator(3, (12, 12, 1), width=1)
    multiply = [layer for layer in model.layers if isinstance(layer, keras.layers.Multiply)][-1]
    small, (large, gate) = model.get_layer("hidden_2").output, multiply.input
    z = normal(2, 3)
    small, large, gate, made = keras.Model(model.inputs, [small, large, gate, multiply.output])(z)
    assert small.shape[1:3] == (6, 6)
    first, second = [
        layer
        for layer in model.layers
        if isinstance(layer, SpectralNormalization) and layer.output.shape[1:3] == (1, 1)
    ][-2:]
    pooled = np.asarray(small).reshape(2, 3, 2, 3, 2, -1).mean(axis=(2, 4))
    h = np.tensordot(pooled, kernel(first), axes=3)
    expected = 1 / (1 + np.exp(-(h / (1 + np.exp(-h))) @ kernel(second)[0, 0]))
    np.testing.assert_allclose(gate[:, 0, 0], expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(made, large * gate, rtol=1e-5)


def crop(x, quadrant):
    height, width = x.shape[0] // 2, x.shape[1] // 2
    return x[quadrant // 2 * height :][:height, quadrant % 2 * width :][:, :width]


@pytest.mark.learns
def test_quadrants_are_drawn_in_training():
    layer, x = RandomQuadrant(seed=1), normal(400, 4, 6, 2)
    part, quadrant = layer(x, training=True)
    np.testing.assert_array_equal(part, [crop(each, q) for each, q in zip(x, quadrant, strict=True)])
    assert np.bincount(quadrant).min() > 60
    part, quadrant = layer(x)
    np.testing.assert_array_equal(part, x[:, :2, :3])
    np.testing.assert_array_equal(quadrant, np.zeros(400))
    assert [x.shape for x in layer(keras.Input((4, 6, 2)))] == [(None, 2, 3, 2), (None,)]


@pytest.mark.parametrize("norm", [1, 2])
def test_a_reconstruction_is_its_formula(norm):
    x, whole, part = normal(3, 8, 12, 2), normal(3, 4, 6, 2), normal(3, 4, 6, 2)
    quadrant = np.array([3, 1, 2])
    output = {"output": normal(3, 1), "whole": whole, "part": part, "quadrant": tf.constant(quadrant)}
    blocks = np.asarray(x).reshape(3, 4, 2, 6, 2, 2).mean(axis=(2, 4))
    parts = np.stack([crop(each, q) for each, q in zip(x, quadrant, strict=True)])
    expected = sum((np.abs(a - b) ** norm).mean(axis=(1, 2, 3)) for a, b in ((blocks, whole), (parts, part)))
    term, round = Reconstruction(norm), Round(real=x, real_output=output)
    np.testing.assert_allclose(term.discriminator_loss(round), expected, rtol=1e-5)
    assert term.generator_loss(round) is None
    assert term.discriminator_loss(Round(real=x, real_output=output, training=False)) is None
    with pytest.raises(ValueError, match=r"whose sides divide those of the examples.*Received: examples of shape"):
        term.discriminator_loss(Round(real=x, real_output={**output, "whole": whole[:, :3]}))


def test_a_smoothed_margin_is_drawn_for_each_score():
    r, f, noise = normal(50, 4), normal(50, 4), Noise((0, "test"))
    round = Round(real_output=r[:, :, None, None], fake_output=f[:, :, None, None], noise=noise)
    u, v = (1 - 0.2 * noise.at("hinge", kind).uniform((50, 4)) for kind in ("real", "fake"))
    expected = np.mean(np.maximum(0, u - r) + np.maximum(0, v + f), axis=1)
    np.testing.assert_allclose(Hinge(0.2).discriminator_loss(round), expected, rtol=1e-5)
    still = Round(real_output=r[:, :, None, None], fake_output=f[:, :, None, None], training=False)
    np.testing.assert_array_equal(Hinge(0.2).discriminator_loss(still), Hinge().discriminator_loss(still))
    with pytest.raises(ValueError, match=r"`smoothing` must be in \[0, 1\].*Received: smoothing=1.5"):
        Hinge(1.5)


@pytest.mark.learns
def test_a_game_is_saved_and_exported(tmp_path):
    keras.utils.set_random_seed(0)
    players = fastgan_generator(4, (12, 12, 3), width=1), fastgan_discriminator((12, 12, 3), width=1)
    gan = GAN(*players, 4, seed=0, ema=0.9)
    gan.compile(Hinge(0.2) + Reconstruction(), augmentation="diff_augment", run_eagerly=True)
    before = gan.discriminator.get_layer("part").output  # whose decoder is trained by the term alone
    weights = [w.numpy() for w in keras.Model(gan.discriminator.inputs, before).trainable_weights]
    history = gan.fit(X, batch_size=8, verbose=0).history
    assert 0 < history["d_reconstruction"][0] < 4
    after = keras.Model(gan.discriminator.inputs, before).trainable_weights
    assert all(np.abs(w - v).max() > 0 for w, v in zip(after, weights, strict=True))
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(again.generate(3, seed=1), gan.generate(3, seed=1))
    np.testing.assert_array_equal(again.discriminator(X)["whole"], gan.discriminator(X)["whole"])
    served = tf.saved_model.load(gan.export(tmp_path / "model")).signatures["serving_default"]
    z = normal(3, 4)
    np.testing.assert_allclose(served(latents=z)["images"], gan.make(z), atol=1e-5)


@pytest.mark.xla
def test_quadrants_and_reconstructions_are_the_same_with_xla():
    layer, x, made = RandomQuadrant(seed=1), normal(4, 4, 4, 2), normal(4, 4, 4, 2)
    (state,) = [v for v in layer.variables if v.path.endswith("seed_generator_state")]

    def gradient(x, made):
        with tf.GradientTape() as tape:
            tape.watch([x, made])
            part, quadrant = layer(x, training=True)
            output = {"output": x, "whole": made, "part": tf.sin(part), "quadrant": quadrant}
            loss = tf.reduce_sum(Reconstruction(2).discriminator_loss(Round(real=made, real_output=output)))
        return [loss, *tape.gradient(loss, [x, made])]

    results = []
    for jit in (False, True):
        state.assign([1, 2])
        results.append(tf.function(gradient, jit_compile=jit, autograph=False)(x, made))
    for plain, compiled in zip(*results, strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fastgan_generator(4, (100, 64, 3)), "Nearest to 100: 96 and 112. Received: image_shape="),
        (lambda: fastgan_generator(0, (8, 8, 3)), "`latents` must .*Received: latents=0"),
        (lambda: fastgan_generator(4, (8, 8, 3), width=0), "`width` must .*Received: width=0"),
        (lambda: fastgan_generator(4, (8, 8, 3), width=1, reach=0), "`reach` must .*Received: reach=0"),
        (lambda: fastgan_discriminator((16, 16, 3), decoders=1), "`decoders` must .*Received: decoders=1"),
        (lambda: RandomQuadrant()(np.ones((1, 3, 4, 2))), "of even sides. Received: input_shape="),
        (lambda: Reconstruction(3), "`norm` must be 1 or 2. Received: norm=3"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
