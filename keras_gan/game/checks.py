"""Checks of the arguments of `compile` and `fit`, before training. Each error names the argument that does not fit."""

import difflib
import inspect
import re
from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from keras_gan import ranges
from keras_gan.game.wiring import read_reference
from keras_gan.ground.arguments import check_flag, interpret, shown
from keras_gan.objectives import At, NamedTerm, Objective
from keras_gan.objectives.composite import Composite
from keras_gan.replay import FakePool

RESERVED = "serving_default"  # the signature that every export has
COUNTERPARTS = {  # arguments of plain Keras models and of other libraries -> what to use instead
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
    "constraints": "`discriminator_constraint`",
    "moves": "`discriminator_steps`; games made with `Game` take any order of moves",
}


def check_tasks(game) -> None:
    """Checks that each task names a value, and that the name of the task can be that of an exported signature.

    Raises:
        ValueError: If a task does not.
    """
    values = game.wiring.values
    for task, value in game.tasks.items():
        if not (isinstance(value, str) and read_reference(value, "tasks").name in values):
            raise ValueError(f"`tasks` must name values: {', '.join(values)}. Received: {task!r} for {shown(value)}")
        taken = task == RESERVED or (task in values and task != value)
        if taken or not (isinstance(task, str) and task.isidentifier()):
            raise ValueError(
                f"`tasks` must have names that are identifiers, other than those of values and {RESERVED!r}. "
                f"Received: {task!r} for {value!r}"
            )


def check_parts(game) -> None:
    """Checks that a game reads the data, whose batches determine the number of examples of a step.

    Raises:
        ValueError: If all its values are made of draws.
    """
    if not game.parts:
        raise ValueError(
            "`values` must be made of at least one part of the data, whose batches determine the number of examples: "
            "use one, or name one in `shapes`, such as shapes={'real': (2,)}. "
            f"Received: values of draws alone, {list(game.draws)}"
        )


def check_objective(game, objective: Objective) -> None:
    """Checks that players do not end in probabilities where the objective reads logits, and that it can be saved.

    Args:
        game: The game.
        objective: The objective, each term at its match.
    """
    for term in _elements(objective):
        _check_config(term)
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


def _elements(objective):
    """Yields the objectives that an objective is made of and that are not made of others."""
    if isinstance(objective, Composite):
        for child in objective.children:
            yield from _elements(child)
    else:
        yield objective


def _check_config(term):
    """Checks that the config of a term has all arguments of its class, as the inherited `from_config` passes them."""
    if type(term).from_config.__func__ is not Objective.from_config.__func__:
        return
    missing = [name for name in _parameters(type(term)) if name not in term.get_config()]
    if missing:
        raise ValueError(
            f"`objective` must give all arguments of `{type(term).__name__}` in its `get_config`, by which it is saved "
            f"and resumed. Received: a config without {', '.join(map(repr, missing))}; return it from `get_config`"
        )


def _check_logits(game, name, term):
    value = game.wiring.values.get(name)  # None for an output of a value, such as "guess.logits": it is not checked
    bound = ranges.deduce(game.players[value.player]) if value else None
    if bound is not None and ranges.is_inside(*bound.ends, (0.0, 1.0)):
        raise ValueError(
            f"`{value.player}` must end in logits, without an activation, for the objective {str(term)!r}. "
            f"Received: {game.players[value.player].name!r} ends in a {bound.origin}"
        )


def check_arguments_of_compile(kind: type, unknown: dict, optimizers: Sequence[str]) -> None:
    """Raises an error for unknown arguments of `compile` that says what to use instead.

    Args:
        kind: The class of the game.
        unknown: The unknown arguments by name.
        optimizers: The names of the arguments for optimizers.
    """
    for name, value in unknown.items():
        if name.endswith("_optimizer") and sorted(optimizers) != ["discriminator_optimizer", "generator_optimizer"]:
            raise ValueError(
                f"`{name}` must be the optimizer of a side: {' or '.join(optimizers)}. Received: {name}={shown(value)}"
            )
        raise ValueError(
            f"`{name}` must not be given to `compile`{_instead(kind, name, optimizers)}. "
            f"Received: {name}={shown(value)}"
        )


def _instead(kind, name, optimizers):
    """Returns a hint for an unknown argument of `compile`: where it belongs, or which one to use instead."""
    known = [*_arguments(kind.compile), *optimizers]
    if name == "optimizer":
        each = ", as each side has its own" if len(optimizers) > 1 else ""
        return f": `{kind.__name__}` takes {' and '.join(f'`{optimizer}`' for optimizer in optimizers)}{each}"
    if name in COUNTERPARTS and _is_known(COUNTERPARTS[name], known):
        return f": `{kind.__name__}` takes {COUNTERPARTS[name]}"
    if name in _arguments(kind.__init__):
        return f", but to `{kind.__name__}(...)` when it is made"
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean `{close[0]}`" if close else f", which takes {', '.join(dict.fromkeys(known))}"


def _is_known(counterpart, known):
    """Returns whether the argument that a hint begins with exists; True for a hint that names none."""
    named = re.match(r"`(\w+)`", counterpart)
    return named is None or named[1] in known


def _arguments(method):
    return _parameters(method)[1:]  # without `self`


def _parameters(function):
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]


def check_logs(names: Sequence[str]) -> None:
    """Checks that no two logs of training have the same name."""
    taken = sorted({name for name in names if names.count(name) > 1})
    if taken:
        raise ValueError(
            "Logs must have different names: give those of an augmentation, or the class of a term, another name. "
            f"Received: {', '.join(map(repr, taken))} twice"
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
    """Returns the metrics of `compile` as a list of `keras.metrics.Metric` with different names.

    Args:
        metrics: Metrics, their names or configs; or None.
        reserved: The names of the logs, which no metric may have.
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
                f"`metrics` must have different names: give one of them another `name`. Received: {found.name!r}, "
                "which is taken"
            )
        made.append(found)
    return made


def check_results(results: dict) -> dict:
    """Returns the results of metrics by name, with variables as tensors, after checking that none is None."""
    for name, value in results.items():
        if value is None:
            raise ValueError(f"`metrics` must give a number each. Received: the result of {name!r} is None")
    return keras.tree.map_structure(lambda x: tf.convert_to_tensor(x) if isinstance(x, tf.Variable) else x, results)


def get_constraint(value, name: str = "discriminator_constraint") -> keras.constraints.Constraint | None:
    """Returns the constraint for the argument `name` of `compile`: a constraint, its name or config, or None."""
    required = "a Keras constraint, its name or config, or None"
    found = interpret(name, value, keras.constraints.get, required)
    if not isinstance(found, keras.constraints.Constraint | None) or isinstance(value, type):
        raise ValueError(f"`{name}` must be {required}. Received: {name}={shown(value)}")
    return found


def get_constraints(given: Mapping | None, sides: Sequence[str]) -> dict[str, keras.constraints.Constraint]:
    """Returns the constraints for the argument of `Game.compile`, by the names of the sides."""
    if not isinstance(given, Mapping | None):
        raise ValueError(f"`constraints` must be a dict by the names of the sides. Received: {shown(given)}")
    unknown = set(given or ()) - set(sides)
    if unknown:
        raise ValueError(f"`constraints` must name sides, {list(sides)}. Received: {sorted(unknown)}")
    made = {side: get_constraint(value, f"constraints[{side!r}]") for side, value in (given or {}).items()}
    return {side: constraint for side, constraint in made.items() if constraint is not None}


def check_unweighted(**weights) -> None:
    """Raises an error if weights of examples or classes are given, by the name of the argument."""
    for name, value in weights.items():
        if value is not None:
            raise ValueError(f"`{name}` must be None: examples cannot be weighted in a game. Received: a value")


def check_sharing(moves: Sequence[str], *, reuse_fakes: bool, simultaneous: bool) -> None:
    """Checks that `reuse_fakes` and `simultaneous` are possible with the moves of a step."""
    check_flag("reuse_fakes", reuse_fakes)
    if reuse_fakes and len(moves) < 2:
        raise ValueError("`reuse_fakes` must be False in a game of one move. Received: reuse_fakes=True")
    check_flag("simultaneous", simultaneous)
    if simultaneous and len(set(moves)) < len(moves):
        raise ValueError(
            "`simultaneous` must be False where a side moves several times in a step. "
            f"Received: simultaneous=True, moves={moves}"
        )


def check_compiled_replicas(objective: Objective) -> None:
    """Checks that XLA can compile the part of a replica's step that precedes the update of its weights."""
    if objective.follows_weights:
        raise ValueError(
            "`jit_compile` must be False or 'auto' under a `tf.distribute` strategy where the objective reads "
            "updated weights, as XLA compiles only what precedes the update. "
            f"Received: jit_compile=True, objective={objective}"
        )


def check_penalties_at(value: str) -> None:
    """Checks that `penalties_at` is `"picture"` or `"augmented"`."""
    if value not in ("picture", "augmented"):
        raise ValueError(f"`penalties_at` must be 'picture' or 'augmented'. Received: penalties_at={value!r}")


def check_replays(game, objective: Objective) -> None:
    """Checks that the pool of past fakes of each match fits the objective and the shape of the fakes."""
    for match in game.matches.values():
        _check_replay(match.replay, objective, [game.shapes.get(str(each)) for each in match.fakes])


def _check_replay(replay, objective, shapes):
    if not isinstance(replay, FakePool | None):
        raise ValueError(f"`replay` must be a FakePool or None. Received: replay={replay!r}")
    if replay is None:
        return
    if objective.reads_latents:
        raise ValueError(
            f"`replay` must be None where the objective reads latents: a past fake had others. Received: {objective}"
        )
    if len(shapes) > 1:
        raise ValueError(
            f"`replay` must be None in a match of several parts, as it keeps one. Received: {len(shapes)} parts"
        )
    (example_shape,) = shapes
    found = tuple(replay.fakes.shape[1:]) if replay.built else example_shape
    if found != example_shape:
        raise ValueError(f"`replay` must hold examples of shape {example_shape}. Received: examples of shape {found}")


def check_packs(batch, packing: int, replicas: int) -> None:
    """Checks that a training batch divides into whole packs on every replica."""
    if packing > 1 and len(batch) % (packing * replicas):
        times = f" times the number of replicas, {packing} x {replicas}" if replicas > 1 else f", {packing}"
        raise ValueError(f"The batch size must be a multiple of `packing`{times}. Received: a batch of {len(batch)}")
