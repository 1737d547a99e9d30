"""The check that TensorFlow can differentiate a discriminator as gradient penalties require."""

import dataclasses
import inspect
import itertools
import math
import warnings
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from keras_gan.gradients.differences import Verdict, examine
from keras_gan.gradients.differentiable import graph_of, is_right, parts
from keras_gan.ground import internals, workers
from keras_gan.latents import Latents
from keras_gan.noise import Noise
from keras_gan.objectives import Objective
from keras_gan.play import players
from keras_gan.play import round as round_
from keras_gan.play.conditions import Condition
from keras_gan.play.round import Round, main_output

layers = keras.layers
EXAMPLES, LARGE = 4, 4096  # enough for batch statistics; half as many examples if one has more numbers than this
OURS = ("BatchNormalization", "GroupNormalization", "LayerNormalization", "Resizing", "SpectralNormalization")
INSTEAD = {
    **{name: f"use `keras_gan.layers.{name}` instead" for name in (*OURS, "UpSampling2D")},
    "Resize": "use `keras_gan.layers.Resizing` or `keras_gan.layers.UpSampling2D` instead",
    "Embedding": "the player's input must reach its score through operations that have a gradient",
    "Round": "the player's input must reach its score through operations that have a gradient",
    **{
        f"Random{name}": "use `augmentation='diff_augment'` of `compile` instead"
        for name in ("Translation", "Zoom", "Rotation", "Shear", "Perspective", "Affine")
    },
}


@dataclasses.dataclass(frozen=True)
class Judged:
    """A discriminator, and the penalties that differentiate it.

    Attributes:
        discriminator: The discriminator, or another judge.
        generator: The player that makes its fakes.
        terms: The objective's terms for this discriminator, by name.
        shapes: The shape per example of each of the discriminator's inputs, before packing, without labels.
        packing: The number of examples per score. Defaults to 1.
        dtypes: The dtypes of the inputs, `"float32"` or `"int32"`. Defaults to floats.
        prior: The prior of the latents; None if there are no latents.
        augmentation: The augmentation of the discriminator's inputs, or None.
        critic: A function from the discriminator's output to the score; None for the output itself.
        condition: The discriminator's labels, if it takes any.
    """

    discriminator: keras.Model
    generator: keras.Model
    terms: Sequence[tuple[str, Objective]]
    shapes: Sequence[tuple]
    packing: int = 1
    dtypes: Sequence[str] = ()
    prior: Latents | None = None
    augmentation: keras.layers.Layer | None = None
    critic: Callable | None = None
    condition: Condition = dataclasses.field(default_factory=Condition)


def check(judged: Judged) -> None:
    """Checks the gradients of every layer that a penalty on the discriminator's gradient passes through.

    Layers whose gradients are known to be right are skipped; if all are, the check costs nothing. The others are
    compared with finite differences, each at its inputs when the discriminator is called on noise. Weights, statistics
    and seeds do not change. With several workers the check is skipped.

    Args:
        judged: The discriminator and its penalties.

    Raises:
        ValueError: If there is no gradient through a layer.

    Warns:
        UserWarning: If a gradient through a layer differs from finite differences.
    """
    discriminator = judged.discriminator
    if workers.are_several(tf.distribute.get_strategy()) or is_right(discriminator):
        return
    names = [name for name, term in judged.terms if _differentiates(term, judged)]
    if not names:
        return
    search = _Search()
    x, labels = _batch(judged)
    try:
        with keras.StatelessScope():
            search.player(discriminator, x, labels)
        blocked = search.blocked and _has_no_gradient(discriminator, x, labels)
    except Exception:  # a player need not accept noise
        return
    if search.missing or blocked:
        raise ValueError(
            f"`objective` must have a gradient through {discriminator.name!r}. Received: {names[0]!r}, which has none "
            f"through {_describe(search.missing or search.blocked)}; or compile with `check_gradients=False`"
        )
    if search.inexact:
        warnings.warn(
            f"The gradient of {names[0]!r} is inexact through {_describe(search.inexact)}; `check_gradients=False` "
            "compiles without this check",
            stacklevel=3,
        )


def check_augmentation(judged: Judged) -> None:
    """Checks the augmentation's gradients, which penalties at the picture differentiate twice.

    The library's augmentations are known to be right. Others are compared with finite differences along a random
    direction.

    Args:
        judged: The discriminator, its penalties and its augmentation.

    Raises:
        ValueError: If there is no gradient, or no second gradient.

    Warns:
        UserWarning: If the gradient differs from finite differences.
    """
    augmentation = judged.augmentation
    own = "keras_gan."
    if augmentation is None or all(
        type(layer).__module__.startswith(own) for layer in internals.layers_of(augmentation)
    ):
        return
    names = [name for name, term in judged.terms if _differentiates(term, judged)]
    if not names:
        return
    draw, noise = Noise((0, "augmentation")), Noise((0, "gradients"))
    x, along = (
        players.cast_like(draw.at(name).normal((EXAMPLES, *judged.shapes[0])), judged.discriminator) for name in "xv"
    )
    upstream = players.cast_like(draw.at("u").normal((EXAMPLES, *judged.shapes[0])), judged.discriminator)
    with tf.GradientTape(watch_accessed_variables=False) as twice:
        twice.watch(upstream)
        with tf.GradientTape(watch_accessed_variables=False) as once:
            once.watch(x)
            augmented = augmentation(x, noise=noise)
        by_tape = once.gradient(augmented, x, output_gradients=upstream)
        slope = 0.0 if by_tape is None else tf.reduce_sum(by_tape * along)
    try:
        again = None if by_tape is None else twice.gradient(slope, upstream)
    except LookupError:
        again = None
    instead = "or compile with `penalties_at='augmented'`"
    if again is None:
        raise ValueError(
            "`augmentation` must be differentiable twice for penalties at the picture: use only such operations, "
            f"{instead}. Received: augmentation={augmentation!r}, with the penalty {names[0]!r}"
        )
    ahead, behind = (augmentation(x + step * along, noise=noise) for step in (0.01, -0.01))
    difference = tf.reduce_sum((ahead - behind) / 0.02 * upstream)
    scale = tf.norm(by_tape) * tf.norm(along)
    if max(abs(difference - slope), abs(difference - tf.reduce_sum(again * upstream))) > 0.01 * scale:
        warnings.warn(
            f"The gradient of {names[0]!r} is inexact through {augmentation!r}: {float(slope):.6g} by TensorFlow, "
            f"{float(difference):.6g} by finite differences; {instead}",
            stacklevel=3,
        )


def _describe(found):
    """Returns a text of the first faulty layer and its numbers, the names of the others, and a remedy."""
    (name, operation, verdict), *others = found
    kind = type(operation).__name__
    text = f"the layer {name!r} ({kind})"
    if verdict.kind == "missing" and verdict.difference != verdict.difference:
        text += ", whose gradient TensorFlow cannot differentiate"
    elif verdict.kind != "blocked":
        text += f": {verdict.tape:.6g} by TensorFlow, {verdict.difference:.6g} by finite differences"
    if others:
        text += f" (likewise {', '.join(repr(other[0]) for other in others)})"
    return f"{text}. To fix it, {INSTEAD.get(kind, 'replace the layer, or leave out the penalty')}"


class _Search:
    """A walk through a player, in the order of its calls, that examines layers not known to be right."""

    def __init__(self):
        self.missing, self.inexact, self.blocked = [], [], []

    def player(self, player, x, labels):
        graph, pair = graph_of(player), list(x) if isinstance(x, tuple) else [x]
        if graph is None:
            kwargs = {"labels": labels} if len(pair) == 1 and players.takes_labels(player) else {}
            self.operation(player, tuple(pair), {**kwargs, "training": True}, pair, main_output)
            return
        output = graph.outputs[0] if isinstance(player, keras.Sequential) else main_output(player.output)
        self.graph(graph, [*pair, labels][: len(graph.inputs)], pair, [output])

    def graph(self, graph, inputs, active, wanted):
        """Runs a functional model, and examines the calls from its `active` inputs to its `wanted` outputs."""
        nodes = [node for depth in sorted(graph._nodes_by_depth, reverse=True) for node in graph._nodes_by_depth[depth]]
        needed = {id(x) for x in wanted}
        for node in reversed(nodes):
            if any(id(x) in needed for x in node.outputs):
                needed |= {id(x) for x in node.input_tensors}
        values = dict(zip(map(id, graph.inputs), inputs, strict=True))
        moving = {key for key, value in values.items() if any(value is x for x in active)}
        for node in nodes:
            if node.is_input or any(id(x) not in values for x in node.input_tensors):
                continue
            args, kwargs = node.arguments.fill_in(values)
            given = [values[id(x)] for x in node.input_tensors if id(x) in moving]
            seen = given if any(id(x) in needed for x in node.outputs) else []
            outputs = self.node(node.operation, args, kwargs, seen)
            values |= zip(map(id, node.outputs), keras.tree.flatten(outputs), strict=True)
            moving |= {id(x) for x in node.outputs} if given else set()

    def node(self, operation, args, kwargs, active):
        """Makes one call in the graph, and returns its outputs."""
        graph = graph_of(operation)
        if isinstance(operation, layers.Layer) and "training" in inspect.signature(operation.call).parameters:
            kwargs = {**kwargs, "training": True}
        if active and graph is not None:
            self.graph(graph, keras.tree.flatten(args), active, graph.outputs)
        elif active and not is_right(operation) and not _is_synchronized(operation):
            self.operation(operation, args, kwargs, active)
        return operation(*args, **kwargs)

    def operation(self, operation, args, kwargs, active, select=lambda outputs: outputs):
        """Examines one operation, and records its faults by the names of the faulty layers inside it."""
        alike = [found for found in self.inexact if type(found[1]) is type(operation) and not parts(operation)]
        if type(operation).__name__ == "StopGradient":  # which is intended
            verdict = Verdict("blocked")
        else:
            verdict = alike[0][2] if alike else examine(operation, args, kwargs, active, select)
        found = [(operation.name, operation, verdict)]
        if verdict.kind in ("missing", "inexact", "unclear", "blocked"):
            found = _inside(operation, verdict) or found
        for name, part, fault in found:
            faults = {"missing": self.missing, "inexact": self.inexact, "blocked": self.blocked}.get(fault.kind, [])
            faults.append((name, part, fault))


def _inside(operation, verdict):
    """Finds the faulty layers inside a layer or subclassed model, on noise of the shapes that they were built for."""
    found = []
    for part in parts(operation):
        shape = (part.get_build_config() or {}).get("input_shape")
        known = isinstance(shape, tuple | list) and all(isinstance(n, int | None) for n in shape)
        if is_right(part) or _is_synchronized(part) or not known:
            continue
        shape = [EXAMPLES if i == 0 else n or 8 for i, n in enumerate(shape)]
        x = tf.cast(Noise((0, "gradients", part.name)).uniform(tuple(shape)), part.compute_dtype)
        training = {"training": True} if "training" in inspect.signature(part.call).parameters else {}
        fault = examine(part, (x,), training, [x])
        if fault.kind in ("missing", "inexact") or fault.kind == verdict.kind == "blocked":
            found.append((part.name, part, fault))
    return found


def _is_synchronized(operation):
    """Returns whether batch normalization uses the statistics of all replicas, with correct gradients."""
    return isinstance(operation, layers.BatchNormalization) and tf.distribute.get_strategy().num_replicas_in_sync > 1


def _differentiates(term: Objective, judged):
    """Returns whether a term uses the gradient by the discriminator's input; a user's term is called to find out."""
    if term.differentiates_input or type(term).__module__.startswith("keras_gan."):
        return term.differentiates_input
    x, labels = _batch(judged)
    noise = Noise((0, "gradients"))
    round = _Watched(
        real=x,
        fake=x,
        latents=None if judged.prior is None else judged.prior.draw(len(labels), noise),
        prior=judged.prior,
        real_labels=labels,
        fake_labels=labels,
        discriminator=judged.discriminator,
        generator=judged.generator,
        critic=judged.critic,
        element=x,
        noise=noise,
    )
    try:
        with keras.StatelessScope():
            term.discriminator_loss(round)
    except Exception:  # a loss need not accept noise
        return round.differentiated
    return round.differentiated


class _Watched(Round):
    """A round that records whether a gradient is computed."""

    differentiated = False

    @property
    def real_gradient(self):
        self.differentiated = True
        return super().real_gradient

    @property
    def fake_gradient(self):
        self.differentiated = True
        return super().fake_gradient

    def gradient(self, *args, **options):
        self.differentiated = True
        return super().gradient(*args, **options)


def _batch(judged):
    """Returns noise in [0, 1) of the shapes of the discriminator's inputs, and labels."""
    shapes = [(*shape[:-1], *(channels * judged.packing for channels in shape[-1:])) for shape in judged.shapes]
    count = EXAMPLES if max(map(math.prod, shapes)) <= LARGE else EXAMPLES // 2
    noise, made = Noise((0, "gradients")), []
    for place, (shape, dtype) in enumerate(itertools.zip_longest(shapes, judged.dtypes, fillvalue="float32")):
        x = (noise.at(place) if place else noise).uniform((count, *shape))
        made.append(tf.zeros_like(x, dtype) if dtype == "int32" else players.cast_like(x, judged.discriminator))
    return made[0] if len(made) == 1 else tuple(made), judged.condition.zeros(count)


def _has_no_gradient(discriminator, x, labels):
    with keras.StatelessScope(), tf.GradientTape() as tape:
        tape.watch(round_.floats(x))
        output = main_output(round_.judged(discriminator, x, labels, training=True))
    return all(gradient is None for gradient in tape.gradient(output, round_.floats(x)))
