"""TensorFlow Serving's own binary: the flags for an exported model, its start, its health, its end."""

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
    """The real `tensorflow_model_server`, serving an exported model; it must be installed.

    It reads the newest version of the model's folder, replays the warm-up requests in it before it answers, and turns
    to each newer version that appears there.

    Args:
        model: The model's folder, which holds the versions 1, 2, ...
        name: What it is called in requests. Defaults to the folder's name.
        port: Of gRPC, 1 to 65535.
        rest_port: Of REST, 1 to 65535, another one.
        batching: Merge requests that arrive together, as the model's `batching.config` says. The server then refuses
            every signature with a scalar input, so all but `serving_default` and `discriminate`, and is not warmed up.
        binary: The server's name on the PATH, or its path.
        flags: Further flags of the server, such as `("--tensorflow_session_parallelism=2",)`.

    Attributes:
        command: The server's command line.

    Raises:
        ValueError: If the folder holds no version of a model, or a port is taken.
        FileNotFoundError: If there is no such binary, with ways to get it.

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
                "`model` must be a model's folder, which holds versions: 1/saved_model.pb, ... "
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
        """Returns a REST client of this server; takes what `Client` takes."""
        return Client(f"http://localhost:{self.rest_port}", self.name, **options)

    def start(self, timeout: float = 300.0) -> None:
        """Starts the server, and waits until the model answers: it has then been warmed up.

        Raises:
            ValueError: If a port is taken.
            ServingError: If the server ends, or `timeout` seconds pass. It is stopped then.
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
            ServingError: If it did not end by itself with code 0.
        """
        if self._process.wait() != 0:
            raise ServingError("UNAVAILABLE", f"{self.command[0]} ended: {self._ending()}")

    def stop(self, patience: float = 10.0) -> None:
        """Ends the server: SIGTERM, then, after `patience` seconds, SIGKILL. Does nothing if it is not running."""
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
        """Hands SIGINT, SIGTERM and SIGHUP on to the server while the block runs; yields the list of those that came.

        A signal that is ignored, as SIGHUP is under `nohup`, stays ignored.
        """
        came = []

        def hand_on(number, _):
            came.append(number)
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(number)

        numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        heard = [number for number in numbers if signal.getsignal(number) not in (signal.SIG_IGN, None)]
        before = {number: signal.signal(number, hand_on) for number in heard}
        try:
            yield came
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
    """Returns the command that serves the model's folder with the official image, as `ModelServer` would."""
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
            "It is no Python package. Either let Docker bring it:\n"
            f"  {docker}\n"
            "or install TensorFlow's own Debian package: https://www.tensorflow.org/tfx/serving/setup"
        )
    return path


def _options(folder, place, batching):
    """Returns flags for the configurations that were exported to `folder`, which the server finds at `place`."""
    flags = _config("monitoring_config_file", folder, place, "monitoring.config")
    if not batching:
        return flags
    # a batching server refuses scalar inputs, in warm-up requests too, and then does not load the model
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
