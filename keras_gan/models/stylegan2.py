"""StyleGAN2: latents are mapped to styles, and styles to a picture."""

import keras

from keras_gan import augmentations
from keras_gan.game import Game, Match
from keras_gan.game.explored import Explored
from keras_gan.ground.arguments import check_number
from keras_gan.latents import Constant, Latents, Prior, get_labels, get_latents
from keras_gan.layers import StyleMixing, Truncation
from keras_gan.objectives import R1, NonSaturating, Objective, PathLength


@keras.saving.register_keras_serializable("keras_gan")
class StyleGAN2(Game):
    """Trains a mapping network and a synthesis network against a discriminator.

    G: softplus(-D(g(w))) + path_length (||J^T y|| - a)^2, w = f(z), each at every 4th step
    D: softplus(-D(x)) + softplus(D(g(w))) + gamma/2 ||grad D(x)||^2, the penalty at every 16th step

    Both makers are on one side. The part of the data is `real`, with `labels` if the makers take them. The values are
    `w`; `truncated`, which is w moved towards its mean by `psi`; `styles`, one for each layer of the synthesis network,
    in training mixed at random from two vectors; and `fake`. `psi` is 1 unless it is given:
    `game.make("fake", n=16, psi=np.full((16, 1), 0.7))` trades variety for quality.

    `compile` defaults to this objective and Adam(2e-3, beta_1=0, beta_2=0.99). The authors make separate updates for
    both penalties, with slower optimizers to compensate; here the penalties are parts of the loss of their steps. For
    CIFAR-10 they take gamma 0.01, `path_length=0`, `mixing=0` and a discriminator that is not residual.

    Args:
        mapping: latents (N, dim)[, labels] -> w (N, d).
        synthesis: styles (N, layers, d) -> pictures.
        discriminator: pictures[, labels] -> one score each, logits.
        latents: A `Latents`, or a number of dimensions (standard normal).
        labels: Prior of the labels of fakes, if the players take labels: a number of equally likely classes, or a
            `Prior`.
        gamma: The weight of R1, at least 0. Defaults to 10, the authors' for faces of 1024 pixels; theirs for pictures
            of s pixels in batches of n is 0.0002 s^2 / n.
        path_length: The weight of the path-length regularization, at least 0. Defaults to 2.
        mixing: The probability that styles are mixed from two vectors, in [0, 1]. Defaults to 0.9.
        augmentation: The augmentation of real and fake before the discriminator, as for a `Match`, such as
            `"adaptive"`. Defaults to None.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of both makers, in (0, 1), a schedule of it, or None.
        value_range: (low, high), the values of black and white. Defaults to (-1, 1).
        name: The model's name.

    Example:

    >>> from keras_gan import networks
    >>> shape, mapping = (8, 8, 1), networks.stylegan2_mapping(3, width=4, depth=2)
    >>> synthesis = networks.stylegan2_synthesis(shape, style=4, width=4)
    >>> judge = networks.stylegan2_discriminator(shape, width=4)
    >>> game = StyleGAN2(mapping, synthesis, judge, latents=3, seed=0)
    >>> game.compile(run_eagerly=True)
    >>> pictures = np.random.default_rng(0).uniform(-1, 1, (4, *shape)).astype("float32")
    >>> history = game.fit(pictures, batch_size=4, verbose=0)
    >>> game.make("fake", n=2, seed=1, psi=np.full((2, 1), 0.7)).shape, game.make("w", n=2, seed=1).shape
    ((2, 8, 8, 1), (2, 4))

    Reference: [Karras et al., 2020](https://arxiv.org/abs/1912.04958).
    """

    def __init__(
        self,
        mapping: keras.Model,
        synthesis: keras.Model,
        discriminator: keras.Model,
        latents: Latents | int,
        *,
        labels: Prior | int | None = None,
        gamma: float = 10.0,
        path_length: float = 2.0,
        mixing: float = 0.9,
        augmentation: augmentations.Augmentation | str | None = None,
        seed: int | None = None,
        ema: float | keras.optimizers.schedules.LearningRateSchedule | None = None,
        value_range: tuple[float, float] = (-1.0, 1.0),
        name: str | None = None,
    ):
        latents, labels = get_latents(latents), get_labels(labels)
        weights = {"gamma": check_number("gamma", gamma, 0), "path_length": check_number("path_length", path_length, 0)}
        mixing = check_number("mixing", mixing, 0, 1, ends="[]")
        known = "" if labels is None else ", label"
        objective: Objective = NonSaturating()
        if gamma:
            objective += weights["gamma"] * R1(every=16)
        if path_length:
            objective += weights["path_length"] * PathLength("synthesis", "styles")
        truncation = Truncation(name="truncation")
        truncation.build(mapping.output_shape)
        super().__init__(
            players={
                "mapping": mapping,
                "truncation": truncation,
                "mixing_of_styles": StyleMixing(synthesis.input_shape[1], mixing),
                "synthesis": synthesis,
                "discriminator": discriminator,
            },
            draws={
                "latents": latents,
                "others": latents,
                "psi": Constant(1.0),
                **({} if labels is None else {"label": labels}),
            },
            values={
                "w": f"mapping(latents{known})",
                "truncated": "truncation(w, psi)",
                "w_of_others": f"mapping(others{known})",
                "styles": "mixing_of_styles(truncated, w_of_others)",
                "fake": "synthesis(styles)",
            },
            matches=Match(
                "discriminator",
                "real",
                "fake",
                labels=("labels", "label") if known else None,
                augmentation=augmentation,
            ),
            objective=objective,
            seed=seed,
            ema=ema,
            value_range=value_range,
            name=name,
        )
        self.latents, self.labels, self.mixing, self.ema = latents, labels, mixing, ema
        self.gamma, self.path_length = weights["gamma"], weights["path_length"]
        self.augmentation = self.matches[""].augmentation

    @property
    def tasks(self) -> dict[str, str]:
        """The task `generate`."""
        return {"generate": "fake"}

    @property
    def explored(self) -> Explored:
        """The space of w, truncated towards its mean by `psi`; each layer of the synthesis network has a style."""
        return Explored("w", "fake", None if self.labels is None else "label", psi="psi", layers="styles")

    @property
    def displayed(self) -> list[str]:
        """Generated pictures."""
        return ["fake"]

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Returns Adam(2e-3, beta_1=0, beta_2=0.99)."""
        return keras.optimizers.Adam(2e-3, beta_1=0.0, beta_2=0.99, epsilon=1e-8)
