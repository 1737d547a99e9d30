"""Asks a model that TensorFlow Serving serves for pictures, rows, or windows of a series, and writes them."""

import pathlib
from collections.abc import Callable

import numpy as np
from absl import flags

from keras_gan import images
from keras_gan.cli import classes, sample, sample_rows, sample_windows
from keras_gan.data import frames, served
from keras_gan.export import layout, metadata
from keras_gan.serving import Client


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks the flags; what is left is to ask and to write."""
    if not values.model:
        raise ValueError("`model` must be the name of a model on the server. Received: no --model")
    known, out, client = _metadata(values), values.out or "", _client(values)
    told = sample_rows.is_of_rows(known) or sample_windows.is_of_windows(known)
    if told or sample_windows.is_array(out) or frames.is_table(out):
        ask = _columns(values, known, client)
    else:
        ask = _pictures(values, known, client)
    only_the_server_knows = not known and not out

    def work():
        with client:
            if only_the_server_knows and sample_rows.SIGNATURE in client.metadata():
                _columns(values, known, client)()
            else:
                ask()

    return work


def _pictures(values, known, client):
    """Prepares a request for pictures; what is left is to ask for them, and to write them."""
    out, value_range = values.out or sample.OUT, known.get("value_range")
    sample.check_out(out)
    images.check_suffix(out, "out")
    labels = classes.parse(values.labels, classes.names(classes.of_metadata(known)))
    if values.end_seed is not None and (values.truncation is not None or np.ndim(labels)):
        raise ValueError(f"`end_seed` goes with one label and no truncation. Received: end_seed={values.end_seed}")

    def work():
        if values.end_seed is None:
            pictures = client.generate(values.n, labels, values.seed, values.truncation)
        else:
            pictures = client.interpolate(values.seed, values.end_seed, values.n, labels)
        if pictures.dtype.kind == "f" and value_range is None:  # of a game of another shape than a GAN
            raise ValueError(
                "`export_dir` must be the model's folder on this machine, as the server does not tell the range of its "
                f"numbers. Received: export_dir={_folder(values)!r}, without a version of it"
            )
        scale = values.scale or max(1, -(-32 // pictures.shape[1]))
        images.save(out, images.grid(pictures, values.columns, scale=scale, value_range=value_range or (-1.0, 1.0)))
        print(f"{values.n} pictures: {out}")

    return work


def _columns(values, known, client):
    """Prepares a request for rows, or windows of a series; what is left is to ask for them, and to write them."""
    module = sample_rows if sample_rows.is_of_rows(known) else sample_windows
    out, prior = module.check_out(values), classes.of_metadata(known)
    names = known.get("signatures", {}).get(sample_rows.SIGNATURE, {}).get("outputs")
    labels = classes.parse(values.labels, classes.names(prior))

    def work():
        made = client.sample(values.n, labels, values.seed)
        order = names if names and set(names) == set(made) else sorted(made)  # another version may be served
        made = {name: made[name] for name in order}
        if all(column.ndim == 1 for column in made.values()):
            sample_rows.write(served.restore(made, known.get("columns", {})), sample_rows.check_out(values))
        else:
            sample_windows.write(made, prior, labels, out)

    return work


def _client(values):
    chosen = {key: values[key].value for key in ("version", "timeout", "retries", "ca_file")}
    return Client(values.url, values.model, **chosen)


def _metadata(values):
    """Reads the metadata of the model, where it was exported on this machine: a server does not tell it."""
    folder = pathlib.Path(_folder(values))
    found = [values.version] if values.version else layout.versions(folder)[-1:]
    return metadata.read(folder / str(found[0])) if found else {}


def _folder(values):
    return values.export_dir or f"saved_models/{values.model}"
