"""A custom training loop with the library's objectives: the steps of `GAN.fit`, written out.

python examples/custom_loop.py     # a quarter of a minute on 2 cores
python examples/custom_loop.py --smoke
"""

import keras
import tensorflow as tf
from absl import app, flags
from keras import layers

from keras_gan import Noise, Round, data, latents, networks, objectives
from keras_gan.layers import SpectralNormalization
from keras_gan.play import players

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
OBJECTIVE = "hinge + 0.1 * gradient_penalty + 0.1 * le_cam"  # LeCam remembers mean scores, so it must be bound


def make_players() -> tuple[keras.Model, keras.Model]:
    """Builds a generator of points in the plane and a discriminator whose layers take steps of their own."""
    hidden = [SpectralNormalization(layers.Dense(64, activation="relu")) for _ in range(2)]
    discriminator = keras.Sequential([keras.Input((2,)), *hidden, layers.Dropout(0.1), layers.Dense(1)])
    return networks.mlp_generator(2, (2,), hidden=(64, 64)), discriminator


class Loop:
    """Two players, their objective and their optimizers.

    Args:
        generator: A built model, latents (N, 2) -> points (N, 2).
        discriminator: A built model, points -> scores (N, 1).
        objective: What `objectives.get` takes.
        seed: All noise is a function of it.
    """

    def __init__(self, generator: keras.Model, discriminator: keras.Model, objective=OBJECTIVE, seed: int = 0):
        self.generator, self.discriminator, self.seed = generator, discriminator, seed
        self.prior = latents.Normal(2)
        # 1. `bound` makes the variables of what the objective remembers. Unbound, its losses raise.
        self.objective = objectives.get(objective).bound(generator, discriminator)
        self.optimizers = {name: keras.optimizers.Adam(1e-3, beta_1=0.0) for name in ("discriminator", "generator")}
        for name, optimizer in self.optimizers.items():
            optimizer.build(getattr(self, name).trainable_variables)

    @tf.function(autograph=False)
    def step(self, real: tf.Tensor, number: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns a move of each player, as algorithm 1 of Goodfellow et al. (2014) has it with k = 1."""
        noise = Noise((self.seed, "train"), number)
        logs = self.move("discriminator", real, noise.at("discriminator", 0))
        return logs | self.move("generator", real, noise.at("generator"))

    def move(self, name: str, real: tf.Tensor, noise: Noise) -> dict[str, tf.Tensor]:
        """Returns one update of a player; all that is drawn in it is addressed by `noise`."""
        player = getattr(self, name)
        # 2. Layers with a step of their own, such as the power iteration of SpectralNormalization.
        players.advance(player)
        # 3. Random layers, such as Dropout, draw from the address. The round does this for the discriminator.
        players.reseed(self.generator, noise.at("layers"))
        z = self.prior.draw(tf.shape(real)[0], noise.at("latents"))
        with tf.GradientTape() as tape:
            round = Round(
                real=real,
                fake=players.call(self.generator, z, training=True),
                latents=z,
                prior=self.prior,
                generator=self.generator,
                discriminator=self.discriminator,
                critic=self.objective.critic,
                noise=noise,
                real_first=name == "discriminator" or self.objective.generator_sees_real,
            )
            loss, terms = self.objective.reduce(name, round)
        weights = [variable.value for variable in player.trainable_variables]
        self.optimizers[name].apply_gradients(
            zip(tape.gradient(loss, weights), player.trainable_variables, strict=True)
        )
        # 4. After each move the objective takes note of what it remembers.
        self.objective.update(name, round)
        return {f"{name[0]}_loss": loss, **terms}


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    loop = Loop(*make_players())
    steps = 20 if SMOKE.value else 2000
    batches = data.ring(scale=0.05).dataset(batch_size=256).repeat().take(steps)
    for number, real in batches.enumerate():
        logs = loop.step(real, number)
        if number % (steps // 10) == 0:
            shown = "   ".join(f"{name} {float(value):+.3f}" for name, value in logs.items())
            print(f"step {int(number):5d}   {shown}")


if __name__ == "__main__":
    app.run(main)
