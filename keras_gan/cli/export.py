"""Writes the generator of a saved GAN as a SavedModel, as the next version of a model's folder."""

import pathlib
from collections.abc import Callable

from absl import flags

from keras_gan.cli import config, models, provenance
from keras_gan.export import layout


def define_flags(values: flags.FlagValues) -> None:
    """Defines the flags of `keras-gan export`."""
    flags.DEFINE_string("model", None, "The .keras file of a GAN, or a run folder.", flag_values=values)
    flags.DEFINE_string("export_dir", None, "The model's folder. Default: saved_models/NAME.", flag_values=values)
    flags.DEFINE_integer("version", None, "Default: the next free one.", 1, layout.HIGHEST, flag_values=values)
    flags.DEFINE_boolean("discriminate", False, "Also export the discriminator's scores.", flag_values=values)
    flags.DEFINE_boolean("truncation", False, "Requests may choose a truncation of Normal latents.", flag_values=values)
    flags.DEFINE_integer(
        "max_samples", 1024, "The most samples a request may ask for.", lower_bound=1, flag_values=values
    )
    flags.DEFINE_integer(
        "keep", None, "Remove the oldest versions beyond this many. Default: none.", lower_bound=1, flag_values=values
    )


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Loads the model; what is left is to write."""
    game = models.load(values.model)
    if not values.export_dir and not config.is_name(game.name):  # it comes from the file
        raise ValueError(f"`export_dir` must be given for a model of this name. Received: {game.name!r}")
    folder = values.export_dir or f"saved_models/{game.name}"
    models.check_folder("export_dir", folder)
    if values.version is not None and (pathlib.Path(folder) / str(values.version)).exists():
        raise ValueError(f"`version` must be new. Received: version={values.version}, which {folder} holds")
    options = {name: values[name].value for name in ("discriminate", "truncation", "max_samples", "keep")}
    told = provenance.of_model(values.model)
    return lambda: print(f"SavedModel: {game.export(folder, values.version, metadata=told, **options)}")
