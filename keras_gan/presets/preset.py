"""Preset: the recipe of a paper's game, for pictures of a size, or rows or windows of a schema."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from keras_gan.presets import checks, few
from keras_gan.presets.growth import Growth
from keras_gan.presets.optimizers import Optimizer
from keras_gan.presets.parts import Parts
from keras_gan.presets.pictures import Examples

if TYPE_CHECKING:
    from keras_gan.augmentations import Augmentation
    from keras_gan.data import Schema, SeriesSchema
    from keras_gan.game import Game
    from keras_gan.latents import Prior
    from keras_gan.objectives import Objective

UPDATES = 9_000  # generator updates of a default run
# settings whose defaults are a preset's own
CHOSEN = ("latent_dim", "batch_size", "discriminator_steps", "reuse_fakes", "ema")


@dataclasses.dataclass(frozen=True)
class Plan:
    """The settings that the players of a game are made from.

    Attributes:
        shapes: The shape of an example of each part of the data, or the schema of rows or windows.
        network: The kind of players, by name.
        width: The width of the players.
        latent_dim: The number of latent dimensions.
        labels: The classes, as a prior or as their number; None for a game without labels.
        steps: The length of training in steps.
        options: The further arguments of the game: `seed`, `ema` and `name`.
        augmentation: The augmentation of real and fake before they are judged, or None. `GAN` takes it in `compile`.
    """

    shapes: "Mapping[str, tuple[int, ...] | Schema | SeriesSchema]"
    network: str
    width: int
    latent_dim: int
    labels: "Prior | int | None"
    steps: int
    options: Mapping[str, Any]
    augmentation: "Augmentation | None" = None

    @property
    def classes(self) -> int | None:
        """The number of classes."""
        return self.labels if self.labels is None or isinstance(self.labels, int) else self.labels.count


@dataclasses.dataclass(frozen=True)
class Preset:
    """A row of the table of presets: how a game is made and trained.

    Attributes:
        name: The name for `--model` and `keras_gan.presets.get`.
        title: The usual name of the model.
        paper: The paper's number at arXiv, or None.
        make: Function from a plan to the game, not compiled.
        networks: Kind of players -> its default width; the default kind first.
        optimizer: The optimizer of all sides, or a dict of side -> optimizer.
        parts: The data that the game is trained on.
        objective: A name or an expression; a function of the plan; or None for that of the game's class.
        discriminator_steps: Moves of the discriminator per step.
        reuse_fakes: Whether the generator is trained on the fakes that the discriminator was just trained on.
        judged: Whether there is a discriminator at all.
        compiled: Function that returns further arguments of `compile`, called for each game.
        growth: The dependence of rates and penalties on the size of pictures, or None.
        latent_dim: The default number of latent dimensions.
        batch_size: The default number of examples per batch.
        ema: The decay of the moving average of the makers; 0 for no average.
        updates: The default number of updates of the makers in a run.
        augmentation: The augmentation of real and fake before they are judged: a name of `few.NAMES`; `"auto"`, by the
            number of pictures; or None for a game that takes none.
        milliseconds: The measured processor time of one step of the default settings on one core, for colour pictures
            of 32x32 pixels, rows of the adult census or windows of 24 moments; None if it was not measured. It limits
            the length of a default run: see `lengths`.
        deviations: The known deviations of the preset from the paper, in words.
    """

    name: str
    title: str
    paper: str | None
    make: "Callable[[Plan], Game]"
    networks: Mapping[str, int]
    optimizer: Optimizer | Mapping[str, Optimizer]
    parts: Parts = dataclasses.field(default_factory=Examples)
    objective: "str | Callable[[Plan], Objective | str] | None" = None
    discriminator_steps: int = 1
    reuse_fakes: bool = False
    judged: bool = True
    compiled: Callable[[], dict] = dict
    growth: Growth | None = None
    latent_dim: int = 64
    batch_size: int = 64
    ema: float = 0.999
    updates: int = UPDATES
    augmentation: str | None = None
    milliseconds: float | None = None
    deviations: str = ""

    @property
    def rates(self) -> dict[str, float]:
        """The learning rates, by the names of the settings; that of the generator is for all sides of makers."""
        return {f"{side}_lr": self.optimizer_of(side).rate for side in ("generator", "discriminator")}

    def optimizer_of(self, side: str) -> Optimizer:
        """Returns the optimizer of a side, not built yet; the first one if the side has no own optimizer."""
        if isinstance(self.optimizer, Optimizer):
            return self.optimizer
        return self.optimizer.get(side, next(iter(self.optimizer.values())))

    def rate_of(self, side: str, rates: Mapping[str, float]) -> float:
        """Returns the learning rate of a side for settings named as in `rates`: its own rate, times a factor."""
        key = "discriminator" if side == "discriminator" else "generator"
        own, common = self.optimizer_of(side).rate, self.optimizer_of(key).rate
        return rates[f"{key}_lr"] if own == common else own * rates[f"{key}_lr"] / common

    def defaults(self, size: tuple[int, ...] | None = None, network: str = "auto") -> dict[str, Any]:
        """Returns the defaults of the settings.

        Args:
            size: (height, width) of the pictures, or () for other data; None if it is not known yet, for the settings
                that do not depend on it.
            network: The kind of players, or `"auto"`.
        """
        chosen = {name: getattr(self, name) for name in CHOSEN}
        if size is None:
            return chosen
        if network == "auto":
            is_small = min(size, default=few.SMALL) < few.SMALL and "mlp" in self.networks
            network = "mlp" if is_small else next(iter(self.networks))
        sized = {} if self.growth is None else self.growth.settings(size, self.rates)
        objective = self.objective if isinstance(self.objective, str) else None
        return chosen | {
            "network": network,
            "width": self.networks.get(network),
            "objective": objective,
            **self.rates,
            **sized,
        }

    def check(
        self,
        network: str = "auto",
        discriminator_steps: int | None = None,
        reuse_fakes: bool | None = None,
        augmentation: "Augmentation | str | None" = None,
        freeze: int = 0,
    ) -> None:
        """Raises a ValueError if these settings do not fit."""
        if self.augmentation is None and augmentation not in (None, "none"):
            received = f"augmentation={augmentation!r}"
            raise ValueError(f"`augmentation` must be 'none' for {self.name}. Received: {received}")
        if not self.judged and freeze:
            raise ValueError(f"`freeze` must be 0 for {self.name}, without a discriminator. Received: freeze={freeze}")
        known = ("auto", *self.networks)
        if network not in known:
            of = "" if self.name == "gan" else f" for {'an' if self.name[0] in 'aeio' else 'a'} {self.name}"
            raise ValueError(f"`network` must be one of {', '.join(known)}{of}. Received: network={network!r}")
        if not self.judged and (discriminator_steps not in (None, 1) or reuse_fakes):
            raise ValueError(
                f"`discriminator_steps` must be 1, and `reuse_fakes` False, for {self.name}, which has no "
                f"discriminator. Received: discriminator_steps={discriminator_steps}, reuse_fakes={reuse_fakes}"
            )

    def build(
        self,
        shape: "Sequence[int] | Schema | SeriesSchema | Mapping[str, Sequence[int]]",
        *,
        network: str = "auto",
        width: int | None = None,
        latent_dim: int | None = None,
        labels: "Prior | int | None" = None,
        objective: "Objective | str | None" = None,
        generator_lr: float | None = None,
        discriminator_lr: float | None = None,
        discriminator_steps: int | None = None,
        reuse_fakes: bool | None = None,
        steps: int | None = None,
        seed: int | None = None,
        ema: float | None = None,
        augmentation: "Augmentation | str | None" = None,
        freeze: int = 0,
        name: str | None = None,
        **options,
    ) -> "Game":
        """Returns the compiled game. Arguments that are None default to the preset's.

        Args:
            shape: (height, width, channels) of the pictures, or a dict of the shape of each part of the data; for rows
                of a table or windows of a series its schema, `data.Table(...).schema`, `data.Windows(...).schema`.
            network: The kind of players: a key of `networks`, or `"auto"`.
            width: Feature maps at half resolution, or units per hidden layer.
            latent_dim: The number of latent dimensions.
            labels: The classes of a conditional game: their number, or a `latents.Categorical`. None for no labels.
            objective: An `Objective`, a name or an expression.
            generator_lr: The learning rate of the makers. If several sides make values, all of their rates change by
                the same factor.
            discriminator_lr: The learning rate of the discriminator.
            discriminator_steps: Moves of the discriminator per step.
            reuse_fakes: Whether the generator is trained on the fakes that the discriminator was just trained on.
            steps: The length of training in steps, for rates that fall. Defaults to `updates`.
            seed: Seed of weights and noise. None draws both at random.
            ema: The decay of the moving average of the makers; 0 for no average.
            augmentation: The augmentation of real and fake before they are judged: an `Augmentation`, its name, or
                `"none"`. Where the preset's is `"auto"`, None means none: the number of pictures is not known here.
            freeze: Number of layers with weights, from the first on, of each discriminator to freeze. Defaults to 0.
            name: The game's name.
            **options: Further arguments of `compile`, such as `metrics` or `run_eagerly`.

        Raises:
            ValueError: If an argument does not fit the preset or the pictures.

        Example:

        >>> from keras_gan import presets
        >>> gan = presets.get("wgan_gp").build((28, 28, 1), width=4, seed=0)
        >>> gan.objective, gan.discriminator_steps
        (<Sum: wasserstein + 10 * gradient_penalty>, 5)
        """
        import keras  # here, as the command line lists presets without TensorFlow

        from keras_gan.game.transfer import freeze as freeze_layers

        self.check(network, discriminator_steps, reuse_fakes, augmentation, freeze)
        shapes = self.parts.check_shapes(shape, self.name)
        first = shapes[self.parts.names[0]]
        settings = self.defaults(self.parts.size(first), network)
        given = {
            "width": width,
            "latent_dim": latent_dim,
            "objective": objective,
            "generator_lr": generator_lr,
            "discriminator_lr": discriminator_lr,
            "discriminator_steps": discriminator_steps,
            "reuse_fakes": reuse_fakes,
            "ema": ema,
        }
        settings |= {key: value for key, value in given.items() if value is not None}
        steps = self.updates if steps is None else steps
        checks.check_settings({**settings, "steps": steps}, seed)
        checks.check_labels(labels, self.parts, self.name)
        if augmentation is None and self.augmentation != "auto":
            augmentation = self.augmentation
        if seed is not None:
            keras.utils.set_random_seed(seed)
        plan = Plan(
            shapes,
            settings["network"],
            settings["width"],
            settings["latent_dim"],
            labels,
            steps,
            {"seed": seed, "ema": settings["ema"] or None, "name": name or self.name},
            few.make(augmentation, first),
        )
        game = self._made(plan)
        for judge in dict.fromkeys(match.judge for match in game.matches.values()) if freeze else ():
            freeze_layers(game.players[judge], freeze)
        if settings["objective"] is None and callable(self.objective):
            settings["objective"] = self.objective(plan)
        game.compile(**self._compiled(game, settings, plan) | options)
        return game

    def _made(self, plan):
        """Makes the game, not compiled. Errors of players, which name their own arguments, are raised with settings."""
        try:
            return self.make(plan)
        except ValueError as error:
            chosen = ", ".join(f"{name}={getattr(plan, name)!r}" for name in ("network", "width", "latent_dim"))
            raise ValueError(f"{error}, in {self.name} of the shapes {dict(plan.shapes)}, {chosen}") from error

    def _compiled(self, game, settings, plan):
        """Returns the arguments of `compile`."""
        from keras_gan.game import GAN  # here, as the command line lists presets without TensorFlow

        chosen = {name: settings[name] for name in ("discriminator_steps", "reuse_fakes")} | self.compiled()
        if settings["objective"] is not None:
            chosen["objective"] = settings["objective"]
        if isinstance(game, GAN):
            chosen["augmentation"] = plan.augmentation
        for side in game.sides:
            length = plan.steps * settings["discriminator_steps"] if side == "discriminator" else plan.steps
            chosen[f"{side}_optimizer"] = self.optimizer_of(side).make(self.rate_of(side, settings), length)
        return chosen
