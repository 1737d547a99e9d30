import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, networks, presets
from keras_gan.export import convert as module
from keras_gan.export.convert import FORMATS, convert

PACKAGES = {"tflite": ["ai_edge_litert"], "onnx": ["tf2onnx", "onnxruntime"]}
DIM = 4


def needs(format):
    for package in PACKAGES[format]:
        pytest.importorskip(package, reason=f'pip install "keras_gan[{format}]"')


def saved(folder, call, *more, **outputs):
    """A SavedModel of a function of latents, without a GAN."""
    keeper = tf.Module()
    specs = [tf.TensorSpec((None, DIM), tf.float32, "latents"), *more]
    keeper.call = tf.function(lambda *inputs: {"images": call(*inputs)}, input_signature=specs, autograph=False)
    tf.saved_model.save(keeper, str(folder), signatures={"serving_default": keeper.call})
    return folder


def run(path, format, feed):
    """The images of a file, by the runtime of its format."""
    if format == "tflite":
        from ai_edge_litert.interpreter import Interpreter

        return Interpreter(model_path=str(path)).get_signature_runner("serving_default")(**feed)["images"]
    import onnxruntime

    return onnxruntime.InferenceSession(str(path)).run(["images"], feed)[0]


def broken(images):
    """A format whose files are never right: `images` is what its runtime makes of the right ones."""
    return lambda signature: (b"file", lambda feed: images(module._run(signature, feed)))


@pytest.fixture(scope="module", params=[None, pytest.param(5, marks=pytest.mark.learns)])
def exported(request, tmp_path_factory):
    """A GAN whose average differs from its weights, its number of classes, and where it was exported."""
    labels = request.param
    keras.utils.set_random_seed(0)
    generator = networks.dcgan_generator(DIM, (8, 8, 1), filters=4, labels=labels)
    game = GAN(
        generator, networks.dcgan_discriminator((8, 8, 1), filters=4, labels=labels), DIM, labels=labels, ema=0.9
    )
    for variable in generator.trainable_variables:
        variable.assign_add(0.2 * tf.ones_like(variable))
    return game, labels, game.export(tmp_path_factory.mktemp("exported") / "digits")


@pytest.mark.learns
@pytest.mark.parametrize("format", FORMATS)
def test_the_file_makes_what_the_gan_makes(exported, tmp_path, format):
    needs(format)
    game, labels, folder = exported
    file = tmp_path / f"digits.{format}"
    difference = convert(folder, file, format)
    assert 0 <= difference <= 1e-6

    feed = {"latents": np.random.default_rng(0).normal(size=(3, DIM)).astype("float32")}
    if labels:
        feed["labels"] = np.array([4, 0, 2], "int32")
    inputs = [tf.constant(value) for value in feed.values()]
    expected = game(inputs if labels else inputs[0])  # the averaged weights
    np.testing.assert_allclose(run(file, format, feed), expected, rtol=0, atol=1e-6)
    assert {path.name for path in tmp_path.iterdir()} == {file.name}


@pytest.mark.nightly
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("preset", "signature"),
    [
        ("r3gan", "serving_default"),
        ("fastgan", "serving_default"),
        ("biggan", "serving_default"),
        ("stylegan2", "map"),
        ("stylegan2", "synthesize"),
    ],
)
def test_networks_of_today_are_converted(tmp_path, preset, signature, format):
    needs(format)
    labels = 3 if preset in ("biggan", "stylegan2") else None
    game = presets.build(preset, (16, 16, 3), width=2, latent_dim=8, labels=labels, seed=0, run_eagerly=True)
    for player in game.players.values():
        for variable in player.trainable_variables:
            variable.assign_add(0.1 * tf.ones_like(variable))
    folder = game.export(tmp_path / preset)
    assert 0 <= convert(folder, tmp_path / f"model.{format}", format, signature) < 1e-5


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda z: z + tf.random.normal(tf.shape(z)), "would differ by up to"),
        (
            lambda z: tf.cast(tf.tanh(tf.matmul(tf.cast(z, "bfloat16"), tf.ones((DIM, 2), "bfloat16"))), "float32"),
            "bfl",
        ),
        (
            lambda z: tf.cast(tf.tanh(tf.matmul(tf.cast(z, "float16"), tf.ones((DIM, 2), "float16"))), "float32"),
            "It computes in float16",
        ),
        (lambda z: tf.linalg.svd(z[:, :, None] * z[:, None], compute_uv=False), "lacks the operations Svd"),
        (lambda z: z / 0.0 * 0.0, "it makes numbers that are not finite"),
    ],
    ids=["noise", "bfloat16", "float16", "operation", "nan"],
)
def test_what_cannot_be_converted_is_refused_with_the_reason(tmp_path, format, call, reason):
    needs(format)
    file = tmp_path / "file"
    file.write_text("what stood here")
    with pytest.raises(ValueError, match=f"cannot be converted to {format}: .*{reason}"):
        convert(saved(tmp_path / "model", call), file, format)
    assert file.read_text() == "what stood here"
    assert {path.name for path in tmp_path.iterdir()} == {"model", "file"}


@pytest.mark.parametrize(("scale", "off", "fits"), [(0.5, 9e-5, True), (0.5, 2e-4, False), (30, 9e-4, True)])
def test_the_tolerance(tmp_path, monkeypatch, scale, off, fits):
    monkeypatch.setitem(FORMATS, "tflite", broken(lambda images: images + np.float32(off)))
    folder = saved(tmp_path / "model", lambda z: scale * tf.sign(z))
    if fits:
        assert convert(folder, tmp_path / "file", "tflite") == pytest.approx(off, rel=0.01)
        assert (tmp_path / "file").read_bytes() == b"file"
    else:
        with pytest.raises(ValueError, match=r"differ by up to 0.0002, where at most 0.0001 is allowed"):
            convert(folder, tmp_path / "file", "tflite")


def test_a_batch_that_is_not_free_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(FORMATS, "tflite", broken(lambda images: images[:1]))
    with pytest.raises(ValueError, match="differ by up to inf"):
        convert(saved(tmp_path / "model", tf.ones_like), tmp_path / "file", "tflite")


def test_the_check_sees_every_batch_size_and_labels_up_to_the_last(tmp_path, monkeypatch):
    seen = []

    def watch(signature):
        return b"", lambda feed: seen.append(feed) or module._run(signature, feed)

    monkeypatch.setitem(FORMATS, "tflite", watch)
    table = keras.initializers.RandomNormal(seed=0)((10, DIM))
    folder = saved(tmp_path / "model", lambda z, y: z + tf.gather(table, y), tf.TensorSpec((None,), tf.int32, "labels"))
    assert convert(folder, tmp_path / "file", "tflite") == 0
    assert [feed["latents"].shape for feed in seen] == [(1, DIM), (2, DIM), (7, DIM)]
    assert [feed["labels"].tolist() for feed in seen] == [[0], [0, 9], [0, 1, 3, 4, 6, 7, 9]]
    everyone = np.concatenate([feed["latents"] for feed in seen])
    assert len(np.unique(everyone)) == everyone.size


@pytest.mark.parametrize("format", FORMATS)
def test_missing_packages_are_named(tmp_path, monkeypatch, format):
    for package in (*PACKAGES[format], "ai_edge_litert.interpreter"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf'pip install "keras_gan\[{format}\]"'):
        convert(saved(tmp_path / "model", tf.tanh), tmp_path / "file", format)
    assert not (tmp_path / "file").exists()


def test_the_arguments_are_checked(tmp_path):
    with pytest.raises(ValueError, match=r"`format` must be one of tflite, onnx. Received: format='coreml'"):
        convert(tmp_path, tmp_path / "file", "coreml")
    with pytest.raises(ValueError, match=r"`folder` must hold a SavedModel. Received: folder=.*without saved_model.pb"):
        convert(tmp_path, tmp_path / "file", "onnx")
    other = saved(tmp_path / "other", lambda z, x: z + x, tf.TensorSpec((), tf.float32, "x"))
    with pytest.raises(ValueError, match=r"signature serving_default, .*Received: folder=.*\['latents', 'x'\]"):
        convert(other, tmp_path / "file", "onnx")
    with pytest.raises(ValueError, match=r"signature restore, .*Received: folder=.*\['serving_default'\]"):
        convert(other, tmp_path / "file", "onnx", "restore")


def test_any_signature_that_takes_batches_is_converted(tmp_path, monkeypatch):
    keeper = tf.Module()
    spec = tf.TensorSpec((None, 2, 2, 1), tf.float32, "a")
    keeper.call = tf.function(lambda a: {"fake_b": tf.tanh(a)}, input_signature=[spec], autograph=False)
    tf.saved_model.save(keeper, str(tmp_path / "model"), signatures={"serving_default": keeper.call, "ab": keeper.call})
    for format in FORMATS:
        monkeypatch.setitem(FORMATS, format, broken(lambda images: images))
        assert convert(tmp_path / "model", tmp_path / "file", format, "ab") == 0
