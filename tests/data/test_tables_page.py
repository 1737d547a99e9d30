"""The page on tables is run as written, with small players and few epochs."""

import pathlib
import re

import numpy as np
import pandas as pd
import pytest

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
def test_a_series(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"price": np.sin(np.arange(150) / 9)}).to_csv("stock.csv", index=False)
    small = [
        ("(32, shape)", "(32, shape, width=2, kernel=3)"),
        ("discriminator(shape)", "discriminator(shape, width=2, kernel=3)"),
    ]
    names = {}
    code = block(1, *small, ('r1 + r2")', 'r1 + r2", run_eagerly=True)'), ("epochs=100", "epochs=1"))
    exec(code, names)  # noqa: S102
    assert names["prices"].shape == (240, 3)
