"""The most operations a second that this machine reaches in a matrix product and in a convolution."""

import time

import tensorflow as tf

MATRICES = ((1024, 1024, 1024), (2048, 2048, 2048), (4096, 1024, 4096), (6272, 1152, 128))  # the last: as below
PICTURES = (
    (64, 28, 64, 128, 3),
    (64, 14, 128, 128, 3),
    (32, 32, 64, 64, 3),
    (32, 16, 256, 256, 3),
    (64, 28, 128, 128, 4),
)
REPEATS, ATTEMPTS = 4, 5


def measure() -> dict[str, dict[str, float]]:
    """Measures the most GFLOP a second of some shapes: `{"float32": {"matmul": ..., "conv": ...}, ...}`."""
    return {
        dtype: {
            "matmul": round(max(_product(*shape, dtype) for shape in MATRICES), 1),
            "conv": round(max(_convolution(*shape, dtype) for shape in PICTURES), 1),
        }
        for dtype in ("float32", "bfloat16")
    }


def _product(rows, inner, columns, dtype):
    a, b = _normal((rows, inner), dtype), _normal((inner, columns), dtype)
    return 2e-9 * rows * inner * columns / _seconds(lambda a: tf.matmul(a, b), a)


def _convolution(count, side, channels, maps, size, dtype):
    x, kernel = _normal((count, side, side, channels), dtype), _normal((size, size, channels, maps), dtype)
    work = 2e-9 * count * side * side * size * size * channels * maps
    return work / _seconds(lambda x: tf.nn.conv2d(x, kernel, 1, "SAME"), x)


def _normal(shape, dtype):
    return tf.cast(tf.random.stateless_normal(shape, (0, 0)), dtype)


def _seconds(call, x):
    """Measures seconds of one call, the best attempt; the inputs differ, so that no call is left out."""
    run = tf.function(lambda *xs: [call(x) for x in xs])
    xs = [x + tf.cast(i, x.dtype) for i in range(REPEATS)]
    best = float("inf")
    for _ in range(ATTEMPTS + 1):  # the first one traces
        tf.test.experimental.sync_devices()
        began = time.perf_counter()
        run(*xs)
        tf.test.experimental.sync_devices()
        best = min(best, time.perf_counter() - began)
    return best / REPEATS
