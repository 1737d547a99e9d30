"""The data of a family: the parts that a user names, and the batches of a run that are made from them."""

import csv
import dataclasses
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from keras_gan.ground import prefixes
from keras_gan.ground.prefixes import PICTURES, ROWS, WINDOWS, kind_of
from keras_gan.presets import checks, few

if TYPE_CHECKING:
    import tensorflow as tf

    from keras_gan.data import Pictures, Schema, SeriesSchema, Table, Windows
    from keras_gan.latents import Categorical

    Data = Pictures | Table | Windows
    Shape = tuple[int, ...] | Schema | SeriesSchema

DEFAULTS = {PICTURES: "gan", ROWS: "ctgan", WINDOWS: "series"}  # the default presets


@dataclasses.dataclass(frozen=True)
class Sources:
    """The data that a user names; see the flags of `keras-gan train`."""

    dataset: str = "digits"
    a: str | None = None
    b: str | None = None
    pairs: str | None = None
    labels: str | None = None
    split: str = "train"
    image_size: int | str | None = None
    alpha: bool = False
    flip: bool = False
    labelled: int | None = None
    label: str | None = None
    window: int | None = None
    columns: str | None = None
    kinds: str | None = None
    time: str | None = None
    test: float = 0.3
    seed: int = 0


OWN = {  # sources that only some kinds of data take
    PICTURES: ("split", "image_size", "alpha", "flip"),
    ROWS: ("label", "columns", "kinds"),
    WINDOWS: ("window", "columns", "time", "test", "label"),
}
TAKERS = {  # presets that take a source, as examples for errors
    "a": ("cycle_gan", "pix2pix"),
    "b": ("cycle_gan", "pix2pix"),
    "pairs": ("pix2pix",),
    "labels": ("gan", "vae"),
    "labelled": ("sgan", "ccgan"),
    "label": ("ctgan", "series"),
    "window": ("series",),
}
DEFAULT_SOURCES = Sources()


class Parts:
    """The data that the games of a family are trained on.

    Attributes:
        kind: What an example is: `PICTURES`, `ROWS` or `WINDOWS`.
        names: The parts of the data that have the shape of pictures.
        takes: Which of the sources `a`, `b`, `pairs` and `labels` name parts. `dataset` always does: `b`, or all parts.
        labels: Whether the game takes labels: `"required"`, `"optional"` or `"none"`.
        few: Whether the labels of a few examples are enough.
    """

    kind: str = PICTURES
    names: tuple[str, ...] = ("real",)
    takes: tuple[str, ...] = ()
    labels: str = "none"
    few: bool = False

    def check(self, model: str, sources: Sources) -> None:
        """Raises a ValueError if the sources do not fit; `model` is the name of the family in the text."""
        kind = kind_of(sources.dataset)
        if kind != self.kind:
            other = "" if kind == PICTURES else f", {kind}: such as --model={DEFAULTS[kind]} takes them"
            must = "name pictures" if self.kind == PICTURES else f"be {' or '.join(prefixes.forms(self.kind))}"
            raise ValueError(f"`dataset` must {must} for {model}. Received: dataset={sources.dataset!r}{other}")
        for name in {name: None for names in OWN.values() for name in names if name not in OWN[self.kind]}:
            self._refuse(name, model, sources, f", which is trained on {self.kind}")
        for name in ("a", "b", "pairs", "labels"):
            if name not in self.takes:
                self._refuse(name, model, sources)
        if not self.few:
            self._refuse("labelled", model, sources)

    def _refuse(self, name, model, sources, why=""):
        value = getattr(sources, name)
        if value != getattr(DEFAULT_SOURCES, name):
            takers = f"; {' or '.join(TAKERS[name])} takes it" if name in TAKERS else ""
            raise ValueError(f"`{name}` must not be given for {model}{why}. Received: {name}={value!r}{takers}")

    def main(self, sources: Sources) -> str:
        """Returns the source that a run is named after."""
        return sources.dataset

    def read(self, sources: Sources) -> "dict[str, Data | str]":
        """Returns part -> its data, or the name of a function if the part is made from another one.

        Raises:
            ValueError: If there is no such data, or parts do not fit each other.
        """
        raise NotImplementedError

    def longest(self, parts: "Mapping[str, Data | str]") -> "Data":
        """Returns the part that an epoch is one pass over; `parts` is the result of `read`."""
        return max((part for part in parts.values() if not isinstance(part, str)), key=len)

    def batch_size(self, default: int, counts: Sequence[int], moves: int = 1) -> int:
        """Returns the default number of examples per batch.

        Args:
            default: The preset's number.
            counts: The number of examples of each part that is read.
            moves: Moves of the discriminator per step.
        """
        return few.batch_size(default, counts, moves)

    def batches(
        self,
        parts: "Mapping[str, Data | str]",
        batch_size: int,
        seed: int,
        labels: bool,
        flip: bool = False,
    ) -> "tf.data.Dataset":
        """Returns the batches of a run.

        Args:
            parts: The result of `read`.
            batch_size: Examples per batch.
            seed: Seed of the order.
            labels: Whether batches include labels.
            flip: Whether half of the examples are flipped left to right, all pictures of an example alike.
        """
        raise NotImplementedError

    def describe(self, parts: "Mapping[str, Data | str]") -> list[str]:
        """Returns lines on the parts that are made from others, to print at the beginning of a run."""
        return [f"{name}: {part!r}, made from the other part" for name, part in parts.items() if isinstance(part, str)]

    def classes(self, parts: "Mapping[str, Data | str]") -> "Categorical | None":
        """Returns the classes of labelled pictures, each as frequent as in the data; None if there are no labels."""
        return None

    def shape_of(self, data: "Data") -> "Shape":
        """Returns the shape of an example of the data: that of a picture, or the schema of rows or windows."""
        return data.image_shape

    def shapes(self, parts: "Mapping[str, Data | str]", dataset: "tf.data.Dataset") -> "dict[str, Shape]":
        """Returns the shape of an example of each part; `parts` and `dataset` are from `read` and `batches`."""
        spec = dataset.element_spec
        known = spec if isinstance(spec, dict) else {"real": spec[0] if isinstance(spec, tuple) else spec}
        return {name: tuple(part.shape[1:]) for name, part in known.items()}

    def check_shapes(self, shape: Sequence[int] | Mapping[str, Any], model: str) -> dict[str, Any]:
        """Returns the shape of an example of each part, from the argument `shape` of `Preset.build`.

        Raises:
            ValueError: If a part is missing, or is of another kind; `model` is the name of the family in the text.
        """
        return checks.check_shapes(shape, self.names, model)

    def size(self, shape: "Shape") -> tuple[int, ...]:
        """Returns the (height, width) of pictures of a shape, on which settings depend; () for other data."""
        return shape[:2]


class SchemaParts(Parts):
    """One part of the data, `real`, whose examples a schema describes: rows of a table, or windows of a series."""

    def shape_of(self, data):
        return data.schema

    def shapes(self, parts, dataset):
        return {name: self.shape_of(part) for name, part in parts.items()}

    def size(self, shape):
        return ()


def split_names(text: str) -> list[str]:
    """Splits names at commas; a name with a comma is quoted, as in a line of a CSV file.

    >>> split_names('cats, "big, white dogs"')
    ['cats', 'big, white dogs']
    """
    return next(csv.reader([text], skipinitialspace=True), [])


def join_names(names: Sequence[str]) -> str:
    """Joins names by commas, the inverse of `split_names`.

    >>> join_names(["cats", "big, white dogs"])
    'cats,"big, white dogs"'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(names)
    return text.getvalue()
