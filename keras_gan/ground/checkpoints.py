"""Checkpoints: folders such as `step-00001200`, written atomically and with checksums; the newest intact one is used.

Each holds `gan.keras` (the saved game), `state.json` (the run's progress), `callbacks.npz` and `SHA256SUMS`, which
`sha256sum -c` reads. Only folders and regular files are read; links and others of such names count as damaged.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import warnings
import zipfile

import numpy as np

from keras_gan.ground import files

SUMS = "SHA256SUMS"
WRITTEN = ("gan.keras", "state.json", "callbacks.npz", SUMS)
ASIDE = ".damaged-"  # prefix of a damaged checkpoint that was moved aside
FORMAT = 1
NAME = re.compile("step-([0-9]{8}|[1-9][0-9]{8,17})(-end)?")
LINE = re.compile("([0-9a-f]{64})  ([A-Za-z0-9_][A-Za-z0-9_.-]*)")
MOST_SUMS = 2**16  # bytes of a file of checksums
MOST_HALVINGS = 1000  # of learning rates: after more they are 0


def write(folder: str | os.PathLike, game, state: dict, arrays: dict[str, np.ndarray]) -> pathlib.Path:
    """Writes a checkpoint of the game at its step.

    Args:
        folder: Folder of the checkpoints.
        game: A `GAN`.
        state: The state that JSON can represent.
        arrays: The state that consists of arrays.

    Returns:
        The checkpoint's folder.

    Raises:
        OSError: If the checkpoint cannot be written. Earlier checkpoints are unchanged.
    """
    place = pathlib.Path(folder) / name(folder, int(game.step.numpy()))
    try:
        with files.atomic(place) as part:
            part.mkdir()
            game.save(part / "gan.keras")
            (part / "state.json").write_text(json.dumps({"format": FORMAT, **state}, indent=1), encoding="utf-8")
            np.savez(part / "callbacks.npz", allow_pickle=False, **arrays)
            lines = [f"{_sum(file)}  {file.name}\n" for file in sorted(part.iterdir())]
            (part / SUMS).write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise files.error(
            error.errno,
            "`path` must be a folder with room for a checkpoint; earlier ones are unchanged. Received: "
            f"path={str(folder)!r}, with the error: {error.strerror or error}",
        ) from error
    return place


def name(folder: str | os.PathLike, step: int) -> str:
    """Returns the name of the next checkpoint of a step, which may have one already, from before the epoch's end."""
    plain = f"step-{step:08d}"
    return f"{plain}-end" if os.path.lexists(pathlib.Path(folder) / plain) else plain


def step_of(name: str) -> int:
    """Returns the step in a checkpoint's name.

    >>> step_of("step-00001200-end")
    1200
    """
    return int(NAME.fullmatch(name)[1])


def read(place: pathlib.Path) -> tuple[dict, dict[str, np.ndarray]]:
    """Returns the state and the arrays of a checkpoint in which `find_damage` found none.

    Raises:
        ValueError: If the checkpoint is of another format.
    """
    state = files.read_json(place / "state.json", links=False)
    if state.get("format") != FORMAT:
        raise ValueError(
            f"`path` must hold checkpoints of format {FORMAT}, which this keras_gan writes: continue with the "
            f"version that wrote them, or in another folder. Received: {place}, of format {state.get('format')!r}"
        )
    return state, _arrays(place / "callbacks.npz")


def newest(folder: str | os.PathLike, first_epoch: int = 0) -> pathlib.Path | None:
    """Returns the newest intact checkpoint in a folder, or None. Damaged newer ones are moved aside with a warning.

    Args:
        folder: Folder of the checkpoints.
        first_epoch: Number of the run's first epoch, for checkpoints from before version 0.2, which do not hold it.
    """
    for place in reversed(_named(folder)):
        damage = find_damage(place, first_epoch)
        if damage is None:
            return place
        warnings.warn(f"The checkpoint {place} is damaged ({damage}): the one before it is used.", stacklevel=2)
        if files.is_chief():
            _set_aside(place)  # its step will be written again
    return None


def list_checkpoints(folder: str | os.PathLike) -> list[pathlib.Path]:
    """Returns all checkpoints in a folder, the oldest first."""
    return [place for place in _named(folder) if place.is_dir() and not place.is_symlink()]


def _named(folder):
    """Returns all paths with a checkpoint's name, the oldest first."""
    folder = pathlib.Path(folder)
    places = folder.iterdir() if folder.is_dir() else ()
    found = [place for place in places if NAME.fullmatch(place.name)]
    return sorted(found, key=lambda place: (step_of(place.name), place.name))


def _set_aside(place):
    aside = place.with_name(ASIDE + place.name)
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.unlink(missing_ok=True)
    place.rename(aside)


def find_damage(place: pathlib.Path, first_epoch: int = 0) -> str | None:
    """Describes the damage of a checkpoint; None if it is intact. `first_epoch` is as for `newest`.

    Raises:
        OSError: If the checkpoint cannot be read, which does not mean that it is damaged.
    """
    if place.is_symlink() or not place.is_dir():
        return "it is a link" if place.is_symlink() else "it is not a folder"
    try:
        sums = _sums(place / SUMS)
        for name in {"gan.keras", "state.json", *sums}:  # another format may hold other files
            if sums.get(name) != _sum(place / name):
                return f"{name} is not what was written"
        state = files.read_json(place / "state.json", links=False)
        if state.get("format") == FORMAT:
            _check_state(state, step_of(place.name), first_epoch, _arrays(place / "callbacks.npz"))
            with files.open_regular(place / "gan.keras", links=False) as file:
                return None if zipfile.is_zipfile(file) else "gan.keras is not a .keras file"
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        return str(error)
    return None


def _sums(path):
    lines = files.read_text(path, links=False, most=MOST_SUMS).splitlines()
    found = [LINE.fullmatch(line) for line in lines]
    if None in found:
        raise ValueError(f"{SUMS} is not what was written")
    return {line[2]: line[1] for line in found}


def _arrays(path):
    with files.open_regular(path, links=False) as file:
        try:
            with zipfile.ZipFile(file) as archive:  # nothing may be compressed, so that nothing can grow when read
                packed = [each.filename for each in archive.infolist() if each.compress_type != zipfile.ZIP_STORED]
            file.seek(0)
            if not packed:
                with np.load(file, allow_pickle=False) as arrays:
                    return dict(arrays)
        except OSError:
            raise
        except Exception as error:  # a damaged file may fail anywhere in NumPy
            raise ValueError(f"{path.name} must hold arrays. Received: {error}") from error
    raise ValueError(f"{path.name} must hold arrays without compression. Received: {packed[0]}, compressed")


def _check_state(state, step, first_epoch, arrays):
    """Checks each value of a state, so that no run resumes from a state that this library cannot have written."""
    first_epoch = state.get("first_epoch", first_epoch)
    _check_whole("first_epoch", first_epoch, 0, 2**53)
    _check_whole("step", state.get("step"), step, step)  # also in the folder's name
    _check_whole("epoch", state.get("epoch"), 0, first_epoch + step)  # an epoch has at least one step
    _check_whole("steps", state.get("steps"), 0, step)
    _check_whole("slowed", state.get("slowed"), 0, MOST_HALVINGS)
    best, signature = state.get("best"), state.get("signature")
    texts = isinstance(signature, dict) and all(isinstance(text, str) for text in signature.values())
    texts = texts and {"objective", "seed"} <= set(signature)
    if texts and signature.get("steps_per_epoch", "").isdecimal():  # otherwise the number was unknown
        _check_whole("steps", state["steps"], 0, max(int(signature["steps_per_epoch"][:18]) - 1, 0))
    for name, right in (
        ("stopped", isinstance(state.get("stopped"), bool)),
        ("logs", _is_numbers(state.get("logs"))),
        ("best", best is None or (isinstance(best, list) and len(best) == 2 and _is_best(*best))),
        ("signature", texts),
        ("execution", isinstance(state.get("execution", ""), str)),
        ("callbacks", _is_state_of_callbacks(state.get("callbacks"), arrays)),
    ):
        if not right:
            raise ValueError(f"state.json must hold `{name}` as it was written. Received: something else")


def _check_whole(name, value, low, high):
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        allowed = f"{low}" if low == high else f"an integer from {low} to {high}"
        raise ValueError(f"state.json must hold `{name}`, {allowed}. Received: {name}={value!r:.80}")


def _is_best(name, value):
    return isinstance(name, str) and NAME.fullmatch(name) is not None and _is_number(value)


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_numbers(value):
    return isinstance(value, list) and all(_is_number(each) or _is_numbers(each) for each in value)


def _is_state_of_callbacks(value, arrays):
    """Returns whether `value` is attributes by callback, in which every array that is referred to exists."""
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        return False
    level = [part for each in value.values() for part in each.values()]
    while level:
        plain = [part for part in level if not isinstance(part, dict)]
        packed = [part for part in level if isinstance(part, dict)]
        if any(isinstance(part, list) for part in plain):
            return False
        level = []
        for part in packed:
            match part:
                case {"array": str(name)} if name in arrays:
                    continue
                case {"dict": dict(entries)}:
                    level += entries.values()
                case {"list": list(entries)}:
                    level += entries
                case _:
                    return False
    return True


def prune(folder: str | os.PathLike, keep: int, best: str | None) -> None:
    """Removes all but the newest `keep` checkpoints and the one named `best`; folders with other files remain."""
    if not files.is_chief():
        return
    for place in [place for place in list_checkpoints(folder) if _is_written(place)][:-keep]:
        if place.name != best:
            shutil.rmtree(place)


def clear(folder: str | os.PathLike) -> None:
    """Removes all checkpoints, also damaged ones, and the folder if it is then empty. Other files remain."""
    folder = pathlib.Path(folder)
    files.remove_leftovers(folder, age=0.0)
    found = folder.iterdir() if folder.is_dir() else ()
    for place in [place for place in found if NAME.fullmatch(place.name.removeprefix(ASIDE))]:
        if place.is_dir() and not place.is_symlink():
            for file in [file for file in place.iterdir() if file.name in WRITTEN and not file.is_dir()]:
                file.unlink()
            _remove_if_empty(place)
    _remove_if_empty(folder)


def _remove_if_empty(folder):
    with contextlib.suppress(OSError):  # it is not empty, or not there
        folder.rmdir()


def _is_written(place):
    """Returns whether a folder holds a checkpoint and no other files."""
    try:
        sums = _sums(place / SUMS)
    except (OSError, ValueError):
        return False
    return {each.name for each in place.iterdir()} == {SUMS, *sums}


def _sum(file):
    with files.open_regular(file, links=False) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
