"""Writes the generator of a saved GAN as a SavedModel, as the next version of a model's folder."""

import pathlib
from collections.abc import Callable

from absl import flags

from keras_gan.cli import config, models, provenance
from keras_gan.game import GAN, Game, making


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Loads the model, and returns the function that writes it."""
    found = models.find(values.model)
    game = models.load_found(found, Game)
    if not values.export_dir and not config.is_name(game.name):  # the name comes from the file
        raise ValueError(
            f"`export_dir` must be given for a model whose name is no valid folder name. Received: {game.name!r}"
        )
    folder = values.export_dir or f"saved_models/{game.name}"
    models.check_folder("export_dir", folder)
    if values.version is not None and (pathlib.Path(folder) / str(values.version)).exists():
        raise ValueError(f"`version` must be new. Received: version={values.version}, which {folder} holds")
    options = {name: values[name].value for name in ("max_samples", "keep")} | _special(game, values)
    if not isinstance(game, GAN):
        making.exported(game, values["values"].value or None)
    details = provenance.of_model(found)
    return lambda: print(f"SavedModel: {game.export(folder, version=values.version, metadata=details, **options)}")


def _special(game, values):
    """Returns the options that only a GAN takes, or only other games."""
    names = ("discriminate", "truncation") if isinstance(game, GAN) else ("values",)
    for name in sorted({"discriminate", "truncation", "values"} - set(names)):
        if values[name].value:
            kind = "a GAN" if isinstance(game, GAN) else f"a {type(game).__name__}"
            raise ValueError(f"`{name}` must not be given for {kind}. Received: {name}={values[name].value}")
    return {name: values[name].value for name in names}
