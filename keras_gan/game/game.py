"""Game: Keras models that are trained together, from a description of their values, matches and sides."""

import contextlib
import functools
import inspect
import os
import random
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_gan import export as export_
from keras_gan import images, objectives, ranges
from keras_gan.data import feed
from keras_gan.game import explored as explored_
from keras_gan.game import making, parts, placing, structure, transfer
from keras_gan.game import shapes as shapes_
from keras_gan.game.compiling import CompiledGame
from keras_gan.game.ema import ExponentialMovingAverage
from keras_gan.game.explored import Explored
from keras_gan.game.match import Match
from keras_gan.game.sharing import find_shared, share
from keras_gan.game.sides import MAKERS, Side, make_sides
from keras_gan.game.wiring import Wiring, read_reference
from keras_gan.ground import internals, workers
from keras_gan.ground.arguments import check_count, check_seed, shown
from keras_gan.latents import Latents, Prior, get_latents
from keras_gan.play import players

# Attributes of a game that its classes do not define. A player of the same name would replace them.
INSTANCE_ATTRIBUTES = {
    *("wiring", "matches", "sides", "sides_given", "default_objective", "shapes", "shapes_given", "seed", "ema_given"),
    *("step", "objective", "objective_memory", "given_objective", "moves", "moves_given", "reads", "reuse_fakes"),
    "simultaneous",
    *("constraints", "penalties_at", "discriminator_steps", "player_names", "augmentation", "replay", "training_logs"),
    *("evaluation_logs", "evaluation_metrics", "compiles_replicas", "compile_options", "dtypes", "execution"),
    *("kernels_used", "compiled", "history", "stop_training", "stop_evaluating", "loss", "steps_per_execution"),
    *("train_function", "test_function", "predict_function"),
}


@keras.saving.register_keras_serializable("keras_gan")
class Game(CompiledGame):
    """Keras models that are trained together, each against or beside the others.

    A game is described by data: `players` are Keras models; `values` are named outputs of players; `matches` name the
    player that judges real against fake values; `sides` group the players that minimise a loss together. A training
    step makes one move of each side: an update of its players' weights, inside one `tf.function`. Every game has the
    features of `GAN`: `fit`, exact resuming, averages, mixed precision, XLA, replicas, evaluation, saving.

    An element of the data set is a dict of named parts; a single tensor is the part `real`, a pair `real` and `labels`.
    Each name in `values` and `matches` that is neither a value nor a draw is a part of the data.

    Args:
        players: Name -> Keras model, built. Each becomes an attribute of the game.
        values: Name -> call of a player, `"player(input, ...)"` or `("player", "input", ...)`, in the order of
            computation. An input is a part of the data, a draw or an earlier value, or one of a value's outputs:
            `"code.mean"`.
        matches: Name -> `Match`; or a `Match`, if it is the only one. Defaults to no matches, as in a VAE.
        draws: Name -> prior that is drawn from for each example: a `Latents`, another `Prior`, or a number of standard
            normal dimensions.
        sides: Name -> the names of its players. Defaults to `"discriminator"`, the judges, and `"generator"`, all other
            players with weights. A player on no side is frozen; one that does not judge may be on several sides.
        objective: The default objective of `compile`.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay, in (0, 1), or a schedule of it, such as `schedules.HalfLife`, of a moving average of the weights
            of all players that do not judge; or a dict of decays by the names of players; or None.
        shapes: Name -> the shape of one example, or None, for parts of the data that only the objective reads, such as
            the target of a distance, and for parts whose shape no player determines.
        value_range: (low, high), the values of black and white in pictures. Defaults to the range of the last layers of
            the player that makes the first fake, or to (-1, 1) if these layers do not bound it.
        name: The model's name.

    Attributes:
        step: Number of training steps taken, an int64 variable.

    Raises:
        ValueError: If the parts of the game do not fit each other.

    Example: CoGAN, two generators that share their first layers, and two discriminators.

    >>> from keras_gan import networks
    >>> trunk = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, "relu")])
    >>> heads = {f"g_{name}": keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)]) for name in "ab"}
    >>> judges = {f"d_{name}": networks.mlp_discriminator((2,)) for name in "ab"}
    >>> game = Game(
    ...     players={"trunk": trunk, **heads, **judges},
    ...     draws={"z": 2},
    ...     values={"hidden": "trunk(z)", "fake_a": "g_a(hidden)", "fake_b": "g_b(hidden)"},
    ...     matches={"a": Match("d_a", "a", "fake_a"), "b": Match("d_b", "b", "fake_b")},
    ...     seed=0,
    ... )
    >>> game.compile("hinge")
    >>> points = {name: np.random.default_rng(0).normal(size=(64, 2)).astype("float32") for name in "ab"}
    >>> history = game.fit(points, verbose=0)
    >>> game.make("fake_b", z=np.zeros((3, 2), "float32")).shape
    (3, 2)
    """

    def __init__(
        self,
        players: Mapping[str, keras.Model],
        values: Mapping[str, str | Sequence[str]],
        matches: Mapping[str, Match] | Match | None = None,
        *,
        draws: Mapping[str, Prior | int] | None = None,
        sides: Mapping[str, str | Sequence[str]] | None = None,
        objective: objectives.Objective | str | dict | None = None,
        seed: int | None = None,
        ema: float | Mapping[str, float] | None = None,
        shapes: Mapping[str, Sequence[int]] | None = None,
        value_range: tuple[float, float] | None = None,
        name: str | None = None,
    ):
        workers.check_seed(seed)
        structure.check_dicts(players=players, values=values)
        for argument, given in {"draws": draws, "sides": sides, "shapes": shapes}.items():
            structure.check_dicts(**{argument: {} if given is None else given})
        super().__init__(name=name, dtype="float32")  # the players have their own precision
        self._draws = {
            key: get_latents(prior) if isinstance(prior, int | np.integer) else prior
            for key, prior in (draws or {}).items()
        }
        structure.check_draws(self._draws)
        self.wiring = Wiring(values, players, self._draws)
        self.matches = structure.named_matches(matches)
        self._take_players(players)
        structure.check_matches(self)
        structure.check_apart(self)
        find_shared(self.players)
        structure.check_inputs(self)
        judges = list(dict.fromkeys(match.judge for match in self.matches.values()))
        self.sides = make_sides(sides, self.players, judges)
        structure.check_sides(self)
        self.sides_given = None if sides is None else {name: list(side.members) for name, side in self.sides.items()}
        self.default_objective = None if objective is None else objectives.get(objective)
        self.shapes_given = {key: None if shape is None else tuple(shape) for key, shape in (shapes or {}).items()}
        self.dtypes = {}
        self.shapes = self._find_shapes()
        self.seed = random.randrange(2**31) if seed is None else check_seed("seed", seed)
        self._range = self._find_range(value_range)
        self.ema_given = ema
        self._take_averages(ema, judges)
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

    def _find_shapes(self):
        return shapes_.find_shapes(self)

    def _take_players(self, given):
        taken = INSTANCE_ATTRIBUTES | {f"{name}_ema" for name in given}
        for name, player in given.items():
            if not isinstance(player, keras.layers.Layer):
                raise ValueError(f"`players` must be Keras models. Received: {name}={shown(player)}")
            free = isinstance(name, str) and name.isidentifier() and name not in taken | set(dir(type(self)))
            if not free or name.startswith("_"):
                raise ValueError(
                    "`players` must have names that are free and do not begin with '_', as each becomes an attribute. "
                    f"Received: {name!r}"
                )
            setattr(self, name, player)
        self.player_names = tuple(given)

    def _take_averages(self, ema, judges):
        given = ema
        if not isinstance(ema, Mapping):
            made = [name for side in self.sides.values() for name in side.members if name not in judges]
            given = {} if ema is None else dict.fromkeys(made, ema)
        unknown = set(given) - set(self.players)
        if unknown:
            raise ValueError(f"`ema` must name players, {list(self.players)}. Received: {sorted(unknown)}")
        for name, decay in given.items():
            self._put_average(name, ExponentialMovingAverage(self.players[name], decay))

    def _put_average(self, name, average):
        self._put(f"{name}_ema", average)

    def initialize_from(self, other: "Game") -> list[str]:
        """Initializes the players with the weights of another game, for new data and with fresh optimizers.

        Players are matched by name. Their layers are matched in order where they are of the same class and have weights
        of the same shapes; all other layers do not change, such as an embedding of other classes, or the layers for
        another size of pictures. If the other game has an average of a player, the averaged weights are used, and this
        game's average of the player begins at them. Optimizers, the step and all other state do not change.

        Layers whose `trainable` is set to False before `compile` are not trained. Freezing the first layers of the
        discriminator, FreezeD, often helps with few pictures.

        Args:
            other: A game that has been trained, such as `keras.saving.load_model("runs/faces/gan.keras")`.

        Returns:
            Descriptions of the layers that were not initialized, such as `"generator/dense (64, 4096) (4096,)"`.

        Raises:
            ValueError: If `other` is no game, no layer fits, or this game has been trained already.

        Example:

        >>> from keras_gan import presets
        >>> faces = presets.build("dcgan", (8, 8, 3), network="mlp", width=4, seed=0)
        >>> birds = presets.build("dcgan", (8, 8, 3), network="mlp", width=4, latent_dim=7, seed=1)
        >>> len(birds.initialize_from(faces))  # the layer that reads the latents
        1
        >>> for layer in birds.discriminator.layers[:2]:
        ...     layer.trainable = False
        >>> birds.compile("hinge")

        Reference: [Mo et al., 2020](https://arxiv.org/abs/2002.10964), section 3.
        """
        if not isinstance(other, Game):
            raise ValueError(f"`other` must be a Game. Received: other={shown(other)}")
        if int(self.step.numpy()):
            raise ValueError(
                "`initialize_from` must be called before the first step: make a new game. "
                f"Received: a game of {int(self.step.numpy()):,} steps"
            )
        left = transfer.take(self, other)
        self._begin_averages()
        return left

    # -- Structure ----------------------------------------------------------------------------------------------------

    @property
    def players(self) -> dict[str, keras.Model]:
        """The players by name."""
        return {name: getattr(self, name) for name in self.player_names}

    @property
    def draws(self) -> dict[str, Prior]:
        """The priors that are drawn from for each example, by the names of the draws."""
        return dict(self._draws)

    @property
    def parts(self) -> list[str]:
        """The parts of the data: those that values and matches read, and those that `shapes` names."""
        references = [each for match in self.matches.values() for each in (*match.reals, *match.fakes)]
        names = [*self.wiring.values, *(each.name for each in references)]
        read = [name for name in self.wiring.leaves(names) if name not in self.draws]
        return list(dict.fromkeys([*read, *(name for name in self.shapes_given if name not in self.wiring.values)]))

    @property
    def averages(self) -> dict[str, ExponentialMovingAverage]:
        """The moving averages by the names of the players."""
        found = {name: getattr(self, f"{name}_ema", None) for name in self.player_names}
        return {name: average for name, average in found.items() if average is not None}

    @property
    def optimizers(self) -> dict[str, keras.optimizers.Optimizer]:
        """The optimizers by the names of the sides. Empty before `compile`."""
        found = {side: getattr(self, f"{side}_optimizer", None) for side in self.sides}
        return {side: optimizer for side, optimizer in found.items() if optimizer is not None}

    @property
    def compared(self) -> tuple[str, str] | None:
        """The names of the real and the fake value that metrics compare, from the first match; None without a match.

        In a match of several values, the first whose names differ.
        """
        first = next(iter(self.matches.values()), None)
        if first is None:
            return None
        real, made = map(str, first.compared)
        return real, made

    @property
    def tasks(self) -> dict[str, str]:
        """Task -> the value that performs it, such as `{"translate_ab": "fake_b"}`.

        An exported model has signatures under both names, and `make` and the command line take either. Subclasses
        define their tasks; empty by default.
        """
        return {}

    @property
    def explored(self) -> Explored | None:
        """The space in which examples can be interpolated; None if they are not made from a single `Latents`."""
        return explored_.find(self)

    @property
    def example_shape(self) -> tuple | None:
        """The shape of one generated example: of the first match's fakes or, without matches, of the last value."""
        return self.shapes.get(self.compared[1] if self.compared else next(reversed(self.wiring.values)))

    @property
    def displayed(self) -> list[str]:
        """The names that `callbacks.SampleGrid` shows side by side.

        Each part of the data is followed by the values that are made from it; other parts, such as targets, come last.
        Only names with the shape of an example, or of a picture where examples are pictures, are shown.
        """
        groups: dict[tuple, list[str]] = {}
        for name in self.wiring.values:
            groups.setdefault(tuple(self.wiring.leaves([name])), []).append(name)
        names = [name for leaves, made in groups.items() for name in (*leaves, *made)]
        each = dict.fromkeys([*names, *self.parts])
        return [name for name in each if name not in self.draws and self._is_displayed(self.shapes.get(name))]

    def _is_displayed(self, shape):
        return shape == self.example_shape or (shape is not None and self.makes_pictures and images.is_picture(shape))

    @property
    def makes_pictures(self) -> bool:
        """True if examples are pictures: (height, width, channels) with 1, 3 or 4 channels."""
        return self.example_shape is not None and images.is_picture(self.example_shape)

    @property
    def value_range(self) -> tuple[float, float] | None:
        """The values of black and white in pictures; None if examples are not pictures."""
        if self._range is not None:
            return self._range.ends
        return (-1.0, 1.0) if self.makes_pictures else None

    @property
    def range_is_known(self) -> bool:
        """True if `value_range` is not a guess: it was given, or determined by a player's layers or by data."""
        return self._range is not None and not self._range.guessed

    def _find_range(self, given):
        made = self.compared[1] if self.compared else next(reversed(self.wiring.values))
        value = self.wiring.values.get(made)
        if given is None and not (self.makes_pictures and value is not None):
            return None
        if value is None:
            return ranges.find(next(iter(self.players.values())), given)
        return ranges.find(self.players[value.player], given, self._intervals(value))

    def _intervals(self, value):
        """Returns the ranges of a value's inputs, as far as the players' layers determine them."""
        made = [None if each.output is not None else self.wiring.values.get(each.name) for each in value.inputs]
        return [
            ranges.EVERYTHING if each is None else ranges.deduce(self.players[each.player], self._intervals(each))
            for each in made
        ]

    def augmentation_of(self, match: str):
        """Returns the augmentation of real and fake of a match; None if there is none."""
        return getattr(self, f"{match}_augmentation" if match else "augmentation", None)

    def replay_of(self, match: str):
        """Returns the pool of a match's past fakes; None if it has none."""
        return getattr(self, f"{match}_replay" if match else "replay", None)

    def match_layers(self) -> list[tuple[str, keras.layers.Layer]]:
        """Returns the augmentations and pools of all matches, by the names of the attributes that hold them."""
        names = [f"{match}_{kind}" if match else kind for match in self.matches for kind in ("augmentation", "replay")]
        return [(name, getattr(self, name)) for name in names if getattr(self, name, None) is not None]

    def maker_of(self, match: str, side: str | None = None):
        """Returns the players that make the values that a match judges, as one model; if `side` is given, its own."""
        names = self.wiring.makers([*(each.name for each in self.matches[match].fakes)])
        real = self.wiring.makers([*(each.name for each in self.matches[match].reals)])
        judge, members = self.matches[match].judge, self.players if side is None else self.sides[side].members
        found = {name: members[name] for name in dict.fromkeys([*names, *real]) if name in members and name != judge}
        learning = {name: player for name, player in found.items() if players.learnable(player)} or found
        return next(iter(learning.values())) if len(learning) == 1 else Side(MAKERS, learning)

    def code_of(self, match: str, values) -> dict:
        """Returns the latents that a match's fakes are made from, and their prior; an empty dict if there are none."""
        for name in self.wiring.leaves(each.name for each in self.matches[match].fakes):
            if isinstance(self.draws.get(name), Latents):
                return {"latents": values[name], "prior": self.draws[name]}
        return {}

    def critic_of(self, match: str):
        """Returns the function from a judge's output to scores, for the logs and penalties of a match, or None."""
        terms = placing.terms_at(self, self.objective, match)
        return next((term.critic_term.critic for term in terms if term.critic_term is not None), None)

    def fair_critic_of(self, match: str):
        """Returns the function from a judge's output and the round to scores, for augmentations, or None."""
        terms = placing.terms_at(self, self.objective, match)
        return next((term.critic_term.fair_critic for term in terms if term.critic_term is not None), None)

    def boundary_of(self, match: str):
        """Returns the function for the boundary between scores of real and of fake at a match; None if it is 0."""
        terms = placing.terms_at(self, self.objective, match)
        return next((term.boundary_term.boundary for term in terms if term.boundary_term is not None), None)

    def sees_real(self, match: str) -> bool:
        """Returns whether the makers' loss at a match depends on the judge's output for real examples."""
        return any(term.generator_sees_real for term in placing.terms_at(self, self.objective, match))

    def shape_of_match(self, match: str) -> tuple:
        """Returns the shape of one example that a match judges; if it judges several values together, of the first."""
        return self.shapes[str(self.matches[match].fakes[0])]

    def parts_of(self, element) -> dict:
        """Returns the parts of a data set's element by name."""
        return feed.parts(element)

    def as_input(self, name: str, part) -> tf.Tensor:
        """Returns a part of the data in the dtype that players take: floats, except for labels and tokens.

        Integers stay integers if a functional player takes integers there, or if a subclassed player takes them and
        they are not bytes, as those of pictures are: in floats, large integers would be rounded.
        """
        part = tf.convert_to_tensor(part)
        known = self.dtypes.get(name) or ("float32" if self._is_compared(name) else None)
        stays = known == "int32" or part.shape.rank == 1 or self._is_looked_up(name, part)
        if known == "float32" or part.dtype.is_floating or (part.dtype.is_integer and not stays):
            return players.cast_like(part, next(iter(self.players.values())))
        return part

    def _is_compared(self, name):
        """Returns whether a part is judged as real against a fake of another name; labels in a pair are not."""
        pairs = [pair for match in self.matches.values() for pair in zip(match.reals, match.fakes, strict=True)]
        return any(real.name == name != fake.name for real, fake in pairs)

    def _is_looked_up(self, name, part):
        read = any(name == each.name for value in self.wiring.values.values() for each in value.inputs)
        return read and part.dtype not in (tf.uint8, tf.int8)

    def zeros(self) -> dict[str, tf.Tensor]:
        """Returns a batch of zeros of all parts whose shapes are known."""
        count = 2 * int(np.lcm.reduce([match.packing for match in self.matches.values()] or [1]))
        return shapes_.zeros(self, count)

    @contextlib.contextmanager
    def averaged(self):
        """Uses the averaged weights of players that have an average; inside the block no variable is written."""
        pairs = [pair for name, average in self.averages.items() for pair in average.pairs(self.players[name])]
        with keras.StatelessScope(pairs, collect_losses=True) if pairs else contextlib.nullcontext():
            yield

    # -- Data ---------------------------------------------------------------------------------------------------------

    def _check_data(self, element):
        parts.check_element(self, element)

    def _check_step(self, element, name, batches):
        parts.check_step(self, element, name, batches)

    def _settle(self, element):
        """Validates a step with the shapes of the first data, if `compile` could not, as some were unknown."""
        with internals.restored_on_error(self):  # by other data, `fit` may succeed
            shapes_.learn_dtypes(self, element)
            if shapes_.are_complete(self):
                return
            self.shapes = {**self.shapes, **shapes_.shapes_of(self, element)}
            self._make_logs(self._validate_step(self.compile_options["check_gradients"]))
            self.train_function = self.test_function = None

    # -- Results ------------------------------------------------------------------------------------------------------

    def call(self, inputs: Mapping, training: bool = False) -> dict:
        """Returns all values that can be made from the named inputs, in inference mode."""
        self._begin_averages()
        known = {**dict(inputs), **self.draws}
        names = [name for name in self.wiring.values if set(self.wiring.leaves([name])) <= set(known)]
        return making.make_all(self, names, inputs)

    def make(
        self,
        name: str,
        *,
        n: int | None = None,
        seed: int | None = None,
        use_ema: bool = True,
        batch_size: int = 256,
        **inputs,
    ) -> Any:
        """Computes a value from parts of the data and draws.

        Args:
            name: The value's name, one of its outputs, or a task: `"fake_b"`, `"code.mean"`, `"encode"`.
            n: Number of examples, if all inputs are drawn.
            seed: Seed of the draws: the same seed gives the same draws. Random if None.
            use_ema: Use averaged weights of the players that have an average.
            batch_size: Largest number of examples that are computed at a time. Defaults to 256.
            **inputs: Parts by name, and draws or values that are given instead of drawn or computed, such as the `w` of
                `models.StyleGAN2`: arrays of equal length.

        Returns:
            (N, ...) float32; for a value with several outputs, a dict or list of arrays. Integers and strings keep
            their dtypes, and the columns of a table have the dtypes of its schema.

        Raises:
            ValueError: If the name is no value, or an input is missing, unknown or of another length.
        """
        self._begin_averages()
        return making.make(self, name, inputs, n=n, seed=seed, use_ema=use_ema, batch_size=batch_size)

    def export(
        self,
        path: str | os.PathLike,
        values: str | Sequence[str] | None = None,
        version: int | None = None,
        *,
        given: Sequence[str] = (),
        max_samples: int = 1024,
        keep: int | None = None,
        metadata: dict | None = None,
    ) -> str:
        """Writes values as a SavedModel that TF Serving serves as it is, with averaged weights.

        There is a signature for each value, under its name and, if it has a task, under the task's, such as
        `translate_ab`; `serving_default` is the signature of the first value. The inputs of a signature are the parts
        of the data that its value is made from, (N, ...) float32, or int32 where players take integers; also `seed` ()
        int64 if anything is drawn, and `num_samples` () int32 if all is drawn. Labels that are drawn are inputs, too,
        (N,) int32, or (1,) for all examples if all is drawn, and are drawn where they are -1; so are other draws beside
        parts whose prior is no `Latents`, where they are NaN. The output has the name of the value; a value with
        several outputs gives each under its own name. The results are those of `make`.

        A game whose `explored` space is that of a value, as w of `models.StyleGAN2`, has two more signatures, without
        draws, which `keras-gan convert` takes: `map`, from latents (N, dim) to vectors, and `synthesize`, from the
        vectors of all layers (N, layers, d) to pictures.

        The folder is written as by `GAN.export`: atomically, with the server's configuration, and with a description
        of the model in `assets/keras_gan.json`.

        Args:
            path: The model's folder, such as `"saved_models/zebras"`; its name is the model's.
            values: The names of values, of outputs of them, or of tasks: `"fake_b"`, `"code.mean"`, `"encode"`.
                Defaults to the fakes of all matches, or without matches to the value that metrics compare, and to the
                values of all tasks.
            version: The version's number, at least 1. Defaults to the one after the highest.
            given: Names of draws, such as `("latents",)`, that are inputs, (N, ...), instead of drawn. A value without
                other draws takes no seed, and can be converted by `keras-gan convert`. Defaults to none.
            max_samples: The largest `num_samples` of a request, at least 1. Defaults to 1024.
            keep: Number of versions to keep, at least 1: the lowest others are removed afterwards. None keeps all.
            metadata: A dict for JSON, such as configuration and metrics, saved in `keras_gan.json`.

        Returns:
            The folder of the version that was written.

        Raises:
            ValueError: If a name is no value or no draw, or an argument is out of range.
            FileExistsError: If the version exists.
        """
        check_count("max_samples", max_samples, most=2**31 - 1)
        names, given = making.exported(self, values), making.given_draws(self, given)
        self._begin_averages()
        compute = functools.partial(making.compute, self)
        signatures = export_.ValueSignatures(self, compute, max_samples).all(names, given)
        makers = self.wiring.makers(read_reference(name, "values").name for name in names)
        return export_.export_values(
            self, path, version, signatures, makers, max_samples=max_samples, keep=keep, metadata=metadata
        )

    def summary(self, *args, **options) -> None:
        """Prints the summaries of all players that are models; takes the arguments of `keras.Model.summary`."""
        for player in self.players.values():
            if isinstance(player, keras.Model):  # a layer without weights may be a player too
                player.summary(*args, **options)

    # -- Configuration ------------------------------------------------------------------------------------------------

    def get_config(self) -> dict:
        """Returns the arguments of the constructor, including the players.

        A subclass whose constructor has other arguments must keep each as an attribute of the same name.
        """
        serialize = keras.saving.serialize_keras_object
        if type(self).__init__ is not Game.__init__:
            names = [name for name in inspect.signature(type(self).__init__).parameters if name != "self"]
            return {name: serialize(getattr(self, name)) for name in names} | self._shared(names)
        return self._shared(self.player_names) | {
            "players": {name: serialize(player) for name, player in self.players.items()},
            "values": {name: str(value) for name, value in self.wiring.values.items()},
            "matches": {name: serialize(match) for name, match in self.matches.items()},
            "draws": {name: serialize(prior) for name, prior in self.draws.items()},
            "sides": self.sides_given,
            "objective": None if self.default_objective is None else serialize(self.default_objective),
            "seed": self.seed,
            "ema": keras.tree.map_structure(serialize, self.ema_given),
            "shapes": {name: shape and list(shape) for name, shape in self.shapes_given.items()},
            "value_range": list(self._range.ends) if self.range_is_known else None,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict) -> "Game":
        arguments: dict[str, Any] = {key: parts.deserialize(value) for key, value in config.items() if key != "shared"}
        named = arguments.get("players", arguments)
        named.update(
            share({key: each for key, each in named.items() if isinstance(each, keras.Model)}, config.get("shared", []))
        )
        return cls(**arguments)

    def _shared(self, names):
        """Returns the config of layers that several of the named players share; empty if there are none."""
        shared = find_shared({name: player for name, player in self.players.items() if name in names})
        return {"shared": shared} if shared else {}

    def build(self, input_shape=None) -> None:
        """Does nothing: the players are built already."""
