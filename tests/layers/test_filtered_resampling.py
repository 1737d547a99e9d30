"""FilteredResampling2D beside zeros, a convolution and a stride; GroupedConv2D beside Keras's groups."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import FilteredResampling2D, GroupedConv2D

RNG = np.random.default_rng(0)


def written_out(x, up, down, taps, padding):
    """Zeros between the pixels and around them, a full sum at each place, and every so many-th of it."""
    taps = np.asarray(taps, float) / np.sum(taps) * up
    for axis in (1, 2):
        x = np.moveaxis(x, axis, 0)
        wide = np.zeros((len(x) * up, *x.shape[1:]))
        wide[::up] = x
        wide = np.concatenate([np.zeros((padding[0], *x.shape[1:])), wide, np.zeros((padding[1], *x.shape[1:]))])
        lines = [np.tensordot(taps, wide[k : k + len(taps)], 1) for k in range(len(wide) - len(taps) + 1)]
        x = np.moveaxis(np.stack(lines[::down]), 0, axis)
    return x


@pytest.mark.parametrize(
    ("up", "down", "taps", "padding", "default"),
    [
        (2, 1, (1, 2, 1), (2, 0), True),
        (2, 1, (1, 3, 3, 1), (2, 1), True),
        (1, 2, (1, 2, 1), (1, 0), True),
        (1, 2, (1, 3, 3, 1), (1, 1), True),
        (1, 1, (1, 3, 3, 1), (2, 1), True),
        (1, 1, (1, 3, 3, 1), (2, 2), False),
        (3, 2, (1, 2, 5), (1, 4), False),
    ],
)
def test_it_is_the_sum_that_is_written_out(up, down, taps, padding, default):
    x = RNG.normal(size=(2, 6, 4, 3)).astype("float32")
    layer = FilteredResampling2D(up, down, taps, None if default else padding)
    assert tuple(layer.padding) == padding
    y = layer(x)
    np.testing.assert_allclose(y, written_out(x, up, down, taps, padding), atol=1e-5)
    assert y.shape == layer.compute_output_shape(x.shape)
    assert not default or y.shape == (2, 6 * up // down, 4 * up // down, 3)


@pytest.mark.parametrize("taps", [(1, 2, 1), (1, 3, 3, 1)])
def test_a_constant_picture_stays_constant_inside(taps):
    ones = np.ones((1, 8, 8, 1), "float32")
    for layer in (FilteredResampling2D(2, taps=taps), FilteredResampling2D(down=2, taps=taps)):
        np.testing.assert_allclose(layer(ones)[:, 1:-1, 1:-1], 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("channels", "options"),
    [
        (12, {"filters": 24, "groups": 4}),
        (64, {"filters": 64, "groups": 4, "kernel_size": 1}),  # one group in each convolution
        (48, {"filters": 48, "groups": 3, "strides": 2, "use_bias": False}),
        (8, {"filters": 8, "groups": 8, "padding": "valid", "dilation_rate": 2}),
        (8, {"filters": 6}),
    ],
    ids=str,
)
def test_groups_are_those_of_keras(channels, options):
    options = {"kernel_size": 3, "padding": "same", "bias_initializer": "ones", **options}
    x = tf.constant(RNG.normal(size=(2, 5, 6, channels)).astype("float32"))
    ours, theirs = GroupedConv2D(**options), keras.layers.Conv2D(**options)
    theirs.build(x.shape)
    assert ours(x).shape == ours.compute_output_shape(x.shape)
    theirs.set_weights(ours.get_weights())
    groups, parts = options.get("groups", 1), []
    for part, kernel in zip(np.split(x, groups, -1), np.split(ours.kernel, groups, -1), strict=True):
        convolve = keras.ops.conv  # of one group, which is TensorFlow's
        parts.append(convolve(part, kernel, theirs.strides, theirs.padding, "channels_last", theirs.dilation_rate))
    expected = np.concatenate(parts, -1) + (1 if theirs.use_bias else 0)
    np.testing.assert_allclose(ours(x), expected, atol=1e-5)
    assert theirs.kernel.shape == ours.kernel.shape


@pytest.mark.parametrize("options", [{"up": 2}, {"down": 2}])
def test_doubles_are_filtered_in_full_precision(options):
    x = RNG.normal(size=(1, 4, 4, 1))
    layer = FilteredResampling2D(taps=(0.1, 0.7, 0.3), padding=(1, 1), dtype="float64", **options)
    expected = written_out(x, options.get("up", 1), options.get("down", 1), (0.1, 0.7, 0.3), (1, 1))
    np.testing.assert_allclose(layer(x), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("options", [{"up": 2, "taps": (1,)}, {"down": 2, "taps": (1,)}, {"up": 3, "taps": (1, 1)}])
def test_short_filters_need_a_padding(options):
    with pytest.raises(
        ValueError, match=r"`padding` must be given for fewer `taps` than `up` or `down`. Received: taps="
    ):
        FilteredResampling2D(**options)
