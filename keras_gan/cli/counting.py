"""The progress of commands that write pictures one by one."""

import sys

import keras

from keras_gan.ground.arguments import counted


class Counting:
    """A progress bar on a terminal, otherwise a line per tenth of the pictures.

    Args:
        count: Number of pictures in all.
    """

    def __init__(self, count: int):
        self.count, self.tenths = count, 0
        self.bar = keras.utils.Progbar(count, unit_name="picture") if sys.stdout.isatty() else None

    def show(self, done: int) -> None:
        """Shows that so many pictures are done."""
        if self.bar is not None:
            self.bar.update(done)
        elif 10 * done // self.count > self.tenths and done < self.count:
            self.tenths = 10 * done // self.count
            print(f"{done:,} of {counted(self.count, 'picture')}", flush=True)
