"""Pictures of generated examples during training."""

import os
from collections.abc import Sequence

import numpy as np

from keras_gan import images
from keras_gan.callbacks.drawing import Drawing
from keras_gan.callbacks.value_grid import ValueGrid
from keras_gan.game import GAN
from keras_gan.ground import plots
from keras_gan.ground.arguments import check_count, check_range
from keras_gan.latents import Categorical, label_count
from keras_gan.play import players


class SampleGrid(Drawing):
    """Draws examples that the generator makes from fixed latents: a PNG per epoch or every n steps, and a final GIF.

    In a notebook the newest picture also shows below the cell.

    For games other than `GAN` it draws named values side by side, such as input, output, cycle and target: a row per
    example and a column per value, with its name above. Draws, such as latents, are drawn from `seed`; parts of the
    data are `inputs`.

    Pictures (grey, RGB or RGBA) become a grid, points (N, 2) a scatter plot, (N, 1) numbers a histogram, other examples
    an image with a row per example. A conditional generator shows a column per class, with its name above if the GAN's
    `labels` have names.

    Args:
        directory: Where `epoch-0001.png` or `step-00000100.png` and `samples.gif` are written.
        every: `"epoch"`, or a number of steps. Defaults to `"epoch"`.
        values: The names of the columns for games other than `GAN`, values and parts of `inputs`: `("a", "fake_b",
            "back_a")`. Defaults to those in `displayed` of the game that can be made from `inputs`. A value with a
            drawn class, as in StarGAN, has a column for each of up to 16 classes, with the class's name above.
        inputs: The parts that values are made from, as data for `fit`, such as `{"a": pictures}` or a data set, of
            which the first `num_samples` examples are shown. None if all is drawn.
        num_samples: Number of examples. Defaults to 64 pictures or 1,000 points; for several values, to 8 rows of
            pictures.
        seed: Seed of the latents. Defaults to 0.
        labels: (num_samples, ...) labels or other conditions for a conditional generator. Defaults to each class in
            turn; other conditions are drawn from the `labels` of the GAN.
        columns: Pictures per row.
        scale: Each pixel of a picture becomes `scale` x `scale` pixels. Defaults to the least for sides of 32 or more.
        value_range: The values of black and white in pictures. Defaults to the `value_range` of the GAN.
        real: Real points (M, 2) or (M, 1) to draw behind the generated ones.
        gif: Whether to make a GIF. Defaults to True.
        tensorboard_dir: A folder for TensorBoard's image summaries. Defaults to None, for no summaries.

    Raises:
        ValueError: If a number is below 1, or `every` is neither `"epoch"` nor a positive number of steps.

    Example:

    >>> gan.fit(dataset, epochs=50, callbacks=[keras_gan.callbacks.SampleGrid("runs/digits/samples")])
    >>> grid = keras_gan.callbacks.SampleGrid("runs/horses", values=("a", "fake_b", "back_a"), inputs={"a": horses})
    >>> cycle_gan.fit(dataset, epochs=50, callbacks=[grid])
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        every: str | int = "epoch",
        *,
        values: str | Sequence[str] | None = None,
        inputs=None,
        num_samples: int | None = None,
        seed: int = 0,
        labels=None,
        columns: int | None = None,
        scale: int | None = None,
        value_range: tuple[float, float] | None = None,
        real=None,
        gif: bool = True,
        tensorboard_dir: str | os.PathLike | None = None,
    ):
        for name, value in (("num_samples", num_samples), ("columns", columns), ("scale", scale)):
            if value is not None:
                check_count(name, value)
        super().__init__(directory, self._picture, every, gif=gif, tensorboard_dir=tensorboard_dir)
        self.values = (values,) if isinstance(values, str) else values
        self.inputs = inputs
        self.num_samples, self.seed, self.labels = num_samples, seed, labels
        self.columns, self.scale, self.real = columns, scale, None if real is None else np.asarray(real)
        self.value_range = None if value_range is None else check_range("value_range", value_range)

    def on_train_begin(self, logs=None):
        """Takes the inputs."""
        super().on_train_begin(logs)
        self._grid = None
        if not isinstance(self.model, GAN) or self.values is not None:
            self._grid = ValueGrid(self.model, self.values, self.inputs, self.num_samples, self.seed)

    def _picture(self, game):
        layout = {"columns": self.columns, "scale": self.scale, "value_range": self.value_range, "real": self.real}
        if self._grid is not None:
            return self._grid.draw(**layout)
        return draw(game, self.num_samples, self.seed, self.labels, **layout)


def draw(
    gan, num_samples=None, seed=0, labels=None, columns=None, scale=None, real=None, value_range=None
) -> np.ndarray:
    """Returns one picture, (H, W, 1, 3 or 4) uint8, of generated examples: see `SampleGrid` for the arguments."""
    shape, is_image = gan.example_shape, gan.makes_pictures
    classes = label_count(gan.labels)
    if num_samples is None:
        num_samples = (8 * classes if classes and classes <= 32 else 64) if is_image else 1000
    names = ()
    if labels is None and classes and players.takes_labels(gan.generator):
        names = (gan.labels.names or ()) if isinstance(gan.labels, Categorical) else ()
        labels = np.arange(num_samples) % classes
        columns = columns or (classes if classes <= 32 else None)
    samples = gan.generate(num_samples, labels=labels, seed=seed)
    if is_image:
        value_range = gan.value_range if value_range is None else value_range
        sheet = images.grid(samples, columns, scale=scale or max(1, -(-32 // shape[0])), value_range=value_range)
        return images.caption(sheet, names[:num_samples]) if names and columns == len(names) else sheet
    if shape == (2,):
        return plots.scatter(samples, real, labels if np.shape(labels) == (num_samples,) else None)
    if shape == (1,):
        return plots.histogram(samples, real)
    return plots.rows(samples.reshape(num_samples, -1)[:64])
