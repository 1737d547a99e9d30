"""`saved_models/digits/1`, the model that the repository holds."""

import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

FOLDER = pathlib.Path(__file__).parents[2] / "saved_models/digits/1"
SPECS = {
    "serving_default": {"latents": ("float32", [None, 64])},
    "generate": {"num_samples": ("int32", []), "seed": ("int64", [])},
    "generate_png": {"num_samples": ("int32", []), "seed": ("int64", [])},
    "interpolate": {"start_seed": ("int64", []), "end_seed": ("int64", []), "steps": ("int32", [])},
}


@pytest.fixture(scope="module")
def model():
    return tf.saved_model.load(str(FOLDER))


def pictures(model, count):
    return model.signatures["generate"](num_samples=tf.constant(count), seed=tf.constant(3, tf.int64))["images"].numpy()


def test_it_is_small():
    files = [file for file in FOLDER.rglob("*") if file.is_file()]
    assert {"saved_model.pb", "keras_gan.json", "tf_serving_warmup_requests"} < {file.name for file in files}
    assert 100_000 < sum(file.stat().st_size for file in files) < 1_000_000


def test_its_signatures(model):
    found = {name: signature.structured_input_signature[1] for name, signature in model.signatures.items()}
    assert {
        name: {key: (spec.dtype.name, spec.shape.as_list()) for key, spec in specs.items()}
        for name, specs in found.items()
    } == SPECS


def test_its_pictures(model):
    made = pictures(model, 9)
    assert (made.shape, made.dtype) == ((9, 8, 8, 1), np.uint8)
    assert len({picture.tobytes() for picture in made}) == 9
    assert made.min() < 32
    assert made.max() > 223
    np.testing.assert_array_equal(pictures(model, 4), made[:4])


def test_its_metadata():
    known = json.loads((FOLDER / "assets/keras_gan.json").read_text(encoding="utf-8"))
    assert set(known["signatures"]) == set(SPECS)
    assert known["example_shape"] == [8, 8, 1]
    told = known["metadata"]
    assert (told["config"]["dataset"], told["config"]["name"], told["seed"]) == ("digits", "digits", 0)
    assert len(told["commit"].removesuffix("-dirty")) == 40
