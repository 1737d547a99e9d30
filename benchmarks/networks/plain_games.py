"""A GAN class for each of today's networks, with a `train_step` as the Keras guides write one."""

import keras
import tensorflow as tf

from benchmarks.networks import plain, plain_normalized
from benchmarks.networks.plain_normalized import quarter
from benchmarks.steps.guide import Guide, RelativisticGuide


class StyleGAN2(Guide):
    """Two makers; R1 at every 16th step, path lengths at every 4th."""

    def __init__(self, mapping, synthesis, discriminator, latent_dim, gamma):
        super().__init__(synthesis, discriminator, latent_dim)
        self.mapping, self.gamma = mapping, gamma
        self.count = self.add_weight(name="count", shape=(), dtype="int64", initializer="zeros", trainable=False)
        self.length = self.add_weight(name="length", shape=(), initializer="zeros", trainable=False)

    def styles(self, count):
        w, other = (self.mapping(self.draw_latents(count), training=True)[:, None] for _ in range(2))
        layers = self.generator.input_shape[1]
        u, v = (keras.random.uniform((count, 1), seed=self.seed_generator) for _ in range(2))
        begin = tf.where(u < 0.9, 1 + tf.cast(v * (layers - 1), tf.int32), layers)
        return tf.where((tf.range(layers)[None] >= begin)[:, :, None], other, w)

    def every(self, k, penalty):
        return tf.cond(self.count % k == 0, lambda: k * penalty(), lambda: tf.zeros(()))

    def train_step(self, real):
        logs = super().train_step(real)
        self.count.assign_add(1)
        return logs

    def train_discriminator(self, real):
        fake = self.generator(self.styles(tf.shape(real)[0]), training=True)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.softplus(self.discriminator(fake, training=True)))
            loss += tf.reduce_mean(tf.nn.softplus(-self.discriminator(real, training=True)))
            loss += self.every(16, lambda: self.r1(real))
        return self.descend(tape, loss, self.discriminator, self.d_optimizer)

    def r1(self, real):
        with tf.GradientTape() as tape:
            tape.watch(real)
            scores = tf.reduce_sum(self.discriminator(real, training=True))
        squares = tf.reduce_sum(tape.gradient(scores, real) ** 2, axis=(1, 2, 3))
        return self.gamma / 2 * tf.reduce_mean(squares)

    def train_generator(self, real):
        count = tf.shape(real)[0]
        weights = self.mapping.trainable_weights + self.generator.trainable_weights
        with tf.GradientTape() as tape:
            styles = self.styles(count)
            scores = self.discriminator(self.generator(styles, training=True), training=True)
            loss = tf.reduce_mean(tf.nn.softplus(-scores))
            loss += self.every(4, lambda: 2.0 * self.path_length(styles[: count // 2]))
        self.g_optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    def path_length(self, styles):
        with tf.GradientTape() as tape:
            tape.watch(styles)
            pictures = self.generator(styles, training=True)
            y = keras.random.normal(tf.shape(pictures), seed=self.seed_generator)
            moved = tf.reduce_sum(pictures * y) / pictures.shape[1]
        gradient = tape.gradient(moved, styles)
        lengths = tf.sqrt(tf.reduce_sum(tf.reduce_mean(gradient**2, axis=1), axis=-1) + 1e-8)
        after = self.length + 0.01 * tf.stop_gradient(tf.reduce_mean(lengths) - self.length)
        self.length.assign(after)
        return tf.reduce_mean((lengths - after) ** 2)


class FastGAN(Guide):
    """Pictures are augmented; the discriminator draws what it sees of real ones."""

    def augment(self, x):
        count, side = tf.shape(x)[0], x.shape[1]
        u, v, w = (keras.random.uniform((count, 1, 1, 1), seed=self.seed_generator) for _ in range(3))
        x = x + u - 0.5
        gray = tf.reduce_mean(x, axis=3, keepdims=True)
        x = gray + 2 * v * (x - gray)
        mean = tf.reduce_mean(x, axis=(1, 2, 3), keepdims=True)
        x = mean + (w + 0.5) * (x - mean)
        most = side // 8
        moved = keras.random.randint((2, count, 1), 0, 2 * most + 1, seed=self.seed_generator)
        rows, columns = tf.unstack(tf.range(side)[None, None] + moved)
        x = tf.pad(x, ((0, 0), (most, most), (most, most), (0, 0)))
        x = tf.gather(x, rows, axis=1, batch_dims=1)
        return tf.gather(x, columns, axis=2, batch_dims=1)

    def train_discriminator(self, real):
        fake = self.generator(self.draw_latents(tf.shape(real)[0]), training=True)
        real, fake = self.augment(real), self.augment(fake)
        with tf.GradientTape() as tape:
            seen, other = self.discriminator(real, training=True), self.discriminator(fake, training=True)
            loss = tf.reduce_mean(tf.nn.relu(self.margins(seen) - seen["output"]))
            loss += tf.reduce_mean(tf.nn.relu(self.margins(other) + other["output"]))
            loss += tf.reduce_mean(tf.abs(real - seen["whole"]))
            loss += tf.reduce_mean(tf.abs(quarter(real, seen["quadrant"]) - seen["part"]))
        return self.descend(tape, loss, self.discriminator, self.d_optimizer)

    def margins(self, seen):
        return 0.8 + 0.2 * keras.random.uniform(tf.shape(seen["output"]), seed=self.seed_generator)

    def train_generator(self, real):
        latents = self.draw_latents(tf.shape(real)[0])
        with tf.GradientTape() as tape:
            fake = self.augment(self.generator(latents, training=True))
            loss = -tf.reduce_mean(self.discriminator(fake, training=True)["output"])
        return self.descend(tape, loss, self.generator, self.g_optimizer)


class BigGAN(Guide):
    """The discriminator sees the same real batch in each of its moves, as in the Keras example of WGAN-GP."""

    def train_step(self, data):
        return super().train_step(data)

    def train_discriminator(self, data):
        real, labels = data
        for _ in range(self.discriminator_steps):
            fake = self.generator([self.draw_latents(tf.shape(real)[0]), labels], training=True)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.nn.relu(1 - self.discriminator([real, labels], training=True)))
                loss += tf.reduce_mean(tf.nn.relu(1 + self.discriminator([fake, labels], training=True)))
            self.descend(tape, loss, self.discriminator, self.d_optimizer)
        return loss

    def train_generator(self, data):
        latents, labels = self.draw_latents(tf.shape(data[0])[0]), data[1]
        with tf.GradientTape() as tape:
            fake = self.generator([latents, labels], training=True)
            loss = -tf.reduce_mean(self.discriminator([fake, labels], training=True))
        return self.descend(tape, loss, self.generator, self.g_optimizer)


def build(name: str, width: int, latents: int, classes: int) -> keras.Model:
    """Returns the compiled game of 32x32 pixels, with the settings of the preset of that name."""
    rate, beta_1, beta_2 = {
        "r3gan": (2e-4, 0.0, 0.9),
        "stylegan2": (2e-3, 0.0, 0.99),
        "fastgan": (2e-4, 0.5, 0.999),
        "biggan": (2e-4, 0.0, 0.999),
    }[name]
    keras.utils.set_random_seed(0)
    if name == "r3gan":
        game = RelativisticGuide(*plain.r3gan(32, latents, width), latents)
    elif name == "stylegan2":
        game = StyleGAN2(*plain.stylegan2(32, latents, width), latents, gamma=0.0002 * 32**2 / 32)
    elif name == "fastgan":
        game = FastGAN(*plain_normalized.fastgan(latents, width), latents)
    else:
        game = BigGAN(*plain_normalized.biggan(latents, width, classes), latents, discriminator_steps=4)
    options = {"beta_1": beta_1, "beta_2": beta_2}
    average = {"use_ema": True, "ema_momentum": 0.999}
    game.compile(keras.optimizers.Adam(rate, **options), keras.optimizers.Adam(rate, **options, **average))
    return game
