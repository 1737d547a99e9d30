"""Priors and noise addresses in JSON, so that a page draws the same numbers for a seed as the library."""

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


def read(name: str, serialized: Any) -> Prior:
    """Returns the prior of an entry in an exported model's metadata.

    Args:
        name: Name of the draw.
        serialized: The entry, a serialized Keras object.

    Raises:
        ValueError: If the entry is none of the priors that a page can draw from.

    Example:

    >>> read("z", {"registered_name": "keras_gan>Normal", "config": {"dim": 2}})
    Normal(dim=2)
    """
    kind = NAMES.get(serialized.get("registered_name")) if isinstance(serialized, Mapping) else None
    if kind is None:
        known = ", ".join(each.__name__ for each in KNOWN)
        received = serialized.get("class_name", serialized) if isinstance(serialized, Mapping) else serialized
        raise ValueError(
            f"`model` must draw {name!r} from a prior that a page can draw from: {known}. Received: {received}"
        )
    return kind(**serialized["config"])


def describe(prior: Prior, path: tuple) -> dict:
    """Describes a prior that is drawn at the noise address `path`, for a page.

    Each key is the first of the two numbers that seed TensorFlow's Philox at an address; the second is the seed.

    >>> described = describe(Uniform(3), ("make", "z"))
    >>> described["prior"], described["dim"], described["low"], sorted(described["keys"])
    ('Uniform', 3, -1.0, ['uniform'])
    """
    keys = {name: str(int(Noise((*path, *rest)).seed[0])) for name, rest in _addresses(prior).items()}
    described = {"prior": type(prior).__name__, **prior.get_config(), "keys": keys}
    if isinstance(prior, Blocks):
        lengths = [max(1, round(prior.size * side)) for side in prior.shape]
        described = {"prior": "Blocks", "lengths": lengths, "keys": keys}
    if isinstance(prior, Categorical):
        described["count"] = prior.count
    if isinstance(prior, Latents):
        described["dim"] = prior.dim
    return described


def _addresses(prior):
    """Returns {name on the page: noise address} of a prior's draws, relative to the prior's own address."""
    if isinstance(prior, Normal | Sphere):
        return {"normal": ("box_muller",), "uniform": ()}  # "uniform" for truncated draws
    if isinstance(prior, Codes):
        classes = {f"categorical_{i}": ("categorical", i) for i in range(len(prior.categorical))}
        return {"noise": ("noise", "box_muller"), **classes, "continuous": ("continuous",)}
    if isinstance(prior, Blocks):
        return {"0": (0,), "1": (1,)}
    return {} if isinstance(prior, Constant) else {"uniform": ()}
