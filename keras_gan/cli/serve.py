"""Starts TensorFlow Serving with an exported model, and prints when it answers. Ctrl-C or SIGTERM ends both."""

import pathlib
import shlex
from collections.abc import Callable

from absl import flags

from keras_gan.cli import run_files
from keras_gan.export import layout
from keras_gan.serving import server


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks the model, the ports and the binary, and returns the function that starts the server."""
    if not values.model:
        raise ValueError("`model` must name the folder of an exported model. Received: no --model")
    chosen = {key: values[key].value for key in ("name", "port", "rest_port", "batching", "binary")}
    started = server.ModelServer(_folder(values.model), flags=values.flag, **chosen)
    return lambda: run(started, values.timeout)


def _folder(path):
    """Returns the folder of versions for `path`: that folder, its newest version, or the run that exported it."""
    place, exported = pathlib.Path(path), None
    if (place / "saved_model.pb").is_file() and place.resolve().name.isdecimal():
        exported = place.resolve()
    elif (place / "finished.json").is_file():
        exported = run_files.version_of(place)
        if exported is None:
            raise ValueError(
                "`model` must name the folder of an exported model, as the SavedModel of this run was moved or "
                f"removed. Received: model={path!r}"
            )
    elif place.suffix == ".keras" or (place / "config.json").is_file():
        raise ValueError(
            "`model` must be exported before it is served: keras-gan export "
            f"--model={shlex.quote(path)}. Received: model={path!r}"
        )
    if exported is None:
        return place
    newest = max(layout.versions(exported.parent), default=None)
    if newest is not None and newest != int(exported.name) and exported == place.resolve():
        raise ValueError(
            f"`model` must be the newest version of its folder, {newest}, as that is the one a server loads. "
            f"Received: model={path!r}"
        )
    return exported.parent


def run(started: server.ModelServer, timeout: float) -> None:
    """Starts the server and waits until it ends, by itself or by a signal."""
    print(shlex.join(started.command), flush=True)
    with started.stopped_by_signals() as came:
        try:
            started.start(timeout)
            print(
                f"{started.name!r} answers: http://localhost:{started.rest_port} (REST), "
                f"grpc://localhost:{started.port}\n"
                f"Try: keras-gan request --url=http://localhost:{started.rest_port} --model={started.name}",
                flush=True,
            )
            started.wait()
        except server.ServingError:
            if not came:
                raise
        finally:
            started.stop()
