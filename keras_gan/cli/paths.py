"""Paths in the flags of all commands: a `~` is the user's home, and a source of data is spelled in one way."""

import pathlib
import re

from absl import flags

from keras_gan.ground import files

PATHS = ("out", "output", "config", "run_dir", "export_dir", "ca_file", "binary", "model", "a", "b", "folder")
PATHS += ("image", "codes", "video", "runtime", "held_out", "extractor", "init")
SOURCES = ("dataset", "a", "b", "pairs")  # flags that name data, with a path after one of the prefixes
PREFIXES = ("folder", "records", "table", "series")  # those of keras_gan.data.catalog
SOURCE = re.compile(f"({'|'.join(PREFIXES)}):(.+)", re.DOTALL)


def settle(values: flags.FlagValues) -> None:
    """Spells the paths in the flags of a command: sources of data as `spell` does, others without `~`.

    Sources keep their `~`, which the data replace, so that a run's configuration is the same in another home.

    Raises:
        ValueError: If a flag names the home of a user who does not exist.
    """
    for name in (*PATHS, *SOURCES):
        if name in values and (given := values[name].value):
            settled = [_settle(name, path) for path in ([given] if isinstance(given, str) else given)]
            values[name].value = settled[0] if isinstance(given, str) else settled


def _settle(name, path):
    found = SOURCE.fullmatch(path)
    if found is None:
        return str(files.expand(path, name)) if name in PATHS and path.startswith("~") else path
    return spell(path) if name in SOURCES else f"{found[1]}:{files.expand(found[2], name)}"


def spell(source: str) -> str:
    """Returns a source of data with its path in the usual spelling, such as without a slash at its end.

    >>> spell("folder:./pictures/"), spell("digits")
    ('folder:pictures', 'digits')
    """
    found = SOURCE.fullmatch(source)
    return source if found is None else f"{found[1]}:{pathlib.PurePath(found[2])}"
