"""Hand-written training steps in the style of the Keras guides, each for one of the games."""

import keras
import tensorflow as tf


class Guide(keras.Model):
    """The guide's way: one discriminator call on real and fake together, two tapes, two Mean metrics.

    Attributes:
        loss_share: This library's discriminator's loss times this is the guide's: a mean over real and fake together
            is half the sum of two means.
    """

    loss_share = 0.5

    def __init__(self, generator, discriminator, latent_dim, discriminator_steps=1):
        super().__init__()
        self.generator, self.discriminator, self.latent_dim = generator, discriminator, latent_dim
        self.discriminator_steps = discriminator_steps
        self.d_loss_metric = keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = keras.metrics.Mean(name="g_loss")
        self.seed_generator = keras.random.SeedGenerator(1)
        self.built = True

    def compile(self, d_optimizer, g_optimizer, jit_compile=False):
        super().compile(optimizer=None, jit_compile=jit_compile)
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer
        self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)

    @property
    def metrics(self):
        return [self.d_loss_metric, self.g_loss_metric]

    def draw_latents(self, count):
        return keras.random.normal((count, self.latent_dim), seed=self.seed_generator)

    def train_step(self, real):
        d_loss = self.train_discriminator(real)
        g_loss = self.train_generator(real)
        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}

    def train_discriminator(self, real):
        count = tf.shape(real)[0]
        both = tf.concat([self.generator(self.draw_latents(count), training=True), real], axis=0)
        labels = tf.concat([tf.zeros((count, 1)), tf.ones((count, 1))], axis=0)
        with tf.GradientTape() as tape:
            loss = self.loss_fn(labels, self.discriminator(both, training=True))
        return self.descend(tape, loss, self.discriminator, self.d_optimizer)

    def train_generator(self, real):
        count = tf.shape(real)[0]
        latents = self.draw_latents(count)
        with tf.GradientTape() as tape:
            scores = self.discriminator(self.generator(latents, training=True), training=True)
            loss = self.loss_fn(tf.ones((count, 1)), scores)
        return self.descend(tape, loss, self.generator, self.g_optimizer)

    def descend(self, tape, loss, player, optimizer):
        weights = player.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss


class HingeGuide(Guide):
    """SNGAN: the spectral norms' power iterations are taken by hand, once before the discriminator's move."""

    loss_share = 1.0

    def train_discriminator(self, real):
        for layer in self.discriminator.layers:
            if hasattr(layer, "advance"):
                layer.advance()
        fake = self.generator(self.draw_latents(tf.shape(real)[0]), training=True)
        with tf.GradientTape() as tape:
            scores = self.discriminator(tf.concat([fake, real], axis=0), training=True)
            on_fake, on_real = tf.split(scores, 2)
            loss = tf.reduce_mean(tf.nn.relu(1 + on_fake)) + tf.reduce_mean(tf.nn.relu(1 - on_real))
        return self.descend(tape, loss, self.discriminator, self.d_optimizer)

    def train_generator(self, real):
        latents = self.draw_latents(tf.shape(real)[0])
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(self.discriminator(self.generator(latents, training=True), training=True))
        return self.descend(tape, loss, self.generator, self.g_optimizer)


class GradientPenaltyGuide(HingeGuide):
    """WGAN-GP as the Keras example plays it: the critic sees the same real batch in each of its k moves."""

    def draw_shares(self, count):
        return keras.random.uniform((count, 1, 1, 1), seed=self.seed_generator)

    def train_discriminator(self, real):
        for _ in range(self.discriminator_steps):
            latents = self.draw_latents(tf.shape(real)[0])
            with tf.GradientTape() as tape:
                fake = self.generator(latents, training=True)
                on_fake = self.discriminator(fake, training=True)
                on_real = self.discriminator(real, training=True)
                loss = tf.reduce_mean(on_fake) - tf.reduce_mean(on_real) + 10.0 * self.gradient_penalty(real, fake)
            self.descend(tape, loss, self.discriminator, self.d_optimizer)
        return loss

    def gradient_penalty(self, real, fake):
        between = real + self.draw_shares(tf.shape(real)[0]) * (fake - real)
        with tf.GradientTape() as tape:
            tape.watch(between)
            scores = self.discriminator(between, training=True)
        gradient = tape.gradient(scores, between)
        norm = tf.sqrt(tf.reduce_sum(gradient**2, axis=[1, 2, 3]))
        return tf.reduce_mean((norm - 1.0) ** 2)


class RelativisticGuide(Guide):
    """R3GAN's loss: one discriminator call on real and fake together gives scores and both penalties' gradients."""

    loss_share = 1.0

    def train_discriminator(self, real):
        both = tf.concat([self.generator(self.draw_latents(tf.shape(real)[0]), training=True), real], axis=0)
        with tf.GradientTape() as tape:
            with tf.GradientTape() as inner:
                inner.watch(both)
                scores = self.discriminator(both, training=True)
            on_fake, on_real = tf.split(scores, 2)
            squares = tf.reduce_sum(inner.gradient(scores, both) ** 2, axis=[1, 2, 3])
            penalty = tf.reduce_mean(squares)  # r1 / 2 + r2 / 2, each a mean over one half
            loss = tf.reduce_mean(tf.nn.softplus(on_fake - on_real)) + penalty
        return self.descend(tape, loss, self.discriminator, self.d_optimizer)

    def train_generator(self, real):
        latents = self.draw_latents(tf.shape(real)[0])
        on_real = self.discriminator(real, training=True)
        with tf.GradientTape() as tape:
            on_fake = self.discriminator(self.generator(latents, training=True), training=True)
            loss = tf.reduce_mean(tf.nn.softplus(on_real - on_fake))
        return self.descend(tape, loss, self.generator, self.g_optimizer)
