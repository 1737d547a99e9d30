"""The moves of a step: the losses and gradients of a side, and the update of its weights."""

import collections
import dataclasses
import warnings
import weakref
from collections.abc import Iterator, Mapping, Sequence

import keras
import tensorflow as tf

from keras_gan.game import private
from keras_gan.game.optimizers import in_training, takes_sums
from keras_gan.game.placing import is_judged
from keras_gan.game.sides import JUDGES, Side
from keras_gan.game.values import Values
from keras_gan.game.view import View, suffixed
from keras_gan.ground import internals, replicas, workers
from keras_gan.ground.arguments import check_count, reason, shown
from keras_gan.ground.shapes import sizes
from keras_gan.noise import Noise, replica
from keras_gan.privacy import PrivateOptimizer

# Augmentation or pool, both made by the user -> the game that uses it.
OWNERS = weakref.WeakKeyDictionary()


@dataclasses.dataclass(frozen=True)
class Move:
    """One update in a step.

    Attributes:
        side: The side that moves.
        batch: The index of its batch in the step.
        path: The address of the move's noise within the step.
    """

    side: Side
    batch: int
    path: tuple


@dataclasses.dataclass(frozen=True)
class MoveResult:
    """The results of a side's move, before its weights are updated.

    Attributes:
        side: The side that moves.
        gradients: One per trainable weight, or None.
        logs: The logs of the move.
        view: The view from which objective and augmentations are yet to be updated; None if they have been.
    """

    side: Side
    gradients: list
    logs: dict[str, tf.Tensor]
    view: View | None = None


def order(sides: Mapping[str, Side], names: Sequence[str] | str | None, discriminator_steps: int) -> list[str]:
    """Returns the names of sides in the order of their moves: `names`, or all, the judges' `discriminator_steps` times.

    Raises:
        ValueError: If a name is that of no side, if both arguments are given, or if no side is `"discriminator"` and
            `discriminator_steps` is not 1.
    """
    check_count("discriminator_steps", discriminator_steps)
    if discriminator_steps != 1 and JUDGES not in sides:
        raise ValueError(
            f"`discriminator_steps` must be 1 in a game without a side {JUDGES!r}: give `moves`. "
            f"Received: discriminator_steps={discriminator_steps}"
        )
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
    """Returns the moves of a step, in the order of `names`, in which a side may come several times.

    Each move of a side has its own batch: a step consumes as many batches as the side with the most moves needs, and a
    side with fewer moves uses the last batches. So after k moves of the discriminator, the generator's move is on the
    batch of the last one.
    """
    most, made, moves = max(map(names.count, names)), collections.Counter(), []
    for place, name in enumerate(names):
        number, count = made[name], names.count(name)
        last = place == len(names) - 1
        moves.append(Move(sides[name], most - count + number, (name,) if last else (name, number)))
        made[name] += 1
    return moves


def step(game, batches: list, noise: Noise) -> dict[str, tf.Tensor]:
    """Makes all moves of a step, and returns their logs, means where a side moves several times.

    With `reuse_fakes` the last side uses the values of the move before it, so that these are computed once. Values that
    players of the side before make from them, such as the classes of fakes, are computed in each of the two moves, with
    the weights of that time, so that both gradients run through them.

    In a simultaneous game all gradients are computed before the first update.
    """
    logs, results = collections.defaultdict(list), []
    for each in _results(game, batches, noise):
        results.append(each)
        if not game.simultaneous:
            _update(game, [results.pop()], logs)
    _update(game, results, logs)
    return {name: tf.reduce_mean(each) if len(each) > 1 else each[0] for name, each in logs.items()}


def _results(game, batches, noise) -> Iterator[MoveResult]:
    """Yields the results of each move, in order, and begins a move only when the next result is requested."""
    *moves, last = game.moves
    if game.reuse_fakes:
        *moves, before = moves
    for move in moves:
        yield _compute_alone(game, move.side, batches[move.batch], noise.at(*move.path))
    if not game.reuse_fakes:
        yield _compute_alone(game, last.side, batches[last.batch], noise.at(*last.path))
        return
    address = noise.at(*before.path)
    values, tape = prepare(game, batches[before.batch], address), make_tape(last.side)
    with tape:
        values.compute(game.reads[last.side.name], without=before.side.members)
    yield compute(game, before.side, values, address, make_tape(before.side))
    values.forget(before.side.members)
    yield compute(game, last.side, values, noise.at(*last.path), tape)


def _compute_alone(game, side, batch, noise):
    """Computes the results of a move on separate values."""

    def compiled():
        tape = make_tape(side)
        result = compute(game, side, prepare(game, batch, noise), noise, tape)
        return result.gradients, result.logs | remember(game, side, result.view)

    if not game.compiles_replicas:
        return compute(game, side, prepare(game, batch, noise), noise, make_tape(side))
    return MoveResult(side, *workers.compiled(compiled, game.variables))


def _update(game, results, logs):
    """Updates the weights of sides by the results of their moves, and adds their logs to `logs`."""
    # Grappler drops the edge that delays a bias's update until a penalty has read it: the losses delay it instead.
    with tf.control_dependencies([each.logs[f"{each.side.short}_loss"] for each in results]):
        for each in results:
            apply(game, each.side, each.gradients)
            found = each.logs if each.view is None else each.logs | remember(game, each.side, each.view)
            for name, value in found.items():
                logs[name].append(value)


def make_tape(side: Side) -> tf.GradientTape:
    """Advances the layers of a side, and returns a tape that watches the side's weights and no others."""
    side.advance()
    tape = tf.GradientTape(watch_accessed_variables=False)
    with tape:
        tape.watch([variable.value for variable in side.trainable_variables])
    return tape


def prepare(game, batch, noise: Noise, training: bool = True) -> Values:
    """Returns the values of a move: the parts of the batch; everything else is drawn or made from them when read."""
    parts = game.parts_of(batch)
    leaves = {name: game.as_input(name, part) for name, part in parts.items() if part is not None}
    count = sizes(next(iter(leaves.values())))[0]
    learning = game.training_players if training else ()
    return Values(game.wiring, game.players, leaves, game.draws, count, noise, learning, element=batch)


def compute(game, side: Side, values: Values, noise: Noise, tape: tf.GradientTape) -> MoveResult:
    """Returns the gradients of a move, its view and its logs.

    Augmentations are drawn once, so that losses and penalties use the same examples.

    Args:
        game: The compiled game.
        side: The side that moves.
        values: The values from `prepare`.
        noise: The address of the move's noise.
        tape: The tape from `make_tape`, which has recorded all values that were made before.
    """
    optimizer = game.optimizers[side.name]
    if isinstance(optimizer, PrivateOptimizer):
        gradients = private.gradients(game, side, optimizer, values, noise)
        view, loss, logs = _evaluate(game, side, values, noise)
    else:
        with tape:
            view, loss, logs = _evaluate(game, side, values, noise)
            scaled = optimizer.scale_loss(loss if noise.replica[1] == 1 else loss / noise.replica[1])
        gradients = _dense(tape.gradient(scaled, [variable.value for variable in side.trainable_variables]))
    return MoveResult(side, gradients, {f"{side.short}_loss": loss, **logs}, view)


def _evaluate(game, side, values, noise):
    """Returns a side's view of a whole batch, its loss and its logs."""
    values.compute(game.reads[side.name])
    view = View(game, side, values, noise)
    return view, *view.loss()


def _dense(gradients):
    """Turns the slices that are gradients of embeddings into tensors, as Adam would square equal rows one by one."""
    return [None if gradient is None else tf.convert_to_tensor(gradient) for gradient in gradients]


def _untrained(side, gradients, elsewhere):
    """Returns the ids of the weights of players that no term trains, with a warning, if others are trained."""
    trained = {id(v) for v, gradient in zip(side.trainable_variables, gradients, strict=True) if gradient is not None}
    found = set()
    for name, player in side.members.items():
        weights = {id(variable) for variable in player.trainable_variables}
        if weights and trained and not weights & (trained | elsewhere):
            warnings.warn(
                f"`objective` should have a term that trains each player. Received: none that trains {name!r}, of the "
                f"side {side.name!r}; put it on no side by `sides` to leave it as it is",
                stacklevel=2,
            )
            found |= weights
    return found


def apply(game, side: Side, gradients: list) -> None:
    """Updates a side's weights.

    Weights without a gradient are left out if another side updates them, too, or if they are all weights of a player,
    with a warning that names it; Keras warns of all others. Gradients of several replicas are summed first, as an
    optimizer would clip them, or skip a step by them, before it sums them.
    """
    optimizer = game.optimizers[side.name]
    summed = replica()[1] > 1 and takes_sums(optimizer)
    gradients = replicas.total(gradients) if summed else gradients
    optimizer = in_training(optimizer, game.kernels_used, summed)
    others = [other.trainable_variables for other in game.sides.values() if other.name != side.name]
    elsewhere = {id(variable) for variables in others for variable in variables}
    elsewhere |= _untrained(side, gradients, elsewhere)
    pairs = zip(gradients, side.trainable_variables, strict=True)
    optimizer.apply_gradients([pair for pair in pairs if pair[0] is not None or id(pair[1]) not in elsewhere])
    constraint = game.constraints.get(side.name)
    if constraint is not None:
        for variable in side.trainable_variables:
            variable.assign(constraint(variable))


def remember(game, side: Side, view: View) -> dict[str, tf.Tensor]:
    """Updates the state of the objective and of the augmentations after a move, and returns further logs."""
    game.objective.update(side.name, view.round)
    logs = {}
    for name, match in game.matches.items():
        if match.judge not in side.members:
            continue
        round_ = view.at(name)
        logs |= suffixed(round_.mean_scores(), name)
        augmentation = game.augmentation_of(name)
        if augmentation is not None:
            critic, boundary, output = game.fair_critic_of(name), game.boundary_of(name), round_.real_output
            scores = round_.critic(output) if critic is None else critic(output, round_)
            if boundary is not None:
                scores = scores - boundary(scores, round_.critic(round_.fake_output))
            augmentation.update(tf.repeat(scores, match.packing, axis=0))  # a score per example
            logs |= suffixed(augmentation.logs(), name)
    return logs


def judge(game, batch, noise: Noise) -> tuple[dict[str, tf.Tensor], Mapping[str, tf.Tensor]]:
    """Computes the losses of the sides that move, with averaged weights, without penalties or augmentation.

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
    """Evaluates a batch of zeros, so that errors are raised before training begins.

    Returns:
        The names of an evaluation's logs.

    Raises:
        ValueError: If a judge's output is not what the objective reads, or another game uses an augmentation or a pool
            of this one.
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
    """Registers the game as the owner of its augmentations and pools, whose state two games would both change."""
    for name, owned in game.match_layers():
        for layer in internals.layers_of(owned):
            other = OWNERS.get(layer, lambda: None)()
            if layer.weights and other is not None and other is not game and other.compiled and _holds(other, layer):
                raise ValueError(
                    f"`{name}` must be used by one game only, as it has a state: create a new instance. "
                    f"Received: {name}={layer!r}, which {other.name!r} uses"
                )
            OWNERS[layer] = weakref.ref(game)


def _holds(game, layer):
    return any(layer is each for _, owned in game.match_layers() for each in internals.layers_of(owned))


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
    """Returns the number of examples in a batch, or in each of several batches that are stacked on axis 1."""
    return tf.shape(keras.tree.flatten(data)[0])[0]
