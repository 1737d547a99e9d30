"""CoGAN: pairs of examples of two domains, learned from data without pairs."""

import keras

from keras_gan.game import Game, Match
from keras_gan.game.sharing import find_shared
from keras_gan.latents import Latents, get_latents
from keras_gan.objectives import NonSaturating


@keras.saving.register_keras_serializable("keras_gan")
class CoGAN(Game):
    """Trains generators of pairs of examples, one of each domain, on data without pairs.

    D: -log D_a(a) - log(1 - D_a(G_a(z))) - log D_b(b) - log(1 - D_b(G_b(z)))
    G: -log D_a(G_a(z)) - log D_b(G_b(z))

    Both generators get the same latents. Their examples belong together because players share layers: the generators
    all but the last, which decide the appearance, the discriminators all but the *first*, as
    `networks.coupled_generators` and `networks.coupled_discriminators` make them. Popular ports share the
    discriminators' first layers instead. Shared layers are trained once, by the sum of both losses.

    The data has the parts `a` and `b`, as `keras_gan.data.unpaired` gives them; the values are `fake_a` and `fake_b`.
    `compile` defaults to this objective and Adam(2e-4, beta_1=0.5), as the authors' code does.

    Args:
        g_a: latents (N, dim) -> examples of `a`.
        g_b: latents (N, dim) -> examples of `b`. It shares layers with `g_a`.
        d_a: Judges examples of `a`: one score each, logits.
        d_b: Judges examples of `b`.
        latents: A `Latents`, or a number of dimensions (standard normal).
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of both generators, in (0, 1), or None.
        name: The model's name.

    Raises:
        ValueError: If the generators share no layer, or the players do not fit each other.

    Example:

    >>> from keras_gan import data, networks
    >>> g_a, g_b = networks.coupled_generators(networks.mlp_generator(3, (2,), hidden=(8,)))
    >>> d_a, d_b = networks.coupled_discriminators(networks.mlp_discriminator((2,), hidden=(8,)))
    >>> game = CoGAN(g_a, g_b, d_a, d_b, latents=3, seed=0)
    >>> game.compile()
    >>> a, b = np.random.default_rng(0).normal(size=(2, 64, 2)).astype("float32")
    >>> history = game.fit(data.unpaired(a=a, b=b, batch_size=16), verbose=0)
    >>> game.make("fake_a", n=4, seed=1).shape, game.make("fake_b", n=4, seed=1).shape  # of the same latents
    ((4, 2), (4, 2))

    Reference: [Liu & Tuzel, 2016](https://arxiv.org/abs/1606.07536), equations 3 to 6.
    """

    def __init__(
        self,
        g_a: keras.Model,
        g_b: keras.Model,
        d_a: keras.Model,
        d_b: keras.Model,
        latents: Latents | int,
        *,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        latents = get_latents(latents)
        super().__init__(
            players={"g_a": g_a, "g_b": g_b, "d_a": d_a, "d_b": d_b},
            draws={"latents": latents},
            values={"fake_a": "g_a(latents)", "fake_b": "g_b(latents)"},
            matches={each: Match(f"d_{each}", each, f"fake_{each}") for each in "ab"},
            objective=NonSaturating(),
            seed=seed,
            ema=ema,
            name=name,
        )
        if not find_shared({"g_a": g_a, "g_b": g_b}):
            raise ValueError(
                "`g_b` must share layers with `g_a`, as their examples would be unrelated otherwise: "
                f"`networks.coupled_generators` makes such pairs. Received: {g_a.name!r} and {g_b.name!r}"
            )
        self.latents, self.ema = latents, ema

    @property
    def tasks(self) -> dict[str, str]:
        """The tasks `generate_a` and `generate_b`, whose examples belong together for the same seed."""
        return {"generate_a": "fake_a", "generate_b": "fake_b"}
