"""TrainConfig: the settings of a training run, with the defaults that its model and its data give."""

import dataclasses
import json
import os
import re
from typing import TYPE_CHECKING, Any

from keras_gan import presets
from keras_gan.cli.sizes import SizeParser
from keras_gan.presets import auto, few, lengths
from keras_gan.presets.families import PRESETS
from keras_gan.presets.parts import DEFAULTS, PICTURES, PREFIXES, kind_of

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
TOLD = ("classes",)  # keys of a config.json that are no settings: people read them
WATCHED = ("frechet", "kid", "precision", "recall", "density", "coverage", "sliced_wasserstein")
RATE = "The learning rate. Default: the model's; that of gan falls as pictures grow above 64 pixels per side."
NETWORKS = ("auto", *dict.fromkeys(network for preset in PRESETS.values() for network in preset.networks))


def setting(default: Any, help: str, **bounds) -> Any:
    """Returns a field of `TrainConfig`: its default, its flag's help, and `lower_bound`, `choices` or `parser`."""
    return dataclasses.field(default=default, metadata={"help": help, **bounds})


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """A training run. Every field is a flag of `keras-gan train` and a key of the run's `config.json`."""

    model: str = setting(
        "gan",
        "What is trained: see docs/models.md. auto takes one by the number of pictures, their size and the device, and "
        "says why. --preset is another name of this flag.",
        choices=(*PRESETS, AUTO),
    )
    dataset: str = setting(
        "digits",
        "'digits', a TFDS image set such as 'mnist', 'folder:PATH' of a folder or a zip, 'records:PATH', or of a CSV "
        "or Parquet file 'table:PATH', of which --model defaults to ctgan, or 'series:PATH' with --window, of which it "
        "defaults to series.",
    )
    a: str | None = setting(
        None,
        "What is translated, as for --dataset, by models of two domains such as cycle_gan. Of pairs, as of pix2pix, "
        "the input of each picture: 'edges', 'grey', 'small' or 'masked', which are made of it, or a folder of "
        "pictures with the same names.",
    )
    b: str | None = setting(None, "What they translate to. Default: --dataset.")
    pairs: str | None = setting(None, "'folder:PATH' of pictures for models of pairs, input and output side by side.")
    split: str = setting("train", "The part of the data set to train on.")
    labels: str | None = setting(
        None, "Train only on these classes of --dataset, names or numbers by commas: such as cats,dogs or 3,7."
    )
    image_size: int | str | None = setting(
        None, "A side, or HEIGHTxWIDTH as 48x64, to which pictures are cut and scaled.", parser=SizeParser()
    )
    flip: bool = setting(
        False, "Flip half of the pictures left to right, other ones in each epoch; of a pair or a domain alike."
    )
    alpha: bool = setting(False, "Train on transparency as a fourth channel; else it is laid on white.")
    labelled: int | None = setting(
        None,
        "How many examples keep their labels, for models that want few: sgan, semi_supervised_aae, ccgan. Default: "
        "all that are used.",
        lower_bound=1,
    )
    label: str | None = setting(
        None,
        "Of a table: the column that learners are to predict. It is kept for keras-gan evaluate. Of a series: the "
        "column that says what each moment is of; no window reaches from one into another.",
    )
    window: int | None = setting(None, "Of a series: how many moments a window has.", lower_bound=2)
    columns: str | None = setting(
        None,
        "Of a table or a series: the columns that are taken, names by commas. Default: all; of a series all but times "
        "and --label.",
    )
    kinds: str | None = setting(
        None,
        "Of a table: what columns are that are not what they seem, such as zip=category,born=date. Kinds are number, "
        "integer, category and date.",
    )
    time: str | None = setting(
        None, "Of a series: the column of times, which must rise. Default: the column of dates, if there is one."
    )
    test: float = setting(
        0.3,
        "Of a series: the share that is held out for keras-gan evaluate, at the end of each of up to ten stretches.",
        lower_bound=0.0,
    )
    conditional: bool = setting(False, "Give both players the labels.")
    network: str = setting(
        "auto",
        "The players. auto is the first of those that the model may have, which an error lists; of a GAN below 16 "
        "pixels per side it is mlp.",
        choices=NETWORKS,
    )
    width: int | None = setting(
        None,
        "Feature maps at half resolution, or units a hidden layer. Default: the model's for its network, such as "
        f"{dict(PRESETS['gan'].networks)}.",
        lower_bound=1,
    )
    latent_dim: int | None = setting(
        None,
        f"The number of latent dimensions. Default: the model's, often {PRESETS['gan'].latent_dim}.",
        lower_bound=1,
    )
    objective: str | None = setting(
        None,
        "A name or an expression. Default: the model's; of gan relativistic_paired + 5 * r1 + 5 * r2, with weights "
        "that grow with the number of pixels above 64 a side.",
    )
    epochs: int | None = setting(
        None,
        f"Passes over the data. Default: about {presets.UPDATES:,} updates; without a GPU no more than fit in about an "
        "hour of one core, which is said.",
        lower_bound=1,
    )
    batch_size: int | None = setting(
        None, "Examples per batch. Default: the model's, often 64, or all where there are fewer.", lower_bound=1
    )
    augmentation: str | None = setting(
        None,
        "What real and fake pass through before the discriminator: ada is as strong as it takes to keep it from "
        "knowing the pictures by heart (ada_p in the curves). Default: ada below "
        f"{few.FEW:,} pictures of at least {few.SMALL} pixels per side; diffaugment of fastgan.",
        choices=few.NAMES,
    )
    init: str | None = setting(
        None,
        "A run folder or a .keras file to begin from: the weights of its players, with the average where there is one, "
        "for new data and with new optimizers. Layers that do not fit are named, and left as they begin.",
    )
    freeze: int = setting(
        0, "How many of the first layers of the discriminator stay as --init gave them (FreezeD).", lower_bound=0
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
        "The decay of the averaged generator; 0 keeps no average. Default: 0.999 of families, 0 of recipes whose paper "
        "keeps none.",
        lower_bound=0.0,
    )
    seed: int = setting(0, "Of weights, noise and the order of the data.", lower_bound=0)
    precision: str = setting("float32", "Keras's dtype policy.", choices=("float32", "mixed_bfloat16", "mixed_float16"))
    metrics: str | None = setting(
        None,
        f"What is measured ten times during training, by random features, such as kid,frechet: {', '.join(WATCHED)}. "
        "Such numbers compare moments of one run; keras-gan evaluate gives those that count.",
    )
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
            raise ValueError(f"`metrics` must name each once. Received: metrics={self.metrics!r}")

    @property
    def watched(self) -> list[str]:
        """The names of what is measured during training."""
        return [] if self.metrics is None else list(dict.fromkeys(self.metrics.split(",")))

    @property
    def preset(self) -> presets.Preset:
        """The row of the model."""
        return presets.get(self.model)

    @property
    def sources(self) -> presets.Sources:
        """The data that it names."""
        known = {field.name: getattr(self, field.name) for field in dataclasses.fields(presets.Sources)}
        return presets.Sources(**known)

    def rate_of(self, side: str) -> float:
        """Returns the learning rate of a side at the beginning."""
        return self.preset.rate_of(side, dataclasses.asdict(self))

    def check_model(self) -> None:
        """Checks that the settings fit the model.

        Raises:
            ValueError: If they do not.
        """
        self.preset.check(self.network, self.discriminator_steps, self.reuse_fakes, self.augmentation, self.freeze)
        self.preset.parts.check(self.model, self.sources)
        if self.freeze and not self.init:
            raise ValueError(f"`freeze` must be 0 without `init`. Received: freeze={self.freeze}, init={self.init!r}")
        if self.metrics and self.preset.parts.kind != PICTURES:
            raise ValueError(f"`metrics` must be None for {self.model}: they see pictures. Received: {self.metrics!r}")
        if self.conditional and self.preset.parts.labels == "none":
            raise ValueError(f"`conditional` must be False for {self.model}. Received: conditional=True")

    def of_model(self, *counts: int) -> "TrainConfig":
        """Fills in the defaults of the model, but for those that depend on more of the data than their number.

        Args:
            *counts: The number of examples of each part that is read; none if they are not known yet.
        """
        preset, defaults = self.preset, self.preset.defaults()
        if counts:
            moves = self.discriminator_steps or preset.discriminator_steps
            defaults["batch_size"] = preset.parts.batch_size(preset.batch_size, counts, moves)
        is_told = self.preset.parts.labels == "required" or self.labelled is not None
        return self._filled(defaults, conditional=self.conditional or is_told)

    def chosen(self, choice: auto.Choice) -> "TrainConfig":
        """Fills in what `auto` chose, but for what is given."""
        return self._filled(choice.settings, model=choice.model)

    def updates(self, size: tuple[int, ...], gpu: bool) -> int:
        """Returns the default number of updates for pictures of a size; of a configuration that is not resolved."""
        preset = self.preset
        if gpu:
            return preset.updates
        defaults, given = preset.defaults(size, self.network), dataclasses.asdict(self)
        # dense players in place of others, as they were measured, are quick
        is_quick = defaults["network"] == "mlp" and next(iter(preset.networks)) != "mlp"
        milliseconds = None if is_quick else preset.milliseconds
        return lengths.updates(preset.updates, milliseconds, size, lengths.factor(given, defaults))

    def resolved(self, data: "Pictures | Table | Windows", gpu: bool = False) -> "TrainConfig":
        """Fills in every default.

        Args:
            data: What an epoch goes through once.
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
        """Returns how a configuration that `to_json` wrote differs from this one, as text; empty if it does not."""
        mine, saved = json.loads(self.to_json()), {**OLDER, **saved}
        names = [name for name in {**mine, **saved} if name not in TOLD and not _same(name, saved, mine)]
        return "; ".join(f"{name}: {saved.get(name)!r} there, {mine.get(name)!r} here" for name in names)

    def to_json(self, classes: dict[str, float] | None = None) -> str:
        """Returns the configuration as indented JSON, with the share of each class of the data if they are given."""
        told = {} if classes is None else {"classes": classes}
        return json.dumps(dataclasses.asdict(self) | told, indent=2) + "\n"


def _same(name, saved, mine):
    """Returns whether a setting is the same in two configurations.

    A folder may be spelled otherwise; and that of the run, which holds one of the two, may have been moved.
    """
    if name == "run_dir":
        return True
    pair = [each.get(name) for each in (saved, mine)]
    if name == "export_dir" and all(isinstance(each, str) for each in pair):
        pair = [os.path.abspath(each) for each in pair]
    return pair[0] == pair[1]


def _name_of(dataset):
    """Returns the name of a data set as a part of a run's name."""
    kind = kind_of(dataset)
    own = dataset.removeprefix(PREFIXES.get(kind, "folder:")).rstrip("/").rsplit("/", 1)[-1]
    own = own if kind == PICTURES else re.sub(r"\.(csv|tsv|parquet)(\.gz)?$", "", own, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", own).strip("._-") or "run"


def default_name(known):
    """Returns the default name of a run of these settings: the data's, after the model's unless that is a default."""
    model, data = known.get("model", "gan"), known.get("pairs") or known.get("b") or known.get("dataset")
    parts = [_name_of(each) for each in (known.get("a"), data) if isinstance(each, str)]
    return "-".join(parts if model in DEFAULTS.values() else [str(model), *parts])


def folders(name):
    """Returns the default folders of a run of this name."""
    return {"run_dir": f"runs/{name}", "export_dir": f"saved_models/{name}"}


def is_name(text: str) -> bool:
    """Returns whether a run, or a model's folder, may be called so."""
    return re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", text) is not None
