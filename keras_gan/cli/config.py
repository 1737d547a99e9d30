"""TrainConfig: the settings of a training run, with the defaults that its model and its data give."""

import dataclasses
import json
import os
import re
from typing import TYPE_CHECKING, Any

from keras_gan import presets
from keras_gan.cli.paths import SOURCES, spell
from keras_gan.cli.sizes import SizeParser
from keras_gan.ground import prefixes
from keras_gan.ground.prefixes import PICTURES, kind_of
from keras_gan.presets import auto, few, lengths
from keras_gan.presets.families import PRESETS
from keras_gan.presets.parts import DEFAULTS

if TYPE_CHECKING:
    from keras_gan.data import Pictures, Table, Windows

OLDER = {  # settings that older runs did not write
    "model": "gan",
    "augmentation": "none",
    "freeze": 0,
    "flip": False,
    "alpha": False,
    "test": 0.3,
}
AUTO = "auto"
INFORMATION = ("classes",)  # keys of a config.json that are no settings: they are there to be read
WATCHED = ("frechet", "kid", "precision", "recall", "density", "coverage", "sliced_wasserstein")
RATE = "Learning rate. Default: the model's; for gan it falls as pictures grow above 64 pixels per side."
NETWORKS = ("auto", *dict.fromkeys(network for preset in PRESETS.values() for network in preset.networks))


def setting(default: Any, help: str, **bounds) -> Any:
    """Returns a field of `TrainConfig`: its default, its flag's help, and `lower_bound`, `choices` or `parser`."""
    return dataclasses.field(default=default, metadata={"help": help, **bounds})


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """A training run. Every field is a flag of `keras-gan train` and a key of the run's `config.json`."""

    model: str = setting(
        "gan",
        "Model to train: see docs/models.md. auto chooses one by the number of pictures, their size and the device, "
        "and prints the reasons. --preset is an alias of this flag.",
        choices=(*PRESETS, AUTO),
    )
    dataset: str = setting(
        "digits",
        "'digits', a TFDS image set such as 'mnist', 'folder:PATH' (a folder or a zip of pictures), 'records:PATH', "
        "'table:PATH' (a CSV or Parquet file; --model then defaults to ctgan), or 'series:PATH' (the same, with "
        "--window; --model then defaults to series).",
    )
    a: str | None = setting(
        None,
        "Pictures to translate, given as for --dataset, for models of two domains such as cycle_gan. For models of "
        "pairs such as pix2pix: 'edges', 'grey', 'small' or 'masked', which are computed from each picture, or a "
        "folder of input pictures with the same names.",
    )
    b: str | None = setting(None, "Pictures that --a is translated to. Default: --dataset, unless that is digits.")
    pairs: str | None = setting(None, "For models of pairs: 'folder:PATH' of pictures, input and output side by side.")
    split: str = setting("train", "Part of the data set to train on.")
    labels: str | None = setting(
        None, "Train only on these classes of --dataset: comma-separated names or numbers, such as cats,dogs or 3,7."
    )
    image_size: int | str | None = setting(
        None, "Cut and scale pictures to this side, or to HEIGHTxWIDTH, such as 48x64.", parser=SizeParser()
    )
    flip: bool = setting(
        False, "Flip half of the pictures left to right, a different half in each epoch; a pair is flipped together."
    )
    alpha: bool = setting(False, "Train on transparency as a fourth channel; otherwise pictures are laid on white.")
    labelled: int | None = setting(
        None,
        "Number of examples that keep their labels, for models that need few labels: sgan, semi_supervised_aae, ccgan. "
        "Default: all.",
        lower_bound=1,
    )
    label: str | None = setting(
        None,
        "For a table: the column that learners predict in keras-gan evaluate. For a series: the column with the class "
        "of each moment; no window crosses from one class into another.",
    )
    window: int | None = setting(None, "For a series: the number of moments per window.", lower_bound=2)
    columns: str | None = setting(
        None,
        "For a table or a series: comma-separated names of the columns to use. Default: all; for a series all but "
        "times and --label.",
    )
    kinds: str | None = setting(
        None,
        "For a table: kinds of columns that are not to be inferred, such as zip=category,born=date. Kinds are number, "
        "integer, category and date.",
    )
    time: str | None = setting(
        None, "For a series: the column of times, which must rise. Default: the column of dates, if there is one."
    )
    test: float = setting(
        0.3,
        "For a series: the share reserved for keras-gan evaluate, at the end of each of up to ten stretches.",
        lower_bound=0.0,
    )
    conditional: bool = setting(False, "Give the labels to both players.")
    network: str = setting(
        "auto",
        "Architecture of the players. auto is the first that the model supports, or mlp for a GAN below 16 pixels per "
        "side; an unsupported one is refused with a list of those that are supported.",
        choices=NETWORKS,
    )
    width: int | None = setting(
        None,
        "Feature maps at half resolution, or units per hidden layer. Default: the model's for its network, such as "
        f"{dict(PRESETS['gan'].networks)}.",
        lower_bound=1,
    )
    latent_dim: int | None = setting(
        None,
        f"Number of latent dimensions. Default: the model's, often {PRESETS['gan'].latent_dim}.",
        lower_bound=1,
    )
    objective: str | None = setting(
        None,
        "Name or expression of the objective. Default: the model's; for gan relativistic_paired + 5 * r1 + 5 * r2, "
        "with penalty weights that grow with the number of pixels above 64 per side.",
    )
    epochs: int | None = setting(
        None,
        f"Passes over the data. Default: about {presets.UPDATES:,} updates; without a GPU at most what fits in about "
        "an hour on one core, which is printed.",
        lower_bound=1,
    )
    batch_size: int | None = setting(
        None, "Examples per batch. Default: the model's, often 64, or all examples if there are fewer.", lower_bound=1
    )
    augmentation: str | None = setting(
        None,
        "Augmentation of real and fake examples before the discriminator. ada adapts its strength so that the "
        "discriminator does not memorize the pictures (ada_p in the curves). Default: ada below "
        f"{few.FEW:,} pictures of at least {few.SMALL} pixels per side; diffaugment for fastgan.",
        choices=few.NAMES,
    )
    init: str | None = setting(
        None,
        "Run folder or .keras file whose players give the initial weights, averaged ones if there are any, for new "
        "data and with new optimizers. Layers that do not fit are listed and start from random weights.",
    )
    freeze: int = setting(
        0, "Number of the discriminator's first layers that keep the weights of --init (FreezeD).", lower_bound=0
    )
    discriminator_steps: int | None = setting(
        None, "Moves of the discriminator per step. Default: the model's, often 1.", lower_bound=1
    )
    reuse_fakes: bool | None = setting(
        None, "Train both players on the same fakes, which is faster: see docs/speed.md. Default: the model's."
    )
    generator_lr: float | None = setting(None, RATE)
    discriminator_lr: float | None = setting(None, RATE)
    ema: float | None = setting(
        None,
        "Decay of the averaged generator, below 1; 0 keeps no average. Default: 0.999 for families, 0 for recipes "
        "whose paper keeps none.",
        lower_bound=0.0,
    )
    seed: int = setting(0, "Seed of weights, noise and the order of the data.", lower_bound=0)
    precision: str = setting("float32", "Keras dtype policy.", choices=("float32", "mixed_bfloat16", "mixed_float16"))
    metrics: str | None = setting(
        None,
        "Comma-separated metrics to compute ten times during training, by random features, such as kid,frechet. Known: "
        f"{', '.join(WATCHED)}. They only compare epochs of one run; report the numbers of keras-gan evaluate.",
    )
    rollbacks: int = setting(
        0, "How often training that became NaN may return to a checkpoint, with half the learning rates.", lower_bound=0
    )
    deterministic: bool = setting(False, "Give the same bits in every run on a GPU too, which may be slower.")
    name: str | None = setting(None, "Name of the run. Default: the data set's, after a non-default model's.")
    run_dir: str | None = setting(None, "Folder of the run. Default: runs/NAME.")
    export_dir: str | None = setting(None, "Folder of the SavedModel's versions. Default: saved_models/NAME.")

    def __post_init__(self):
        for name in ("generator_lr", "discriminator_lr"):
            if getattr(self, name) is not None and not 0 < getattr(self, name) < float("inf"):
                raise ValueError(f"`{name}` must be finite and above 0. Received: {name}={getattr(self, name)}")
        if self.seed >= 2**32:
            raise ValueError(f"`seed` must be below 2^32. Received: seed={self.seed}")
        for name in ("run_dir", "export_dir"):
            if getattr(self, name) == "":
                raise ValueError(f"`{name}` must name a folder. Received: {name}=''")
        if self.name is not None and not is_name(self.name):
            raise ValueError(f"`name` must be letters, digits, _, . and -. Received: name={self.name!r}")
        if self.ema is not None and not 0 <= self.ema < 1:
            raise ValueError(f"`ema` must be in [0, 1). Received: ema={self.ema}")
        if not 0 <= self.test < 1:
            raise ValueError(f"`test` must be in [0, 1). Received: test={self.test}")
        unknown = [name for name in self.watched if name not in WATCHED]
        if unknown:
            raise ValueError(f"`metrics` must be among {', '.join(WATCHED)}. Received: metrics={unknown[0]!r}")
        if self.metrics is not None and len(self.watched) < self.metrics.count(",") + 1:
            raise ValueError(f"`metrics` must name each metric once. Received: metrics={self.metrics!r}")

    @property
    def watched(self) -> list[str]:
        """The names of the metrics that are computed during training."""
        return [] if self.metrics is None else list(dict.fromkeys(self.metrics.split(",")))

    @property
    def preset(self) -> presets.Preset:
        """The preset of the model."""
        return presets.get(self.model)

    @property
    def sources(self) -> presets.Sources:
        """The data that the configuration names."""
        known = {field.name: getattr(self, field.name) for field in dataclasses.fields(presets.Sources)}
        return presets.Sources(**known)

    def rate_of(self, side: str) -> float:
        """Returns the initial learning rate of a side."""
        return self.preset.rate_of(side, dataclasses.asdict(self))

    def check_model(self) -> None:
        """Checks that the settings fit the model.

        Raises:
            ValueError: If they do not fit it.
        """
        self.preset.check(self.network, self.discriminator_steps, self.reuse_fakes, self.augmentation, self.freeze)
        self.preset.parts.check(self.model, self.sources)
        if self.freeze and not self.init:
            raise ValueError(f"`freeze` must be 0 without `init`. Received: freeze={self.freeze}, init={self.init!r}")
        if self.metrics and self.preset.parts.kind != PICTURES:
            raise ValueError(
                f"`metrics` must be None for {self.model}: they measure pictures. Received: metrics={self.metrics!r}"
            )
        if self.conditional and self.preset.parts.labels == "none":
            raise ValueError(f"`conditional` must be False for {self.model}. Received: conditional=True")

    def of_model(self, *counts: int) -> "TrainConfig":
        """Fills in the defaults of the model, except those that depend on more of the data than its size.

        Args:
            *counts: The number of examples of each part of the data; none if they are not known yet.
        """
        preset, defaults = self.preset, self.preset.defaults()
        if counts:
            moves = self.discriminator_steps or preset.discriminator_steps
            defaults["batch_size"] = preset.parts.batch_size(preset.batch_size, counts, moves)
        needs_labels = self.preset.parts.labels == "required" or self.labelled is not None
        return self._filled(defaults, conditional=self.conditional or needs_labels)

    def chosen(self, choice: auto.Choice) -> "TrainConfig":
        """Fills in the settings that `auto` chose, except those that are given."""
        return self._filled(choice.settings, model=choice.model)

    def updates(self, size: tuple[int, ...], gpu: bool) -> int:
        """Returns the default number of updates for pictures of a size; the configuration must not be resolved."""
        preset = self.preset
        if gpu:
            return preset.updates
        defaults, given = preset.defaults(size, self.network), dataclasses.asdict(self)
        # dense players in place of the ones that were measured are quick
        is_quick = defaults["network"] == "mlp" and next(iter(preset.networks)) != "mlp"
        milliseconds = None if is_quick else preset.milliseconds
        return lengths.updates(preset.updates, milliseconds, size, lengths.factor(given, defaults))

    def resolved(self, data: "Pictures | Table | Windows", gpu: bool = False) -> "TrainConfig":
        """Fills in every default.

        Args:
            data: The data that an epoch passes over once.
            gpu: Whether there is a GPU, for the default length.
        """
        count, parts = len(data), self.preset.parts
        config, name = self.of_model(count), self.name or default_name(dataclasses.asdict(self))
        steps = max(1, count // config.batch_size // config.discriminator_steps)
        size = parts.size(parts.shape_of(data))
        defaults = self.preset.defaults(size, self.network) | folders(name)
        defaults["augmentation"] = few.default(self.preset.augmentation, count, size)
        return config._filled(
            defaults | {"name": name, "epochs": max(1, round(config.updates(size, gpu) / steps))},
            network=defaults["network"],
            dataset=parts.main(self.sources),
        )

    def _filled(self, defaults, **changes):
        return dataclasses.replace(
            self, **{name: value for name, value in defaults.items() if getattr(self, name) is None}, **changes
        )

    def differences(self, saved: dict) -> str:
        """Returns the differences of a configuration that `to_json` wrote to this one, as text; empty if none."""
        mine, saved = json.loads(self.to_json()), {**OLDER, **saved}
        names = [name for name in {**mine, **saved} if name not in INFORMATION and not _same(name, saved, mine)]
        return "; ".join(f"{name}: {saved.get(name)!r} there, {mine.get(name)!r} here" for name in names)

    def to_json(self, classes: dict[str, float] | None = None) -> str:
        """Returns the configuration as indented JSON, with the share of each class of the data if given."""
        information = {} if classes is None else {"classes": classes}
        return json.dumps(dataclasses.asdict(self) | information, indent=2) + "\n"


def _same(name, saved, mine):
    """Returns whether a setting is the same in two configurations.

    Paths may be spelled differently, and `run_dir` does not count, as the folder may have been moved.
    """
    if name == "run_dir":
        return True
    pair = [each.get(name) for each in (saved, mine)]
    if name in ("export_dir", *SOURCES) and all(isinstance(each, str) for each in pair):
        pair = [os.path.abspath(each) if name == "export_dir" else spell(each) for each in pair]
    return pair[0] == pair[1]


def _name_of(dataset):
    """Returns the part of a run's name that names a data set."""
    kind = kind_of(dataset)
    prefix, path = prefixes.split(dataset)
    own = (dataset if prefix == "records" else path).rstrip("/").rsplit("/", 1)[-1]  # other than its folder's name
    own = own if kind == PICTURES else re.sub(r"\.(csv|tsv|parquet)(\.gz)?$", "", own, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", own).strip("._-") or "run"


def default_name(known):
    """Returns the default name of a run: the data's, after the model's unless that is a default model."""
    model, data = known.get("model", "gan"), known.get("pairs") or known.get("b") or known.get("dataset")
    parts = [_name_of(each) for each in (known.get("a"), data) if isinstance(each, str)]
    return "-".join(parts if model in DEFAULTS.values() else [str(model), *parts])


def folders(name):
    """Returns the default folders of a run, by its name."""
    return {"run_dir": f"runs/{name}", "export_dir": f"saved_models/{name}"}


def is_name(text: str) -> bool:
    """Returns whether `text` is a valid name of a run or of a model's folder."""
    return re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", text) is not None
