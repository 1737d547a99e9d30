"""CompiledGame: the configuration of a game for training, and the state that it needs."""

import weakref
from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from keras_gan import gradients, objectives
from keras_gan import kernels as kernels_
from keras_gan.game import checks, freezing, placing, private
from keras_gan.game import moves as moves_
from keras_gan.game import shapes as shapes_
from keras_gan.game.logs import Logs
from keras_gan.game.optimizers import get_optimizers, innermost
from keras_gan.game.sides import MAKERS, Side
from keras_gan.game.training import TrainedModel
from keras_gan.game.view import suffixed
from keras_gan.ground import internals, workers
from keras_gan.ground.arguments import check_execution, check_flag
from keras_gan.latents import Latents
from keras_gan.play import conditions, players


class CompiledGame(TrainedModel):
    """A model of players, values, matches and sides that can be compiled.

    The base class of `Game`, which defines them.
    """

    def compile(
        self,
        objective: objectives.Objective | str | dict | None = None,
        discriminator_steps: int | None = None,
        moves: Sequence[str] | None = None,
        constraints: Mapping[str, keras.constraints.Constraint | str] | None = None,
        reuse_fakes: bool = False,
        simultaneous: bool = False,
        penalties_at: str = "picture",
        metrics: list | None = None,
        jit_compile: bool | str = "auto",
        steps_per_execution: int | str = "auto",
        run_eagerly: bool = False,
        check_gradients: bool = True,
        kernels: bool | Sequence[str] = True,
        **optimizers,
    ) -> None:
        """Configures the game for training.

        Args:
            objective: An `Objective`, a name (`"hinge"`) or an expression, such as
                `"least_squares@a + least_squares@b + 10 * distance(back_a, a)"`. A term without `@` acts at every
                match. Defaults to the objective that the game was made with.
            discriminator_steps: Moves of the side `"discriminator"` per step, each on its own minibatch, before the
                other sides make one move each. Defaults to 1, or to the number in a model's paper.
            moves: The names of the sides in the order of their moves in a step, each as often as it moves, instead of
                `discriminator_steps`. A step consumes as many batches as the side with the most moves has. A side that
                is not named does not move: it needs no loss, and its players do not change. Defaults to all sides.
            constraints: Side -> the constraint of each of its trainable weights, applied after its moves, such as
                `ClipWeights(0.01)`.
            reuse_fakes: Train the last side on the values that the side before it was just trained on.
            simultaneous: Compute the gradients of all sides at the weights of the step's beginning, then update all
                sides, instead of one after the other. Each side may move only once.
            penalties_at: What gradient penalties differentiate by: the `"picture"` before the augmentation, or its
                output, `"augmented"`.
            metrics: Keras metrics, updated by `update_state(real, fake)` of the first match while evaluating.
            jit_compile: Compile the step with XLA: True, False or `"auto"`.
            steps_per_execution: Steps per compiled call; batch-level callbacks run once per call. `"auto"`, the
                default, runs up to 64 steps, about 10 GFLOP, per call if no player has recurrent or custom layers and
                no callback needs every step; otherwise 1.
            run_eagerly: Run without a graph, to debug.
            check_gradients: Check the layers of judges that a gradient penalty differentiates.
            kernels: Training kernels that may be used: True for all, False for Keras's own, or names as in the
                property `kernels`, which lists those in use.
            **optimizers: `<side>_optimizer`: Keras optimizers or their names. Each defaults to Adam(2e-4, beta_1=0.5).

        Raises:
            ValueError: If the objective has no loss for a side that moves, or a name that does not exist; if a side
                has nothing to train; or if an argument is out of range.
        """
        given = {side: optimizers.pop(f"{side}_optimizer", None) for side in self.sides}
        checks.check_arguments_of_compile(type(self), optimizers, [f"{side}_optimizer" for side in self.sides])
        if discriminator_steps is None:
            discriminator_steps = self.default_discriminator_steps if moves is None else 1
        names = moves_.order(self.sides, moves, discriminator_steps)
        constraints = checks.get_constraints(constraints, self.sides)
        self._check_idle("compile")
        checks.check_tasks(self)
        checks.check_parts(self)
        freezing.check_trainable(self)
        if objective is None and self.default_objective is None:
            raise ValueError("`objective` must be given, as the game was made without one. Received: objective=None")
        objective = self.default_objective if objective is None else objectives.get(objective)
        placed = placing.place(self, objective, names)
        checks.check_objective(self, placed)
        check_execution(jit_compile, steps_per_execution, run_eagerly)
        compiles_replicas = jit_compile is True and internals.strategy_of(self) is not None
        if compiles_replicas:
            checks.check_compiled_replicas(placed)
        checks.check_sharing(names, reuse_fakes=reuse_fakes, simultaneous=simultaneous)
        check_flag("check_gradients", check_gradients)
        kernels_used = kernels_.choose(kernels)
        checks.check_penalties_at(penalties_at)
        reserved = [*self._means(self.sides), *self._regularizations(self.sides), "loss"]
        metrics = checks.check_metrics(metrics, reserved)
        checks.check_replays(self, placed)
        chosen = {name: self.default_optimizer(name) if value is None else value for name, value in given.items()}
        made = get_optimizers(self.sides, chosen, self._sides_in_float16(placed))
        with internals.restored_on_error(self):
            self.given_objective, self.moves_given = objective, names
            self._take(placed)
            self.reads = {name: placing.reads(self, self.objective, side) for name, side in self.moving.items()}
            self._renew_averages()
            self._begin_averages()
            self.penalties_at = penalties_at
            evaluated = self._validate_step(check_gradients)
            for side, optimizer in made.items():
                setattr(self, f"{side}_optimizer", optimizer)
            private.check(self, made)
            workers.check(self, steps_per_execution)
            self._flags_of_compile = self._flags_of_step = freezing.trainable_flags(self)
            self.reuse_fakes, self.simultaneous = reuse_fakes, simultaneous
            self.moves = moves_.schedule(self.sides, names)
            self.discriminator_steps = 1 + max(move.batch for move in self.moves)
            self.constraints, self.evaluation_metrics = constraints, metrics
            self._make_logs(evaluated)
            self.kernels_used = kernels_used
            self.compile_options = {
                "kernels": kernels if isinstance(kernels, bool) else list(kernels_used),
                "jit_compile": jit_compile,
                "steps_per_execution": steps_per_execution,
                "check_gradients": check_gradients,
            }
            steps = 1 if steps_per_execution == "auto" else steps_per_execution
            self.compiles_replicas = compiles_replicas
            jit_compile = False if compiles_replicas else jit_compile
            super().compile(None, jit_compile=jit_compile, steps_per_execution=steps, run_eagerly=run_eagerly)
            self._loss_tracker = None
            self.execution = None  # `fit` plans it
            self._seen = weakref.WeakKeyDictionary()  # data set -> the size of its first batch
            self._evaluated = weakref.WeakSet()  # data sets whose first batch was checked for an evaluation

    def _sides_in_float16(self, objective):
        """Returns the names of the sides whose gradients run through a player in mixed_float16."""
        float16 = {name for name, player in self.players.items() if player.dtype_policy.name == "mixed_float16"}
        return {name for name, side in self.sides.items() if float16 & placing.passed(self, objective, side)}

    def _follow_freezing(self):
        """Checks which weights are frozen, and has the step traced again if they have changed."""
        flags = freezing.kept_flags(self, self._flags_of_compile)
        if flags != self._flags_of_step:
            self._flags_of_step, self.train_function = flags, None

    def _match_layer_names(self):
        """Returns attribute -> (match, kind) of all augmentations and pools."""
        kinds = [(match, kind) for match in self.matches for kind in ("augmentation", "replay")]
        return {f"{match}_{kind}" if match else kind: (match, kind) for match, kind in kinds}

    def _put(self, name, value):
        """Sets an attribute, and untracks the layer that it replaces."""
        if isinstance(getattr(self, name, None), keras.layers.Layer):
            self._tracker.untrack(getattr(self, name))
        setattr(self, name, value)

    def _begin_averages(self):
        """Sets averages to the weights before the first step, as these may have been loaded or set by hand.

        Averages that are missing in an older file are set at any step. Does nothing in a graph.

        Raises:
            ValueError: If a player has got other weights than its average, as by `enable_lora` or `quantize` of Keras.
        """
        if not tf.executing_eagerly():
            return
        is_new = self.averages and not int(self.step.numpy())
        for name, average in self.averages.items():
            if not average.fits(self.players[name]):
                raise ValueError(
                    f"`{name}` must have the weights that its average (`ema`) was made of: call `compile` again, which "
                    f"begins averages of its new weights. Received: {name!r}, whose layers got other weights since"
                )
            begin = average.restart if is_new else average.cover
            begin(self.players[name])

    def _renew_averages(self):
        """Replaces the averages of players whose layers got other weights, as by `enable_lora`."""
        for name, average in self.averages.items():
            if not average.fits(self.players[name]):
                with self.distribute_strategy.scope():
                    self._put_average(name, average.renewed(self.players[name]))

    @property
    def default_discriminator_steps(self) -> int:
        """The default of `discriminator_steps` in `compile`."""
        return 1

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer | None:
        """Returns the default optimizer of a side in `compile`; None for Adam(2e-4, beta_1=0.5)."""
        return None

    def _validate_step(self, check_gradients):
        """Returns the names of an evaluation's logs; None if some shapes are not known before data is read."""
        shapes_.complete(self)
        if not shapes_.are_complete(self):
            return None
        evaluated = moves_.validate_step(self)
        shapes_.note_shapes(self)
        if check_gradients:
            self._check_gradients()
        return evaluated

    def _check_gradients(self):
        for name, match in self.matches.items():
            terms = placing.terms_at(self, self.objective, name)
            _, prior = next(((n, p) for n, p in self.draws.items() if isinstance(p, Latents)), (None, None))
            judged = gradients.Judged(
                discriminator=self.players[match.judge],
                generator=self.maker_of(name),
                terms=[(term.name, term.objective if isinstance(term, objectives.At) else term) for term in terms],
                shapes=[self.shapes[str(each)] for each in match.fakes],
                dtypes=[shapes_.dtype_of(self, str(each), self.shapes[str(each)]) for each in match.fakes],
                packing=match.packing,
                prior=prior,
                augmentation=self.augmentation_of(name),
                critic=self.critic_of(name),
                condition=conditions.Condition(*shapes_.labels_of(self, name)),
            )
            gradients.check(judged)
            if self.penalties_at == "picture":
                gradients.check_augmentation(judged)

    @property
    def moving(self) -> dict[str, Side]:
        """The sides that move in a step, by name: all but those that `moves` leaves out."""
        return {name: side for name, side in self.sides.items() if name in self.moves_given}

    @property
    def training_players(self) -> frozenset[str]:
        """The names of the players that a step calls in training mode: all but those whose weights no side updates.

        The others, such as a pretrained network on no side, run without dropout, and their statistics do not change.
        """
        members = [player for side in self.moving.values() for player in side.members.values()]
        moved = {id(weight) for player in members for weight in players.learnable(player)}
        own = {name: {id(weight) for weight in players.learnable(player)} for name, player in self.players.items()}
        return frozenset(name for name, weights in own.items() if not weights or weights & moved)

    @property
    def kernels(self) -> dict[str, list[str]]:
        """The training kernels in use: name -> the layers, as `"generator/conv"`, or the sides' optimizers."""
        with self.distribute_strategy.scope():
            parts = [
                (f"{name}/{layer.name}", layer)
                for name, player in self.players.items()
                for layer in internals.layers_of(player)
            ]
            updating = [(f"{name}_optimizer", innermost(optimizer)) for name, optimizer in self.optimizers.items()]
            found = {
                name: [place for place, part in places if kernels_.computes(rule(part))]
                for rules, places in ((kernels_.LAYERS, parts), (kernels_.OPTIMIZERS, updating))
                for name, rule in rules.items()
                if self.compiled and name in self.kernels_used
            }
        return {name: places for name, places in found.items() if places}

    def _means(self, sides):
        judged = [name for name in self.matches if placing.is_judged(self, name, sides)]
        scores = [name for match in judged for name in suffixed(dict.fromkeys(("d_real", "d_fake")), match)]
        return [*(f"{side.short}_loss" for side in sides.values()), *scores]

    def _regularizations(self, sides):
        return [f"{side.short}_regularization" for side in sides.values()]

    def _log_names(self):
        """Returns the names of the logs of training: those of any game, of terms, and of augmentations."""
        learned = [
            log
            for match in self.matches
            if self.augmentation_of(match) is not None
            for log in suffixed(self.augmentation_of(match).logs(), match)
        ]
        ours = [*self._means(self.moving), *self._regularizations(self.moving)]
        return [*ours, *self.objective.log_names, *learned]

    def _make_logs(self, evaluated):
        self.training_logs = Logs(self._log_names(), name="training_logs")
        ours = [*self._means(self.moving), *self._regularizations(self.moving)]
        known = [name for name in ours if evaluated is None or name in evaluated]
        self.evaluation_logs = Logs(known, name="evaluation_logs")

    def _take(self, objective):
        """Sets the objective with its memory, the augmentations and the pools, in place of earlier ones."""
        self._put("objective_memory", keras.layers.Layer(name="objective_memory"))
        self.objective = self._bound(objective)
        for name, (match, kind) in self._match_layer_names().items():
            self._put(name, getattr(self.matches[match], kind))
        for match in self.matches:
            shape = self.shapes.get(str(self.matches[match].fakes[0]), self.example_shape)
            augmentation, replay = self.augmentation_of(match), self.replay_of(match)
            if augmentation is not None and not augmentation.built:
                augmentation.build((None, *shape))
            if replay is not None and not replay.built:
                replay.build_for((None, *shape), *shapes_.labels_of(self, match))
        if not self.objective_memory.built:
            self.objective_memory.build((None, *(self.example_shape or ())))
        checks.check_logs(self._log_names())

    def _bound(self, objective):
        """Returns the objective bound to the players of the first match, or to those that move if there is no match."""
        first = next(iter(self.matches), None)
        if first is not None:
            judge = self.players[self.matches[first].judge]
            return objective.bound(self.maker_of(first), judge, self.objective_memory)
        makers = {name: player for side in self.moving.values() for name, player in side.members.items()}
        try:
            return objective.bound(Side(MAKERS, makers), None, self.objective_memory)
        except AttributeError as error:
            raise ValueError(
                "`objective` must need no discriminator in `build`, as this game has no matches. "
                f"Received: {objective}, with the error: {error}"
            ) from error

    def get_compile_config(self) -> dict:
        """Returns the arguments of `compile`; an empty dict if it was never called."""
        if not self.compiled:
            return {}
        serialize = keras.saving.serialize_keras_object
        return {
            "objective": serialize(self.given_objective),
            **{f"{side}_optimizer": serialize(optimizer) for side, optimizer in self.optimizers.items()},
            "moves": list(self.moves_given),
            "constraints": {side: serialize(constraint) for side, constraint in self.constraints.items()},
            "reuse_fakes": self.reuse_fakes,
            "simultaneous": self.simultaneous,
            "penalties_at": self.penalties_at,
            "metrics": [serialize(metric) for metric in self.evaluation_metrics],
            "run_eagerly": self.run_eagerly,
            **self.compile_options,
            **self._trained(),
        }

    def _trained(self):
        """Returns, if some weights are frozen, which of each player's `learnable` weights the optimizers have."""
        known = {id(each) for made in self.optimizers.values() for each in internals.trained_weights(innermost(made))}
        members = {name: player for side in self.sides.values() for name, player in side.members.items()}
        learned = {name: players.learnable(player) for name, player in members.items()}
        trained = {id(each) for side in self.sides.values() for each in side.trainable_variables} & known
        if all(id(weight) in trained for weights in learned.values() for weight in weights):
            return {}
        places = {name: [i for i, each in enumerate(weights) if id(each) in known] for name, weights in learned.items()}
        return {"trained": places}

    def compile_from_config(self, config: dict) -> None:
        """Compiles with the config of `get_compile_config`. Frozen layers stay frozen.

        Gradients are not checked again.
        """
        config = keras.saving.deserialize_keras_object(config)
        with players.trained(self.players, config.pop("trained", {})):  # Keras loads optimizers as they were built
            self.compile(**{**config, "check_gradients": False})
        self.compile_options["check_gradients"] = config.get("check_gradients", True)
