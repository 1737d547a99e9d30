"""Projection, SelfAttention and PixelShuffle."""

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from keras_gan.layers import ConditionalBatchNormalization, PixelShuffle, Projection, SelfAttention
from keras_gan.play import conditions

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape).astype("float32")


def advanced(layer):
    advance = tf.function(layer.advance, autograph=False)
    for _ in range(300):
        advance()


@pytest.mark.learns
@pytest.mark.parametrize("spectral", [False, True])
def test_projection_is_its_formula(spectral):
    layer = Projection(5, spectral_normalization=spectral)
    h, y = normal(6, 8), np.array([0, 1, 2, 3, 4, 4])
    layer([h, y])
    parts = (layer.score.layer, layer.embedding.layer) if spectral else (layer.score, layer.embedding)
    for part in parts:
        part.set_weights([normal(*w.shape) for w in part.get_weights()])
    (w, b), (e,) = (part.get_weights() for part in parts)
    if spectral:
        for wrapper in (layer.score, layer.embedding):
            advanced(wrapper)
        w, e = (a / np.linalg.svd(a, compute_uv=False)[0] for a in (w, e))
    expected = h @ w + b + np.sum(e[y] * h, axis=1, keepdims=True)
    np.testing.assert_allclose(layer([h, y]), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.learns
@pytest.mark.parametrize("spectral", [False, True])
def test_attention_is_its_formula(spectral):
    layer, x = SelfAttention(spectral_normalization=spectral), normal(2, 4, 6, 16)
    np.testing.assert_array_equal(layer(x), x)  # gamma begins at 0
    layer.gamma.assign(0.7)
    kernels = []
    for name in "fghv":
        convolution = getattr(layer, name)
        kernel = normal(*convolution.kernel.shape)
        convolution.kernel.assign(kernel)
        kernel = kernel[0, 0]
        if spectral:
            advanced(convolution)
            kernel = kernel / np.linalg.svd(kernel, compute_uv=False)[0]
        kernels.append(kernel)
    f, g, h, v = kernels
    assert (f.shape, g.shape, h.shape, v.shape) == ((16, 2), (16, 2), (16, 8), (8, 16))

    def pooled(a):
        return a.reshape(2, 2, 2, 3, 2, -1).max(axis=(2, 4)).reshape(2, 6, -1)

    b = scipy.special.softmax((x @ f).reshape(2, 24, -1) @ pooled(x @ g).transpose(0, 2, 1), axis=-1)
    o = (b @ pooled(x @ h)).reshape(2, 4, 6, -1) @ v
    np.testing.assert_allclose(layer(x), x + 0.7 * o, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_shuffle_is_its_formula(factor):
    x = normal(2, 3, 4, 2 * factor**2)
    y = PixelShuffle(factor)(x).numpy()
    assert y.shape == (2, 3 * factor, 4 * factor, 2)
    for i, j, a, b, c in np.ndindex(3, 4, factor, factor, 2):
        here = y[:, factor * i + a, factor * j + b, c]
        np.testing.assert_array_equal(here, x[:, i, j, (factor * a + b) * 2 + c])


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_labels_are_not_rounded_by_the_policy(policy):
    """In bfloat16 257 would be 256; in float16 4099 would be 4100."""
    features, numbers = np.ones((3, 2), "float32"), np.array([257.0, 259.0, 4099.0], "float32")
    head = Projection(5000, dtype=policy)
    scaled = ConditionalBatchNormalization(5000, dtype=policy)
    for layer in (head, scaled):
        layer.build([(None, 2), (None,)])
    head.embedding.embeddings.assign(np.arange(5000)[:, None] % 64 * np.ones(2))
    scaled.beta.assign(np.arange(5000)[:, None] % 64 * np.ones(2))
    expected = numbers % 64
    score = np.asarray(head.score(features), "float32")[:, 0]
    np.testing.assert_allclose(np.asarray(head([features, numbers]), "float32")[:, 0] - score, 2 * expected, atol=1)
    found = np.asarray(scaled([np.zeros((3, 2), "float32"), numbers]), "float32")
    np.testing.assert_allclose(found[:, 0], expected, atol=0.1)
    inputs = keras.Input((2,)), keras.Input(())
    keras.Model(inputs, Projection(5, dtype=policy)([inputs[0], inputs[1]]))
    assert conditions.of_input(inputs[1]).is_label


@pytest.mark.parametrize("layer", [Projection(5), ConditionalBatchNormalization(5)])
def test_labels_may_be_a_column(layer):
    """`keras.Input((1,))` is what many models read labels by; a wider one is no class."""
    features, labels = normal(3, 2), np.array([4, 0, 2])
    layer([features, labels])
    layer.set_weights([normal(*weight.shape) ** 2 for weight in layer.get_weights()])
    np.testing.assert_array_equal(layer([features, labels[:, None]]), layer([features, labels]))
    column = labels[:, None].astype("int32")
    for spec in (tf.TensorSpec(None, tf.int32), tf.TensorSpec((None, None), tf.int32)):
        unknown = tf.function(lambda a, b: layer([a, b]), [tf.TensorSpec((None, 2)), spec], autograph=False)
        np.testing.assert_allclose(unknown(features, column), layer([features, labels]), rtol=1e-6)
    with pytest.raises(ValueError, match=r"Labels must be integers of shape.*Received: labels of shape \(3, 5\)"):
        layer([features, np.eye(5)[labels]])
