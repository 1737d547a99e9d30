"""VAEGAN: an autoencoder whose reconstructions are compared by features of a discriminator."""

import math

import keras

from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_number
from keras_gan.latents import Normal
from keras_gan.layers import GaussianPosterior
from keras_gan.objectives import At, FeatureDistance, GaussianDivergence, NonSaturating, Players


@keras.saving.register_keras_serializable("keras_gan")
class VAEGAN(Game):
    """Trains a VAE whose reconstructions are compared in a hidden layer of a discriminator, which also judges them.

    like(x) = sum (D_l(x) - D_l(Dec(z)))^2 / 2, z = mean + exp(log_variance / 2) noise, the code of x
    E: KL(N(mean, exp(log_variance)) || N(0, I)) + like(x)
    Dec: gamma like(x) - log D(Dec(z)) - log D(Dec(z')), z' ~ N(0, I)
    D: -log D(x) - (log(1 - D(Dec(z))) + log(1 - D(Dec(z')))) / 2

    There are three sides, `"discriminator"`, `"generator"`, the decoder, and `"encoder"`: no adversarial loss trains
    the encoder, and `like` does not train the discriminator. `like` is a sum over all outputs of the layer, as the
    logarithm of a likelihood is, so gamma depends on their number. Their scale decides how much information codes have,
    so a normalised layer, or one after it, is a good choice.

    The part of the data is `real`; the values are `code` with the outputs `mean`, `log_variance` and `sample`,
    `decoded`, the reconstruction, and `fake`, new examples. `compile` defaults to this objective and RMSprop(3e-4). As
    in the authors' code the discriminator gets as many real examples as others. In that code the decoder minimises
    log(1 - D), which has no gradient where the discriminator is sure, and skips steps by rules of thumb; here it
    minimises the non-saturating loss, which needs none.

    Args:
        encoder: examples -> codes (N, 2 dim), the means beside the logarithms of the variances; or a dict of `"mean"`
            and `"log_variance"`, (N, dim) each.
        decoder: codes (N, dim) -> examples.
        discriminator: A functional or sequential model, examples -> one score each, logits.
        dim: The number of dimensions of a code.
        layer: The name of the discriminator's layer in which examples are compared, such as `"hidden_2"`.
        gamma: The weight of `like` for the decoder, at least 0. Defaults to 0.01.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of encoder and decoder, in (0, 1), or None.
        name: The model's name.

    Raises:
        ValueError: If the discriminator has no such layer, or its size is not known.

    Example:

    >>> from keras_gan import networks
    >>> encoder, decoder = networks.mlp_encoder((2,), 6, hidden=(8,)), networks.mlp_generator(3, (2,), hidden=(8,))
    >>> game = VAEGAN(encoder, decoder, networks.mlp_discriminator((2,)), dim=3, layer="hidden_1", seed=0)
    >>> game.compile()
    >>> points = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    >>> history = game.fit(points, verbose=0)
    >>> game.make("fake", n=4, seed=1).shape, game.make("code.mean", real=points[:5]).shape
    ((4, 2), (5, 3))

    Reference: [Larsen et al., 2016](https://arxiv.org/abs/1512.09300), equations 5 to 8 and algorithm 1.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        discriminator: keras.Model,
        dim: int,
        layer: str,
        *,
        gamma: float = 0.01,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        gamma = check_number("gamma", gamma, 0)
        compared = ("discriminator", layer, "real", "decoded")
        like, like_for_encoder = FeatureDistance(*compared), FeatureDistance(*compared, side="encoder")
        half = 0.5 * _size(like.features(discriminator), layer)  # times a mean, it is half the sum
        super().__init__(
            players={
                "encoder": encoder,
                "decoder": decoder,
                "discriminator": discriminator,
                "posterior": GaussianPosterior(),
            },
            draws={"latents": Normal(dim), "noise": Normal(dim)},
            values={
                "hidden": "encoder(real)",
                "code": "posterior(hidden, noise)",
                "decoded": "decoder(code.sample)",
                "fake": "decoder(latents)",
            },
            matches={each: Match("discriminator", "real", each) for each in ("fake", "decoded")},
            sides={"discriminator": "discriminator", "generator": "decoder", "encoder": "encoder"},
            objective=Players(discriminator=0.5 * NonSaturating(), generator=At(NonSaturating(), maker="generator"))
            + gamma * half * like
            + GaussianDivergence("code.mean", "code.log_variance", side="encoder")
            + half * like_for_encoder,
            seed=seed,
            ema=ema,
            name=name,
        )
        self.dim, self.layer, self.gamma, self.ema = dim, layer, gamma, ema

    @property
    def tasks(self) -> dict[str, str]:
        """The tasks `generate`, `reconstruct` and `encode`."""
        return {"generate": "fake", "reconstruct": "decoded", "encode": "code.mean"}

    @property
    def displayed(self) -> list[str]:
        """Real examples, their reconstructions, and new ones."""
        return ["real", "decoded", "fake"]

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Returns RMSprop(3e-4)."""
        return keras.optimizers.RMSprop(3e-4)


def _size(features, layer):
    """Returns the number of outputs of a layer per example."""
    shape = features.output.shape[1:]
    if None in shape:
        raise ValueError(f"`layer` must have outputs of a known size. Received: layer={layer!r} of shape {shape}")
    return math.prod(shape)
