"""Resizing and UpSampling2D beside Keras's layers of these names."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import Resizing, UpSampling2D
from keras_gan.layers.resampling import weights

RNG = np.random.default_rng(0)
METHODS = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]


def picture(*shape):
    return tf.constant(RNG.normal(size=shape).astype("float32"))


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("method", [*METHODS, "area"])
def test_the_weights_are_those_of_tensorflow(method, antialias):
    x = picture(2, 7, 10, 3)
    for height, width in ((14, 20), (3, 4), (7, 23), (1, 10)):
        rows, columns = weights(7, height, method, antialias), weights(10, width, method, antialias)
        expected = tf.image.resize(x, (height, width), method, antialias=antialias)
        np.testing.assert_allclose(np.einsum("Hh,nhwc,Ww->nHWc", rows, x, columns), expected, atol=2e-6)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("channels", [3, 20])
def test_up_sampling_is_that_of_keras(method, data_format, channels):
    options = {"size": (2, 3), "interpolation": method, "data_format": data_format}
    x = picture(2, 5, 4, channels)
    expected = keras.layers.UpSampling2D(**options)(x)
    np.testing.assert_allclose(UpSampling2D(**options)(x), expected, atol=2e-6)
    assert UpSampling2D(**options).get_config().items() >= options.items()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"interpolation": "bicubic"},
        {"interpolation": "lanczos3", "antialias": True},
        {"interpolation": "nearest", "data_format": "channels_first"},
        {"antialias": True, "data_format": "channels_first"},
        {"crop_to_aspect_ratio": True},
        {"pad_to_aspect_ratio": True, "fill_value": -1.5},
        {"pad_to_aspect_ratio": True, "fill_value": 2.0, "data_format": "channels_first", "interpolation": "bicubic"},
    ],
    ids=str,
)
@pytest.mark.parametrize("shape", [(2, 9, 6, 3), (6, 9, 4), (1, 4, 11, 5)], ids=str)
def test_resizing_is_that_of_keras(shape, options):
    x = picture(*shape)
    for size in ((4, 7), (12, 8)):
        expected = keras.layers.Resizing(*size, **options)(x)
        np.testing.assert_allclose(Resizing(*size, **options)(x), expected, atol=3e-6)


def test_pictures_of_integers_and_of_unknown_sizes_are_as_with_keras():
    x = RNG.integers(0, 256, size=(1, 5, 4, 1)).astype("uint8")
    options = {"height": 3, "width": 7, "dtype": "uint8"}
    np.testing.assert_array_equal(Resizing(**options)(x), keras.layers.Resizing(**options)(x))
    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, Resizing(3, 4)(UpSampling2D(interpolation="bilinear")(inputs)))
    x = picture(1, 5, 4, 1)
    grown = keras.layers.UpSampling2D(interpolation="bilinear")(x)
    np.testing.assert_allclose(tf.function(model, autograph=False)(x), keras.layers.Resizing(3, 4)(grown), atol=2e-6)


def test_half_precision_is_resampled_in_float32():
    x = tf.cast(picture(1, 5, 4, 2), "bfloat16")
    y = UpSampling2D(interpolation="bicubic", dtype="mixed_bfloat16")(x)
    expected = keras.layers.UpSampling2D(interpolation="bicubic")(tf.cast(x, "float32"))
    assert y.dtype == tf.bfloat16
    np.testing.assert_array_equal(y, tf.cast(expected, "bfloat16"))
