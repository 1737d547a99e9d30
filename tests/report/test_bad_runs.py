"""Run folders that hold anything: each ends in a page, or in one clear error."""

import html
import json
import os
import pathlib

import numpy as np
import pytest
from PIL import Image

from keras_gan import report

DEEP = "[" * 100_000
SCALARS = (None, True, 3, -1.5, 10**400, "text", [], {}, [[[]]], {"a": {"b": []}}, float("inf"), float("nan"))
RECORD = {
    "metric": "frechet",
    "value": 3.25,
    "real": 0.5,
    "better": "lower",
    "settings": {},
    "n": 10_000,
    "n_reference": 10_000,
    "n_real": 10_000,
    "seed": 7,
    "extractor": "digits_cnn",
    "extractor_hash": "ab" * 32,
    "resize": "none",
    "dataset": "mnist",
    "split": "test",
    "reference_hash": "cd" * 32,
    "versions": {"keras": "3.15.1"},
    "created": "2026-01-01T00:00:00+00:00",
    "model": {"path": "runs/mnist"},
}
SHARES = {"copied": 0.25, "copied_of_real": 0.0, "closer": 1}
EXAMINATION = {"step": 3, "separation": 0.5}
FINDING = {"failure": "collapse", "first": 1, "last": 2, "what": "x", "advice": "y"}


def texts():
    """Name and contents of a file of a run, one after another."""
    for name in ("config.json", "finished.json", "doctor.json", "metrics.jsonl", "history.csv", "copies.json"):
        for text in (DEEP, '{"a":' * 100_000, "", "[", "3", "null", r'{"name": "\ud800"}', "\0" * 9, "{}", "\ufeff{}"):
            yield name, text
    for value in SCALARS:
        said = json.dumps(value)
        yield "config.json", f'{{"name": {said}, "dataset": {said}, "objective": {said}, "more": {said}}}'
        yield "finished.json", f'{{"steps": {said}}}'
        for known, wrap in ((EXAMINATION, "examinations"), (FINDING, "findings")):
            for key in known:
                rows = {"examinations": [], "findings": []} | {wrap: [known | {key: value}]}
                yield "doctor.json", json.dumps(rows)
        yield "copies.json", f'{{"by": {{"pixels": {json.dumps(SHARES | {"copied": value})}}}}}'
        yield "copies.json", f'{{"by": {said}}}'
        for key in RECORD:
            yield "metrics.jsonl", json.dumps(RECORD | {key: value})
    for number in ("1e308", "-1e308", "5e-324", "1e999", "nan", "-0", "1_0", "٣", "9" * 400, "x" * 200_000):
        yield "history.csv", f"epoch,d_loss,g_loss\n0,1,{number}\n1,{number},2\n2,-1e308,1e-320\n"
    yield "history.csv", "epoch,d_loss\n0,1.0\n1,1.0000000000000002\n"
    yield "history.csv", "epoch,d_loss\n0\n1,2,3,4\n,\n"
    yield "history.csv", '"a\nb\n'


def fill(folder, name, text):
    (folder / "config.json").write_text('{"name": "mine"}')
    (folder / name).write_text(text, encoding="utf-8")


def page_or_error(folder):
    """The page, or what the error says."""
    try:
        return report.to_html(folder), None
    except ValueError as error:
        return None, str(error)


@pytest.mark.learns
def test_each_run_is_a_page_or_one_clear_error(tmp_path):
    pages, refused = 0, 0
    for name, text in texts():
        fill(tmp_path, name, text)
        page, error = page_or_error(tmp_path)
        if error is not None:
            refused += 1
            assert "Received: " in error, (name, text[:80], error)
            assert len(error) < 1000, (name, text[:80])
        else:
            pages += 1
            assert page.startswith("<!doctype html>"), (name, text[:80])
            page.encode("utf-8")
        (tmp_path / name).unlink()
    assert (pages > 100, refused > 100) == (True, True)


@pytest.mark.parametrize("name", ["config.json", "finished.json", "doctor.json", "metrics.jsonl", "history.csv"])
@pytest.mark.parametrize("make", [os.mkfifo, pathlib.Path.mkdir, lambda path: path.symlink_to(path.name)])
def test_what_is_no_file_is_left_out(tmp_path, name, make):
    """And does not hang."""
    (tmp_path / "samples").mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "samples" / "step-00000001.png")
    os.mkfifo(tmp_path / "samples" / "step-00000002.png")
    make(tmp_path / name)
    page = report.to_html(tmp_path)
    assert page.count('<img class="frame"') == 1
    assert "step 1" in html.unescape(page)


def test_pictures_that_are_none_are_named(tmp_path):
    (tmp_path / "samples").mkdir()
    path = tmp_path / "samples" / "step-00000001.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), "uint8")).save(path)
    whole = path.read_bytes()
    broken = [whole[:n] for n in (0, 4, 20, 33, 60, 500, len(whole) - 30)]
    broken += [whole[:i] + bytes([whole[i] ^ 255]) + whole[i + 1 :] for i in (0, 12, 17, 25, 37, 50)]
    # 60,000 x 60,000 pixels in a header
    broken.append(whole[:16] + (60_000).to_bytes(4) * 2 + whole[24:])
    for data in broken:
        path.write_bytes(data)
        page, error = page_or_error(tmp_path)
        if error is not None:
            assert "step-00000001.png must be a picture. Received: " in error
        else:
            assert "data:image/png" in page
