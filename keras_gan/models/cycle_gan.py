"""CycleGAN: two domains without pairs, translated into each other and back."""

import keras

from keras_gan.ground.arguments import check_count, check_number
from keras_gan.models.two_way import TwoWay, round_trips
from keras_gan.objectives import Distance, LeastSquares, Players


@keras.saving.register_keras_serializable("keras_gan")
class CycleGAN(TwoWay):
    """Translates each of two domains into the other, and is trained on examples that are not paired.

    D_a: (D_a(a) - 1)^2 / 2 + D_a(G_ba(b))^2 / 2, and likewise D_b
    G: (D_a(G_ba(b)) - 1)^2 + (D_b(G_ab(a)) - 1)^2 + cycle (|G_ba(G_ab(a)) - a| + |G_ab(G_ba(b)) - b|)

    The data has the parts `a` and `b`, as `keras_gan.data.unpaired` gives them. The values are `fake_a`, `fake_b`,
    `back_a` and `back_b`. `compile` defaults to this objective and Adam(2e-4, beta_1=0.5), as the paper does; its rate
    falls to 0 in the second half of training.

    Args:
        g_ab: examples of `a` -> examples of `b`.
        g_ba: examples of `b` -> examples of `a`.
        d_a: Judges examples of `a`: one score each, or a map of patches.
        d_b: Judges examples of `b`.
        cycle: The weight of the cycle distances. Defaults to 10.
        identity: The weight of |G_ab(b) - b| and |G_ba(a) - a|, as a share of `cycle`. It keeps colours, if both
            domains have one shape. The paper takes 0.5 for paintings. Defaults to 0.
        pool: Number of past fakes of each domain that are kept to be judged, too. 0 keeps none. Defaults to 50.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of both generators, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import data, networks
    >>> g_ab, g_ba = (networks.mlp_generator(2, (2,), hidden=(8,)) for _ in range(2))
    >>> d_a, d_b = (networks.mlp_discriminator((2,), hidden=(8,)) for _ in range(2))
    >>> game = CycleGAN(g_ab, g_ba, d_a, d_b, seed=0)
    >>> game.compile()
    >>> a, b = np.random.default_rng(0).normal(size=(2, 64, 2)).astype("float32")
    >>> history = game.fit(data.unpaired(a=a, b=b, batch_size=16), verbose=0)
    >>> game.make("fake_b", a=a[:3]).shape
    (3, 2)

    Reference: [Zhu et al., 2017](https://arxiv.org/abs/1703.10593), equations 1 to 4 and section 4.
    """

    def __init__(
        self,
        g_ab: keras.Model,
        g_ba: keras.Model,
        d_a: keras.Model,
        d_b: keras.Model,
        *,
        cycle: float = 10.0,
        identity: float = 0.0,
        pool: int = 50,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        cycle, identity = check_number("cycle", cycle, 0), check_number("identity", identity, 0)
        pool = int(check_count("pool", pool, least=0))
        values, distances = {}, cycle * round_trips()
        if identity:
            values = {"same_a": "g_ba(a)", "same_b": "g_ab(b)"}
            distances += cycle * identity * (Distance("same_a", "a") + Distance("same_b", "b"))
        super().__init__(
            *(g_ab, g_ba, d_a, d_b),
            objective=Players(discriminator=LeastSquares(), generator=2 * LeastSquares()) + distances,
            values=values,
            pool=pool,
            seed=seed,
            ema=ema,
            name=name,
        )
        self.cycle, self.identity, self.pool = cycle, identity, pool
