"""The library's objectives in a training loop of your own: all they ask for is a Round.

python examples/custom_loop.py     # a quarter of a minute on 2 cores
python examples/custom_loop.py --smoke
"""

import keras
import tensorflow as tf
from absl import app, flags

from keras_gan import Noise, Round, data, networks, objectives

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(2, (2,))
    discriminator = networks.mlp_discriminator((2,))
    objective = objectives.get("wasserstein + 0.1 * gradient_penalty")
    optimizers = {
        "generator": keras.optimizers.Adam(1e-3, beta_1=0.0),
        "discriminator": keras.optimizers.Adam(1e-3, beta_1=0.0),
    }
    for name, player in (("generator", generator), ("discriminator", discriminator)):
        optimizers[name].build(player.trainable_variables)

    @tf.function
    def step(real, number):
        noise = Noise((0, "custom_loop"), number)
        for name, player in (("discriminator", discriminator), ("generator", generator)):
            here = noise.at(name)
            with tf.GradientTape() as tape:
                fake = generator(here.at("latents").normal((tf.shape(real)[0], 2)), training=True)
                round = Round(real=real, fake=fake, discriminator=discriminator, noise=here)
                loss = tf.reduce_mean(getattr(objective, f"{name}_loss")(round))
            weights = [variable.value for variable in player.trainable_variables]
            optimizers[name].apply_gradients(zip(tape.gradient(loss, weights), player.trainable_variables, strict=True))
        return round.fake_output

    steps = 20 if SMOKE.value else 2000
    batches = data.ring(scale=0.05).dataset(batch_size=256).repeat().take(steps)
    for number, real in batches.enumerate():
        output = step(real, number)
        if number % (steps // 10) == 0:
            print(f"step {int(number):5d}   mean score of the fakes {float(tf.reduce_mean(output)):+.3f}")


if __name__ == "__main__":
    app.run(main)
