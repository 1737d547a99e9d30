"""Randomly rotated, sheared, scaled and shifted pictures, as augmentation for classifiers."""

import keras
import tensorflow as tf

from keras_gan.augmentations.pixels import warp


class Bent(keras.layers.Layer):
    """Reads each picture at (I + bend A) p + move b for a pixel p from the centre, A and b normal, in training.

    Args:
        bend: How far pictures are turned, slanted and scaled.
        move: How many pixels they are moved.
    """

    def __init__(self, bend: float, move: float = 1.0):
        super().__init__()
        self.bend, self.move, self.seed_generator = bend, move, keras.random.SeedGenerator()

    def call(self, inputs, training=False):
        """Returns pictures (N, height, width, channels)."""
        if not training:
            return inputs
        n, sides = tf.shape(inputs)[0], inputs.shape[1:3]
        a, b = tf.split(keras.random.normal((n, 2, 3), seed=self.seed_generator), [2, 1], axis=2)
        axes = [tf.range(side, dtype="float32") - (side - 1) / 2 for side in sides]
        places = tf.reshape(tf.stack(tf.meshgrid(*axes, indexing="ij")), (2, -1))
        read = tf.reshape(places + self.bend * a @ places + self.move * b, (n, 2, *sides))
        rows, columns = (read[:, axis] + (sides[axis] - 1) / 2 for axis in (0, 1))
        return warp(inputs, rows, columns)

    def compute_output_shape(self, input_shape):
        return input_shape
