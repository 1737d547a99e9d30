"""What a game looks like at one moment: numbers that tell a healthy one from a failing one."""

import math

import keras
import tensorflow as tf

from keras_gan.game import moves
from keras_gan.game.view import View
from keras_gan.noise import Noise
from keras_gan.play.round import main_output


def examine(game: keras.Model, batch, noise: Noise) -> dict[str, tf.Tensor]:
    """Plays both moves on a batch without any update, and measures them; the game stays as it is, to the bit.

    Args:
        game: A compiled `GAN`.
        batch: Real examples (N, ...), or (examples, labels).
        noise: Where the moves draw.

    Returns:
        Scalars, float32. Of the discriminator (`d_`) and the generator (`g_`): the losses `d_loss` and
        `g_loss`, the norms of gradients `d_gradient` and `g_gradient`, the same as a root mean square over the
        weights, `d_gradient_rms` and `g_gradient_rms`, and the norms of all weights, `d_weights` and
        `g_weights`. Of the scores: the means `d_real` and `d_fake`; `separation`, the share of pairs of a real
        and a fake example that are told apart; `gap`, the distance of the means in standard deviations;
        `spread`, the standard deviation of all scores; `slope`, the mean norm of the score's gradient by a fake
        example; `pull`, the mean change of the generator's loss by a fake's score, where it is a function of
        that. Of the fakes, all in the space of examples: `diversity` and `nearest`, the mean distance of two of
        them and that to the nearest other, over the same of real ones. With an augmentation also `leak`,
        `leak_of_real` and `leak_distance` (see `_leak`).
    """
    with keras.StatelessScope():  # what layers write in training mode goes nowhere
        found, _ = _examine_side(game, "generator", batch, noise.at("generator"))
        of_discriminator, round = _examine_side(game, "discriminator", batch, noise.at("discriminator"))
        real, fake = round.values["real"], round.values["fake"]
        found |= of_discriminator | _diversity(real, fake)
        if game.augmentation is not None:
            found |= _leak(real, fake, game.augmentation, noise.at("leak"))
        return {name: tf.cast(value, tf.float32) for name, value in found.items()}


def _examine_side(game, name, batch, noise):
    side, optimizer = game.sides[name], game.optimizers[name]
    weights = [variable.value for variable in side.trainable_variables]
    values = moves.prepare(game, batch, noise)
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(weights)
        values.compute(game.reads[name])
        round = View(game, game.sides["generator"], values, noise).round  # without a replay
        loss, _ = game.objective.reduce(name, round)
        scaled = optimizer.scale_loss(loss)
    norm = tf.linalg.global_norm(tape.gradient(scaled, weights)) / optimizer.scale_loss(1.0)
    who, count = side.short, sum(math.prod(weight.shape) for weight in weights)
    measured = {
        f"{who}_loss": loss,
        f"{who}_gradient": norm,
        f"{who}_gradient_rms": norm / math.sqrt(max(count, 1)),
        f"{who}_weights": tf.linalg.global_norm(weights),
    }
    if name == "discriminator":
        return measured | _scores(round) | {"separation": _separation(round, tape, loss)}, round
    pull = _by_score(tape, loss, round.fake_output)
    return measured if pull is None else measured | {"pull": tf.reduce_sum(tf.abs(pull))}, round


def _by_score(tape, loss, output):
    """The gradient of a loss by the scores that it is a function of; None if there is more than a number an example."""
    output = main_output(output)
    alone = output.shape.rank != 2 or output.shape[-1] == 1
    gradient = tape.gradient(loss, output) if alone else None
    return None if gradient is None else tf.cast(gradient, tf.float32)


def _separation(round, tape, loss):
    """The share of pairs that are told apart, whichever way the discriminator is meant to: an energy is low on real."""
    real, fake = _mean_scores(round)
    above = tf.reduce_mean(0.5 * (1 + tf.sign(real[:, None] - fake[None, :])))
    wants = _by_score(tape, loss, round.real_output)
    return above if wants is None else tf.where(tf.reduce_sum(wants) > 0, 1 - above, above)


def _scores(round):
    real, fake = _mean_scores(round)
    within = tf.sqrt(0.5 * (tf.math.reduce_variance(real) + tf.math.reduce_variance(fake)))
    distance = tf.abs(tf.reduce_mean(real) - tf.reduce_mean(fake))
    gradient = tf.cast(_flat(round.fake_gradient), tf.float32)
    return {
        "d_real": tf.reduce_mean(real),
        "d_fake": tf.reduce_mean(fake),
        "gap": distance / (within + 1e-6),
        "spread": tf.math.reduce_std(tf.concat([real, fake], axis=0)),
        "slope": tf.reduce_mean(tf.norm(gradient, axis=1)),
    }


def _mean_scores(round):
    return [tf.reduce_mean(round.critic(output), axis=1) for output in (round.real_output, round.fake_output)]


def _diversity(real, fake):
    any_other, nearest_other = zip(*map(_apart, (fake, real)), strict=True)
    return {
        "diversity": any_other[0] / (any_other[1] + 1e-6),
        "nearest": nearest_other[0] / (nearest_other[1] + 1e-6),
    }


def _apart(x):
    """The mean distance of two examples, and that of an example to the nearest other."""
    distances, itself = _distances(x, x), tf.eye(tf.shape(x)[0])
    others = tf.reduce_sum(1 - itself)
    nearest = tf.reduce_min(tf.where(itself > 0, tf.float32.max, distances), axis=1)
    return tf.reduce_sum(distances * (1 - itself)) / others, tf.reduce_mean(nearest)


def _leak(real, fake, augmentation, noise):
    """Whether fakes look like augmented examples rather than real ones.

    A gallery holds one half of the real examples and as many augmented ones. `leak` is the share of fakes whose
    nearest in it is augmented, `leak_of_real` that of the other half of the real examples, `leak_distance` how far
    fakes are from it, over how far that other half is after augmentation.
    """
    half = tf.shape(real)[0] // 2
    gallery, others = real[:half], real[half:]
    augmented = augmentation(gallery, noise=noise.at("gallery"))

    def nearest(x):
        plain, changed = (tf.reduce_min(_distances(x, kind), axis=1) for kind in (gallery, augmented))
        share = tf.reduce_mean(0.5 * (1 + tf.sign(plain - changed)))
        return share, tf.reduce_mean(tf.minimum(plain, changed))

    (leak, distance), (leak_of_real, _) = nearest(fake), nearest(others)
    _, usual = nearest(augmentation(others, noise=noise.at("others")))
    return {"leak": leak, "leak_of_real": leak_of_real, "leak_distance": distance / (usual + 1e-6)}


def _distances(a, b):
    """(N, M) Euclidean distances."""
    a, b = tf.cast(_flat(a), tf.float32), tf.cast(_flat(b), tf.float32)
    centre = tf.reduce_mean(a, axis=0)  # else the squares below cancel badly
    a, b = a - centre, b - centre
    squares = tf.reduce_sum(a**2, 1)[:, None] + tf.reduce_sum(b**2, 1)[None, :] - 2 * tf.matmul(a, b, transpose_b=True)
    return tf.sqrt(tf.maximum(squares, 0.0))


def _flat(x):
    return tf.reshape(x, (tf.shape(x)[0], -1))
