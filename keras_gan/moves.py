"""One move of the game: what is dealt, what the discriminator is shown, and the update of one player."""

import contextlib
import weakref

import keras
import tensorflow as tf

from keras_gan import players, workers
from keras_gan.arguments import reason
from keras_gan.data import feed
from keras_gan.noise import Noise
from keras_gan.optimizers import in_training
from keras_gan.round import Pictures, Round
from keras_gan.shapes import sizes

REGULARIZATION = ("d_regularization", "g_regularization")
# The game that plays with an augmentation or a pool, which both are the user's own.
OWNERS = weakref.WeakKeyDictionary()


def step(game, batches: list, noise: Noise) -> dict[str, tf.Tensor]:
    """A move of the discriminator on each of `batches`, and one of the generator on the last: what is logged of them.

    With `reuse_fakes` the generator learns from the last fakes that the discriminator has just learned from, so that
    they are made once.
    """
    last = len(batches) - game.reuse_fakes
    parts = [_turn(game, "discriminator", batches[k], noise.at("discriminator", k)) for k in range(last)]
    if game.reuse_fakes:
        address = noise.at("discriminator", last)
        dealt, tape = deal(game, batches[-1], address), begin(game.generator)
        make_fakes(game, dealt, address, tape)
        parts.append(play(game, "discriminator", dealt, address, begin(game.discriminator)))
        logs = play(game, "generator", dealt, noise.at("generator"), tape)
    else:
        logs = _turn(game, "generator", batches[-1], noise.at("generator"))
    return {name: tf.reduce_mean([part[name] for part in parts]) for name in parts[0]} | logs


def _turn(game, name, batch, noise):
    """A player's move on fakes of its own."""

    def hand():
        dealt = deal(game, batch, noise)
        tape = begin(game.generator) if name == "generator" else None
        make_fakes(game, dealt, noise, tape)
        return dealt, tape or begin(game.discriminator)

    def learned():
        dealt, tape = hand()
        gradients, round, logs = learn(game, name, dealt, noise, tape)
        return gradients, logs | remember(game, name, round)

    if not game.compiles_replicas:
        dealt, tape = hand()
        return play(game, name, dealt, noise, tape)
    gradients, logs = workers.compiled(learned, game.variables)
    apply(game, name, gradients)
    return logs


def begin(player: keras.Model) -> tf.GradientTape:
    """The tape of a player's move, which watches its weights and no others. Its layers take their step."""
    players.advance(player)
    tape = tf.GradientTape(watch_accessed_variables=False)
    with tape:
        tape.watch([variable.value for variable in player.trainable_variables])
    return tape


def play(game, name: str, dealt: dict, noise: Noise, tape: tf.GradientTape) -> dict[str, tf.Tensor]:
    """One update of the game's `"discriminator"` or `"generator"`, and what is logged of it.

    Args:
        game: The compiled `GAN`.
        name: Whose move it is.
        dealt: What `deal` and `make_fakes` gave.
        noise: The move's address.
        tape: What `begin` gave; the generator's has seen how the fakes were made.
    """
    gradients, round, logs = learn(game, name, dealt, noise, tape)
    # Grappler drops the edge that holds a bias's update back until a penalty has read it: the loss holds it back.
    with tf.control_dependencies([logs[f"{name[0]}_loss"]]):
        apply(game, name, gradients)
        return logs | remember(game, name, round)


def learn(game, name: str, dealt: dict, noise: Noise, tape: tf.GradientTape) -> tuple:
    """The gradients of a move, its round and its logs.

    What real and fake pass through is drawn once, so that losses and penalties see the same.
    """
    player, optimizer = getattr(game, name), getattr(game, f"{name}_optimizer")
    with tape:
        shown = show(game, name, dealt, noise)
        real_first = name == "discriminator" or game.objective.generator_sees_real
        round = make_round(game, **shown, noise=noise, real_first=real_first)
        loss, logs = reduce(game, name, round)
        scaled = optimizer.scale_loss(loss if noise.replica[1] == 1 else loss / noise.replica[1])
    gradients = tape.gradient(scaled, [variable.value for variable in player.trainable_variables])
    return _dense(gradients), round, {f"{name[0]}_loss": loss, **logs}


def _dense(gradients):
    """Those of embeddings, too, as tensors: of slices Adam and its like sum the squares, one by one, of equal rows."""
    return [None if gradient is None else tf.convert_to_tensor(gradient) for gradient in gradients]


def reduce(game, name: str, round: Round) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    """A player's loss with what its own layers add to it, and the terms that are logged of it.

    Of a player without regularizers and `add_loss` nothing is added or logged. What the discriminator's layers add
    while the generator moves is not the generator's.
    """
    loss, logs = game.objective.reduce(name, round)
    losses = [tf.reduce_sum(tf.cast(each, tf.float32)) for each in round.regularization(name)]
    if not losses:
        return loss, logs
    added = tf.add_n(losses)
    return loss + added, {**logs, f"{name[0]}_regularization": added}


def apply(game, name: str, gradients: list) -> None:
    """Updates a player's weights."""
    player, optimizer = getattr(game, name), in_training(getattr(game, f"{name}_optimizer"))
    optimizer.apply_gradients(zip(gradients, player.trainable_variables, strict=True))
    if name == "discriminator" and game.discriminator_constraint is not None:
        for variable in player.trainable_variables:
            variable.assign(game.discriminator_constraint(variable))


def remember(game, name: str, round: Round) -> dict[str, tf.Tensor]:
    """What the objective and the augmentation keep of a round, and what else is logged of it."""
    game.objective.update(name, round)
    if name == "generator":
        return {}
    logs = round.mean_scores()
    if game.augmentation is not None:
        scores = round.critic(round.real_output)
        game.augmentation.update(tf.repeat(scores, game.packing, axis=0))  # a score an example
        logs |= game.augmentation.logs()
    return logs


def judge(game, batch, noise: Noise) -> tuple[dict[str, tf.Tensor], tf.Tensor, tf.Tensor]:
    """Both losses on the averaged generator's fakes, without penalties, augmentation or updates.

    Returns:
        The logs, the real examples and the fakes.
    """
    dealt = deal(game, batch, noise)
    players.reseed(game.generator, noise.at("layers"))
    with contextlib.nullcontext() if game.ema is None else game.ema.scope(game.generator):
        fake = players.call(game.generator, dealt["latents"], dealt["fake_labels"])
        dealt["fake"] = players.cast_like(fake, game.generator)
        dealt["generator_losses"] = players.losses(game.generator)
    round = make_round(game, **_packed(game, dealt), noise=noise, training=False)
    logs = {}
    for name in ("discriminator", "generator"):
        loss, terms = reduce(game, name, round)
        logs[f"{name[0]}_loss"] = loss
        logs |= {log: value for log, value in terms.items() if log in REGULARIZATION}
    return {**logs, **round.mean_scores()}, dealt["real"], dealt["fake"]


def rehearse(game) -> tuple[str, ...]:
    """Plays a round of zeros, without updates, so that what does not fit is said before training begins.

    Returns:
        The names of what an evaluation logs.

    Raises:
        ValueError: If the discriminator's output is not what the objective reads, or another game plays with an
            augmentation or a pool of this one.
    """
    count = 2 * game.packing
    _claim(game)
    if game.augmentation is not None:
        _rehearse_augmentation(game)
    batch = (tf.zeros((count, *game.example_shape)), tf.zeros((count,), tf.int32))
    try:
        return tuple(judge(game, batch, Noise((0, "rehearsal")))[0])
    except tf.errors.OpError as error:
        raise ValueError(
            f"`objective` must fit the discriminator's output. Received: {game.objective}, with the error: "
            f"{reason(error)}"
        ) from error


def _claim(game):
    """Makes what learns the game's own: what another game plays with would be changed by both."""
    for name in ("augmentation", "replay"):
        part = getattr(game, name)
        for layer in () if part is None else part._flatten_layers():
            other = OWNERS.get(layer, lambda: None)()
            if layer.weights and other is not None and other is not game and other.compiled and _holds(other, layer):
                raise ValueError(
                    f"`{name}` must belong to one game, as it learns: make another one. "
                    f"Received: {name}={layer!r}, which {other.name!r} plays with"
                )
            OWNERS[layer] = weakref.ref(game)


def _holds(game, layer):
    parts = [part for part in (game.augmentation, game.replay) if part is not None]
    return any(layer is each for part in parts for each in part._flatten_layers())


def _rehearse_augmentation(game):
    try:
        game.augmentation(tf.zeros((2, *game.example_shape)), noise=Noise((0, "rehearsal")))
    except (ValueError, tf.errors.OpError) as error:
        raise ValueError(
            f"`augmentation` must take examples of shape {(None, *game.example_shape)}. "
            f"Received: augmentation={game.augmentation!r}, with the error: {reason(error)}"
        ) from error


def deal(game, batch, noise: Noise) -> dict:
    """What a round begins with: the real batch, latents, and the labels of both."""
    real, labels = feed.unpack(batch)
    real = players.cast_like(real, game.generator)
    count = sizes(real)[0]
    drawn = None if game.labels is None else game.labels.draw(count, noise.at("labels"))
    return {
        "real": real,
        "latents": game.latents.draw(count, noise.at("latents")),
        "prior": game.latents,
        "real_labels": labels,
        "fake_labels": labels if drawn is None else drawn,
        "element": batch,
    }


def count_examples(data) -> tf.Tensor:
    """How many examples are in a batch, or in each of those that are stacked on axis 1."""
    return tf.shape(keras.tree.flatten(data)[0])[0]


def make_fakes(game, dealt: dict, noise: Noise, tape: tf.GradientTape | None = None) -> None:
    """Adds the generator's fakes to what was dealt, seen by a tape or by none."""
    players.reseed(game.generator, noise.at("layers"))
    with tape or contextlib.nullcontext():
        fake = players.call(game.generator, dealt["latents"], dealt["fake_labels"], training=True)
        dealt["fake"] = players.cast_like(fake, game.generator)
        dealt["generator_losses"] = players.losses(game.generator)


def show(game, name: str, dealt: dict, noise: Noise) -> dict:
    """What the discriminator is shown of a deal: past fakes among the new ones, all augmented, several at a time."""
    shown = dict(dealt)
    if game.replay is not None and name == "discriminator":
        shown |= _replayed(game, dealt, noise.at("replay"))
    shown = _packed(game, shown)
    if game.augmentation is None:
        return shown

    def augment(x, kind):
        examples = game.augmentation(unpack(x, game.packing), noise=noise.at("augmentation", kind))
        return pack(examples, game.packing)

    pictures = Pictures({kind: shown[kind] for kind in ("real", "fake")}, augment)
    return shown | pictures.shown | {"pictures": pictures if game.penalties_at == "picture" else None}


def _replayed(game, dealt, noise):
    labels = dealt["fake_labels"]
    if labels is None:
        return {"fake": game.replay(dealt["fake"], noise=noise)}
    fake, labels = game.replay(dealt["fake"], noise=noise, labels=labels)
    return {"fake": fake, "fake_labels": labels}


def _packed(game, dealt):
    return dealt | {kind: pack(dealt[kind], game.packing) for kind in ("real", "fake")}


def pack(x: tf.Tensor, count: int) -> tf.Tensor:
    """Joins each `count` examples on their last axis, (N, ..., c) -> (N // count, ..., count * c); what is left waits.

    Reference: [Lin et al., 2017](https://arxiv.org/abs/1712.04086), PacGAN.
    """
    if count == 1:
        return x
    total = sizes(x)[0]
    known = isinstance(total, int)
    groups = max(total // count, 1) if known else tf.maximum(total // count, 1)
    if not known or total < count:  # a last, partial batch: the first ones again, until one pack is full
        x = tf.gather(x, tf.range(count * groups) % total)
    return tf.concat([x[i * groups : (i + 1) * groups] for i in range(count)], axis=-1)


def unpack(x: tf.Tensor, count: int) -> tf.Tensor:
    """The examples of packs, (N, ..., count * c) -> (N * count, ..., c), in the order that they had."""
    return x if count == 1 else tf.concat(tf.split(x, count, axis=-1), axis=0)


def make_round(game, **parts) -> Round:
    """The round of one move, judged by the critic of the game's objective."""
    return Round(**parts, discriminator=game.discriminator, generator=game.generator, critic=game.objective.critic)
