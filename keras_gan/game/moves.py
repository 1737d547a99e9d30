"""The moves of a step: what a side sees of it, and the update of its weights."""

import collections
import dataclasses
import weakref
from collections.abc import Iterator, Mapping, Sequence

import keras
import tensorflow as tf

from keras_gan.game import private
from keras_gan.game.optimizers import in_training, takes_sums
from keras_gan.game.places import is_judged
from keras_gan.game.sides import JUDGES, Side
from keras_gan.game.values import Values
from keras_gan.game.view import View, suffixed
from keras_gan.ground import internals, replicas, workers
from keras_gan.ground.arguments import check_count, reason, shown
from keras_gan.ground.shapes import sizes
from keras_gan.noise import Noise, replica
from keras_gan.privacy import PrivateOptimizer

# The game that plays with an augmentation or a pool, which both are the user's own.
OWNERS = weakref.WeakKeyDictionary()


@dataclasses.dataclass(frozen=True)
class Move:
    """One update in a step.

    Attributes:
        side: Whose it is.
        batch: On which of the step's batches.
        path: The address of its noise within the step.
    """

    side: Side
    batch: int
    path: tuple


@dataclasses.dataclass(frozen=True)
class Learned:
    """The results of a side's move, before its weights are updated.

    Attributes:
        side: Whose it is.
        gradients: One per trainable weight, or None.
        logs: What is logged of the move.
        view: What objective and augmentations have yet to take note of; None if they have.
    """

    side: Side
    gradients: list
    logs: dict[str, tf.Tensor]
    view: View | None = None


def order(sides: Mapping[str, Side], names: Sequence[str] | str | None, discriminator_steps: int) -> list[str]:
    """Returns the names of sides as they move in a step: those given, or all, the judges' so often.

    Raises:
        ValueError: If names are of no side, or both are given.
    """
    check_count("discriminator_steps", discriminator_steps)
    if names is None:
        return [name for name in sides for _ in range(discriminator_steps if name == JUDGES else 1)]
    named = [names] if isinstance(names, str) else list(names)
    if not named or not set(named) <= set(sides) or discriminator_steps != 1:
        raise ValueError(
            f"`moves` must name sides, {list(sides)}, at least one, and `discriminator_steps` be 1. "
            f"Received: moves={shown(names)}, discriminator_steps={discriminator_steps}"
        )
    return named


def schedule(sides: Mapping[str, Side], names: Sequence[str]) -> list[Move]:
    """Returns the moves of a step, in the order of `names`, sides that may come several times.

    A side's moves are on batches of their own: a step consumes as many batches as the side with the most moves has,
    and a side with fewer takes the last of them. So after k moves of the discriminator the generator's one is on the
    batch of the last of them.
    """
    most, made, moves = max(map(names.count, names)), collections.Counter(), []
    for place, name in enumerate(names):
        number, count = made[name], names.count(name)
        last = place == len(names) - 1
        moves.append(Move(sides[name], most - count + number, (name,) if last else (name, number)))
        made[name] += 1
    return moves


def step(game, batches: list, noise: Noise) -> dict[str, tf.Tensor]:
    """Makes all moves of a step, and returns what is logged of them, the means of a side's several moves.

    With `reuse_fakes` the last side learns from the values that the side before it has just learned from, so that they
    are made once. What players of the side before make of them, such as the classes of fakes, is made for each side's
    move: by the weights that they have then, and so that the gradients of both run through it.

    In a simultaneous game every side has learned before the first one is updated.
    """
    logs, learned = collections.defaultdict(list), []
    for each in _learned(game, batches, noise):
        learned.append(each)
        if not game.simultaneous:
            _update(game, [learned.pop()], logs)
    _update(game, learned, logs)
    return {name: tf.reduce_mean(each) if len(each) > 1 else each[0] for name, each in logs.items()}


def _learned(game, batches, noise) -> Iterator[Learned]:
    """Yields the results of each move, in their order: the next one is begun when it is asked for."""
    *moves, last = game.moves
    if game.reuse_fakes:
        *moves, before = moves
    for move in moves:
        yield _learn_alone(game, move.side, batches[move.batch], noise.at(*move.path))
    if not game.reuse_fakes:
        yield _learn_alone(game, last.side, batches[last.batch], noise.at(*last.path))
        return
    address = noise.at(*before.path)
    values, tape = prepare(game, batches[before.batch], address), make_tape(last.side)
    with tape:
        values.compute(game.reads[last.side.name], without=before.side.members)
    yield learn(game, before.side, values, address, make_tape(before.side))
    values.forget(before.side.members)
    yield learn(game, last.side, values, noise.at(*last.path), tape)


def _learn_alone(game, side, batch, noise):
    """Lets a side learn from values of its own."""

    def compiled():
        tape = make_tape(side)
        learned = learn(game, side, prepare(game, batch, noise), noise, tape)
        return learned.gradients, learned.logs | remember(game, side, learned.view)

    if not game.compiles_replicas:
        return learn(game, side, prepare(game, batch, noise), noise, make_tape(side))
    return Learned(side, *workers.compiled(compiled, game.variables))


def _update(game, learned, logs):
    """Updates the weights of sides that have learned, and adds what is logged of them to `logs`."""
    # Grappler drops the edge that holds a bias's update back until a penalty has read it: the losses hold it back.
    with tf.control_dependencies([each.logs[f"{each.side.short}_loss"] for each in learned]):
        for each in learned:
            apply(game, each.side, each.gradients)
            found = each.logs if each.view is None else each.logs | remember(game, each.side, each.view)
            for name, value in found.items():
                logs[name].append(value)


def make_tape(side: Side) -> tf.GradientTape:
    """Returns the tape of a side's move, which watches its weights and no others. Its layers take their step."""
    side.advance()
    tape = tf.GradientTape(watch_accessed_variables=False)
    with tape:
        tape.watch([variable.value for variable in side.trainable_variables])
    return tape


def prepare(game, batch, noise: Noise, training: bool = True) -> Values:
    """Returns the beginning of a move: the parts of the batch, from which everything else is drawn and made."""
    parts = game.parts_of(batch)
    leaves = {name: game.as_input(name, part) for name, part in parts.items() if part is not None}
    count = sizes(next(iter(leaves.values())))[0]
    learning = game.learning if training else ()
    return Values(game.wiring, game.players, leaves, game.draws, count, noise, learning, element=batch)


def learn(game, side: Side, values: Values, noise: Noise, tape: tf.GradientTape) -> Learned:
    """Returns the gradients of a move, its view and its logs.

    What real and fake pass through is drawn once, so that losses and penalties see the same.

    Args:
        game: The compiled game.
        side: Whose move it is.
        values: What `prepare` gave.
        noise: The move's address.
        tape: What `make_tape` gave; it has seen how the values were made, as far as they are.
    """
    optimizer = game.optimizers[side.name]
    if isinstance(optimizer, PrivateOptimizer):
        gradients = private.gradients(game, side, optimizer, values, noise)
        view, loss, logs = _look(game, side, values, noise)
    else:
        with tape:
            view, loss, logs = _look(game, side, values, noise)
            scaled = optimizer.scale_loss(loss if noise.replica[1] == 1 else loss / noise.replica[1])
        gradients = _dense(tape.gradient(scaled, [variable.value for variable in side.trainable_variables]))
    return Learned(side, gradients, {f"{side.short}_loss": loss, **logs}, view)


def _look(game, side, values, noise):
    """Returns a side's view of a whole batch, its loss and what is logged of it."""
    values.compute(game.reads[side.name])
    view = View(game, side, values, noise)
    return view, *view.loss()


def _dense(gradients):
    """Turns gradients of embeddings into tensors: of slices Adam would square equal rows one by one."""
    return [None if gradient is None else tf.convert_to_tensor(gradient) for gradient in gradients]


def apply(game, side: Side, gradients: list) -> None:
    """Updates a side's weights.

    Those without a gradient are left out where another side moves them too. Of others Keras warns. Gradients of several
    replicas are summed first, as an optimizer clips them, and skips a step by them, before it would sum them.
    """
    optimizer = game.optimizers[side.name]
    summed = replica()[1] > 1 and takes_sums(optimizer)
    gradients = replicas.total(gradients) if summed else gradients
    optimizer = in_training(optimizer, game.kernels_used, summed)
    others = [other.trainable_variables for other in game.sides.values() if other.name != side.name]
    elsewhere = {id(variable) for variables in others for variable in variables}
    pairs = zip(gradients, side.trainable_variables, strict=True)
    optimizer.apply_gradients([pair for pair in pairs if pair[0] is not None or id(pair[1]) not in elsewhere])
    constraint = game.constraints.get(side.name)
    if constraint is not None:
        for variable in side.trainable_variables:
            variable.assign(constraint(variable))


def remember(game, side: Side, view: View) -> dict[str, tf.Tensor]:
    """Updates the memory of the objective and of the augmentations by a move, and returns what else is logged of it."""
    game.objective.update(side.name, view.round)
    logs = {}
    for name, match in game.matches.items():
        if match.judge not in side.members:
            continue
        round = view.at(name)
        logs |= suffixed(round.mean_scores(), name)
        augmentation = game.augmentation_of(name)
        if augmentation is not None:
            scores, boundary = round.critic(round.real_output), game.boundary_of(name)
            if boundary is not None:
                scores = scores - boundary(scores, round.critic(round.fake_output))
            augmentation.update(tf.repeat(scores, match.packing, axis=0))  # a score per example
            logs |= suffixed(augmentation.logs(), name)
    return logs


def judge(game, batch, noise: Noise) -> tuple[dict[str, tf.Tensor], Mapping[str, tf.Tensor]]:
    """Computes the losses of the sides that move, on what averaged makers make, without penalties or augmentation.

    Returns:
        The logs, and the values.
    """
    values = prepare(game, batch, noise, training=False)
    view = View(game, None, values, noise, training=False)
    with game.averaged():
        values.compute(name for names in game.reads.values() for name in names)
        if game.compared is not None:
            values.compute(game.compared)
        view.note_losses()
    logs, scores = {}, {}
    for side in game.moving.values():
        loss, terms = view.turn_to(side).loss()
        logs[f"{side.short}_loss"] = loss
        logs |= {log: value for log, value in terms.items() if log == f"{side.short}_regularization"}
    for name in game.matches:
        if is_judged(game, name, game.moving):
            scores |= suffixed(view.at(name).mean_scores(), name)
    return {**logs, **scores}, values


def validate_step(game) -> tuple[str, ...]:
    """Evaluates a batch of zeros, so that what does not fit is said before training begins.

    Returns:
        The names of what an evaluation logs.

    Raises:
        ValueError: If a judge's output is not what the objective reads, or another game plays with an augmentation or
            a pool of this one.
    """
    _claim(game)
    for name in game.matches:
        if game.augmentation_of(name) is not None:
            _rehearse_augmentation(game, name)
    try:
        return tuple(judge(game, game.zeros(), Noise((0, "rehearsal")))[0])
    except tf.errors.OpError as error:
        raise ValueError(
            f"`objective` must fit the discriminator's output. Received: {game.objective}, with the error: "
            f"{reason(error)}"
        ) from error


def _claim(game):
    """Makes what learns the game's own: what another game plays with would be changed by both."""
    for name, part in game.learning_parts():
        for layer in internals.layers_of(part):
            other = OWNERS.get(layer, lambda: None)()
            if layer.weights and other is not None and other is not game and other.compiled and _holds(other, layer):
                raise ValueError(
                    f"`{name}` must belong to one game, as it has a state of its own: make another one. "
                    f"Received: {name}={layer!r}, which {other.name!r} plays with"
                )
            OWNERS[layer] = weakref.ref(game)


def _holds(game, layer):
    return any(layer is each for _, part in game.learning_parts() for each in internals.layers_of(part))


def _rehearse_augmentation(game, name):
    shape, augmentation = game.shape_of_match(name), game.augmentation_of(name)
    try:
        augmentation(tf.zeros((2, *shape)), noise=Noise((0, "rehearsal")))
    except (ValueError, tf.errors.OpError) as error:
        raise ValueError(
            f"`augmentation` must take examples of shape {(None, *shape)}. "
            f"Received: augmentation={augmentation!r}, with the error: {reason(error)}"
        ) from error


def count_examples(data) -> tf.Tensor:
    """Returns how many examples are in a batch, or in each of those that are stacked on axis 1."""
    return tf.shape(keras.tree.flatten(data)[0])[0]
