import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import ModulatedConv2D, ScaledNoise
from keras_gan.networks import stylegan2_discriminator, stylegan2_mapping, stylegan2_synthesis
from tests.networks import counting

RNG = np.random.default_rng(0)


def normal(*shape):
    return tf.constant(RNG.normal(size=shape).astype("float32"))


def count(widths, style=512):
    """The weights of the published synthesis network, written out; noise that stays is no weight that is trained."""
    total, before = 16 * widths[0], widths[0]
    for i, maps in enumerate(widths):
        for channels in [before, maps][0 if i else 1 :]:
            total += 9 * channels * maps + style * channels + channels + maps + 1
        total += maps * 3 + style * maps + maps + 3
        before = maps
    return total


@pytest.mark.learns
def test_the_sizes_are_those_of_the_authors():
    """512 maps up to 64 pixels, then half as many with each doubling: configuration F."""
    shape = (128, 128, 3)
    synthesis = counting.trained(lambda width: stylegan2_synthesis(shape, width=width), 512, unit=2)
    assert synthesis == count([512, 512, 512, 512, 512, 256])
    mapping = counting.trained(lambda width: stylegan2_mapping(width, width=width), 512, unit=2)
    assert mapping == 8 * (512 * 512 + 512)
    blocks = [(256, 512), (512, 512), (512, 512), (512, 512), (512, 512)]
    body = sum(9 * a * a + a + 9 * a * b + b + a * b for a, b in blocks)
    judge = counting.trained(lambda width: stylegan2_discriminator(shape, width=width), 512, unit=2)
    assert judge == 4 * 256 + body + 9 * 513 * 512 + 512 + 16 * 512 * 512 + 512 + 513


@pytest.mark.learns
@pytest.mark.parametrize(("shape", "labels"), [((6, 6, 1), None), ((12, 16, 3), 4)], ids=str)
def test_the_shapes(shape, labels):
    y = [] if labels is None else [tf.constant([0, 3, 1, 2])]
    mapping = stylegan2_mapping(5, width=4, depth=2, labels=labels)
    w = mapping([normal(4, 5), *y] if y else normal(4, 5))
    assert w.shape == (4, 4)
    synthesis = stylegan2_synthesis(shape, style=4, width=4)
    fake = synthesis(tf.repeat(w[:, None], synthesis.input_shape[1], axis=1))
    assert fake.shape == (4, *shape)
    judge = stylegan2_discriminator(shape, width=[8, *[4] * (synthesis.input_shape[1] // 2 - 1)], labels=labels)
    assert judge([fake, *y] if y else fake).shape == (4, 1)
    assert stylegan2_discriminator(shape, width=4, packing=2).input_shape[-1] == 2 * shape[-1]


def squares(model, x):
    hidden = [layer.output for layer in model.layers if layer.name.startswith("hidden")]
    return [float(np.mean(np.square(maps))) for maps in keras.Model(model.inputs, hidden)(x)]


@pytest.mark.learns
def test_the_size_of_activations_at_initialization():
    """About 1 of w and of the first maps; of later ones the filters take a part, and the zeros around each map."""
    keras.utils.set_random_seed(1)
    draw = tf.random.stateless_normal
    w = stylegan2_mapping(64, width=256, depth=2)(draw((200, 64), (0, 1)))
    np.testing.assert_allclose(np.mean(np.square(w)), 1.04**2, atol=0.3)
    border = (10 / 12) ** 2  # the share of a 3x3 convolution's inputs that are no zeros, on a map of 4 pixels
    first, *others = squares(stylegan2_synthesis((16, 16, 3), style=256, width=64), tf.repeat(w[:8, None], 6, axis=1))
    np.testing.assert_allclose(first, 1.04 * border, rtol=0.3)
    assert all(0.2 < each < 0.6 for each in others)
    first, *others = squares(stylegan2_discriminator((16, 16, 3), width=64), draw((8, 16, 16, 3), (0, 2)))
    np.testing.assert_allclose(first, 1.04, atol=0.4)
    assert all(0.15 < each < 0.6 for each in others)


@pytest.mark.learns
def test_each_style_reaches_its_layers():
    """The first style scales all that follows it; the last the pixels of the whole size alone."""
    synthesis = stylegan2_synthesis((6, 6, 1), style=4, width=4)
    styles = normal(2, 4, 4)
    made = np.asarray(synthesis(styles))
    for i in range(4):
        other = np.array(styles)
        other[0, i] += 1
        changed = np.abs(synthesis(tf.constant(other)) - made).max(axis=(1, 2, 3))
        assert changed[0] > 1e-4, i
        assert changed[1] < 1e-6, i
    kinds = [type(layer) for layer in synthesis.layers]
    assert kinds.count(ModulatedConv2D) == 3 + 2
    assert kinds.count(ScaledNoise) == 3


@pytest.mark.learns
@pytest.mark.parametrize("residual", [True, False])
def test_second_derivatives_by_finite_differences(residual):
    """Of the penalty on the gradient of the score, by the picture."""
    policy = keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        model = stylegan2_discriminator((6, 6, 2), width=4, residual=residual)
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy(policy)
    layers = [layer for layer in model.layers if layer.name not in ("logits", "inputs")]
    model = keras.Model(model.inputs, layers[-1].output)  # before the score becomes float32

    def penalty(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = tf.sin(model(x))
        return tf.reduce_sum(tape.gradient(score, x) ** 2)

    x, direction, h = tf.constant(RNG.normal(size=(4, 6, 6, 2))), RNG.normal(size=(4, 6, 6, 2)), 1e-6
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = penalty(x)
    slope = (penalty(x + h * direction) - penalty(x - h * direction)) / (2 * h)
    np.testing.assert_allclose(tf.reduce_sum(direction * tape.gradient(value, x)), slope, rtol=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: stylegan2_mapping(0), "`latents` must .*Received: latents=0"),
        (lambda: stylegan2_mapping(3, depth=0), "`depth` must .*Received: depth=0"),
        (lambda: stylegan2_synthesis((100, 64, 3)), "Nearest to 100: 96 and 112. Received: image_shape="),
        (lambda: stylegan2_synthesis((8, 8, 3), style=0), "`style` must .*Received: style=0"),
        (lambda: stylegan2_discriminator((8, 8, 3), width=[4]), "`width` must be one number, or one for each of the 2"),
        (lambda: stylegan2_discriminator((8, 8, 3), width=4, residual=1), "`residual` must .*Received: residual=1"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
