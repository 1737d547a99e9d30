"""Moves under differential privacy: losses per example, and checks that nothing else reads the data."""

from collections.abc import Mapping

import keras
import tensorflow as tf

from keras_gan.game import placing, shapes
from keras_gan.game.sides import Side
from keras_gan.game.values import Values
from keras_gan.game.view import View
from keras_gan.ground import internals
from keras_gan.noise import Noise
from keras_gan.objectives import NamedTerm
from keras_gan.play import players
from keras_gan.privacy import PrivateOptimizer

CLOSE = 1e-4  # a relative difference of losses above it is no rounding
FAR = (-4.0, 4.0)  # the range of random examples: wide, to reveal losses that compare examples


def gradients(game, side: Side, optimizer: PrivateOptimizer, values: Values, noise: Noise) -> list[tf.Tensor]:
    """Returns the noised gradients of a side, from gradients per example, or per pack of examples.

    Players of other sides make their values from the whole batch, as they are not trained here.

    Args:
        game: The game.
        side: The side that moves.
        optimizer: The side's optimizer.
        values: The values from `moves.prepare`.
        noise: The address of the move's noise.
    """
    values.compute(game.reads[side.name], without=side.members)
    packing = packed(game)
    packs = tf.maximum(tf.convert_to_tensor(values.count) // packing, 1)

    def loss_of(i):
        rows = (i + packs * tf.range(packing)) % values.count  # as `packing.pack` joins them
        address = noise.beginning(i)
        return View(game, side, values.of(rows, address), address).loss()[0]

    return optimizer.gradients(loss_of, packs, side.trainable_variables, noise.at("privacy"))


def packed(game) -> int:
    """Returns how many examples are judged together."""
    return max((match.packing for match in game.matches.values()), default=1)


def check(game, optimizers: Mapping[str, keras.optimizers.Optimizer]) -> None:
    """Checks before training that only private updates depend on the data.

    Raises:
        ValueError: If anything else does.
    """
    private = {name: side for name, side in game.moving.items() if isinstance(optimizers[name], PrivateOptimizer)}
    if not private:
        return
    for name, side in game.moving.items():
        parts = parts_read(game, side)
        if parts and name not in private:
            _refuse(name, f"be a PrivateOptimizer, too, as the {name} reads the data", ", ".join(map(repr, parts)))
    strategy, packings = game.distribute_strategy, {match.packing for match in game.matches.values()}
    kept = [variable.path for variable in game.objective_memory.variables]
    for match in game.matches:
        for part in (game.augmentation_of(match), game.replay_of(match)):
            kept += [] if part is None else [variable.path for variable in part.variables]
    for name, side in private.items():
        kept += [variable.path for player in side.members.values() for variable in _statistics(player)]
        if kept:
            _refuse(name, "not be private if the game keeps a state of the data without noise", f"the state {kept[0]}")
        if side.dtype_policy.name == "mixed_float16":
            _refuse(name, "not scale the loss: use float32 or mixed_bfloat16", "mixed_float16")
    if strategy.num_replicas_in_sync > 1 or len(packings) > 1:
        found = f"{strategy.num_replicas_in_sync} replicas, packings {sorted(packings)}"
        _refuse(next(iter(private)), "run on one replica, with the same `packing` in all matches", found)
    if shapes.are_complete(game):
        check_examples(game, private)


def check_examples(game, private: Mapping[str, Side]) -> None:
    """Checks on random data that private losses are means over examples, and that other losses do not read the data.

    A loss that compares examples would be another objective if it were computed per example.

    Raises:
        ValueError: If a loss is not so.
    """
    drawn = [_batch(game, i) for i in range(2)]
    for name, side in game.moving.items():
        if name not in private:
            one, other = (float(_loss(game, side, each, each)) for each in drawn)
            if not abs(one - other) <= CLOSE * abs(one) + 1e-6:
                found = f"{str(game.objective)!r}, where it changes with the data"
                _refuse(name, f"be a PrivateOptimizer, too, or the loss of the {name} not read the data", found)
            continue
        losses = tf.stack([_loss(game, side, drawn[i], drawn[j]) for i in range(2) for j in range(2)])
        mixed = abs(float(losses[0] - losses[1] - losses[2] + losses[3]))
        if mixed > CLOSE * float(tf.reduce_max(tf.abs(losses))) + 1e-6:
            found = f"{str(game.objective)!r}, where the loss of an example changes by {mixed:.3g} with the others"
            _refuse(name, "have an objective and players that do not compare examples", found)


def _batch(game, index):
    """Returns two packs of random data by part; all labels are of one class."""
    noise = Noise((index, "examples"))

    def part(name, like):
        return noise.at(name).uniform(like.shape, *FAR) if like.dtype.is_floating else tf.fill(like.shape, index)

    return {name: tf.cast(part(name, like), like.dtype) for name, like in game.zeros().items()}


def _loss(game, side, first, second):
    """Returns a side's loss of a batch with one pack of `first` and one of `second`; changes nothing."""
    size, noise = len(next(iter(first.values()))), Noise((0, "rehearsal"))
    rows = tf.where(tf.range(size) % 2 == 0, tf.range(size), size + tf.range(size))  # as `packing.pack` joins them
    batch = {name: tf.gather(tf.concat([part, second[name]], axis=0), rows) for name, part in first.items()}
    leaves = {name: game.as_input(name, part) for name, part in game.parts_of(batch).items() if part is not None}
    with internals.nested_scope():
        values = Values(
            game.wiring, game.players, leaves, game.draws, size, noise, game.training_players, element=batch
        )
        values.compute(game.reads[side.name])
        return View(game, side, values, noise, replays=False).loss()[0]


def _refuse(side, requirement, received):
    raise ValueError(f"`{side}_optimizer` must {requirement}. Received: {received}")


def parts_read(game, side: Side) -> list[str]:
    """Returns the parts of the data that a side's loss reads."""
    terms = [term for _, term in game.objective.terms if isinstance(term, NamedTerm) and term.side == side.name]
    names = [each.split(".")[0] for term in terms for each in term.reads]
    for name, match in game.matches.items():
        if side.name not in placing.roles(game, name):
            continue
        judges = match.judge in side.members
        kinds = ("real", "fake") if judges or game.sees_real(name) else ("fake",)
        names += [each.name for kind in kinds for each in getattr(match, f"{kind}s")]
        if players.takes_labels(game.players[match.judge]):
            names += [match.labels_of[kind] for kind in kinds if kind in match.labels_of]
    return [name for name in game.wiring.leaves(dict.fromkeys(names)) if name not in game.draws]


def _statistics(player):
    """Returns a player's variables except for trainable weights, seeds and state that depends on weights alone."""
    weights = [*players.learnable(player), *players.seed_states(player)]
    for layer in internals.layers_of(player):
        weights += layer.variables if isinstance(layer, players.Advancing) else []
    known = {id(variable) for variable in weights}
    return [variable for variable in player.variables if id(variable) not in known]
