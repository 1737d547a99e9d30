"""CUT: a translator that keeps the content at each place, without a translator back."""

import keras

from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_number
from keras_gan.latents import Uniform
from keras_gan.networks import hidden_layers
from keras_gan.objectives import LeastSquares, PatchContrast, Players


@keras.saving.register_keras_serializable("keras_gan")
class CUT(Game):
    """Translates examples of `a` into `b`, in this direction alone, and is trained on examples that are not paired.

    D: (D(b) - 1)^2 / 2 + D(G(a))^2 / 2
    G, H: (D(G(a)) - 1)^2 + contrast C(G(a), a) + identity C(G(b), b)

    C(y, x) is the mean of `PatchContrast` over hidden layers of G's first half: a layer's output at a place of y is
    compared with its outputs at this and at other places of x, both after the layer's head in H. The data has the parts
    `a` and `b`, as `keras_gan.data.unpaired` gives them; the value is `fake_b`. H is used in training only.
    `compile` defaults to this objective and Adam(2e-4, beta_1=0.5), as the paper does; its rate falls to 0 in the
    second half of training.

    FastCUT of the same paper is `CUT(..., contrast=10, identity=0)`; its code also flips pictures at random. The
    authors' code halves both contrasts of CUT, and takes the same places in all pictures of a batch; here each picture
    has its own.

    Args:
        generator: examples of `a` -> examples of `b`, functional.
        discriminator: Judges examples of `b`: one score each, or a map of patches.
        heads: H, as `networks.patch_heads(generator, ...)` makes it: its outputs name the hidden layers to compare.
        contrast: The weight of the contrast of translations with their sources. Defaults to 1.
        identity: The weight of the contrast of examples of `b` with their translations, which prevents needless
            changes. Defaults to 1.
        temperature: The temperature of `PatchContrast`, above 0. Defaults to 0.07.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of a moving average of the generator, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import data, networks
    >>> generator = networks.resnet_translator((8, 8, 1), width=2, blocks=1)
    >>> discriminator = networks.patch_discriminator((8, 8, 1), width=2)
    >>> heads = networks.patch_heads(generator, ["hidden_2", "hidden_4"], patches=4, units=8)
    >>> game = CUT(generator, discriminator, heads, seed=0)
    >>> game.compile()
    >>> a = np.random.default_rng(0).uniform(-1, 1, (16, 8, 8, 1)).astype("float32")
    >>> history = game.fit(data.unpaired(a=a, b=-a, batch_size=8), verbose=0)
    >>> game.make("fake_b", a=a[:3]).shape
    (3, 8, 8, 1)

    Reference: [Park et al., 2020](https://arxiv.org/abs/2007.15651), equations 1 to 5 and section 4.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        heads: keras.Model,
        *,
        contrast: float = 1.0,
        identity: float = 1.0,
        temperature: float = 0.07,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        contrast, identity = check_number("contrast", contrast, 0), check_number("identity", identity, 0)
        layers = list(heads.output)
        values, terms = {"fake_b": "generator(a)"}, contrast * _compare("a", "fake_b", layers, temperature)
        values |= _features("a", layers) | _features("fake_b", layers)
        if identity:
            values |= {"same_b": "generator(b)"} | _features("b", layers) | _features("same_b", layers)
            terms += identity * _compare("b", "same_b", layers, temperature)
        super().__init__(
            players={
                "generator": generator,
                "discriminator": discriminator,
                "heads": heads,
                "encoder": hidden_layers(generator, layers),
            },
            draws={"places": Uniform(heads.inputs[-1].shape[-1], 0.0, 1.0)},
            values=values,
            matches=Match("discriminator", "b", "fake_b"),
            sides={"discriminator": "discriminator", "generator": ["generator", "heads"]},
            objective=Players(discriminator=LeastSquares(), generator=2 * LeastSquares()) + terms,
            seed=seed,
            ema=None if ema is None else {"generator": ema},
            name=name,
        )
        self.contrast, self.identity, self.temperature, self.ema = contrast, identity, temperature, ema

    @property
    def tasks(self) -> dict[str, str]:
        """The task `translate_ab`."""
        return {"translate_ab": "fake_b"}


def _features(name, layers):
    """Returns the values of a picture's hidden layers, and of the heads' outputs at some of their places."""
    inside = f"{name}_inside"
    return {inside: f"encoder({name})", f"{name}_seen": ("heads", *(f"{inside}.{x}" for x in layers), "places")}


def _compare(given, made, layers, temperature):
    """Returns the mean over layers of the contrast of translations with their sources."""
    terms = [PatchContrast(f"{made}_seen.{x}", f"{given}_seen.{x}", temperature) for x in layers]
    return (1 / len(layers)) * sum(terms)
