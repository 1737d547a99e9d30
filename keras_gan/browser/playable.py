"""The part of a model that a page can run: a value that is a picture, and its inputs."""

import contextlib
import dataclasses
import os
import pathlib
import tempfile
from collections.abc import Iterator

from keras_gan import images
from keras_gan.browser import draws
from keras_gan.export import metadata
from keras_gan.export.convert import count_classes
from keras_gan.export.walk import mode
from keras_gan.game import GAN, Game
from keras_gan.game.wiring import read_reference
from keras_gan.ground import files
from keras_gan.latents import Categorical, Latents

SCALARS = ((), (1,))  # shapes of a label per example


@dataclasses.dataclass(frozen=True)
class Playable:
    """A signature of a SavedModel that makes pictures and draws no noise.

    Attributes:
        version: The folder of the SavedModel.
        signature: Name of the signature.
        description: The content of the page's `model.json`.
    """

    version: pathlib.Path
    signature: str
    description: dict


@contextlib.contextmanager
def of(model: Game | str | os.PathLike, value: str | None) -> Iterator[Playable]:
    """Yields the playable signature of a model; a game is exported to a temporary folder while the block runs.

    Args:
        model: A game, or the folder of an exported version.
        value: The name of a value or a task; None for the model's first that makes pictures of draws and at most one
            picture.

    Raises:
        ValueError: If there is no such value, or it is drawn from a prior that a page cannot draw from.
    """
    name = choose(model, value)
    if not isinstance(model, Game):
        version = pathlib.Path(model)
        yield Playable(version, name, _describe(version, name))
        return
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder) / "model"
        made = model.export(place) if isinstance(model, GAN) else model.export(place, name, given=list(model.draws))
        version = pathlib.Path(made)
        yield Playable(version, "serving_default", _describe(version, "serving_default") | {"name": model.name})


def choose(model: Game | str | os.PathLike, value: str | None) -> str:
    """Returns the name of the value, task or signature that a page runs; takes and raises the same as `of`."""
    required = "`model` must make pictures, from latents or from one picture"
    if isinstance(model, Game):
        fit = {"fake": model.makes_pictures} if isinstance(model, GAN) else _of_game(model)
        received = f"{model.name!r}, a {type(model).__name__}, which makes"
    else:
        fit, received = _of_version(files.check_path(model, "model")), f"{str(model)!r}, with the signatures"
        required += ", in a signature that draws no noise; otherwise give the run or its .keras file"
    fitting = [name for name, fits in fit.items() if fits]
    if not fitting:
        raise ValueError(f"{required}. Received: model={received} {', '.join(fit) or 'none'}")
    if value is not None and value not in fitting:
        raise ValueError(f"`value` must be one that a page can make: {', '.join(fitting)}. Received: value={value!r}")
    return value or fitting[0]


def _of_game(game):
    fit = {}
    for name in (*game.tasks, *game.wiring.values):
        made = game.tasks.get(name, name)
        parts = [leaf for leaf in game.wiring.leaves([read_reference(made, "values").name]) if leaf not in game.draws]
        shapes = [game.shapes.get(each) for each in (made, *parts)]
        fit[name] = len(parts) <= 1 and all(shape is not None and images.is_picture(shape) for shape in shapes)
    return fit


def _of_version(version):
    known = metadata.read(version)
    draws_, signatures = _draws(known), known.get("signatures", {})
    names = [*(name for name in known.get("tasks", {}) if name in signatures), *signatures]
    return {name: _fits(signatures[name], draws_) for name in dict.fromkeys(names)}


def _fits(signature, drawn):
    takes, gives = signature["inputs"], list(signature["outputs"].values())
    pictures = [each for name, each in takes.items() if name not in drawn]
    whole = all(each["shape"][:1] == [None] for each in (*takes.values(), *gives))
    floats = all(each["dtype"] == "float32" for each in (*pictures, *gives))
    shapes = [each["shape"][1:] for each in (*pictures, *gives)]
    return len(gives) == 1 and len(pictures) <= 1 and whole and floats and all(map(images.is_picture, shapes))


def _draws(known):
    """Returns the serialized priors by name: latents and labels of a GAN, or the draws of another game."""
    if "tasks" in known:
        return known.get("draws", {})
    return {name: known.get(name) for name in ("latents", "labels") if name in known}


def _describe(version, name):
    known = metadata.read(version)
    signature, drawn = known["signatures"][name], _draws(known)
    at = ("make",) if "tasks" in known else ("generate",)
    inputs = [
        {"name": each, "dtype": spec["dtype"], "shape": spec["shape"][1:]}
        | (_describe_draw(each, drawn[each], spec, at, version, name) if each in drawn else {"kind": "picture"})
        for each, spec in signature["inputs"].items()
    ]
    ((output, made),) = signature["outputs"].items()
    value_range = known.get("value_range")
    if value_range is None:
        raise ValueError(
            "`model` must have been exported with a known range of pixels. "
            f"Received: model={str(version)!r}, without `value_range`"
        )
    return {
        "name": known.get("name", version.name),
        "value": name,
        "output": output,
        "shape": made["shape"][1:],
        "range": list(value_range),
        "inputs": inputs,
    }


def _describe_draw(name, serialized, spec, at, version, signature):
    shape = tuple(spec["shape"][1:])
    are_classes = shape in SCALARS and spec["dtype"] == "int32"
    if serialized is None and are_classes:  # labels that the game is given and does not draw
        return {"kind": "classes", "count": count_classes(version, signature), "names": None, "keys": {}}
    prior = draws.read(name, serialized)
    if isinstance(prior, Categorical) and shape not in SCALARS:
        raise ValueError(f"`model` must take one integer per label. Received: {name!r} of shape {shape}")
    kind = "latents" if isinstance(prior, Latents) else {"Categorical": "classes"}.get(type(prior).__name__, "draw")
    known = {"kind": kind, **draws.describe(prior, (*at, name))}
    return known | ({"walk": mode(prior)} if kind == "latents" else {})
