"""An exported MNIST generator under load: 10,000 requests of mixed sizes from 8 clients at a time, each answer checked.

    keras-gan train --dataset=mnist --epochs=1
    python -m benchmarks.serving --gan=runs/mnist/gan.keras --model=saved_models/mnist  # writes benchmarks/serving.json

TensorFlow Serving's binary cannot be installed where this was run. The server is the one of the tests,
`tests/serving/stand_in.py`, in a process of its own: the exported signatures in TensorFlow's v1 Session behind genuine
gRPC messages and TF Serving's REST conventions. So the record shows that no answer is lost or wrong, and what the
client and the protocols cost; its speed is not that of TF Serving. `--url` and `--rest_url` name a real one instead.

Half of the clients, threads of one process, use REST and half gRPC. What is right is computed once: pictures by
`gan.generate`, walks and latents by the SavedModel; every answer must have the same bits. The generator is then called
directly, one request after another, for as many pictures.
"""

import io
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags
from PIL import Image

from benchmarks import commit
from keras_gan import images
from keras_gan.serving import Client, ServingError

GAN = flags.DEFINE_string("gan", "runs/mnist/gan.keras", "The .keras file of the GAN that was exported.")
MODEL = flags.DEFINE_string("model", "saved_models/mnist", "Folder of the exported model.")
REQUESTS = flags.DEFINE_integer("requests", 10_000, "Number of requests.", lower_bound=1)
CLIENTS = flags.DEFINE_integer("clients", 8, "Clients in parallel.", lower_bound=2)
URL = flags.DEFINE_string(
    "url", None, "gRPC address of a running server, such as grpc://host:8500. Default: starts one."
)
REST_URL = flags.DEFINE_string("rest_url", None, "REST address of that server, such as http://host:8501.")
TRAINED_BY = flags.DEFINE_string(
    "trained_by", "keras-gan train --dataset=mnist --epochs=1", "Training command to name in the record."
)
NOTE = flags.DEFINE_string("note", "", "Remark to add to the record.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")
STAND_IN = pathlib.Path(__file__).parents[1] / "tests/serving/stand_in.py"
KINDS = {"generate": 0.6, "generate_png": 0.2, "interpolate": 0.1, "make": 0.1}
SIZES = (1, 2, 3, 4, 8, 16, 32, 64)
DISTINCT = 500


class Ask(NamedTuple):
    """One request: a kind, how many pictures, and a seed."""

    kind: str
    n: int
    seed: int


def plan(count, seed=0):
    """Plans `count` requests, of at most DISTINCT different ones, in a fixed order."""
    draw = np.random.default_rng(seed)
    kinds = draw.choice([*KINDS], DISTINCT, p=[*KINDS.values()])
    sizes = draw.choice(SIZES, DISTINCT)
    known = [Ask(str(kind), int(n), i) for i, (kind, n) in enumerate(zip(kinds, sizes, strict=True))]
    known = [ask._replace(n=max(2, ask.n)) if ask.kind == "interpolate" else ask for ask in known]
    return [known[i] for i in draw.integers(DISTINCT, size=count)]


def latents(ask, dim):
    return np.random.default_rng(ask.seed).standard_normal((ask.n, dim)).astype("float32")


def right(gan, loaded, asks):
    """Returns the right answer to each different request."""

    def answer(ask):
        if ask.kind in ("generate", "generate_png"):
            return images.to_uint8(gan.generate(ask.n, seed=ask.seed), gan.value_range)
        if ask.kind == "interpolate":
            seeds = {"start_seed": tf.constant(ask.seed, tf.int64), "end_seed": tf.constant(ask.seed + 1, tf.int64)}
            return loaded.signatures["interpolate"](**seeds, steps=tf.constant(ask.n))["images"].numpy()
        made = loaded.signatures["serving_default"](latents=tf.constant(latents(ask, gan.latents.dim)))
        return made["images"].numpy()

    return {ask: answer(ask) for ask in set(asks)}


def send(client, ask, dim):
    if ask.kind == "generate":
        return client.generate(ask.n, seed=ask.seed)
    if ask.kind == "generate_png":
        pictures = [Image.open(io.BytesIO(file)) for file in client.generate_png(ask.n, seed=ask.seed)]
        return np.stack([np.asarray(picture).reshape(*picture.size[::-1], -1) for picture in pictures])
    if ask.kind == "interpolate":
        return client.interpolate(ask.seed, ask.seed + 1, ask.n)
    return client.make(latents(ask, dim))


def load(urls, name, asks, answers, dim):
    """Sends the requests from one client a URL, all at once; seconds and wrong answers of each client."""
    waiting, results = list(reversed(asks)), [{"seconds": [], "wrong": 0} for _ in urls]
    together = threading.Barrier(len(urls))

    def work(url, result):
        with Client(url, name, timeout=300.0) as client:
            client.metadata()
            together.wait()
            while True:
                try:
                    ask = waiting.pop()
                except IndexError:
                    return
                began = time.perf_counter()
                try:
                    answer = send(client, ask, dim)
                except ServingError as error:
                    print(ask, error, file=sys.stderr)
                    continue
                result["seconds"].append(time.perf_counter() - began)
                expected = answers[ask]
                same = answer.dtype == expected.dtype and np.array_equal(answer, expected)
                result["wrong"] += not same

    threads = [threading.Thread(target=work, args=pair) for pair in zip(urls, results, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def directly(gan, asks):
    """Returns seconds of each call of the Keras model for as many pictures, one after another."""
    seconds = []
    for ask in asks:
        began = time.perf_counter()
        images.to_uint8(gan.generate(ask.n, seed=ask.seed), gan.value_range)
        seconds.append(time.perf_counter() - began)
    return seconds


def milliseconds(seconds):
    """Computes percentiles, for the record."""
    at = dict(zip(("p50", "p90", "p99", "max"), np.percentile(seconds, (50, 90, 99, 100)), strict=True))
    return {name: round(1000 * float(value), 1) for name, value in at.items()}


def record(asks, urls, results, seconds, direct):
    """Returns the record."""
    pictures = sum(ask.n for ask in asks)
    answered = sum(len(result["seconds"]) for result in results)
    rates = {"served": pictures / seconds, "directly": pictures / sum(direct)}
    schemes = {"rest": "http", "grpc": "grpc"}
    return {
        "requests": len(asks),
        "clients": len(urls),
        "pictures": pictures,
        "answered": answered,
        "wrong": sum(result["wrong"] for result in results),
        "lost": len(asks) - answered,
        "seconds": round(seconds, 1),
        "requests_per_second": round(answered / seconds, 1),
        "images_per_second": {name: round(rate) for name, rate in rates.items()},
        "latency_ms": {
            name: milliseconds(
                [s for url, r in zip(urls, results, strict=True) if url.startswith(scheme) for s in r["seconds"]]
            )
            for name, scheme in schemes.items()
        },
        "latency_ms_directly": milliseconds(direct),
    }


def start_stand_in(folder):
    """Returns the test server in its own process, its name for the model, and its two addresses."""
    process = subprocess.Popen([sys.executable, STAND_IN, f"--model={folder}"], stdout=subprocess.PIPE, text=True)
    return process, *process.stdout.readline().split()


def main(argv):
    del argv
    gan, asks = keras.models.load_model(GAN.value), plan(REQUESTS.value)
    folder = pathlib.Path(MODEL.value)
    version = max(int(path.name) for path in folder.iterdir() if path.name.isdecimal())
    answers = right(gan, tf.saved_model.load(str(folder / str(version))), asks)
    process, name, grpc_url, rest_url = None, folder.name, URL.value, REST_URL.value
    if not (grpc_url and rest_url):
        process, name, grpc_url, rest_url = start_stand_in(folder)
    urls = [(rest_url, grpc_url)[i % 2] for i in range(CLIENTS.value)]
    try:
        began = time.perf_counter()
        results = load(urls, name, asks, answers, gan.latents.dim)
        seconds = time.perf_counter() - began
    finally:
        if process is not None:
            process.terminate()
            process.wait()
    written = {
        "command": "python -m benchmarks.serving",
        "commit": commit(),
        "server": "tests/serving/stand_in.py (v1 Session), not TensorFlow Serving" if process else "at --url",
        "trained_by": TRAINED_BY.value,
        "cores": os.cpu_count(),
        "tensorflow": tf.__version__,
        "note": NOTE.value,
        **record(asks, urls, results, seconds, directly(gan, asks)),
    }
    print(json.dumps(written, indent=2))
    pathlib.Path(OUT.value).write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    if written["wrong"] or written["lost"]:
        raise SystemExit("Some answers were wrong or lost.")


if __name__ == "__main__":
    app.run(main)
