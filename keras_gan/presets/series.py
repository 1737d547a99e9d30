"""Families that make windows of a series."""

import keras_gan
from keras_gan.presets.optimizers import adam
from keras_gan.presets.preset import Plan, Preset
from keras_gan.presets.windows import Windows

DENSE, CONVOLUTIONAL, RECURRENT = {"mlp": 256}, {"conv1d": 16}, {"recurrent": 24}


def _series(plan: Plan, latents=None):
    networks, schema = keras_gan.networks, plan.shapes["real"]
    make = {
        "mlp": (networks.mlp_generator, networks.mlp_discriminator, {"hidden": (plan.width, plan.width)}),
        "conv1d": (networks.conv1d_generator, networks.conv1d_discriminator, {"width": plan.width}),
        "recurrent": (networks.recurrent_generator, networks.recurrent_discriminator, {"units": plan.width}),
    }
    generator, discriminator, options = make[plan.network]
    options["labels"] = plan.classes
    activation = "tanh" if schema.changes is None else None
    made = generator(plan.latent_dim, schema.shape, **options, output_activation=activation)
    judge = discriminator(schema.shape, **options)
    latents = plan.latent_dim if latents is None else latents
    return keras_gan.models.SeriesGAN(made, judge, schema, latents, labels=plan.labels, **plan.options)


def _wavegan(plan: Plan):
    return _series(plan, keras_gan.latents.Uniform(plan.latent_dim))


PRESETS = (
    Preset(
        name="series",
        title="Series GAN",
        paper="2501.05441",
        make=_series,
        networks=DENSE | CONVOLUTIONAL | RECURRENT,
        objective="relativistic_paired + r1 + r2",
        optimizer=adam(1e-3, beta_1=0.0, beta_2=0.99, falls=True),
        parts=Windows(changes=True),
        latent_dim=32,
        batch_size=128,
        updates=10_000,
        milliseconds=8,
        deviations="The loss and penalties of R3GAN, on dense players.",
    ),
    Preset(
        name="wavegan",
        title="WaveGAN",
        paper="1802.04208",
        make=_wavegan,
        networks=CONVOLUTIONAL | RECURRENT | DENSE,
        objective="wasserstein + 10 * gradient_penalty",
        optimizer=adam(1e-4, beta_1=0.5, beta_2=0.9),
        discriminator_steps=5,
        parts=Windows(),
        latent_dim=100,
        milliseconds=87,
        deviations="A fourth of the paper's width. A moving average of the generator makes the windows.",
    ),
    Preset(
        name="rcgan",
        title="RCGAN",
        paper="1706.02633",
        make=_series,
        networks=RECURRENT | CONVOLUTIONAL | DENSE,
        objective="non_saturating",
        optimizer={"generator": adam(1e-3, beta_1=0.5), "discriminator": adam(1e-3, beta_1=0.5)},
        parts=Windows(),
        latent_dim=32,
        milliseconds=53,
        deviations=(
            "Gated units, whose latents become a vector for each moment, and Adam, not LSTM cells that are fed noise; "
            "labels enter the discriminator by projection."
        ),
    ),
)
