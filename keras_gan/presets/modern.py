"""Networks of recent papers, each with its own settings. Widths are those for a small machine."""

import math

import keras_gan
from keras_gan.presets.optimizers import adam
from keras_gan.presets.pictures import Examples
from keras_gan.presets.preset import Plan, Preset


def _r3gan(plan: Plan):
    networks, shape, options = keras_gan.networks, plan.shapes["real"], {"width": plan.width, "labels": plan.classes}
    generator = networks.r3gan_generator(plan.latent_dim, shape, **options)
    discriminator = networks.r3gan_discriminator(shape, **options)
    options = {"labels": plan.labels, "value_range": (-1.0, 1.0), **plan.options}
    return keras_gan.GAN(generator, discriminator, plan.latent_dim, **options)


def _r3gan_objective(plan: Plan):
    objectives, weight = keras_gan.objectives, keras_gan.schedules.Cosine(0.05, 0.005, plan.steps)
    return objectives.RelativisticPaired() + weight * (objectives.R1() + objectives.R2())


def _stylegan2(plan: Plan):
    networks, shape, dim = keras_gan.networks, plan.shapes["real"], plan.latent_dim
    mapping = networks.stylegan2_mapping(dim, width=dim, labels=plan.classes)
    synthesis = networks.stylegan2_synthesis(shape, style=dim, width=plan.width)
    discriminator = networks.stylegan2_discriminator(shape, width=plan.width, labels=plan.classes)
    gamma = 0.0002 * math.prod(shape[:2]) / STYLEGAN2_BATCH
    options = {"labels": plan.labels, "gamma": gamma, "augmentation": plan.augmentation, **plan.options}
    return keras_gan.models.StyleGAN2(mapping, synthesis, discriminator, dim, **options)


def _fastgan(plan: Plan):
    networks, shape = keras_gan.networks, plan.shapes["real"]
    generator = networks.fastgan_generator(plan.latent_dim, shape, width=plan.width)
    discriminator = networks.fastgan_discriminator(shape, width=plan.width)
    return keras_gan.GAN(generator, discriminator, plan.latent_dim, **plan.options)


def _biggan(plan: Plan):
    networks, shape, options = keras_gan.networks, plan.shapes["real"], {"width": plan.width, "labels": plan.classes}
    generator = networks.biggan_generator(plan.latent_dim, shape, **options)
    discriminator = networks.biggan_discriminator(shape, **options)
    return keras_gan.GAN(generator, discriminator, plan.latent_dim, labels=plan.labels, **plan.options)


STYLEGAN2_BATCH = 32

PRESETS = (
    Preset(
        name="r3gan",
        title="R3GAN",
        paper="2501.05441",
        make=_r3gan,
        networks={"r3gan": 32},
        optimizer=adam(2e-4, beta_1=0.0, beta_2=(0.9, 0.99), falls=True, rest=0.25),
        parts=Examples("optional"),
        objective=_r3gan_objective,
        augmentation="auto",
        deviations="The settings of CIFAR-10, but a width of 32 instead of 768, and an average of one decay.",
        milliseconds=1980,
    ),
    Preset(
        name="stylegan2",
        title="StyleGAN2",
        paper="1912.04958",
        make=_stylegan2,
        networks={"stylegan2": 32},
        optimizer=adam(2e-3, beta_1=0.0, beta_2=0.99),
        parts=Examples("optional"),
        latent_dim=128,
        batch_size=STYLEGAN2_BATCH,
        augmentation="auto",
        deviations="A width of 32 and styles of 128 numbers instead of 512; R1 as the authors' later code weighs it.",
        milliseconds=250,
    ),
    Preset(
        name="fastgan",
        title="FastGAN",
        paper="2101.04775",
        make=_fastgan,
        networks={"fastgan": 16},
        optimizer=adam(2e-4, beta_1=0.5),
        objective="hinge(smoothing=0.2) + reconstruction",
        augmentation="diffaugment",
        milliseconds=440,
        latent_dim=256,
        batch_size=8,
        deviations="A width of 16 instead of 64; pictures are restored by the mean absolute difference, not by LPIPS.",
    ),
    Preset(
        name="biggan",
        title="BigGAN",
        paper="1809.11096",
        make=_biggan,
        networks={"biggan": 16},
        optimizer=adam(2e-4, beta_1=0.0, beta_2=0.999),
        parts=Examples("required"),
        objective="hinge",
        discriminator_steps=4,
        latent_dim=128,
        batch_size=50,
        augmentation="auto",
        deviations="The settings of the authors' code for CIFAR-10, but a width of 16 instead of 64.",
        milliseconds=2700,
    ),
)
