"""Families that restore pictures that are too small, or have a part missing."""

import keras_gan
from keras_gan.presets.optimizers import adam
from keras_gan.presets.pictures import Enlarged, PartlyLabelled
from keras_gan.presets.preset import Plan, Preset
from keras_gan.presets.two_players import last_hidden

ENLARGED = Enlarged(factor=2)
ADVERSARIAL = 1e-3  # the weight of SRGAN's adversarial loss


def _srgan(plan: Plan):
    height, width, channels = plan.shapes["high"]
    if height % ENLARGED.factor or width % ENLARGED.factor:
        raise ValueError(
            f"Pictures must have sides that are multiples of {ENLARGED.factor}. Received: {height} x {width} pixels"
        )
    low = (height // ENLARGED.factor, width // ENLARGED.factor, channels)
    generator = keras_gan.networks.srresnet(low, ENLARGED.factor, width=plan.width, blocks=4)
    judge = keras_gan.networks.srgan_discriminator((height, width, channels), width=plan.width, hidden=8 * plan.width)
    return keras_gan.models.SRGAN(generator, judge, **plan.options)


def _srgan_objective(plan: Plan):
    """Returns an objective of two phases: in the first half the error alone, without the judge, then the game."""
    import keras  # here, as the command line lists presets without TensorFlow

    objectives = keras_gan.objectives
    game = objectives.Players(
        discriminator=objectives.NonSaturating(), generator=ADVERSARIAL * objectives.NonSaturating()
    )
    begins = keras.optimizers.schedules.PiecewiseConstantDecay([plan.steps // 2], [0.0, 1.0])
    return keras_gan.models.SRGAN.pretraining() + begins * game


def _context_encoder(plan: Plan):
    height, width, channels = shape = plan.shapes["real"]
    hole = (height // 2, width // 2, channels)
    generator = keras_gan.networks.encoder_decoder(shape, hole, width=plan.width, bottleneck=8 * plan.width)
    judge = keras_gan.networks.srgan_discriminator(hole, width=plan.width, hidden=8 * plan.width)
    return keras_gan.models.ContextEncoder(generator, judge, **plan.options)


def _ccgan(plan: Plan):
    shape = plan.shapes["real"]
    generator = keras_gan.networks.unet_generator(shape, width=plan.width, dropout=0.0)
    judge = keras_gan.networks.dcgan_discriminator(shape, filters=plan.width, dropout=0.3)
    if plan.labels is None:
        return keras_gan.models.CCGAN(generator, judge, classes=0, **plan.options)
    judge = keras_gan.networks.with_head(judge, last_hidden(judge), plan.classes, "class_logits")
    return keras_gan.models.CCGAN(generator, judge, **plan.options)


PRESETS = (
    Preset(
        name="srgan",
        title="SRGAN",
        paper="1609.04802",
        make=_srgan,
        networks={"srresnet": 32},
        optimizer=adam(1e-4, beta_1=0.9, falls=True),
        parts=ENLARGED,
        objective=_srgan_objective,
        batch_size=16,
        deviations="Twice as large, not four times, by 4 blocks; the game begins half-way; pixels are compared.",
        milliseconds=134,
    ),
    Preset(
        name="context_encoder",
        title="Context Encoder",
        paper="1604.07379",
        make=_context_encoder,
        networks={"conv": 32},
        optimizer={
            "generator": adam(2e-3, beta_1=0.5, falls=True),
            "discriminator": adam(2e-4, beta_1=0.5, falls=True),
        },
        deviations="The judge is SRGAN's; the hole, of half of each side, does not overlap with what is seen.",
        milliseconds=120,
    ),
    Preset(
        name="ccgan",
        title="CCGAN",
        paper="1611.06430",
        make=_ccgan,
        networks={"unet": 32},
        optimizer=adam(2e-4, beta_1=0.5, falls=True),
        parts=PartlyLabelled("optional", few=True),
        deviations="Without labels blocks are filled in, and no classifier is taught.",
        milliseconds=236,
    ),
)
