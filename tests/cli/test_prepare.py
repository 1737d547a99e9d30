import re
import signal

import numpy as np
import pytest
from PIL import Image

from keras_gan import data
from keras_gan.data import reading
from tests.cli.conftest import TINY


@pytest.fixture
def pictures(tmp_path):
    """Twelve pictures of two classes and of several sizes, and a file that is none."""
    for i in range(12):
        path = tmp_path / "in" / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((10 + i, 12, 3), 20 * i, "uint8")).save(path)
    (tmp_path / "in/a/bad.png").write_bytes(b"no picture")
    return tmp_path / "in"


@pytest.mark.learns
@pytest.mark.filterwarnings("ignore:Skipped")
def test_records_are_written_trained_on_and_evaluated(keras_gan, pictures):
    result = keras_gan("prepare", "--folder=in", "--out=records", "--image_size=8x12", "--encoding=raw")
    assert (result.code, result.err) == (0, "")
    assert "12 pictures of 8x12x3, of 2 classes, in records" in result.out
    assert "Skipped 1 picture, listed in records/index.json\n" in result.out
    assert "Next: keras-gan train --dataset=records:records\n" in result.out
    assert data.read("records:records").skipped[0].startswith("a/bad.png: ")
    result = keras_gan("prepare", "--folder=in", "--out=records", "--image_size=8", "--encoding=raw", "--overwrite")
    assert "12 pictures of 8x8x3" in result.out
    result = keras_gan("train", *TINY, "--dataset=records:records", "--batch_size=4", "--conditional", "--name=r")
    assert (result.code, result.err) == (0, "")
    assert "Trained 3 steps" in result.out
    result = keras_gan("evaluate", "--model=runs/r", "--extractor=pixels", "--metrics=frechet")
    assert result.code == 0
    assert "a random half" in result.out


@pytest.mark.filterwarnings("ignore:Skipped")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_in_order(keras_gan, pictures, monkeypatch, number, code):
    read, seen = reading.read_picture, []

    def stop(*arguments, **options):
        seen.append(arguments)
        if len(seen) == 7:
            signal.raise_signal(number)
        return read(*arguments, **options)

    monkeypatch.setattr(reading, "read_picture", stop)
    result = keras_gan("prepare", "--folder=in", "--out=records", "--image_size=8")
    assert result.code == code
    assert re.search(r"^keras-gan prepare: stopped .*; the same command resumes$", result.err, re.MULTILINE)
    assert [path.name for path in (pictures.parent / "records").iterdir()] == ["plan.json"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    monkeypatch.undo()
    monkeypatch.chdir(pictures.parent)
    assert "12 pictures of 8x8x3" in keras_gan("prepare", "--folder=in", "--out=records", "--image_size=8").out


@pytest.mark.parametrize(
    ("flags", "mentions"),
    [
        (("--out=x",), ("`folder` must be given",)),
        (("--folder=in",), ("`out` must be given",)),
        (("--folder=in", "--out=x", "--image_size=big"), ("`image_size` must be", "'big'")),
        (("--folder=in", "--out=x", "--image_size=8x8x3"), ("`image_size` must be", "'8x8x3'")),
        (("--folder=in", "--out=x", "--image_size=0"), ("`image_size` must be", "0")),
        (("--folder=in", "--out=x", "--encoding=gif"), ("`encoding` must be one of jpeg, png, raw",)),
        (("--folder=in", "--out=x", "--quality=101"), ("`quality` must be", "101")),
    ],
)
def test_what_is_refused(refused, pictures, flags, mentions):
    refused(("prepare", *flags), *mentions)
