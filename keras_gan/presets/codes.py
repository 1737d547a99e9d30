"""Families that find codes of examples: autoencoders with a prior, and a generator's inverse."""

import keras_gan
from keras_gan.presets.optimizers import adam, rmsprop
from keras_gan.presets.pictures import Examples
from keras_gan.presets.preset import Plan, Preset
from keras_gan.presets.two_players import last_hidden

WIDE = {"mlp": 512}  # the hidden layers of dense players


def _vae(plan: Plan):
    hidden, shape = (plan.width, plan.width), plan.shapes["real"]
    encoder = keras_gan.networks.mlp_encoder(shape, 2 * plan.latent_dim, hidden=hidden)
    decoder = keras_gan.networks.mlp_generator(plan.latent_dim, shape, hidden=hidden, name="decoder")
    return keras_gan.models.VAE(encoder, decoder, plan.latent_dim, **plan.options)


def _bigan(plan: Plan):
    networks, hidden = keras_gan.networks, (plan.width, plan.width)
    shape, dim = plan.shapes["real"], plan.latent_dim
    generator = networks.mlp_generator(dim, shape, hidden=hidden, normalization="batch", output_activation="tanh")
    encoder = networks.mlp_encoder(shape, dim, hidden=hidden, normalization="batch")
    judge = networks.mlp_pair_discriminator(shape, dim, hidden=hidden)
    judge = networks.with_features(judge, last_hidden(judge))  # which anomaly scores compare
    return keras_gan.models.BiGAN(generator, encoder, judge, dim, **plan.options)


def _vae_gan(plan: Plan):
    networks, shape, dim = keras_gan.networks, plan.shapes["real"], plan.latent_dim
    if plan.network == "mlp":
        hidden = (plan.width, plan.width)
        encoder = networks.mlp_encoder(shape, 2 * dim, hidden=hidden)
        decoder = networks.mlp_generator(dim, shape, hidden=hidden, output_activation="tanh", name="decoder")
        judge = networks.mlp_discriminator(shape, hidden=hidden)
    else:
        encoder = networks.dcgan_encoder(shape, 2 * dim, filters=plan.width)
        decoder = networks.dcgan_generator(dim, shape, filters=plan.width, name="decoder")
        judge = networks.dcgan_discriminator(shape, filters=plan.width, normalization="layer")
    return keras_gan.models.VAEGAN(encoder, decoder, judge, dim, last_hidden(judge), **plan.options)


def _aae(plan: Plan):
    networks, hidden = keras_gan.networks, (plan.width, plan.width)
    shape, dim = plan.shapes["real"], plan.latent_dim
    encoder = networks.mlp_encoder(shape, dim, hidden=hidden)
    decoder = networks.mlp_generator(dim, shape, hidden=hidden, output_activation="tanh", name="decoder")
    return keras_gan.models.AAE(encoder, decoder, _judge_of_codes(plan, dim), dim, **plan.options)


def _semi_supervised_aae(plan: Plan):
    networks, hidden = keras_gan.networks, (plan.width, plan.width)
    shape, dim, classes = plan.shapes["real"], plan.latent_dim, plan.classes
    encoder = networks.mlp_encoder(shape, dim, hidden=hidden)
    encoder = networks.with_head(encoder, last_hidden(encoder), classes, "class_logits")
    decoder = networks.mlp_generator(dim + classes, shape, hidden=hidden, output_activation="tanh", name="decoder")
    judges = _judge_of_codes(plan, dim), _judge_of_codes(plan, classes)
    return keras_gan.models.SemiSupervisedAAE(encoder, decoder, *judges, dim, classes, **plan.options)


def _judge_of_codes(plan: Plan, dim: int):
    width = max(1, plan.width // 2)
    return keras_gan.networks.mlp_discriminator((dim,), hidden=(width, width))


AGAINST_CODES = {"discriminator": adam(2e-4, beta_1=0.5, falls=True), "generator": adam(2e-4, beta_1=0.5, falls=True)}

PRESETS = (
    Preset(
        name="vae",
        title="VAE",
        paper="1312.6114",
        make=_vae,
        networks=WIDE,
        optimizer=adam(1e-3, beta_1=0.9, falls=True),
        parts=Examples(value_range=(0.0, 1.0)),
        judged=False,
        milliseconds=28,
    ),
    Preset(
        name="bigan",
        title="BiGAN",
        paper="1605.09782",
        make=_bigan,
        networks=WIDE,
        optimizer=adam(2e-4, beta_1=0.5, falls=True),
        milliseconds=59,
    ),
    Preset(
        name="vae_gan",
        title="VAE-GAN",
        paper="1512.09300",
        make=_vae_gan,
        networks={"dcgan": 16, **WIDE},
        optimizer=rmsprop(3e-4),
        latent_dim=20,
        deviations="The decoder's adversarial loss is the non-saturating one.",
        milliseconds=124,
    ),
    Preset(
        name="aae",
        title="AAE",
        paper="1511.05644",
        make=_aae,
        networks=WIDE,
        optimizer={"reconstruction": adam(1e-3, beta_1=0.9, falls=True), **AGAINST_CODES},
        latent_dim=8,
        deviations="Adam in place of stochastic gradient descent with momentum.",
        milliseconds=41,
    ),
    Preset(
        name="semi_supervised_aae",
        title="semi-supervised AAE",
        paper="1511.05644",
        make=_semi_supervised_aae,
        networks=WIDE,
        optimizer={
            **dict.fromkeys(("reconstruction", "classification"), adam(1e-3, beta_1=0.9, falls=True)),
            **AGAINST_CODES,
        },
        parts=Examples("required", few=True),
        latent_dim=10,
        deviations="Adam in place of stochastic gradient descent with momentum.",
        milliseconds=52,
    ),
)
