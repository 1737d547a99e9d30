"""GAN: two Keras models and the game that they play."""

import os
import random

import keras
import numpy as np
import tensorflow as tf

from keras_gan import (
    augmentations,
    checks,
    execution,
    files,
    fitting,
    gradients,
    images,
    kernels,
    moves,
    objectives,
    players,
    ranges,
    sampling,
    saved,
    workers,
)
from keras_gan import export as export_
from keras_gan.arguments import (
    check_count,
    check_evaluation,
    check_execution,
    check_flag,
    check_run,
    check_seed,
    check_verbose,
    fits_in_memory,
    reason,
)
from keras_gan.data import feed
from keras_gan.data.course import Course
from keras_gan.ema import ExponentialMovingAverage
from keras_gan.latents import Latents, Prior, get_labels, get_latents
from keras_gan.logs import Logs, as_number
from keras_gan.metrics.streaming import StreamingMetric
from keras_gan.noise import Noise, replica
from keras_gan.optimizers import FinishAverages, PlayersOptimizer, WarnOfRates, get_optimizers
from keras_gan.replay import FakePool

MEANS = ("d_loss", "g_loss", "d_real", "d_fake")


@keras.saving.register_keras_serializable("keras_gan")
class GAN(keras.Model):
    """A generator and a discriminator, and the game between them.

    One training step makes `discriminator_steps` moves of the discriminator, each on a fresh minibatch, then one of
    the generator, inside one `tf.function` (algorithm 1 of Goodfellow et al., 2014). Players are ordinary Keras
    models: Sequential, functional or subclassed. A player takes labels if it has a second input, or if its `call`
    names `labels`. Each player's loss has what its own layers add to it, as in Keras: regularizers and `add_loss`; in
    evaluation those of the averaged generator.

    Args:
        generator: latents (N, dim)[, labels (N,)] -> examples (N, ...): images, vectors, points.
        discriminator: examples (N, ...)[, labels (N,)] -> one number an example, (N,) or (N, 1), or a map of patches
            (N, h, w, 1); or a dict with such an `"output"`.
        latents: A `Latents`, or a number of dimensions (standard normal).
        labels: How the labels of fakes are drawn: a number of equally likely classes, or a `Categorical`. If None
            they are those of the real batch.
        seed: All noise of training is a function of it. If None it is drawn, and saved with the model.
        ema: The decay, in (0, 1), of a moving average of the generator's weights, which `generate`, `evaluate` and
            `export` then use; or None.
        packing: m, how many examples the discriminator judges at a time, joined on their last axis: its input has m
            times as many channels (PacGAN). The batch size must be a multiple of m.
        value_range: (low, high), the numbers that are black and white in pictures: what `generate` makes and the data
            holds. Defaults to what the generator's last layers say, such as (0, 1) after a sigmoid or (-1, 1) after a
            tanh. Where they do not say, it is guessed from what the generator makes, with a warning by `compile`, and
            compared with the data by the first `fit`. Examples that are no pictures need none.
        name: The model's name.

    Attributes:
        step: How many training steps were taken: an int64 variable.
        asked: The `jit_compile` and `steps_per_execution` of `compile`, which may be `"auto"`, and `check_gradients`.
        jit_compile_loop: Whether XLA compiles the steps of one call of `fit`'s function as one.

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

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latents: Latents | int,
        *,
        labels: Prior | int | None = None,
        seed: int | None = None,
        ema: float | None = None,
        packing: int = 1,
        value_range: tuple[float, float] | None = None,
        name: str | None = None,
    ):
        workers.check_seed(seed)
        super().__init__(name=name, dtype="float32")  # the players have their own precision
        self.latents, self.labels = get_latents(latents), get_labels(labels)
        self.packing = int(check_count("packing", packing))
        self.example_shape = checks.check_players(generator, discriminator, self.latents, self.labels, self.packing)
        self.generator, self.discriminator = generator, discriminator
        self._range = None
        if value_range is not None or self.makes_pictures:
            self._range = ranges.find(generator, value_range)
        self.seed = random.randrange(2**31) if seed is None else check_seed("seed", seed)
        self.ema = None if ema is None else ExponentialMovingAverage(generator, ema)
        self.step = self.add_weight(
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
            name="step",
        )
        self._is_fitting = False
        self.built = True

    @property
    def takes_labels(self) -> bool:
        """True if a player takes labels: the game is conditional."""
        return players.takes_labels(self.generator) or players.takes_labels(self.discriminator)

    @property
    def makes_pictures(self) -> bool:
        """True if examples are pictures: (height, width, channels) with 1, 3 or 4 channels."""
        return images.is_picture(self.example_shape)

    @property
    def value_range(self) -> tuple[float, float] | None:
        """The numbers that are black and white in pictures; None of examples that are no pictures."""
        known = self._range or (self._guess_range()[0] if self.makes_pictures else None)
        return None if known is None else known.ends

    @property
    def range_is_known(self) -> bool:
        """True if `value_range` is no guess: it was given, the generator's layers say it, or data has settled it."""
        return self._range is not None and not self._range.guessed

    def _guess_range(self):
        """A guess of the range, and the examples that it is made from."""
        noise = Noise(("value_range",), 0)
        latents, labels = self.latents.draw(16, noise.at("latents")), None
        if players.takes_labels(self.generator):
            labels = tf.zeros((16,), tf.int32) if self.labels is None else self.labels.draw(16, noise.at("labels"))
        made = sampling.make(self, latents, labels, noise.at("layers")).numpy()
        return ranges.guess(self.generator, made), made

    # -- The agreement ------------------------------------------------------------------------------------------------

    def compile(
        self,
        objective: objectives.Objective | str | dict = "non_saturating",
        generator_optimizer: keras.optimizers.Optimizer | str | None = None,
        discriminator_optimizer: keras.optimizers.Optimizer | str | None = None,
        discriminator_steps: int = 1,
        discriminator_constraint: keras.constraints.Constraint | str | None = None,
        augmentation: augmentations.Augmentation | type[augmentations.Augmentation] | str | list | dict | None = None,
        replay: FakePool | None = None,
        reuse_fakes: bool = False,
        penalties_at: str = "picture",
        metrics: list | None = None,
        jit_compile: bool | str = "auto",
        steps_per_execution: int | str = 1,
        run_eagerly: bool = False,
        check_gradients: bool = True,
        **unknown,
    ) -> None:
        """Agrees on what is played, and how.

        Args:
            objective: An `Objective`, a name (`"hinge"`) or an expression (`"wasserstein + 10 * gradient_penalty"`).
            generator_optimizer: A Keras optimizer or its name. Defaults to Adam(2e-4, beta_1=0.5).
            discriminator_optimizer: Another one. The same default.
            discriminator_steps: k, the discriminator's moves a step, each on its own minibatch. At least 1; they are
                unrolled in the graph.
            discriminator_constraint: Applied to each of the discriminator's trainable weights after its moves, such
                as `ClipWeights(0.01)`.
            augmentation: What real and fake pass through before the discriminator: an `Augmentation`, a name
                (`"diff_augment"`) or a list. What it learns belongs to one game.
            replay: A `FakePool` of this game alone, from which the discriminator is also shown past fakes.
            reuse_fakes: Train the generator on the fakes that the discriminator has just learned from, so that they are
                made once a step, which saves up to a quarter of the work. The 2014 paper draws new ones.
            penalties_at: Where gradient penalties differentiate: at the `"picture"` before the augmentation, through
                which the gradient then runs, or at what it gave, `"augmented"`, as version 0.1 did.
            metrics: Keras metrics, fed with `update_state(real, fake)` while evaluating. Those of `keras_gan.metrics`
                get pictures in [-1, 1], whatever the `value_range` is.
            jit_compile: Compile the step with XLA: True, False or `"auto"` (on a GPU, where every layer supports it; on
                a CPU the steps of dense players, if `steps_per_execution` is `"auto"` too). Under a
                `tf.distribute` strategy True compiles what each replica computes up to its updates.
            steps_per_execution: How many steps run before Python is asked again, and callbacks look on. `"auto"`: 1, or
                up to 64 of a game of dense players.
            run_eagerly: Run without a graph, to debug.
            check_gradients: Check the layers of the discriminator that a penalty on its gradient passes through, where
                they are not known to be right: a layer without the gradient that is needed is refused, an inexact one
                warned of. A loaded GAN is not checked again.
            **unknown: Refused, with a hint: a GAN has no `optimizer` and no `loss`.

        Raises:
            ValueError: If the objective leaves a player without a loss or does not fit the discriminator's output,
                a player has nothing to train, or an argument is out of range.
        """
        checks.check_arguments_of_compile(unknown)
        self._check_idle("compile")
        checks.check_trainable(self)
        objective = objectives.get(objective)
        checks.check_objective(objective, self.discriminator)
        check_count("discriminator_steps", discriminator_steps)
        check_execution(jit_compile, steps_per_execution, run_eagerly)
        check_flag("reuse_fakes", reuse_fakes)
        check_flag("check_gradients", check_gradients)
        checks.check_penalties_at(penalties_at)
        discriminator_constraint = checks.get_constraint(discriminator_constraint)
        metrics = checks.check_metrics(metrics, [*MEANS, *moves.REGULARIZATION, "loss"])
        checks.check_replay(replay, objective, self.example_shape)
        optimizers = get_optimizers(self, generator_optimizer, discriminator_optimizer)
        self._take(objective, augmentations.get(augmentation), replay)
        if self.ema is not None:
            self.ema.cover(self.generator)
        self._begin_average()
        evaluated = moves.rehearse(self)
        if check_gradients:
            gradients.check(self)
            if penalties_at == "picture":
                gradients.check_augmentation(self)
        self._range = self._range or self._first_range()
        self.generator_optimizer, self.discriminator_optimizer = optimizers
        workers.check(self, steps_per_execution)
        self.discriminator_steps, self.reuse_fakes = discriminator_steps, reuse_fakes
        self.penalties_at = penalties_at
        self.discriminator_constraint, self.evaluation_metrics = discriminator_constraint, metrics
        learned = {} if self.augmentation is None else self.augmentation.logs()
        names = [*MEANS, *moves.REGULARIZATION, *self.objective.log_names, *learned]
        self.training_logs = Logs(names, name="training_logs")
        ours = [name for name in (*MEANS, *moves.REGULARIZATION) if name in evaluated]
        self.evaluation_logs = Logs(ours, name="evaluation_logs")
        self.asked = {
            "jit_compile": jit_compile,
            "steps_per_execution": steps_per_execution,
            "check_gradients": check_gradients,
        }
        steps = 1 if steps_per_execution == "auto" else steps_per_execution
        self.compiles_replicas = jit_compile is True and self._distribute_strategy is not None
        jit_compile = False if self.compiles_replicas else jit_compile
        super().compile(None, jit_compile=jit_compile, steps_per_execution=steps, run_eagerly=run_eagerly)
        self._loss_tracker = None
        self.jit_compile_loop = False

    def _begin_average(self):
        """Before the first step the average is the generator, whose weights may have been loaded or set by hand."""
        if self.ema is not None and not int(self.step.numpy()):
            self.ema.restart(self.generator)

    def _first_range(self):
        if not self.makes_pictures:
            return None
        guessed, made = self._guess_range()
        if ranges.is_doubtful(guessed, made):
            ranges.warn_of_guess(guessed, self.generator)
        return guessed

    def _take(self, objective, augmentation, replay):
        """Takes what learns or remembers, in the place of what an earlier `compile` left."""
        for name in ("objective_memory", "augmentation", "replay"):
            if getattr(self, name, None) is not None:
                self._tracker.untrack(getattr(self, name))
        self.objective_memory = keras.layers.Layer(name="objective_memory")
        self.objective = objective.bound(self.generator, self.discriminator, self.objective_memory)
        self.augmentation, self.replay = augmentation, replay
        for layer in (self.objective_memory, self.augmentation, self.replay):
            if layer is not None and not layer.built:
                layer.build((None, *self.example_shape))

    @property
    def optimizer(self) -> PlayersOptimizer | None:
        """Both optimizers, as stock callbacks want to see them. None before `compile`."""
        if getattr(self, "discriminator_optimizer", None) is None:
            return None
        return PlayersOptimizer(self.generator_optimizer, self.discriminator_optimizer)

    @optimizer.setter
    def optimizer(self, value):
        if value is not None:
            raise AttributeError("`optimizer` must not be set: compile with `generator_optimizer` and its partner.")

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The running means of the logs, and the metrics of `compile`."""
        if not self.compiled:
            return []
        return [self.training_logs, self.evaluation_logs, *self.evaluation_metrics]

    @property
    def metrics_names(self) -> list[str]:
        """What `evaluate` gives, in its order."""
        if not self.compiled:
            return []
        return [*self.evaluation_logs.names, *(metric.name for metric in self.evaluation_metrics)]

    def _flatten_metrics_in_order(self, logs):
        return [logs[name] for name in self.metrics_names if name in logs]

    def get_metrics_result(self) -> dict:
        """The means so far: of the evaluation if one has begun since the last reset, else of training."""
        results = self.evaluation_logs.result()
        if not results:
            return self.training_logs.result()
        return {**results, **self._metric_results()}

    def _metric_results(self):
        return checks.check_results({metric.name: metric.result() for metric in self.evaluation_metrics})

    # -- The game -----------------------------------------------------------------------------------------------------

    def train_step(self, data) -> dict:
        """One step: k moves of the discriminator, then one of the generator.

        Args:
            data: A batch of examples, or (examples, labels); with k > 1 k batches, stacked on axis 1 (`fit` does it).

        Returns:
            The means since the epoch began, by name.
        """
        checks.check_trainable(self)
        data = feed.without_nones(data)
        noise = Noise((self.seed, "train"), self.step.value, replica())
        with tf.control_dependencies(keras.tree.flatten(data)):  # no data, no step: not even half of one
            with kernels.used():
                logs = moves.step(self, feed.ungroup(data, self.discriminator_steps), noise)
            self.training_logs.update_state(logs, moves.count_examples(data))
            if self.ema is not None:
                self.ema.update(self.generator, self.step.value)
            self.step.assign_add(1)
        return workers.as_logs(self.training_logs.result([name for name in self.training_logs.names if name in logs]))

    def test_step(self, data) -> dict:
        """Both losses on the averaged generator's fakes, without penalties or updates; feeds the metrics.

        Means are over examples, and the n-th example of every evaluation gets the same latents, whatever the size of
        its batch.
        """
        data = feed.without_nones(data)
        count = moves.count_examples(data)
        start = workers.first_index(self.evaluation_logs.sums[1, 0], count)
        logs, real, fake = moves.judge(self, data, Noise((self.seed, "evaluate"), start=start))
        self.evaluation_logs.update_state(logs, count)
        for metric in self.evaluation_metrics:
            metric.update_state(*self._as_metrics_want(metric, real, fake))
        return workers.as_logs({**self.evaluation_logs.result(self.evaluation_logs.names), **self._metric_results()})

    def _as_metrics_want(self, metric, *examples):
        """Pictures in [-1, 1] for a metric that looks through an extractor; for others as they are."""
        if self.value_range in (None, (-1.0, 1.0)) or not isinstance(metric, StreamingMetric):
            return examples
        low, high = self.value_range
        return [(x - low) * (2 / (high - low)) - 1 for x in examples]

    def fit(
        self,
        x=None,
        y=None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: list | None = None,
        validation_split: float = 0.0,
        validation_data=None,
        shuffle: bool = True,
        validation_batch_size: int | None = None,
        **options,
    ) -> keras.callbacks.History:
        """Plays for a number of epochs.

        With `discriminator_steps` = k > 1 a step consumes k batches, so an epoch has a k-th of the steps.

        Args:
            x: Batches from a `tf.data.Dataset` or a `keras.utils.PyDataset`, of examples or of (examples, labels); or
                an array, shuffled anew each epoch in full batches. A pair may also be a dict, of `real` and `labels`.
            y: The labels, where `x` is an array.
            batch_size: Examples a batch, where `x` is an array. Defaults to 32.
            epochs: How often the data is gone through.
            verbose: 0, 1 (a bar), 2 (a line an epoch) or `"auto"`.
            callbacks: Keras callbacks, stock ones or those of `keras_gan.callbacks`.
            validation_split: The share of an array's end, in [0, 1), that is kept for validation.
            validation_data: What `evaluate` takes, evaluated after each epoch.
            shuffle: False keeps an array's order.
            validation_batch_size: Defaults to `batch_size`.
            **options: As for `keras.Model.fit`: `initial_epoch`, `steps_per_epoch` (counting generator updates),
                `validation_steps`, `validation_freq`.

        Returns:
            The `History`, with `d_loss`, `g_loss`, the mean outputs `d_real` and `d_fake`, a sum's terms, and
            `d_regularization` and `g_regularization` of players that have any.

        Raises:
            ValueError: If the data does not fit the players, or one of them was frozen since `compile`.
        """
        self._assert_compile_called("fit")
        self._check_idle("fit")
        check_verbose(verbose)
        check_flag("shuffle", shuffle)
        checks.check_unweighted(**{name: options.pop(name, None) for name in ("class_weight", "sample_weight")})
        checks.check_trainable(self)
        self._begin_average()
        source = feed.Source(x, y, {"real": self.example_shape})
        if validation_split:
            source, validation_data = source.split(validation_split)
        steps_per_epoch, callbacks = options.pop("steps_per_epoch", None), keras.tree.flatten(callbacks or [])
        initial_epoch = options.pop("initial_epoch", 0)
        data = source.batches(batch_size, shuffle=shuffle, seed=self.seed)
        check_run(data, epochs, initial_epoch, steps_per_epoch, callbacks, options)
        several = self.distribute_strategy.num_replicas_in_sync > 1
        course = Course(data, self.discriminator_steps, steps_per_epoch, source.shapes, several)
        with feed.reading():
            first = course.look()
        known = source.known(first)
        self._check_data(known)
        examples = feed.unpack(first)[0]
        checks.check_packs(examples, self.packing)
        if self._range is not None and self._range.guessed:
            self._range = ranges.settle(self._range, self.generator, np.asarray(feed.unpack(known)[0]))
            self.test_function = None  # it was traced with the guess
        if validation_data is not None:
            try:
                validation_data = self._check_evaluation(validation_data)
            except ValueError as error:
                raise ValueError(f"`validation_data` must be data as `x` is. {error}") from error
        execution.plan(self, course, len(examples), verbose)
        self._is_fitting = True
        try:
            return fitting.fit(
                self,
                super().fit,
                course,
                [FinishAverages(), *callbacks, WarnOfRates()],
                epochs=epochs,
                initial_epoch=initial_epoch,
                verbose=verbose,
                batch_size=len(examples),  # Keras reads batches: it is for who logs how its `fit` was called
                validation_data=validation_data,
                validation_batch_size=validation_batch_size or batch_size or 32,
                shuffle=shuffle and not feed.is_dataset(x),
                **options,
            )
        except tf.errors.OpError as error:  # only the first batch of a data set could be looked at
            raise feed.explain(error) from error
        finally:
            self._is_fitting = False

    def _check_idle(self, name):
        if self._is_fitting:
            raise ValueError(
                f"`{name}` must not be called while `fit` runs. Received: a call of a callback; end the run by "
                f"`model.stop_training = True`, and call `{name}` after it"
            )

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict: bool = False):
        """Plays one training step.

        Args:
            x: (N, ...) examples; with `discriminator_steps=k` above 1 (N, k, ...), k batches stacked on axis 1.
            y: (N,) or (N, k) integer labels, where a player takes them.
            sample_weight: None: examples have no weights.
            class_weight: None.
            return_dict: Return a dict in place of a list.

        Returns:
            The means of the logs since the last `reset_metrics`.

        Raises:
            ValueError: If the shapes do not fit the players.
        """
        self._assert_compile_called("train_on_batch")
        checks.check_unweighted(sample_weight=sample_weight, class_weight=class_weight)
        checks.check_step(feed.pair(x, y), self, name="train_on_batch", batches=self.discriminator_steps)
        self._begin_average()
        return super().train_on_batch(x, y, return_dict=return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict: bool = False):
        """Evaluates one batch: (N, ...) examples, and (N,) labels where a player takes them.

        Raises:
            ValueError: If the shapes do not fit the players.
        """
        self._assert_compile_called("test_on_batch")
        checks.check_unweighted(sample_weight=sample_weight)
        checks.check_step(feed.pair(x, y), self, name="test_on_batch", batches=1)
        return super().test_on_batch(x, y, return_dict=return_dict)

    def make_train_function(self, force: bool = False):
        """Makes what `fit` calls, once after each `compile`."""
        if self.train_function is None or force:
            keras_function = self._make_function(self.train_step)
            self.train_function = execution.TrainFunction(self, keras_function)
        return self.train_function

    def evaluate(self, x=None, y=None, batch_size: int | None = None, **options):
        """Both losses and the metrics on data the GAN was not trained on; changes nothing.

        Losses are means over examples, each with a fake of its own: they do not depend on `batch_size`, unless the
        objective, or a layer, compares with the whole batch. With `packing` a last partial batch weighs as many
        examples as it has.

        Args:
            x: An array, a `tf.data.Dataset` or a `keras.utils.PyDataset`, as for `fit`. A partial batch counts too.
            y: The labels, where `x` is an array.
            batch_size: Examples a batch, where `x` is an array. Defaults to 32.
            **options: As for `keras.Model.evaluate`: `steps`, `verbose`, `callbacks`, `return_dict`.

        Returns:
            `d_loss`, `g_loss`, `d_real`, `d_fake`, the regularization of players that have any, and the metrics: a list
            in the order of `metrics_names`, or a dict with `return_dict=True`.

        Raises:
            ValueError: If the data does not fit the players.
        """
        self._assert_compile_called("evaluate")
        self._begin_average()
        if not options.get("_use_cached_eval_dataset"):  # `fit` has looked at it already
            if batch_size is not None:
                check_count("batch_size", batch_size)
            check_evaluation(options)
            x, y = self._check_evaluation(x, y)
        try:
            return keras.tree.map_structure(as_number, super().evaluate(x, y, batch_size, **options))
        except tf.errors.OpError as error:
            raise feed.explain(error) from error

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Does nothing: the players come built. Keras would add up the replicas' batches, which may differ in size."""

    def _check_evaluation(self, x, y=None):
        """Checks the data of an evaluation, and returns it with its shapes known."""
        source = x if isinstance(x, feed.Source) else feed.Source(x, y, {"real": self.example_shape})
        with feed.reading():
            self._check_data(source.known())
        return source.for_keras()

    def _check_data(self, element):
        examples, labels = feed.unpack(element)
        checks.check_batch(examples, labels, self)

    # -- What comes out -----------------------------------------------------------------------------------------------

    def call(self, inputs, training: bool = False):
        """What the (averaged) generator makes of latents (N, dim), or of `[latents, labels]`."""
        latents, labels = inputs if isinstance(inputs, list | tuple) else (inputs, None)
        if training:
            return players.call(self.generator, latents, labels, training=True)
        return self.make(latents, labels)

    def make(self, latents, labels=None, use_ema: bool = True) -> tf.Tensor:
        """What the generator makes of latents (N, dim) in inference mode, with averaged weights where there are any."""
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
        """Makes examples. A longer request begins with the examples of a shorter one with the same seed.

        Args:
            n: How many, at least 1.
            labels: One label for all, or (n,) labels, where the generator takes them. Drawn from `labels` of the
                GAN if None.
            seed: The same seed gives the same examples. Drawn if None.
            use_ema: Use the averaged weights, if the GAN keeps an average.
            batch_size: How many are made at a time, at most. An example's last bits may depend on it.

        Returns:
            (n, ...) float32, in the range of the training data, `value_range`: of pictures
            `keras_gan.images.to_uint8(made, gan.value_range)` makes 8 bits.

        Raises:
            ValueError: If `n` or a label is out of range, or labels are needed and cannot be drawn.
        """
        check_count("n", n, most=2**31 - 1)
        check_count("batch_size", batch_size)
        self._begin_average()
        checks.check_labels_to_generate(n, labels, self.generator, self.labels)
        if players.takes_labels(self.generator):
            labels = tf.constant(np.reshape(-1 if labels is None else labels, (-1,)), tf.int32)
        seed = random.randrange(2**31) if seed is None else check_seed("seed", seed)
        integers = tf.constant(n, tf.int32), tf.constant(seed, tf.int64), tf.constant(batch_size, tf.int32)
        try:
            with fits_in_memory("n", f"n={n}, batch_size={batch_size}"):
                return self._generate_batch(*integers, labels, use_ema).numpy()
        except tf.errors.InvalidArgumentError as error:  # labels beyond an embedding's, where no prior counts them
            raise ValueError(f"`generate` must ask for what the generator makes. Received: {reason(error)}") from error

    @tf.function(autograph=False, reduce_retracing=True)
    def _generate_batch(self, n, seed, batch_size, labels, use_ema):
        return sampling.sample(self, n, seed, labels, use_ema=use_ema, largest=batch_size)

    def summary(self, *args, **options) -> None:
        """Prints the summaries of both players; takes what `keras.Model.summary` takes."""
        self.generator.summary(*args, **options)
        self.discriminator.summary(*args, **options)

    # -- What is kept -------------------------------------------------------------------------------------------------

    def save(self, filepath, overwrite: bool = True, **options) -> None:
        """Saves the whole game as `.keras`: players, objective, both optimizers' state, step and average.

        `keras.models.load_model` gives it back, compiled, and training goes on as if it had never stopped. The file
        is written under a temporary name and moved.

        Raises:
            FileExistsError: If the file exists and `overwrite` is False.
            ValueError: If its name does not end in `.keras`.
        """
        self._begin_average()
        self._write(super().save, ".keras", filepath, overwrite, options)

    def save_weights(self, filepath, overwrite: bool = True, **options) -> None:
        """Saves all variables, both optimizers' among them, as `.weights.h5`, atomically."""
        self._write(super().save_weights, ".weights.h5", filepath, overwrite, options)

    def _write(self, save, suffix, filepath, overwrite, options):
        if not str(filepath).endswith(suffix):
            raise ValueError(f"`filepath` must end in {suffix}. Received: filepath={str(filepath)!r}")
        if not overwrite and tf.io.gfile.exists(str(filepath)):
            raise FileExistsError(f"`filepath` must be free, or `overwrite` True. Received: filepath={str(filepath)!r}")
        with files.atomic(filepath, "filepath") as part:
            save(part, **options)

    def load_weights(self, filepath, skip_mismatch: bool = False, **options) -> None:
        """Loads what `save` or `save_weights` wrote of a game of the same players and optimizers.

        Raises:
            ValueError: If there is no such file, or it is not one of these, or it is damaged or does not fit. The GAN
                is then as it was.
        """
        saved.check(filepath, "filepath")
        variables = [*self.variables, *(self.optimizer.variables if self.optimizer is not None else ())]
        before = [variable.numpy() for variable in variables]
        try:
            super().load_weights(filepath, skip_mismatch, **options)
        except Exception as error:  # Keras's own, and those of what it reads with
            for variable, value in zip(variables, before, strict=True):
                variable.assign(value)
            if isinstance(error, ValueError):
                raise
            raise ValueError(
                "`filepath` must hold the weights of this GAN. "
                f"Received: filepath={str(filepath)!r}, with the error: {reason(error)[:500] or type(error).__name__}"
            ) from error

    def export(
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
        """Writes the (averaged) generator as a SavedModel that TF Serving serves as it stands.

        The signatures, whose inputs and outputs have names, and batches any size:

        - `serving_default`: `latents` (N, dim) float32[, `labels` (N,) int32] -> `images` (N, ...) float32, in the
          range of the training data.
        - `generate`: `num_samples` () int32, `seed` () int64[, `labels` (1,) or (N,) int32, -1 for drawn ones][,
          `truncation` () float32] -> `images` (N, ...) uint8: what `gan.generate(num_samples, seed=seed)` makes.
        - `generate_png`: the same -> `image_bytes` (N,) string, PNG files.
        - `interpolate`: `start_seed` and `end_seed` () int64, `steps` () int32[, `labels` (1,)] -> `images` uint8,
          from the first example of one seed to that of the other: along the arc where latents are `Normal`,
          `TruncatedNormal` or on the `Sphere`, else straight.
        - `discriminate`, if asked for: `images` (N, ...) float32[, `labels` (N,)] -> `scores` (N,) float32.

        Examples that are no pictures, (H, W, 1, 3 or 4), stay float32 and have no `generate_png`. A request out of
        range is an InvalidArgument error of the graph, before anything is allocated. Conditional generators take
        `labels`; `truncation=True` adds that input.

        The folder is written under a hidden name and moved: a server that polls `path` never sees half a version.
        Beside the versions stand `model.config`, `monitoring.config` and `batching.config` for the server, which are
        written where they are missing and never again. The version holds `assets/keras_gan.json`, what is known of
        it, and requests to warm up with if `tensorflow-serving-api` is installed.

        Args:
            path: The model's folder, such as `"saved_models/digits"`; its name is the model's.
            version: The version's number, at least 1. Defaults to the one after the highest.
            discriminate: Whether the discriminator is exported too.
            truncation: Whether `generate` takes the threshold of `latents.TruncatedNormal`. For `Normal` latents.
            max_samples: The most examples or steps a request may ask for, at least 1.
            value_range: What becomes 0 and 255. Defaults to the `value_range` of the GAN.
            keep: How many versions stay, at least 1: the lowest others are removed afterwards. None removes none.
            metadata: A dict for JSON, such as configuration and metrics, kept in `keras_gan.json`.

        Returns:
            The folder of the version that was written.

        Raises:
            ValueError: If an argument is out of range, or a signature that was asked for cannot be.
            FileExistsError: If the version exists.
        """
        self._begin_average()
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
        """The arguments of the constructor, the players among them."""
        serialize = keras.saving.serialize_keras_object
        return {
            "generator": serialize(self.generator),
            "discriminator": serialize(self.discriminator),
            "latents": serialize(self.latents),
            "labels": None if self.labels is None else serialize(self.labels),
            "seed": self.seed,
            "ema": None if self.ema is None else self.ema.decay,
            "packing": self.packing,
            "value_range": list(self._range.ends) if self.range_is_known else None,
            "guessed_range": list(self._range.ends) if self._range and self._range.guessed else None,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict) -> "GAN":
        deserialize = keras.saving.deserialize_keras_object
        parts = {name: deserialize(config[name]) for name in ("generator", "discriminator", "latents", "labels")}
        arguments = {**config, **parts}
        guessed = arguments.pop("guessed_range", None)
        made = cls(**arguments)
        made._range = ranges.ValueRange(*guessed, guessed=True) if guessed else made._range
        return made

    def get_compile_config(self) -> dict:
        """The arguments of `compile`; nothing if it was never called."""
        if not self.compiled:
            return {}
        serialize = keras.saving.serialize_keras_object
        return {
            "objective": serialize(self.objective),
            "generator_optimizer": serialize(self.generator_optimizer),
            "discriminator_optimizer": serialize(self.discriminator_optimizer),
            "discriminator_steps": self.discriminator_steps,
            "discriminator_constraint": serialize(self.discriminator_constraint),
            "augmentation": serialize(self.augmentation),
            "replay": serialize(self.replay),
            "reuse_fakes": self.reuse_fakes,
            "penalties_at": self.penalties_at,
            "metrics": [serialize(metric) for metric in self.evaluation_metrics],
            "run_eagerly": self.run_eagerly,
            **self.asked,
        }

    def compile_from_config(self, config: dict) -> None:
        """Compiles with what `get_compile_config` gave. A player that was frozen afterwards stays frozen.

        Gradients are not checked, as they were when the GAN was first compiled. A game of version 0.1 goes on as it
        began, with penalties at what the augmentation gave.
        """
        config = {"penalties_at": "augmented", **keras.saving.deserialize_keras_object(config)}
        with players.unfrozen(self.generator, self.discriminator):
            self.compile(**{**config, "check_gradients": False})
        self.asked["check_gradients"] = config.get("check_gradients", True)

    def build(self, input_shape=None) -> None:
        """Does nothing: the players come built."""
