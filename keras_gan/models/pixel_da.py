"""PixelDA: a classifier of pictures without labels, trained on labelled ones that are translated into their domain."""

import keras

from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_number
from keras_gan.latents import Latents, get_latents
from keras_gan.objectives import CrossEntropy, NonSaturating, Players


@keras.saving.register_keras_serializable("keras_gan")
class PixelDA(Game):
    """Adapts a classifier to a target domain without labels: it is trained on source pictures and their translations.

    D and T: domain (-log D(t) - log(1 - D(G(x, z)))) - log p(y | x) - log p(y | G(x, z))
    G: -style log D(G(x, z)) - task log p(y | G(x, z))

    x is a source picture with the label y, t a target picture, z noise, p the softmax of T, the classifier. T is on the
    discriminator's side, and is trained on source pictures, too: ports that train it on translations alone let the
    generator exchange classes. The weights are those of the authors' code, whose classifier also has separate first
    layers for source pictures.

    The parts of the data are `source` and `labels`, which belong together, and `target`:
    `data.unpaired({"source": x, "labels": y}, target=t, batch_size=32)`. The values are `fake`, the translation, and
    `logits` of target pictures, beside `source_logits` and `fake_logits`. `compile` defaults to this objective and
    Adam(1e-3, beta_1=0.5).

    Args:
        generator: `[x, z]`, source pictures and latents (N, dim) -> target pictures.
        discriminator: Judges target pictures: one score each, or a map of patches; logits.
        classifier: pictures of either domain -> logits (N, classes).
        latents: A `Latents`, or a number of dimensions (standard normal). The paper has `latents.Uniform(10)`.
        domain: The weight of the discriminator's loss. Defaults to 0.136.
        style: The weight of the generator's adversarial loss. Defaults to 0.0113.
        task: The weight of the classifier's loss in that of the generator. Defaults to 0.0101.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of generator and classifier, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import data, networks
    >>> x, z = keras.Input((2,)), keras.Input((3,))
    >>> generator = keras.Model([x, z], keras.layers.Dense(2)(keras.layers.Concatenate()([x, z])))
    >>> classifier = keras.Sequential([keras.Input((2,)), keras.layers.Dense(10)])
    >>> game = PixelDA(generator, networks.mlp_discriminator((2,), hidden=(8,)), classifier, latents=3, seed=0)
    >>> game.compile()
    >>> rng = np.random.default_rng(0)
    >>> source = {"source": rng.normal(size=(64, 2)), "labels": rng.integers(0, 10, 64)}
    >>> history = game.fit(data.unpaired(source, target=rng.normal(2, 1, (64, 2)), batch_size=16), verbose=0)
    >>> game.make("logits", target=np.zeros((4, 2))).shape
    (4, 10)

    Reference: [Bousmalis et al., 2017](https://arxiv.org/abs/1612.05424), equations 1 to 3 and the authors' code.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        classifier: keras.Model,
        latents: Latents | int,
        *,
        domain: float = 0.136,
        style: float = 0.0113,
        task: float = 0.0101,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        latents = get_latents(latents)
        weights = {"domain": domain, "style": style, "task": task}
        domain, style, task = (check_number(key, weight, 0) for key, weight in weights.items())
        learned = CrossEntropy("source_logits", "labels", side="discriminator") + CrossEntropy(
            "fake_logits", "labels", side="discriminator"
        )
        super().__init__(
            players={"generator": generator, "discriminator": discriminator, "classifier": classifier},
            draws={"latents": latents},
            values={
                "fake": "generator(source, latents)",
                "source_logits": "classifier(source)",
                "fake_logits": "classifier(fake)",
                "logits": "classifier(target)",
            },
            matches=Match("discriminator", "target", "fake"),
            sides={"discriminator": ["discriminator", "classifier"], "generator": "generator"},
            objective=Players(discriminator=domain * NonSaturating(), generator=style * NonSaturating())
            + learned
            + task * CrossEntropy("fake_logits", "labels"),
            seed=seed,
            ema=ema,
            name=name,
        )
        self.latents, self.ema = latents, ema
        self.domain, self.style, self.task = domain, style, task

    @property
    def tasks(self) -> dict[str, str]:
        """The tasks `translate`, for source pictures, and `classify`, for target pictures."""
        return {"translate": "fake", "classify": "logits"}

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Returns Adam(1e-3, beta_1=0.5)."""
        return keras.optimizers.Adam(1e-3, beta_1=0.5)
