"""How many steps run in a call depends on which callbacks look on, and changes no numbers."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, callbacks, networks
from keras_gan.game import watching
from tests.games import renewing

POINTS = np.random.default_rng(0).normal(size=(96, 2)).astype("float32")  # 24 steps of 4


class Watcher(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append(int(self.model.step.numpy()))


class Patient(Watcher, callbacks.StepCallback):
    def looks_every(self):
        return 5


class PatientBelow(callbacks.StepCallback):
    def looks_every(self):
        return 5


class Impatient(PatientBelow):
    def on_train_batch_begin(self, batch, logs=None):
        """Has a hook that the class above knows nothing of."""


class Grid(callbacks.SampleGrid):
    """Draws more."""

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)


stock = keras.callbacks
CASES = {
    "none": (lambda path: [], []),
    "epochs": (lambda path: [stock.EarlyStopping("d_loss", mode="min"), stock.History(), callbacks.LossPlot(path)], []),
    "bars": (lambda path: [stock.ProgbarLogger(), stock.TerminateOnNaN()], []),
    "checkpoints": (lambda path: [stock.ModelCheckpoint(f"{path}.keras"), stock.BackupAndRestore(str(path))], []),
    "checkpoints by step": (lambda path: [stock.ModelCheckpoint(f"{path}.keras", save_freq=30)], [30]),
    "summaries": (lambda path: [stock.TensorBoard(path), stock.TensorBoard(path, update_freq="batch")], [1]),
    "own": (lambda path: [Watcher()], [1]),
    "lambda": (lambda path: [stock.LambdaCallback(on_train_batch_end=print)], [1]),
    "lambda of epochs": (lambda path: [stock.LambdaCallback(on_epoch_end=print)], []),
    "list": (lambda path: [stock.CallbackList([Watcher(), stock.History()])], [1]),
    "ours": (lambda path: [callbacks.SampleGrid(path), Grid(path, 7), callbacks.Doctor(POINTS, 50)], [7, 50]),
    "any step": (lambda path: [callbacks.TerminateOnNonFinite(), callbacks.Profile(path)], []),
    "resume": (lambda path: [callbacks.Resume(path), callbacks.Resume(path, 9)], [9]),
    "said": (lambda path: [PatientBelow()], [5]),
    "said before": (lambda path: [Impatient()], [1]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_callbacks_need_is_known(case, tmp_path):
    make, looks = CASES[case]
    assert watching.intervals(make(tmp_path)) == looks


@pytest.mark.parametrize("every", [0, -1, 2.5, "epoch", True])
def test_looks_are_counted_in_steps(every):
    class Odd(callbacks.StepCallback):
        def looks_every(self):
            return every

    with pytest.raises(ValueError, match=r"`looks_every\(\)` must be an integer of at least 1"):
        watching.intervals([Odd()])


def make(kind=GAN, **options):
    keras.utils.set_random_seed(0)
    gan = kind(networks.mlp_generator(2, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 2, seed=0)
    gan.compile(**options)
    return gan


@pytest.fixture(scope="module")
def fresh():
    return renewing(make())


@pytest.mark.learns
def test_a_callback_that_looks_sees_its_steps_and_changes_no_bit(fresh, capsys):
    gan, weights = fresh(), []
    for watcher, steps, said in (
        (None, 8, "Chosen: 8 steps per call, without XLA.\n"),
        (Patient(), 5, "Chosen: 5 steps per call, without XLA.\n"),
        (Watcher(), 1, "Chosen: 1 step per call, without XLA.\n"),
        (Watcher(), 1, ""),
    ):
        gan = fresh()
        gan.fit(POINTS, batch_size=4, callbacks=[] if watcher is None else [watcher], verbose=2)
        assert gan.execution.steps == steps
        assert capsys.readouterr().out.startswith(said or "24/24")
        if watcher is not None:
            assert watcher.steps == [*range(steps, 25, steps), *([24] if 24 % steps else [])]
        weights.append(gan.get_weights())
    for others in weights[1:]:
        for a, b in zip(weights[0], others, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.learns
def test_other_calls_trace_no_step_again():
    traces = []

    class Counting(GAN):
        def train_step(self, data):
            traces.append(data)
            return super().train_step(data)

    gan = make(Counting)
    for watcher in ([], [Patient()], [Watcher()], []):
        gan.fit(POINTS, batch_size=4, callbacks=watcher, verbose=0)
    assert len(traces) == 1
    assert int(gan.step.numpy()) == 96


def test_before_any_fit_nothing_is_planned():
    gan = make(jit_compile=True)
    assert gan.execution is None
    assert gan.make_train_function() is gan.train_function
    assert gan.train_function is not None


@pytest.mark.learns
def test_evaluation_and_prediction_go_batch_by_batch_after_a_choice(fresh):
    gan, latents = fresh(), np.zeros((21, 2), "float32")
    assert gan.predict(latents, batch_size=1, verbose=0).shape == (21, 2)
    validation = {"validation_data": POINTS, "validation_batch_size": 2, "validation_steps": 3}
    gan.fit(POINTS, batch_size=4, verbose=0, **validation)
    assert gan.execution.steps > 1
    assert int(gan.evaluation_logs.sums[1, 0]) == 6
    endless = tf.data.Dataset.from_tensor_slices(POINTS).batch(2).repeat()
    gan.evaluate(endless, steps=5, verbose=0)
    assert int(gan.evaluation_logs.sums[1, 0]) == 10
    assert gan.predict(latents, batch_size=1, verbose=0).shape == (21, 2)
    assert gan.get_compile_config()["steps_per_execution"] == "auto"


@pytest.mark.learns
def test_calls_divide_the_epochs_of_endless_data(fresh):
    gan = fresh()
    endless = tf.data.Dataset.from_tensor_slices(POINTS).batch(4, drop_remainder=True).repeat()
    gan.fit(endless, steps_per_epoch=21, epochs=2, verbose=0)
    assert gan.execution.steps == 7
    assert int(gan.step.numpy()) == 42
