"""Asks a model that TensorFlow Serving serves for pictures, and writes them as a PNG."""

from collections.abc import Callable

import numpy as np
from absl import flags

from keras_gan import images
from keras_gan.cli import sample
from keras_gan.serving import Client


def define_flags(values: flags.FlagValues) -> None:
    """Defines the flags of `keras-gan request`."""
    flags.DEFINE_string("url", "http://localhost:8501", "http(s):// for REST, grpc(s):// for gRPC.", flag_values=values)
    flags.DEFINE_string("model", None, "The model's name on the server.", flag_values=values)
    flags.DEFINE_integer("version", None, "Default: the newest.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("n", 16, "How many pictures.", lower_bound=1, flag_values=values)
    flags.DEFINE_string("out", "samples.png", "The PNG to write.", flag_values=values)
    flags.DEFINE_integer("seed", 0, "The same seed gives the same pictures.", lower_bound=0, flag_values=values)
    flags.DEFINE_integer(
        "end_seed", None, "If given, the n pictures walk from --seed to this one.", lower_bound=0, flag_values=values
    )
    flags.DEFINE_list("labels", None, "One label, or n labels, for a conditional model.", flag_values=values)
    flags.DEFINE_float("truncation", None, "For a model that was exported with it.", flag_values=values)
    flags.DEFINE_integer("columns", None, "Pictures in a row.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("scale", None, "Pixels a pixel.", lower_bound=1, flag_values=values)
    flags.DEFINE_float("timeout", 60.0, "Seconds that an attempt may take.", flag_values=values)
    flags.DEFINE_integer("retries", 3, "Further attempts if the server cannot be reached.", flag_values=values)
    flags.DEFINE_string("ca_file", None, "A PEM file of the certificates to trust.", flag_values=values)


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks the flags; what is left is to ask and to write."""
    sample.check_out(values.out)
    if not values.model:
        raise ValueError("`model` must be the name of a model on the server. Received: no --model")
    labels = sample.to_labels(values.labels)
    if values.end_seed is not None and (values.truncation is not None or np.ndim(labels)):
        raise ValueError(f"`end_seed` goes with one label and no truncation. Received: end_seed={values.end_seed}")
    chosen = {key: values[key].value for key in ("version", "timeout", "retries", "ca_file")}
    client = Client(values.url, values.model, **chosen)

    def work():
        with client:
            if values.end_seed is None:
                pictures = client.generate(values.n, labels, values.seed, values.truncation)
            else:
                pictures = client.interpolate(values.seed, values.end_seed, values.n, labels)
        scale = values.scale or max(1, -(-32 // pictures.shape[1]))
        images.save_png(values.out, images.grid(pictures, values.columns, scale=scale))
        print(f"{values.n} pictures: {values.out}")

    return work
