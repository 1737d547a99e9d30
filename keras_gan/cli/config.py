"""What a training run is made of: flags, the JSON beside a run, and the defaults of both."""

import dataclasses
import json
import math
import pathlib
import re
from typing import TYPE_CHECKING, Any

from absl import flags

from keras_gan.cli import refusals
from keras_gan.ground import files

if TYPE_CHECKING:
    from keras_gan.data import Pictures

UPDATES = 9_000  # generator updates of a default run
WIDTHS = {"dcgan": 32, "mlp": 256}
RATE, PENALTY, SIDE = 1e-3, 5, 64  # of Adam, of R1 and R2, and the side of pictures up to which they hold
TOLD = ("classes",)  # in a config.json to be read by people: it follows from the data
RATE_HELP = (
    f"Adam's learning rate, which falls to 0 by a cosine. Default: {RATE}; above {SIDE} pixels a side it falls as the "
    "side grows."
)


def setting(default: Any, help: str, **bounds) -> Any:
    """A field of `TrainConfig`: its default, its flag's help, and `lower_bound` or `choices`."""
    return dataclasses.field(default=default, metadata={"help": help, **bounds})


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """A training run. Every field is a flag of `keras-gan train` and a key of the run's `config.json`."""

    dataset: str = setting("digits", "'digits', a TFDS image set such as 'mnist', or 'folder:PATH'.")
    split: str = setting("train", "The part of the data set to train on.")
    image_size: int | None = setting(None, "Pictures are cut and scaled to this side.", lower_bound=4)
    conditional: bool = setting(False, "Give both players the labels.")
    network: str = setting("auto", "The players: auto is mlp below 16 pixels a side.", choices=("auto", "dcgan", "mlp"))
    width: int | None = setting(
        None, f"Feature maps at half resolution, or units a hidden layer. Default: {WIDTHS}.", lower_bound=1
    )
    latent_dim: int = setting(64, "The number of latent dimensions.", lower_bound=1)
    objective: str | None = setting(
        None,
        f"A name or an expression. Default: relativistic_paired + {PENALTY} * r1 + {PENALTY} * r2; above {SIDE} pixels "
        "a side both weights grow with the number of pixels.",
    )
    epochs: int | None = setting(None, f"Passes over the data. Default: about {UPDATES:,} updates.", lower_bound=1)
    batch_size: int = setting(64, "Examples a batch.", lower_bound=1)
    discriminator_steps: int = setting(1, "Moves of the discriminator a step.", lower_bound=1)
    reuse_fakes: bool = setting(False, "Train both players on the same fakes, which is faster: see docs/speed.md.")
    generator_lr: float | None = setting(None, RATE_HELP)
    discriminator_lr: float | None = setting(None, RATE_HELP)
    ema: float = setting(0.999, "The decay of the averaged generator; 0 keeps no average.", lower_bound=0.0)
    seed: int = setting(0, "Of weights, noise and the order of the data.", lower_bound=0)
    precision: str = setting("float32", "Keras's dtype policy.", choices=("float32", "mixed_bfloat16", "mixed_float16"))
    rollbacks: int = setting(
        0, "How often training that became NaN goes back to a checkpoint, with half the learning rates.", lower_bound=0
    )
    deterministic: bool = setting(False, "The same bits in every run on a GPU too, which may be slower.")
    name: str | None = setting(None, "The run's name. Default: the data set's.")
    run_dir: str | None = setting(None, "Where the run is written. Default: runs/NAME.")
    export_dir: str | None = setting(None, "Where the SavedModel is written. Default: saved_models/NAME.")

    def __post_init__(self):
        for name in ("generator_lr", "discriminator_lr"):
            if getattr(self, name) is not None and not 0 < getattr(self, name) < float("inf"):
                raise ValueError(f"`{name}` must be finite and above 0. Received: {name}={getattr(self, name)}")
        if self.seed >= 2**32:
            raise ValueError(f"`seed` must be below 2^32. Received: seed={self.seed}")
        if self.name and not is_name(self.name):
            raise ValueError(f"`name` must be letters, digits, _, . and -. Received: name={self.name!r}")
        if not 0 <= self.ema < 1:
            raise ValueError(f"`ema` must be in [0, 1). Received: ema={self.ema}")

    def resolved(self, pictures: "Pictures") -> "TrainConfig":
        """With every default that depends on the data set filled in."""
        name = self.name or _name_of(self.dataset)
        steps = max(1, len(pictures.images) // self.batch_size // self.discriminator_steps)
        height, width = pictures.image_shape[:2]
        network = ("mlp" if min(height, width) < 16 else "dcgan") if self.network == "auto" else self.network
        # The gradient by a picture has as many parts as it has pixels, and a deeper, wider network moves further with
        # each update: by the defaults of small pictures those of 256 pixels explode within six steps.
        growth = max(1.0, math.sqrt(height * width) / SIDE)
        penalty = f"{round(PENALTY * growth**2, 1):g}"
        return dataclasses.replace(
            self,
            name=name,
            network=network,
            width=self.width or WIDTHS[network],
            objective=self.objective or f"relativistic_paired + {penalty} * r1 + {penalty} * r2",
            generator_lr=self.generator_lr or float(f"{RATE / growth:.4g}"),
            discriminator_lr=self.discriminator_lr or float(f"{RATE / growth:.4g}"),
            epochs=self.epochs or max(1, round(UPDATES / steps)),
            **{folder: getattr(self, folder) or path for folder, path in _folders(name).items()},
        )

    def differences(self, saved: dict) -> str:
        """How a configuration that `to_json` wrote differs from this one, as text; empty if it does not."""
        mine = json.loads(self.to_json())
        names = [name for name in {**mine, **saved} if name not in TOLD and saved.get(name) != mine.get(name)]
        return "; ".join(f"{name}: {saved.get(name)!r} there, {mine.get(name)!r} here" for name in names)

    def to_json(self, classes: dict[str, float] | None = None) -> str:
        """The configuration as indented JSON, with the share of each class of the data if they are given."""
        told = {} if classes is None else {"classes": classes}
        return json.dumps(dataclasses.asdict(self) | told, indent=2) + "\n"


def _name_of(dataset):
    """The name of a run on a data set that is given none."""
    own = dataset.removeprefix("folder:").rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", own).strip("._-") or "run"


def _folders(name):
    """The folders of a run of this name that is given none."""
    return {"run_dir": f"runs/{name}", "export_dir": f"saved_models/{name}"}


def is_name(text: str) -> bool:
    """Whether a run, or a model's folder, may be called so."""
    return re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", text) is not None


def define_flags(values: flags.FlagValues) -> None:
    """Defines a flag for each field."""
    for field in dataclasses.fields(TrainConfig):
        kind = str(field.type).removesuffix(" | None").removeprefix("<class '").removesuffix("'>")
        help, bounds = field.metadata["help"], {k: v for k, v in field.metadata.items() if k != "help"}
        if "choices" in bounds:
            flags.DEFINE_enum(field.name, field.default, list(bounds["choices"]), help, flag_values=values)
        elif kind == "bool":
            flags.DEFINE_boolean(field.name, field.default, help, flag_values=values)
        else:
            define = {"int": flags.DEFINE_integer, "float": flags.DEFINE_float, "str": flags.DEFINE_string}[kind]
            define(field.name, field.default, help, flag_values=values, **bounds)
    flags.DEFINE_string(
        "config", None, "A config.json that a run wrote; flags given beside it win.", flag_values=values
    )


def from_flags(values: flags.FlagValues) -> TrainConfig:
    """The configuration of the flags that were given, over the file of `--config`, over the defaults.

    Raises:
        ValueError: If the file cannot be read, or holds a key or a value that no flag would take.
    """
    if values.config:
        for name, value in _chosen(_read(values.config), values).items():
            if value is not None and not values[name].present:
                _check_place(name, value)
                _parse(values[name], value, values.config)
    return TrainConfig(**{field.name: values[field.name].value for field in dataclasses.fields(TrainConfig)})


def _chosen(known, values):
    """What a file says, but for what its run derived from something that a flag now changes: that is derived again."""
    sources = {"dataset": ("dataset", "size"), "image_size": ("size",), "network": ("network",), "name": ("name",)}
    changed = {source for flag, kinds in sources.items() if values[flag].present for source in kinds}
    derived = {"width": "network"} if known.get("width") == WIDTHS.get(str(known.get("network"))) else {}
    if isinstance(known.get("dataset"), str) and known.get("name") == _name_of(known["dataset"]):
        derived["name"] = "dataset"
        changed |= {"name"} if "dataset" in changed else set()
    derived |= {folder: "name" for folder, path in _folders(known.get("name")).items() if known.get(folder) == path}
    if weights := re.fullmatch(r"relativistic_paired \+ ([\d.]+) \* r1 \+ \1 \* r2", str(known.get("objective"))):
        growth = math.sqrt(float(weights[1]) / PENALTY)
        rates = {name: known.get(name) for name in ("generator_lr", "discriminator_lr")}
        expected = [name for name, rate in rates.items() if rate and math.isclose(rate * growth, RATE, rel_tol=1e-3)]
        derived |= dict.fromkeys(["objective", *expected], "size") if growth >= 1 else {}
    return {name: value for name, value in known.items() if name not in TOLD and derived.get(name) not in changed}


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
    if name in ("run_dir", "export_dir") and (path.is_absolute() or ".." in path.parts):
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
    unknown = sorted(set(loaded) - {*known, *TOLD})
    if unknown:
        holds = ", ".join(map(repr, unknown))
        raise ValueError(f"`config` must hold only {', '.join(known)}. Received: config={path!r}, which holds {holds}")
    return loaded
