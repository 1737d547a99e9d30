"""Checkpoints: folders `step-00001200`, each whole and with checksums, of which the newest sound one counts.

Each holds `gan.keras` (the saved game), `state.json` (where the run stands), `callbacks.npz` and `SHA256SUMS`, which
`sha256sum -c` reads.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import warnings

import numpy as np

from keras_gan import files

SUMS = "SHA256SUMS"
FORMAT = 1


def write(folder: str | os.PathLike, game, state: dict, arrays: dict[str, np.ndarray]) -> pathlib.Path:
    """Writes a checkpoint of the game at its step.

    Args:
        folder: Where the checkpoints are.
        game: A `GAN`.
        state: What JSON can hold.
        arrays: What it cannot.

    Returns:
        The checkpoint's folder.

    Raises:
        OSError: If it cannot be written. Earlier checkpoints are as they were.
    """
    place = pathlib.Path(folder) / name(folder, int(game.step.numpy()))
    try:
        with files.atomic(place) as part:
            part.mkdir()
            game.save(part / "gan.keras")
            (part / "state.json").write_text(json.dumps({"format": FORMAT, **state}, indent=1), encoding="utf-8")
            np.savez(part / "callbacks.npz", **arrays)
            lines = [f"{_sum(file)}  {file.name}\n" for file in sorted(part.iterdir())]
            (part / SUMS).write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise files.error(
            error.errno,
            "`path` must be a folder with room for a checkpoint; earlier ones are as they were. Received: "
            f"path={str(folder)!r}, with the error: {error.strerror or error}",
        ) from error
    return place


def name(folder: str | os.PathLike, step: int) -> str:
    """The name of the next checkpoint of a step; there may be one already, from before its epoch's end."""
    plain = f"step-{step:08d}"
    return f"{plain}-end" if (pathlib.Path(folder) / plain).exists() else plain


def read(place: pathlib.Path) -> tuple[dict, dict[str, np.ndarray]]:
    """The state and the arrays of a checkpoint.

    Raises:
        ValueError: If it is of another format.
    """
    state = json.loads((place / "state.json").read_text(encoding="utf-8"))
    if state.get("format") != FORMAT:
        raise ValueError(
            f"`path` must hold checkpoints of format {FORMAT}, which this version of keras_gan writes: go on with the "
            f"version that wrote them, or in another folder. Received: {place}, of format {state.get('format')!r}"
        )
    with np.load(place / "callbacks.npz", allow_pickle=False) as arrays:
        return state, dict(arrays)


def newest(folder: str | os.PathLike) -> pathlib.Path | None:
    """The newest sound checkpoint in a folder; None if there is none. Damaged newer ones are hidden with a warning."""
    for place in reversed(everyone(folder)):
        what = damage(place)
        if what is None:
            return place
        warnings.warn(f"The checkpoint {place} is damaged ({what}): the one before it is taken.", stacklevel=2)
        if not files.is_chief():
            continue
        aside = place.with_name(f".damaged-{place.name}")  # its step will be written again
        shutil.rmtree(aside, ignore_errors=True)
        place.rename(aside)
    return None


def everyone(folder: str | os.PathLike) -> list[pathlib.Path]:
    """All checkpoints in a folder, the oldest first."""
    folder = pathlib.Path(folder)
    places = folder.iterdir() if folder.is_dir() else ()
    return sorted(place for place in places if re.fullmatch(r"step-\d{8,}(-end)?", place.name) and place.is_dir())


def damage(place: pathlib.Path) -> str | None:
    """What is wrong with a checkpoint, in words; None if nothing is.

    Raises:
        OSError: If it cannot be read, which says nothing of what it holds.
    """
    try:
        lines = (place / SUMS).read_text(encoding="utf-8").splitlines()
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        for name in {"gan.keras", "state.json", *sums}:  # another format may hold other files
            if sums.get(name) != _sum(place / name):
                return f"{name} is not what was written"
    except (FileNotFoundError, ValueError) as error:
        return str(error)
    return None


def prune(folder: str | os.PathLike, keep: int, best: str | None) -> None:
    """Removes all but the newest `keep` checkpoints and the one named `best`."""
    for place in everyone(folder)[:-keep] if files.is_chief() else ():
        if place.name != best:
            shutil.rmtree(place)


def _sum(file):
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
