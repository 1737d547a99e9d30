"""Those who log by adding a callback where Keras's `fit` is called, as MLflow's autologging does, see one whole run."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import callbacks
from tests.games import renewing

X = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
EPOCHS, BATCH, STEPS = 3, 16, 4
NAMES = {"d_loss", "g_loss", "d_real", "d_fake"}


class Logger(keras.callbacks.Callback):
    """Notes all that it is told."""

    def __init__(self):
        super().__init__()
        self.calls, self.logs = [], []

    def on_train_begin(self, logs=None):
        self.calls.append("begin")
        self.opt = self.model.optimizer.get_config()

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append(epoch)

    def on_epoch_end(self, epoch, logs=None):
        self.logs.append((epoch, dict(logs)))

    def on_train_end(self, logs=None):
        self.calls.append("end")


@pytest.fixture
def autologged(monkeypatch):
    """What each call of Keras's `fit` was given, and the logger that was added to it."""
    calls, original = [], keras.Model.fit

    def patched(self, *args, **kwargs):
        listed, logger = list(kwargs.get("callbacks") or []), Logger()
        calls.append((args[0], {**kwargs, "callbacks": list(listed)}, logger))
        return original(self, *args, **{**kwargs, "callbacks": [*listed, logger]})

    monkeypatch.setattr(keras.Model, "fit", patched)
    return calls


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return STEPS

    def __getitem__(self, index):
        return X[index * BATCH : (index + 1) * BATCH]


def foreign():
    return tf.data.Dataset.from_tensor_slices(X).shuffle(64, seed=0).batch(BATCH)


def unknown():
    split = np.split(X, STEPS)
    return tf.data.Dataset.from_generator(lambda: iter(split), output_signature=tf.TensorSpec((BATCH, 2)))


DATA = {
    "an array": (lambda: X, {"batch_size": BATCH}, STEPS),
    "steps of an array": (lambda: X, {"batch_size": BATCH, "steps_per_epoch": 3}, 3),
    "a data set": (foreign, {}, STEPS),
    "an endless one": (lambda: foreign().repeat(), {"steps_per_epoch": 3}, 3),
    "one of unknown length": (unknown, {}, None),
    "a PyDataset": (Batches, {}, STEPS),
}


@pytest.fixture(scope="module")
def gan(make_gan):
    return make_gan()


@pytest.mark.learns
@pytest.mark.parametrize(("make", "options", "steps"), DATA.values(), ids=DATA)
def test_who_adds_a_callback_sees_every_epoch_of_one_run(gan, autologged, make, options, steps):
    early = keras.callbacks.EarlyStopping("val_d_loss", mode="min", patience=EPOCHS)
    history = gan.fit(make(), epochs=EPOCHS, verbose=0, callbacks=[early], validation_data=X, **options)
    ((given, kwargs, logger),) = autologged
    assert logger.calls == ["begin", *range(EPOCHS), "end"]
    assert [epoch for epoch, _ in logger.logs] == history.epoch == list(range(EPOCHS))
    for name in (*NAMES, *(f"val_{name}" for name in NAMES)):
        np.testing.assert_array_equal([logs[name] for _, logs in logger.logs], history.history[name])
    assert logger.params["epochs"] == EPOCHS
    if steps is not None:
        assert logger.params["steps"] == steps
    assert early in kwargs["callbacks"]  # MLflow logs its arguments
    assert gan.history is history
    assert (kwargs["epochs"], kwargs["batch_size"]) == (EPOCHS, BATCH)
    assert kwargs["steps_per_epoch"] == options.get("steps_per_epoch")
    assert not isinstance(given, tf.data.Dataset)  # MLflow would read it to its end
    assert {"generator_learning_rate", "discriminator_learning_rate"} <= set(logger.opt)


def batched():
    return tf.data.Dataset.from_tensor_slices(X).batch(8)


@pytest.fixture(scope="module", params=[1, 2, 3], ids="{} a call".format)
def calling(request, make_gan):
    """How many steps are played in a call, and a function that gives a new GAN that does so."""
    return request.param, renewing(make_gan(compile_options={"steps_per_execution": request.param}))


@pytest.mark.learns
@pytest.mark.parametrize(
    ("data", "options"), [(X, {"batch_size": 8}), (batched(), {}), (batched().repeat(), {"steps_per_epoch": 6})]
)
def test_a_run_that_goes_on_within_an_epoch_is_one_run_too(autologged, tmp_path, capsys, calling, data, options):
    size, make = calling
    steps = options.get("steps_per_epoch", 8)
    played = 2 * size if size < 3 else size  # a checkpoint is written after each call, and the next one is lost

    def play(folder, stop=None, verbose=0):
        gan, batches = make(), []

        def watch(batch, logs):
            batches.append(batch)
            if int(gan.step.numpy()) == stop:
                raise RuntimeError("killed")

        plateau = keras.callbacks.ReduceLROnPlateau("d_loss", mode="min", patience=1, factor=0.5, min_delta=10.0)
        watcher = keras.callbacks.LambdaCallback(on_train_batch_end=watch)
        listed = [plateau, watcher, callbacks.Resume(folder, every=1)]
        gan.fit(data, epochs=EPOCHS, verbose=verbose, callbacks=listed, **options)
        return batches, gan.history, gan.get_weights()

    whole, history, weights = play(tmp_path / "whole")
    with pytest.raises(RuntimeError, match="killed"):
        play(tmp_path / "torn", stop=steps + played + size)
    capsys.readouterr()
    batches, resumed, again = play(tmp_path / "torn", verbose=2)
    out, logger = capsys.readouterr().out, autologged[-1][-1]
    assert logger.calls == ["begin", 1, 2, "end"]
    assert [epoch for epoch, _ in logger.logs] == [1, 2]
    assert logger.params["steps"] == steps
    assert batches == whole[len(whole) // 3 + played // size :]
    assert batches[0] == played + size - 1
    assert (resumed.epoch, resumed.history) == (history.epoch, history.history)  # with the rates
    for one, other in zip(again, weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [out.count(f"Epoch {epoch}/3") for epoch in (1, 2, 3)] == [0, 1, 1]
    assert len(autologged) == 3


@pytest.mark.process
def test_mlflow_logs_parameters_losses_and_the_model(make_gan, tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    gan = make_gan()
    mlflow.tensorflow.autolog()
    try:
        history = gan.fit(foreign(), epochs=EPOCHS, verbose=0)
    finally:
        mlflow.tensorflow.autolog(disable=True)
    client = mlflow.MlflowClient()
    (run,) = client.search_runs(["0"])
    assert run.info.status == "FINISHED"
    assert run.data.params["batch_size"] == str(BATCH)
    assert run.data.params["opt_generator_beta_1"] == "0.9"
    for name in NAMES:
        logged = [metric.value for metric in client.get_metric_history(run.info.run_id, name)]
        np.testing.assert_allclose(logged, history.history[name])
    (model,) = mlflow.search_logged_models(output_format="list")
    loaded = mlflow.tensorflow.load_model(f"models:/{model.model_id}")
    np.testing.assert_array_equal(loaded.generate(4, seed=1), gan.generate(4, seed=1))
