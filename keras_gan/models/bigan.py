"""BiGAN: a generator and its inverse."""

import keras

from keras_gan.game import Game, Match
from keras_gan.latents import Latents, get_latents
from keras_gan.objectives import Swapped


@keras.saving.register_keras_serializable("keras_gan")
class BiGAN(Game):
    """Learns a generator, and an encoder that finds the latents of given examples.

    D: -log D(x, E(x)) - log(1 - D(G(z), z))
    G and E: -log(1 - D(x, E(x))) - log D(G(z), z)

    The discriminator judges pairs of an example and its code. Both makers minimise its loss with real and fake
    exchanged, so that the gradient reaches the encoder through the real pairs. The part of the data is `real`; the
    values are `fake`, `code` and `back`, which is G(E(x)). `compile` defaults to this objective and
    Adam(2e-4, beta_1=0.5).

    Args:
        generator: latents (N, dim) -> examples.
        encoder: examples -> codes (N, dim).
        discriminator: Judges pairs, called on `[example, code]`: one score each, logits.
        latents: A `Latents`, or a number of dimensions (standard normal).
        seed: All noise of training is a function of it. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of generator and encoder, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import networks
    >>> generator, encoder = networks.mlp_generator(3, (2,), hidden=(8,)), networks.mlp_generator(2, (3,), hidden=(8,))
    >>> x, z = keras.Input((2,)), keras.Input((3,))
    >>> scores = keras.layers.Dense(1)(keras.layers.Dense(8, "relu")(keras.layers.Concatenate()([x, z])))
    >>> game = BiGAN(generator, encoder, keras.Model([x, z], scores), latents=3, seed=0)
    >>> game.compile()
    >>> points = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    >>> history = game.fit(points, verbose=0)
    >>> game.make("code", real=points[:5]).shape, game.make("fake", n=4, seed=1).shape
    ((5, 3), (4, 2))

    Reference: [Donahue et al., 2017](https://arxiv.org/abs/1605.09782), equations 3 and 4 and section 3.4.
    """

    def __init__(
        self,
        generator: keras.Model,
        encoder: keras.Model,
        discriminator: keras.Model,
        latents: Latents | int,
        *,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        latents = get_latents(latents)
        super().__init__(
            players={"generator": generator, "encoder": encoder, "discriminator": discriminator},
            draws={"latents": latents},
            values={"fake": "generator(latents)", "code": "encoder(real)", "back": "generator(code)"},
            matches=Match("discriminator", real=("real", "code"), fake=("fake", "latents")),
            objective=Swapped("non_saturating"),
            seed=seed,
            ema=ema,
            name=name,
        )
        self.latents, self.ema = latents, ema

    @property
    def displayed(self) -> list[str]:
        """Real examples, what becomes of their codes, and new ones."""
        return ["real", "back", "fake"]
