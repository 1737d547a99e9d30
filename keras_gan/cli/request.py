"""Requests pictures, rows or windows from a model on TensorFlow Serving, and writes them to one file."""

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
    """Checks the flags, and returns the function that sends the request and writes the answer."""
    if not values.model:
        raise ValueError("`model` must be the name of a model on the server. Received: no --model")
    known, out, client = _metadata(values), values.out or "", _client(values)
    makes_columns = sample_rows.is_of_rows(known) or sample_windows.is_of_windows(known)
    if makes_columns or sample_windows.is_array(out) or frames.is_table(out):
        send = _columns(values, known, client)
    else:
        send = _pictures(values, known, client)
    needs_server_metadata = not known and not out

    def work():
        with client:
            if needs_server_metadata and sample_rows.SIGNATURE in client.metadata():
                _columns(values, known, client)()
            else:
                send()

    return work


def _pictures(values, known, client):
    """Checks the flags of a request for pictures, and returns the function that sends it and writes them."""
    out, value_range = values.out or sample.OUT, known.get("value_range")
    sample.check_out(out)
    images.check_suffix(out, "out")
    labels = classes.parse(values.labels, classes.names(classes.of_metadata(known)))
    if values.end_seed is not None and (values.truncation is not None or np.ndim(labels)):
        raise ValueError(
            "`end_seed` must not be given with several labels or a truncation. "
            f"Received: end_seed={values.end_seed}, labels={values.labels}, truncation={values.truncation}"
        )

    def work():
        if values.end_seed is None:
            pictures = client.generate(values.n, labels, values.seed, values.truncation)
        else:
            pictures = client.interpolate(values.seed, values.end_seed, values.n, labels)
        if pictures.dtype.kind == "f" and value_range is None:  # of a game other than a GAN
            raise ValueError(
                "`export_dir` must be the model's folder on this machine, as the server does not report the range of "
                f"pixels. Received: export_dir={_folder(values)!r}, which does not hold this version"
            )
        scale = values.scale or max(1, -(-32 // pictures.shape[1]))
        images.save(out, images.grid(pictures, values.columns, scale=scale, value_range=value_range or (-1.0, 1.0)))
        print(f"{values.n} pictures: {out}")

    return work


def _columns(values, known, client):
    """Checks the flags of a request for rows or windows, and returns the function that sends it and writes them."""
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
    """Returns the metadata of the model if it was exported on this machine, otherwise {}: servers do not report it."""
    folder = pathlib.Path(_folder(values))
    found = [values.version] if values.version else layout.versions(folder)[-1:]
    return metadata.read(folder / str(found[0])) if found else {}


def _folder(values):
    return values.export_dir or f"saved_models/{values.model}"
