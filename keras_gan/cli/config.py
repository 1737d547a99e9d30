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
WIDTHS = {"dcgan": 32, "mlp": 256, "unet": 32, "resnet": 32}
WIDE = 512  # the hidden layers of models with codes
NETWORKS = {  # what a model's players may be, the default first
    "gan": ("dcgan", "mlp"),
    "vae": ("mlp",),
    "bigan": ("mlp",),
    "pix2pix": ("unet", "resnet"),
    "cycle_gan": ("resnet", "unet"),
}
MODELS = tuple(NETWORKS)
RATES = {"vae": 1e-3, "bigan": 2e-4, "pix2pix": 2e-4, "cycle_gan": 2e-4}
BY_MODEL = ("network", "width", "objective", "generator_lr", "discriminator_lr")  # what another model does differently
RATE, PENALTY, SIDE = 1e-3, 5, 64  # of Adam, of R1 and R2, and the side of pictures up to which they hold
TOLD = ("classes",)  # in a config.json to be read by people: it follows from the data
RATE_HELP = (
    f"Adam's learning rate, which falls to 0 by a cosine. Default: {RATE}; above {SIDE} pixels a side it falls as the "
    "side grows. Of vae 0.001, of other models than gan 0.0002."
)


def setting(default: Any, help: str, **bounds) -> Any:
    """A field of `TrainConfig`: its default, its flag's help, and `lower_bound` or `choices`."""
    return dataclasses.field(default=default, metadata={"help": help, **bounds})


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """A training run. Every field is a flag of `keras-gan train` and a key of the run's `config.json`."""

    model: str = setting("gan", "What is trained: see keras_gan.models.", choices=MODELS)
    dataset: str = setting("digits", "'digits', a TFDS image set such as 'mnist', or 'folder:PATH'.")
    a: str | None = setting(
        None,
        "What cycle_gan translates from and back to, as for --dataset. Of pix2pix the input of each picture: 'edges', "
        "'grey', 'small' or 'masked', which are made of it, or a folder of pictures with the same names.",
    )
    b: str | None = setting(None, "What they translate to. Default: --dataset.")
    pairs: str | None = setting(None, "'folder:PATH' of pictures for pix2pix, input and output side by side.")
    split: str = setting("train", "The part of the data set to train on.")
    image_size: int | None = setting(None, "Pictures are cut and scaled to this side.", lower_bound=4)
    conditional: bool = setting(False, "Give both players the labels.")
    network: str = setting(
        "auto",
        "The players: of gan auto is mlp below 16 pixels a side, else dcgan; vae and bigan are mlp, pix2pix is unet or "
        "resnet, cycle_gan resnet or unet.",
        choices=("auto", "dcgan", "mlp", "unet", "resnet"),
    )
    width: int | None = setting(
        None,
        f"Feature maps at half resolution, or units a hidden layer. Default: {WIDTHS}, {WIDE} of vae and bigan.",
        lower_bound=1,
    )
    latent_dim: int = setting(64, "The number of latent dimensions.", lower_bound=1)
    objective: str | None = setting(
        None,
        f"A name or an expression. Default: relativistic_paired + {PENALTY} * r1 + {PENALTY} * r2; above {SIDE} pixels "
        "a side both weights grow with the number of pixels; of other models than gan that of the paper.",
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

    @property
    def has_domains(self) -> bool:
        """Whether the model translates one kind of pictures into another."""
        return self.model in ("pix2pix", "cycle_gan")

    def check_model(self) -> None:
        """Checks that the settings fit the model.

        Raises:
            ValueError: If they do not.
        """
        of_model = "" if self.model == "gan" else f" for a {self.model}"
        if self.network not in ("auto", *NETWORKS[self.model]):
            raise ValueError(
                f"`network` must be one of {', '.join(('auto', *NETWORKS[self.model]))}{of_model}. "
                f"Received: network={self.network!r}"
            )
        self._check_data()
        self._check_moves()

    def _check_data(self):
        pairs, domains = self.model == "pix2pix", self.has_domains
        for name, takes in (("a", domains), ("b", domains), ("pairs", pairs)):
            if getattr(self, name) is not None and not takes:
                raise ValueError(
                    f"`{name}` must not be given for {self.model}. Received: {name}={getattr(self, name)!r}"
                )
        if self.pairs is not None and (self.a, self.b) != (None, None):
            raise ValueError(f"`a` and `b` must not be given beside `pairs`. Received: a={self.a!r}, b={self.b!r}")
        if self.pairs is not None and not self.pairs.removeprefix("folder:"):
            raise ValueError(f"`pairs` must name a folder, as 'folder:PATH'. Received: pairs={self.pairs!r}")
        if domains and self.a is None and self.pairs is None:
            also = ", or `pairs`" if pairs else ""
            raise ValueError(f"`a` must be given for {self.model}{also}. Received: a=None")

    def _check_moves(self):
        if self.conditional and self.model != "gan":
            raise ValueError(f"`conditional` must be False for {self.model}. Received: conditional=True")
        if self.model == "vae" and (self.discriminator_steps != 1 or self.reuse_fakes):
            raise ValueError(
                "`discriminator_steps` must be 1, and `reuse_fakes` False, for vae, which has no discriminator. "
                f"Received: discriminator_steps={self.discriminator_steps}, reuse_fakes={self.reuse_fakes}"
            )

    def resolved(self, pictures: "Pictures") -> "TrainConfig":
        """With every default that depends on the data set filled in."""
        name = self.name or _default_name(dataclasses.asdict(self))
        steps = max(1, len(pictures.images) // self.batch_size // self.discriminator_steps)
        height, width = pictures.image_shape[:2]
        small = self.model == "gan" and min(height, width) < 16
        network = ("mlp" if small else NETWORKS[self.model][0]) if self.network == "auto" else self.network
        known = {
            "name": name,
            "network": network,
            "dataset": (self.pairs or self.b or self.dataset) if self.has_domains else self.dataset,
            "epochs": self.epochs or max(1, round(UPDATES / steps)),
            **{folder: getattr(self, folder) or path for folder, path in _folders(name).items()},
        }
        if self.model == "gan":
            return dataclasses.replace(self, **known, **self._of_gan(network, height, width))
        rate, wide = RATES[self.model], WIDE if network == "mlp" else WIDTHS[network]
        return dataclasses.replace(
            self,
            **known,
            width=self.width or wide,
            generator_lr=self.generator_lr or rate,
            discriminator_lr=self.discriminator_lr or rate,
        )

    def _of_gan(self, network, height, width):
        """The defaults of a GAN, by the size of its pictures."""
        # The gradient by a picture has as many parts as it has pixels, and a deeper, wider network moves further with
        # each update: by the defaults of small pictures those of 256 pixels explode within six steps.
        growth = max(1.0, math.sqrt(height * width) / SIDE)
        penalty = f"{round(PENALTY * growth**2, 1):g}"
        return {
            "width": self.width or WIDTHS[network],
            "objective": self.objective or f"relativistic_paired + {penalty} * r1 + {penalty} * r2",
            "generator_lr": self.generator_lr or float(f"{RATE / growth:.4g}"),
            "discriminator_lr": self.discriminator_lr or float(f"{RATE / growth:.4g}"),
        }

    def differences(self, saved: dict) -> str:
        """How a configuration that `to_json` wrote differs from this one, as text; empty if it does not."""
        mine, saved = json.loads(self.to_json()), {"model": "gan", **saved}  # older runs are of no other model
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


def _default_name(known):
    """The name of a run of these settings that is given none: that of its data, after the model if it is no GAN."""
    model, data = known.get("model", "gan"), known.get("pairs") or known.get("b") or known.get("dataset")
    parts = [_name_of(each) for each in (known.get("a"), data) if isinstance(each, str)]
    return "-".join(parts if model == "gan" else [str(model), *parts])


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
    sources |= dict.fromkeys(("a", "b", "pairs"), ("dataset", "size")) | {"model": ("dataset", "model")}
    changed = {source for flag, kinds in sources.items() if values[flag].present for source in kinds}
    derived = {"width": "network"} if known.get("width") == WIDTHS.get(str(known.get("network"))) else {}
    if values["model"].present and values["model"].value != known.get("model", "gan"):
        derived |= dict.fromkeys(BY_MODEL, "model")
    if isinstance(known.get("dataset"), str) and known.get("name") == _default_name(known):
        derived["name"] = "dataset"
        changed |= {"name"} if "dataset" in changed else set()
    if values["dataset"].present:  # it is what `b` was
        derived |= {"b": "dataset", "pairs": "dataset"}
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
