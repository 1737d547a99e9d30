"""DualGAN: two translators that are trained by critics and by each other."""

import keras

from keras_gan.ground.arguments import check_number
from keras_gan.models.two_way import TwoWay, round_trips
from keras_gan.objectives import GradientPenalty, Wasserstein


@keras.saving.register_keras_serializable("keras_gan")
class DualGAN(TwoWay):
    """Translates each of two domains into the other, with critics and absolute cycle distances.

    D_a: D_a(G_ba(b)) - D_a(a) + penalty (||grad D_a|| - 1)^2, and likewise D_b
    G: -D_a(G_ba(b)) - D_b(G_ab(a)) + reconstruction (|G_ba(G_ab(a)) - a| + |G_ab(G_ba(b)) - b|)

    The data has the parts `a` and `b`, as `keras_gan.data.unpaired` gives them. The values are `fake_a`, `fake_b`,
    `back_a` and `back_b`. Noise is the dropout inside the generators, such as that of `networks.unet_generator`.
    `compile` defaults to this objective and RMSprop(5e-5).

    The critics are constrained by the penalty of the authors' code, and must then have no batch normalization, with
    which the gradient of an example would depend on its batch. The paper clips their weights and moves them two to four
    times per step: `DualGAN(..., penalty=0)` with
    `compile(constraints={"discriminator": ClipWeights(0.01)}, discriminator_steps=3)`.

    Args:
        g_ab: examples of `a` -> examples of `b`.
        g_ba: examples of `b` -> examples of `a`.
        d_a: Judges examples of `a`: one score each, or a map of patches; unbounded.
        d_b: Judges examples of `b`.
        reconstruction: The weight of the mean absolute cycle distances; the paper takes 100 to 1,000. Defaults to 500.
        penalty: The weight of the penalty on the gradient. Defaults to 10.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of both generators, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import data, networks
    >>> g_ab, g_ba = (networks.mlp_generator(2, (2,), hidden=(8,)) for _ in range(2))
    >>> d_a, d_b = (networks.mlp_discriminator((2,), hidden=(8,)) for _ in range(2))
    >>> game = DualGAN(g_ab, g_ba, d_a, d_b, seed=0)
    >>> game.compile()
    >>> a, b = np.random.default_rng(0).normal(size=(2, 64, 2)).astype("float32")
    >>> history = game.fit(data.unpaired(a=a, b=b, batch_size=16), verbose=0)
    >>> game.make("fake_b", a=a[:3]).shape
    (3, 2)

    Reference: [Yi et al., 2017](https://arxiv.org/abs/1704.02510), equations 1 to 3 and section 3.3.
    """

    def __init__(
        self,
        g_ab: keras.Model,
        g_ba: keras.Model,
        d_a: keras.Model,
        d_b: keras.Model,
        *,
        reconstruction: float = 500.0,
        penalty: float = 10.0,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        reconstruction = check_number("reconstruction", reconstruction, 0)
        penalty = check_number("penalty", penalty, 0)
        objective = Wasserstein() + reconstruction * round_trips()
        if penalty:
            objective += penalty * GradientPenalty()
        super().__init__(g_ab, g_ba, d_a, d_b, objective, seed=seed, ema=ema, name=name)
        self.reconstruction, self.penalty = reconstruction, penalty

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Returns RMSprop(5e-5)."""
        return keras.optimizers.RMSprop(5e-5)
