"""BiGAN: a generator and its inverse."""

import keras
import numpy as np

from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_number
from keras_gan.latents import Latents, get_latents
from keras_gan.layers import AnomalyScore
from keras_gan.objectives import Swapped


@keras.saving.register_keras_serializable("keras_gan")
class BiGAN(Game):
    """Trains a generator, and an encoder that finds the latents of given examples.

    D: -log D(x, E(x)) - log(1 - D(G(z), z))
    G and E: -log(1 - D(x, E(x))) - log D(G(z), z)

    The discriminator judges pairs of an example and its code. Both makers minimise its loss with real and fake
    exchanged, so that the gradient reaches the encoder through the real pairs. The part of the data is `real`; the
    values are `fake`, `code`, `back`, which is G(E(x)), and `anomaly_score`, which is large for examples that are
    unlike those of training. `compile` defaults to this objective and Adam(2e-4, beta_1=0.5).

    Args:
        generator: latents (N, dim) -> examples.
        encoder: examples -> codes (N, dim).
        discriminator: Judges pairs, called on `[example, code]`: one score each, logits. If it also gives `"features"`,
            `anomaly_score` compares them.
        latents: A `Latents`, or a number of dimensions (standard normal).
        anomaly_weight: The share of the discriminator's part in `anomaly_score`, in [0, 1]. Defaults to 0.1.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
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
    >>> strange, usual = (float(game.anomaly_score(scale * points).mean()) for scale in (9, 1))
    >>> strange > usual
    True

    Reference: [Donahue et al., 2017](https://arxiv.org/abs/1605.09782), equations 3 and 4 and section 3.4;
    [Zenati et al., 2018](https://arxiv.org/abs/1802.06222), section 3, for anomalies.
    """

    def __init__(
        self,
        generator: keras.Model,
        encoder: keras.Model,
        discriminator: keras.Model,
        latents: Latents | int,
        *,
        anomaly_weight: float = 0.1,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        latents, anomaly_weight = get_latents(latents), check_number("anomaly_weight", anomaly_weight, 0, 1, ends="[]")
        super().__init__(
            players={
                "generator": generator,
                "encoder": encoder,
                "discriminator": discriminator,
                "anomaly": AnomalyScore(anomaly_weight),
            },
            draws={"latents": latents},
            values={
                "fake": "generator(latents)",
                "code": "encoder(real)",
                "back": "generator(code)",
                "judged": "discriminator(real, code)",
                "judged_back": "discriminator(back, code)",
                "anomaly_score": "anomaly(real, back, judged, judged_back)",
            },
            matches=Match("discriminator", real=("real", "code"), fake=("fake", "latents")),
            objective=Swapped("non_saturating"),
            seed=seed,
            ema=ema,
            name=name,
        )
        self.latents, self.anomaly_weight, self.ema = latents, anomaly_weight, ema

    @property
    def tasks(self) -> dict[str, str]:
        """The tasks `generate`, `reconstruct`, `encode` and `score`, for anomaly scores."""
        return {"generate": "fake", "reconstruct": "back", "encode": "code", "score": "anomaly_score"}

    @property
    def displayed(self) -> list[str]:
        """Real examples, their reconstructions, and new ones."""
        return ["real", "back", "fake"]

    def anomaly_score(self, x: np.ndarray, *, batch_size: int = 256) -> np.ndarray:
        """Returns how unlike the examples of training each example is: the value `anomaly_score`, see `AnomalyScore`.

        Args:
            x: Examples (N, ...), as in training.
            batch_size: Largest number of examples per pass. Defaults to 256.

        Returns:
            (N,) float32, unbounded: larger is more anomalous.
        """
        return self.make("anomaly_score", real=x, batch_size=batch_size)
