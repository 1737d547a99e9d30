"""Converts an exported generator to a TFLite (LiteRT) or ONNX file, and checks that it gives the same images."""

import pathlib
from collections.abc import Callable

from absl import flags

from keras_gan.cli import models
from keras_gan.export.convert import convert


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks the paths; what is left is to convert, compare and write."""
    if not values.model:
        raise ValueError("`model` must be the folder of an exported version. Received: no --model")
    folder = pathlib.Path(values.model)
    if not (folder / "saved_model.pb").is_file():
        raise ValueError(
            f"`model` must be the folder of an exported version. Received: model={values.model!r}, "
            "without saved_model.pb"
        )
    output = pathlib.Path(values.output or f"{folder.resolve().parent.name}.{values.format}")
    if output.is_dir():
        raise ValueError(f"`output` must be a file. Received: output={str(output)!r}, a folder")
    models.check_folder("output", output.parent)

    def work():
        difference = convert(folder, output, values.format)
        print(f"{values.format}: {output}, {output.stat().st_size:,} bytes, within {difference:.1e} of {folder}")

    return work
