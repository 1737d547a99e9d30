"""What Ctrl-C, SIGTERM and SIGHUP do to a run."""

import fcntl
import gc
import os
import signal
import subprocess
import sys
import termios
import threading
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gan
from keras_gan import GAN, callbacks, cli, networks
from keras_gan.callbacks.signals import Signals, say
from keras_gan.ground import checkpoints

POINTS = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def same_handlers():
    before = [signal.getsignal(number) for number in ALL]
    yield
    after = [signal.getsignal(number) for number in ALL]
    for number, handler in zip(ALL, before, strict=True):
        signal.signal(number, handler)
    assert before == after


class Send(keras.callbacks.Callback):
    """Sends this process a signal in a step."""

    def __init__(self, number, step=3):
        super().__init__()
        self.number, self.step = number, step

    def on_train_batch_begin(self, batch, logs=None):
        if int(self.model.step.numpy()) == self.step:
            os.kill(os.getpid(), self.number)


def game():
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(3,)), networks.mlp_discriminator((2,), hidden=(3,)), 2, seed=0)
    gan.compile("hinge")
    return gan


@pytest.mark.learns
def test_a_closed_terminal_stops_after_the_step_and_saves_it(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        game().fit(
            POINTS, batch_size=4, verbose=0, callbacks=[Send(signal.SIGHUP), callbacks.Resume(tmp_path, every=100)]
        )
    assert caught.value.code == 129
    assert checkpoints.newest(tmp_path).name == "step-00000004"
    assert "Stopping after the running step. Another one ends the process at once." in capsys.readouterr().err


@pytest.mark.learns
def test_what_is_ignored_stays_ignored(tmp_path):
    """As under nohup."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ALL}
    try:
        gan = game()
        listed = [Send(signal.SIGHUP), Send(signal.SIGINT), callbacks.Resume(tmp_path, every=100)]
        gan.fit(POINTS, batch_size=4, verbose=0, callbacks=listed)
        assert int(gan.step.numpy()) == 10
        assert all(signal.getsignal(number) is signal.SIG_IGN for number in ALL)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_handlers_of_ones_own_come_back_for_a_second_signal_and_in_the_end():
    came = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: came.append(number))
    try:
        signals = Signals()
        signals.listen()
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGTERM)
        assert (signals.came, came) == (signal.SIGTERM, [signal.SIGTERM] * 2)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL  # Ctrl-C now ends the process, wherever it is
        signals.release()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_an_interactive_session_a_second_ctrl_c_is_an_interruption(monkeypatch):
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    signals = Signals()
    signals.listen()
    with pytest.raises(KeyboardInterrupt):
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
    assert signals.came == signal.SIGINT
    signals.release()


@pytest.mark.learns
def test_another_thread_hears_nothing_and_trains(tmp_path):
    steps = []

    def train():
        gan = game()
        gan.fit(POINTS, batch_size=8, verbose=0, callbacks=[callbacks.Resume(tmp_path)])
        steps.append(int(gan.step.numpy()))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert steps == [5]


def test_a_stream_that_is_gone_stops_nothing():
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "w") as stream:
        say("nobody reads it", stream)
        os.dup2(os.open(os.devnull, os.O_WRONLY), writes)


@pytest.mark.learns
def test_an_interrupted_fit_lets_go_of_its_data(tmp_path):
    """Threads of an iterator that outlive the interpreter end it by a segmentation fault."""
    alive = []

    class Held:
        def __call__(self, x):
            return x

    def batches():
        held = Held()
        alive.append(weakref.ref(held))
        for i in range(100):
            yield held(POINTS[:4] + i)

    source = tf.data.Dataset.from_generator(batches, output_signature=tf.TensorSpec((4, 2), "float32")).prefetch(2)
    stopping = [Send(signal.SIGTERM), callbacks.Resume(tmp_path, every=100)]
    with pytest.raises(SystemExit) as caught:
        game().fit(source, steps_per_epoch=50, verbose=0, callbacks=stopping)
    assert caught.value.__context__ is None
    gc.collect()
    assert [each() for each in alive] == [None] * len(alive)  # while the exception itself is still held


def test_ctrl_c_while_modules_are_imported_is_one_line(monkeypatch, capfd):
    class EndedError(Exception):
        pass

    def end(code):
        raise EndedError(code)

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(keras_gan, "import_all", lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(EndedError, match="130"):
        cli.main(["info"])
    assert capfd.readouterr().err == "\nkeras-gan info: interrupted\n"


PROGRAM = """if True:
    import os, signal, sys, time
    import keras, numpy as np
    from keras_gan import GAN, callbacks, networks

    class Slow(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                print("ready", flush=True)
                time.sleep(float(sys.argv[2]))

    gan = GAN(networks.mlp_generator(2, (2,), hidden=(3,)), networks.mlp_discriminator((2,), hidden=(3,)), 2, seed=0)
    gan.compile("hinge")
    points = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
    listed = [Slow(), callbacks.Resume(sys.argv[1], every=2)]
    gan.fit(points, batch_size=4, verbose=2, callbacks=listed)
"""


@pytest.mark.process
def test_a_second_ctrl_c_ends_at_once_and_leaves_files_whole(tmp_path):
    command = [sys.executable, "-c", PROGRAM, tmp_path / "checkpoints", "600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert any(line == "ready\n" for line in running.stdout)
        running.send_signal(signal.SIGINT)
        while "Stopping after the running step" not in running.stderr.readline():
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=30)  # of a step that takes ten minutes
    assert running.returncode == -signal.SIGINT
    assert "Traceback" not in errors
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-00000002"]
    assert checkpoints.find_damage(tmp_path / "checkpoints" / "step-00000002") is None


@pytest.mark.process
def test_a_terminal_that_is_closed_saves_though_nothing_can_be_printed(tmp_path):
    terminal, inside = os.openpty()

    def take():  # what a login shell's program has: a session whose terminal this is
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    command = [sys.executable, "-c", PROGRAM, tmp_path / "checkpoints", "1"]
    with subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, preexec_fn=take) as running:
        os.close(inside)
        said = b""
        while b"ready" not in said:
            said += os.read(terminal, 1 << 16)
        os.close(terminal)
        assert running.wait(60) == 129
    assert checkpoints.newest(tmp_path / "checkpoints").name == "step-00000003"
