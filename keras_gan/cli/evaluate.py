"""Measures samples against real pictures, beside the same metrics of real data, and records how each was measured.

Samples come from a saved GAN, an exported SavedModel, or a folder of pictures that another program made. Rows of a
table are measured by `evaluate_table`, windows of a series by `evaluate_series`.
"""

import dataclasses
import pathlib
import sys
import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from absl import flags

from keras_gan import data, evaluation
from keras_gan import metrics as metrics_
from keras_gan.cli import evaluate_series, evaluate_table, models, parsers, provenance, run_files
from keras_gan.cli.sample import check_out
from keras_gan.data import Pictures
from keras_gan.evaluation import measures, record, sources
from keras_gan.game import Game
from keras_gan.ground import files, prefixes
from keras_gan.ground.arguments import reason, shown
from keras_gan.presets.parts import split_names

DEFAULT_N = 10_000
OTHERS = {prefixes.ROWS: evaluate_table, prefixes.WINDOWS: evaluate_series}  # the modules of what is not pictures
NAMES = {prefixes.PICTURES: "pictures", prefixes.ROWS: "tables", prefixes.WINDOWS: "series"}
FLAGS = {  # those that are not for all kinds of data -> the kinds that they are for
    **dict.fromkeys(("value", "metrics", "image_size", "split", "extractor"), (prefixes.PICTURES,)),
    **dict.fromkeys(("held_out", "label", "kinds", "match_shares"), (prefixes.ROWS,)),
    "columns": (prefixes.ROWS, prefixes.WINDOWS),
}


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Finds the samples and the real pictures, and returns the function that measures them."""
    if not all(prefixes.split(values.model or "")):
        known = _checked(models.known(values.model), values.model)
        if not values.dataset:
            _check_own_data(known)
    kind = _kind(values)
    _check_flags(values, kind)
    if kind in OTHERS:
        return OTHERS[kind].prepare(values)
    if values.out:
        check_out(values.out)
    source, config, place = find(values.model, values.value)
    dataset = values.dataset or config.get("dataset")
    if not dataset:
        raise ValueError("`dataset` must name the real pictures, as the samples are of no run. Received: no --dataset")
    size = values.image_size or config.get("image_size") or (source.shape and source.shape[:2])
    labels = _classes(dataset, size, config)
    reference = evaluation.read_reference_data(dataset, values.split, size, labels=labels)
    if source.shape not in (None, reference.test.image_shape):
        raise ValueError(
            "`dataset` must hold pictures of the samples' shape. "
            f"Received: {reference.test.image_shape} in {dataset!r}, samples of {source.shape}"
        )
    most = source.count or max(len(reference.train.images), 2)
    n = values.n or min(DEFAULT_N, most)
    if source.count is not None and n > source.count:
        raise ValueError(f"`n` must be at most {source.count}, the number of samples there are. Received: n={n}")
    extractor = _known_extractor(values.extractor, reference)
    names = measures.check_metrics(values.metrics, extractor in ("digits_cnn", "inception"))
    fewest = min(len(part.images) for part in (reference.test, reference.train))
    measures.check_enough(names, fewest, "`dataset` must hold at least {} pictures, and as many to compare with")
    measures.check_enough(names, n, "`n` must be at least {}")
    out = pathlib.Path(values.out) if values.out else place
    check_out(str(out))
    return lambda: work(source, reference, values.metrics, extractor, n, values.seed, out)


def _classes(dataset, size, config):
    """Returns the classes of a run on some classes, if `dataset` has them too; None for all."""
    if not config.get("labels"):
        return None
    labels = split_names(config["labels"])
    if dataset != config.get("dataset"):
        try:
            data.read(dataset, image_size=size).of_classes(labels)
        except ValueError:
            print(f"Compared with all of {dataset}, which lacks the classes of the run: {config['labels']}")
            return None
    print(f"Compared with the classes of the run: {config['labels']}")
    return labels


def _kind(values):
    """Returns the kind of the samples: by the prefix of `--model`, the data of its run, or else `--dataset`."""
    model = values.model or ""
    name = model if prefixes.split(model)[0] else models.known(model).get("dataset") or values.dataset
    return prefixes.kind_of(name or "")


def _check_flags(values, kind):
    for name, kinds in FLAGS.items():
        if values[name].present and kind not in kinds:
            forms = [f"--model={form}" for each in kinds if each in OTHERS for form in prefixes.forms(each)]
            hint = f", {', '.join(forms)} or a run on such data" if forms else ""
            raise ValueError(
                f"`{name}` is a flag of {' and '.join(NAMES[each] for each in kinds)}{hint}. "
                f"Received: {name}={shown(values[name].value)} for {NAMES[kind]}"
            )


def _check_own_data(config):
    """Checks that the data of a run are still at their path, which may be relative to another folder."""
    dataset = str(config.get("dataset"))
    prefix, path = prefixes.split(dataset)
    if prefix and path and not files.expand(path, "dataset").exists():
        raise ValueError(
            f"`dataset` must be given, as --dataset={prefix}:PATH, as the path of the run's own data is not found "
            f"from the working folder. Received: no --dataset, and {dataset!r} in the run"
        )


def work(source, reference, metrics, extractor, n: int, seed: int, out: pathlib.Path) -> None:
    """Makes the samples, measures them, prints the table and adds the lines to `out`."""
    began = time.monotonic()

    def log(text):
        print(f"[{time.monotonic() - began:6.1f} s] {text}", flush=True)

    log(f"{n:,} samples of {source.name}, seed {seed}")
    samples = gather(source, n, seed, reference.test.image_shape)
    made = time.monotonic() - began
    extractor = _extractor(extractor, reference, log)
    if extractor.name in ("pixels", "random_features"):
        log(f"{extractor.name}: not trained on pictures, so that these metrics do not tell blurred from real ones")
    records = evaluation.evaluate(samples, reference, metrics, extractor, seed=seed, model=source.about, progress=log)
    print("\n" + table(records))
    record.append(out, records)  # after the values are shown, as it may fail
    seconds = time.monotonic() - began
    print(f"Metrics in {seconds - made:.0f} s, samples in {made:.0f} s. Appended to {out}")


def find(path: str | None, value: str | None = None) -> tuple[sources.Source, dict, pathlib.Path]:
    """Returns the samples that `--model` and `--value` name, the configuration of their run, and its metrics file.

    For samples of no run the configuration is empty, and the file is beside them.
    """
    if path and path.startswith("folder:"):
        if value is not None:
            raise ValueError(f"`value` must not be given for a folder of pictures. Received: value={value!r}")
        source = sources.of_folder(path.removeprefix("folder:"))
        folder = pathlib.Path(source.about["path"]).resolve()
        return source, {}, folder.with_name(f"{folder.name}_{record.FILE}")
    found = models.find(path, kinds=f"{models.KINDS}; folder:PATH of pictures, or table:PATH of rows")
    if found.version is not None:
        config = _checked(run_files.config_of(found.version), found.version)
        return sources.of_saved_model(found.version, value), config, found.place(record.FILE)
    game = models.load_found(found, Game)
    source = sources.of_game(game, game.name, {"path": path, "commit": provenance.commit()}, value)
    return source, _checked(models.known(str(found.run_dir)), found.run_dir), found.place(record.FILE)


def gather(source: sources.Source, n: int, seed: int, shape: tuple) -> Pictures:
    """Makes `n` samples of shape (height, width, channels), with a progress bar on a terminal."""
    bar = keras.utils.Progbar(n, unit_name="sample") if sys.stdout.isatty() else None
    pieces = []
    for piece in source.pieces(n, seed, shape):
        pieces.append(piece)
        if bar is not None:
            bar.add(len(piece.images))
    return dataclasses.replace(pieces[0], images=np.concatenate([piece.images for piece in pieces]))


def table(records: list[evaluation.Record]) -> str:
    """Returns the records as text: a line per metric, with a column for real data."""
    first = records[0]
    name = first.model.get("path", "samples")
    lines = [
        f"{name} against {first.n_reference:,} pictures of {first.dataset}, {first.split}",
        f"{'protocol':28} {'samples':>10} {'real data':>10}",
    ]
    for each in records:
        words = evaluation.MEASURES[each.metric].words
        lines.append(f"{each.protocol:28} {each.value:10.4g} {each.real:10.4g}  {each.better} is better: {words}")
    lines.append(f"Real data: {first.n_real:,} real training pictures against the same real test pictures.")
    return "\n".join(lines)


def _checked(known, place):
    for name, kind in (("dataset", str | None), ("image_size", int | str | None), ("labels", str | None)):
        if not isinstance(known.get(name), kind):
            raise ValueError(
                f"The configuration in {place} must be what `keras-gan train` wrote. Received: {name}={known[name]!r}"
            )
    return known


def _known_extractor(extractor, reference):
    """Returns the extractor of a file, or a name that `_extractor` takes."""
    if extractor.endswith(".keras"):
        return _of_file(extractor, reference.test.image_shape)
    if extractor not in parsers.EXTRACTORS:
        raise ValueError(
            f"`extractor` must be one of {', '.join(parsers.EXTRACTORS)}, or a .keras file. "
            f"Received: extractor={extractor!r}"
        )
    height, width, channels = reference.test.image_shape
    if extractor == "auto":
        small = channels == 1 and max(height, width) <= 32 and reference.train.labels is not None
        return "digits_cnn" if small else "inception"
    if extractor == "digits_cnn" and reference.train.labels is None:
        raise ValueError(
            "`extractor` must not be 'digits_cnn' for a data set without labels, on which it is trained. "
            "Received: extractor='digits_cnn'"
        )
    return extractor


def _of_file(path, shape):
    file = pathlib.Path(path)
    extractor = metrics_.ModelExtractor(
        models.read_keras("extractor", path, "of a model that makes features", file, compile=False), file.stem
    )
    try:
        extractor(tf.zeros((1, *shape)))
    except (TypeError, ValueError, tf.errors.OpError) as error:
        raise ValueError(
            f"`extractor` must map pictures of shape {shape} to features. "
            f"Received: extractor={path!r}: {reason(error)[:300]}"
        ) from error
    return extractor


def _extractor(extractor, reference, log):
    if extractor != "digits_cnn":
        return metrics_.get_extractor(extractor)
    log("the classifier of the data set: trained the first time, then cached")
    test = reference.test if reference.test.labels is not None else None
    extractor = metrics_.digits_cnn(reference.train, test)
    log(f"the classifier is right on {extractor.accuracy:.2%} of the test pictures")
    return extractor
