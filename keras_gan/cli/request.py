"""Asks a model that TensorFlow Serving serves for pictures, or windows of a series, and writes them."""

import pathlib
from collections.abc import Callable

import numpy as np
from absl import flags

from keras_gan import images
from keras_gan.cli import classes, sample, sample_windows
from keras_gan.data import frames
from keras_gan.export import layout, metadata
from keras_gan.serving import Client


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks the flags; what is left is to ask and to write."""
    if not values.model:
        raise ValueError("`model` must be the name of a model on the server. Received: no --model")
    known, out = _metadata(values), values.out or ""
    if sample_windows.is_of_windows(known) or sample_windows.is_array(out) or frames.is_table(out):
        return _windows(values, known)
    values.out = values.out or sample.OUT
    sample.check_out(values.out)
    images.check_suffix(values.out, "out")
    labels = classes.parse(values.labels, classes.names(classes.of_metadata(known)))
    if values.end_seed is not None and (values.truncation is not None or np.ndim(labels)):
        raise ValueError(f"`end_seed` goes with one label and no truncation. Received: end_seed={values.end_seed}")
    client = _client(values)

    def work():
        with client:
            if values.end_seed is None:
                pictures = client.generate(values.n, labels, values.seed, values.truncation)
            else:
                pictures = client.interpolate(values.seed, values.end_seed, values.n, labels)
        scale = values.scale or max(1, -(-32 // pictures.shape[1]))
        value_range = known.get("value_range") or (-1.0, 1.0)  # of floats, which games of other shapes give
        images.save(values.out, images.grid(pictures, values.columns, scale=scale, value_range=value_range))
        print(f"{values.n} pictures: {values.out}")

    return work


def _windows(values, known):
    """Prepares a request for windows of a series; what is left is to ask for them, and to write them."""
    out, client = sample_windows.check_out(values), _client(values)
    maker = sample_windows.of_server(client, known)
    labels = classes.parse(values.labels, classes.names(maker.labels))

    def work():
        with client:
            made = maker.make(values.n, values.seed, labels)
        sample_windows.write(made, maker, labels, out)

    return work


def _client(values):
    chosen = {key: values[key].value for key in ("version", "timeout", "retries", "ca_file")}
    return Client(values.url, values.model, **chosen)


def _metadata(values):
    """Reads the metadata of the model, where it was exported on this machine: a server does not tell it."""
    folder = pathlib.Path(values.export_dir or f"saved_models/{values.model}")
    found = [values.version] if values.version else layout.versions(folder)[-1:]
    return metadata.read(folder / str(found[0])) if found else {}
