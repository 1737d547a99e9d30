"""The signature of the discriminator's scores."""

import keras
import tensorflow as tf

from keras_gan.export import classes, requirements
from keras_gan.export.signature import Argument, Signature
from keras_gan.play import players
from keras_gan.play.conditions import Condition
from keras_gan.play.round import Round, scores


def discriminate(game: keras.Model) -> Signature:
    """Returns the signature images[, labels] -> scores: the discriminator's output per example, the mean over patches.

    Raises:
        ValueError: If there is no score per example: the discriminator judges several examples together, or the
            objective compares them with others.
    """
    if game.packing > 1:
        raise ValueError(
            "`discriminate` must be False if the discriminator judges several examples together. "
            f"Received: packing={game.packing}"
        )
    player, images = game.discriminator, tf.zeros((1, *game.example_shape))
    condition = game.condition or Condition()
    known = classes.count(game, player, images) if condition.is_label else None

    def call(images, labels=None):
        needed = []
        if labels is not None:
            as_many = requirements.as_many(labels, tf.shape(images)[0], "images")
            known_labels = requirements.known_labels if condition.is_label else requirements.known_conditions
            needed = [known_labels(labels, known if condition.is_label else condition), as_many]
        images, labels = requirements.after(needed, images, labels)
        output = players.call(player, players.cast_like(images, game.generator), labels)
        return {"scores": tf.reduce_mean(_critic(game, output), axis=1)}

    spec = tf.TensorSpec((None, *game.example_shape), tf.float32)
    inputs = {"images": Argument(spec, "In the range of the training data.", images.numpy().tolist())}
    if players.takes_labels(player):
        word = "class" if condition.is_label else "condition"
        example = condition.zeros(1).numpy().tolist()
        inputs["labels"] = Argument(condition.spec(), f"The {word} of each example.", example)
    _check(game, images)
    outputs = {"scores": "The discriminator's score of each example: higher for real ones; lower if it is an energy."}
    return Signature("The discriminator's scores of examples.", inputs, outputs, call)


def _critic(game, output):
    if not game.compiled:
        return scores(output)
    return game.objective.critic(output, Round())


def _check(game, images):
    output = players.call(game.discriminator, images, (game.condition or Condition()).zeros(1))
    try:
        _critic(game, output)
    except ValueError as error:
        raise ValueError(
            f"`discriminate` must be False if the discriminator gives no score per example. Received: {error}"
        ) from error
