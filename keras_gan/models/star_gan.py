"""StarGAN: one generator that translates between all pairs of several domains."""

import keras

from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_number
from keras_gan.latents import Categorical, get_labels
from keras_gan.objectives import AuxiliaryClassifier, Distance, GradientPenalty, Wasserstein


@keras.saving.register_keras_serializable("keras_gan")
class StarGAN(Game):
    """Translates examples of any of several domains into any other, by one generator that is given the target.

    D: D(G(x, c')) - D(x) + penalty (||grad D(x^)|| - 1)^2 - classes log p(c | x)
    G: -D(G(x, c')) - classes log p(c' | G(x, c')) + cycle |G(G(x, c'), c) - x|

    c is the domain of x, c' the one that it is translated into, p the softmax of the discriminator's `"class_logits"`,
    which are trained on real examples alone. The parts of the data are `real` and `labels`, c, one integer per example:
    `fit` takes a pair of both. The draw is `target`, c', where the paper permutes the labels of each batch. The values
    are `fake` and `back`: `make("fake", real=x, target=c)` translates. `compile` defaults to this objective,
    Adam(1e-4, beta_1=0.5) and five moves of the discriminator per step, as the paper does; its rate falls to 0 in the
    second half of training.

    Args:
        generator: `[x, c]`, examples and integers (N,) -> examples. If c is repeated as planes beside the picture, and
            padding is by reflection or none, an instance normalization removes c. If c scales and shifts normalised
            maps, as in recipes/star_gan_styles.py, the generator also learns when to turn black into white.
        discriminator: examples -> `{"output": ..., "class_logits": ...}`: one score each or a map of patches, and a
            logit of each domain, as from `networks.with_head`.
        domains: Prior of `target`: a number of equally likely domains, or a `latents.Categorical`.
        cycle: The weight of the cycle distance. Defaults to 10.
        classes: The weight of the classification of domains. Defaults to 1.
        penalty: The weight of the penalty on the discriminator's gradient. Defaults to 10.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of a moving average of the generator, in (0, 1), or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or the players do not fit each other.

    Example:

    >>> from keras_gan import networks
    >>> x, c = keras.Input((2,)), keras.Input((), dtype="int32")
    >>> hidden = keras.layers.Concatenate()([x, keras.layers.Embedding(3, 4)(c)])
    >>> generator = keras.Model([x, c], keras.layers.Dense(2)(keras.layers.Dense(8, "relu")(hidden)))
    >>> discriminator = networks.with_head(networks.mlp_discriminator((2,), hidden=(8,)), "hidden_1", 3, "class_logits")
    >>> game = StarGAN(generator, discriminator, domains=3, seed=0)
    >>> game.compile(discriminator_steps=1)
    >>> rng = np.random.default_rng(0)
    >>> history = game.fit(rng.normal(size=(64, 2)), rng.integers(0, 3, 64), verbose=0)
    >>> game.make("fake", real=np.zeros((4, 2)), target=np.array([0, 1, 2, 0])).shape
    (4, 2)

    Reference: [Choi et al., 2018](https://arxiv.org/abs/1711.09020), equations 1 to 8 and section 5.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        domains: Categorical | int,
        *,
        cycle: float = 10.0,
        classes: float = 1.0,
        penalty: float = 10.0,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        weights = {"cycle": cycle, "classes": classes, "penalty": penalty}
        weights = {key: check_number(key, weight, 0) for key, weight in weights.items()}
        domains = get_labels(domains)
        if not isinstance(domains, Categorical) or domains.count < 2:
            raise ValueError(f"`domains` must be at least 2, or a `Categorical` of as many. Received: {domains!r}")
        super().__init__(
            players={"generator": generator, "discriminator": discriminator},
            draws={"target": domains},
            values={"fake": "generator(real, target)", "back": "generator(fake, labels)"},
            matches=Match("discriminator", "real", "fake", labels=("labels", "target")),
            objective=Wasserstein()
            + weights["penalty"] * GradientPenalty()
            + weights["classes"] * AuxiliaryClassifier(on_fake=False)
            + weights["cycle"] * Distance("back", "real"),
            seed=seed,
            ema=ema,
            name=name,
        )
        self.domains, self.ema = domains, ema
        self.cycle, self.classes, self.penalty = weights.values()

    @property
    def tasks(self) -> dict[str, str]:
        """The task `translate`, into the domain `target`."""
        return {"translate": "fake"}

    @property
    def default_discriminator_steps(self) -> int:
        """The default number of the discriminator's moves per step, 5."""
        return 5

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Returns Adam(1e-4, beta_1=0.5)."""
        return keras.optimizers.Adam(1e-4, beta_1=0.5)
