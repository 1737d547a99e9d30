import shutil

import pytest

from keras_gan.export import convert as module
from keras_gan.export.convert import FORMATS


@pytest.fixture(name="exported")
def exported_here(exported, keras_gan, tmp_path):
    shutil.copytree(exported.folder / "saved_models/plain/1", tmp_path / "saved_models/plain/1")
    return "saved_models/plain/1"


@pytest.mark.learns
@pytest.mark.parametrize(("format", "package"), [("tflite", "ai_edge_litert"), ("onnx", "tf2onnx")])
def test_the_file_is_written_and_its_difference_told(keras_gan, exported, tmp_path, format, package):
    pytest.importorskip(package, reason=f'pip install "keras_gan[{format}]"')
    result = keras_gan("convert", f"--model={exported}", f"--format={format}")
    size = (tmp_path / f"plain.{format}").stat().st_size
    assert result.code == 0
    start, end = result.out.split(", within ")
    assert start == f"{format}: plain.{format}, {size:,} bytes"
    difference, folder = end.split(" of ")
    assert 0 <= float(difference) <= 1e-5
    assert folder == f"{exported}\n"


def test_the_file_may_be_named(keras_gan, exported, tmp_path, monkeypatch):
    monkeypatch.setitem(FORMATS, "onnx", lambda signature: (b"file", lambda feed: module._run(signature, feed)))
    result = keras_gan("convert", f"--model={exported}", "--format=onnx", "--output=here/there.bin")
    assert result.out == f"onnx: here/there.bin, 4 bytes, within 0.0e+00 of {exported}\n"
    assert (tmp_path / "here/there.bin").read_bytes() == b"file"


def test_what_gives_other_images_is_not_written(keras_gan, exported, tmp_path, monkeypatch):
    wrong = lambda signature: (b"file", lambda feed: module._run(signature, feed) + 1)  # noqa: E731
    monkeypatch.setitem(FORMATS, "tflite", wrong)
    result = keras_gan("convert", f"--model={exported}")
    assert (result.code, result.out) == (1, "")
    assert (
        "keras-gan convert: saved_models/plain/1 cannot be converted to tflite: the images would differ" in result.err
    )
    assert not (tmp_path / "plain.tflite").exists()


def test_bad_flags_are_refused(refused, exported, tmp_path):
    (tmp_path / "file.txt").write_text("a file")
    model = f"--model={exported}"
    refused(["convert"], "`model`", "no --model")
    (tmp_path / "empty").mkdir()
    refused(["convert", "--model=empty"], "`model`", "'empty'", "a folder without one")
    refused(["convert", model, "--format=coreml"], "format", "coreml")
    refused(["convert", model, "--output=saved_models"], "`output` must be a file", "saved_models")
    refused(["convert", model, "--output=file.txt/below"], "`output` must be a folder", "file.txt")
    refused(
        ["convert", model, "--output=a.onnx"], "`output` must not have the suffix of another format", "format='tflite'"
    )


def test_missing_packages_are_refused_with_the_command(refused, exported, monkeypatch):
    def missing(signature):
        raise ModuleNotFoundError("No module named 'tf2onnx'")

    monkeypatch.setitem(FORMATS, "onnx", missing)
    refused(["convert", f"--model={exported}", "--format=onnx"], 'pip install "keras_gan[onnx]"', "tf2onnx")


@pytest.mark.learns
def test_a_gan_that_was_not_exported_is_converted_too(keras_gan, plain_model, exported, monkeypatch):
    monkeypatch.setitem(FORMATS, "onnx", lambda signature: (b"file", lambda feed: module._run(signature, feed)))
    for model, shown in ((plain_model, plain_model), ("saved_models/plain", exported), (exported, exported)):
        result = keras_gan("convert", f"--model={model}", "--format=onnx")
        assert (result.code, result.err) == (0, "")
        assert result.out == f"onnx: plain.onnx, 4 bytes, within 0.0e+00 of {shown}\n"


@pytest.mark.learns
def test_what_takes_pictures_is_converted_and_what_draws_is_not(keras_gan, cogan, vae, tmp_path, monkeypatch):
    monkeypatch.setitem(FORMATS, "onnx", lambda signature: (b"file", lambda feed: module._run(signature, feed)))
    flags = ("convert", "--format=onnx", "--output=file.onnx")
    refused = keras_gan(*flags, f"--model={vae / 'vae'}", "--signature=generate")
    assert refused.code == 1
    assert "takes batches alone. Received" in refused.err
    assert "['num_samples', 'seed']" in refused.err
