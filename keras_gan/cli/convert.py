"""Converts a generator to a TFLite (LiteRT) or ONNX file, and checks that it gives the same images."""

import contextlib
import pathlib
import tempfile
from collections.abc import Callable

from absl import flags

from keras_gan.cli import models, parsers
from keras_gan.export.convert import convert
from keras_gan.game import Game


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks the paths, and returns the function that converts, compares and writes."""
    found = models.find(values.model)
    game = None if found.version is not None else models.load_found(found, Game)
    name = found.version.resolve().parent.name if game is None else game.name
    output = pathlib.Path(values.output or f"{name}.{values.format}")
    if output.is_dir():
        raise ValueError(f"`output` must be a file. Received: output={str(output)!r}, a folder")
    if output.suffix.lower()[1:] in set(parsers.FORMATS) - {values.format}:
        raise ValueError(
            "`output` must not have the suffix of another format. "
            f"Received: output={str(output)!r}, format={values.format!r}"
        )
    models.check_folder("output", output.parent)

    def work():
        with contextlib.nullcontext(found.version) if game is None else _exported(game) as version:
            difference = convert(version, output, values.format, values.signature)
        source = found.version or found.file
        print(f"{values.format}: {output}, {output.stat().st_size:,} bytes, within {difference:.1e} of {source}")

    return work


@contextlib.contextmanager
def _exported(game):
    """Exports a game to a temporary folder, which exists while the block runs."""
    with tempfile.TemporaryDirectory() as folder:
        yield pathlib.Path(game.export(pathlib.Path(folder, "model")))
