"""Reading a saved GAN by its path."""

import pathlib
import zipfile

import keras

from keras_gan.gan import GAN


def load(path: str | None) -> GAN:
    """The GAN of a `.keras` file.

    Raises:
        ValueError: If there is no such file, or it does not hold a GAN.
    """
    if not path:
        raise ValueError("`model` must name a .keras file of a GAN. Received: no --model")
    file = pathlib.Path(path)
    if file.is_dir() and (file / "gan.keras").exists():
        file = file / "gan.keras"
    if not file.is_file():
        raise ValueError(f"`model` must name a .keras file of a GAN. Received: model={path!r}, no such file")
    if not zipfile.is_zipfile(file):
        raise ValueError(f"`model` must name a .keras file of a GAN. Received: model={path!r}, which is not one")
    try:
        model = keras.saving.load_model(file)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"`model` must name a .keras file of a GAN. Received: model={path!r}: {error}") from error
    if not isinstance(model, GAN):
        raise ValueError(f"`model` must hold a GAN. Received: model={path!r}, which holds a {type(model).__name__}")
    return model


def check_folder(name: str, path) -> None:
    """Raises a ValueError if a file stands where the folder `path`, or one above it, is to be."""
    for place in (pathlib.Path(path), *pathlib.Path(path).parents):
        if place.exists():
            if not place.is_dir():
                raise ValueError(f"`{name}` must be a folder. Received: {name}={str(path)!r}; {str(place)!r} is a file")
            return
