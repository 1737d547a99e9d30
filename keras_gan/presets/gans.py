"""The recipes of `GAN`: models of papers, given by networks, an objective, optimizers and steps.

Widths are those for a small machine, a half or a quarter of the papers'.
"""

import functools

import keras_gan
from keras_gan.presets.growth import Growth
from keras_gan.presets.optimizers import adam, rmsprop
from keras_gan.presets.pictures import Examples
from keras_gan.presets.preset import Preset
from keras_gan.presets.two_players import Autoencoder, Classifier, SelfAttentive, TwoPlayers

MAPS = {"dcgan": 32, "mlp": 256, "resnet": 64}
CODES = {"categorical": (10,), "continuous": 2}  # InfoGAN's codes: the digit, and its style


def _uniform(dim):
    return keras_gan.latents.Uniform(dim)


def _codes(dim):
    return keras_gan.latents.Codes(dim, **CODES)


def _clipped():
    return {"discriminator_constraint": keras_gan.constraints.ClipWeights(0.01)}


_gan = functools.partial(Preset, networks=MAPS, parts=Examples("optional"), ema=0.0, augmentation="auto")

PRESETS = (
    Preset(
        name="gan",
        title="GAN",
        paper="2501.05441",
        make=TwoPlayers(mapping=2),
        networks={"dcgan": 32, "mlp": 256, "resnet": 64},
        # beta_1 = 0: a game has no common minimum that momentum would lead to
        optimizer=adam(2e-3, beta_1=0.0, beta_2=0.99, falls=True),
        reuse_fakes=True,
        parts=Examples("optional"),
        growth=Growth("relativistic_paired + {0} * r1 + {0} * r2", penalty=5, side=64),
        augmentation="auto",
        milliseconds=131,
        deviations="The loss and penalties of R3GAN, on the networks of DCGAN.",
    ),
    _gan(
        name="dcgan",
        title="DCGAN",
        paper="1511.06434",
        make=TwoPlayers("batch", hidden=0, latents=_uniform),
        objective="non_saturating",
        optimizer=adam(2e-4, beta_1=0.5),
        latent_dim=100,
        batch_size=128,
        milliseconds=165,
    ),
    _gan(
        name="lsgan",
        title="LSGAN",
        paper="1611.04076",
        make=TwoPlayers("batch", hidden=0),
        objective="least_squares",
        optimizer=adam(2e-4, beta_1=0.5),
        latent_dim=100,
        deviations="The rate of written characters, 0.001 for scenes; 100 latent dimensions, not 1,024.",
        milliseconds=88,
    ),
    _gan(
        name="wgan",
        title="WGAN",
        paper="1701.07875",
        make=TwoPlayers("batch", hidden=0),
        objective="wasserstein",
        optimizer=rmsprop(5e-5, rho=0.99, epsilon=1e-16),
        discriminator_steps=5,
        compiled=_clipped,
        latent_dim=100,
        milliseconds=300,
    ),
    _gan(
        name="wgan_gp",
        title="WGAN-GP",
        paper="1704.00028",
        make=TwoPlayers(None, hidden=0),
        objective="wasserstein + 10 * gradient_penalty",
        optimizer=adam(1e-4, beta_1=0.0, beta_2=0.9),
        discriminator_steps=5,
        latent_dim=128,
        milliseconds=480,
    ),
    _gan(
        name="sngan",
        title="SNGAN",
        paper="1802.05957",
        make=TwoPlayers("spectral"),
        networks={"resnet": 64},
        objective="hinge",
        optimizer=adam(2e-4, beta_1=0.0, beta_2=0.9),
        discriminator_steps=5,
        latent_dim=128,
        milliseconds=4060,
    ),
    _gan(
        name="sagan",
        title="SAGAN",
        paper="1805.08318",
        make=SelfAttentive(),
        networks={"resnet": 64},
        objective="hinge",
        optimizer={
            "generator": adam(1e-4, beta_1=0.0, beta_2=0.9),
            "discriminator": adam(4e-4, beta_1=0.0, beta_2=0.9),
        },
        latent_dim=128,
        deviations="SNGAN's players, of one width; batches of 64, not 256.",
        milliseconds=1650,
    ),
    _gan(
        name="dragan",
        title="DRAGAN",
        paper="1705.07215",
        make=TwoPlayers(None, hidden=0),
        objective="non_saturating + 10 * dragan",
        optimizer=adam(2e-4, beta_1=0.5),
        latent_dim=100,
        milliseconds=131,
    ),
    _gan(
        name="bgan",
        title="BGAN",
        paper="1702.08431",
        make=TwoPlayers("batch", hidden=0),
        objective="boundary_seeking",
        optimizer=adam(1e-4, beta_1=0.5),
        latent_dim=128,
        deviations="The loss of continuous data.",
        milliseconds=92,
    ),
    _gan(
        name="infogan",
        title="InfoGAN",
        paper="1606.03657",
        make=TwoPlayers("batch", latents=_codes, head=("code", lambda plan: 10 + 2 * 2)),
        parts=Examples(),
        objective="non_saturating + mutual_information(categorical=(10,), continuous=2)",
        optimizer={"generator": adam(1e-3, beta_1=0.5), "discriminator": adam(2e-4, beta_1=0.5)},
        latent_dim=62,
        batch_size=128,
        deviations="Continuous codes weigh 0.1.",
        milliseconds=195,
    ),
    _gan(
        name="cgan",
        title="CGAN",
        paper="1411.1784",
        make=TwoPlayers(None),
        parts=Examples("required"),
        objective="non_saturating",
        optimizer=adam(2e-4, beta_1=0.5),
        latent_dim=100,
        deviations="DCGAN's players and optimizer, not dense maxout players and momentum; labels enter by projection.",
        milliseconds=95,
    ),
    _gan(
        name="acgan",
        title="ACGAN",
        paper="1610.09585",
        make=TwoPlayers(
            "batch", hidden=0, dropout=0.5, head=("class_logits", lambda plan: plan.classes), labelled=False
        ),
        parts=Examples("required"),
        objective="non_saturating + auxiliary_classifier",
        optimizer=adam(2e-4, beta_1=0.5),
        latent_dim=100,
        batch_size=100,
        milliseconds=188,
    ),
    _gan(
        name="sgan",
        title="SGAN",
        paper="1606.03498",
        make=Classifier(None),
        parts=Examples("required", few=True),
        objective="players(discriminator=semi_supervised, generator=feature_matching)",
        augmentation="none",  # the discriminator has classes to recognize, too
        optimizer=adam(3e-4, beta_1=0.5),
        latent_dim=100,
        deviations="DCGAN's players, without the paper's noise and weight normalization.",
        milliseconds=98,
    ),
    _gan(
        name="ebgan",
        title="EBGAN",
        paper="1609.03126",
        make=Autoencoder(),
        parts=Examples(),
        objective="energy_margin(margin=1) + 0.1 * pulling_away",
        augmentation="none",  # an energy is low on real pictures
        optimizer=adam(1e-3, beta_1=0.5),
        latent_dim=100,
        deviations="A dense autoencoder, whose error is a mean over pixels: hence a margin of 1.",
        milliseconds=60,
    ),
    _gan(
        name="began",
        title="BEGAN",
        paper="1703.10717",
        make=Autoencoder(norm=1),
        parts=Examples(),
        objective="boundary_equilibrium(gamma=0.5, rate=0.001)",
        augmentation="none",  # an energy is low on real pictures
        optimizer=adam(1e-4, beta_1=0.9),
        deviations="A dense autoencoder and DCGAN's generator.",
        milliseconds=64,
    ),
)
