"""The walk between two latents as a graph: what `keras_gan.latents.interpolate` is in NumPy."""

import tensorflow as tf

from keras_gan.latents import Latents, Normal, Sphere, TruncatedNormal


def mode(latents: Latents) -> str:
    """The walk that fits a prior: spherical where all directions are alike, else linear."""
    return "spherical" if isinstance(latents, Normal | Sphere | TruncatedNormal) else "linear"


def walk(start: tf.Tensor, end: tf.Tensor, steps: tf.Tensor, latents: Latents) -> tf.Tensor:
    """`steps` points from `start` (dim,) to `end` (dim,), both included: (steps, dim), float32."""
    a, b = tf.cast(start, tf.float64), tf.cast(end, tf.float64)
    t = tf.cast(tf.range(steps), tf.float64)[:, None] / tf.cast(steps - 1, tf.float64)
    path = (1 - t) * a + t * b
    if mode(latents) == "spherical":
        lengths = tf.norm(a) * tf.norm(b)
        angle = tf.acos(tf.clip_by_value(tf.math.divide_no_nan(tf.reduce_sum(a * b), lengths), -1, 1))
        sine = tf.sin(angle)
        arc = (tf.sin((1 - t) * angle) * a + tf.sin(t * angle) * b) / tf.where(sine > 1e-6, sine, 1)
        path = tf.where((sine > 1e-6) & (lengths > 0), arc, path)
    return tf.cast(path, tf.float32)
