"""Reading a saved GAN by its path."""

import os
import pathlib
import re
import zipfile

import keras

from keras_gan.arguments import reason
from keras_gan.gan import GAN

LONGEST = 500  # characters of Keras's text in an error
SMALL, MOST_PACKED = 2**24, 100  # a part of a file beyond SMALL bytes may be so many times as large as it is packed


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
    model = read_keras("model", path, "of a GAN", file)
    if not isinstance(model, GAN):
        raise ValueError(f"`model` must hold a GAN. Received: model={path!r}, which holds a {type(model).__name__}")
    return model


def read_keras(name: str, path: str, what: str, file: pathlib.Path, **options) -> keras.Model:
    """The model of a `.keras` file, with nothing in it run; `options` are those of Keras.

    Raises:
        ValueError: If there is no such file, or it cannot be read; it says that `name` must name a file `what`.
    """
    required = f"`{name}` must name a .keras file {what}. Received: {name}={path!r}"
    if not file.is_file():
        raise ValueError(f"{required}, no such file")
    if not zipfile.is_zipfile(file):
        raise ValueError(f"{required}, which is not one")
    try:
        _check_size(file)
        return keras.saving.load_model(file, safe_mode=True, **options)
    except Exception as error:  # a file that is broken, or made to harm, may fail anywhere
        why = f"it lacks {error}" if isinstance(error, KeyError) else reason(error) or type(error).__name__
        raise ValueError(f"{required}: {_shortened(why)}") from error


def _check_size(file):
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.file_size > max(SMALL, MOST_PACKED * member.compress_size):
                raise ValueError(
                    f"its part {member.filename!r} would unpack from {member.compress_size:,} to "
                    f"{member.file_size:,} bytes, which no weights do"
                )


def _shortened(text):
    """Without the configuration that Keras repeats in its errors, which may fill many screens."""
    text = text.rsplit("Exception encountered: ", 1)[-1]
    text = re.split(r"\s*(?:Full object config|config=)", text, maxsplit=1)[0].strip()
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def check_folder(name: str, path) -> None:
    """Raises a ValueError if the folder `path` cannot be written: a file stands there, or above it."""
    for place in (pathlib.Path(path), *pathlib.Path(path).parents):
        if place.exists():
            if not place.is_dir():
                raise ValueError(f"`{name}` must be a folder. Received: {name}={str(path)!r}; {str(place)!r} is a file")
            if not os.access(place, os.W_OK | os.X_OK):
                raise ValueError(f"`{name}` must be writable. Received: {name}={str(path)!r}; {str(place)!r} is not")
            return
