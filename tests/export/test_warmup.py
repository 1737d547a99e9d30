import builtins
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, networks


def gan():
    generator = networks.mlp_generator(4, (8, 8, 1), hidden=(), labels=3)
    return GAN(generator, networks.mlp_discriminator((8, 8, 1), labels=3), 4, labels=3)


@pytest.mark.learns
def test_there_is_a_request_that_works_for_every_signature(tmp_path):
    logs = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")
    folder = gan().export(tmp_path / "digits", discriminate=True, truncation=True)
    signatures = tf.saved_model.load(folder).signatures
    records = tf.data.TFRecordDataset(str(pathlib.Path(folder, "assets.extra", "tf_serving_warmup_requests")))
    seen = []
    for record in records.as_numpy_iterator():
        request = logs.PredictionLog.FromString(record).predict_log.request
        assert request.model_spec.name == "digits"
        name = request.model_spec.signature_name
        answer = signatures[name](**{key: tf.constant(tf.make_ndarray(value)) for key, value in request.inputs.items()})
        seen.append((name, *(len(value) for value in answer.values())))
    assert seen == [
        ("serving_default", 1),
        ("generate", 1),
        ("generate_png", 1),
        ("interpolate", 2),
        ("discriminate", 1),
    ]


@pytest.mark.learns
def test_without_the_package_the_export_is_made_and_says_so(tmp_path, monkeypatch):
    real = builtins.__import__

    def missing(name, *arguments, **options):
        if name.startswith("tensorflow_serving"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.warns(UserWarning, match=r"no warm-up requests.*pip install keras_gan\[serving\]") as warned:
        folder = gan().export(tmp_path / "digits")
    assert len(warned) == 1
    monkeypatch.undo()
    assert not pathlib.Path(folder, "assets.extra").exists()
    images = tf.saved_model.load(folder).signatures["serving_default"](
        latents=tf.constant(np.zeros((1, 4), "float32")), labels=tf.constant([0])
    )["images"]
    assert images.shape == (1, 8, 8, 1)
