"""Writes the HTML page of a run, finished or still training: `keras-gan report runs/mnist`."""

import pathlib
from collections.abc import Callable

from absl import flags

from keras_gan import report
from keras_gan.cli.sample import check_out
from keras_gan.ground import files


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Reads the run, and returns the function that writes its page."""
    if not values.run_dir:
        raise ValueError("`run_dir` must be a run folder. Received: no --run_dir")
    if values.out:
        check_out(values.out)
    text = report.to_html(values.run_dir)
    out = pathlib.Path(values.out or pathlib.Path(values.run_dir, report.FILE))
    check_out(str(out))

    def write():
        files.write_text(out, text)
        print(f"{out}, {out.stat().st_size:,} bytes")

    return write
