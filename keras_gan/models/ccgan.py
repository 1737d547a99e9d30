"""CCGAN: blocks of pictures filled in, to train a classifier with pictures without labels."""

import keras

from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_number
from keras_gan.latents import Blocks
from keras_gan.layers import Composite
from keras_gan.objectives import CrossEntropy, NonSaturating, Objective


@keras.saving.register_keras_serializable("keras_gan")
class CCGAN(Game):
    """Fills in a block at a random place of each picture; its discriminator is a classifier trained with few labels.

    D: -log D(x) - log(1 - D(restored)) - classes log p(label | labelled)
    G: -log D(restored), restored = (1 - mask) x + mask G((1 - mask) x)

    The discriminator judges the picture with the block filled in, not the whole output of the generator. The part of
    the data is `real`; with `classes` also `labelled`, pictures with labels, and `labels`, integers (N,), as
    `data.unpaired({"labelled": few, "labels": labels}, real=pictures, ...)` gives them. The draw is `mask`; the values
    are `masked`, `made`, `restored` and, with `classes`, `guess`: `make("classify", labelled=pictures)` gives the
    logits of classes. `compile` defaults to this objective and Adam(2e-4, beta_1=0.5).

    Args:
        generator: pictures with a block of `fill`, (N, H, W, C) -> pictures (N, H, W, C); functional or sequential.
        discriminator: Judges pictures, (N, H, W, C) -> one score each; with `classes` a dict of `"output"`, the score,
            and `"class_logits"`, (N, K), as `networks.with_head` makes it. With few labels the game helps a classifier
            whose score is `keras.ops.logsumexp(class_logits, axis=-1, keepdims=True)`, as in Salimans et al., 2016: see
            recipes/ccgan_mnist.py.
        classes: The weight of the cross-entropy of the labels. 0 uses no labels. Defaults to 1.
        size: The block's sides, as a share of the pictures', in (0, 1]. Defaults to 0.5.
        fill: The number in the block of the generator's input. Defaults to 0, grey in pictures from -1 to 1.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of a moving average of the generator, in (0, 1), or None.
        name: The model's name.

    Raises:
        ValueError: If the generator's shapes are not those of pictures, or an argument is out of range.

    Example:

    >>> from keras_gan import data, networks
    >>> judge = networks.with_head(networks.dcgan_discriminator((8, 8, 1), filters=4), "hidden_1", 10, "class_logits")
    >>> game = CCGAN(networks.unet_generator((8, 8, 1), width=4), judge, seed=0)
    >>> game.compile()
    >>> pictures, labels = np.zeros((64, 8, 8, 1), "uint8"), np.arange(16) % 10
    >>> some = {"labelled": pictures[:16], "labels": labels}
    >>> history = game.fit(data.unpaired(some, real=pictures, batch_size=16), verbose=0)
    >>> game.make("restored", real=np.zeros((3, 8, 8, 1)), seed=1).shape
    (3, 8, 8, 1)

    Reference: [Denton et al., 2016](https://arxiv.org/abs/1611.06430), section 3.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        classes: float = 1.0,
        size: float = 0.5,
        fill: float = 0.0,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        classes = check_number("classes", classes, 0)
        shapes = [getattr(generator, name, None) for name in ("input_shape", "output_shape")]
        shape = shapes[0]
        if not isinstance(shape, tuple) or len(shape) != 4 or None in shape[1:] or shapes[1] != shape:
            raise ValueError(
                "`generator` must turn pictures (N, H, W, C), with known sizes, into pictures of the same shape. "
                f"Received: shapes {shapes[0]} and {shapes[1]}"
            )
        values = {
            "masked": "fill_in(real, mask)",
            "made": "generator(masked)",
            "restored": "fill_in(real, mask, made)",
        }
        blocks = Blocks(shape[1:3], size)
        objective: Objective = NonSaturating()
        if classes:
            values["guess"] = "discriminator(labelled)"
            objective += classes * CrossEntropy("guess.class_logits", "labels", side="discriminator")
        super().__init__(
            players={"generator": generator, "discriminator": discriminator, "fill_in": Composite(fill)},
            draws={"mask": blocks},
            values=values,
            matches=Match("discriminator", real="real", fake="restored"),
            objective=objective,
            seed=seed,
            ema=ema,
            shapes=dict.fromkeys(("real", "labelled") if classes else ("real",), shape[1:]),
            name=name,
        )
        self.classes, self.size, self.fill, self.ema = classes, blocks.size, self.fill_in.fill, ema

    @property
    def tasks(self) -> dict[str, str]:
        """The task `restore`, and with labels `classify`."""
        return {"restore": "restored", **({"classify": "guess.class_logits"} if self.classes else {})}

    @property
    def displayed(self) -> list[str]:
        """Pictures with a block, restored ones, and the originals."""
        return ["masked", "restored", "real"]
