import dataclasses
import json
import multiprocessing

import pytest

from keras_gan.evaluation import Record, append, check_comparable, read
from keras_gan.evaluation.record import PROTOCOL, newest


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


def append_often(path, record, metric, start):
    start.wait()
    for i in range(30):
        append(path, [dataclasses.replace(record, metric=metric, seed=i)] * 2)


def test_two_processes_that_add_at_the_same_time_lose_no_line(record, tmp_path):
    processes = multiprocessing.get_context("fork")
    start = processes.Barrier(2)
    workers = [
        processes.Process(target=append_often, args=(tmp_path / "metrics.jsonl", record, name, start)) for name in "ab"
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    found = read(tmp_path / "metrics.jsonl")
    for name in "ab":
        assert [each.seed for each in found if each.metric == name] == [i for i in range(30) for _ in range(2)]
    assert {found[i].metric + found[i + 1].metric for i in range(0, 120, 2)} == {"aa", "bb"}  # lines of one call


def test_lines_of_before_lack_the_errors(record):
    line = json.loads(record.to_json())
    for name in ("error", "real_error", "extractor_accuracy"):
        del line[name]
    assert Record.from_json(json.dumps(line)) == record


@pytest.mark.parametrize("line", ["{", "[]", '{"metric": "frechet"}', "1", "value", "dataset", "n"])
def test_a_line_that_is_none_is_refused(line, record, tmp_path):
    if line.isalpha():  # of another kind
        line = json.dumps(json.loads(record.to_json()) | {line: [3]})
    (tmp_path / "metrics.jsonl").write_text(line + "\n")
    with pytest.raises(ValueError, match="A line of metrics must be one that was written"):
        read(tmp_path / "metrics.jsonl")


def test_a_number_that_is_not_finite_is_never_written(record):
    with pytest.raises(ValueError, match="JSON"):
        dataclasses.replace(record, value=float("nan")).to_json()


@pytest.mark.parametrize("kind", ["records", "table"])
def test_other_data_with_a_path_may_be_moved_too(record, kind):
    here, there = (dataclasses.replace(record, dataset=f"{kind}:{path}") for path in ("/here/cats", "cats"))
    assert here.compared() == there.compared() != record.compared()


def test_a_folder_that_was_moved_is_the_same_data_set(record):
    here = dataclasses.replace(record, dataset="folder:/here/cats", split="a random half")
    there = dataclasses.replace(here, dataset="folder:cats")
    check_comparable(here, there)
    assert newest([here, record, there]) == [record, there]
    with pytest.raises(
        ValueError, match=r"reference_hash: cdcdcdcdcdcd... of folder:/here/cats against 0... of folder:"
    ):
        check_comparable(here, dataclasses.replace(there, reference_hash="0..."))
    with pytest.raises(ValueError, match=r"Received: dataset: folder:/here/cats against mnist"):
        check_comparable(here, dataclasses.replace(here, dataset="mnist"))


def test_the_newest_of_each_protocol(record):
    again, other = dataclasses.replace(record, value=9.0), dataclasses.replace(record, extractor_hash="0" * 64)
    assert newest([record, other, again]) == [other, again]


@pytest.mark.parametrize("name", PROTOCOL)
def test_records_that_differ_in_their_protocol_are_not_compared(record, name):
    other = dataclasses.replace(record, **{name: {"k": 9} if name == "settings" else f"other {name}"})
    with pytest.raises(ValueError, match=rf"have the same protocol to be compared. Received: {name}: .* against .*"):
        check_comparable(record, other)


def test_what_is_not_the_protocol_may_differ(record):
    free = {"value": 1.0, "real": 2.0, "seed": 8, "versions": {}, "created": "", "model": {}}
    free |= {"error": 0.1, "real_error": 0.2, "extractor_accuracy": 0.9}
    check_comparable(record, dataclasses.replace(record, **free))
    assert set(free) | set(PROTOCOL) | {"better", "n_real"} == {field.name for field in dataclasses.fields(Record)}
