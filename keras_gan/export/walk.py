"""The walk between two latents as a graph, like `keras_gan.latents.interpolate` in NumPy."""

import math

import tensorflow as tf

from keras_gan.latents import Latents, Normal, Sphere, TruncatedNormal
from keras_gan.latents.interpolation import PARALLEL


def mode(latents: Latents) -> str:
    """Returns the kind of walk for a prior: `"spherical"` if it is isotropic, otherwise `"linear"`."""
    return "spherical" if isinstance(latents, Normal | Sphere | TruncatedNormal) else "linear"


def walk(start: tf.Tensor, end: tf.Tensor, steps: tf.Tensor, latents: Latents) -> tf.Tensor:
    """Returns `steps` points from `start` (dim,) to `end` (dim,), both included: (steps, dim), float32."""
    a, b = tf.cast(start, tf.float64), tf.cast(end, tf.float64)
    t = tf.cast(tf.range(steps), tf.float64)[:, None] / tf.cast(steps - 1, tf.float64)
    path = (1 - t) * a + t * b
    if mode(latents) == "spherical":
        path = _arc(a, b, t, path)
    return tf.cast(path, tf.float32)


def _arc(a, b, t, straight):
    length_a, length_b = tf.norm(a), tf.norm(b)
    lengths = length_a * length_b
    angle = tf.acos(tf.clip_by_value(tf.math.divide_no_nan(tf.reduce_sum(a * b), lengths), -1, 1))
    sine = tf.sin(angle)
    arc = (tf.sin((1 - t) * angle) * a + tf.sin(t * angle) * b) / tf.where(sine > PARALLEL, sine, 1)
    unit = tf.math.divide_no_nan(a, length_a)
    half_turn = (1 - t) * length_a + t * length_b
    half_turn *= tf.cos(math.pi * t) * unit + tf.sin(math.pi * t) * _across(unit)
    opposite = (angle > math.pi / 2) & (a.shape[-1] > 1)
    return tf.where(lengths > 0, tf.where(sine > PARALLEL, arc, tf.where(opposite, half_turn, straight)), straight)


def _across(unit):
    axis = tf.one_hot(tf.argmin(tf.abs(unit)), unit.shape[-1], dtype=unit.dtype)
    across = axis - tf.reduce_sum(axis * unit) * unit
    return tf.math.divide_no_nan(across, tf.norm(across))
