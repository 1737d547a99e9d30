"""Metrics of samples against real pictures, each with its provenance."""

import datetime
import hashlib
import math
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

import keras_gan
from keras_gan import images
from keras_gan import metrics as metrics_
from keras_gan.data import Pictures
from keras_gan.evaluation.measures import MEASURES, Seen, check_enough, check_metrics, measure
from keras_gan.evaluation.record import Record
from keras_gan.evaluation.reference_data import ReferenceData
from keras_gan.metrics.extractors.extractor import as_array


def evaluate(
    samples: np.ndarray | Pictures,
    reference: ReferenceData,
    metrics: Sequence[str] | None = None,
    extractor=None,
    *,
    seed: int = 0,
    model: dict | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> list[Record]:
    """Measures samples against real test pictures, and real training pictures against the same.

    Args:
        samples: (N, height, width, channels) uint8, or a `Pictures`, which also holds how they were resized. RGBA is
            laid on white where the real pictures are RGB.
        reference: Real pictures of the same shape; at most N of each part are used.
        metrics: Names from `MEASURES`. Defaults to all that the extractor allows.
        extractor: An extractor as for `keras_gan.metrics.get_extractor`. Defaults to the default of that function.
        seed: Seed of the samples, for the record.
        model: Description of the model that made the samples, for the record.
        progress: Function that is called with a line of text as each part begins. Defaults to doing nothing.

    Returns:
        A list of one `Record` per metric.

    Raises:
        ValueError: If an argument is invalid, or the pictures are too few for a metric.

    Example:

    >>> from keras_gan.evaluation import read_reference_data
    >>> samples = np.random.default_rng(0).integers(0, 256, (300, 8, 8, 1), "uint8")
    >>> record = evaluate(samples, read_reference_data("digits"), ["frechet"], "pixels")[0]
    >>> record.protocol, record.value > 10 * record.real
    ('frechet300_pixels', True)
    """
    extractor = metrics_.get_extractor(extractor)
    names = check_metrics(metrics, extractor.classifies)
    scaled = samples.resize if isinstance(samples, Pictures) else "none"
    samples = _like(reference.test.image_shape, as_array(samples))
    n, reference = len(samples), reference.at_most(len(samples))
    check_enough(names, n, "`samples` must be at least {} pictures")
    for part in (reference.test, reference.train):
        check_enough(names, len(part.images), "`reference` must hold at least {} pictures in both of its parts")
    classes = any(MEASURES[name].reads_classes for name in names)
    parts = {"real test": reference.test.images, "real training": reference.train.images, "generated": samples}
    seen = {}
    for part, pictures in parts.items():
        progress(f"{extractor.name} features of {len(pictures):,} {part} pictures")
        seen[part] = _extract(pictures, extractor, classes and part != "real test", keep=part != "generated")
    progress(f"{', '.join(names)} of the samples, then of the real training pictures")
    values, real = (measure(names, seen["real test"], seen[part]) for part in ("generated", "real training"))
    _check_finite(values | {f"{name} of real": found for name, found in real.items()})
    provenance = {
        "n": n,
        "seed": seed,
        "resize": _describe({"": extractor.resize, "samples ": scaled, "real pictures ": reference.test.resize}),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "model": model or {},
        **_of_extractor(extractor),
        **_of_reference(reference),
    }
    return [
        Record(
            metric=name,
            value=values[name].value,
            error=_or_none(values[name].error),
            real=real[name].value,
            real_error=_or_none(real[name].error),
            better=MEASURES[name].better,
            settings=dict(MEASURES[name].settings),
            **provenance,
        )
        for name in names
    ]


def versions() -> dict[str, str]:
    """Returns the versions of the libraries on which metrics depend."""
    libraries = {"keras_gan": keras_gan, "keras": keras, "tensorflow": tf, "numpy": np}
    return {name: library.__version__ for name, library in libraries.items()}


def _like(shape, samples):
    """Checks that samples have the shape of the real pictures, and lays RGBA on white if those are RGB."""
    if samples.dtype == np.uint8 and images.is_picture(samples.shape[1:]) and shape[-1] == 3:
        samples = images.on_white(samples)
    if samples.dtype != np.uint8 or samples.ndim != 4 or samples.shape[1:] != shape:
        raise ValueError(
            f"`samples` must be uint8 pictures of shape {(None, *shape)}, like the real ones. "
            f"Received: {samples.dtype} of shape {samples.shape}"
        )
    return samples


def _extract(pictures, extractor, classes, keep):
    features = metrics_.Reference(extractor, pictures).features if keep else extractor.features(pictures)
    return Seen(features, extractor.all_probabilities(pictures) if classes else None)


def _digest(pictures):
    digest = hashlib.sha256(repr((pictures.shape, pictures.dtype.str)).encode())
    digest.update(np.ascontiguousarray(pictures))
    return digest.hexdigest()


def _of_extractor(extractor):
    return {
        "extractor": extractor.name,
        "extractor_hash": extractor.hash(),
        "extractor_accuracy": extractor.accuracy,
    }


def _of_reference(reference):
    return {
        "n_reference": len(reference.test.images),
        "n_real": len(reference.train.images),
        "dataset": reference.dataset,
        "split": reference.split,
        "reference_hash": _digest(reference.test.images),
    }


def _describe(resizes):
    return "; ".join(f"{prefix}{resize}" for prefix, resize in resizes.items() if resize != "none") or "none"


def _or_none(error):
    return error if math.isfinite(error) else None


def _check_finite(values):
    broken = [name for name, found in values.items() if not math.isfinite(found.value)]
    if broken:
        raise ValueError(
            f"`samples` must give finite metrics; try more samples. Received: {', '.join(broken)} not finite"
        )
