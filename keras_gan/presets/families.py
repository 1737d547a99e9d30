"""The table of presets: a row for each family of games. To add one, write its row here, and a function for its players.

Rooms of the library are reached through `keras_gan`, which imports them when a game is made: listing presets needs no
TensorFlow.
"""

import functools

import keras_gan
from keras_gan.presets import codes, gans, restoring
from keras_gan.presets.optimizers import adam
from keras_gan.presets.parts import Domains, Pairs
from keras_gan.presets.preset import Plan, Preset

TRANSLATORS = {"unet": 32, "resnet": 32}


def _translator(plan: Plan, inputs: str, outputs: str, name: str):
    """The network that makes pictures like those of one part from those of another."""
    make = {"unet": keras_gan.networks.unet_generator, "resnet": keras_gan.networks.resnet_translator}[plan.network]
    return make(plan.shapes[inputs], plan.shapes[outputs][-1], width=plan.width, name=name)


def _pix2pix(plan: Plan):
    both = [plan.shapes["a"], plan.shapes["b"]]
    judge = keras_gan.networks.patch_discriminator(both, inputs=2, width=plan.width)
    return keras_gan.models.Pix2Pix(_translator(plan, "a", "b", "generator"), judge, **plan.options)


def _cycle_gan(plan: Plan):
    make = functools.partial(keras_gan.networks.patch_discriminator, width=plan.width)
    judges = [make(plan.shapes[each], name=f"d_{each}") for each in "ab"]
    makers = _translator(plan, "a", "b", "g_ab"), _translator(plan, "b", "a", "g_ba")
    return keras_gan.models.CycleGAN(*makers, *judges, **plan.options)


PRESETS = {
    preset.name: preset
    for preset in (
        *gans.PRESETS,
        *codes.PRESETS,
        *restoring.PRESETS,
        Preset(
            name="pix2pix",
            title="Pix2Pix",
            paper="1611.07004",
            make=_pix2pix,
            networks=TRANSLATORS,
            optimizer=adam(2e-4, beta_1=0.5, falls=True),
            parts=Pairs(),
        ),
        Preset(
            name="cycle_gan",
            title="CycleGAN",
            paper="1703.10593",
            make=_cycle_gan,
            networks=dict(reversed(TRANSLATORS.items())),
            optimizer=adam(2e-4, beta_1=0.5, falls=True),
            parts=Domains(),
        ),
    )
}
