"""The curves of a run's logs."""

import os

import keras

from keras_gan import images
from keras_gan.game.logs import panels
from keras_gan.ground import files, notebook, plots
from keras_gan.ground.arguments import check_count


class LossPlot(keras.callbacks.Callback):
    """Draws the losses of all sides, the judges' mean outputs, terms of the objective and validation metrics as a PNG.

    In a notebook the picture also shows below the cell.

    Args:
        path: The PNG file, replaced each time.
        every: Number of epochs between two drawings; the last epoch is always drawn. Defaults to 1.

    Example:

    >>> gan.fit(dataset, epochs=50, callbacks=[keras_gan.callbacks.LossPlot("runs/digits/curves.png")])
    """

    def __init__(self, path: str | os.PathLike, every: int = 1):
        super().__init__()
        self.path, self.every = files.check_path(path), check_count("every", every)
        self.history: dict[str, list[float]] = {}
        self._is_drawn = False  # whether the picture shows the whole history
        self._output = notebook.Output()

    def on_train_begin(self, logs=None):
        """Prepares to draw at the end of training, even if no epoch is left."""
        self._is_drawn, self._output = False, notebook.Output()

    def on_epoch_end(self, epoch, logs=None):
        """Adds a point to each curve, and draws after each `every` epochs."""
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(float(value))
        self._is_drawn = False
        if (epoch + 1) % self.every == 0:
            self._draw()

    def on_train_end(self, logs=None):
        """Draws the whole history, unless the last epoch did."""
        if self.history and not self._is_drawn:
            self._draw()

    def _draw(self):
        picture = plots.curves(self._panels())
        images.save_png(self.path, picture)
        self._output.show(images.to_png(picture))
        self._is_drawn = True

    def _panels(self):
        charts = panels(self.history, "metrics")
        return {title: {name: self.history[name] for name in names} for title, names in charts.items()}
