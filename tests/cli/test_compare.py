import dataclasses

import pytest

from keras_gan.evaluation import Record, append

RECORD = Record(
    metric="frechet",
    value=3.25,
    real=0.5,
    better="lower",
    settings={},
    n=1000,
    n_reference=1000,
    n_real=1000,
    seed=0,
    extractor="pixels",
    extractor_hash="ab" * 32,
    resize="none",
    dataset="digits",
    split="test",
    reference_hash="cd" * 32,
    versions={"keras": "3.15.1"},
    created="2026-01-01T00:00:00+00:00",
    model={"path": "runs/a"},
)


def write(folder, **changes):
    append(folder / "metrics.jsonl", [dataclasses.replace(RECORD, **changes)])


def test_numbers_of_one_protocol_are_compared(keras_gan, tmp_path):
    for metric, better, a, b in (
        ("frechet", "lower", 3.0, 2.0),
        ("recall", "higher", 0.5, 0.25),
        ("kid", "lower", 1, 1),
    ):
        write(tmp_path / "a", metric=metric, better=better, value=a)
        write(tmp_path / "b", metric=metric, better=better, value=b, seed=1, versions={"keras": "3.16"})
    result = keras_gan("compare", "a", "b/metrics.jsonl")
    assert (result.code, result.err) == (0, "")
    rows = [line.split(None, 4) for line in result.out.splitlines()[4:]]
    notes = "seeds 0 and 1; keras 3.15.1 and 3.16"
    assert rows == [
        ["frechet1k_pixels", "3", "2", "0.5", f"b is better; {notes}"],
        ["recall1k_pixels", "0.5", "0.25", "0.5", f"a is better; {notes}"],
        ["kid1k_pixels", "1", "1", "0.5", f"equal; {notes}"],
    ]


def test_the_newest_of_a_protocol_counts(keras_gan, tmp_path):
    for value in (9.0, 4.0):
        write(tmp_path / "a", value=value)
    write(tmp_path / "b", value=5.0)
    assert "  4          5" in keras_gan("compare", "--a=a", "--b=b").out


def test_another_protocol_is_refused_with_the_reason(keras_gan, tmp_path):
    write(tmp_path / "a")
    write(tmp_path / "b", n=500, extractor_hash="ef" * 32)
    result = keras_gan("compare", "a", "b")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "keras-gan compare: Not compared: frechet1k_pixels. `a` and `b` must have the same protocol to be compared. "
        "Received: n: 1000 against 500; extractor_hash: abababababab... against efefefefefef...\n"
    )


def test_what_can_be_compared_is_beside_what_cannot(keras_gan, tmp_path):
    for name, n in (("a", 1000), ("b", 500)):
        write(tmp_path / name, metric="kid")
        write(tmp_path / name, n=n)
    result = keras_gan("compare", "a", "b")
    assert result.code == 0
    assert "kid1k_pixels" in result.out
    assert result.out.splitlines()[-1].startswith("Not compared: frechet1k_pixels. ")


def test_a_data_set_in_a_folder_may_have_moved(keras_gan, tmp_path):
    write(tmp_path / "a", dataset="folder:cats", split="a random half")
    write(tmp_path / "b", dataset="folder:/elsewhere/cats", split="a random half", value=2.0)
    write(tmp_path / "c", dataset="folder:/elsewhere/cats", split="a random half", reference_hash="ef" * 32)
    assert "b is better" in keras_gan("compare", "a", "b").out
    result = keras_gan("compare", "a", "c")
    assert result.code == 1
    assert "reference_hash: cdcdcdcdcdcd... of folder:cats against efefefefefef... of folder:/elsewhere/" in result.err


def test_no_metric_in_common(keras_gan, tmp_path):
    write(tmp_path / "a")
    write(tmp_path / "b", metric="kid")
    result = keras_gan("compare", "a", "b")
    assert result.code == 1
    assert "must have a metric in common. Received: a, b" in result.err


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        ([], ["`a`", "none"]),
        (["a"], ["`b`", "none"]),
        (["a", "nowhere"], ["`b`", "nowhere", "metrics.jsonl"]),
        (["a", "empty"], ["`b`", "empty"]),
        (["a", "broken"], ["A line of metrics"]),
        (["a", "a", "a"], ["flags begin with --. Received: a"]),
    ],
)
def test_what_cannot_be_is_refused(refused, tmp_path, arguments, mentions):
    write(tmp_path / "a")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "metrics.jsonl").write_text("\n")
    (tmp_path / "broken").write_text("{}\n")
    refused(["compare", *arguments], *mentions)
