"""AAE: autoencoders whose codes are distributed as a prior, with and without a code for the class."""

import keras

from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_count
from keras_gan.latents import Codes, Latents, Normal, get_latents
from keras_gan.layers import GaussianPosterior
from keras_gan.objectives import At, CrossEntropy, Distance, NonSaturating, Players

# The regularization phase: the encoder moves against the judges of codes on the side "generator" alone.
AGAINST_CODES = Players(discriminator=NonSaturating(), generator=At(NonSaturating(), maker="generator"))


@keras.saving.register_keras_serializable("keras_gan")
class AAE(Game):
    """Trains an autoencoder whose codes a discriminator cannot tell from draws of a prior.

    E and Dec: mean (x - Dec(E(x)))^2
    D: -log D(z) - log(1 - D(E(x))), z drawn from the prior
    E: -log D(E(x))

    A step has the paper's two phases, reconstruction and regularization, as three moves in this order: the sides
    `"reconstruction"`, of encoder and decoder, `"discriminator"`, and `"generator"`, which is the encoder alone. So the
    encoder has two optimizers. Ports that minimise a weighted sum in one move make the code depend on that weight.

    The part of the data is `real`; the values are `code`, `decoded`, the reconstruction, and `fake`, new examples,
    which the decoder makes from draws. `compile` defaults to this objective, Adam(1e-3) for the reconstruction and
    Adam(2e-4, beta_1=0.5) for the others.

    With `posterior="gaussian"` a code is drawn: mean + exp(log_variance / 2) noise. The encoder outputs both, as that
    of a `VAE` does; `code` has the outputs `mean`, `log_variance` and `sample`, and the latter is decoded and judged.

    Args:
        encoder: examples -> codes (N, dim); with a Gaussian posterior the means beside the logarithms of the variances,
            (N, 2 dim), or a dict of `"mean"` and `"log_variance"`, (N, dim) each.
        decoder: codes (N, dim) -> examples.
        discriminator: Judges codes: codes (N, dim) -> one score each, logits.
        latents: The prior: a `Latents`, or a number of dimensions (standard normal).
        posterior: `"deterministic"`, or `"gaussian"` for codes that are drawn. Defaults to `"deterministic"`.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of encoder and decoder, in (0, 1), or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or the players do not fit each other.

    Example:

    >>> from keras_gan import networks
    >>> encoder, decoder = networks.mlp_encoder((4,), 2, hidden=(8,)), networks.mlp_generator(2, (4,), hidden=(8,))
    >>> game = AAE(encoder, decoder, networks.mlp_discriminator((2,)), latents=2, seed=0)
    >>> game.compile()
    >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    >>> history = game.fit(x, verbose=0)
    >>> game.make("code", real=x[:5]).shape, game.make("fake", n=3, seed=1).shape
    ((5, 2), (3, 4))

    Reference: [Makhzani et al., 2016](https://arxiv.org/abs/1511.05644), sections 2 and 2.1 and figure 1.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        discriminator: keras.Model,
        latents: Latents | int,
        *,
        posterior: str = "deterministic",
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        if posterior not in ("deterministic", "gaussian"):
            raise ValueError(f"`posterior` must be 'deterministic' or 'gaussian'. Received: posterior={posterior!r}")
        latents, drawn = get_latents(latents), posterior == "gaussian"
        code = {"hidden": "encoder(real)", "code": "sampler(hidden, noise)"} if drawn else {"code": "encoder(real)"}
        judged = "code.sample" if drawn else "code"
        super().__init__(
            players={"encoder": encoder, "decoder": decoder, "discriminator": discriminator}
            | ({"sampler": GaussianPosterior()} if drawn else {}),
            draws={"latents": latents} | ({"noise": Normal(latents.dim)} if drawn else {}),
            values={**code, "decoded": f"decoder({judged})", "fake": "decoder(latents)"},
            matches=Match("discriminator", real="latents", fake=judged),
            sides={
                "reconstruction": ["encoder", "decoder"],
                "discriminator": "discriminator",
                "generator": "encoder",
            },
            objective=AGAINST_CODES + Distance("decoded", "real", norm=2, side="reconstruction"),
            seed=seed,
            ema=ema,
            name=name,
        )
        self.latents, self.posterior, self.ema = latents, posterior, ema

    @property
    def compared(self) -> tuple[str, str]:
        """Real and generated examples."""
        return ("real", "fake")

    @property
    def tasks(self) -> dict[str, str]:
        """The tasks `generate`, `reconstruct` and `encode`, which gives the mean of a drawn code."""
        code = "code.mean" if self.posterior == "gaussian" else "code"
        return {"generate": "fake", "reconstruct": "decoded", "encode": code}

    @property
    def displayed(self) -> list[str]:
        """Real examples, their reconstructions, and new ones."""
        return ["real", "decoded", "fake"]

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer | None:
        """Returns Adam(1e-3) for the reconstruction, otherwise the default of every game."""
        return keras.optimizers.Adam(1e-3) if side == "reconstruction" else super().default_optimizer(side)


@keras.saving.register_keras_serializable("keras_gan")
class SemiSupervisedAAE(Game):
    """Trains an autoencoder that finds the class and the style of an example, with few labels.

    E gives the logits l of the class and the style s; c = softmax(l).

    E and Dec: mean (x - Dec(s, c))^2
    D_style and D_class: -log D(z) - log(1 - D(s)), z drawn from the prior; the same for c, against one-hot classes
    E: -log D_style(s) - log D_class(c)
    E: -log c[label] of labelled examples

    A step has the paper's three phases, reconstruction, regularization and classification, as four moves in this order:
    the sides `"reconstruction"`, `"discriminator"`, `"generator"` and `"classification"`, the last two of which are the
    encoder alone. The classes of the prior are equally likely.

    The parts of the data are `real` and `labels`, (N,) integers, -1 for an example without a label. A batch without
    labelled examples does not train classes, so repeat the labelled ones in every batch. The values are `encoded` with
    the outputs `output`, the style, and `class_logits`; `classes`, (N, `classes`) probabilities; `decoded`, the
    reconstruction; and `fake`, new examples made from the draws `latents` and `one_hot`. `compile` defaults to this
    objective, Adam(1e-3) for reconstruction and classification and Adam(2e-4, beta_1=0.5) for the others.

    Args:
        encoder: examples -> a dict of `"output"`, the style (N, dim), and `"class_logits"`, (N, `classes`), as from
            `networks.with_head`.
        decoder: styles beside classes (N, dim + `classes`) -> examples.
        discriminator: Judges styles: (N, dim) -> one score each, logits.
        class_discriminator: Judges classes: (N, `classes`) -> one score each, logits.
        latents: The prior of styles: a `Latents`, or a number of dimensions (standard normal).
        classes: The number of classes, at least 2.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of encoder and decoder, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import networks
    >>> encoder = networks.with_head(networks.mlp_encoder((4,), 2, hidden=(8,)), "hidden_1", 3, "class_logits")
    >>> decoder = networks.mlp_generator(2 + 3, (4,), hidden=(8,))
    >>> judges = (networks.mlp_discriminator((n,), hidden=(8,)) for n in (2, 3))
    >>> game = SemiSupervisedAAE(encoder, decoder, *judges, latents=2, classes=3, seed=0)
    >>> game.compile()
    >>> rng = np.random.default_rng(0)
    >>> x, labels = rng.normal(size=(64, 4)).astype("float32"), rng.integers(-1, 3, 64)
    >>> history = game.fit(x, labels, verbose=0)
    >>> game.make("classes", real=x[:5]).shape
    (5, 3)

    Reference: [Makhzani et al., 2016](https://arxiv.org/abs/1511.05644), section 5 and figure 8.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        discriminator: keras.Model,
        class_discriminator: keras.Model,
        latents: Latents | int,
        classes: int,
        *,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        latents, classes = get_latents(latents), int(check_count("classes", classes, least=2))
        parts = [keras.Input((count,), dtype="float32") for count in (latents.dim, classes)]
        super().__init__(
            players={
                "encoder": encoder,
                "decoder": decoder,
                "discriminator": discriminator,
                "class_discriminator": class_discriminator,
                "softmax": keras.layers.Activation("softmax", dtype="float32"),
                "join": keras.Model(parts, keras.layers.Concatenate(dtype="float32")(parts)),
            },
            draws={"latents": latents, "one_hot": Codes(0, (classes,), 0)},
            values={
                "encoded": "encoder(real)",
                "classes": "softmax(encoded.class_logits)",
                "code": "join(encoded.output, classes)",
                "decoded": "decoder(code)",
                "drawn": "join(latents, one_hot)",
                "fake": "decoder(drawn)",
            },
            matches={
                "style": Match("discriminator", real="latents", fake="encoded.output"),
                "class": Match("class_discriminator", real="one_hot", fake="classes"),
            },
            sides={
                "reconstruction": ["encoder", "decoder"],
                "discriminator": ["discriminator", "class_discriminator"],
                "generator": "encoder",
                "classification": "encoder",
            },
            objective=AGAINST_CODES
            + Distance("decoded", "real", norm=2, side="reconstruction")
            + CrossEntropy("encoded.class_logits", "labels", side="classification", unlabelled=True),
            shapes={"labels": ()},
            seed=seed,
            ema=ema,
            name=name,
        )
        self.latents, self.classes, self.ema = latents, classes, ema

    @property
    def compared(self) -> tuple[str, str]:
        """Real and generated examples."""
        return ("real", "fake")

    @property
    def tasks(self) -> dict[str, str]:
        """The tasks `generate`, `reconstruct`, `encode` and `classify`."""
        return {"generate": "fake", "reconstruct": "decoded", "encode": "code", "classify": "classes"}

    @property
    def displayed(self) -> list[str]:
        """Real examples, their reconstructions, and new ones."""
        return ["real", "decoded", "fake"]

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer | None:
        """Returns Adam(1e-3) for reconstruction and classification, otherwise the default of every game."""
        against = side in ("discriminator", "generator")
        return super().default_optimizer(side) if against else keras.optimizers.Adam(1e-3)
