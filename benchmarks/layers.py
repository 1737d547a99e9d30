"""Layers that are computed in another way than Keras does: a step of a gradient penalty through each, beside Keras's.

    python -m benchmarks.layers                  # writes benchmarks/layers.json: a minute of one core

A step is the output, the gradient of its sine by the input, and the gradient of that one's squares by the weights, or
by the input where there are none. Of several steps the fastest counts; both sides are checked to give the same.
"""

import json
import pathlib
import time

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags
from keras import layers

from benchmarks import commit
from keras_gan.layers import FilteredResampling2D, GroupedConv2D
from keras_gan.networks import r3gan_discriminator

OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")
TAPS = np.outer([1, 2, 1], [1, 2, 1]) / 16


def step_of(model):
    """Returns a function of a batch, traced: the second gradients through a model."""

    @tf.function(autograph=False)
    def step(x):
        weights = [weight.value for weight in model.trainable_variables] or [x]
        with tf.GradientTape() as outer:
            outer.watch(weights)
            with tf.GradientTape() as tape:
                tape.watch(x)
                score = tf.reduce_sum(tf.sin(model(x, training=True)))
            penalty = tf.reduce_sum(tape.gradient(score, x) ** 2)
        return outer.gradient(penalty, weights)

    return step


def milliseconds(model, x, times):
    """Returns the fastest of some steps, and their gradients."""
    step, found = step_of(model), []
    for _ in range(times + 1):
        began = time.perf_counter()
        gradients = step(x)
        found.append(1000 * (time.perf_counter() - began))
    return min(found[1:]), gradients


def grouped(kind):
    """Makes 64 channels of 16x16 pixels in groups of 16."""
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((16, 16, 64)), kind(64, 3, padding="same", groups=4)])


def halved(ours):
    """Makes 64 channels of 32x32 pixels, halved by the filter [1, 2, 1]."""
    if ours:
        return keras.Sequential([keras.Input((32, 32, 64)), FilteredResampling2D(down=2, taps=(1, 2, 1))])
    kernel = keras.initializers.Constant(TAPS.reshape(3, 3, 1, 1))
    layer = layers.DepthwiseConv2D(3, 2, use_bias=False, depthwise_initializer=kernel, trainable=False)
    return keras.Sequential([keras.Input((32, 32, 64)), layers.ZeroPadding2D(((1, 0), (1, 0))), layer])


def doubled(ours):
    """Makes 64 channels of 16x16 pixels, doubled and filtered by [1, 2, 1]; Keras's by the nearest pixel."""
    if ours:
        return keras.Sequential([keras.Input((16, 16, 64)), FilteredResampling2D(up=2, taps=(1, 2, 1))])
    layer = layers.DepthwiseConv2D(2, use_bias=False, depthwise_initializer=keras.initializers.Constant(0.25))
    layer.trainable = False
    pad = layers.ZeroPadding2D(((1, 0), (1, 0)))
    return keras.Sequential([keras.Input((16, 16, 64)), layers.UpSampling2D(), pad, layer])


def r3gan_by_keras(width):
    """Builds R3GAN's discriminator of 32x32 pixels with a block a stage, of Keras's layers alone."""
    image = keras.Input((32, 32, 3))
    x = layers.Conv2D(width, 1, use_bias=False)(image)
    for stage in range(4):
        if stage:
            kernel = keras.initializers.Constant(TAPS.reshape(3, 3, 1, 1))
            x = layers.ZeroPadding2D(((1, 0), (1, 0)))(x)
            x = layers.DepthwiseConv2D(3, 2, use_bias=False, depthwise_initializer=kernel, trainable=False)(x)
        h = layers.LeakyReLU(negative_slope=0.2)(layers.Conv2D(2 * width, 1)(x))
        h = layers.Conv2D(2 * width, 3, padding="same", groups=2 * width // 16)(h)
        h = layers.Conv2D(width, 1, use_bias=False)(layers.LeakyReLU(negative_slope=0.2)(h))
        x = layers.Add()([x, h])
    x = layers.Flatten()(layers.DepthwiseConv2D(4, use_bias=False)(x))
    return keras.Model(image, layers.Dense(1, use_bias=False)(x))


def compare(name, ours, theirs, shape, times):
    """Returns a row of the record; the other side takes the weights of this one."""
    x = tf.constant(np.random.default_rng(0).normal(size=shape).astype("float32"))
    weights = [weight.numpy() for weight in ours.trainable_variables]
    for variable, value in zip(theirs.trainable_variables, weights, strict=True):
        variable.assign(value)
    here, first = milliseconds(ours, x, times)
    there, second = milliseconds(theirs, x, max(1, times // 5))
    off = max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(first, second, strict=True) if a is not None)
    row = {"what": name, "input": list(shape), "ms": round(here, 2), "keras_ms": round(there, 2), "off": off}
    print(row, flush=True)
    return {**row, "keras_over_ours": round(there / here, 1)}


def main(argv):
    del argv
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    began = time.process_time()
    r3gan = r3gan_discriminator((32, 32, 3), width=32, blocks=1)
    rng = np.random.default_rng(1)
    for weight in r3gan.trainable_variables:  # its last convolutions begin at 0, and would take part in nothing
        weight.assign(0.2 * rng.normal(size=weight.shape))
    rows = [
        compare("grouped convolution", grouped(GroupedConv2D), grouped(layers.Conv2D), (16, 16, 16, 64), 10),
        compare("halved by [1, 2, 1]", halved(True), halved(False), (16, 32, 32, 64), 10),
        compare("doubled by [1, 2, 1]", doubled(True), doubled(False), (16, 16, 16, 64), 10),
        compare("R3GAN's discriminator, width 32", r3gan, r3gan_by_keras(32), (8, 32, 32, 3), 5),
    ]
    record = {
        "command": "python -m benchmarks.layers",
        "commit": commit(),
        "threads": 1,
        "rows": rows,
        "processor_seconds": round(time.process_time() - began),
    }
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
