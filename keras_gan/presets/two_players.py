"""The players of a GAN, with the differences between the recipes of papers."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import keras_gan
from keras_gan.presets.preset import Plan

if TYPE_CHECKING:
    import keras

    from keras_gan.game import GAN
    from keras_gan.latents import Latents


@dataclasses.dataclass(frozen=True)
class TwoPlayers:
    """Makes a GAN from a plan. Its generator has batch normalization and ends in a tanh.

    Attributes:
        normalization: The normalization of the discriminator's hidden maps: `"batch"`, `"layer"` or None; for residual
            players `"spectral"`, of the weights. Dense discriminators have none.
        hidden: The width of a dense layer before the score of a convolutional discriminator; 0 omits it.
        mapping: Number of dense layers, of 8 times the width, before the smallest map of DCGAN's generator. They are
            omitted if the generator takes labels, which separate kinds of pictures already.
        dropout: The share of the discriminator's features that is dropped while training.
        latents: Function from the number of latent dimensions to their prior. Defaults to a standard normal.
        head: The name of a part beside the discriminator's score, such as `"code"`, and a function of the plan that
            gives its width.
        labelled: Whether the discriminator takes the labels, by projection.
    """

    normalization: str | None = None
    hidden: int = 128
    mapping: int = 0
    dropout: float = 0.0
    latents: "Callable[[int], Latents]" = int
    head: tuple[str, Callable[[Plan], int]] | None = None
    labelled: bool = True

    def __call__(self, plan: Plan) -> "GAN":
        """Returns the GAN, not compiled."""
        prior = self.latents(plan.latent_dim)
        generator = self.generator(plan, getattr(prior, "dim", prior))
        discriminator = self.discriminator(plan, plan.classes if self.labelled else None)
        if self.head is not None:
            key, units = self.head
            discriminator = keras_gan.networks.with_head(discriminator, last_hidden(discriminator), units(plan), key)
        return keras_gan.GAN(generator, discriminator, prior, labels=plan.labels, **plan.options)

    def generator(self, plan: Plan, latents: int) -> "keras.Model":
        """Returns the generator of a number of latent dimensions."""
        shape, classes = plan.shapes["real"], plan.classes
        if plan.network == "mlp":
            return keras_gan.networks.mlp_generator(
                latents,
                shape,
                hidden=(plan.width, plan.width),
                normalization="batch",
                output_activation="tanh",
                labels=classes,
            )
        options = {"filters": plan.width, "labels": classes}
        if plan.network == "resnet":
            return keras_gan.networks.resnet_generator(latents, shape, **options)
        hidden = (8 * plan.width,) * self.mapping if classes is None else ()
        return keras_gan.networks.dcgan_generator(latents, shape, hidden=hidden, **options)

    def discriminator(self, plan: Plan, classes: int | None) -> "keras.Model":
        """Returns the discriminator, which takes labels of `classes` classes, or none."""
        networks, shape, options = keras_gan.networks, plan.shapes["real"], self._options(plan.network)
        if plan.network == "mlp":
            return networks.mlp_discriminator(shape, hidden=(plan.width, plan.width), labels=classes, **options)
        make = {"dcgan": networks.dcgan_discriminator, "resnet": networks.resnet_discriminator}
        return make[plan.network](shape, filters=plan.width, labels=classes, **options)

    def _options(self, network) -> Mapping[str, Any]:
        """Returns the arguments in which this recipe's discriminator differs from the network's defaults."""
        if network == "mlp":
            return {"dropout": self.dropout}
        if network == "resnet":
            return {"spectral_normalization": self.normalization == "spectral"}
        return {"normalization": self.normalization, "hidden": self.hidden, "dropout": self.dropout}


@dataclasses.dataclass(frozen=True)
class SelfAttentive(TwoPlayers):
    """Makes a GAN of SAGAN's residual players: both have self-attention at one map, and all weights are normalised."""

    def generator(self, plan, latents):
        """Returns the generator of a number of latent dimensions."""
        options = {"filters": plan.width, "labels": plan.classes, "spectral_normalization": True, "attention": True}
        return keras_gan.networks.resnet_generator(latents, plan.shapes["real"], **options)

    def _options(self, network):
        return {"spectral_normalization": True, "attention": True}


@dataclasses.dataclass(frozen=True)
class Classifier(TwoPlayers):
    """Makes a GAN whose discriminator gives a logit per class, and the hidden layer before as `"features"`.

    The generator takes no labels.
    """

    def __call__(self, plan):
        import keras  # here, as the command line lists presets without TensorFlow

        generator = self.generator(dataclasses.replace(plan, labels=None), plan.latent_dim)
        judge = self.discriminator(plan, None)
        features = keras.layers.Flatten(name="features")(judge.get_layer(last_hidden(judge)).output)
        logits = keras.layers.Dense(plan.classes, dtype="float32", name="classes")(features)
        judge = keras.Model(judge.inputs[0], {"output": logits, "features": features}, name=judge.name)
        return keras_gan.GAN(generator, judge, plan.latent_dim, **plan.options)


@dataclasses.dataclass(frozen=True)
class Autoencoder(TwoPlayers):
    """Makes a GAN whose discriminator is a dense autoencoder, and outputs its reconstruction error.

    Attributes:
        norm: The power of the error: 2 for EBGAN, 1 for BEGAN.
    """

    norm: int = 2

    def discriminator(self, plan, classes):
        """Returns the autoencoder, of one hidden layer and a code of a quarter of its width, at least 4."""
        width = plan.width if plan.network == "mlp" else 8 * plan.width
        return keras_gan.networks.autoencoder_discriminator(
            plan.shapes["real"], code=max(4, width // 4), hidden=(width,), norm=self.norm
        )


def last_hidden(model: "keras.Model") -> str:
    """Returns the name of a player's last hidden layer."""
    return [layer.name for layer in model.layers if layer.name.startswith("hidden_")][-1]
