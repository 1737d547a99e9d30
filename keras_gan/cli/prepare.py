"""Writes a folder of pictures as records, which training reads from disk."""

import sys
import time
from collections.abc import Callable

import keras
from absl import flags

from keras_gan import data
from keras_gan.cli import interrupts
from keras_gan.data.records import INDEX
from keras_gan.ground.arguments import counted


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks the flags, and returns the function that reads the pictures and writes the records."""
    for name in ("folder", "out"):
        if not values[name].value:
            raise ValueError(f"`{name}` must be given. Received: none")

    def work():
        bar, began, position = None, time.monotonic(), (0, None)

        def progress(done, count):
            nonlocal bar, position
            position = done, count
            if sys.stdout.isatty():
                bar = bar or keras.utils.Progbar(count, unit_name="picture")
                bar.update(done)

        try:
            with interrupts.end_in_order():
                pictures = data.prepare(
                    values.folder,
                    values.out,
                    values.image_size,
                    encoding=values.encoding,
                    quality=values.quality,
                    labels=values.labels,
                    alpha=values.alpha,
                    overwrite=values.overwrite,
                    progress=progress,
                )
        except (KeyboardInterrupt, SystemExit):
            done, count = position
            at = "before the first picture" if count is None else f"at {done:,} of {counted(count, 'picture')}"
            print(f"\nkeras-gan prepare: stopped {at}; the same command resumes", file=sys.stderr, flush=True)
            raise
        height, width, channels = pictures.image_shape
        classes = f", of {counted(len(pictures.class_names), 'class').replace('classs', 'classes')}"
        print(
            f"{counted(len(pictures.images), 'picture')} of {height}x{width}x{channels}"
            f"{classes if pictures.class_names else ''}, in {values.out}, in {time.monotonic() - began:.0f} s"
        )
        if pictures.skipped:
            print(f"Skipped {counted(len(pictures.skipped), 'picture')}, listed in {values.out}/{INDEX}")
        print(f"Next: keras-gan train --dataset=records:{values.out}")

    return work
