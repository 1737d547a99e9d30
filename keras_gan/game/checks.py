"""What must fit before a game begins: players, latents, labels and data. Each error names what does not."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_gan import ranges
from keras_gan.data import feed
from keras_gan.ground.arguments import fits_in_memory, interpret, kind, reason, shown
from keras_gan.latents import Latents, Prior, label_count
from keras_gan.noise import Noise
from keras_gan.objectives import At, NamedTerm, Objective
from keras_gan.play import conditions, players
from keras_gan.replay import FakePool

COMPILED_WITH = {  # what a plain Keras model or another library would call it
    "optimizer": "`generator_optimizer` and `discriminator_optimizer`, as each player has its own",
    "g_optimizer": "`generator_optimizer`",
    "gen_optimizer": "`generator_optimizer`",
    "d_optimizer": "`discriminator_optimizer`",
    "disc_optimizer": "`discriminator_optimizer`",
    "loss": "`objective`, such as 'non_saturating' or 'wasserstein + 10 * gradient_penalty'",
    "loss_fn": "`objective`, such as 'non_saturating' or 'wasserstein + 10 * gradient_penalty'",
    "g_loss_fn": "`objective`, which gives a loss to both players",
    "d_loss_fn": "`objective`, which gives a loss to both players",
    "gp_weight": "an objective with a penalty, such as 'wasserstein + 10 * gradient_penalty'",
    "d_steps": "`discriminator_steps`",
    "disc_steps": "`discriminator_steps`",
    "n_critic": "`discriminator_steps`",
    "discriminator_extra_steps": "`discriminator_steps`",
    "loss_weights": "weights in the objective, such as 'hinge + 10 * r1'",
    "weighted_metrics": "`metrics`, as no example has a weight",
}


def check_players(
    generator: keras.Model, discriminator: keras.Model, latents: Latents, labels: Prior | None, packing: int = 1
) -> tuple:
    """Builds players that are not built yet, and checks that each takes what the other gives.

    Returns:
        The shape of one generated example, and the condition that players take: None if nothing says it.

    Raises:
        ValueError: If something does not fit.
    """
    for name, player in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(player, keras.Model):
            raise ValueError(f"`{name}` must be a keras.Model. Received: {name}={player!r}")
    if generator is discriminator:
        raise ValueError(
            "`generator` and `discriminator` must be two models, which play against each other. "
            f"Received: one model for both, {generator.name!r}"
        )
    takes_z = _input_shape(generator)
    if takes_z is not None and takes_z != (None, latents.dim):
        hint = (
            "; the inputs of a conditional generator are [latents, labels]" if players.takes_labels(generator) else ""
        )
        raise ValueError(
            f"`latents` must have the shape that the generator takes, {takes_z}. "
            f"Received: latents={latents!r} of shape (None, {latents.dim}){hint}"
        )
    with fits_in_memory("latents", f"latents={latents!r}"):
        z = latents.draw(3, Noise((0, "check")))
    condition = conditions.find({"generator": generator, "discriminator": discriminator}, labels)
    if condition is None or condition.is_label:
        y = np.array([0, 0, (label_count(labels) or 1) - 1], "int32")
    else:
        y = condition.zeros(3).numpy()
    fake = _try("generator", generator, z, y, f"latents of shape (N, {latents.dim})")
    if not hasattr(fake, "shape"):
        raise ValueError(f"`generator` must give one tensor. Received: a {type(fake).__name__}")
    _check_one_per_example("generator", generator, fake, 3)
    packed = (*fake.shape[1:-1], packing * fake.shape[-1])
    takes_x = _input_shape(discriminator)
    if takes_x is not None and not _fits((2, *packed), takes_x):
        hint = f", which is {(None, *packed)} with packing={packing}" if packing > 1 else ""
        raise ValueError(
            f"`generator` must give what the discriminator takes, {takes_x}. "
            f"Received: generator output of shape {(None, *fake.shape[1:])}{hint}"
        )
    if packing > 1 and players.takes_labels(discriminator):
        raise ValueError(
            "`packing` must be 1 where the discriminator takes labels: packed examples differ in theirs. "
            f"Received: packing={packing}"
        )
    x = np.zeros((2, *packed), fake.dtype.name)
    output = _try("discriminator", discriminator, x, y[1:], f"generated examples of shape {(None, *packed)}")
    if isinstance(output, list | tuple):
        raise ValueError(
            "`discriminator` must give one tensor, or a dict of tensors of which one is named 'output', such as "
            "`keras.Model(inputs, {'output': score, 'features': hidden})`. "
            f"Received: {discriminator.name!r}, which gives a {type(output).__name__} of {len(output)}"
        )
    _check_one_per_example("discriminator", discriminator, output, 2)
    shared = {id(v) for v in generator.variables} & {id(v) for v in discriminator.variables}
    if shared:
        names = [v.path for v in generator.variables if id(v) in shared]
        raise ValueError(f"`generator` and `discriminator` must not share variables. Received: both hold {names[:3]}")
    if labels is not None and not players.takes_labels(generator) and not players.takes_labels(discriminator):
        raise ValueError(
            "`labels` must be None unless a player takes labels: give it a second input, or a `labels` argument in "
            f"`call`. Received: labels={labels!r}"
        )
    return tuple(fake.shape[1:]), condition


def check_trainable(game) -> None:
    """Checks that every side has weights that its moves can change.

    Raises:
        ValueError: If all players of a side are frozen, or have no weights.
    """
    for side in game.sides.values():
        if side.trainable_variables:
            continue
        count = sum(len(players.learnable(player)) for player in side.members.values())
        (name, player), *others = side.members.items()
        who = f"{player.name!r}" if not others else f"the side {side.name!r}"
        received = f"Received: {who} with 0 trainable weights"
        if not count:
            raise ValueError(f"`{name}` must have weights to train: give it a layer that learns. {received}")
        # Keras skips `model.trainable = True` where the model's own flag is True, and only its layers are frozen
        unfreeze = "`layer.trainable = True` on its layers" if player.trainable else f"`{name}.trainable = True`"
        raise ValueError(
            f"`{name}` must have weights to train: set {unfreeze}, and compile. Freezing is not needed here, as "
            f"each move updates one player only. {received}, as all of its {count} are frozen"
        )


def check_objective(game, objective: Objective) -> None:
    """Checks that judges, and players that make logits, end as the objective wants them.

    Args:
        game: The game.
        objective: The objective, each term at its match.
    """
    for name, match in game.matches.items():
        judge = game.players[match.judge]
        scores = ranges.deduce(judge)
        terms = [term for _, term in objective.terms if not isinstance(term, At) or term.match in (None, name)]
        if any(term.reads_logits for term in terms) and ranges.is_inside(*scores.ends, (0.0, 1.0)):
            raise ValueError(
                f"`{match.judge}` must end in logits, without an activation, for the objective {str(objective)!r}. "
                f"Received: {judge.name!r} ends in a {scores.origin}"
            )
    for _, term in objective.terms:
        for name in term.reads_as_logits if isinstance(term, NamedTerm) else ():
            _check_logits(game, name, term)


def _check_logits(game, name, term):
    value = game.wiring.values.get(name)  # of an output of a value, such as "guess.logits", nothing is known
    bound = ranges.deduce(game.players[value.player]) if value else None
    if bound is not None and ranges.is_inside(*bound.ends, (0.0, 1.0)):
        raise ValueError(
            f"`{value.player}` must end in logits, without an activation, for the objective {str(term)!r}. "
            f"Received: {game.players[value.player].name!r} ends in a {bound.origin}"
        )


def check_arguments_of_compile(unknown: dict, optimizers: Sequence[str]) -> None:
    """Refuses what `compile` does not take, with what is taken in its place.

    Args:
        unknown: The unknown arguments by name.
        optimizers: The names of the arguments for optimizers.
    """
    for name, value in unknown.items():
        if name.endswith("_optimizer") and sorted(optimizers) != ["discriminator_optimizer", "generator_optimizer"]:
            raise ValueError(
                f"`{name}` must be the optimizer of a side: {' or '.join(optimizers)}. Received: {name}={shown(value)}"
            )
        raise ValueError(
            f"`{name}` must not be given to `compile`: a GAN takes {COMPILED_WITH.get(name, 'other arguments')}. "
            f"Received: {name}={shown(value)}"
        )


READS_LABELS = tuple(
    getattr(keras.metrics, name)
    for name in (
        *("Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"),
        *("TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy"),
        *("BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "KLDivergence", "Poisson"),
        *("Hinge", "SquaredHinge", "CategoricalHinge", "AUC", "Precision", "Recall", "F1Score", "FBetaScore"),
        *("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives", "IoU"),
        *("SensitivityAtSpecificity", "SpecificityAtSensitivity", "PrecisionAtRecall", "RecallAtPrecision"),
    )
)


def check_metrics(metrics: list | None, reserved: Sequence[str]) -> list[keras.metrics.Metric]:
    """Returns the metrics of `compile` as a list of `keras.metrics.Metric`, each with a name of its own.

    Args:
        metrics: Metrics, their names or configs; or None.
        reserved: The names of the logs that stand beside them.
    """
    required = "a list of Keras metrics, their names or configs"
    if not isinstance(metrics, list | tuple | None):
        raise ValueError(f"`metrics` must be {required}, or None. Received: metrics={shown(metrics)}")
    made = []
    for metric in metrics or ():
        found = interpret("metrics", metric, keras.metrics.get, required)
        if not isinstance(found, keras.metrics.Metric) or isinstance(metric, type):
            raise ValueError(f"`metrics` must be {required}. Received: metrics={shown(metric)}")
        if isinstance(found, READS_LABELS) and type(found).update_state.__module__.startswith("keras."):
            raise ValueError(
                "`metrics` must compare sets of examples: each is given (real, fake), not labels and predictions, so "
                "that accuracies, cross-entropies and the like mean nothing. Take one of keras_gan.metrics, such as "
                "FrechetDistance, KernelDistance, SlicedWasserstein, PrecisionRecall or DensityCoverage; d_real and "
                f"d_fake show how the discriminator judges. Received: {shown(metric)}"
            )
        if found.name in [*reserved, *(each.name for each in made)]:
            raise ValueError(
                f"`metrics` must have names of their own: give one of them another `name`. Received: {found.name!r}, "
                "which is taken"
            )
        made.append(found)
    return made


def check_results(results: dict) -> dict:
    """Returns the results of metrics by name, tensors also where they are variables, if each is a number."""
    for name, value in results.items():
        if value is None:
            raise ValueError(f"`metrics` must give a number each. Received: the result of {name!r} is None")
    return keras.tree.map_structure(lambda x: tf.convert_to_tensor(x) if isinstance(x, tf.Variable) else x, results)


def get_constraint(value) -> keras.constraints.Constraint | None:
    """Returns the constraint that `compile` takes: itself, or made from its name or config."""
    required = "a Keras constraint, its name or config, or None"
    found = interpret("discriminator_constraint", value, keras.constraints.get, required)
    if not isinstance(found, keras.constraints.Constraint | None) or isinstance(value, type):
        raise ValueError(
            f"`discriminator_constraint` must be {required}. Received: discriminator_constraint={shown(value)}"
        )
    return found


def get_constraints(given: Mapping | None, sides: Sequence[str]) -> dict[str, keras.constraints.Constraint]:
    """Returns the constraints that `Game.compile` takes, by the names of the sides."""
    if not isinstance(given, Mapping | None):
        raise ValueError(f"`constraints` must be a dict by the names of the sides. Received: {shown(given)}")
    unknown = set(given or ()) - set(sides)
    if unknown:
        raise ValueError(f"`constraints` must name sides, {list(sides)}. Received: {sorted(unknown)}")
    made = {side: get_constraint(value) for side, value in (given or {}).items()}
    return {side: constraint for side, constraint in made.items() if constraint is not None}


def check_unweighted(**weights) -> None:
    """Refuses weights of examples or classes, given by the name of the argument."""
    for name, value in weights.items():
        if value is not None:
            raise ValueError(f"`{name}` must be None: a game has no weighted examples. Received: a value")


def check_step(element, game: keras.Model, *, name: str, batches: int) -> None:
    """Checks the shapes of what one call of `train_on_batch` or `test_on_batch` gets.

    Args:
        element: A batch of examples, or (examples, labels).
        game: The compiled `GAN`.
        name: The name of the method.
        batches: How many batches it consumes, stacked on axis 1.
    """
    examples, labels = feed.unpack(element)
    stacked = (batches,) if batches > 1 else ()
    shape, wanted = tuple(getattr(examples, "shape", ())), (*stacked, *game.example_shape)
    if shape[1:] != wanted:
        why = f", as a step consumes {batches} batches, stacked on axis 1" if stacked else ""
        raise ValueError(f"`{name}` must be given examples of shape {(None, *wanted)}{why}. Received: shape={shape}")
    if game.takes_labels and labels is None:
        raise ValueError(f"`{name}` must be given (examples, labels): a player takes labels. Received: examples only")
    if labels is not None:
        given, first, one = tuple(getattr(labels, "shape", ())), shape[: 1 + len(stacked)], _condition_of(game)
        if given[: len(first)] != first or not one.fits(given[len(first) :]):
            raise ValueError(
                f"`{name}` must be given labels of shape {(*first, *one.shape)}. Received: labels of shape {given}"
            )
    check_packs(examples, game.packing)


def check_penalties_at(value: str) -> None:
    """Checks that penalties know where to differentiate."""
    if value not in ("picture", "augmented"):
        raise ValueError(f"`penalties_at` must be 'picture' or 'augmented'. Received: penalties_at={value!r}")


def check_replay(replay: FakePool | None, objective: Objective, example_shape: tuple) -> None:
    """Checks that past fakes may be shown in this game, and have its shape."""
    if not isinstance(replay, FakePool | None):
        raise ValueError(f"`replay` must be a FakePool or None. Received: replay={replay!r}")
    if replay is None:
        return
    if objective.reads_latents:
        raise ValueError(
            f"`replay` must be None where the objective reads latents: a past fake had others. Received: {objective}"
        )
    held = tuple(replay.fakes.shape[1:]) if replay.built else example_shape
    if held != example_shape:
        raise ValueError(f"`replay` must hold examples of shape {example_shape}. Received: examples of shape {held}")


def check_batch(batch, labels, game) -> None:
    """Checks the first batch of a data set against the game's generator and labels.

    Raises:
        ValueError: If its shape, range or labels do not fit.
    """
    example_shape = game.example_shape
    batch = np.asarray(batch)
    feed.check_numbers(batch)
    if batch.shape[1:] != example_shape:
        raise ValueError(
            f"The data must have the shape that the generator makes, {(None, *example_shape)}. "
            f"Received: a batch of shape {batch.shape}"
        )
    if not np.all(np.isfinite(batch)):
        raise ValueError(f"The data must be finite. Received: a batch with {np.sum(~np.isfinite(batch))} NaN or Inf")
    _check_range(float(batch.min()), float(batch.max()), game)
    if game.takes_labels and labels is None:
        raise ValueError("The data must be pairs (example, label): a player takes labels. Received: examples only")
    count = label_count(game.labels)
    if game.takes_labels:
        game.condition.check(labels, len(batch), "The data's labels")
    are_labels = game.takes_labels and game.condition.is_label
    if are_labels and count is not None:
        check_labels(np.asarray(labels), range(count), "The data's labels")
    lowest = 0 if labels is None else _check_classes(np.asarray(labels), game)
    if are_labels and count is None:
        check_labels(np.asarray(labels), range(lowest, 2**31), "The data's labels")
        _try_labels(game, np.array([0, 0, np.max(labels)], "int32"))
    elif game.takes_labels and not are_labels:
        _try_labels(game, game.condition.of(labels[:3]).numpy())


def _check_range(low, high, game):
    """Checks that the generator can reach the data, and that it is what the GAN takes as black and white."""
    bound = ranges.deduce(game.generator)
    if not ranges.is_inside(low, high, bound.ends):
        raise ValueError(
            f"The data must lie in {ranges.shown(bound.ends)}, the range of the generator, which ends in a "
            f"{bound.origin}. Received: data in {ranges.shown((low, high))}; {ranges.how_to_map(bound.ends)}"
        )
    if game.range_is_known and not ranges.is_inside(low, high, game.value_range):
        raise ValueError(
            f"The data must lie in {ranges.shown(game.value_range)}, the `value_range` of the GAN. "
            f"Received: data in {ranges.shown((low, high))}; {ranges.how_to_map(game.value_range)}"
        )


def _condition_of(game):
    return game.condition or conditions.Condition()


def _try_labels(game, labels):
    """Calls each player that takes labels with some of the data: of integers with the largest, as no prior says it."""
    z = game.latents.draw(len(labels), Noise((0, "check")))
    x = np.zeros((len(labels), *game.example_shape), "float32")
    for name, inputs, what in (
        ("generator", z, f"latents of shape (N, {game.latents.dim})"),
        ("discriminator", x, f"examples of shape {(None, *game.example_shape)}"),
    ):
        player = getattr(game, name)
        if players.takes_labels(player):
            made = _try(name, player, players.cast_like(inputs, player), labels, what)
            _check_one_per_example(name, player, made, len(labels))
            if name == "generator" and tuple(made.shape[1:]) != game.example_shape:
                raise ValueError(
                    f"`generator` must give examples of shape {(None, *game.example_shape)} whatever the labels are. "
                    f"Received: {tuple(made.shape)} of labels of shape {labels.shape}"
                )


def _check_integers(labels, count):
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"The data's labels must be integers, one an example, ({count},). "
            f"Received: labels of {kind(labels)}, of shape {labels.shape}"
        )


def check_packs(batch, packing: int) -> None:
    """Checks that a batch to train on makes whole packs."""
    if len(batch) % packing:
        raise ValueError(
            f"The batch size must be a multiple of `packing`, {packing}. Received: a batch of {len(batch)}"
        )


def check_labels(labels: np.ndarray, known: range, what: str) -> None:
    """Checks that all labels are in the range of the `known` ones."""
    if labels.size and (labels.min() < known.start or labels.max() >= known.stop):
        low, high = labels.min(), labels.max()
        received = f"the label {low}" if low == high else f"labels in [{low}, {high}]"
        raise ValueError(f"{what} must be in [{known.start}, {known.stop}). Received: {received}")


def _check_classes(labels, game):
    """Checks that the discriminator has a logit for each label that the objective reads, and returns the lowest."""
    shape = (2, *game.example_shape[:-1], game.packing * game.example_shape[-1])
    zeros = players.cast_like(tf.zeros(shape), game.discriminator)
    output = players.call(game.discriminator, zeros, _condition_of(game).zeros(2))
    lowest = 0
    for name, _, term in game.objective.named_terms():
        known = term.label_range(output)
        if known is not None:
            lowest = min(lowest, known.start)  # -1 of an example without a label
            _check_integers(labels, len(labels))
            check_labels(labels, known, f"The data's labels, of which the discriminator has logits for {name!r},")
            drawn = np.arange(label_count(game.labels) or 0)
            if game.labels is not None and not game.condition.is_label:
                raise ValueError(
                    f"`labels` must be drawn as integers (N,) for {name!r}, which reads classes. Received: "
                    f"labels={game.labels!r}, which draws {game.condition.text}"
                )
            check_labels(drawn, known, f"The GAN's `labels`, of which the discriminator has logits for {name!r},")
    return lowest


def check_labels_to_generate(n: int, labels, game) -> np.ndarray | None:
    """Checks the labels that `generate` is asked for: one or `n` known ones, if the generator wants any.

    Returns:
        (1, ...) or (n, ...) conditions; where they are to be drawn one that is missing; None if none are taken.
    """
    condition = game.condition
    if not players.takes_labels(game.generator):
        if labels is not None:
            raise ValueError(f"`labels` must be None: the generator takes none. Received: labels={labels!r}")
        return None
    if labels is None:
        if game.labels is None:
            raise ValueError(
                "`labels` must be given: the generator takes them, and the GAN was made without `labels` to draw "
                "them from. Received: labels=None"
            )
        return condition.missing()
    labels = np.asarray(labels)
    if not condition.holds(labels) or condition.rows(labels, n) is None:
        what = f"finite numbers of shape {condition.shape}, one condition for all, or {(n, *condition.shape)}"
        if condition.is_label:
            what = f"one integer or {n} integers"
        raise ValueError(f"`labels` must be {what}. Received: labels of {kind(labels)}, of shape {labels.shape}")
    count = label_count(game.labels)
    if count is not None:
        check_labels(labels, range(count), "`labels`")
    return condition.rows(labels, n)


def _input_shape(player):
    inputs = players.graph_inputs(player)
    return tuple(inputs[0].shape) if inputs else None


def _fits(shape, wanted):
    return len(shape) == len(wanted) and all(w in (None, s) for s, w in zip(shape[1:], wanted[1:], strict=True))


def _try(name, player, inputs, labels, what):
    if players.takes_labels(player):
        most = f" up to {labels.max()}" if labels.ndim == 1 and labels.max() else ""
        shape = f"(N{''.join(f', {size}' for size in labels.shape[1:])}{',' * (labels.ndim == 1)})"
        what = f"[{what}, labels{most} of shape {shape} {labels.dtype}], in this order"
    try:
        return players.call(player, inputs, labels)
    except Exception as error:  # whatever a user's model may raise
        hint = _hint(player) if "unpack" in str(error) else ""
        if players.takes_labels(player) and players.graph_inputs(player) is None and labels.dtype == "int32":
            hint = "; where a subclass takes another condition, `labels` must be a prior that draws it"
        raise ValueError(
            f"`{name}` must take {what}. Received: {player.name!r}, with the error: {reason(error)}{hint}"
        ) from error


def _check_one_per_example(name, player, outputs, count):
    """Checks that each output of a player on `count` examples has that many rows."""
    for output in keras.tree.flatten(outputs):
        if not getattr(output, "shape", None) or output.shape[0] != count:
            raise ValueError(
                f"`{name}` must give one output per example. Received: {player.name!r}, which gives shape "
                f"{tuple(getattr(output, 'shape', ()))} for {count} examples{_hint(player)}"
            )


def _hint(player):
    """Says how a subclassed player gets labels, if this one gets none."""
    if players.graph_inputs(player) is not None or players.takes_labels(player):
        return ""
    return "; a subclassed player gets labels only if its `call` has an argument named `labels`"
