"""Starts TensorFlow Serving with an exported model, and says when it answers. Ctrl-C or SIGTERM ends both."""

from collections.abc import Callable

from absl import flags

from keras_gan.serving import server


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks the model, the ports and the binary; what is left is to start it."""
    if not values.model:
        raise ValueError("`model` must name the folder of an exported model. Received: no --model")
    chosen = {key: values[key].value for key in ("name", "port", "rest_port", "batching", "binary")}
    started = server.ModelServer(values.model, flags=values.flag, **chosen)
    return lambda: run(started, values.timeout)


def run(started: server.ModelServer, timeout: float) -> None:
    """Starts the server and stays until it ends, by itself or by a signal."""
    print(" ".join(started.command), flush=True)
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
