"""Diagnoses of a game during training."""

import json
import math
import os
import textwrap

import keras
import tensorflow as tf

from keras_gan.callbacks.diagnosis import diagnose
from keras_gan.callbacks.examination import examine
from keras_gan.callbacks.examples import first_examples
from keras_gan.game.watching import StepCallback
from keras_gan.ground import files
from keras_gan.ground.arguments import check_count, counted
from keras_gan.noise import Noise


class Doctor(StepCallback):
    """Examines the game regularly, and reports in plain words which failures it shows and what to try.

    In a game of several matches each match is examined, and a failure is named with its match: `"mode collapse (a)"`. A
    game without matches, such as a VAE, has losses and gradients alone. An examination measures losses, scores, norms
    of gradients and weights, and the diversity of samples, on a fixed batch and without any update: training gives the
    same bits with and without it. The failures: the discriminator won, mode collapse, an exploding critic, a vanishing
    generator gradient, an augmentation leak, non-finite numbers. Non-finite numbers are reported after the same call
    (put the doctor before `TerminateOnNonFinite`), any other failure when `patience` examinations in a row show it. An
    examination costs about as much as three steps on `num_samples` examples.

    Args:
        data: Real examples, as `fit` takes them: an array, (examples, labels), a dict of parts or a data set.
        every: Number of steps between two examinations. Defaults to 250.
        patience: Number of examinations in a row that must show a failure. Defaults to 3.
        num_samples: Largest number of real, and of generated, examples to examine, at least 4. Defaults to 128.
        path: A JSON file of all examinations and findings, for the report. None writes none.
        verbose: 0 prints nothing.

    Attributes:
        examinations: A dict of numbers for each examination: see `keras_gan.callbacks.examination.examine`.
        findings: A dict for each finding: `failure`, `what`, `advice`, and its `first` and `last` step.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> gan.fit(dataset, epochs=50, callbacks=[keras_gan.callbacks.Doctor(dataset, every=100)])
    """

    def __init__(
        self,
        data,
        every: int = 250,
        *,
        patience: int = 3,
        num_samples: int = 128,
        path: str | os.PathLike | None = None,
        verbose: int = 1,
    ):
        super().__init__()
        self.data, self.verbose = data, verbose
        self.path = None if path is None else files.check_path(path)
        self.every, self.patience = check_count("every", every), check_count("patience", patience)
        self.num_samples = check_count("num_samples", num_samples, least=4)
        self.examinations: list[dict[str, float]] = []
        self.findings: list[dict] = []
        self._seen = self._last_look = -1

    def looks_every(self) -> int:
        """Returns `every`."""
        return self.every

    def on_train_begin(self, logs=None):
        """Takes the batch to examine."""
        batch, game = first_examples(self.data, self.num_samples), self.model
        self._seen = int(game.step.numpy())

        def look(step, batch):
            return examine(game, batch, Noise((game.seed, "doctor"), step))

        # the number of examples stays unknown, as layers may refuse to train on a batch of it
        spec = keras.tree.map_structure(lambda part: tf.TensorSpec((None, *part.shape[1:]), part.dtype), batch)
        look = tf.function(look, input_signature=(tf.TensorSpec((), game.step.dtype), spec), autograph=False)
        self._look = lambda step: look(step, batch)

    def on_train_batch_end(self, batch, logs=None):
        """Checks the losses, and examines the game if an examination is due."""
        losses = {name: float(value) for name, value in (logs or {}).items()}
        step = int(self.model.step.numpy())
        if not all(map(math.isfinite, losses.values())):
            self._note(step, diagnose([losses], 1))
        elif step // self.every > self._seen // self.every:
            seen = {name: float(value) for name, value in self._look(self.model.step.value).items()}
            self.examinations.append({"step": step, **seen})
            self._note(step, diagnose(self.examinations, self.patience))
        self._seen = step

    def on_epoch_end(self, epoch, logs=None):
        """Writes the file."""
        self._write()

    def on_train_end(self, logs=None):
        """Writes the file, and prints a line if nothing was found."""
        self._write()
        if self.verbose and self.examinations and not self.findings:
            print(f"Doctor: nothing found in {counted(len(self.examinations), 'examination')}.", flush=True)

    def _note(self, step, diagnoses):
        lasting = {finding["failure"]: finding for finding in self.findings if finding["last"] == self._last_look}
        for failure, what, advice in diagnoses:
            if failure in lasting:
                lasting[failure]["last"] = step
                continue
            self.findings.append({"failure": failure, "first": step, "last": step, "what": what, "advice": advice})
            self._say(step, failure, what, advice)
        self._last_look = step

    def _say(self, step, failure, what, advice):
        self._write()
        if self.verbose:
            text = f"Doctor, step {step:,}: {failure}. {what}\nTry: {advice}"
            lines = [textwrap.fill(line, 110, subsequent_indent="  ") for line in text.splitlines()]
            print("\n" + "\n".join(lines), flush=True)

    def _write(self):
        if self.path is not None:
            finite = [{k: v if math.isfinite(v) else None for k, v in each.items()} for each in self.examinations]
            known = {"every": self.every, "examinations": finite, "findings": self.findings}
            files.write_text(self.path, json.dumps(known, indent=1, allow_nan=False) + "\n")
