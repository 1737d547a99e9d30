import dataclasses
import json

import pytest

from keras_gan.evaluation import Record, append, check_comparable, read
from keras_gan.evaluation.record import PROTOCOL


@pytest.fixture
def record():
    return Record(
        metric="frechet",
        value=3.25,
        real=0.5,
        better="lower",
        settings={},
        n=10_000,
        n_reference=10_000,
        n_real=10_000,
        seed=7,
        extractor="digits_cnn",
        extractor_hash="ab" * 32,
        resize="none",
        dataset="mnist",
        split="test",
        reference_hash="cd" * 32,
        versions={"keras": "3.15.1"},
        created="2026-01-01T00:00:00+00:00",
        model={"path": "runs/mnist"},
    )


def test_the_protocol_has_a_name(record):
    assert record.protocol == "frechet10k_digits_cnn"
    assert dataclasses.replace(record, metric="kid", n=1437, extractor="pixels").protocol == "kid1437_pixels"


def test_a_line_gives_the_record_back(record):
    assert Record.from_json(record.to_json()) == record
    line = json.loads(record.to_json())
    assert line["protocol"] == "frechet10k_digits_cnn"
    assert (line["value"], line["real"], line["seed"], line["dataset"]) == (3.25, 0.5, 7, "mnist")


def test_lines_are_added(record, tmp_path):
    path = tmp_path / "new" / "metrics.jsonl"
    others = [dataclasses.replace(record, metric=name) for name in ("kid", "score")]
    append(path, [record])
    append(path, others)
    assert read(path) == [record, *others]
    assert [p.name for p in path.parent.iterdir()] == ["metrics.jsonl"]


@pytest.mark.parametrize("line", ["{", "[]", '{"metric": "frechet"}', "1"])
def test_a_line_that_is_none_is_refused(line, tmp_path):
    (tmp_path / "metrics.jsonl").write_text(line + "\n")
    with pytest.raises(ValueError, match="A line of metrics must be one that was written"):
        read(tmp_path / "metrics.jsonl")


def test_a_number_that_is_not_finite_is_never_written(record):
    with pytest.raises(ValueError, match="JSON"):
        dataclasses.replace(record, value=float("nan")).to_json()


@pytest.mark.parametrize("name", PROTOCOL)
def test_records_that_differ_in_their_protocol_are_not_compared(record, name):
    other = dataclasses.replace(record, **{name: {"k": 9} if name == "settings" else f"other {name}"})
    with pytest.raises(ValueError, match=rf"of one protocol to be compared. Received: {name}: .* against .*"):
        check_comparable(record, other)


def test_what_is_not_the_protocol_may_differ(record):
    free = {"value": 1.0, "real": 2.0, "seed": 8, "versions": {}, "created": "", "model": {}}
    check_comparable(record, dataclasses.replace(record, **free))
    assert set(free) | set(PROTOCOL) | {"better", "n_real"} == {field.name for field in dataclasses.fields(Record)}
