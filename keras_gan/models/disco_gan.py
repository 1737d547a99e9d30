"""DiscoGAN: relations between two domains, discovered without pairs."""

import keras

from keras_gan.ground.arguments import check_number
from keras_gan.models.two_way import TwoWay, round_trips
from keras_gan.objectives import NonSaturating


@keras.saving.register_keras_serializable("keras_gan")
class DiscoGAN(TwoWay):
    """Translates each of two domains into the other, with cross-entropies and squared cycle distances.

    D_a: -log D_a(a) - log(1 - D_a(G_ba(b))), and likewise D_b
    G: -log D_a(G_ba(b)) - log D_b(G_ab(a)) + reconstruction ((G_ba(G_ab(a)) - a)^2 + (G_ab(G_ba(b)) - b)^2)

    The data has the parts `a` and `b`, as `keras_gan.data.unpaired` gives them; no pair is ever compared. The values
    are `fake_a`, `fake_b`, `back_a` and `back_b`. `compile` defaults to this objective and Adam(2e-4, beta_1=0.5).

    The authors' code has another objective than the paper: 0.9 of the adversarial loss is a matching of features, and
    the reconstruction weighs 0.01 at first and half of all later. `compile` takes such a sum, with schedules as
    weights.

    Args:
        g_ab: examples of `a` -> examples of `b`.
        g_ba: examples of `b` -> examples of `a`.
        d_a: Judges examples of `a`: one score each, or a map of patches; logits.
        d_b: Judges examples of `b`.
        reconstruction: The weight of the mean squared cycle distances. Defaults to 1.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of both generators, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import data, networks
    >>> g_ab, g_ba = (networks.mlp_generator(2, (2,), hidden=(8,)) for _ in range(2))
    >>> d_a, d_b = (networks.mlp_discriminator((2,), hidden=(8,)) for _ in range(2))
    >>> game = DiscoGAN(g_ab, g_ba, d_a, d_b, seed=0)
    >>> game.compile()
    >>> a, b = np.random.default_rng(0).normal(size=(2, 64, 2)).astype("float32")
    >>> history = game.fit(data.unpaired(a=a, b=b, batch_size=16), verbose=0)
    >>> game.make("fake_b", a=a[:3]).shape
    (3, 2)

    Reference: [Kim et al., 2017](https://arxiv.org/abs/1703.05192), equations 1 to 8.
    """

    def __init__(
        self,
        g_ab: keras.Model,
        g_ba: keras.Model,
        d_a: keras.Model,
        d_b: keras.Model,
        *,
        reconstruction: float = 1.0,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        reconstruction = check_number("reconstruction", reconstruction, 0)
        objective = NonSaturating() + reconstruction * round_trips(norm=2)
        super().__init__(g_ab, g_ba, d_a, d_b, objective, seed=seed, ema=ema, name=name)
        self.reconstruction = reconstruction
