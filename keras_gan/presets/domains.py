"""Families of several domains: pairs of examples of two, one generator for all, a classifier for one without labels."""

import dataclasses

import keras_gan
from keras_gan.presets.optimizers import adam
from keras_gan.presets.pictures import Domains, Examples
from keras_gan.presets.preset import Plan, Preset
from keras_gan.presets.two_players import last_hidden


class Labelled(Domains):
    """Labelled pictures `a`, the parts `source` and `labels`, and others without labels, the part `target`."""

    names = ("source", "target")
    labels = "required"

    def read(self, sources):
        parts = dict(zip(self.names, super().read(sources).values(), strict=True))
        if parts["source"].labels is None:
            raise ValueError(f"`a` must be labelled pictures. Received: a={sources.a!r}, which has no labels")
        most = max(pictures.image_shape[-1] for pictures in parts.values())
        return {name: _with_channels(pictures, most) for name, pictures in parts.items()}

    def batches(self, parts, batch_size, seed, labels, flip=False):
        source, target = parts.values()
        together = {"source": source, "labels": source.labels}
        return keras_gan.data.unpaired(together, target=target, batch_size=batch_size, seed=seed, flip=flip)

    def classes(self, parts):
        return Examples.classes(Examples(), {"real": parts["source"]})


def _with_channels(pictures, count):
    """Returns grey pictures with `count` equal channels, and other pictures unchanged."""
    if pictures.image_shape[-1] != 1 or count == 1:
        return pictures
    import numpy as np  # here, as the command line lists presets without it

    return dataclasses.replace(pictures, images=np.repeat(np.asarray(pictures.images), count, axis=-1))


def _cogan(plan: Plan):
    networks, shape = keras_gan.networks, plan.shapes["a"]
    if plan.shapes["b"] != shape:
        raise ValueError(f"`a` and `b` must have one shape for cogan. Received: {shape} and {plan.shapes['b']}")
    if plan.network == "mlp":
        hidden = (plan.width, plan.width)
        maker = networks.mlp_generator(plan.latent_dim, shape, hidden=hidden, output_activation="tanh")
        judge = networks.mlp_discriminator(shape, hidden=hidden)
    else:
        maker = networks.dcgan_generator(plan.latent_dim, shape, filters=plan.width)
        judge = networks.dcgan_discriminator(shape, filters=plan.width, dropout=0.3)
    pairs = *networks.coupled_generators(maker), *networks.coupled_discriminators(judge)
    return keras_gan.models.CoGAN(*pairs, plan.latent_dim, **plan.options)


def _star_gan(plan: Plan):
    networks, shape = keras_gan.networks, plan.shapes["real"]
    judge = networks.patch_discriminator(shape, width=plan.width, normalization=None)
    judge = networks.with_head(judge, last_hidden(judge), plan.classes, "class_logits")
    maker = networks.resnet_translator(shape, width=plan.width, classes=plan.classes)
    return keras_gan.models.StarGAN(maker, judge, plan.labels, **plan.options)


def _pixel_da(plan: Plan):
    networks, shape = keras_gan.networks, plan.shapes["target"]
    maker = networks.resnet_translator(
        shape, width=plan.width, halvings=0, blocks=3, latents=plan.latent_dim, normalization="batch"
    )
    judge = networks.dcgan_discriminator(shape, filters=plan.width, hidden=0, dropout=0.1)
    classifier = networks.dcgan_encoder(shape, plan.classes, filters=plan.width, normalization=None, name="classifier")
    latents = keras_gan.latents.Uniform(plan.latent_dim)
    return keras_gan.models.PixelDA(maker, judge, classifier, latents, **plan.options)


PRESETS = (
    Preset(
        name="cogan",
        title="CoGAN",
        paper="1606.07536",
        make=_cogan,
        networks={"dcgan": 32, "mlp": 128},
        optimizer=adam(2e-4, beta_1=0.5),
        parts=Domains(),
        milliseconds=255,
    ),
    Preset(
        name="pixel_da",
        title="PixelDA",
        paper="1612.05424",
        make=_pixel_da,
        networks={"resnet": 32},
        optimizer=adam(1e-3, beta_1=0.5, falls=True),
        parts=Labelled(),
        latent_dim=10,
        batch_size=32,
        deviations="The classifier has no first layers of its own for source pictures, and there are 3 blocks, not 6.",
        milliseconds=280,
    ),
    Preset(
        name="star_gan",
        title="StarGAN",
        paper="1711.09020",
        make=_star_gan,
        networks={"resnet": 32},
        optimizer=adam(1e-4, beta_1=0.5, falls=True),
        parts=Examples("required"),
        discriminator_steps=5,
        batch_size=16,
        milliseconds=522,
    ),
)
