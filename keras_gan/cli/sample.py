"""Draws samples of a saved GAN as one picture or as single ones, or writes rows of a table or windows of a series."""

import pathlib
from collections.abc import Callable

import numpy as np
from absl import flags

from keras_gan import images
from keras_gan.callbacks.sample_grid import draw
from keras_gan.callbacks.value_grid import ValueGrid, side_by_side
from keras_gan.cli import classes, exploring, models, parsers, sample_folder, sample_rows, sample_windows
from keras_gan.data import frames
from keras_gan.evaluation import sources
from keras_gan.exploration import Space
from keras_gan.export import metadata
from keras_gan.export.loading import load
from keras_gan.game import GAN, Game

OUT = "samples.png"


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Loads the model and makes the samples, and returns the function that writes them."""
    is_table = values.out is not None and (frames.is_table(values.out) or sample_windows.is_array(values.out))
    is_folder = sample_folder.is_folder(values.out)
    if is_folder:
        sample_folder.check_out(values.out)
    else:
        check_out(values.out or OUT)
    if not (is_table or is_folder):
        _check_suffix(values.out or OUT)
    grid, truncations = exploring.read_grid(values.grid), exploring.read_truncations(values.truncation)
    exploring.check_layout(values, grid, truncations)
    found = models.find(values.model)
    game = models.load_found(found, Game) if found.version is None else None
    maker = sample_rows.of_version(found.version) if game is None else sample_rows.of_game(game)
    if maker is not None:
        return sample_rows.prepare(maker, values)
    maker = sample_windows.of_version(found.version) if game is None else sample_windows.of_game(game)
    if maker is not None:
        return sample_windows.prepare(maker, values)
    _check_pictures(values, is_table)
    if is_folder:
        return sample_folder.prepare(found, game, values, truncations)
    if truncations or any(values[name].value is not None for name in ("interpolate", "video", "mix")):
        return _explore(game or models.load_found(found, Game), values, grid, truncations)
    if grid is not None:
        values.n, values.columns = grid[0] * grid[1], grid[1]
    picture = _of_saved_model(found, values) if game is None else _of_game(game, found, values)

    def write():
        images.save(values.out, picture)
        print(f"{values.n} samples: {values.out}")

    return write


def _check_suffix(out):
    """Checks, before a model is read, that some model's samples are written to such a file."""
    if pathlib.PurePath(out).suffix.lower() not in images.FORMATS:
        raise ValueError(
            f"`out` must end in one of {', '.join(images.FORMATS)} for pictures, {', '.join(frames.WRITTEN)} for rows, "
            f"one of the latter and {sample_windows.ARRAY} for windows, or be a folder without a suffix for single "
            f"pictures. Received: out={out!r}"
        )


def _check_pictures(values, is_table):
    """Refuses flags that only models of rows take, and sets the default of --out."""
    for name, wrong in (
        ("out", is_table),
        ("where", bool(values.where)),
        ("match_shares", values.match_shares),
        ("n", values.n > parsers.MOST),
    ):
        if wrong:
            must = {"n": f"be at most {parsers.MOST:,}", "out": "be a picture"}.get(name, "not be given")
            raise ValueError(f"`{name}` must {must} for a model of pictures. Received: {name}={values[name].value!r}")
    values.out = values.out or OUT


def _explore(game, values, grid, truncations):
    """Draws the picture or film of the flags about the latent space, and returns the function that writes it."""
    _refuse("values", values, "a picture of a latent space")
    exclusive = [name for name in ("interpolate", "mix") if values[name].value is not None]
    exclusive += ["truncation"] if len(truncations) > 1 else []
    if values.mix is not None or len(truncations) > 1:
        exclusive += ["video"] if values.video is not None else []
    if len(exclusive) > 1:
        raise ValueError(f"`{exclusive[0]}` must not be given together with {', '.join(exclusive[1:])}")
    labels = classes.parse(values.labels, classes.names(classes.prior_of(game)))
    if np.ndim(labels):
        raise ValueError(
            f"`labels` must be one label for a picture of a latent space. Received: labels={','.join(values.labels)}"
        )
    space, video = Space(game, labels), values.video
    if values.mix is not None and game.explored.layers is None:
        raise ValueError(f"`mix` must not be given for a model without styles. Received: mix={values.mix!r}")
    if video is not None:
        check_out(video)
        images.check_film(video, "video")
        rows, columns = grid or exploring.WALK
        only = truncations[0] if truncations else None
        leg = values.interpolate or exploring.LEG
        frames = exploring.film(space, rows, columns, values.seed, leg, only, values.scale)
    else:
        picture = exploring.draw(space, values, truncations, grid)

    def write():
        if video is None:
            images.save(values.out, picture)
            print(f"Samples: {values.out}")
        else:
            images.save_film(video, frames)
            print(f"{len(frames)} frames: {video}")

    return write


def _of_game(game, found, values):
    labels = classes.parse(values.labels, classes.names(classes.prior_of(game)))
    if not isinstance(game, GAN):
        names = _values(sources.drawn_values(game), game.tasks, found, values)
        given = None if labels is None else sources.given_labels(game, names, labels, values.n)
        return ValueGrid(game, names, given, values.n, values.seed).draw(values.columns, values.scale)
    _refuse("values", values, "a GAN, whose only value is `fake`")
    return draw(game, values.n, values.seed, labels, values.columns, values.scale)


def _values(known, tasks, found, values):
    """Returns the values of a game other than a GAN to draw: those of --values, or all that are made of draws alone.

    Raises:
        ValueError: If there are none, or --values names another one.
    """
    named = [tasks.get(name, name) for name in values.values or known]
    unknown = [name for name in named if name not in known]
    if unknown and known:
        raise ValueError(
            f"`values` must be among those that are made of noise: {', '.join(known)}. Received: values={unknown[0]!r}"
        )
    return [sources.choose(name, known, found.path) for name in named or [None]]


def _refuse(name, values, kind):
    if values[name].value is not None:
        raise ValueError(f"`{name}` must not be given for {kind}. Received: {name}={','.join(values[name].value)}")


def _of_saved_model(found, values):
    """Returns a picture of the samples of an exported GAN, made by its signature `generate`."""
    known, model = metadata.read(found.version), load(found.version)
    if "tasks" in known:
        return _of_values(found, values, model, known)
    _refuse("values", values, "a GAN, whose only value is `fake`")
    _check_n(values, known)
    labels = classes.of_saved_model(model, known, found.path, values.labels)
    prior, columns, names = classes.of_metadata(known), values.columns, ()
    takes_labels = "labels" in model.signatures["generate"].structured_input_signature[1]
    if labels is None and takes_labels and prior is not None:  # a column for each class, as in `draw`
        labels, columns = np.arange(values.n) % prior.count, columns or (prior.count if prior.count <= 32 else None)
        names = classes.names(prior) if columns == prior.count else ()
    made = sources.drawn(model, known, found.path)[1](values.n, values.seed, labels)
    sheet = images.grid(made, columns, scale=values.scale or max(1, -(-32 // made.shape[1])))
    return images.caption(sheet, names[: values.n]) if names else sheet


def _of_values(found, values, model, known):
    """Returns a picture of the values of an exported game other than a GAN."""
    _check_n(values, known)
    names = _values(list(sources.drawn_signatures(model, known)), known["tasks"], found, values)
    labels = classes.parse(values.labels, classes.names(classes.of_metadata(known)))
    made = {name: sources.drawn(model, known, found.path, name)[1](values.n, values.seed, labels) for name in names}
    return side_by_side(made, values.columns, values.scale)


def _check_n(values, known):
    if values.n > known.get("max_samples", values.n):
        raise ValueError(
            f"`n` must be at most {known['max_samples']}, the `max_samples` of the export. Received: n={values.n}"
        )


def check_out(out: str, name: str = "out") -> None:
    """Raises a ValueError, which names the flag `name`, if a file cannot be written at `out`."""
    if pathlib.Path(out).is_dir():
        raise ValueError(f"`{name}` must be a file. Received: {name}={out!r}, a folder")
    try:
        models.check_folder(name, pathlib.Path(out).parent)
    except ValueError as error:
        why = str(error).partition("; ")[2]
        raise ValueError(f"`{name}` must be in a folder that can be written. Received: {name}={out!r}; {why}") from None
