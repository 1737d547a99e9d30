"""TensorFlow Serving's binary: its flags for an exported model, and its start, health check and end."""

import contextlib
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence

from keras_gan.serving.client import Client
from keras_gan.serving.transport import ServingError

BINARY = "tensorflow_model_server"
IMAGE = "tensorflow/serving:2.20.0"


class ModelServer:
    """A `tensorflow_model_server`, which must be installed, with an exported model.

    The server loads the newest version in the model's folder, runs the warm-up requests of that version before it
    answers, and switches to each newer version that appears.

    Args:
        model: The model's folder, which holds the versions 1, 2, ...
        name: Name of the model in requests. Defaults to the folder's name.
        port: Port of gRPC, 1 to 65535. Defaults to 8500.
        rest_port: Port of REST, 1 to 65535, different from `port`. Defaults to 8501.
        batching: Merge requests that arrive together, as the model's `batching.config` says. The server then refuses
            every signature with a scalar input, that is all but `serving_default` and `discriminate`, and skips the
            warm-up. Defaults to False.
        binary: Name of the server on the PATH, or its path. Defaults to `"tensorflow_model_server"`.
        flags: Further flags for the server, such as `("--tensorflow_session_parallelism=2",)`.

    Attributes:
        command: The server's command line.

    Raises:
        ValueError: If the folder holds no version of a model, or a port is out of range.
        FileNotFoundError: If there is no such binary; the message says how to get it.

    Example, with TF Serving installed:

    ```python
    with keras_gan.serving.ModelServer("saved_models/mnist") as server:
        pictures = server.client().generate(16, seed=0)
    ```
    """

    def __init__(
        self,
        model: str | pathlib.Path,
        *,
        name: str | None = None,
        port: int = 8500,
        rest_port: int = 8501,
        batching: bool = False,
        binary: str = BINARY,
        flags: Sequence[str] = (),
    ):
        folder = pathlib.Path(os.path.abspath(model))
        if not any(path.parent.name.isdecimal() for path in folder.glob("*/saved_model.pb")):
            raise ValueError(
                "`model` must be a model's folder, which holds versions such as 1/saved_model.pb. "
                f"Received: model={str(model)!r}"
            )
        for key, value in (("port", port), ("rest_port", rest_port)):
            if not 0 < value < 2**16:
                raise ValueError(f"`{key}` must be in [1, 65535]. Received: {key}={value}")
        if port == rest_port:
            raise ValueError(f"`rest_port` must not be `port`. Received: rest_port={rest_port}, port={port}")
        self.name, self.port, self.rest_port = name or folder.name, port, rest_port
        self.command = [
            _found(binary, docker_command(folder, self.name, port, rest_port, batching, flags)),
            f"--port={port}",
            f"--rest_api_port={rest_port}",
            f"--model_name={self.name}",
            f"--model_base_path={folder}",
            *_options(folder, folder, batching),
            *flags,
        ]
        self._process: subprocess.Popen | None = None

    def client(self, **options) -> Client:
        """Returns a REST client of this server; `options` are the further arguments of `Client`."""
        return Client(f"http://localhost:{self.rest_port}", self.name, **options)

    def start(self, timeout: float = 300.0) -> None:
        """Starts the server, and waits until the model answers, after its warm-up.

        Args:
            timeout: Maximum number of seconds to wait. Defaults to 300.

        Raises:
            ValueError: If a port is taken.
            ServingError: If the server ends, or `timeout` seconds pass; the server is then stopped.
        """
        for key, value in (("port", self.port), ("rest_port", self.rest_port)):
            _check_free(key, value)
        self._process = subprocess.Popen(self.command)  # noqa: S603 — the user's own command line
        deadline = time.monotonic() + timeout
        try:
            with self.client(timeout=5.0, retries=0) as client:
                while not _is_available(client):
                    if self._process.poll() is not None:
                        raise ServingError("UNAVAILABLE", f"{self.command[0]} ended: {self._ending()}")
                    if time.monotonic() > deadline:
                        raise ServingError("DEADLINE_EXCEEDED", f"{self.name!r} was not available in {timeout} s")
                    time.sleep(0.1)
        except BaseException:
            self.stop()
            raise

    def wait(self) -> None:
        """Waits until the server ends.

        Raises:
            ServingError: If the server does not end with exit code 0.
        """
        if self._process.wait() != 0:
            raise ServingError("UNAVAILABLE", f"{self.command[0]} ended: {self._ending()}")

    def stop(self, patience: float = 10.0) -> None:
        """Ends the server by SIGTERM, then, after `patience` seconds, by SIGKILL. Does nothing if it is not running."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @contextlib.contextmanager
    def stopped_by_signals(self) -> Iterator[list[int]]:
        """Forwards SIGINT, SIGTERM and SIGHUP to the server while the block runs; yields the list of received signals.

        Signals that are ignored, as SIGHUP is under `nohup`, stay ignored.
        """
        received = []

        def forward(number, _):
            received.append(number)
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(number)

        numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        handled = [number for number in numbers if signal.getsignal(number) not in (signal.SIG_IGN, None)]
        before = {number: signal.signal(number, forward) for number in handled}
        try:
            yield received
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def __enter__(self) -> "ModelServer":
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def _ending(self):
        code = self._process.returncode
        return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def docker_command(
    folder: pathlib.Path,
    name: str,
    port: int = 8500,
    rest_port: int = 8501,
    batching: bool = False,
    flags: Sequence[str] = (),
) -> str:
    """Returns the Docker command that serves a model's folder as `ModelServer` does, with the official image."""
    place = pathlib.PurePosixPath("/models", name)
    mount = shlex.quote(f"type=bind,source={folder},target={place},readonly")
    ports = f"-p {port}:8500 -p {rest_port}:8501"
    run = f"docker run --rm {ports} --mount {mount} -e MODEL_NAME={shlex.quote(name)} {IMAGE}"
    return " ".join([run, *map(shlex.quote, (*_options(folder, place, batching), *flags))])


def _found(binary, docker):
    path = shutil.which(binary)
    if path is None:
        raise FileNotFoundError(
            f"`binary` must be TensorFlow Serving's {BINARY}. Received: binary={binary!r}, which is not on the PATH. "
            "The server is not a Python package. Either run it with Docker:\n"
            f"  {docker}\n"
            "or install TensorFlow's Debian package: https://www.tensorflow.org/tfx/serving/setup"
        )
    return path


def _options(folder, place, batching):
    """Returns the flags for the configuration files in `folder`, which the server finds at `place`."""
    flags = _config("monitoring_config_file", folder, place, "monitoring.config")
    if not batching:
        return flags
    # a batching server also refuses scalar inputs of warm-up requests, and would not load the model
    flags += ["--enable_batching", "--enable_model_warmup=false"]
    return [*flags, *_config("batching_parameters_file", folder, place, "batching.config")]


def _config(flag, folder, place, name):
    return [f"--{flag}={place / name}"] if (folder / name).exists() else []


def _check_free(key, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as error:
            raise ValueError(f"`{key}` must be free. Received: {key}={port}: {error.strerror}") from error


def _is_available(client):
    try:
        return any(row.state == "AVAILABLE" for row in client.status())
    except ServingError:
        return False
