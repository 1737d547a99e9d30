"""A client for a generator on TensorFlow Serving."""

import functools
import pathlib
import random
import urllib.parse
from collections.abc import Callable
from typing import Any

import numpy as np
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow.dtypes import as_dtype

from keras_gan.ground.arguments import check_count, interpret
from keras_gan.serving.answers import refuse, sizes, wanted
from keras_gan.serving.transport import ServingError, VersionStatus, retry

COUNTS = ("num_samples", "steps")  # scalar inputs that give the number of examples
SCHEMES = ("http", "https", "grpc", "grpcs")
LAST = 2**63 - 1  # highest version
LONGEST = 365 * 24 * 60 * 60.0  # seconds; larger timeouts, such as infinity, become this one


class Client:
    """Client for a generator that `keras_gan` exported and TensorFlow Serving serves.

    If the server cannot be reached, the request is sent again after a pause. This is safe, because the answer is a
    function of the request: if no seed is given, the client draws one, once per request. Requests that the server
    refuses raise at once. Each thread needs its own client.

    Answers are checked against the request: the number of pictures, their size and their values. Requests only go to
    the given host: redirects are not followed, and no proxy is used. An answer may have at most as many bytes as the
    request can need, and at most 1 GiB.

    Args:
        url: `"http://host:8501"` or `"https://…"` for REST, `"grpc://host:8500"` or `"grpcs://…"` (TLS) for gRPC,
            which needs the extra `keras_gan[serving]` and transfers arrays several times as fast.
        model: Name of the model on the server.
        version: Version number, at least 0. Defaults to the newest version.
        timeout: Seconds per attempt, above 0, from the connection to the last byte of the answer. Only the look-up of
            the host's name may take longer. Defaults to 60.
        retries: Number of further attempts, at least 0. Defaults to 3.
        backoff: Seconds before the first retry, at least 0; doubled for each further one. Defaults to 0.2.
        ca_file: PEM file with the certificates to trust. Defaults to those of well-known authorities.

    Raises:
        ValueError: If an argument is out of range.
        ImportError: If `url` is one of gRPC and `tensorflow-serving-api` is not installed.

    Example, with TF Serving running:

    ```python
    with keras_gan.serving.Client("grpc://localhost:8500", "mnist") as client:
        pictures = client.generate(16, seed=0)  # (16, 28, 28, 1) uint8
    ```
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        version: int | None = None,
        timeout: float = 60.0,
        retries: int = 3,
        backoff: float = 0.2,
        ca_file: str | None = None,
    ):
        parts = interpret("url", url, _split, "the address of a server")
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError(f"`url` must begin with {'://, '.join(SCHEMES)}:// and name a host. Received: url={url!r}")
        if not model:
            raise ValueError(f"`model` must be the name of a model. Received: model={model!r}")
        if version is not None:
            check_count("version", version, LAST, least=0)
        if not _is_number(timeout) or not timeout > 0:
            raise ValueError(f"`timeout` must be above 0. Received: timeout={timeout!r}")
        if not _is_number(backoff) or not backoff >= 0:
            raise ValueError(f"`backoff` must be at least 0. Received: backoff={backoff!r}")
        if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
            raise ValueError(f"`retries` must be an integer of at least 0. Received: retries={retries!r}")
        if ca_file is not None and not pathlib.Path(ca_file).is_file():
            raise ValueError(f"`ca_file` must be a PEM file. Received: ca_file={str(ca_file)!r}, no such file")
        self.retries, self.backoff = retries, backoff
        if parts.scheme.startswith("http"):
            from keras_gan.serving.rest import Rest

            transport: Callable[..., Any] = Rest
        else:
            from keras_gan.serving.grpc import Grpc

            transport = Grpc
        self.url, self.model = url, model
        self._transport = transport(url, model, version, min(timeout, LONGEST), ca_file)
        self._signatures = None

    def generate(self, n: int, labels=None, seed: int | None = None, truncation: float | None = None) -> np.ndarray:
        """Generates `n` pictures. For a fixed seed, the first k of them do not depend on `n`.

        Args:
            n: Number of pictures, from 1 to the limit of the export, 1,024 by default.
            labels: For a conditional generator: one label for all, or (n,) labels; for conditions other than labels
                (1, ...) for all, or (n, ...). Drawn from the generator's prior if None.
            seed: The same seed gives the same pictures, here and in the exported graph. Drawn if None.
            truncation: Largest absolute value of the latents, above 0. Required by a model that was exported with it,
                and refused by others.

        Returns:
            (n, height, width, channels) uint8. If the generator makes no pictures, (n, ...) float32; for a game other
            than a GAN, float32 in the training range.

        Raises:
            ValueError: If an argument does not fit the model.
            ServingError: If the server refuses the request, cannot be reached, or gives an invalid answer.
        """
        inputs = self._drawn("generate", n, labels, seed, truncation)
        outputs = set(self._signature("generate").outputs)
        return self._ask("generate", inputs, "images" if len(outputs) != 1 else outputs.pop())

    def generate_png(
        self, n: int, labels=None, seed: int | None = None, truncation: float | None = None
    ) -> list[bytes]:
        """Generates the pictures of `generate`, each as the bytes of a PNG file, many times smaller over REST.

        Arguments and errors are those of `generate`.
        """
        return self._ask("generate_png", self._drawn("generate_png", n, labels, seed, truncation), "image_bytes")

    def interpolate(self, start_seed: int, end_seed: int, steps: int, label: int | None = None) -> np.ndarray:
        """Generates a walk from the first picture of one seed to the first picture of another.

        Args:
            start_seed: Seed of the first picture.
            end_seed: Seed of the last picture.
            steps: Number of pictures, including both ends.
            label: For a conditional generator, the class of all pictures. Drawn from the generator's prior if None.

        Returns:
            (steps, height, width, channels) uint8.
        """
        inputs = {"start_seed": start_seed, "end_seed": end_seed, "steps": check_count("steps", steps)}
        return self._ask("interpolate", inputs | self._optional("interpolate", label), "images")

    def sample(self, n: int, labels=None, seed: int | None = None) -> dict[str, np.ndarray]:
        """Generates rows of a table, or windows of a series, by the signature `sample` of such a model.

        Args:
            n: Number of rows or windows, at least 1.
            labels: For a conditional model of series: one label for all, or (n,) labels. Drawn from its prior if None.
            seed: The same seed gives the same rows or windows. Drawn if None.

        Returns:
            {column: values}. For windows (n, length) float, in the units of the data. For rows (n,) numbers, with NaN
            for missing ones, booleans, or texts: see `keras_gan.data.served.restore`.

        Raises:
            ValueError: If an argument does not fit the model.
            ServingError: As in `generate`.
        """
        return self._ask("sample", self._drawn("sample", n, labels, seed, None), None)

    def make(self, latents, labels=None) -> np.ndarray:
        """Generates examples from latents (N, dim) and labels (N,): (N, ...) float32, in the training range."""
        return self._ask("serving_default", {"latents": latents} | _given("labels", labels), "images")

    def discriminate(self, images, labels=None) -> np.ndarray:
        """Returns the discriminator's scores, (N,) float32, of images (N, ...) in the training range."""
        return self._ask("discriminate", {"images": images} | _given("labels", labels), "scores")

    def ask(self, signature: str, **inputs) -> np.ndarray:
        """Calls a signature with one output, such as a task of a game other than a GAN.

        Args:
            signature: Name of the signature, such as `"translate_ab"` or `"encode"`.
            **inputs: Inputs by name: arrays (N, ...) in the training range, or `num_samples` and `seed` if all inputs
                are drawn.

        Returns:
            The output, (N, ...).

        Raises:
            ValueError: If the inputs do not fit the signature, or it has several outputs.
            ServingError: As in `generate`.
        """
        outputs = list(self._signature(signature).outputs)
        if len(outputs) != 1 or not inputs:
            received = f"signature={signature!r} of {', '.join(sorted(outputs))}, with {', '.join(inputs) or 'none'}"
            raise ValueError(f"`signature` must have one output, and inputs must be given. Received: {received}")
        return self._ask(signature, inputs, outputs[0])

    def metadata(self) -> dict[str, dict[str, dict[str, str]]]:
        """Returns the types and shapes of inputs and outputs, by signature; -1 is a free size.

        As in `{"generate": {"inputs": {"seed": "int64 ()", ...}, "outputs": {"images": "uint8 (-1, 28, 28, 1)"}}}`.
        """
        return {
            name: {
                "inputs": {key: _describe(info) for key, info in sorted(signature.inputs.items())},
                "outputs": {key: _describe(info) for key, info in sorted(signature.outputs.items())},
            }
            for name, signature in sorted(self._known().items())
        }

    def status(self) -> list[VersionStatus]:
        """Returns the versions of the model that the server knows, and their states."""
        return retry(self._transport.status, self.retries, self.backoff)

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_):
        self.close()

    def _drawn(self, name, n, labels, seed, truncation):
        seed = random.randrange(2**31) if seed is None else seed
        inputs = {"num_samples": check_count("n", n), "seed": seed} | _given("truncation", truncation)
        return inputs | self._optional(name, labels)

    def _optional(self, name, labels):
        conditions = {key: info for key, info in self._signature(name).inputs.items() if sizes(info)}
        if labels is None:
            return {key: _from_prior(info) for key, info in conditions.items()}
        return {next(iter(conditions)) if len(conditions) == 1 else "labels": np.atleast_1d(labels)}

    def _known(self):
        if self._signatures is None:
            self._signatures = retry(self._transport.signatures, self.retries, self.backoff)
        return self._signatures

    def _signature(self, name: str) -> SignatureDef:
        known = self._known()
        if name not in known:
            offered = ", ".join(sorted(known))
            raise ValueError(f"`model` must offer {name!r}. Received: model={self.model!r}, which offers {offered}")
        return known[name]

    def _ask(self, name, inputs, output):
        signature = self._signature(name)
        inputs = _fitting(name, signature, inputs)
        count = _count(inputs)
        try:
            if output is not None and output not in signature.outputs:
                refuse(f"{name!r} must give {output!r}, and gives {', '.join(sorted(signature.outputs)) or 'nothing'}")
            requested = wanted(name, signature, count, self._known().get("generate"))
            ask = functools.partial(self._transport.predict, name, inputs, requested)
            answers = retry(ask, self.retries, self.backoff)
            return answers if output is None else answers[output]
        except ServingError:
            self._signatures = None  # the server may have switched to another version
            raise


def _from_prior(info):
    """Returns labels that an exported generator replaces by draws from its prior: -1 for integers, NaN for floats."""
    dtype = as_dtype(info.dtype).as_numpy_dtype
    return np.full((1, *sizes(info)[1:]), -1 if np.issubdtype(dtype, np.integer) else np.nan, dtype)


def _given(name, value):
    return {} if value is None else {name: value}


def _split(url):
    parts = urllib.parse.urlsplit(url)
    _ = parts.port  # raises a ValueError if it is no number
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("characters that are not allowed in an address")
    return parts


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def _describe(info):
    return f"{as_dtype(info.dtype).name} {sizes(info)}"


def _fitting(name, signature, inputs):
    """Returns the inputs as arrays of the signature's types; raises a ValueError if they do not fit."""
    for key in inputs.keys() - signature.inputs.keys():
        raise ValueError(f"`{key}` must be None: the signature {name!r} of this model lacks it. Received: a value")
    for key in signature.inputs.keys() - inputs.keys():
        raise ValueError(f"`{key}` must be given: the signature {name!r} of this model needs it. Received: None")
    return {key: _as_array(key, value, signature.inputs[key]) for key, value in inputs.items()}


def _count(inputs):
    """Returns the number of requested examples: that of a scalar input, otherwise the length of the longest input."""
    for name in COUNTS:
        if name in inputs and not inputs[name].ndim:
            return check_count(name, int(inputs[name]))
    return max((len(value) for value in inputs.values() if value.ndim), default=1)


def _as_array(key, value, info):
    dtype = as_dtype(info.dtype).as_numpy_dtype
    try:
        given = np.asarray(value)
        with np.errstate(over="ignore"):
            array = given.astype(dtype)
        exact = not np.issubdtype(dtype, np.integer) or np.array_equal(array, given)
        if array.dtype.kind == "f" and np.any(np.isinf(array) & np.isfinite(given)):
            exact = False
    except (TypeError, ValueError, OverflowError):
        exact = False
    if not exact:
        raise ValueError(f"`{key}` must hold numbers of type {np.dtype(dtype).name}. Received: {key}={value!r}")
    shape = sizes(info)
    if len(shape) != array.ndim or any(a not in (-1, b) for a, b in zip(shape, array.shape, strict=True)):
        raise ValueError(f"`{key}` must have the shape {shape}, -1: any. Received: {key}.shape={array.shape}")
    if not array.size:  # JSON cannot express types or shapes of empty arrays
        raise ValueError(f"`{key}` must hold at least 1 example. Received: {key}.shape={array.shape}")
    return array
