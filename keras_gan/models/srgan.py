"""SRGAN: small pictures made large, trained on large ones."""

import keras

from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_number
from keras_gan.objectives import Distance, FeatureDistance, NonSaturating, Objective, Players


@keras.saving.register_keras_serializable("keras_gan")
class SRGAN(Game):
    """Restores large pictures from small ones, with details that a judge takes for real.

    D: -log D(high) - log(1 - D(G(low)))
    G: content mean (phi(high) - phi(G(low)))^2 - adversarial log D(G(low))

    phi is a hidden layer of `features`; without it, the pictures themselves. The data has the parts `low` and `high`,
    as `data.paired(low=data.Small(4), high=pictures, ...)` gives them; the value is `restored`. The paper trains the
    generator alone before the game: a separate phase, in which the discriminator does not move. `compile` defaults
    to the objective above and Adam(1e-4), as in the paper.

    Args:
        generator: small pictures -> large pictures, such as `networks.srresnet`.
        discriminator: Judges large pictures: one score each, or a map of patches.
        features: A functional or sequential model of pictures whose hidden layer is compared, such as a classifier or
            VGG19; it is not trained. Defaults to None: pixels are compared, as in the paper's SRGAN-MSE.
        layer: The name of the layer. Defaults to the last one of `features`.
        content: The weight of the distance. Defaults to 1. The paper divides the features of VGG19 by 12.75: 1 / 12.75
            ** 2, about 0.006.
        adversarial: The weight of the generator's adversarial loss. Defaults to 0.001.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of a moving average of the generator, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import data, networks
    >>> generator = networks.srresnet((4, 4, 1), factor=2, width=4, blocks=1)
    >>> game = SRGAN(generator, networks.srgan_discriminator((8, 8, 1), width=4, hidden=8), seed=0)
    >>> pairs = data.paired(low="small", high=np.zeros((32, 8, 8, 1), "uint8"), batch_size=16)
    >>> game.compile(game.pretraining(), moves="generator")
    >>> history = game.fit(pairs, verbose=0)
    >>> game.compile()
    >>> history = game.fit(pairs, verbose=0)
    >>> game.make("restored", low=np.zeros((3, 4, 4, 1), "float32")).shape
    (3, 8, 8, 1)

    Reference: [Ledig et al., 2017](https://arxiv.org/abs/1609.04802), equations 2 to 6 and section 3.2.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        features: keras.Model | None = None,
        layer: str | None = None,
        *,
        content: float = 1.0,
        adversarial: float = 1e-3,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        if layer is not None and features is None:
            raise ValueError(f"`layer` must be None where `features` are None. Received: layer={layer!r}")
        content, adversarial = check_number("content", content, 0), check_number("adversarial", adversarial, 0)
        players, compared = {"generator": generator, "discriminator": discriminator}, self.pretraining()
        if features is not None:
            players["features"] = features
            compared = FeatureDistance("features", layer or features.layers[-1].name, "restored", "high")
        super().__init__(
            players=players,
            values={"restored": "generator(low)"},
            matches=Match("discriminator", real="high", fake="restored"),
            sides={"discriminator": "discriminator", "generator": "generator"},  # the features are not trained
            objective=Players(discriminator=NonSaturating(), generator=adversarial * NonSaturating())
            + content * compared,
            seed=seed,
            ema=ema,
            name=name,
        )
        self.layer, self.content, self.adversarial, self.ema = layer, content, adversarial, ema
        if features is None:  # otherwise it is a player, and so an attribute already
            self.features = None

    @staticmethod
    def pretraining() -> Objective:
        """Returns the objective of the phase before the game, the mean squared error, for `moves="generator"`."""
        return Distance("restored", "high", norm=2)

    @property
    def tasks(self) -> dict[str, str]:
        """The task `restore`, which gives large pictures."""
        return {"restore": "restored"}

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Returns Adam(1e-4)."""
        return keras.optimizers.Adam(1e-4)
