"""Every signature through TensorFlow's C library, in a process that never imports TensorFlow in Python.

`TF_LoadSessionFromSavedModel` is the C++ loader of TF Serving, so what holds here holds for the server's answers.
"""

import io
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parent))  # for the kinds of GAN

from kinds import CLASSES, DIM, MODELS, SIDE, TODAY

from keras_gan import GAN
from keras_gan.images import to_uint8
from keras_gan.latents import TruncatedNormal, interpolate
from keras_gan.noise import Noise

pytestmark = pytest.mark.process
LOADER = pathlib.Path(__file__).with_name("c_loader.py")
SIGNATURES = {"serving_default", "generate", "generate_png", "interpolate", "discriminate"}
Z = np.random.default_rng(0).normal(size=(5, DIM)).astype("float32")
LABELS = np.array([2, 0, 1, 1, 0], "int32")
INVALID_ARGUMENT = 3  # TF_Code


def ask(folder, place, requests):
    """What the loader answers to {name: (signature, {input: array})}: {name: {output: array, or list of bytes}}."""
    arrays = {f"{name}/{signature}/{key}": v for name, (signature, feed) in requests.items() for key, v in feed.items()}
    np.savez(place / "requests.npz", **arrays)
    command = [sys.executable, LOADER, folder, place / "requests.npz", place / "answers.npz"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    answers = {name: {} for name in requests}
    with np.load(place / "answers.npz") as told:
        assert {*told["signatures"]} - {"__saved_model_init_op"} == SIGNATURES
        for key in told.files:
            name, *rest = key.split("/")
            if len(rest) != 1:  # the list of signatures, and lengths of strings
                continue
            output = rest[0]
            answers[name][output] = told[key]
            if f"{key}/lengths" in told.files:
                ends = np.cumsum(told[f"{key}/lengths"])
                answers[name][output] = [part.tobytes() for part in np.split(told[key], ends[:-1])]
    return answers


def request(n, seed, labels=None, **more):
    feed = {"num_samples": np.array(n, "int32"), "seed": np.array(seed, "int64"), **more}
    return feed if labels is None else feed | {"labels": np.atleast_1d(np.array(labels, "int32"))}


@pytest.mark.parametrize(
    "kind",  # `truncated` is `unconditional` with one more input
    [
        pytest.param(kind, marks=pytest.mark.nightly) if kind in ("unconditional", *TODAY) else kind
        for kind in (*MODELS, *TODAY)
    ],
)
def test_every_signature_answers_as_the_gan_does(tmp_path, kind):
    gan = {**MODELS, **TODAY}[kind]()
    truncation = 0.5 if kind == "truncated" else None
    drawing = gan if truncation is None else GAN(gan.generator, gan.discriminator, TruncatedNormal(DIM, truncation))
    labels, one, drawn = (LABELS, 1, -1) if gan.takes_labels else (None, None, None)
    many = {} if labels is None else {"labels": labels}
    alike = {} if labels is None else {"labels": np.array([one], "int32")}
    more = {} if truncation is None else {"truncation": np.float32(truncation)}
    examples = gan.generate(5, labels, seed=1)

    answers = ask(
        gan.export(tmp_path / "model", discriminate=True, truncation=truncation is not None),
        tmp_path,
        {
            "latents": ("serving_default", {"latents": Z, **many}),
            "none": ("serving_default", {"latents": Z[:0], **{name: value[:0] for name, value in many.items()}}),
            "many": ("generate", request(19, 2**40, drawn, **more)),
            "given": ("generate", request(5, 3, labels, **more)),
            "alike": ("generate", request(2, -3, one, **more)),
            "png": ("generate_png", request(5, 3, labels, **more)),
            "walk": (
                "interpolate",
                {"start_seed": np.int64(3), "end_seed": np.int64(4), "steps": np.int32(6), **alike},
            ),
            "judged": ("discriminate", {"images": examples, **many}),
        },
    )

    def equal(name, expected):
        assert answers[name]["images"].dtype == "uint8"
        np.testing.assert_array_equal(answers[name]["images"], to_uint8(expected))

    def close(name, output, expected):
        assert answers[name][output].dtype == "float32"
        np.testing.assert_allclose(answers[name][output], expected, rtol=0, atol=1e-6)

    inputs = [tf.constant(value) for value in (Z, *many.values())]
    close("latents", "images", gan(inputs if many else inputs[0]))
    if kind not in TODAY:  # TensorFlow's convolution of no example has the channels of its input
        assert answers["none"]["images"].shape == (0, SIDE, SIDE, 1)
    equal("many", drawing.generate(19, seed=2**40))
    equal("given", drawing.generate(5, labels, seed=3))
    equal("alike", drawing.generate(2, one, seed=-3))
    pictures = [np.asarray(Image.open(io.BytesIO(png)))[..., None] for png in answers["png"]["image_bytes"]]
    np.testing.assert_array_equal(pictures, answers["given"]["images"])
    equal("walk", walk(gan, 3, 4, 6, one))
    # As a graph: operations that are fused round bfloat16 once, not twice.
    judge = tf.function(gan.discriminator, autograph=False)
    close("judged", "scores", np.reshape(judge([examples, labels] if many else examples), (-1,)))


def walk(gan, start, end, steps, label):
    """The pictures of `keras_gan.latents.interpolate` between the first latents of two seeds."""
    first, last = (gan.latents.draw(1, Noise(("generate", "latents"), seed))[0] for seed in (start, end))
    path = tf.constant(interpolate(first, last, steps, "spherical"))
    return gan(path if label is None else [path, tf.constant([label] * steps)]).numpy()


def test_errors_of_the_graph_arrive_as_a_status(tmp_path):
    count = "`num_samples` must be in [1, 1024]. Received: "
    label = f"`labels` must be in [0, {CLASSES}). Received: "
    steps = {"start_seed": np.int64(0), "end_seed": np.int64(1), "labels": LABELS[:1]}
    seven, image = {"labels": np.array([7], "int32")}, np.zeros((1, SIDE, SIDE, 1), "float32")
    refused = [
        (count + "0", "generate", request(0, 0, 1)),
        (count + "-1", "generate", request(-1, 0, 1)),
        (count + "10000000", "generate_png", request(10**7, 0, 1)),
        (label + "3", "generate", request(2, 0, [0, CLASSES])),
        (label + "-2", "generate_png", request(1, 0, -2)),
        *[(label + "7", "serving_default", {"latents": Z[:1], **seven})] * 20,  # the embedding must not come first
        *[(label + "7", "discriminate", {"images": image, **seven})] * 20,
        ("`labels` must be 1 or as many as `num_samples`. Received: 2", "generate", request(3, 0, [1, 2])),
        ("`labels` must be as many as `latents`. Received: 5", "serving_default", {"latents": Z[:2], "labels": LABELS}),
        ("`steps` must be in [2, 1024]. Received: 1", "interpolate", {**steps, "steps": np.int32(1)}),
        ("to be int64 but int32 is provided", "generate", request(1, 0, 1) | {"seed": np.int32(0)}),
        ("You must feed a value", "generate", {"num_samples": np.int32(1), "seed": np.int64(0)}),
    ]
    gan = MODELS["conditional"]()
    requests = {str(i): asked for i, (_, *asked) in enumerate(refused)} | {"last": ("generate", request(2, 0, 1))}
    answers = ask(gan.export(tmp_path / "model", discriminate=True), tmp_path, requests)
    for i, (text, *_) in enumerate(refused):
        assert set(answers[str(i)]) == {"error"}
        error = str(answers[str(i)]["error"])
        assert error.startswith(f"{INVALID_ARGUMENT}: ")
        assert text in error
    np.testing.assert_array_equal(answers["last"]["images"], to_uint8(gan.generate(2, 1, seed=0)))
