"""Two processes, each with its own memory, that play one game over the network."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import tensorflow as tf

from keras_gan.ground import checkpoints, files, workers
from tests.distribution import play

ROOT = pathlib.Path(__file__).parents[2]


def task(kind, index, **cluster):
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def start(folder, *end):
    """Starts two workers; `end` is how and after which step their first run ends."""
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("localhost", 0))
        places = [f"localhost:{each.getsockname()[1]}" for each in (one, other)]
    processes = []
    for index in (0, 1):
        environment = os.environ | {"TF_CONFIG": task("worker", index, worker=places), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, play.__file__, str(folder), *end]
        with open(folder / f"worker-{index}.log", "a") as log:
            processes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
    return processes


def wait(processes, seconds):
    try:
        return [process.wait(seconds) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def said(folder):
    return "".join(path.read_text()[-3000:] for path in folder.glob("*.log"))


@pytest.fixture(scope="module", params=["stops", pytest.param("dies", marks=pytest.mark.nightly)])
def run(request, tmp_path_factory):
    """The folder of a run of two workers that ended once: after step 5, when step 4 was the last one kept."""
    folder = tmp_path_factory.mktemp("workers")
    if request.param == "dies":
        assert wait(start(folder, "dies", "5"), 300) == [9, 9], said(folder)
        assert [path.name for path in checkpoints.list_checkpoints(folder / "checkpoints")] == ["step-00000004"]
    assert wait(start(folder, *(["stops", "5"] if request.param == "stops" else [])), 300) == [0, 0], said(folder)
    return folder


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The same game in one process, that went through."""
    gan = play.make()
    return gan, play.fit(gan, tmp_path_factory.mktemp("alone"))


@pytest.mark.process
def test_two_workers_that_were_stopped_end_as_one_that_was_not(run, alone):
    gan, history = alone
    assert "epoch 1, step 4" in said(run)  # else nothing was resumed
    states, logs = ([dict(np.load(run / f"{what}-{i}.npz")) for i in (0, 1)] for what in ("state", "logs"))
    for expected, x, y in zip(play.state(gan), states[0].values(), states[1].values(), strict=True):
        np.testing.assert_array_equal(x, y)
        np.testing.assert_allclose(x, expected, atol=1e-6)
    for name, values in history.items():
        np.testing.assert_allclose(logs[0][name], values, atol=1e-6, err_msg=name)
        np.testing.assert_array_equal(logs[0][name], logs[1][name])
    assert np.all(np.isfinite(logs[0]["evaluation"]))


@pytest.mark.process
def test_only_the_chief_writes(run):
    assert (run / "worker-0/gan.keras").is_file()
    assert zipfile.is_zipfile(run / "worker-0/gan.keras")
    assert list((run / "worker-0/samples").glob("*.png"))
    assert not (run / "worker-1").exists()


@pytest.mark.parametrize(
    ("config", "chief"),
    [
        (None, True),
        ("", True),
        (task("worker", 0, worker=["a", "b"]), True),
        (task("worker", 1, worker=["a", "b"]), False),
        (task("worker", "1", worker=["a", "b"]), False),
        (task("worker", 0, chief=["a"], worker=["b"]), False),
        (task("chief", 0, chief=["a"], worker=["b"]), True),
        (task("evaluator", 0, worker=["b"]), False),
    ],
)
def test_who_is_chief(monkeypatch, tmp_path, config, chief):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if config is not None:
        monkeypatch.setenv("TF_CONFIG", config)
    assert files.is_chief()  # alone, whatever a cluster's scheduler has left in TF_CONFIG
    monkeypatch.setattr(files, "_multi_worker", True)
    assert files.is_chief() is chief
    files.write_text(tmp_path / "below" / "note.txt", "text")
    assert (tmp_path / "below").exists() is chief


class Several(tf.distribute.MultiWorkerMirroredStrategy):
    """What a strategy of two workers says of itself."""

    def __init__(self):
        super().__init__()
        self.extended._num_workers = 2


def test_workers_need_a_seed_and_to_know_who_writes(monkeypatch):
    monkeypatch.setattr(files, "_multi_worker", False)
    strategy = Several()
    workers.check_seed(None)  # outside of it
    with strategy.scope():
        with pytest.raises(ValueError, match=r"`seed` must be given with several workers.*seed=None"):
            workers.check_seed(None)
        with pytest.raises(ValueError, match=r"`TF_CONFIG` must be set with several workers"):
            workers.check_seed(0)
        monkeypatch.setenv("TF_CONFIG", task("worker", 1, worker=["a", "b"]))
        workers.check_seed(0)
        assert not files.is_chief()
        assert workers.as_logs({"d_loss": tf.constant(2.0)})["d_loss"].shape == (1,)
    assert workers.as_logs({"d_loss": tf.constant(2.0)})["d_loss"].shape == ()
