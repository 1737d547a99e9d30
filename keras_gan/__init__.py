"""Adversarial learning for Keras 3 on TensorFlow."""

import importlib
import itertools
import pathlib
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_gan import (
        augmentations,
        browser,
        callbacks,
        constraints,
        data,
        evaluation,
        exploration,
        images,
        latents,
        layers,
        metrics,
        models,
        networks,
        objectives,
        optimizers,
        presets,
        privacy,
        replay,
        report,
        schedules,
        serving,
        theory,
    )
    from keras_gan.game import GAN, Game, Match
    from keras_gan.ground.determinism import enable_determinism
    from keras_gan.ground.files import is_chief
    from keras_gan.noise import Noise
    from keras_gan.play.round import Round

__version__ = "0.1.0"

__all__ = [
    "GAN",
    "Game",
    "Match",
    "Noise",
    "Round",
    "augmentations",
    "browser",
    "callbacks",
    "constraints",
    "data",
    "enable_determinism",
    "evaluation",
    "exploration",
    "images",
    "is_chief",
    "latents",
    "layers",
    "metrics",
    "models",
    "networks",
    "objectives",
    "optimizers",
    "presets",
    "privacy",
    "replay",
    "report",
    "schedules",
    "serving",
    "theory",
]

_HOMES = {
    "GAN": "game",
    "Game": "game",
    "Match": "game",
    "Noise": "noise",
    "Round": "play.round",
    "enable_determinism": "ground.determinism",
    "is_chief": "ground.files",
}


def __getattr__(name: str):
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = importlib.import_module(f"{__name__}.{_HOMES.get(name, name)}")
    globals()[name] = getattr(room, name) if name in _HOMES else room
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def import_all() -> None:
    """Imports all public modules, so that all classes of the package are registered with Keras.

    `import keras_gan` does so already, except in the process of the command line, whose help needs no TensorFlow.

    Raises:
        ImportError: If Keras runs on another backend than TensorFlow.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            "keras_gan must run on Keras's TensorFlow backend: set the environment variable KERAS_BACKEND=tensorflow. "
            f"Received: {keras.backend.backend()!r}"
        )
    for name in __all__:
        if name not in globals():
            __getattr__(name)


def _is_command_line() -> bool:
    """Returns whether this process is `keras-gan`, `python -m keras_gan` or `python -m keras_gan.cli`."""
    if sys.argv[:1] == ["-m"]:  # Python has not yet found the module to run, which follows its option
        words = [*sys.orig_argv, *map("".join, itertools.pairwise(sys.orig_argv))]
        return any(re.fullmatch(r"-[A-Za-z]*mkeras_gan(\.cli)?", word) for word in words)
    return bool(sys.argv) and pathlib.PurePath(sys.argv[0]).stem == "keras-gan"


if not _is_command_line():
    import_all()
