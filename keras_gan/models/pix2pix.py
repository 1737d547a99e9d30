"""Pix2Pix: pictures made from other pictures, learned from pairs."""

import keras

from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_number
from keras_gan.objectives import Distance, NonSaturating, Players


@keras.saving.register_keras_serializable("keras_gan")
class Pix2Pix(Game):
    """Translates each picture `a` into the picture `b` that belongs to it, and is trained on pairs.

    D: (-log D(a, b) - log(1 - D(a, G(a)))) / 2
    G: -log D(a, G(a)) + distance |b - G(a)|

    The data has the parts `a` and `b`, as `keras_gan.data.paired` gives them; the value is `fake_b`. Noise is the
    dropout inside the generator. `compile` defaults to this objective and Adam(2e-4, beta_1=0.5), as the paper does.

    Args:
        generator: pictures `a` -> pictures `b`, such as a U-Net.
        discriminator: Judges pairs, called on `[a, b]`: one score each, or a map of patches.
        distance: The weight of the mean absolute distance to the true picture. Defaults to 100.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of a moving average of the generator, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import networks
    >>> generator = networks.mlp_generator(2, (2,), hidden=(8,))
    >>> a, b = keras.Input((2,)), keras.Input((2,))
    >>> scores = keras.layers.Dense(1)(keras.layers.Dense(8, "relu")(keras.layers.Concatenate()([a, b])))
    >>> game = Pix2Pix(generator, keras.Model([a, b], scores), seed=0)
    >>> game.compile()
    >>> x = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    >>> history = game.fit({"a": x, "b": -x}, verbose=0)
    >>> game.make("fake_b", a=x[:3]).shape
    (3, 2)

    Reference: [Isola et al., 2017](https://arxiv.org/abs/1611.07004), equations 1 to 4 and section 3.3.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        distance: float = 100.0,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        distance = check_number("distance", distance, 0)
        super().__init__(
            players={"generator": generator, "discriminator": discriminator},
            values={"fake_b": "generator(a)"},
            matches=Match("discriminator", real=("a", "b"), fake=("a", "fake_b")),
            objective=Players(discriminator=0.5 * NonSaturating(), generator=NonSaturating())
            + distance * Distance("fake_b", "b"),
            seed=seed,
            ema=ema,
            name=name,
        )
        self.distance, self.ema = distance, ema

    @property
    def tasks(self) -> dict[str, str]:
        """The task `translate_ab`."""
        return {"translate_ab": "fake_b"}
