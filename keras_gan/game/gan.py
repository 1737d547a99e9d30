"""GAN: the game of one generator and one discriminator."""

import dataclasses
import os
import random
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_gan import augmentations, objectives, ranges
from keras_gan import export as export_
from keras_gan.data import feed
from keras_gan.game import checks, gan_checks, gan_players, standing
from keras_gan.game.ema import ExponentialMovingAverage
from keras_gan.game.game import Game
from keras_gan.game.match import Match
from keras_gan.ground import internals
from keras_gan.ground.arguments import check_count, check_seed, fits_in_memory, reason
from keras_gan.latents import Latents, Prior, get_labels, get_latents
from keras_gan.noise import Noise
from keras_gan.play import conditions, players, sampling
from keras_gan.play.conditions import Condition
from keras_gan.replay import FakePool


@keras.saving.register_keras_serializable("keras_gan")
class GAN(Game):
    """A generator and a discriminator, and the game between them.

    One training step makes `discriminator_steps` moves of the discriminator, each on a fresh minibatch, then one of
    the generator, inside one `tf.function` (algorithm 1 of Goodfellow et al., 2014). Players are ordinary Keras
    models: Sequential, functional or subclassed. A player takes labels if it has a second input, or if its `call` has
    an argument `labels`. Each player's loss includes what its own layers add, as in Keras: regularizers and `add_loss`;
    in evaluation, those of the averaged generator.

    Args:
        generator: latents (N, dim)[, labels] -> examples (N, ...): images, vectors, points.
        discriminator: examples (N, ...)[, labels] -> one number per example, (N,) or (N, 1), or a map of patches
            (N, h, w, 1); or a dict with such an `"output"`.
        latents: A `Latents`, or a number of dimensions (standard normal).
        labels: Prior of the labels of fakes: a number of equally likely classes, a `Categorical`, or a custom `Prior`,
            which may draw any condition. If None, fakes get the labels of the real batch.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay, in (0, 1), of a moving average of the generator's weights and of the statistics of its batch
            normalizations, which `generate`, `evaluate` and `export` then use; or a schedule of it, such as
            `schedules.HalfLife`; or None.
        packing: m, the number of examples that the discriminator judges together, joined on their last axis: its input
            has m times as many channels (PacGAN). The batch size must be a multiple of m. Defaults to 1.
        value_range: (low, high), the values of black and white in pictures, both in the data and in the output of
            `generate`. Defaults to the range of the generator's last layers, such as (0, 1) after a sigmoid or (-1, 1)
            after a tanh. If they do not bound it, the range is guessed from generated examples, with a warning by
            `compile` if in doubt, and compared with the data by the first `fit`. Not needed if examples are not
            pictures.
        name: The model's name.

    Labels are integers (N,), or any other condition, such as one-hot or soft labels (N, K), an age (N,) or (N, 1), an
    embedding, a picture (N, h, w, c). The second input of a functional player determines which. A subclassed player
    takes what `labels` draws; without `labels`, integers (N,) or what the first data has.

    Attributes:
        condition: The shape and dtype of the labels of one example; None if no player takes labels.
        schema: Converter of examples to the units of the data, as columns by name; None if there is none. Subclasses
            set it, such as `models.SeriesGAN`, and exports then have the signature `sample`.
        step: Number of training steps taken, an int64 variable.
        compile_options: The arguments `kernels`, `jit_compile`, `steps_per_execution` and `check_gradients` of
            `compile`.
        execution: How the last `fit` ran the steps: how many per call, and whether XLA compiled them as one.

    Raises:
        ValueError: If the players, the latents and the labels do not fit each other.

    Example:

    >>> from keras_gan import networks
    >>> generator = networks.mlp_generator(2, (2,))
    >>> gan = GAN(generator, networks.mlp_discriminator((2,)), latents=2, seed=0)
    >>> gan.compile()
    >>> history = gan.fit(np.random.default_rng(0).normal(size=(64, 2)), verbose=0)
    >>> gan.generate(3, seed=1).shape
    (3, 2)

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661).
    """

    schema: Any = None
    _graphs: sampling.Graphs | None = None

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latents: Latents | int,
        *,
        labels: Prior | int | None = None,
        seed: int | None = None,
        ema: float | keras.optimizers.schedules.LearningRateSchedule | None = None,
        packing: int = 1,
        value_range: tuple[float, float] | None = None,
        name: str | None = None,
    ):
        latents, labels = get_latents(latents), get_labels(labels)
        packing = int(check_count("packing", packing))
        shape, condition = gan_players.check_players(generator, discriminator, latents, labels, packing)
        fake = "generator(latents, labels)" if players.takes_labels(generator) else "generator(latents)"
        super().__init__(
            players={"generator": generator, "discriminator": discriminator},
            values={"fake": fake},
            matches=Match("discriminator", "real", "fake", labels=("real_labels", "labels"), packing=packing),
            draws={"latents": latents},
            sides={"discriminator": "discriminator", "generator": "generator"},
            objective="non_saturating",
            seed=seed,
            ema=ema,
            shapes={"real": shape, "fake": shape},
            value_range=value_range,
            name=name,
        )
        self.latents, self.labels, self.packing = latents, labels, packing
        self.condition_is_open = condition is None
        self._take_condition((condition or Condition()) if self.takes_labels else None)

    def _take_condition(self, condition):
        self.condition = condition
        if condition is not None:
            for name in ("labels", "real_labels"):
                self.shapes[name], self.dtypes[name] = condition.shape, condition.dtype

    def _learn_condition(self, labels, stacked=0):
        """Sets the condition from the labels of the first data, if subclassed players do not determine it."""
        if labels is None or not self.takes_labels or not self.condition_is_open:
            return
        labels = np.asarray(labels)
        if labels.ndim <= stacked:
            return
        dtype = "int32" if np.issubdtype(labels.dtype, np.integer) else "float32"
        shape = labels.shape[1 + stacked :]
        found = Condition(() if dtype == "int32" and shape in conditions.NUMBER else shape, dtype)
        replay = self.replay_of("")
        if found != self.condition and replay is not None and replay.built:
            raise ValueError(
                "`labels` must be a prior, or the players functional, where `replay` is used, as the pool is allocated "
                f"before data is read. Received: data with labels of {found.text}, a pool for {self.condition.text}"
            )
        self._take_condition(found)
        self.condition_is_open = False

    def _find_shapes(self):
        return {name: shape for name, shape in self.shapes_given.items() if shape is not None}

    def _take_averages(self, ema, judges):
        self.ema = None if ema is None else ExponentialMovingAverage(self.generator, ema)

    def _put_average(self, name, average):
        self._put("ema", average)

    @property
    def averages(self) -> dict[str, ExponentialMovingAverage]:
        """The moving average of the generator, if the GAN keeps one."""
        return {} if self.ema is None else {"generator": self.ema}

    @property
    def draws(self) -> dict[str, Prior]:
        """The priors that are drawn from for each fake: of latents, and of labels if they have a prior."""
        return {"latents": self.latents} if self.labels is None else {"latents": self.latents, "labels": self.labels}

    def parts_of(self, element) -> dict:
        """Returns the parts of an element: `real`, its `real_labels`, and the `labels` of fakes if not drawn."""
        parts = feed.parts(element)
        if "labels" in parts:
            parts["real_labels"] = parts["labels"]
        return {name: part for name, part in parts.items() if name not in self.draws}

    def as_input(self, name: str, part) -> tf.Tensor:
        """Returns a part of the data in the dtype that players take, and labels in the shape of the condition."""
        if self.condition is None or self.condition_is_open or name not in ("labels", "real_labels"):
            return super().as_input(name, part)
        if self.condition.is_label:
            return tf.reshape(part, (-1,)) if np.ndim(part) > 1 else tf.convert_to_tensor(part)
        made = self.condition.of(part)
        return players.cast_like(made, self.generator) if made.dtype.is_floating else made

    def _known_shapes(self):
        known = super()._known_shapes()
        return known if self.condition is None or self.condition_is_open else {**known, "labels": self.condition.shape}

    @property
    def takes_labels(self) -> bool:
        """True if a player takes labels: the game is conditional."""
        return players.takes_labels(self.generator) or players.takes_labels(self.discriminator)

    @property
    def value_range(self) -> tuple[float, float] | None:
        """The values of black and white in pictures; None if examples are not pictures."""
        known = self._range or (self._guess_range()[0] if self.makes_pictures else None)
        return None if known is None else known.ends

    def _guess_range(self):
        """Returns a guess of the range, and the examples that it is made from."""
        noise = Noise(("value_range",), 0)
        latents, labels = self.latents.draw(16, noise.at("latents")), None
        if players.takes_labels(self.generator):
            labels = self.condition.zeros(16) if self.labels is None else self.labels.draw(16, noise.at("labels"))
        made = sampling.make(self, latents, labels, noise.at("layers")).numpy()
        return ranges.guess(self.generator, made), made

    def compile(  # type: ignore[override]  # a GAN has two sides, which have names of their own
        self,
        objective: objectives.Objective | str | dict = "non_saturating",
        generator_optimizer: keras.optimizers.Optimizer | str | None = None,
        discriminator_optimizer: keras.optimizers.Optimizer | str | None = None,
        discriminator_steps: int = 1,
        discriminator_constraint: keras.constraints.Constraint | str | None = None,
        augmentation: augmentations.Augmentation | type[augmentations.Augmentation] | str | list | dict | None = None,
        replay: FakePool | None = None,
        reuse_fakes: bool = False,
        simultaneous: bool = False,
        penalties_at: str = "picture",
        metrics: list | None = None,
        jit_compile: bool | str = "auto",
        steps_per_execution: int | str = "auto",
        run_eagerly: bool = False,
        check_gradients: bool = True,
        kernels: bool | Sequence[str] = True,
        **unknown,
    ) -> None:
        """Configures the GAN for training.

        Args:
            objective: An `Objective`, a name (`"hinge"`) or an expression (`"wasserstein + 10 * gradient_penalty"`).
            generator_optimizer: A Keras optimizer or its name. Defaults to Adam(2e-4, beta_1=0.5).
            discriminator_optimizer: A second Keras optimizer or its name. The same default.
            discriminator_steps: k, the discriminator's moves per step, each on its own minibatch. At least 1; they are
                unrolled in the graph.
            discriminator_constraint: The constraint of each of the discriminator's trainable weights, applied after its
                moves, such as `ClipWeights(0.01)`.
            augmentation: The augmentation of real and fake before the discriminator: an `Augmentation`, a name
                (`"diff_augment"`) or a list. One with a state can be used by one game only.
            replay: A `FakePool`, from which the discriminator also gets past fakes. It can be used by one game only.
            reuse_fakes: Train the generator on the fakes that the discriminator was just trained on, so that they are
                made once per step, which saves up to a quarter of the work. The 2014 paper draws new ones.
            simultaneous: Compute both gradients at the weights of the step's beginning, then update both players, as
                the 2014 paper's program does. Needs `discriminator_steps=1`. By default the generator's gradient is
                computed after the discriminator's update.
            penalties_at: What gradient penalties differentiate by: the `"picture"` before the augmentation, through
                which the gradient then runs, or its output, `"augmented"`, as version 0.1 did.
            metrics: Keras metrics, updated by `update_state(real, fake)` while evaluating. Those of `keras_gan.metrics`
                get pictures in [-1, 1], whatever the `value_range` is.
            jit_compile: Compile the step with XLA: True, False or `"auto"` (on a GPU, where every layer supports it; on
                a CPU the steps of dense players, if `steps_per_execution` is `"auto"` too). Under a
                `tf.distribute` strategy True compiles what each replica computes up to its updates.
            steps_per_execution: Steps per compiled call; batch-level callbacks run once per call. `"auto"`, the
                default, runs up to 64 steps, about 10 GFLOP, per call if no player has recurrent or custom layers and
                no callback needs every step; otherwise 1.
            run_eagerly: Run without a graph, to debug.
            check_gradients: Check the layers of the discriminator that a gradient penalty differentiates, unless they
                are known to be right: a layer without the gradient that is needed raises an error, an inexact one a
                warning. A loaded GAN is not checked again.
            kernels: Training kernels that may be used: True for all, False for Keras's own, or names as in the
                property `kernels`, which lists those in use.
            **unknown: Raises an error with a hint: a GAN has no `optimizer` and no `loss`.

        Raises:
            ValueError: If the objective has no loss for a player or does not fit the discriminator's output, a player
                has nothing to train, or an argument is out of range.
        """
        checks.check_arguments_of_compile(type(self), unknown, ["generator_optimizer", "discriminator_optimizer"])
        augmentation = augmentations.get(augmentation)
        constraint = checks.get_constraint(discriminator_constraint)
        if not isinstance(replay, FakePool | None):
            raise ValueError(f"`replay` must be a FakePool or None. Received: replay={replay!r}")
        self._check_idle("compile")
        with internals.restored_on_error(self):
            self.matches = {"": self.matches[""].replaced(augmentation=augmentation, replay=replay)}
            super().compile(
                objective,
                discriminator_steps,
                constraints={} if constraint is None else {"discriminator": constraint},
                reuse_fakes=reuse_fakes,
                simultaneous=simultaneous,
                penalties_at=penalties_at,
                metrics=metrics,
                jit_compile=jit_compile,
                steps_per_execution=steps_per_execution,
                run_eagerly=run_eagerly,
                check_gradients=check_gradients,
                kernels=kernels,
                generator_optimizer=generator_optimizer,
                discriminator_optimizer=discriminator_optimizer,
            )
            self.discriminator_constraint = constraint

    def _validate_step(self, check_gradients):
        evaluated = super()._validate_step(check_gradients)
        self._range = self._range or self._first_range()
        return evaluated

    def _first_range(self):
        if not self.makes_pictures:
            return None
        guessed, made = self._guess_range()
        if ranges.is_doubtful(guessed, made):
            ranges.warn_of_guess(guessed, self.generator)
        return guessed

    # -- Data ---------------------------------------------------------------------------------------------------------

    def _check_data(self, element):
        examples, labels = feed.unpack(element)
        self._learn_condition(labels)
        gan_checks.check_batch(examples, labels, self)

    def _check_step(self, element, name, batches):
        self._learn_condition(feed.unpack(element)[1], stacked=int(batches > 1))
        gan_checks.check_step(element, self, name=name, batches=batches)

    def _settle(self, element):
        if self._range is not None and self._range.guessed:
            self._range = ranges.settle(self._range, self.generator, np.asarray(feed.parts(element)["real"]))
            self.test_function = None  # it was traced with the guess

    # -- Results ------------------------------------------------------------------------------------------------------

    def call(self, inputs, training: bool = False):
        """Calls the (averaged) generator on latents (N, dim), or on `[latents, labels]`, labels (N, ...)."""
        latents, labels = inputs if isinstance(inputs, list | tuple) else (inputs, None)
        if training:
            return players.call(self.generator, latents, labels, training=True)
        return self.make(latents, labels)

    def make(self, *args, **inputs) -> tf.Tensor | np.ndarray:
        """Calls the generator on latents (N, dim) in inference mode, with averaged weights where there are any.

        `make(latents, labels=None, use_ema=True)` returns a tensor. As for every game, `make("fake", latents=...,
        labels=...)` returns an array, and missing inputs that have a prior are drawn: see `Game.make`.
        """
        named = isinstance(args[0] if args else inputs.get("name"), str)
        return super().make(*args, **inputs) if named else self._make(*args, **inputs)

    def _make(self, latents, labels=None, use_ema=True):
        self._begin_averages()
        if labels is not None and self.condition is not None:
            labels = self.as_input("labels", labels)
        run = players.call if self.ema is None or not use_ema else self.ema.run
        return players.cast_like(run(self.generator, latents, labels), self.generator)

    def generate(
        self,
        n: int,
        labels=None,
        seed: int | None = None,
        use_ema: bool = True,
        batch_size: int = 256,
    ) -> np.ndarray:
        """Generates `n` examples. For a fixed seed, the first k of them do not depend on `n`.

        Args:
            n: Number of examples, at least 1.
            labels: One label for all examples, or (n,) labels, if the generator takes labels; for conditions of shape
                (K,), one of that shape for all, or (n, K). Drawn from `labels` of the GAN if None.
            seed: The same seed gives the same examples. Random if None.
            use_ema: Use the averaged weights, if the GAN keeps an average.
            batch_size: Largest number of examples that are made at a time. The last bits of an example may depend on
                it. Defaults to 256.

        Returns:
            (n, ...) float32, in the range of the training data, `value_range`.
            `keras_gan.images.to_uint8(made, gan.value_range)` converts pictures to 8 bits.

        Raises:
            ValueError: If `n` or a label is out of range, or labels are needed and cannot be drawn.
        """
        check_count("n", n, most=2**31 - 1)
        check_count("batch_size", batch_size)
        self._begin_averages()
        all_drawn, labels = labels is None, gan_checks.check_labels_to_generate(n, labels, self)
        seed = random.randrange(2**31) if seed is None else check_seed("seed", seed)
        seed, graphs = tf.constant(seed, tf.int64), self._follow_generator()
        try:
            with fits_in_memory("n", f"n={n}, batch_size={batch_size}"):
                if use_ema and n <= sampling.SMALLEST <= batch_size:
                    given = sampling.first_labels(None if all_drawn else labels)
                    return graphs.first(seed, *given).numpy()[:n]
                labels = None if labels is None else tf.constant(labels)
                count, largest = tf.constant(n, tf.int32), tf.constant(batch_size, tf.int32)
                return graphs.all(count, seed, labels, use_ema=use_ema, largest=largest).numpy()
        except tf.errors.InvalidArgumentError as error:  # labels beyond an embedding's, where no prior bounds them
            raise ValueError(f"`generate` must be given what the generator takes. Received: {reason(error)}") from error

    def _follow_generator(self):
        """Returns the graphs of `generate`, new ones if the generator has got other variables or dtype policies."""
        structure = players.structure(self.generator)
        if self._graphs is None or self._graphs.structure != structure:
            self._graphs = sampling.Graphs(self, structure)
        return self._graphs

    def standing_statistics(self, batches: int = 16, batch_size: int = 64, seed: int = 0, use_ema: bool = True) -> None:
        """Recomputes the moving means and variances of the generator with its current weights.

        Those of training belong to weights that have changed since. Call this method after training, before
        `generate`, `evaluate`, `save` and `export`; further training changes the statistics again.

        Args:
            batches: Number of batches to average over, at least 1. Defaults to 16.
            batch_size: Examples per batch, at least 2. Defaults to 64.
            seed: Seed of the draws. Defaults to 0.
            use_ema: Use the averaged weights, and set the statistics of the average, if the GAN keeps one. Defaults to
                True.

        Raises:
            ValueError: If the generator has no batch normalization, takes labels that the GAN does not draw, or an
                argument is out of range.

        Reference: [Brock et al., 2019](https://arxiv.org/abs/1809.11096), appendix A.
        """
        self._begin_averages()
        standing.take(self, batches, batch_size, seed, use_ema)

    def export(  # type: ignore[override]  # of one generator
        self,
        path: str | os.PathLike,
        version: int | None = None,
        *,
        discriminate: bool = False,
        truncation: bool = False,
        max_samples: int = 1024,
        value_range: tuple[float, float] | None = None,
        keep: int | None = None,
        metadata: dict | None = None,
    ) -> str:
        """Writes the (averaged) generator as a SavedModel that TF Serving serves as it is.

        The signatures, with named inputs and outputs, and batches of any size:

        - `serving_default`: `latents` (N, dim) float32[, `labels` (N,) int32] -> `images` (N, ...) float32, in the
          range of the training data. `labels` of another condition are (N, ...) float32 or int32, here and below.
        - `generate`: `num_samples` () int32, `seed` () int64[, `labels` (1,) or (N,) int32, -1 for drawn ones][,
          `truncation` () float32] -> `images` (N, ...) uint8: the examples of `gan.generate(num_samples, seed=seed)`.
          A condition of floats is drawn if all of its numbers are NaN, one of several integers if all are -1.
        - `generate_png`: the same -> `image_bytes` (N,) string, PNG files.
        - `interpolate`: `start_seed` and `end_seed` () int64, `steps` () int32[, `labels` (1,)] -> `images` uint8,
          from the first example of one seed to that of the other: along the arc where latents are `Normal`,
          `TruncatedNormal` or on the `Sphere`, otherwise straight.
        - `sample`, of a GAN with a `schema`: the inputs of `generate` -> the columns of examples by name, (N, ...), in
          the units of the data.
        - `discriminate`, with `discriminate=True`: `images` (N, ...) float32[, `labels` (N,)] -> `scores` (N,) float32.

        Examples that are not pictures, (H, W, 1, 3 or 4), stay float32 and have no `generate_png`. A request out of
        range raises an InvalidArgument error in the graph, before anything is allocated. Conditional generators take
        `labels`; `truncation=True` adds that input.

        The folder is written under a hidden name and then renamed, so that a server that polls `path` never reads an
        incomplete version. The server's `model.config`, `monitoring.config` and `batching.config` are written beside
        the versions if they are missing, and never overwritten. A version holds its description,
        `assets/keras_gan.json`, and warm-up requests if `tensorflow-serving-api` is installed.

        Args:
            path: The model's folder, such as `"saved_models/digits"`; its name is the model's.
            version: The version's number, at least 1. Defaults to the one after the highest.
            discriminate: Whether the discriminator is exported, too.
            truncation: Whether `generate` takes the threshold of `latents.TruncatedNormal`. For `Normal` latents.
            max_samples: Largest number of examples or steps of a request, at least 1. Defaults to 1024.
            value_range: (low, high), the values that become 0 and 255. Defaults to the `value_range` of the GAN.
            keep: Number of versions to keep, at least 1: the lowest others are removed afterwards. None keeps all.
            metadata: A dict for JSON, such as configuration and metrics, saved in `keras_gan.json`.

        Returns:
            The folder of the version that was written.

        Raises:
            ValueError: If an argument is out of range, or a requested signature is not possible.
            FileExistsError: If the version exists.
        """
        self._begin_averages()
        return export_.export(
            self,
            path,
            version,
            discriminate=discriminate,
            truncation=truncation,
            max_samples=max_samples,
            value_range=value_range,
            keep=keep,
            metadata=metadata,
        )

    def get_config(self) -> dict:
        """Returns the arguments of the constructor, including the players."""
        serialize = keras.saving.serialize_keras_object
        return {
            "generator": serialize(self.generator),
            "discriminator": serialize(self.discriminator),
            "latents": serialize(self.latents),
            "labels": None if self.labels is None else serialize(self.labels),
            "seed": self.seed,
            "ema": None if self.ema is None else serialize(self.ema.decay),
            "packing": self.packing,
            **self._learned_condition(),
            "value_range": list(self._range.ends) if self.range_is_known else None,
            "guessed_range": list(self._range.ends) if self._range and self._range.guessed else None,
            "name": self.name,
        }

    def _learned_condition(self):
        """Returns the config of a condition that was found in data: the constructor finds all other conditions."""
        found = not self.condition_is_open and conditions.find(self.players, self.labels) is None and self.takes_labels
        return {"condition": dataclasses.asdict(self.condition)} if found else {}

    @classmethod
    def from_config(cls, config: dict) -> "GAN":
        deserialize = keras.saving.deserialize_keras_object
        parts = {name: deserialize(config[name]) for name in ("generator", "discriminator", "latents", "labels", "ema")}
        arguments = {**config, **parts}
        guessed = arguments.pop("guessed_range", None)
        condition = arguments.pop("condition", None)
        made = cls(**arguments)
        if condition is not None:
            made._take_condition(Condition(tuple(condition["shape"]), condition["dtype"]))
            made.condition_is_open = False
        if guessed:
            low, high = guessed
            made._range = ranges.ValueRange(low, high, guessed=True)
        return made

    def get_compile_config(self) -> dict:
        """Returns the arguments of `compile`; an empty dict if it was never called."""
        if not self.compiled:
            return {}
        serialize = keras.saving.serialize_keras_object
        return {
            "objective": serialize(self.given_objective),
            "generator_optimizer": serialize(self.generator_optimizer),
            "discriminator_optimizer": serialize(self.discriminator_optimizer),
            "discriminator_steps": self.discriminator_steps,
            "discriminator_constraint": serialize(self.discriminator_constraint),
            "augmentation": serialize(self.augmentation),
            "replay": serialize(self.replay),
            "reuse_fakes": self.reuse_fakes,
            "simultaneous": self.simultaneous,
            "penalties_at": self.penalties_at,
            "metrics": [serialize(metric) for metric in self.evaluation_metrics],
            "run_eagerly": self.run_eagerly,
            **self.compile_options,
            **self._trained(),
        }

    def compile_from_config(self, config: dict) -> None:
        """Compiles with the config of `get_compile_config`. Frozen layers stay frozen.

        Gradients are not checked again. A GAN of version 0.1 continues as it began, with penalties at the output of the
        augmentation.
        """
        super().compile_from_config({"penalties_at": "augmented", **config})
