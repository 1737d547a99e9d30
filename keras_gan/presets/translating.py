"""Families that translate pictures into other pictures."""

import functools
import math

import keras_gan
from keras_gan.presets.optimizers import adam, rmsprop
from keras_gan.presets.pictures import Domains, Pairs
from keras_gan.presets.preset import Plan, Preset

TRANSLATORS = {"resnet": 32, "unet": 32}
FIFTH = 128  # pixels per side, from which on a translator has five and more residual blocks


def _translator(plan: Plan, inputs: str, outputs: str, name: str):
    """Returns the network that makes pictures like those of one part from those of another."""
    make = {"unet": keras_gan.networks.unet_generator, "resnet": keras_gan.networks.resnet_translator}[plan.network]
    return make(plan.shapes[inputs], plan.shapes[outputs][-1], width=plan.width, name=name)


def _judge(plan: Plan, part: str, name: str):
    return keras_gan.networks.patch_discriminator(plan.shapes[part], width=plan.width, name=name)


def _pix2pix(plan: Plan):
    both = [plan.shapes["a"], plan.shapes["b"]]
    judge = keras_gan.networks.patch_discriminator(both, inputs=2, width=plan.width)
    return keras_gan.models.Pix2Pix(_translator(plan, "a", "b", "generator"), judge, **plan.options)


def _two_way(model: str, plan: Plan, **options):
    """Returns two translators and two judges."""
    makers = _translator(plan, "a", "b", "g_ab"), _translator(plan, "b", "a", "g_ba")
    judges = (_judge(plan, each, f"d_{each}") for each in "ab")
    return getattr(keras_gan.models, model)(*makers, *judges, **options, **plan.options)


def _dual_gan(plan: Plan):
    # a critic's gradient has the norm 1 for all sizes of pictures, that of a mean distance falls with the size
    sizes = [math.prod(plan.shapes[each]) for each in "ab"]
    return _two_way("DualGAN", plan, reconstruction=round(500 * math.sqrt(max(sizes) / (256 * 256 * 3)), 1))


def _cut(plan: Plan):
    generator, judge = _translator(plan, "a", "b", "generator"), _judge(plan, "b", "discriminator")
    hidden = ["inputs", "hidden_2", "hidden_3", "hidden_4"]
    if min(plan.shapes["a"][:2]) >= FIFTH:
        hidden.append("hidden_8")
    heads = keras_gan.networks.patch_heads(generator, hidden, units=8 * plan.width)
    return keras_gan.models.CUT(generator, judge, heads, **plan.options)


_domains = functools.partial(Preset, networks=TRANSLATORS, parts=Domains())

PRESETS = (
    Preset(
        name="pix2pix",
        title="Pix2Pix",
        paper="1611.07004",
        make=_pix2pix,
        networks=dict(reversed(TRANSLATORS.items())),
        optimizer=adam(2e-4, beta_1=0.5, falls=True),
        parts=Pairs(),
        milliseconds=320,
    ),
    _domains(
        name="cycle_gan",
        title="CycleGAN",
        paper="1703.10593",
        make=functools.partial(_two_way, "CycleGAN"),
        optimizer=adam(2e-4, beta_1=0.5, falls=True),
        milliseconds=2150,
    ),
    _domains(
        name="disco_gan",
        title="DiscoGAN",
        paper="1703.05192",
        make=functools.partial(_two_way, "DiscoGAN"),
        optimizer=adam(2e-4, beta_1=0.5),
        deviations="The networks of CycleGAN.",
        milliseconds=2150,
    ),
    _domains(
        name="dual_gan",
        title="DualGAN",
        paper="1704.02510",
        make=_dual_gan,
        optimizer=rmsprop(5e-5),
        deviations="The networks of CycleGAN; a penalty on the gradient, not clipping, as in the authors' code; the "
        "reconstruction weighs 500 in pictures of 256 x 256 x 3 numbers, and less in smaller ones.",
        milliseconds=2330,
    ),
    _domains(
        name="cut",
        title="CUT",
        paper="2007.15651",
        make=_cut,
        networks={"resnet": 32},
        optimizer=adam(2e-4, beta_1=0.5, falls=True),
        milliseconds=2530,
    ),
)
