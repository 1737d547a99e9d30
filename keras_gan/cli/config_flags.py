"""Reads a `TrainConfig` from flags, and from the config.json of another run."""

import dataclasses
import json
import pathlib

from absl import flags

from keras_gan.cli import paths, refusals
from keras_gan.cli.config import INFORMATION, TrainConfig, default_name, folders
from keras_gan.ground import files
from keras_gan.presets.families import PRESETS

DERIVED = ("network", "width", "objective", "generator_lr", "discriminator_lr", "augmentation")  # set by the model


def define_flags(values: flags.FlagValues) -> None:
    """Defines a flag for each field of `TrainConfig`, and `--config`."""
    for field in dataclasses.fields(TrainConfig):
        kind = str(field.type).removesuffix(" | None").removeprefix("<class '").removesuffix("'>")
        help, bounds = field.metadata["help"], {k: v for k, v in field.metadata.items() if k != "help"}
        if "parser" in bounds:
            flags.DEFINE(bounds["parser"], field.name, field.default, help, flag_values=values)
        elif "choices" in bounds:
            flags.DEFINE_enum(field.name, field.default, list(bounds["choices"]), help, flag_values=values)
        elif kind == "bool":
            flags.DEFINE_boolean(field.name, field.default, help, flag_values=values)
        else:
            define = {"int": flags.DEFINE_integer, "float": flags.DEFINE_float, "str": flags.DEFINE_string}[kind]
            define(field.name, field.default, help, flag_values=values, **bounds)
    flags.DEFINE_string(
        "config", None, "The config.json of a run; flags that are given override its settings.", flag_values=values
    )


def from_flags(values: flags.FlagValues) -> TrainConfig:
    """Returns the configuration: the flags that were given, then the file of `--config`, then the defaults.

    Raises:
        ValueError: If the file cannot be read, or holds a key or a value that no flag accepts.
    """
    if values.config:
        for name, value in _chosen(_read(values.config), values).items():
            if value is not None and not values[name].present:
                _check_place(name, value)
                _parse(values[name], value, values.config)
        paths.settle(values)
    return TrainConfig(**{field.name: values[field.name].value for field in dataclasses.fields(TrainConfig)})


def _chosen(known, values):
    """Returns the settings of a file, without those that its run derived from a setting that a flag now changes."""
    data = ("dataset", "size", "count")
    sources = {"dataset": data, "image_size": ("size",), "network": ("network",), "name": ("name",)}
    sources |= dict.fromkeys(("a", "b", "pairs"), data) | {"model": ("dataset", "model")}
    counted = ("labels", "split", "discriminator_steps", "window", "test", "label")
    sources |= dict.fromkeys(counted, ("count",))
    changed = {source for flag, kinds in sources.items() if values[flag].present for source in kinds}
    derived = _of_model(known)
    if "batch_size" in derived and "count" in changed:  # fewer pictures may make it smaller
        derived["batch_size"] = "count"
    if not values["model"].present or values["model"].value == known.get("model", "gan"):
        derived = {name: source for name, source in derived.items() if source != "model"}
    else:
        derived |= dict.fromkeys(DERIVED, "model")
    if isinstance(known.get("dataset"), str) and known.get("name") == default_name(known):
        derived["name"] = "dataset"
        changed |= {"name"} if "dataset" in changed else set()
    if values["dataset"].present:  # it is what `b` was
        derived |= {"b": "dataset", "pairs": "dataset"}
    derived |= {folder: "name" for folder, path in folders(known.get("name")).items() if known.get(folder) == path}
    return {
        name: value for name, value in known.items() if name not in INFORMATION and derived.get(name) not in changed
    }


def _of_model(known):
    """Returns {setting: what it depends on} of the model's defaults: the model, the network or the size."""
    preset = PRESETS.get(str(known.get("model", "gan")))
    if preset is None:
        return {}
    derived = {name: "model" for name, value in preset.defaults().items() if known.get(name) == value}
    if preset.parts.labels == "required":
        derived["conditional"] = "model"
    if known.get("width") == preset.networks.get(str(known.get("network"))):
        derived["width"] = "network"
    if preset.growth is not None:
        derived |= dict.fromkeys(preset.growth.followed(known, preset.rates), "size")
    return derived


def _parse(flag, value, path):
    try:
        flag.parse(value if isinstance(value, str) else json.dumps(value))
    except flags.IllegalFlagValueError as error:
        must = refusals.requirement(flag)
        raise ValueError(
            f"`{flag.name}` must be {must}. Received: {flag.name}={json.dumps(value)} in {path!r}"
        ) from error


def _check_place(name, value):
    path = pathlib.Path(str(value))
    if name in ("run_dir", "export_dir") and (path.is_absolute() or ".." in path.parts or str(path).startswith("~")):
        raise ValueError(
            f"`{name}` of a config file must be below the working folder; --{name} may name any. "
            f"Received: {name}={value!r}"
        )


def _read(path):
    try:
        loaded = files.read_json(path)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ValueError(f"`config` must be a JSON file that a run wrote. Received: config={path!r}, {why}") from error
    known = [field.name for field in dataclasses.fields(TrainConfig)]
    unknown = sorted(set(loaded) - {*known, *INFORMATION})
    if unknown:
        holds = ", ".join(map(repr, unknown))
        raise ValueError(f"`config` must hold only {', '.join(known)}. Received: config={path!r}, which holds {holds}")
    return loaded
