import re
import types

import pytest

from keras_gan.cli import progress as module
from keras_gan.cli.progress import Progress

LOGS = {"d_loss": 0.5, "g_loss": 1.25}


def played(tmp_path, monkeypatch, steps, seconds=2.0):
    """A run of so many steps, each of so many seconds."""
    clock = types.SimpleNamespace(now=100.0)
    monkeypatch.setattr(module.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(module.execution, "describe", lambda game: "1 step per call")
    step = types.SimpleNamespace(value=0, numpy=lambda: step.value)
    sides = {name: types.SimpleNamespace(short=name[0]) for name in ("discriminator", "generator")}
    shown = Progress(steps, 16, tmp_path)
    shown.set_model(types.SimpleNamespace(step=step, sides=sides))
    shown.on_train_begin()
    for i in range(steps):
        clock.now += seconds
        step.value = i + 1
        shown.on_train_batch_end(i, LOGS)
    return shown


def test_a_line_for_each_twentieth(tmp_path, monkeypatch, capsys):
    (tmp_path / "step-00000007.png").touch()
    (tmp_path / "step-00000030.png").touch()
    shown = played(tmp_path, monkeypatch, 40)
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "1 step per call."
    assert len(lines) == 20
    grid = re.escape(str(tmp_path / "step-00000030.png"))
    told = r"step 10 of 40 d_loss 0\.500 g_loss 1\.250, 8 images/s, 60 s left, \d+\.\d GB, " + grid
    assert re.fullmatch(told, lines[4])
    assert ", 0 s left, " in lines[-1]
    assert (shown.seconds, shown.sessions) == (80.0, 1)


def test_a_terminal_has_one_line_of_its_width(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "50")
    played(tmp_path, monkeypatch, 3)
    out = capsys.readouterr().out.split("\n", 1)[1]
    assert out.count("\n") == 1
    lines = out.rstrip("\n").split("\r")[1:]
    assert [len(line) for line in lines] == [49, 49, 49]
    assert lines[1].startswith("step 2 of 3 d_loss 0.500 g_loss 1.250, 8 images/s")


@pytest.mark.parametrize(("speed", "text"), [(0.026, "0.026"), (3.14159, "3.1"), (12.7, "13"), (4096.4, "4,096")])
def test_speeds_have_few_digits(speed, text):
    assert module._short(speed) == text
