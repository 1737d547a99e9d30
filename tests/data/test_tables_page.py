"""The page on tables is run as written, with small players and few epochs."""

import pathlib
import re

import numpy as np
import pandas as pd
import pytest

from keras_gan import data, evaluation

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "tables.md"
RNG = np.random.default_rng(0)


def block(number, *changes):
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[number]
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    return code


@pytest.mark.learns
def test_a_table_in_fifteen_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    income = RNG.choice(["<=50K", ">50K"], 60)
    pd.DataFrame({"age": RNG.integers(30, 41, 60), "income": income}).to_csv("people.csv", index=False)
    small = [
        ("width, condition=condition)", "width, condition=condition, hidden=(4,))"),
        ("500), epochs=300", "20), epochs=1"),
    ]
    code = block(0, *small, ("game.compile()", "game.compile(run_eagerly=True)"))
    assert len([line for line in code.splitlines() if line]) <= 15 + 1
    names = {}
    exec(code, names)  # noqa: S102
    assert names["rows"].shape == (1000, 2)
    assert (names["richer"]["income"] == ">50K").all()
    assert names["richer"]["age"].between(30, 40).all()
    assert (tmp_path / "saved_models/people/1/saved_model.pb").is_file()


@pytest.mark.learns
def test_a_private_game(tmp_path, monkeypatch, capsys):
    pytest.importorskip("dp_accounting")
    monkeypatch.chdir(tmp_path)
    people = {"age": RNG.integers(30, 41, 40), "income": RNG.choice(["<=50K", ">50K"], 40)}
    pd.DataFrame(people).to_csv("people.csv", index=False)
    names = {"schema": data.Schema.of(people)}
    small = [("batch_size=1000), epochs=20", "batch_size=20), epochs=1"), ("batch_size=1000,", "batch_size=20,")]
    exec(block(1, *small, ("optimizer)", "optimizer, run_eagerly=True)")), names)  # noqa: S102
    assert names["steps"] == 2
    printed = capsys.readouterr().out.splitlines()[-1]
    assert float(printed) == pytest.approx(0.93, abs=0.02)  # of one epoch, a Gaussian mechanism of mu = 1 / 4
    assert (tmp_path / "saved_models/people/1/saved_model.pb").is_file()


@pytest.mark.learns
def test_a_series(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"price": np.sin(np.arange(400) / 9)}).to_csv("stock.csv", index=False)
    monkeypatch.setattr(evaluation, "evaluate_series", lambda *windows, names: (*map(len, windows), names))
    small = [("seed=0)", "seed=0, width=4, run_eagerly=True)"), ("size=128, epochs=1000", "size=16, epochs=1")]
    names = {}
    exec(block(2, *small, ("stretches=10", "stretches=2")), names)  # noqa: S102
    assert names["prices"].shape == (24_000, 3)
    assert names["report"] == (234, 74, 2000, ["price"])
