"""Families that make rows of a table."""

import keras_gan
from keras_gan.presets.optimizers import adam
from keras_gan.presets.preset import Plan, Preset
from keras_gan.presets.rows import Rows

PACKING = 10  # rows that CTGAN's discriminator judges together


def _ctgan(plan: Plan):
    networks, schema, hidden = keras_gan.networks, plan.shapes["real"], (plan.width, plan.width)
    options = {"condition": sum(schema.blocks[place] for place in schema.conditions), "hidden": hidden}
    generator = networks.row_generator(plan.latent_dim, schema.width, **options)
    discriminator = networks.row_discriminator(schema.width, packing=PACKING, **options)
    return keras_gan.models.CTGAN(generator, discriminator, schema, plan.latent_dim, packing=PACKING, **plan.options)


def _tvae(plan: Plan):
    networks, schema, hidden = keras_gan.networks, plan.shapes["real"], (plan.width, plan.width)
    encoder = networks.mlp_encoder((schema.width,), 2 * plan.latent_dim, hidden=hidden)
    decoder = networks.row_decoder(plan.latent_dim, schema.blocks, hidden=hidden)
    return keras_gan.models.TVAE(encoder, decoder, schema, plan.latent_dim, **plan.options)


UPDATES = 13_500  # 300 epochs, as in the paper, of 22,800 rows: 70 % of the adult census

PRESETS = (
    Preset(
        name="ctgan",
        title="CTGAN",
        paper="1907.00503",
        make=_ctgan,
        networks={"mlp": 256},
        optimizer=adam(2e-4, beta_1=0.5, beta_2=0.9),
        parts=Rows(conditioned=True, packing=PACKING),
        latent_dim=128,
        batch_size=500,
        updates=UPDATES,
        milliseconds=40,
        deviations="A moving average of the generator makes the rows.",
    ),
    Preset(
        name="tvae",
        title="TVAE",
        paper="1907.00503",
        make=_tvae,
        networks={"mlp": 128},
        optimizer=adam(1e-3, beta_1=0.9),
        parts=Rows(),
        judged=False,
        latent_dim=128,
        batch_size=500,
        updates=UPDATES,
        milliseconds=10,
        deviations="A moving average of both players makes the rows.",
    ),
)
