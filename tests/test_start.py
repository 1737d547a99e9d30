"""The benchmark of what happens before the first step: what it counts is exact, and its parts run."""

import importlib
import sys

import pytest
from absl import flags


@pytest.fixture
def start(new_flags):
    sys.modules.pop("benchmarks.start", None)  # it defines its flags
    return importlib.import_module("benchmarks.start")


@pytest.mark.learns
def test_data_is_opened_once_and_requests_of_any_size_trace_twice(start):
    for row in start.openings():
        validated = row["data"] == "validated"
        assert (row["first_before_step_1"], row["second_before_step_1"]) == (1 + validated, 1)
        assert row["second_in_all"] == 1 + validated
    # up to four examples and more of them; and a label that is given, with which few are asked for
    assert [row["traces"] for row in start.requests(1)] == [2, 3]


@pytest.mark.nightly
def test_smoke(start, monkeypatch, capsys):
    monkeypatch.setattr(start, "IMPORTS", ("json", "tensorflow"))
    monkeypatch.setattr(start, "PROGRAMS", (["--dataset=digits", "--network=mlp"],))
    flags.FLAGS(["", "--smoke"])
    start.main([])
    assert '"beyond_keras_ms"' in capsys.readouterr().out
