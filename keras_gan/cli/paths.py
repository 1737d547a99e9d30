"""Paths in the flags of all commands: a `~` is the user's home, and a source of data is spelled in one way."""

import pathlib

from absl import flags

from keras_gan.ground import files, prefixes

PATHS = ("out", "output", "config", "run_dir", "export_dir", "ca_file", "binary", "model", "a", "b", "folder")
PATHS += ("image", "codes", "video", "runtime", "held_out", "extractor", "init")
SOURCES = ("dataset", "a", "b", "pairs")  # flags that name data, with a path after one of the prefixes


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
    prefix, place = prefixes.split(path)
    if prefix and not place and name not in SOURCES:  # those of data are refused where they are read
        raise ValueError(f"`{name}` must have a path after {prefix + ':'!r}. Received: {name}={path!r}")
    if not (prefix and place):
        return str(files.expand(path, name)) if name in PATHS and path.startswith("~") else path
    return spell(path) if name in SOURCES else f"{prefix}:{files.expand(place, name)}"


def spell(source: str) -> str:
    """Returns a source of data with its path in the usual spelling, such as without a slash at its end.

    >>> spell("folder:./pictures/"), spell("digits")
    ('folder:pictures', 'digits')
    """
    prefix, path = prefixes.split(source)
    return f"{prefix}:{pathlib.PurePath(path)}" if prefix and path else source
