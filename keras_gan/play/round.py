"""Round: the tensors of one move, which an objective reads."""

import copy
import math
from collections.abc import Callable, Mapping, Sequence

import keras
import tensorflow as tf

from keras_gan.ground.shapes import sizes
from keras_gan.latents import Latents
from keras_gan.noise import Noise
from keras_gan.play import packing, players


class Round:
    """Real, fake, latents and labels of one move, and the discriminator's outputs, computed when first read.

    The discriminator is called on real, then on fake, once each. A round can also be made by hand with only what an
    objective needs, in a custom training loop or a test.

    Args:
        real: Real examples (N, ...), float.
        fake: Generated examples of the same shape.
        latents: The latents of the fakes, (N, dim).
        prior: The prior of the latents, for objectives that read codes in them.
        real_labels: Labels of `real`, (N,) integers, or other conditions (N, ...); or None.
        fake_labels: Labels of `fake`, likewise.
        real_output: The discriminator's output on `real`. Computed from `discriminator` if None.
        fake_output: The discriminator's output on `fake`. Computed from `discriminator` if None.
        discriminator: The discriminating player, a Keras model.
        generator: The generating player, for objectives that read its weights.
        critic: Function from an output of the discriminator to scores (N, patches), `critic(output, round)`. Defaults
            to `scores(output)`.
        element: The whole element of the data set that the batch comes from.
        noise: The address of the move's noise, for objectives that draw, such as `GradientPenalty`.
        training: False while evaluating: penalties are then skipped.
        pictures: `real` and `fake` before and after their augmentation, for `before_augmentation`.
        values: All named tensors of the move, for terms that read names, such as `Distance`.
        at: Function that returns the round of another match of the game by the match's name.
        step: Number of training steps taken, for weights that are schedules.
        real_first: If False, `fake_output` is computed without `real_output` before it, for generator moves that do not
            read the latter.
        judge_learns: If False, the discriminator is always called in inference mode, as no side updates it.
        learned: Which of `"real"` and `"fake"`, with their labels, other players of the discriminator's side have made,
            whose gradient runs through them.
        packing: Number of examples in each of `real` and `fake`, joined on their last axis. Defaults to 1.
        loss_scale: Factor by which the optimizer scales the loss, against underflow in float16. Defaults to 1.

    Attributes:
        kept: Tensors that terms of the objective keep for their `update` after the move, each under its own key.

    Example:

    >>> from keras_gan.objectives import Hinge
    >>> round = Round(real_output=tf.constant([2.0, 0.0]), fake_output=tf.constant([-1.0, 1.0]))
    >>> Hinge().discriminator_loss(round).numpy().tolist()
    [0.0, 3.0]
    """

    def __init__(
        self,
        *,
        real: tf.Tensor | None = None,
        fake: tf.Tensor | None = None,
        latents: tf.Tensor | None = None,
        prior: Latents | None = None,
        real_labels: tf.Tensor | None = None,
        fake_labels: tf.Tensor | None = None,
        real_output: tf.Tensor | dict | None = None,
        fake_output: tf.Tensor | dict | None = None,
        discriminator: keras.Model | None = None,
        generator: keras.Model | None = None,
        critic: Callable[[tf.Tensor | dict, "Round"], tf.Tensor] | None = None,
        element=None,
        noise: Noise | None = None,
        training: bool = True,
        pictures: "Pictures | None" = None,
        values: Mapping | None = None,
        at: "Callable[[str], Round] | None" = None,
        step: tf.Tensor | int = 0,
        real_first: bool = True,
        judge_learns: bool = True,
        learned: Sequence[str] = (),
        packing: int = 1,
        loss_scale: tf.Tensor | float = 1.0,
    ):
        self._values, self._at, self.step = values, at, step
        self._examples = {"real": real, "fake": fake}
        self._labels = {"real": real_labels, "fake": fake_labels}
        self._given = {"real": real_output, "fake": fake_output}
        self._kinds = {"real": "real", "fake": "fake"}  # exchanged in a swapped round
        self.latents, self.prior = latents, prior
        self.packing, self.loss_scale = packing, loss_scale
        self.discriminator, self.generator = discriminator, generator
        self._critic = critic or (lambda output, round: scores(output))
        self.element = element
        self._noise = noise
        self.training = training
        self._pictures, self._at_pictures = pictures, False
        self._real_first, self._judge_learns, self._learned = real_first, judge_learns, learned
        self._passes = {}
        self.kept = {}

    @property
    def real(self) -> tf.Tensor:
        """The real examples."""
        return self._example("real")

    @property
    def fake(self) -> tf.Tensor:
        """The generated examples."""
        return self._example("fake")

    @property
    def real_labels(self) -> tf.Tensor | None:
        """The labels of the real examples."""
        return self._labels[self._kinds["real"]]

    @property
    def fake_labels(self) -> tf.Tensor | None:
        """The labels of the generated examples."""
        return self._labels[self._kinds["fake"]]

    def _example(self, kind):
        kind = self._kinds[kind]
        return self._pictures.before[kind] if self._at_pictures else _present(self._examples[kind], kind)

    @property
    def noise(self) -> Noise:
        """The address at which this move draws its noise."""
        return _present(self._noise, "noise")

    @property
    def values(self) -> Mapping:
        """All named tensors of the move: parts of the data, draws, and what players made."""
        return _present(self._values, "values")

    def at(self, match: str) -> "Round":
        """Returns the round of a match of the game, by the match's name."""
        return _present(self._at, "at")(match)

    def swapped(self) -> "Round":
        """Returns this round with real and fake exchanged. The discriminator's passes are shared with it."""
        swapped = copy.copy(self)
        swapped._kinds = {"real": self._kinds["fake"], "fake": self._kinds["real"]}
        return swapped

    def made_by(self, generator: keras.Model) -> "Round":
        """Returns this round with another `generator`. The discriminator's passes are shared with it."""
        made = copy.copy(self)
        made.generator = generator
        return made

    @property
    def real_output(self) -> tf.Tensor | dict:
        """The discriminator's output on `real`."""
        return self._pass_on("real").output

    @property
    def fake_output(self) -> tf.Tensor | dict:
        """The discriminator's output on `fake`."""
        return self._pass_on("fake").output

    @property
    def real_scores(self) -> tf.Tensor:
        """`scores(real_output)`: (N, patches), float32."""
        return scores(self.real_output)

    @property
    def fake_scores(self) -> tf.Tensor:
        """`scores(fake_output)`: (N, patches), float32."""
        return scores(self.fake_output)

    @property
    def real_gradient(self) -> tf.Tensor:
        """The gradient of the score by `real`, in the shape of `real`. Shares the pass that gave `real_output`."""
        return self._gradient_on("real")

    @property
    def fake_gradient(self) -> tf.Tensor:
        """The gradient of the score by `fake`, in the shape of `fake`. Shares the pass that gave `fake_output`."""
        return self._gradient_on("fake")

    def _gradient_on(self, kind):
        gradient = self._pass_on(kind).gradient()
        return self._pictures.back(self._kinds[kind], gradient) if self._at_pictures else gradient

    def output(self, x: tf.Tensor, labels: tf.Tensor | None = None, name: str = "elsewhere") -> tf.Tensor | dict:
        """Returns the discriminator's output at any `x`; `name` addresses its noise."""
        return self._pass(self._shown(x) if self._at_pictures else x, labels, name).output

    def gradient(self, x: tf.Tensor, labels: tf.Tensor | None = None, name: str = "elsewhere") -> tf.Tensor:
        """Returns the gradient by `x` of the discriminator's score at any `x`; `name` addresses its noise."""
        if not self._at_pictures:
            return self._pass(x, labels, name).gradient()
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(floats(x))
            shown = self._shown(x)
        return _gradient_of_each(tape, shown, x, self._pass(shown, labels, name).gradient())

    def _shown(self, x):
        return self._pictures.augment(x, self._kinds["real"])

    def before_augmentation(self) -> "Round":
        """Returns this round with the augmentation as a part of the discriminator, for penalties.

        `real` and `fake` are the pictures before their augmentation, and gradients are by these. Any other `x` is
        augmented by the draws of the real examples. The discriminator's passes are shared with this round. Without an
        augmentation, the result is this round.
        """
        if self._pictures is None:
            return self
        before = copy.copy(self)
        before._at_pictures = True
        return before

    def augmented(self, augmentation: Callable, x: tf.Tensor, noise: Noise) -> tf.Tensor:
        """Returns `x`, examples as the discriminator gets them, augmented by `augmentation(x, noise=noise)`.

        Each example of a pack is augmented separately; of pairs only the pictures are augmented.
        """
        return packing.augmented(augmentation, x, self.packing, noise)

    def critic(self, output: tf.Tensor | dict) -> tf.Tensor:
        """Returns the scores (N, patches) of one of the discriminator's outputs, for logs and penalties."""
        return self._critic(output, self)

    @property
    def added_losses(self) -> list[tf.Tensor]:
        """The losses that the discriminator's layers added in its calls on real and fake, if these were made."""
        passes = [self._passes[name] for name in ("real", "fake") if name in self._passes]
        return [loss for each in passes for loss in each.added_losses]

    @property
    def learned_tensors(self) -> list[tf.Tensor]:
        """The discriminator's float inputs that other players of its side have made, augmented and not."""
        shown = {kind: [self._examples[kind], self._labels[kind]] for kind in self._examples}
        before = {} if self._pictures is None else self._pictures.before
        found = keras.tree.flatten([[*shown[kind], before.get(kind)] for kind in self._learned])
        return [each for each in found if each is not None and each.dtype.is_floating]

    def again(self) -> "Round":
        """Returns this round without outputs: the discriminator is called again, and only for outputs that are read."""
        again = copy.copy(self)
        again._given, again._passes, again._real_first = {}, {}, False
        return again

    def mean_scores(self) -> dict[str, tf.Tensor]:
        """Returns the means of the critic's scores, for the logs: `d_real` and `d_fake`."""
        outputs = {"d_real": self.real_output, "d_fake": self.fake_output}
        return {name: tf.reduce_mean(self.critic(output)) for name, output in outputs.items()}

    # Kept in a dict: before Python 3.12 a cached_property locks all rounds, in which replicas wait for each other.
    def _pass_on(self, kind):
        kind = self._kinds[kind]
        waits = kind == "fake" and self._real_first and self._examples["real"] is not None
        for each in ("real", "fake") if waits else (kind,):
            if each not in self._passes:
                self._passes[each] = self._pass(self._examples[each], self._labels[each], each)
        return self._passes[kind]

    def _pass(self, x, labels, name):
        if self._given.get(name) is not None:
            return DiscriminatorPass(x, self._given[name], None, self.critic)
        outputs = [f"{name}_output"] if name in self._given else []
        discriminator = _present(self.discriminator, *outputs, "discriminator")
        if self._noise is not None:
            players.reseed(discriminator, self._noise.at("discriminator", name))
        x = _present(x, name)
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(floats(x))
            output = judged(discriminator, x, labels, self.training and self._judge_learns)
        return DiscriminatorPass(x, output, tape, self.critic, players.added_losses(discriminator))


def judged(
    discriminator: keras.Model, x: tf.Tensor | tuple, labels: tf.Tensor | None = None, training: bool = False
) -> tf.Tensor | dict:
    """Returns the discriminator's output for examples `x`, or for pairs of them where `x` is a tuple."""
    if isinstance(x, tuple):
        return players.call_on(discriminator, x, training=training)
    return players.call(discriminator, x, labels, training=training)


class Pictures:
    """Pictures before and after the augmentation.

    Args:
        before: The pictures by name, `"real"` and `"fake"`.
        augment: The augmentation, `augment(x, name)`, with the same draws for the same name.

    Attributes:
        shown: The augmented pictures, which the discriminator gets, by name.
    """

    def __init__(self, before: dict[str, tf.Tensor], augment: Callable[[tf.Tensor, str], tf.Tensor]):
        self.before, self.augment = before, augment
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as self._tape:
            self._tape.watch(floats(before))
            self.shown = {name: augment(x, name) for name, x in before.items()}

    def back(self, name: str, gradient: tf.Tensor) -> tf.Tensor:
        """Returns the gradient by a picture, from the gradient by the augmented picture."""
        return _gradient_of_each(self._tape, self.shown[name], self.before[name], gradient)


class DiscriminatorPass:
    """One recorded call of the discriminator: its output at `x`, the gradient of its score by `x`, added losses."""

    def __init__(
        self,
        x: tf.Tensor,
        output: tf.Tensor | dict,
        tape: tf.GradientTape | None,
        critic: Callable,
        added_losses: Sequence[tf.Tensor] = (),
    ):
        self.x, self.output, self._tape, self._critic = x, output, tape, critic
        self.added_losses = added_losses

    def gradient(self) -> tf.Tensor:
        """Returns the gradient by `x` of the critic's score, a mean over patches; zeros for integers of a pair."""
        tape, values = _present(self._tape, "discriminator"), main_output(self.output)
        at = tf.identity(values)  # a critic may compare with `values` itself, which is then constant
        with tf.GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(at)
            score = tf.reduce_sum(tf.reduce_mean(self._critic(at), axis=1))
        found = iter(tape.gradient(values, floats(self.x), output_gradients=inner.gradient(score, at)))
        return keras.tree.map_structure(lambda x: next(found) if x.dtype.is_floating else tf.zeros(sizes(x)), self.x)


def floats(x) -> list[tf.Tensor]:
    """Returns the tensors in `x` that have a gradient: all of a pair except for integers, such as labels."""
    return [each for each in keras.tree.flatten(x) if each.dtype.is_floating]


def _gradient_of_each(tape, shown, x, gradient):
    """Returns the gradient by each part of `x`, from the gradient by the augmented part."""

    def by(shown, x, gradient):
        return tape.gradient(shown, x, output_gradients=gradient) if x.dtype.is_floating else gradient

    return keras.tree.map_structure(by, shown, x, gradient)


def main_output(output: tf.Tensor | dict) -> tf.Tensor:
    """Returns the discriminator's main output: the output itself, or the `"output"` of a dict of outputs."""
    if not isinstance(output, dict):
        return output
    if "output" not in output:
        raise ValueError(f"A discriminator's dict must have the key 'output'. Received: keys={sorted(output)}")
    return output["output"]


def named_output(output: tf.Tensor | dict, name: str) -> tf.Tensor:
    """Returns another output of the discriminator, float32: the `"features"`, `"class_logits"`, `"code"` of a dict.

    Raises:
        ValueError: If the output has no such part.
    """
    if not isinstance(output, dict) or name not in output:
        given = f"keys={sorted(output)}" if isinstance(output, dict) else "one tensor"
        raise ValueError(
            f"The discriminator must return a dict with {name!r} beside its 'output' (`networks.with_features` makes "
            f"a layer's output a part). Received: {given}"
        )
    return tf.cast(output[name], tf.float32)


def embedding(output: tf.Tensor | dict) -> tf.Tensor:
    """Returns the discriminator's output as one vector per example: (N, d), float32.

    Raises:
        ValueError: If a size other than N is not known.
    """
    values = tf.cast(main_output(output), tf.float32)
    if None in values.shape[1:]:
        raise ValueError(
            "The discriminator's output must have known sizes to be one vector per example. "
            f"Received: shape={tuple(values.shape)}"
        )
    return tf.reshape(values, (-1, math.prod(values.shape[1:])))


def scores(output: tf.Tensor | dict) -> tf.Tensor:
    """Returns the discriminator's scores as (N, patches) in float32: one patch, or h * w of a patch map.

    Args:
        output: (N,), (N, 1) or (N, h, w, 1), or a dict with such an `"output"`.

    Raises:
        ValueError: If the output has another shape.
    """
    values = tf.convert_to_tensor(main_output(output))
    shape = values.shape
    if shape.rank not in (1, 2, 4) or (shape.rank > 1 and shape[-1] != 1):
        raise ValueError(
            "The discriminator's output must be one number per example, (N,) or (N, 1), or a map of patches, "
            f"(N, h, w, 1). Received: shape={tuple(shape)}"
        )
    values = tf.cast(values, tf.float32)
    if shape.rank == 2:
        return values
    patches = 1 if shape.rank == 1 else -1 if None in shape[1:3] else shape[1] * shape[2]
    return tf.reshape(values, (-1, patches))


def _present(value, *names):
    """Returns an argument of `Round`, or one of several, after checking that it was given."""
    if value is None:
        raise ValueError(
            f"The round must have {' or '.join(f'`{name}`' for name in names)} for this objective: give "
            f"`Round({names[-1]}=...)`. Received: None"
        )
    return value
