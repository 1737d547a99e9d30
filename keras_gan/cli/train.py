"""Trains a GAN, and leaves pictures, curves, the model and a SavedModel behind.

The same command goes on with a run that was stopped, as if it had not been. With --nostrict another one may go on with
it, say with a smaller learning rate after losses became NaN.
"""

import dataclasses
import json
import pathlib
import shutil
import sys
import time
from collections.abc import Callable

import keras
from absl import flags

from keras_gan import callbacks, data, determinism, execution, files, gan, networks, report, workers
from keras_gan.cli import config as config_
from keras_gan.cli import models, provenance
from keras_gan.cli import strategy as strategy_
from keras_gan.export import layout, metadata

FINISHED = "finished.json"
EXPORTING = "exporting.json"
PICTURES = ("curves.png", "samples.png", "samples", "profile")
TEXTS = ("config.json", "history.csv", "doctor.json", "metrics.jsonl", report.FILE)
WRITTEN = (FINISHED, EXPORTING, "checkpoints", "gan.keras", *TEXTS, *PICTURES)


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks everything that can be checked before anything is written, and gives the work that is left."""
    config = config_.from_flags(values)
    strategy = strategy_.get(values.strategy, config.batch_size)
    pictures = data.read(config.dataset, config.split, config.image_size)
    config = config.resolved(pictures)
    run_dir = pathlib.Path(config.run_dir)
    anew = False
    if not values.dry_run:
        try:
            anew = _has_finished(run_dir, config, values.strict)
        except ValueError:
            if not values.overwrite:
                raise
            anew = True
        if anew and not values.overwrite:
            return lambda: _say_finished(run_dir)
    models.check_folder("run_dir", config.run_dir)
    models.check_folder("export_dir", config.export_dir)
    if config.conditional and pictures.labels is None:
        raise ValueError(f"`conditional` needs labels. Received: conditional=True, dataset={config.dataset!r} has none")
    if config.deterministic:
        determinism.enable_determinism()
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(config.precision)
    try:
        dataset = pictures.dataset(config.batch_size, labels=config.conditional, seed=config.seed)
        with strategy.scope():
            game = build(config, pictures, steps=config.epochs * (len(dataset) // config.discriminator_steps))
    finally:
        keras.config.set_dtype_policy(policy)
    if values.dry_run:
        return lambda: print(config.to_json(), end="")
    return lambda: run(config, game, dataset, anew=anew, strict=values.strict, profile=values.profile)


def _has_finished(run_dir, config, strict):
    """Whether the run folder holds this very run, whole. Raises a ValueError if it holds anything else.

    Unless `strict`, another run that has not finished may be this one.
    """
    taken = [name for name in WRITTEN if (run_dir / name).exists()]
    holds, ways = ", ".join(taken), "--overwrite"
    if "config.json" in taken:
        holds = config.differences(files.read_json(run_dir / "config.json"))
        if holds and FINISHED in taken:
            holds = f"a finished run of {holds}"
        elif holds and not strict:
            print(f"{run_dir} holds another run, which goes on as this one: {holds}")
            return False
        elif holds:
            holds, ways = f"a run of {holds}", "--nostrict, to go on with another, or --overwrite"
    if holds:
        raise ValueError(
            f"`run_dir` must be free, or hold this run, or {ways} be given. "
            f"Received: run_dir={str(run_dir)!r}, which holds {holds}"
        )
    return FINISHED in taken


def build(config: config_.TrainConfig, pictures: data.Pictures, steps: int) -> gan.GAN:
    """The compiled GAN of a configuration; `steps` is the length of the run, for the learning rates."""
    keras.utils.set_random_seed(config.seed)
    classes = len(pictures.class_names) if config.conditional else None
    if config.conditional and not classes:
        raise ValueError(f"`conditional` needs labels. Received: conditional=True, dataset={config.dataset!r} has none")
    if steps < 1:
        raise ValueError(
            "`batch_size` times `discriminator_steps` must not be more than the number of examples. Received: "
            f"batch_size={config.batch_size}, discriminator_steps={config.discriminator_steps}, "
            f"{len(pictures.images)} examples"
        )
    shape = pictures.image_shape
    if config.network == "dcgan":
        generator = networks.dcgan_generator(config.latent_dim, shape, filters=config.width, labels=classes)
        discriminator = networks.dcgan_discriminator(shape, filters=config.width, labels=classes)
    else:
        hidden = (config.width, config.width)
        generator = networks.mlp_generator(
            config.latent_dim, shape, hidden=hidden, normalization="batch", output_activation="tanh", labels=classes
        )
        discriminator = networks.mlp_discriminator(shape, hidden=hidden, labels=classes)
    game = gan.GAN(
        generator,
        discriminator,
        config.latent_dim,
        labels=classes,
        seed=config.seed,
        ema=config.ema or None,
        name=config.name,
    )
    game.compile(
        objective=config.objective,
        generator_optimizer=_adam(config.generator_lr, steps),
        discriminator_optimizer=_adam(config.discriminator_lr, steps * config.discriminator_steps),
        discriminator_steps=config.discriminator_steps,
        reuse_fakes=config.reuse_fakes,
        steps_per_execution="auto",
    )
    return game


def run(
    config: config_.TrainConfig,
    game: gan.GAN,
    dataset,
    anew: bool = False,
    strict: bool = True,
    profile: bool = False,
) -> None:
    """Trains, writes the run folder and the SavedModel, and says where everything is.

    Args:
        config: The configuration, resolved.
        game: Its GAN.
        dataset: Its data.
        anew: Remove what the run folder holds, instead of going on.
        strict: Go on only with a checkpoint of the same configuration.
        profile: Write a trace of some steps.
    """
    run_dir = pathlib.Path(config.run_dir)
    for name in WRITTEN if anew and files.is_chief() else ():
        _remove(run_dir / name)
    files.write_text(run_dir / "config.json", config.to_json())
    workers.check_same(game.distribute_strategy, "`epochs`", config.epochs)  # none goes on while the chief removes
    steps = len(dataset) // config.discriminator_steps
    tenth = max(1, config.epochs * steps // 10)
    began = time.monotonic()
    print(f"Training {config.name!r}: {config.epochs} epochs of {steps} steps. {game.objective}")
    history = game.fit(
        dataset,
        epochs=config.epochs,
        verbose=0,
        callbacks=[
            Progress(config.epochs * steps),
            callbacks.Doctor(dataset, every=max(50, config.epochs * steps // 40), path=run_dir / "doctor.json"),
            callbacks.TerminateOnNonFinite(every=tenth),
            callbacks.SampleGrid(run_dir / "samples", every=max(1, config.epochs * steps // 40)),
            callbacks.LossPlot(run_dir / "curves.png", every=max(1, config.epochs // 40)),
            *([keras.callbacks.CSVLogger(str(run_dir / "history.csv"))] if files.is_chief() else []),
            *([callbacks.Profile(run_dir / "profile")] if profile else []),
            callbacks.Resume(run_dir / "checkpoints", every=tenth, rollbacks=config.rollbacks, strict=strict),
        ],
    )
    game.save(run_dir / "gan.keras")
    if not files.is_chief():
        return
    with files.atomic(run_dir / "samples.png") as part:
        shutil.copyfile(sorted((run_dir / "samples").glob("*.png"))[-1], part)
    exported = _export(config, game, provenance.of_run(config, history, time.monotonic() - began))
    files.write_text(run_dir / FINISHED, json.dumps({"steps": int(game.step.numpy()), "exported": exported}) + "\n")
    _finish(run_dir)
    print(f"\nTrained {int(game.step.numpy()):,} steps in {time.monotonic() - began:.0f} s. Written:")
    for what, where in (
        ("page", run_dir / report.FILE),
        ("samples", run_dir / "samples.png"),
        ("as they came", run_dir / "samples" / "samples.gif"),
        ("curves", run_dir / "curves.png"),
        ("history", run_dir / "history.csv"),
        ("configuration", run_dir / "config.json"),
        ("model", run_dir / "gan.keras"),
        ("SavedModel", exported),
        *([("profile", run_dir / "profile")] if profile else []),
    ):
        print(f"  {what:13} {where}")
    print(f"More samples: keras-gan sample --model {run_dir / 'gan.keras'} --n 64 --out grid.png")


def _export(config, game, told):
    """Exports the game once: its version is noted before, in case the process ends before it is recorded after."""
    note = pathlib.Path(config.run_dir) / EXPORTING
    version = files.read_json(note).get("version") if note.is_file() else None
    folder = pathlib.Path(config.export_dir) / str(version)
    if isinstance(version, int) and folder.is_dir():
        known = metadata.read(folder)
        if (known.get("metadata") or {}).get("config") == dataclasses.asdict(config):  # else somebody took the number
            layout.write_configs(config.export_dir)
            return str(folder)
    version = layout.next_version(config.export_dir)
    files.write_text(note, json.dumps({"version": version}) + "\n")
    return game.export(config.export_dir, version=version, metadata=told)


def _finish(run_dir):
    report.write(run_dir)
    _remove(run_dir / EXPORTING)
    _remove(run_dir / "checkpoints")  # gan.keras is the last


def _say_finished(run_dir):
    if (run_dir / "checkpoints").exists() and files.is_chief():  # the process ended before it had tidied up
        _finish(run_dir)
    print(f"{run_dir} holds this run, finished. --overwrite trains it anew.")


class Progress(keras.callbacks.Callback):
    """One progress bar for the whole run; where the output is no terminal, a line for each twentieth of it."""

    def __init__(self, steps: int):
        super().__init__()
        self.steps, self._said = steps, 0
        names = ("d_loss", "g_loss")
        self.bar = keras.utils.Progbar(steps, interval=0.25, stateful_metrics=names) if sys.stdout.isatty() else None

    def on_train_begin(self, logs=None):
        """Says how steps are run."""
        print(f"{execution.describe(self.model)}.", flush=True)

    def on_train_batch_end(self, batch, logs=None):
        """Shows the step and both losses, a few times a second on a terminal."""
        step = int(self.model.step.numpy())
        losses = [(name, float(logs[name])) for name in ("d_loss", "g_loss")]
        if self.bar is not None:
            self.bar.update(step, losses)
        elif step // max(1, self.steps // 20) > self._said or step == self.steps:
            self._said = step // max(1, self.steps // 20)
            print(f"step {step:,} of {self.steps:,}", *(f"{name} {value:.3f}" for name, value in losses), flush=True)


def _adam(rate, steps):
    # beta_1 = 0: a game has no valley to gather speed in
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    return keras.optimizers.Adam(schedule, beta_1=0.0, beta_2=0.99)


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
