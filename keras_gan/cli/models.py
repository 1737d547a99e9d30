"""Reading a saved GAN by its path."""

import dataclasses
import os
import pathlib
import re

import keras

from keras_gan.cli import run_files
from keras_gan.cli.run_files import MODEL
from keras_gan.export import layout
from keras_gan.game import GAN, Game
from keras_gan.ground import checkpoints, files, saved
from keras_gan.ground.arguments import reason

LONGEST = 500  # characters of Keras's text in an error
KINDS = "a run folder, the .keras file of a GAN, or a SavedModel: a version, or the folder of its versions"
GAMES = "a run folder, or the .keras file of a GAN"  # the kinds that hold a whole game


@dataclasses.dataclass(frozen=True)
class Found:
    """The model that `--model` names: a GAN in a file, or a version of a SavedModel.

    Attributes:
        path: The path that was given.
        file: The `.keras` file of a GAN; None if it is a SavedModel.
        version: The folder of a version of a SavedModel; None if it is a GAN.
        run_dir: The folder of the model's run; for a single file, its folder. None for a SavedModel whose run has been
            moved or removed.
    """

    path: str
    file: pathlib.Path | None
    version: pathlib.Path | None
    run_dir: pathlib.Path | None

    def place(self, name: str) -> pathlib.Path:
        """Returns the path for a result about the model: in its run, or beside a model of no run.

        Args:
            name: File name in a run. Beside a model, the model's name comes first: `digits_metrics.jsonl`.
        """
        if self.run_dir is not None and (self.file is None or self.file.name == MODEL):
            return self.run_dir / name
        model = self.version.resolve() if self.file is None else self.file.with_suffix("")
        model = model.parent if self.file is None and model.name.isdigit() else model
        return model.with_name(f"{model.name}_{name}")


def find(path: str | None, name: str = "model", kinds: str = KINDS) -> Found:
    """Finds the model of `--model`, which may be a run, a `.keras` file, a SavedModel version or a folder of versions.

    A run that has not finished gives its newest undamaged checkpoint, which is printed. A folder of versions gives the
    newest version, as a server does.

    Args:
        path: The path; None if the flag was not given.
        name: The name of the flag, for errors.
        kinds: The kinds that the flag may name, for errors.

    Raises:
        ValueError: If there is no such model.
    """
    if not path:
        raise ValueError(f"`{name}` must name {kinds}. Received: no --{name}")
    place = pathlib.Path(path)
    if not place.exists():
        raise ValueError(f"`{name}` must name {kinds}{_near(place)}. Received: {name}={path!r}, no such file or folder")
    if not place.is_dir():
        return Found(path, place, None, place.parent)
    version = place if (place / "saved_model.pb").is_file() else _newest_version(place)
    if version is not None:
        return Found(path, None, version, run_files.run_of(version))
    if (place / MODEL).is_file():
        return Found(path, place / MODEL, None, place)
    checkpoint = _newest_checkpoint(place / "checkpoints") or _newest_checkpoint(place)
    if checkpoint is not None:
        print(f"{path} holds a run that has not finished: using its newest checkpoint, {checkpoint}", flush=True)
        return Found(path, checkpoint / MODEL, None, place)
    what = "a run without a checkpoint yet" if (place / "config.json").is_file() else "a folder without one"
    raise ValueError(f"`{name}` must name {kinds}{_near(place)}. Received: {name}={path!r}, {what}")


def _near(place):
    """Returns a hint with the finished run that a path lies in, such as the folder of its former checkpoints."""
    found = next((str(parent) for parent in place.parents if (parent / MODEL).is_file()), None)
    return f"; give {found}, a run that has finished" if found else ""


def _newest_version(folder):
    found = [version for version in layout.versions(folder) if (folder / str(version) / "saved_model.pb").is_file()]
    return folder / str(found[-1]) if found else None


def _newest_checkpoint(folder):
    """Returns the newest undamaged checkpoint, or None. Unlike `Resume`, this does not remove damaged ones."""
    for place in reversed(checkpoints.list_checkpoints(folder)):
        if checkpoints.find_damage(place) is None:
            return place
    return None


def load(path: str | None, kind: type[Game] = GAN) -> Game:
    """Returns the GAN, or other game, that `--model` names.

    Args:
        path: The path, as `find` takes it.
        kind: The class of the game. Defaults to `GAN`.

    Raises:
        ValueError: If there is no such file, or it holds no game of that class.
    """
    return load_found(find(path), kind)


def load_found(found: Found, kind: type[Game] = GAN, name: str = "model") -> Game:
    """Returns the game that `find` found.

    Args:
        found: The model.
        kind: The class of the game; `Game` for any. Defaults to `GAN`.
        name: The name of the flag, for errors.

    Raises:
        ValueError: If the model is a SavedModel, or its file holds no game of that class.
    """
    if found.file is None:
        raise ValueError(
            f"`{name}` must name a .keras file of a GAN, or the folder of a run: a SavedModel holds only the "
            f"generator. Received: {name}={found.path!r}, a SavedModel"
        )
    model = read_keras(name, found.path, "of a GAN", found.file)
    if not isinstance(model, kind):
        what = "a GAN" if kind is GAN else "a game"
        raise ValueError(
            f"`{name}` must hold {what}. Received: {name}={found.path!r}, which holds a {type(model).__name__}"
        )
    return model


def read_keras(name: str, path: str, what: str, file: pathlib.Path, **options) -> keras.Model:
    """Returns the model of a `.keras` file, loaded in Keras's safe mode.

    Args:
        name: The name of the flag, for errors.
        path: The path that was given, for errors.
        what: The kind of file that the flag must name, for errors, such as `"of a GAN"`.
        file: The file.
        **options: Further arguments of `keras.saving.load_model`.

    Raises:
        ValueError: If there is no such file, or it cannot be read.
    """
    required = f"`{name}` must name a .keras file {what}. Received: {name}={path!r}"
    if not file.is_file():
        raise ValueError(f"{required}, no such file")
    damaged = saved.find_damage(file)
    if damaged is not None:
        raise ValueError(f"{required}, {damaged}")
    try:
        return keras.saving.load_model(file, safe_mode=True, **options)
    except Exception as error:  # a file that is broken, or made to harm, may fail anywhere
        why = f"it lacks {error}" if isinstance(error, KeyError) else reason(error) or type(error).__name__
        raise ValueError(f"{required}: {_shortened(why)}") from error


def _shortened(text):
    """Removes the configuration that Keras repeats in its errors, which may fill many screens."""
    text = text.rsplit("Exception encountered: ", 1)[-1]
    text = re.split(r"\s*(?:Full object config|config=)", text, maxsplit=1)[0].strip()
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def known(model: str | None) -> dict:
    """Returns the `config.json` of the run that `--model` names or lies in; empty if there is none."""
    place = pathlib.Path(model or "")
    path = (place if place.is_dir() else place.parent) / "config.json"
    return files.read_json(path) if model and path.is_file() else {}


def check_folder(name: str, path) -> None:
    """Raises a ValueError if the folder `path` cannot be written: not writable, or it or a parent is a file."""
    for place in (pathlib.Path(path), *pathlib.Path(path).parents):
        if place.exists():
            if not place.is_dir():
                raise ValueError(f"`{name}` must be a folder. Received: {name}={str(path)!r}; {str(place)!r} is a file")
            if not os.access(place, os.W_OK | os.X_OK):
                raise ValueError(f"`{name}` must be writable. Received: {name}={str(path)!r}; {str(place)!r} is not")
            return
