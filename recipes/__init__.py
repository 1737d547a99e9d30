"""Published and proven settings, one file each, with a record and a picture of the committed run.

TFDS_DATA_DIR=... python -m recipes.vae_mnist
"""

import datetime
import json
import os
import pathlib
import platform
import sys
import time

from benchmarks import commit


class Record:
    """The numbers of a recipe's run and how they came about, written as `NAME.json`, with `NAME.png` beside it.

    The clock starts when the record is made.

    Args:
        file: The recipe's `__file__`.
        seed: The run's seed.
        name: What follows the recipe's name in those of the files. Defaults to nothing.
        folder: Where the files go. Defaults to the recipe's own.
        settings: What was played: networks, optimizers, batch, epochs.
    """

    def __init__(
        self, file: str, seed: int, name: str | None = None, folder: str | os.PathLike | None = None, **settings
    ):
        self.recipe = pathlib.Path(file).stem
        self.path = pathlib.Path(folder or pathlib.Path(file).parent) / (
            f"{self.recipe}_{name}" if name else self.recipe
        )
        self.seed, self.settings = seed, settings
        self.load = round(os.getloadavg()[0], 1)
        self.began, self.worked = time.monotonic(), time.process_time()

    @property
    def picture(self) -> pathlib.Path:
        """Where the picture goes."""
        return self.path.with_suffix(".png")

    def stop(self, wall: float | None = None, processor: float | None = None) -> None:
        """Stops the clock: training is over.

        Args:
            wall: The seconds of training, if a clock of its own knows them: one that went on after a stop.
            processor: Those of the processor.
        """
        self.seconds = {
            "wall": round(time.monotonic() - self.began if wall is None else wall),
            "processor": round(time.process_time() - self.worked if processor is None else processor),
        }

    def write(
        self,
        numbers: dict[str, float],
        required: dict[str, str],
        published: dict[str, float | str] | None = None,
        **more,
    ) -> None:
        """Writes the record, and prints it.

        Args:
            numbers: What was measured, by name.
            required: What some of the numbers had to be, such as `"<= 100"`.
            published: What a paper gives for some of the numbers, or for what stands beside them.
            more: What else is kept, such as a curve: made of numbers, texts, lists and dicts.

        The command and the commit are those of the process that writes: the last one of a run that was stopped.
        """
        import keras
        import tensorflow as tf

        record = {
            "command": " ".join(["python -m", f"recipes.{self.recipe}", *sys.argv[1:]]),
            "commit": commit(),
            "date": datetime.date.today().isoformat(),
            "seed": self.seed,
            "settings": self.settings,
            "numbers": {name: float(f"{value:.4g}") for name, value in numbers.items()},
            "required": required,
            **({} if published is None else {"published": published}),
            **more,
            "training_seconds": self.seconds,
            "machine": {"processor": _processor(), "cores": os.cpu_count(), "load_before": self.load},
            "versions": {"python": platform.python_version(), "keras": keras.__version__, "tensorflow": tf.__version__},
            "picture": self.picture.name,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(json.dumps(record, indent=1))


def _processor():
    """Returns the processor's features that matter, as machines in a cloud keep its name to themselves."""
    lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    found = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    extras = [name for name in ("avx512f", "avx512_bf16", "amx_bf16") if name in found.get("flags", "").split()]
    return " ".join([found.get("model name", platform.machine()), *extras])
