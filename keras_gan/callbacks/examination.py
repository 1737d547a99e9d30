"""Examinations of a game: numbers that distinguish a healthy game from a failing one."""

import math

import keras
import tensorflow as tf

from keras_gan import kernels
from keras_gan.game import moves
from keras_gan.game.view import View, suffixed
from keras_gan.noise import Noise
from keras_gan.play.round import main_output


def examine(game: keras.Model, batch, noise: Noise) -> dict[str, tf.Tensor]:
    """Measures a game: computes the moves of all sides that move on a batch, without any update.

    The state of the game does not change.

    Args:
        game: A compiled `Game`, such as a `GAN`.
        batch: An element of its data: real examples (N, ...), (examples, labels), or a dict of parts.
        noise: The noise of the moves.

    Returns:
        Scalars, float32. For each side, such as the discriminator (`d_`) and the generator (`g_`): the loss `d_loss`,
        the norm of the gradient, `d_gradient`, the same as a root mean square over the weights, `d_gradient_rms`, and
        the norm of all weights, `d_weights`. The others are for each match, with its name appended as in the logs, such
        as `d_real_a` for the match `a`. For the scores: the means `d_real` and `d_fake`; `separation`, the share of
        pairs of a real and a fake example that are told apart; `gap`, the distance of the means in standard deviations;
        `spread`, the standard deviation of all scores; `slope`, the mean norm of the score's gradient by a fake
        example; `pull`, the mean absolute derivative of the makers' loss by a fake's score, if the loss is a function
        of the score, and the largest one if several sides make the fakes. For the fakes, in the space of examples:
        `diversity` and `nearest`, the mean distance of two fakes and that to the nearest other fake, each divided by
        the same of real examples. With an augmentation also `leak`, `leak_of_real` and `leak_distance` (see `_leak`).
    """
    found = {}
    # layers compute as in training, but what they write is dropped
    with keras.StatelessScope(), kernels.used(game.kernels_used):
        for side in game.moving.values():
            for name, value in _examine_side(game, side, batch, noise.at(side.name)).items():
                value = tf.cast(value, tf.float32)
                found[name] = tf.maximum(found[name], value) if name in found else value
    return found


def _examine_side(game, side, batch, noise):
    optimizer = game.optimizers[side.name]
    weights = [variable.value for variable in side.trainable_variables]
    values = moves.prepare(game, batch, noise)
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(weights)
        values.compute(game.reads[side.name])
        view = View(game, side, values, noise, replays=False)
        loss, _ = game.objective.reduce(side.name, view.round)
        scaled = optimizer.scale_loss(loss)
    norm = tf.linalg.global_norm(tape.gradient(scaled, weights)) / optimizer.scale_loss(1.0)
    count = sum(math.prod(weight.shape) for weight in weights)
    measured = {
        f"{side.short}_loss": loss,
        f"{side.short}_gradient": norm,
        f"{side.short}_gradient_rms": norm / math.sqrt(max(count, 1)),
        f"{side.short}_weights": tf.linalg.global_norm(weights),
    }
    for name, match in game.matches.items():
        if match.judge in side.members:
            measured |= suffixed(_examine_match(game, name, view.at(name), noise, tape, loss), name)
        elif view.has_seen(name):
            pull = _by_score(tape, loss, view.at(name).fake_output)
            measured |= {} if pull is None else suffixed({"pull": tf.reduce_sum(tf.abs(pull))}, name)
    return measured


def _examine_match(game, name, round, noise, tape, loss):
    """Returns the measures of a match: its scores, and the diversity of its fakes."""
    real, fake = (round.values[each] for each in game.matches[name].compared)
    measured = _scores(round) | {"separation": _separation(round, tape, loss)} | _diversity(real, fake)
    if game.augmentation_of(name) is not None:
        measured |= _leak(real, fake, game.augmentation_of(name), noise.at("leak"))
    return measured


def _by_score(tape, loss, output):
    """Returns the gradient of a loss by the scores; None if it is no function of them, or an example has several."""
    output = main_output(output)
    alone = output.shape.rank != 2 or output.shape[-1] == 1
    gradient = tape.gradient(loss, output) if alone else None
    return None if gradient is None else tf.cast(gradient, tf.float32)


def _separation(round, tape, loss):
    """Returns the share of pairs that are told apart, in either direction: energies of real are low."""
    real, fake = _mean_scores(round)
    above = tf.reduce_mean(0.5 * (1 + tf.sign(real[:, None] - fake[None, :])))
    gradient = _by_score(tape, loss, round.real_output)
    return above if gradient is None else tf.where(tf.reduce_sum(gradient) > 0, 1 - above, above)


def _scores(round):
    real, fake = _mean_scores(round)
    within = tf.sqrt(0.5 * (tf.math.reduce_variance(real) + tf.math.reduce_variance(fake)))
    distance = tf.abs(tf.reduce_mean(real) - tf.reduce_mean(fake))
    gradient = tf.concat([tf.cast(_flat(each), tf.float32) for each in keras.tree.flatten(round.fake_gradient)], axis=1)
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
    """Returns the mean distance of two examples, and that of an example to the nearest other."""
    distances, itself = _distances(x, x), tf.eye(tf.shape(x)[0])
    others = tf.reduce_sum(1 - itself)
    nearest = tf.reduce_min(tf.where(itself > 0, tf.float32.max, distances), axis=1)
    return tf.reduce_sum(distances * (1 - itself)) / others, tf.reduce_mean(nearest)


def _leak(real, fake, augmentation, noise):
    """Returns measures of whether fakes are like augmented examples rather than real ones.

    A gallery has one half of the real examples and the same number of augmented ones. `leak` is the share of fakes
    whose nearest example of the gallery is augmented, `leak_of_real` the same share of the other half of the real
    examples, and `leak_distance` the mean distance of fakes to the gallery, divided by that of the other half after
    augmentation.
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
    """Computes (N, M) Euclidean distances."""
    a, b = tf.cast(_flat(a), tf.float32), tf.cast(_flat(b), tf.float32)
    centre = tf.reduce_mean(a, axis=0)  # otherwise the squares below cancel badly
    a, b = a - centre, b - centre
    squares = tf.reduce_sum(a**2, 1)[:, None] + tf.reduce_sum(b**2, 1)[None, :] - 2 * tf.matmul(a, b, transpose_b=True)
    return tf.sqrt(tf.maximum(squares, 0.0))


def _flat(x):
    return tf.reshape(x, (tf.shape(x)[0], -1))
