"""The time of one training step, against hand-written code in the style of the Keras guides, in one run, alternating.

    python -m benchmarks.step                  # writes benchmarks/step.json

Both sides get the same networks (fresh copies), the same batches from the same pipeline, Adam and `fit`. A pair is an
epoch of one side, then an epoch of the other, and the next pair in the other order; what counts is the ratio pair by
pair, as the machine's speed drifts. Compilation is over before the first pair.
"""

import json
import os
import pathlib
import platform
import time

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from benchmarks import commit
from keras_gan import GAN, data, networks

PAIRS = flags.DEFINE_integer("pairs", 9, "How many pairs of epochs are timed.", lower_bound=3)
STEPS = flags.DEFINE_integer("steps", 200, "Steps an epoch.", lower_bound=1)


class Guide(keras.Model):
    """The guide's way: one discriminator call on real and fake together, two tapes, two Mean metrics."""

    def __init__(self, generator, discriminator, latent_dim):
        super().__init__()
        self.generator, self.discriminator, self.latent_dim = generator, discriminator, latent_dim
        self.d_loss_metric = keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = keras.metrics.Mean(name="g_loss")
        self.seed_generator = keras.random.SeedGenerator(1)
        self.built = True

    def compile(self, d_optimizer, g_optimizer):
        super().compile(optimizer=None)
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer
        self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)

    @property
    def metrics(self):
        return [self.d_loss_metric, self.g_loss_metric]

    def train_step(self, real):
        count = tf.shape(real)[0]
        latents = keras.random.normal((count, self.latent_dim), seed=self.seed_generator)
        both = tf.concat([self.generator(latents, training=True), real], axis=0)
        labels = tf.concat([tf.zeros((count, 1)), tf.ones((count, 1))], axis=0)
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(both, training=True))
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))
        latents = keras.random.normal((count, self.latent_dim), seed=self.seed_generator)
        with tf.GradientTape() as tape:
            verdict = self.discriminator(self.generator(latents, training=True), training=True)
            g_loss = self.loss_fn(tf.ones((count, 1)), verdict)
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}


def games():
    """(name, latents, generator's builder, discriminator's builder, batches) of each game."""
    ring = data.ring().dataset(batch_size=256)
    digits = np.random.default_rng(0).integers(0, 256, (6400, 28, 28, 1), "uint8")
    images = data.Pictures(digits).dataset(batch_size=64)
    hidden = (128, 128)
    yield (
        "ring MLP, batch 256",
        2,
        lambda: networks.mlp_generator(2, (2,), hidden=hidden),
        lambda: networks.mlp_discriminator((2,), hidden=hidden),
        ring,
    )
    yield (
        "DCGAN 28x28, 32 filters, batch 64",
        64,
        lambda: networks.dcgan_generator(64, (28, 28, 1)),
        lambda: networks.dcgan_discriminator((28, 28, 1)),
        images,
    )


def sides(latents, generator, discriminator):
    """The two models to time."""
    guide = Guide(generator(), discriminator(), latents)
    guide.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), keras.optimizers.Adam(2e-4, beta_1=0.5))
    ours = GAN(generator(), discriminator(), latents, seed=0)
    ours.compile("non_saturating")
    return {"keras_gan": ours, "guide": guide}


class Stopwatch(keras.callbacks.Callback):
    """Times the steps of one call of `fit`, without what `fit` does before the first and after the last."""

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 0:
            self.began = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.seconds = time.perf_counter() - self.began


def epoch(model, batches):
    """Milliseconds a step over one epoch."""
    stopwatch = Stopwatch()
    model.fit(batches.repeat(), epochs=1, steps_per_epoch=STEPS.value, verbose=0, shuffle=False, callbacks=[stopwatch])
    return 1000 * stopwatch.seconds / STEPS.value


def main(argv):
    del argv
    results = []
    for name, latents, generator, discriminator, batches in games():
        models = sides(latents, generator, discriminator)
        for model in models.values():
            epoch(model, batches)
        times = {side: [] for side in models}
        for pair in range(PAIRS.value):
            for side in sorted(models, reverse=bool(pair % 2)):
                times[side].append(epoch(models[side], batches))
        ratios = np.array(times["keras_gan"]) / np.array(times["guide"])
        row = {
            "game": name,
            "keras_gan_ms": round(float(np.median(times["keras_gan"])), 3),
            "guide_ms": round(float(np.median(times["guide"])), 3),
            "ratio_median": round(float(np.median(ratios)), 3),
            "ratio_min": round(float(ratios.min()), 3),
            "ratio_max": round(float(ratios.max()), 3),
        }
        results.append(row)
        print(json.dumps(row))
    record = {
        "command": f"python -m benchmarks.step --pairs={PAIRS.value} --steps={STEPS.value}",
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, no GPU",
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
        "results": results,
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print("Written:", path)


if __name__ == "__main__":
    app.run(main)
