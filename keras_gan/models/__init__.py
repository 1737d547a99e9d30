"""Models: games other than `GAN`, each defined by players, values, matches and an objective."""

from keras_gan.models.aae import AAE, SemiSupervisedAAE
from keras_gan.models.bigan import BiGAN
from keras_gan.models.ccgan import CCGAN
from keras_gan.models.cogan import CoGAN
from keras_gan.models.context_encoder import ContextEncoder
from keras_gan.models.ctgan import CTGAN
from keras_gan.models.cut import CUT
from keras_gan.models.cycle_gan import CycleGAN
from keras_gan.models.disco_gan import DiscoGAN
from keras_gan.models.dual_gan import DualGAN
from keras_gan.models.pix2pix import Pix2Pix
from keras_gan.models.pixel_da import PixelDA
from keras_gan.models.series_gan import SeriesGAN
from keras_gan.models.srgan import SRGAN
from keras_gan.models.star_gan import StarGAN
from keras_gan.models.stylegan2 import StyleGAN2
from keras_gan.models.tvae import TVAE
from keras_gan.models.vae import VAE
from keras_gan.models.vae_gan import VAEGAN

__all__ = [
    "AAE",
    "CCGAN",
    "CTGAN",
    "CUT",
    "SRGAN",
    "TVAE",
    "VAE",
    "VAEGAN",
    "BiGAN",
    "CoGAN",
    "ContextEncoder",
    "CycleGAN",
    "DiscoGAN",
    "DualGAN",
    "Pix2Pix",
    "PixelDA",
    "SemiSupervisedAAE",
    "SeriesGAN",
    "StarGAN",
    "StyleGAN2",
]
