"""TrainedModel: the methods of `keras.Model` for games: fit, evaluate, save and load."""

import functools
from collections.abc import Mapping

import keras
import tensorflow as tf

from keras_gan import kernels
from keras_gan.data import feed
from keras_gan.data.course import Course
from keras_gan.game import checks, execution, fitting, freezing, moves
from keras_gan.game.logs import as_number
from keras_gan.game.optimizers import FinishAverages, PlayersOptimizer, WarnOfRates
from keras_gan.ground import files, saved, workers
from keras_gan.ground.arguments import check_count, check_evaluation, check_flag, check_run, check_verbose, reason
from keras_gan.metrics.streaming import StreamingMetric
from keras_gan.noise import Noise, replica
from keras_gan.play import players


class TrainedModel(keras.Model):
    """A model that is trained by the moves of sides, and saved with all state that training needs to continue.

    A base class of `Game`. Subclasses have `sides`, `optimizers`, `moves`, `training_logs` and `evaluation_logs`.
    """

    _structures: Mapping[str, tuple[int, ...]] = {}  # of the players when a function of Keras was traced, by its name

    @property
    def optimizer(self) -> PlayersOptimizer | None:
        """All optimizers, with the interface of a single one for callbacks. None before `compile`."""
        found = self.optimizers
        return PlayersOptimizer(dict(reversed(found.items()))) if found else None

    @optimizer.setter
    def optimizer(self, value):
        if value is not None:
            names = " and ".join(f"`{side}_optimizer`" for side in self.sides)
            raise AttributeError(f"`optimizer` must not be set: compile with {names}.")

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The running means of the logs, and the metrics of `compile`."""
        if not self.compiled:
            return []
        return [self.training_logs, self.evaluation_logs, *self.evaluation_metrics]

    @property
    def metrics_names(self) -> list[str]:
        """The names of the results of `evaluate`, in their order."""
        if not self.compiled:
            return []
        return [*self.evaluation_logs.names, *(metric.name for metric in self.evaluation_metrics)]

    def _flatten_metrics_in_order(self, logs):
        return [logs[name] for name in self.metrics_names if name in logs]

    def get_metrics_result(self) -> dict:
        """Returns the means so far: of the evaluation if one has begun since the last reset, otherwise of training."""
        results = self.evaluation_logs.result()
        if not results:
            return self.training_logs.result()
        return {**results, **self._metric_results()}

    def _metric_results(self):
        return checks.check_results({metric.name: metric.result() for metric in self.evaluation_metrics})

    def train_step(self, data) -> dict:
        """Runs one step: the moves of all sides in their order.

        Args:
            data: An element of the data set; if a side moves k > 1 times, k elements, stacked on axis 1 (as `fit`
                stacks them).

        Returns:
            The means since the epoch began, by name.
        """
        freezing.check_trainable(self)
        data = feed.without_nones(data)
        noise = Noise((self.seed, "train"), self.step.value, replica())
        with tf.control_dependencies(keras.tree.flatten(data)):  # without data, no part of a step runs
            with kernels.used(self.kernels_used):
                logs = moves.step(self, feed.ungroup(data, self.discriminator_steps), noise)
            self.training_logs.update_state(logs, moves.count_examples(data))
            for name, average in self.averages.items():
                average.update(self.players[name], self.step.value)
            self.step.assign_add(1)
        return workers.as_logs(self.training_logs.result([name for name in self.training_logs.names if name in logs]))

    def test_step(self, data) -> dict:
        """Computes the losses of all sides with averaged weights, without penalties and updates, and the metrics.

        Means are over examples, and the n-th example of every evaluation gets the same draws, whatever the batch size.
        """
        data = feed.without_nones(data)
        count = moves.count_examples(data)
        start = workers.first_index(self.evaluation_logs.sums[1, 0], count)
        logs, values = moves.judge(self, data, Noise((self.seed, "evaluate"), start=start))
        self.evaluation_logs.update_state(logs, count)
        for metric in self.evaluation_metrics:
            metric.update_state(*self._scaled_for(metric, *(values[name] for name in self.compared)))
        names = [name for name in self.evaluation_logs.names if name in logs]
        return workers.as_logs({**self.evaluation_logs.result(names), **self._metric_results()})

    def _scaled_for(self, metric, *examples):
        """Returns pictures in [-1, 1] for a metric with a feature extractor; unchanged for other metrics."""
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
        """Trains all players for a fixed number of epochs.

        With `discriminator_steps` = k > 1 a step consumes k batches, so an epoch has 1/k of the steps.

        Args:
            x: Batches from a `tf.data.Dataset` or a `keras.utils.PyDataset`, of examples, of (examples, labels) or of
                dicts of named parts; or an array or a dict of arrays, shuffled in each epoch, in full batches.
            y: The labels, where `x` is an array.
            batch_size: Examples per batch, where `x` is an array. Defaults to 32.
            epochs: The number of epochs. Defaults to 1.
            verbose: 0, 1 (a bar), 2 (a line per epoch) or `"auto"`.
            callbacks: Keras callbacks, those of Keras or of `keras_gan.callbacks`.
            validation_split: The share of an array, in [0, 1), that is split off its end for validation.
            validation_data: Data as for `evaluate`, evaluated after each epoch.
            shuffle: Whether to shuffle an array in each epoch. Defaults to True.
            validation_batch_size: Defaults to `batch_size`.
            **options: As for `keras.Model.fit`: `initial_epoch`, `steps_per_epoch` (counting generator updates),
                `validation_steps`, `validation_freq`.

        Returns:
            The `History`, with `d_loss`, `g_loss`, the mean outputs `d_real` and `d_fake`, a sum's terms, and
            `d_regularization` and `g_regularization` of players that have any.

        Raises:
            ValueError: If the data does not fit the players, or if since `compile` one was frozen, or a layer unfrozen.
        """
        self._assert_compile_called("fit")
        self._check_idle("fit")
        check_verbose(verbose)
        check_flag("shuffle", shuffle)
        checks.check_unweighted(**{name: options.pop(name, None) for name in ("class_weight", "sample_weight")})
        self._follow_freezing()
        self._begin_averages()
        source = feed.Source(x, y, self._known_shapes())
        if validation_split:
            source, validation_data = source.split(validation_split)
        steps_per_epoch, callbacks = options.pop("steps_per_epoch", None), keras.tree.flatten(callbacks or [])
        initial_epoch = options.pop("initial_epoch", 0)
        data = source.batches(batch_size, shuffle=shuffle, seed=self.seed)
        check_run(data, epochs, initial_epoch, steps_per_epoch, callbacks, options)
        several = self.distribute_strategy.num_replicas_in_sync > 1
        course = Course(data, self.discriminator_steps, steps_per_epoch, source.shapes, several)
        size = self._check_first_batch(source, course)
        if validation_data is not None:
            try:
                validation_data = self._check_evaluation(validation_data)
            except ValueError as error:
                raise ValueError(f"`validation_data` must be data as `x` is. {error}") from error
        execution.plan(self, course, size, epochs - initial_epoch, callbacks, verbose)
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
                batch_size=size,  # not read by Keras, which gets batches, but by tools that log the arguments of `fit`
                validation_data=validation_data,
                validation_batch_size=validation_batch_size or batch_size or 32,
                shuffle=shuffle and not source.has_batches,
                **options,
            )
        except tf.errors.OpError as error:  # only the first batch of a data set could be checked
            raise feed.explain(error) from error
        finally:
            self._is_fitting = False

    def _check_first_batch(self, source, course):
        """Checks the first batch, and returns its number of examples.

        A data set that was checked since `compile` is not read again, so that a second `fit` of it begins at once.
        """
        if source.has_batches and source.data in self._seen:
            return self._seen[source.data]
        with feed.reading():
            first = course.look()
        known = source.known(first)
        self._check_data(known)
        examples = keras.tree.flatten(first)[0]
        for match in self.matches.values():
            checks.check_packs(examples, match.packing, self.distribute_strategy.num_replicas_in_sync)
        self._settle(known)
        if source.has_batches:
            self._seen[source.data] = len(examples)
        return len(examples)

    def _settle(self, element):
        """Determines from the first data what `compile` could not. Does nothing unless it is overridden."""

    def _check_idle(self, name):
        if self._is_fitting:
            raise ValueError(
                f"`{name}` must not be called while `fit` runs. Received: a call by a callback; end the run by "
                f"`model.stop_training = True`, and call `{name}` after it"
            )

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict: bool = False):
        """Runs one training step.

        Args:
            x: (N, ...) examples; with `discriminator_steps=k` above 1 (N, k, ...), k batches stacked on axis 1.
            y: (N,) or (N, k) integer labels, or (N, ...) or (N, k, ...) other conditions, where a player takes them.
            sample_weight: Must be None, as examples have no weights.
            class_weight: Must be None.
            return_dict: Whether to return a dict instead of a list.

        Returns:
            The means of the logs since the last `reset_metrics`.

        Raises:
            ValueError: If shapes, labels, or the range of integers do not fit the players.
        """
        self._assert_compile_called("train_on_batch")
        checks.check_unweighted(sample_weight=sample_weight, class_weight=class_weight)
        self._follow_freezing()
        self._check_step(feed.pair(x, y), "train_on_batch", self.discriminator_steps)
        self._begin_averages()
        return super().train_on_batch(x, y, return_dict=return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict: bool = False):
        """Evaluates one batch: (N, ...) examples, and (N,) labels where a player takes them.

        Raises:
            ValueError: If shapes, labels, or the range of integers do not fit the players.
        """
        self._assert_compile_called("test_on_batch")
        checks.check_unweighted(sample_weight=sample_weight)
        self._check_step(feed.pair(x, y), "test_on_batch", 1)
        self._begin_averages()
        return super().test_on_batch(x, y, return_dict=return_dict)

    def make_train_function(self, force: bool = False):
        """Makes the training function of `fit`, once after each `compile`."""
        if self._has_changed("train") or self.train_function is None or force:  # type: ignore[has-type]  # Keras's
            make_keras_function = functools.partial(self._make_function, self.train_step)
            self.train_function = execution.TrainFunction(self, make_keras_function)
        return self.train_function

    def make_test_function(self, force: bool = False):
        """Makes the function of `evaluate`, once unless layers of the players change, as by `enable_lora`."""
        return super().make_test_function(self._has_changed("test") or force)

    def make_predict_function(self, force: bool = False):
        """Makes the function of `predict`, once unless layers of the players change, as by `enable_lora`."""
        return super().make_predict_function(self._has_changed("predict") or force)

    def _has_changed(self, function):
        """Returns whether players have got other variables or dtype policies since a function was made."""
        structure = tuple(map(players.structure, self.players.values()))
        changed = self._structures.get(function) != structure
        self._structures = {**self._structures, function: structure}
        return changed

    def evaluate(self, x=None, y=None, batch_size: int | None = None, **options):
        """Returns the losses of all sides and the metrics on given data; changes no weights.

        Losses are means over examples, each with its own fake. They do not depend on `batch_size`, unless the objective
        or a layer compares the examples of a batch. With `packing`, a partial last batch is weighted by its number of
        examples.

        Args:
            x: An array, a `tf.data.Dataset` or a `keras.utils.PyDataset`, as for `fit`. A partial batch counts too.
            y: The labels, where `x` is an array.
            batch_size: Examples per batch, where `x` is an array. Defaults to 32.
            **options: As for `keras.Model.evaluate`: `steps`, `verbose`, `callbacks`, `return_dict`.

        Returns:
            `d_loss`, `g_loss`, `d_real`, `d_fake`, the regularization of players that have any, and the metrics: a list
            in the order of `metrics_names`, or a dict with `return_dict=True`.

        Raises:
            ValueError: If the data does not fit the players.
        """
        self._assert_compile_called("evaluate")
        checks.check_unweighted(sample_weight=options.pop("sample_weight", None))
        self._begin_averages()
        if not options.get("_use_cached_eval_dataset"):  # `fit` has checked the data already
            if batch_size is not None:
                check_count("batch_size", batch_size)
            check_evaluation(options)
            x, y = self._check_evaluation(x, y)
        try:
            return keras.tree.map_structure(as_number, super().evaluate(x, y, batch_size, **options))
        except tf.errors.OpError as error:
            raise feed.explain(error) from error

    def predict(self, *args, **options):
        """Returns the results of `call`, batch by batch; takes the arguments of `keras.Model.predict`."""
        self._begin_averages()
        return super().predict(*args, **options)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Does nothing: the players are built. Keras would add the replicas' batches, which may differ in size."""

    def _check_evaluation(self, x, y=None):
        """Checks the data of an evaluation, and returns it with its shapes known."""
        source = x if isinstance(x, feed.Source) else feed.Source(x, y, self._known_shapes())
        if not source.has_batches or source.data not in self._evaluated:
            with feed.reading():
                self._check_data(source.known())
            if source.has_batches:
                self._evaluated.add(source.data)
        return source.for_keras()

    def _known_shapes(self):
        """Returns the shapes of one example of the parts of the data, as far as they are known."""
        return {name: self.shapes.get(name) for name in self.parts}

    def save(self, filepath, overwrite: bool = True, **options) -> None:
        """Saves the whole game as a `.keras` file: players, objective, state of all optimizers, step and averages.

        `keras.models.load_model` loads the game, compiled, and training continues as if it had never stopped. The file
        is written under a temporary name and then renamed.

        Raises:
            FileExistsError: If the file exists and `overwrite` is False.
            ValueError: If `filepath` does not end in `.keras`.
        """
        self._begin_averages()
        self._write(super().save, ".keras", filepath, overwrite, options)

    def save_weights(self, filepath, overwrite: bool = True, **options) -> None:
        """Saves all variables, including those of the optimizers, as a `.weights.h5` file, atomically."""
        self._begin_averages()
        self._write(super().save_weights, ".weights.h5", filepath, overwrite, options)

    def _write(self, save, suffix, filepath, overwrite, options):
        if not str(filepath).endswith(suffix):
            raise ValueError(f"`filepath` must end in {suffix}. Received: filepath={str(filepath)!r}")
        if not overwrite and tf.io.gfile.exists(str(filepath)):
            raise FileExistsError(
                f"`filepath` must not exist unless `overwrite` is True. Received: filepath={str(filepath)!r}"
            )
        with files.atomic(filepath, "filepath") as part:
            save(part, **options)

    def load_weights(self, filepath, skip_mismatch: bool = False, **options) -> None:
        """Loads weights that `save` or `save_weights` wrote for a game with the same players and optimizers.

        Raises:
            ValueError: If the file does not exist, has another format, is damaged or does not fit. The weights of the
                game are then unchanged.
        """
        saved.check(filepath, "filepath")
        variables = [*self.variables, *(self.optimizer.variables if self.optimizer is not None else ())]
        before = [variable.numpy() for variable in variables]
        missing = {name: average.missing for name, average in self.averages.items()}
        try:
            super().load_weights(filepath, skip_mismatch, **options)
        except Exception as error:  # Keras's own, and those of what it reads with
            for variable, value in zip(variables, before, strict=True):
                variable.assign(value)
            for name, average in self.averages.items():
                average.missing = missing[name]
            if isinstance(error, ValueError):
                raise
            raise ValueError(
                f"`filepath` must hold the weights of this {type(self).__name__}. "
                f"Received: filepath={str(filepath)!r}, with the error: {reason(error)[:500] or type(error).__name__}"
            ) from error
