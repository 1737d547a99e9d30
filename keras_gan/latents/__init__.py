"""The inputs of generators: priors of latents, labels, conditions and masks, and paths between two latents."""

from keras_gan.ground.arguments import check_count, is_integer
from keras_gan.latents.codes import Codes
from keras_gan.latents.conditions import RowConditions
from keras_gan.latents.continuous import Constant, Normal, Sphere, TruncatedNormal, Uniform
from keras_gan.latents.gumbel import Gumbel
from keras_gan.latents.interpolation import interpolate
from keras_gan.latents.labels import Categorical, get_labels, label_count
from keras_gan.latents.masks import Blocks
from keras_gan.latents.prior import Latents, Prior

__all__ = [
    "Blocks",
    "Categorical",
    "Codes",
    "Constant",
    "Gumbel",
    "Latents",
    "Normal",
    "Prior",
    "RowConditions",
    "Sphere",
    "TruncatedNormal",
    "Uniform",
    "get_labels",
    "get_latents",
    "interpolate",
    "label_count",
]


def get_latents(value: Latents | int) -> Latents:
    """Returns a `Latents` from itself or from a number of dimensions (standard normal)."""
    if isinstance(value, Latents):
        return value
    if is_integer(value):
        return Normal(check_count("latents", value))
    raise ValueError(f"`latents` must be a `Latents` or a number of dimensions. Received: latents={value!r}")
