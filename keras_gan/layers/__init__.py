"""Layers of published generators and discriminators, the same with and without XLA and on any number of replicas."""

from keras_gan.layers.anomaly_score import AnomalyScore
from keras_gan.layers.basis import Basis
from keras_gan.layers.batch_normalization import BatchNormalization
from keras_gan.layers.composite import Composite
from keras_gan.layers.conditional_batch_normalization import ConditionalBatchNormalization
from keras_gan.layers.dropout import Dropout
from keras_gan.layers.equalized_learning_rate import EqualizedLearningRate
from keras_gan.layers.filtered_resampling import FilteredResampling2D
from keras_gan.layers.gaussian_noise import GaussianNoise
from keras_gan.layers.gaussian_posterior import GaussianPosterior
from keras_gan.layers.group_normalization import GroupNormalization
from keras_gan.layers.grouped_convolution import GroupedConv2D
from keras_gan.layers.hole import Hole
from keras_gan.layers.layer_normalization import LayerNormalization
from keras_gan.layers.learned_map import LearnedMap
from keras_gan.layers.maxout import Maxout
from keras_gan.layers.minibatch_discrimination import MinibatchDiscrimination
from keras_gan.layers.minibatch_standard_deviation import MinibatchStandardDeviation
from keras_gan.layers.modulated_convolution import ModulatedConv2D
from keras_gan.layers.phase_shuffle import PhaseShuffle
from keras_gan.layers.pixel_normalization import PixelNormalization
from keras_gan.layers.pixel_shuffle import PixelShuffle
from keras_gan.layers.projection import Projection
from keras_gan.layers.random_quadrant import RandomQuadrant
from keras_gan.layers.reflection_padding import ReflectionPadding2D
from keras_gan.layers.resizing import Resizing
from keras_gan.layers.rows import Deviations, RowActivation, RowDraw
from keras_gan.layers.sampled_places import SampledPlaces
from keras_gan.layers.scaled_noise import ScaledNoise
from keras_gan.layers.self_attention import SelfAttention
from keras_gan.layers.spectral_normalization import SpectralNormalization
from keras_gan.layers.styles import StyleMixing, Truncation
from keras_gan.layers.up_sampling import UpSampling2D
from keras_gan.layers.virtual_batch_normalization import VirtualBatchNormalization, set_reference
from keras_gan.layers.weight_normalization import WeightNormalization, initialize_weight_normalization
from keras_gan.play.players import Advancing

__all__ = [
    "Advancing",
    "AnomalyScore",
    "Basis",
    "BatchNormalization",
    "Composite",
    "ConditionalBatchNormalization",
    "Deviations",
    "Dropout",
    "EqualizedLearningRate",
    "FilteredResampling2D",
    "GaussianNoise",
    "GaussianPosterior",
    "GroupNormalization",
    "GroupedConv2D",
    "Hole",
    "LayerNormalization",
    "LearnedMap",
    "Maxout",
    "MinibatchDiscrimination",
    "MinibatchStandardDeviation",
    "ModulatedConv2D",
    "PhaseShuffle",
    "PixelNormalization",
    "PixelShuffle",
    "Projection",
    "RandomQuadrant",
    "ReflectionPadding2D",
    "Resizing",
    "RowActivation",
    "RowDraw",
    "SampledPlaces",
    "ScaledNoise",
    "SelfAttention",
    "SpectralNormalization",
    "StyleMixing",
    "Truncation",
    "UpSampling2D",
    "VirtualBatchNormalization",
    "WeightNormalization",
    "initialize_weight_normalization",
    "set_reference",
]
