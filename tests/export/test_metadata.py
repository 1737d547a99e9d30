"""What is read of an exported version's metadata."""

import json
import os

import pytest

from keras_gan.export import metadata


@pytest.fixture
def file(tmp_path):
    (tmp_path / "assets").mkdir()
    return tmp_path / "assets" / "keras_gan.json"


def test_a_version_without_metadata_has_none(file, tmp_path):
    assert metadata.read(tmp_path) == {}
    os.mkfifo(file)
    assert metadata.read(tmp_path) == {}


def test_what_was_written_is_read(file, tmp_path):
    known = {"name": "digits", "step": 3, "max_samples": 7, "metadata": None, "signatures": {"generate": {}}, "own": []}
    file.write_text(json.dumps(known))
    assert metadata.read(tmp_path) == known


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10**5,
        "[]",
        '{"name": 3}',
        '{"step": "3"}',
        '{"step": -3}',
        '{"max_samples": [1]}',
        '{"max_samples": -1}',
        '{"signatures": ["generate"]}',
        '{"signatures": {"generate": 3}}',
        '{"metadata": "x"}',
        '{"columns": []}',
    ],
)
def test_metadata_of_another_kind_is_refused(file, tmp_path, text):
    file.write_text(text)
    with pytest.raises(ValueError, match=r"keras_gan.json must be .*Received: "):
        metadata.read(tmp_path)
