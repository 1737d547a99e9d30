"""The benchmark of a GPU plays on a CPU, and says of each row that it leaves out why."""

import importlib
import sys
import time

import keras
import pytest
from absl import flags

from benchmarks.gpu import row, ways


@pytest.fixture
def program(new_flags):
    sys.modules.pop("benchmarks.gpu.__main__", None)  # it defines its flags
    program = importlib.import_module("benchmarks.gpu.__main__")
    flags.FLAGS([""])
    return program


@pytest.mark.learns
def test_a_row_of_a_game(monkeypatch):
    monkeypatch.setitem(ways.STEPS, "ring", 4)
    made, policy = row.play("ring", "float32", False, 0.0), keras.config.dtype_policy().name
    assert policy == "float32"
    assert (made["batch"], made["epochs"], made["steps_per_call"]) == (256, 3, 2)
    # 2-128-128-2 and 2-128-128-1, on 256 examples: three passes forward of each player, and their gradients
    assert made["gflop_per_step"] == pytest.approx(0.103, rel=0.02)
    assert made["tflop_per_second"] == pytest.approx(made["gflop_per_step"] / made["step_ms"], rel=1e-3)


def test_rows_that_fail_or_have_no_time_left_say_so(program, monkeypatch):
    class Player:
        started = 0

        def __init__(self):
            Player.started += 1

        def ask(self, command, name, policy, xla, seconds):
            if policy == "bfloat16":
                raise RuntimeError("python ended:\nTraceback\nResourceExhaustedError: OOM\n")
            return {"step_ms": 1.0}

        def end(self):
            """Has no process."""

    monkeypatch.setattr(program, "start", Player)
    told = {"game": "ring", "side": "keras_gan"}
    played = list(program.rows("ring", ways.WAYS[:3], 0.0, time.monotonic() + 60))
    assert played == [
        told | ways.WAYS[0] | {"step_ms": 1.0},
        told | ways.WAYS[1] | {"reason": "ResourceExhaustedError: OOM"},
        told | ways.WAYS[2] | {"step_ms": 1.0},
    ]
    assert Player.started == 2
    assert [each["reason"] for each in program.rows("ring", ways.WAYS, 0.0, time.monotonic() - 1)] == [
        "no time left of --minutes=9"
    ] * len(ways.WAYS)
    assert list(program.torch_rows("ring", None, 0.0)) == [
        {"game": "ring", "side": "torch", "reason": "no Python with PyTorch"}
    ]


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["r3gan", "stylegan2"])
def test_networks_of_64_pixels_can_be_made_and_counted(name):
    game, data, batch = row._make(name, "float32", False)
    assert data["x"].shape[1:] == (64, 64, 3)
    assert row._operations(name, game, batch) > 1e10


@pytest.mark.nightly
def test_smoke(program, monkeypatch, capsys):
    flags.FLAGS(["", "--smoke", "--device=cpu"])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    program.main([])
    assert '"step_ms"' in capsys.readouterr().out
