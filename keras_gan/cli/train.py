"""Trains a GAN, or another model, and writes pictures, curves, the model and a SavedModel.

The same command resumes a run that was stopped, as if it had not been. With --nostrict a command with other flags
may resume it, for example with a smaller learning rate after losses became NaN.
"""

import dataclasses
import json
import pathlib
import shutil
from collections.abc import Callable

import keras
from absl import flags

from keras_gan import GAN, Game, callbacks, latents, report
from keras_gan.cli import (
    beginnings,
    classes,
    config_flags,
    following,
    found,
    models,
    provenance,
    run_files,
    runs,
    watched,
)
from keras_gan.cli import strategy as strategy_
from keras_gan.cli.config import TrainConfig
from keras_gan.cli.estimate import Estimate
from keras_gan.cli.looks import LOOKS
from keras_gan.cli.progress import Progress
from keras_gan.cli.runs import Way
from keras_gan.export import layout, metadata
from keras_gan.ground import determinism, files, workers
from keras_gan.ground.arguments import counted, outlined


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks everything that can be checked before anything is written, and returns the function that trains."""
    given = config_flags.from_flags(values)
    config, parts, notes = beginnings.read(given)
    strategy, family = strategy_.get(values.strategy, config.batch_size), config.preset.parts
    data = family.longest(parts)
    config = config.resolved(data, beginnings.has_gpu())
    steps, way = len(data) // config.batch_size // config.discriminator_steps, Way.BEGIN_OR_RESUME
    run_files.check_places(config)
    if not values.dry_run:
        way = runs.choose(config, steps, values.strict, values.overwrite)
        if way is Way.FINISHED:
            return lambda: runs.print_finished(pathlib.Path(config.run_dir))
    models.check_folder("run_dir", config.run_dir)
    models.check_folder("export_dir", config.export_dir)
    if not values.dry_run:
        runs.check_export_dir(config, way)
    prior = _classes(config, parts)
    if config.deterministic:
        determinism.enable_determinism()
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(config.precision)
    try:
        dataset = family.batches(parts, config.batch_size, config.seed, labels=config.conditional, flip=config.flip)
        _check_steps(config, data, steps)
        with strategy.scope():
            game = build(config, family.shapes(parts, dataset), config.epochs * steps, prior)
            notes += [chosen] if (chosen := beginnings.describe_choice(given, config)) else []
            notes += beginnings.describe_length(given, config, steps)
            notes += beginnings.take_weights(config, game, way)
    finally:
        keras.config.set_dtype_policy(policy)
    if values.dry_run:
        return lambda: print(config.to_json(classes.of_game(game)), end="")
    notes = found.describe(parts) + family.describe(parts) + notes
    print(*notes, sep="\n", end="\n" * bool(notes), flush=True)
    return lambda: run(config, game, dataset, data, way, strict=values.strict, profile=values.profile)


def build(config: TrainConfig, shape, steps: int, prior: latents.Prior | None = None) -> Game:
    """Returns the compiled game of a configuration.

    Args:
        config: The configuration, resolved.
        shape: The shape of an example, as `Preset.build` takes it.
        steps: Number of steps of the run, for the learning rate schedules.
        prior: The classes of a conditional run; None otherwise.
    """
    return config.preset.build(
        shape,
        network=config.network,
        width=config.width,
        latent_dim=config.latent_dim,
        labels=prior,
        objective=config.objective,
        generator_lr=config.generator_lr,
        discriminator_lr=config.discriminator_lr,
        discriminator_steps=config.discriminator_steps,
        reuse_fakes=config.reuse_fakes,
        augmentation=config.augmentation,
        freeze=config.freeze,
        steps=steps,
        seed=config.seed,
        ema=config.ema,
        metrics=watched.make(config.watched),
        name=config.name,
    )


def _check_steps(config, data, steps):
    if steps < 1:
        raise ValueError(
            "`batch_size` times `discriminator_steps` must not be more than the number of examples. Received: "
            f"batch_size={config.batch_size}, discriminator_steps={config.discriminator_steps}, "
            f"{len(data)} examples"
        )


def _classes(config, parts):
    """Returns the prior of a conditional run, with the class frequencies of the data; None for other runs."""
    if not config.conditional:
        return None
    found = config.preset.parts.classes(parts)
    if found is None:
        raise ValueError(f"`conditional` needs labels. Received: conditional=True, dataset={config.dataset!r} has none")
    return found


def run(
    config: TrainConfig,
    game: Game,
    dataset,
    data,
    way: Way = Way.BEGIN_OR_RESUME,
    strict: bool = True,
    profile: bool = False,
) -> None:
    """Trains, writes the run folder and the SavedModel, and prints where everything is.

    Args:
        config: The configuration, resolved.
        game: The compiled game.
        dataset: The batches of the data.
        data: The data that an epoch passes over once.
        way: How the run folder is treated. Defaults to `Way.BEGIN_OR_RESUME`.
        strict: Resume only from a checkpoint of the same configuration. Defaults to True.
        profile: Write a trace of some steps. Defaults to False.

    Raises:
        ValueError: If another process trains in the run folder.
    """
    with runs.claimed(config):
        _run(config, game, dataset, data, way, strict, profile)


def _run(config, game, dataset, data, way, strict, profile):
    run_dir, look = pathlib.Path(config.run_dir), LOOKS[config.preset.parts.kind]
    steps = len(dataset) // config.discriminator_steps
    if files.is_chief():
        if strict:
            runs.check_again(config, steps, way)
        _prepare_run_dir(config, game, dataset, way, steps)
    workers.check_same(game.distribute_strategy, "`epochs`", config.epochs)  # also waits until the chief has removed
    lengthened = runs.is_lengthened(config)
    length = f"{counted(config.epochs, 'epoch')} of {counted(steps, 'step')}"
    print(f"Training {config.name!r}: {length}. {outlined(game.objective)}")
    runs.print_other_versions(config)
    if isinstance(game, GAN) and game.labels is not None:
        print(f"Classes, drawn as often as they are in the data: {classes.describe(game.labels)}")
    if lengthened:
        print(runs.describe_schedule(config, game, steps))
    examples = config.batch_size * config.discriminator_steps
    progress = Progress(config.epochs * steps, examples, run_dir / "samples", look.unit)
    drawing = look.draw(config, game, data, dataset, config.epochs * steps)
    listed = _callbacks(config, dataset, drawing, steps, profile, strict=strict and not lengthened)
    estimate = Estimate(config.epochs * steps)
    options = watched.validation(config, dataset)
    history = game.fit(dataset, epochs=config.epochs, verbose=0, callbacks=[progress, estimate, *listed], **options)
    game.save(run_dir / run_files.MODEL)
    if not files.is_chief():
        return
    with files.atomic(run_dir / "samples.png") as part:
        shutil.copyfile(max((run_dir / run_files.SAMPLES).glob("step-*.png")), part)
    results, lines = look.write_results(config, game, data)
    steps, seconds = int(game.step.numpy()), round(progress.seconds, 1)
    exported = _export(config, game, provenance.of_run(config, history, seconds, classes.of_game(game)))
    next_commands = following.commands(config, game)
    finished = {"steps": steps, "exported": exported, "seconds": seconds, "next": next_commands}
    files.write_text(run_dir / run_files.FINISHED, json.dumps(finished) + "\n")
    runs.finish(run_dir)
    print(*lines, sep="\n", end="\n" * bool(lines))
    results |= {"profile": run_dir / "profile"} if profile else {}
    _print_summary(config, next_commands, progress, steps, exported, results)


def _callbacks(config, dataset, drawing, steps, profile, strict):
    """Returns the callbacks of a run; `steps` are those per epoch."""
    run_dir, whole = pathlib.Path(config.run_dir), config.epochs * steps
    tenth = max(1, whole // 10)
    return [
        callbacks.Doctor(dataset, every=max(50, whole // 40), path=run_dir / "doctor.json"),
        callbacks.TerminateOnNonFinite(every=tenth),
        drawing,
        callbacks.LossPlot(run_dir / "curves.png", every=max(1, config.epochs // 40)),
        *([watched.CSVLogger(str(run_dir / "history.csv"))] if files.is_chief() else []),
        *([callbacks.Profile(run_dir / "profile")] if profile else []),
        callbacks.Resume(run_dir / run_files.CHECKPOINTS, every=tenth, rollbacks=config.rollbacks, strict=strict),
    ]


def _print_summary(config, next_commands, progress, steps, exported, results):
    """Prints how long a run took, where everything is, and the commands to type next."""
    run_dir = pathlib.Path(config.run_dir)
    sessions = f", {progress.sessions} sessions" if progress.sessions > 1 else ""
    print(f"\nTrained {counted(steps, 'step')} in {progress.seconds:.0f} s{sessions}. Written:")
    for name, path in (
        ("page", run_dir / report.FILE),
        ("samples", run_dir / "samples.png"),
        ("film", run_dir / "samples" / "samples.gif"),
        ("curves", run_dir / "curves.png"),
        ("history", run_dir / "history.csv"),
        ("configuration", run_dir / "config.json"),
        ("model", run_dir / "gan.keras"),
        ("SavedModel", exported),
        *results.items(),
    ):
        print(f"  {name:13} {path}")
    for purpose, command in next_commands.items():
        print(f"{purpose}: {command}")


def _prepare_run_dir(config, game, dataset, way, steps):
    """Prepares the run folder for a run that begins, resumes, is lengthened or is replaced."""
    run_dir = pathlib.Path(config.run_dir)
    if way is Way.REPLACE:
        runs.replace(config)
    if way is Way.LONGER:
        runs.begin_longer(config, dataset, steps)
    files.write_text(run_dir / "config.json", config.to_json(classes.of_game(game)))
    if (run_dir / run_files.FINISHED).exists():  # the run is longer now
        (run_dir / run_files.FINISHED).unlink()
        (run_dir / run_files.MODEL).unlink(missing_ok=True)


def _export(config, game, details):
    """Exports the game once: the version is noted before, as the process may end before the run counts as finished."""
    note = pathlib.Path(config.run_dir) / run_files.EXPORTING
    version = files.read_json(note).get("version") if note.is_file() else None
    folder = pathlib.Path(config.export_dir) / str(version)
    if isinstance(version, int) and folder.is_dir():
        known = metadata.read(folder)
        if (known.get("metadata") or {}).get("config") == dataclasses.asdict(config):  # this run exported the version
            layout.write_configs(config.export_dir)
            return str(folder)
    version = layout.next_version(config.export_dir)
    files.write_text(note, json.dumps({"version": version}) + "\n")
    values = {"values": tuple(game.tasks)} if game.tasks else {}
    return game.export(config.export_dir, version=version, metadata=details, **values)
