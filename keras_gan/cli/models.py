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
    model = keras.saving.load_model(file)
    if not isinstance(model, GAN):
        raise ValueError(f"`model` must hold a GAN. Received: model={path!r}, which holds a {type(model).__name__}")
    return model
