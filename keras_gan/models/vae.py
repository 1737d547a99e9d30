"""VAE: an autoencoder whose codes have a known distribution."""

import keras

from keras_gan.game import Game
from keras_gan.ground.arguments import check_number
from keras_gan.latents import Normal
from keras_gan.layers import GaussianPosterior
from keras_gan.objectives import BernoulliLikelihood, GaussianDivergence, GaussianLikelihood


@keras.saving.register_keras_serializable("keras_gan")
class VAE(Game):
    """Trains an encoder, and a decoder that generates, to code examples in few nats.

    -log p(x | z) + beta KL(q(z | x) || N(0, I)), z = mean + exp(log_variance / 2) noise, noise ~ N(0, I)

    With beta = 1 the loss is -ELBO, an upper bound of -log p(x), in nats per example; `evaluate` gives it as `g_loss`.
    Both terms are sums over dimensions, as a mean in place of a sum would change beta. The part of the data is `real`;
    the values are `code` with the outputs `mean`, `log_variance` and `sample`, `decoded`, the reconstruction, and
    `fake`, new examples, both as probabilities or means. `compile` defaults to this objective and Adam(1e-3).

    Args:
        encoder: examples -> codes (N, 2 dim), the means beside the logarithms of the variances; or a dict of `"mean"`
            and `"log_variance"`, (N, dim) each.
        decoder: codes (N, dim) -> logits of examples in [0, 1], or means of examples of any numbers.
        dim: The number of dimensions of a code.
        likelihood: `"bernoulli"` for examples in [0, 1] and a decoder of logits, or `"gaussian"`. Defaults to
            `"bernoulli"`.
        sigma: The width of the Gaussian likelihood, above 0. Defaults to 1.
        beta: The weight of the divergence. Defaults to 1.
        value_range: (low, high), the values of black and white in pictures. Defaults to (0, 1) with `"bernoulli"`,
            otherwise to the range of the decoder's last layers, or to (-1, 1) if these do not bound it.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of both players, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import networks
    >>> encoder, decoder = networks.mlp_generator(4, (6,), hidden=(8,)), networks.mlp_generator(3, (4,), hidden=(8,))
    >>> game = VAE(encoder, decoder, dim=3, seed=0)
    >>> game.compile()
    >>> x = np.random.default_rng(0).integers(0, 2, (64, 4)).astype("float32")
    >>> history = game.fit(x, verbose=0)
    >>> game.make("fake", n=4, seed=1).shape, game.make("code.mean", real=x[:5]).shape
    ((4, 4), (5, 3))

    Reference: [Kingma & Welling, 2014](https://arxiv.org/abs/1312.6114), equations 7 and 10 and appendices B and C.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        dim: int,
        *,
        likelihood: str = "bernoulli",
        sigma: float = 1.0,
        beta: float = 1.0,
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        beta, sigma = check_number("beta", beta, 0), check_number("sigma", sigma, 0, ends="()")
        if likelihood not in ("bernoulli", "gaussian"):
            raise ValueError(f"`likelihood` must be 'bernoulli' or 'gaussian'. Received: likelihood={likelihood!r}")
        bernoulli = likelihood == "bernoulli"
        fits = BernoulliLikelihood("real", "logits") if bernoulli else GaussianLikelihood("real", "logits", sigma)
        super().__init__(
            players={
                "encoder": encoder,
                "decoder": decoder,
                "posterior": GaussianPosterior(),
                "link": keras.layers.Activation("sigmoid" if bernoulli else "linear", dtype="float32"),
            },
            draws={"latents": Normal(dim), "noise": Normal(dim)},
            values={
                "hidden": "encoder(real)",
                "code": "posterior(hidden, noise)",
                "logits": "decoder(code.sample)",
                "decoded": "link(logits)",
                "fake_logits": "decoder(latents)",
                "fake": "link(fake_logits)",
            },
            objective=fits + beta * GaussianDivergence("code.mean", "code.log_variance"),
            seed=seed,
            ema=ema,
            value_range=(0.0, 1.0) if bernoulli and value_range is None else value_range,
            name=name,
        )
        self.dim, self.likelihood, self.sigma, self.beta, self.ema = dim, likelihood, sigma, beta, ema

    @property
    def compared(self) -> tuple[str, str]:
        """Real and generated examples."""
        return ("real", "fake")

    @property
    def tasks(self) -> dict[str, str]:
        """The tasks `generate`, `reconstruct` and `encode`."""
        return {"generate": "fake", "reconstruct": "decoded", "encode": "code.mean"}

    @property
    def displayed(self) -> list[str]:
        """Real examples, their reconstructions, and new ones."""
        return ["real", "decoded", "fake"]

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Returns Adam(1e-3)."""
        return keras.optimizers.Adam(1e-3)

    def get_config(self) -> dict:
        """Returns the arguments of the constructor, without a `value_range` that is only a guess."""
        return {**super().get_config(), "value_range": list(self.value_range) if self.range_is_known else None}
