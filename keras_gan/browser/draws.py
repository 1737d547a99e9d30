"""Draws of a page: the library's own noise, told in JSON, so that seeds mean the same there."""

from collections.abc import Mapping
from typing import Any

from keras_gan.latents import (
    Blocks,
    Categorical,
    Codes,
    Constant,
    Latents,
    Normal,
    Prior,
    Sphere,
    TruncatedNormal,
    Uniform,
)
from keras_gan.noise import Noise

KNOWN = (Normal, Uniform, Sphere, TruncatedNormal, Codes, Categorical, Blocks, Constant)
NAMES = {f"keras_gan>{kind.__name__}": kind for kind in KNOWN}


def read(name: str, told: Any) -> Prior:
    """Returns the prior that an exported model's metadata tells of.

    Args:
        name: The draw.
        told: Its entry.

    Raises:
        ValueError: If it is none of the library's priors that a page can draw from.

    Example:

    >>> read("z", {"registered_name": "keras_gan>Normal", "config": {"dim": 2}})
    Normal(dim=2)
    """
    kind = NAMES.get(told.get("registered_name")) if isinstance(told, Mapping) else None
    if kind is None:
        known = ", ".join(each.__name__ for each in KNOWN)
        what = told.get("class_name", told) if isinstance(told, Mapping) else told
        raise ValueError(
            f"`model` must draw {name!r} from a prior that a page can draw from: {known}. Received: {what}"
        )
    return kind(**told["config"])


def tell(prior: Prior, path: tuple) -> dict:
    """Describes a prior that is drawn at the address `path`, for a page.

    Each key is the first of the two numbers that seed TensorFlow's Philox at an address; the second one is the seed.

    >>> told = tell(Uniform(3), ("make", "z"))
    >>> told["prior"], told["dim"], told["low"], sorted(told["keys"])
    ('Uniform', 3, -1.0, ['uniform'])
    """
    keys = {name: str(int(Noise((*path, *rest)).seed[0])) for name, rest in _addresses(prior).items()}
    told = {"prior": type(prior).__name__, **prior.get_config(), "keys": keys}
    if isinstance(prior, Blocks):
        told = {"prior": "Blocks", "lengths": [max(1, round(prior.size * side)) for side in prior.shape], "keys": keys}
    if isinstance(prior, Categorical):
        told["count"] = prior.count
    if isinstance(prior, Latents):
        told["dim"] = prior.dim
    return told


def _addresses(prior):
    """Returns the addresses of a prior's draws, below its own, by the names that the page gives them."""
    if isinstance(prior, Normal | Sphere):
        return {"normal": ("box_muller",), "uniform": ()}  # the latter for truncated ones
    if isinstance(prior, Codes):
        classes = {f"categorical_{i}": ("categorical", i) for i in range(len(prior.categorical))}
        return {"noise": ("noise", "box_muller"), **classes, "continuous": ("continuous",)}
    if isinstance(prior, Blocks):
        return {"0": (0,), "1": (1,)}
    return {} if isinstance(prior, Constant) else {"uniform": ()}
