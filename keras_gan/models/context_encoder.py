"""ContextEncoder: the missing centre of pictures, filled in."""

import keras

from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_number
from keras_gan.layers import Hole
from keras_gan.objectives import Distance, NonSaturating, Players


@keras.saving.register_keras_serializable("keras_gan")
class ContextEncoder(Game):
    """Fills in the centre of pictures from its surroundings.

    D: -log D(hole) - log(1 - D(G(masked)))
    G: distance mean (hole - G(masked))^2 - adversarial log D(G(masked))

    The part of the data is `real`, whole pictures; the values are `masked`, the pictures without their centre, `hole`,
    the centre, `filled`, the generator's centre, and `restored`, the pictures with it. The discriminator judges the
    centre alone. `make("restored", real=pictures)` restores pictures whose centre is missing, as it does not read the
    centre. `compile` defaults to this objective, and to Adam(beta_1=0.5) with the rate 2e-3 of the generator, ten times
    that of the discriminator, as in the paper. In the paper the hole also overlaps with its surroundings by some
    pixels, whose error weighs ten times as much; here it does not.

    Args:
        generator: Makes the centre (N, h, w, C) of pictures (N, H, W, C), such as `networks.encoder_decoder`; it is
            functional or sequential, and its shapes are those of hole and pictures.
        discriminator: Judges centres: one score each, or a map of patches.
        distance: The weight of the mean squared error. Defaults to 0.999.
        adversarial: The weight of the generator's adversarial loss. Defaults to 0.001.
        fill: The number in the hole of the generator's input. Defaults to 0, grey in pictures from -1 to 1; the paper
            takes the mean colour.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of a moving average of the generator, in (0, 1), or None.
        name: The model's name.

    Raises:
        ValueError: If the generator's shapes are not known, or an argument is out of range.

    Example:

    >>> from keras_gan import networks
    >>> generator = networks.encoder_decoder((16, 16, 1), (8, 8, 1), width=4, bottleneck=8)
    >>> game = ContextEncoder(generator, networks.dcgan_discriminator((8, 8, 1), filters=4), seed=0)
    >>> game.compile()
    >>> pictures = np.zeros((32, 16, 16, 1), "float32")
    >>> history = game.fit(pictures, verbose=0)
    >>> game.make("restored", real=pictures[:3]).shape, game.make("filled", real=pictures[:3]).shape
    ((3, 16, 16, 1), (3, 8, 8, 1))

    Reference: [Pathak et al., 2016](https://arxiv.org/abs/1604.07379), equations 1 to 3 and section 4.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        distance: float = 0.999,
        adversarial: float = 1e-3,
        fill: float = 0.0,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        distance, adversarial = check_number("distance", distance, 0), check_number("adversarial", adversarial, 0)
        whole, made = (getattr(generator, name, None) for name in ("input_shape", "output_shape"))
        if not all(isinstance(shape, tuple) and len(shape) == 4 and None not in shape[1:] for shape in (whole, made)):
            raise ValueError(
                "`generator` must turn pictures (N, H, W, C) into pictures (N, h, w, C), with known sizes. "
                f"Received: shapes {whole} and {made}"
            )
        _, height, width, _ = made
        hole = Hole(height, width, fill=fill)
        super().__init__(
            players={
                "generator": generator,
                "discriminator": discriminator,
                "cover": hole,
                "cut": keras.layers.Cropping2D(hole.margins(whole), dtype="float32"),
            },
            values={
                "masked": "cover(real)",
                "hole": "cut(real)",
                "filled": "generator(masked)",
                "restored": "cover(real, filled)",
            },
            matches=Match("discriminator", real="hole", fake="filled"),
            objective=Players(discriminator=NonSaturating(), generator=adversarial * NonSaturating())
            + distance * Distance("filled", "hole", norm=2),
            seed=seed,
            ema=ema,
            shapes={"real": whole[1:]},
            name=name,
        )
        self.distance, self.adversarial, self.fill, self.ema = distance, adversarial, hole.fill, ema

    @property
    def tasks(self) -> dict[str, str]:
        """The task `restore`, which gives whole pictures."""
        return {"restore": "restored"}

    @property
    def compared(self) -> tuple[str, str]:
        """Whole pictures, real and restored."""
        return ("real", "restored")

    @property
    def displayed(self) -> list[str]:
        """Pictures without their centre, restored ones, and the originals."""
        return ["masked", "restored", "real"]

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Returns Adam(beta_1=0.5), with the rate 2e-4 of the discriminator and 2e-3 of the generator."""
        return keras.optimizers.Adam(2e-4 if side == "discriminator" else 2e-3, beta_1=0.5)
