"""Pictures of a game during training."""

import os
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from keras_gan import images
from keras_gan.game import Game
from keras_gan.game.watching import StepCallback
from keras_gan.ground import files, notebook
from keras_gan.ground.arguments import check_every


class Drawing(StepCallback):
    """Draws a picture of a game: a PNG per epoch or every n steps, and a GIF of all pictures at the end.

    In a notebook the newest picture also shows below the cell. `SampleGrid` draws the pictures, points or numbers that
    a game makes.

    Args:
        directory: Where `epoch-0001.png` or `step-00000100.png` and `samples.gif` are written.
        draw: Function from the game to a picture, (height, width, 1, 3 or 4) uint8.
        every: `"epoch"`, or a number of steps. Defaults to `"epoch"`.
        gif: Whether to make a GIF. Defaults to True.
        tensorboard_dir: A folder for TensorBoard's image summaries. Defaults to None, for no summaries.

    Raises:
        ValueError: If `every` is neither `"epoch"` nor a positive number of steps.

    Example:

    >>> weights = keras_gan.callbacks.Drawing("runs/w", lambda game: plots.rows(game.generator.get_weights()[0]))
    >>> gan.fit(dataset, epochs=50, callbacks=[weights])
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        draw: Callable[[Game], np.ndarray],
        every: str | int = "epoch",
        *,
        gif: bool = True,
        tensorboard_dir: str | os.PathLike | None = None,
    ):
        super().__init__()
        self.directory, self.draw, self.gif = files.check_path(directory, "directory"), draw, gif
        self.every = check_every(every)
        if tensorboard_dir is not None:
            files.check_path(tensorboard_dir, "tensorboard_dir")
        self.tensorboard_dir = tensorboard_dir
        self._drawn, self._output = -1, notebook.Output()

    def looks_every(self) -> int | None:
        """Returns `every`, if it is a number of steps."""
        return self.every if isinstance(self.every, int) else None

    def on_train_begin(self, logs=None):
        """Opens the TensorBoard writer, if there is a folder for it."""
        self._writer = tf.summary.create_file_writer(str(self.tensorboard_dir)) if self.tensorboard_dir else None
        self._drawn, self._output = int(self.model.step.numpy()), notebook.Output()

    def on_train_batch_end(self, batch, logs=None):
        """Draws after each `every` steps."""
        if self.every != "epoch":
            step = int(self.model.step.numpy())
            if step // self.every > self._drawn // self.every:
                self._write(f"step-{step:08d}.png", step)
            self._drawn = step

    def on_epoch_end(self, epoch, logs=None):
        """Draws, if `every` is `"epoch"`."""
        if self.every == "epoch":
            self._write(f"epoch-{epoch + 1:04d}.png", epoch + 1)

    def on_train_end(self, logs=None):
        """Joins all pictures in the folder, including those of earlier sessions, into `samples.gif`."""
        frames = sorted(self.directory.glob("epoch-*.png" if self.every == "epoch" else "step-*.png"))
        if self.gif and frames:
            images.save_gif(self.directory / "samples.gif", frames, milliseconds=max(40, min(300, 8000 // len(frames))))
        if self._writer is not None:
            self._writer.close()

    def _write(self, name, step):
        picture = self.draw(self.model)
        images.save_png(self.directory / name, picture)
        self._output.show(images.to_png(picture))
        if self._writer is not None:
            with self._writer.as_default():
                tf.summary.image("samples", picture[None], step=step)
