"""Builders of generators and discriminators: ordinary functional Keras models.

Their hidden layers are named in the order of the input: `"hidden_1"` is the first layer's output after its activation,
or the first block's in a residual player. `with_features` and `with_head` take these names.
"""

from keras_gan.networks.autoencoder import autoencoder_discriminator, encoder_decoder
from keras_gan.networks.biggan import biggan_discriminator, biggan_generator
from keras_gan.networks.codes import mlp_encoder, mlp_pair_discriminator
from keras_gan.networks.coupled import coupled_discriminators, coupled_generators
from keras_gan.networks.dcgan import dcgan_discriminator, dcgan_encoder, dcgan_generator
from keras_gan.networks.fastgan import fastgan_discriminator, fastgan_generator
from keras_gan.networks.features import hidden_layers, with_features, with_head
from keras_gan.networks.heads import patch_heads
from keras_gan.networks.mlp import mlp_discriminator, mlp_generator
from keras_gan.networks.patches import patch_discriminator
from keras_gan.networks.r3gan import r3gan_discriminator, r3gan_generator
from keras_gan.networks.resnet import resnet_discriminator, resnet_generator
from keras_gan.networks.restoration import srgan_discriminator, srresnet
from keras_gan.networks.rows import row_decoder, row_discriminator, row_generator
from keras_gan.networks.series import (
    conv1d_discriminator,
    conv1d_generator,
    recurrent_discriminator,
    recurrent_generator,
)
from keras_gan.networks.stylegan2 import stylegan2_discriminator, stylegan2_mapping, stylegan2_synthesis
from keras_gan.networks.translation import resnet_translator, unet_generator

__all__ = [
    "autoencoder_discriminator",
    "biggan_discriminator",
    "biggan_generator",
    "conv1d_discriminator",
    "conv1d_generator",
    "coupled_discriminators",
    "coupled_generators",
    "dcgan_discriminator",
    "dcgan_encoder",
    "dcgan_generator",
    "encoder_decoder",
    "fastgan_discriminator",
    "fastgan_generator",
    "hidden_layers",
    "mlp_discriminator",
    "mlp_encoder",
    "mlp_generator",
    "mlp_pair_discriminator",
    "patch_discriminator",
    "patch_heads",
    "r3gan_discriminator",
    "r3gan_generator",
    "recurrent_discriminator",
    "recurrent_generator",
    "resnet_discriminator",
    "resnet_generator",
    "resnet_translator",
    "row_decoder",
    "row_discriminator",
    "row_generator",
    "srgan_discriminator",
    "srresnet",
    "stylegan2_discriminator",
    "stylegan2_mapping",
    "stylegan2_synthesis",
    "unet_generator",
    "with_features",
    "with_head",
]
