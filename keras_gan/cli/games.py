"""The models that `keras-gan train --model=` knows beside the GAN: their data, their players, what is exported."""

import keras
import tensorflow as tf

from keras_gan import data, networks
from keras_gan.cli.config import TrainConfig
from keras_gan.data.derived import get as get_derived
from keras_gan.data.folder import read_folder
from keras_gan.game import Game
from keras_gan.models import VAE, BiGAN, CycleGAN, Pix2Pix

EXPORTED = {  # the values whose signatures a run exports, by the model
    "vae": ("fake", "decoded", "code.mean"),
    "bigan": ("fake", "code"),
    "pix2pix": ("fake_b",),
    "cycle_gan": ("fake_b", "fake_a"),
}
MOMENTUM = {"vae": 0.9, "bigan": 0.5, "pix2pix": 0.5, "cycle_gan": 0.5}  # Adam's beta_1, as in the papers

Parts = dict[str, data.Pictures | str]


def read(config: TrainConfig) -> Parts:
    """The pictures of a run, by the names of their parts; of one that is made from the other the name of the function.

    Raises:
        ValueError: If settings do not fit the model, there is no such data, or parts do not fit each other.
    """
    config.check_model()
    if config.model in ("gan", "vae", "bigan"):
        return {"real": data.read(config.dataset, config.split, config.image_size)}
    if config.pairs is not None:
        return _halves(config)
    is_made = config.model == "pix2pix" and get_derived(config.a) is not None
    a = config.a if is_made else data.read(config.a, config.split, config.image_size)
    parts = {"a": a, "b": data.read(config.b or config.dataset, config.split, config.image_size)}
    if not is_made and a.image_shape[:2] != parts["b"].image_shape[:2]:
        raise ValueError(
            "`image_size` must be given where the pictures of `a` and `b` differ in size. "
            f"Received: pictures of {_size(a)} and {_size(parts['b'])} pixels"
        )
    return parts


def _halves(config):
    """The left and the right half of joined pictures."""
    joined = read_folder(config.pairs.removeprefix("folder:"), config.image_size, joined=True).images
    half = joined.shape[2] // 2
    return {"a": data.Pictures(joined[:, :, :half]), "b": data.Pictures(joined[:, :, half : 2 * half])}


def _size(pictures):
    return " x ".join(map(str, pictures.image_shape[:2]))


def longest(parts: Parts) -> data.Pictures:
    """The pictures that an epoch goes through once."""
    return max((part for part in parts.values() if isinstance(part, data.Pictures)), key=lambda part: len(part.images))


def dataset(config: TrainConfig, parts: Parts) -> tf.data.Dataset:
    """The batches of a run."""
    if config.model == "cycle_gan":
        return data.unpaired(**parts, batch_size=config.batch_size, seed=config.seed)
    if config.model == "pix2pix":
        return data.paired(**parts, batch_size=config.batch_size, seed=config.seed)
    value_range = (0.0, 1.0) if config.model == "vae" else (-1.0, 1.0)
    options = {"labels": config.conditional, "seed": config.seed, "value_range": value_range}
    return parts["real"].dataset(config.batch_size, **options)


def build(config: TrainConfig, batches: tf.data.Dataset, steps: int) -> Game:
    """The compiled game of a configuration.

    Args:
        config: The configuration, resolved.
        batches: Its data.
        steps: The length of the run, for the learning rates.
    """
    keras.utils.set_random_seed(config.seed)
    spec = batches.element_spec
    parts = spec if isinstance(spec, dict) else {"real": spec}
    shapes = {name: tuple(each.shape[1:]) for name, each in parts.items()}
    make = {"vae": _vae, "bigan": _bigan, "pix2pix": _pix2pix, "cycle_gan": _cycle_gan}[config.model]
    game = make(config, shapes, {"seed": config.seed, "ema": config.ema or None, "name": config.name})
    rates = {"generator": config.generator_lr, "discriminator": config.discriminator_lr}
    lengths = {"generator": steps, "discriminator": steps * config.discriminator_steps}
    adams = {f"{side}_optimizer": _adam(config, rates[side], lengths[side]) for side in game.sides}
    game.compile(
        objective=config.objective,
        discriminator_steps=config.discriminator_steps,
        reuse_fakes=config.reuse_fakes,
        steps_per_execution="auto",
        **adams,
    )
    return game


def _adam(config, rate, steps):
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps), beta_1=MOMENTUM[config.model])


def _vae(config, shapes, options):
    hidden, shape = (config.width, config.width), shapes["real"]
    encoder = networks.mlp_encoder(shape, 2 * config.latent_dim, hidden=hidden)
    decoder = networks.mlp_generator(config.latent_dim, shape, hidden=hidden, name="decoder")
    return VAE(encoder, decoder, config.latent_dim, **options)


def _bigan(config, shapes, options):
    hidden, shape, dim = (config.width, config.width), shapes["real"], config.latent_dim
    generator = networks.mlp_generator(dim, shape, hidden=hidden, normalization="batch", output_activation="tanh")
    encoder = networks.mlp_encoder(shape, dim, hidden=hidden, normalization="batch")
    return BiGAN(generator, encoder, networks.mlp_pair_discriminator(shape, dim, hidden=hidden), dim, **options)


def _translator(config, inputs, outputs, name):
    make = {"unet": networks.unet_generator, "resnet": networks.resnet_translator}[config.network]
    return make(inputs, outputs[-1], width=config.width, name=name)


def _pix2pix(config, shapes, options):
    a, b = shapes["a"], shapes["b"]
    judge = networks.patch_discriminator([a, b], inputs=2, width=config.width)
    return Pix2Pix(_translator(config, a, b, "generator"), judge, **options)


def _cycle_gan(config, shapes, options):
    a, b = shapes["a"], shapes["b"]
    judges = [networks.patch_discriminator(shapes[each], width=config.width, name=f"d_{each}") for each in "ab"]
    return CycleGAN(_translator(config, a, b, "g_ab"), _translator(config, b, a, "g_ba"), *judges, **options)
