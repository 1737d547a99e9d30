"""Data of games of series: windows."""

import dataclasses
from collections.abc import Mapping

import keras_gan
from keras_gan.ground import prefixes
from keras_gan.ground.prefixes import WINDOWS
from keras_gan.presets.parts import SchemaParts, split_names

STRETCHES, LEAST = 10, 8  # the most stretches that a series is cut into, and the least length of each in windows


@dataclasses.dataclass(frozen=True)
class Windows(SchemaParts):
    """The windows of a series, the part `real`, with the labels of their column where a game is conditional.

    Attributes:
        changes: Whether windows are given as changes: see `data.Windows`.
    """

    kind = WINDOWS
    labels: str = "optional"
    changes: bool = False

    def check(self, model, sources):
        super().check(model, sources)
        if sources.window is None:
            raise ValueError(
                f"`window` must be given for {model}: how many moments a window has, such as 24. Received: window=None"
            )

    def read(self, sources):
        return {"real": read_windows(sources, self.changes)}

    def classes(self, parts):
        series = parts["real"]
        if series.labels is None:
            return None
        return keras_gan.latents.Categorical.of_labels(series.labels, names=series.class_names)

    def batches(self, parts, batch_size, seed, labels, flip=False):
        series = parts["real"]
        arrays = (series.train, series.labels) if labels else series.train
        return keras_gan.data.batches(arrays, batch_size, seed=seed)

    def check_shapes(self, shape, model):
        schema = shape.get("real") if isinstance(shape, Mapping) else shape
        if not isinstance(schema, keras_gan.data.SeriesSchema):
            raise ValueError(
                f"`shape` must be the schema of a series, `data.Windows(...).schema`, for {model}. "
                f"Received: shape={keras_gan.ground.arguments.shown(shape)}"
            )
        return {"real": schema}


def read_windows(sources, changes: bool = False) -> "keras_gan.data.Windows":
    """Returns the windows of a series that sources name, from ten stretches of it, or fewer if they would be short.

    Args:
        sources: The path, and the options of the windows.
        changes: Whether windows are given as changes. Defaults to False.

    Raises:
        ValueError: If the path is no series; the text has the names of the sources.
    """
    path = prefixes.split(sources.dataset)[1]
    options = {"test": sources.test, "time": sources.time, "label": sources.label, "changes": changes}
    options |= {"columns": None if sources.columns is None else split_names(sources.columns)}
    try:
        keras_gan.ground.arguments.check_count("length", sources.window, least=2)
        table = keras_gan.data.frames.as_frame(path)
        most = len(table) // (LEAST * sources.window) if sources.label is None else 1
        return keras_gan.data.Windows(table, sources.window, **options, stretches=min(STRETCHES, max(most, 1)))
    except ValueError as error:
        text = str(error)
        for name, called in (("data", "dataset"), ("length", "window")):
            text = text.replace(f"`{name}`", f"`{called}`").replace(f" {name}=", f" {called}=")
        raise ValueError(text) from error
