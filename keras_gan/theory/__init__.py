"""Analytic results about GANs: divergences, the optimal discriminator, the Dirac-GAN. NumPy, float64."""

from keras_gan.theory.dirac import dirac_eigenvalues, dirac_trajectory, dirac_vector_field
from keras_gan.theory.divergences import (
    histogram_densities,
    js_divergence,
    kl_divergence,
    total_variation,
    wasserstein_1d,
    wasserstein_1d_samples,
)
from keras_gan.theory.game import generator_criterion, optimal_discriminator, value_function

__all__ = [
    "dirac_eigenvalues",
    "dirac_trajectory",
    "dirac_vector_field",
    "generator_criterion",
    "histogram_densities",
    "js_divergence",
    "kl_divergence",
    "optimal_discriminator",
    "total_variation",
    "value_function",
    "wasserstein_1d",
    "wasserstein_1d_samples",
]
