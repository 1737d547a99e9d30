"""Every callback that Keras has does with a GAN what it does with any model."""

import contextlib
import csv
import http.server
import importlib.util
import io
import json
import threading
import types
from urllib import parse

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import callbacks

TESTED = {
    "BackupAndRestore",
    "CSVLogger",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "OrbaxCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
}
LOGS = {f"{prefix}{name}" for prefix in ("", "val_") for name in ("d_loss", "g_loss", "d_real", "d_fake")}
POINTS = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
STEPS = 4  # an epoch, with batches of 16


def fit(gan, points, *listeners, epochs=2, **options):
    options = {"batch_size": 16, "verbose": 0, "validation_data": points, "shuffle": False, **options}
    return gan.fit(points, epochs=epochs, callbacks=list(listeners), **options)


def at_epoch_ends(look):
    """A list that grows by what `look()` gives, and the callback that makes it grow."""
    seen = []
    return seen, callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(look()))


def rates(gan):
    return [float(optimizer.learning_rate) for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer)]


def state(gan):
    """All that `save_weights` keeps: both players, the average, the step, both optimizers."""
    return [np.array(v.numpy()) for v in (*gan.weights, *gan.optimizer.variables)]


def assert_same(these, those, atol=0.0):
    for a, b in zip(these, those, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=atol)


def only(gan, player):
    """Lets one player learn and the other stand still, from the next step on."""
    for name in ("generator", "discriminator"):
        getattr(gan, f"{name}_optimizer").learning_rate = 2e-2 if name == player else 0.0


@pytest.fixture
def improves_until_epoch_2(same_gan):
    """A GAN, and the callback with which its `val_d_loss` falls for two epochs and then rises."""
    gan = same_gan(ema=0.5)
    return gan, callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: only(gan, "discriminator" if epoch < 2 else "generator")
    )


def test_no_stock_callback_is_left_out():
    known = {name for name in dir(callbacks) if name[0].isupper()} - {"Callback", "CallbackList"}
    assert known == TESTED


@contextlib.contextmanager
def listening():
    """A server on this machine: its address, and the events that were posted to it."""
    events = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            events.append((self.path, json.loads(parse.parse_qs(body)["data"][0])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", events
        finally:
            server.shutdown()
            thread.join()


def installed(name):
    return importlib.util.find_spec(name) is not None


@pytest.fixture(scope="module")
def watched(make_gan, tmp_path_factory):
    """Two epochs under all the callbacks that only look on, and what they saw."""
    folder, gan = tmp_path_factory.mktemp("watched"), make_gan()
    calls, out = [], io.StringIO()
    listeners = [
        callbacks.CSVLogger(str(folder / "log.csv")),
        callbacks.LambdaCallback(
            on_train_begin=lambda logs: calls.append("begin"),
            on_train_batch_end=lambda batch, logs: calls.append((batch, set(logs))),
            on_epoch_end=lambda epoch, logs: calls.append(set(logs)),
            on_train_end=lambda logs: calls.append("end"),
        ),
        callbacks.TerminateOnNaN(),
    ]
    if installed("tensorboard"):
        board = callbacks.TensorBoard(folder, histogram_freq=1, write_steps_per_second=True, update_freq=2)
        listeners.append(board)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), listening() as (address, posts):
        for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            patch.delenv(variable, raising=False)
        if installed("requests"):
            listeners.append(callbacks.RemoteMonitor(address))
        history = fit(gan, POINTS, *listeners, verbose=1)
    seen = {"calls": calls, "out": out.getvalue(), "posts": posts, "history": history, "losses": history.history}
    return types.SimpleNamespace(gan=gan, folder=folder, **seen)


@pytest.mark.learns
def test_history_has_every_loss(watched):
    assert isinstance(watched.history, callbacks.History)
    assert set(watched.losses) == LOGS
    assert watched.history.epoch == [0, 1]
    assert all(len(values) == 2 and np.isfinite(values).all() for values in watched.losses.values())
    assert all(values[0] != values[1] for values in watched.losses.values())


def test_csv_logger_writes_a_row_an_epoch(watched):
    with open(watched.folder / "log.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == LOGS | {"epoch"}
    assert [int(row["epoch"]) for row in rows] == [0, 1]
    for name in LOGS:
        np.testing.assert_allclose([float(row[name]) for row in rows], watched.losses[name], rtol=1e-6)


def test_lambda_callback_sees_batches_epochs_and_logs(watched):
    epoch = [*((i, {name for name in LOGS if not name.startswith("val_")}) for i in range(STEPS)), LOGS]
    assert watched.calls == ["begin", *epoch, *epoch, "end"]


def test_progbar_logger_shows_the_losses(watched):
    for epoch, shown in enumerate(watched.out.split("Epoch ")[1:]):
        assert shown.startswith(f"{epoch + 1}/2")
        assert "4/4" in shown
        for name in LOGS:
            assert f" {name}: {watched.losses[name][epoch]:.4f}" in shown


@pytest.mark.skipif(not installed("requests"), reason="RemoteMonitor needs requests")
def test_remote_monitor_posts_each_epoch(watched):
    assert [path for path, _ in watched.posts] == ["/publish/epoch/end/"] * 2
    assert [event["epoch"] for _, event in watched.posts] == [0, 1]
    for name in LOGS:
        np.testing.assert_allclose([event[name] for _, event in watched.posts], watched.losses[name], rtol=1e-6)


def events(folder):
    """{tag: steps} of what a folder of event files holds."""
    found = {}
    for file in folder.glob("events.out.tfevents.*"):
        for event in tf.compat.v1.train.summary_iterator(str(file)):
            for value in event.summary.value:
                found.setdefault(value.tag, []).append(event.step)
    return found


@pytest.mark.skipif(not installed("tensorboard"), reason="tensorboard is an extra")
def test_tensorboard_gets_losses_rates_and_histograms(watched):
    train, validation = events(watched.folder / "train"), events(watched.folder / "validation")
    for name in ("d_loss", "g_loss", "d_real", "d_fake"):
        assert train[f"epoch_{name}"] == validation[f"epoch_{name}"] == [0, 1]
        assert train[f"batch_{name}"] == [2, 4, 6, 8]
        assert validation[f"evaluation_{name}_vs_iterations"] == [STEPS, 2 * STEPS]
    for player in ("generator", "discriminator"):
        assert train[f"epoch_learning_rate_{player}_optimizer"] == [0, 1]
    assert train["epoch_steps_per_second"] == [0, 1]
    for weight in (*watched.gan.generator.weights, *watched.gan.discriminator.weights):
        assert train[f"{weight.path}/histogram"] == [0, 1]


def test_terminate_on_nan_lets_a_sound_game_play_on(watched):
    assert int(watched.gan.step.numpy()) == 2 * STEPS


class InterruptionError(Exception):
    pass


class InterruptAt(callbacks.Callback):
    """Raises `InterruptionError` after a training step."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.step.numpy()) == self.step:
            raise InterruptionError


@pytest.mark.learns
def test_backup_and_restore_goes_on_where_it_was(same_gan, points, tmp_path):
    def new():
        return same_gan(ema=0.9)

    whole = new()
    expected, at_the_end = fit(whole, points, epochs=3).history, state(whole)
    backup = callbacks.BackupAndRestore(tmp_path / "backup")
    with pytest.raises(InterruptionError):
        fit(new(), points, backup, InterruptAt(STEPS + 2), epochs=3)

    starts, resumed = [], new()
    watch = callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: starts.append((epoch, int(resumed.step.numpy())))
    )
    history = fit(resumed, points, backup, watch, epochs=3)
    assert starts == [(1, STEPS), (2, 2 * STEPS)]
    assert history.epoch == [1, 2]
    np.testing.assert_allclose(history.history["d_loss"], expected["d_loss"][1:], rtol=1e-6)
    assert_same(state(resumed), at_the_end)  # as if nothing had happened, Adam's moments included
    assert not (tmp_path / "backup").exists()  # done: nothing to come back to


@pytest.mark.learns
def test_early_stopping_stops_and_brings_the_best_weights_back(improves_until_epoch_2, points):
    gan, script = improves_until_epoch_2
    weights, watch = at_epoch_ends(gan.get_weights)
    stop = callbacks.EarlyStopping("val_d_loss", mode="min", patience=2, restore_best_weights=True)
    losses = fit(gan, points, script, watch, stop, epochs=10).history["val_d_loss"]
    assert losses[0] > losses[1] < losses[2] < losses[3]
    assert len(losses) == 4
    assert_same(gan.get_weights(), weights[1])
    assert not all(np.array_equal(a, b) for a, b in zip(weights[1], weights[3], strict=True))


@pytest.mark.learns
def test_learning_rate_scheduler_sets_both_rates(same_gan, points):
    gan = same_gan(rates=(1e-2, 1e-3))
    weights, watch = at_epoch_ends(gan.get_weights)
    schedule = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch < 2 else 0.0)
    history = fit(gan, points, schedule, watch, epochs=3).history
    for player, rate in (("generator", 1e-2), ("discriminator", 1e-3)):
        np.testing.assert_allclose(history[f"learning_rate_{player}_optimizer"], [rate / 2, rate / 4, 0.0], rtol=1e-6)
    assert rates(gan) == [0.0, 0.0]
    still = [np.array_equal(a, b) for a, b in zip(weights[1], weights[2], strict=True)]
    moved = [not np.array_equal(a, b) for a, b in zip(weights[0], weights[1], strict=True)]
    assert sum(still) == len(still) - 1  # all but the step
    assert all(moved)


@pytest.mark.learns
def test_model_checkpoint_keeps_the_best_epoch(improves_until_epoch_2, points, tmp_path):
    gan, script = improves_until_epoch_2
    samples, watch = at_epoch_ends(lambda: gan.generate(8, seed=1))
    states, watch_state = at_epoch_ends(lambda: state(gan))
    best = callbacks.ModelCheckpoint(tmp_path / "best.keras", "val_d_loss", mode="min", save_best_only=True)
    losses = fit(gan, points, script, watch, watch_state, best, epochs=4).history["val_d_loss"]
    assert np.argmin(losses) == 1
    loaded = keras.saving.load_model(tmp_path / "best.keras")
    assert int(loaded.step.numpy()) == 2 * STEPS
    np.testing.assert_array_equal(loaded.generate(8, seed=1), samples[1])
    assert not np.array_equal(samples[1], samples[3])
    assert_same(state(loaded), states[1])
    np.testing.assert_allclose(loaded.evaluate(points, batch_size=16, verbose=0, return_dict=True)["d_loss"], losses[1])


@pytest.mark.learns
def test_model_checkpoint_of_weights_alone(make_gan, points, tmp_path):
    gan = make_gan(ema=0.5, compile_options={"steps_per_execution": 1})
    save = callbacks.ModelCheckpoint(tmp_path / "{epoch:02d}-{val_d_loss:.3f}.weights.h5", save_weights_only=True)
    within = callbacks.ModelCheckpoint(tmp_path / "within.weights.h5", save_weights_only=True, save_freq=3)
    states, watch = at_epoch_ends(lambda: state(gan))
    losses = fit(gan, points, save, within, watch).history["val_d_loss"]
    files = sorted(tmp_path.glob("0*"))
    assert [file.name for file in files] == [f"0{i + 1}-{loss:.3f}.weights.h5" for i, loss in enumerate(losses)]
    for file, expected in zip(files, states, strict=True):
        fresh = make_gan(ema=0.5)
        fresh.load_weights(file)
        assert_same(state(fresh), expected)
    fresh.load_weights(tmp_path / "within.weights.h5")
    assert int(fresh.step.numpy()) == 6  # of steps 3 and 6 the later


def test_orbax_checkpoint_has_a_state_to_save(make_gan):
    gan = make_gan(ema=0.5)
    tree = gan.get_state_tree(value_format="numpy_array")  # raises where two variables have one path
    assert len(keras.tree.flatten(tree["optimizer_variables"])) == len(gan.optimizer.variables)
    assert {"generator_optimizer", "discriminator_optimizer"} <= set(tree["optimizer_variables"])
    players = len(gan.generator.trainable_variables) + len(gan.discriminator.trainable_variables)
    assert len(keras.tree.flatten(tree["trainable_variables"])) == players


@pytest.mark.learns
def test_reduce_lr_on_plateau_lowers_both_rates(same_gan, points):
    gan = same_gan(rates=(1e-2, 1e-3))
    reduce = callbacks.ReduceLROnPlateau("val_d_loss", mode="min", factor=0.5, patience=1, min_delta=1e3)
    history = fit(gan, points, reduce, epochs=3).history  # nothing falls by a thousand: a plateau from epoch 2 on
    np.testing.assert_allclose(history["learning_rate_generator_optimizer"], [1e-2, 1e-2, 5e-3], rtol=1e-6)
    np.testing.assert_allclose(rates(gan), [2.5e-3, 2.5e-4], rtol=1e-6)


def averaging(gan):
    """With two optimizers that average weights."""
    gan.compile("non_saturating", *(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5) for _ in range(2)))
    return gan


def averages(gan):
    optimizers = gan.generator_optimizer, gan.discriminator_optimizer
    return [np.array(v.numpy()) for optimizer in optimizers for v in optimizer._model_variables_moving_average]


def weights(gan):
    return [np.array(v.numpy()) for v in (*gan.generator.trainable_variables, *gan.discriminator.trainable_variables)]


@pytest.mark.learns
def test_swap_ema_weights_evaluates_the_averages_and_gives_the_weights_back(make_gan, points):
    gan = averaging(make_gan())
    seen = {}
    first = callbacks.LambdaCallback(on_test_begin=lambda logs: seen.update(before=(weights(gan), averages(gan))))
    after = callbacks.LambdaCallback(on_test_begin=lambda logs: seen.update(swapped=(weights(gan), averages(gan))))
    at_end, watch = at_epoch_ends(lambda: (weights(gan), averages(gan)))
    fit(gan, points, first, callbacks.SwapEMAWeights(), after, watch)
    assert not np.array_equal(seen["before"][0][0], seen["before"][1][0])
    for which in (0, 1):
        assert_same(seen["swapped"][which], seen["before"][1 - which], atol=1e-6)  # swapped by adding: rounded
        assert_same(at_end[-1][which], seen["before"][which], atol=1e-6)


@pytest.mark.learns
def test_swap_ema_weights_lets_checkpoints_hold_the_averages(make_gan, points, tmp_path):
    gan = averaging(make_gan())
    expected, watch = at_epoch_ends(lambda: averages(gan))
    save = callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    fit(gan, points, watch, callbacks.SwapEMAWeights(swap_on_epoch=True), save, validation_data=None)
    for i in (0, 1):
        assert_same(weights(keras.saving.load_model(tmp_path / f"{i + 1}.keras")), expected[i], atol=1e-6)


@pytest.mark.learns
def test_swap_ema_weights_says_that_plain_optimizers_keep_no_averages(make_gan, points):
    with pytest.raises(ValueError, match="optimizer has `use_ema=True`"):
        fit(make_gan(), points, callbacks.SwapEMAWeights())


@pytest.mark.learns
def test_fit_ends_on_the_averages_of_optimizers_that_keep_them(make_gan, points):
    gan = averaging(make_gan())
    fit(gan, points)
    assert_same(weights(gan), averages(gan), atol=1e-6)  # as Keras's own fit does


class ReadsTheOptimizer(callbacks.Callback):
    """Reads what the callbacks of Weights & Biases and MLflow read."""

    def on_train_begin(self, logs=None):
        self.config, self.rates = self.model.optimizer.get_config(), []

    def on_train_batch_end(self, batch, logs=None):
        rate = self.model.optimizer.learning_rate
        self.rates.append((int(self.model.optimizer.iterations.numpy()), float(rate.numpy().item()), rate.shape))

    def on_epoch_end(self, epoch, logs=None):
        self.model.optimizer.learning_rate = 0.5 ** (epoch + 1)


@pytest.mark.learns
def test_callbacks_that_know_one_optimizer_read_and_set_both(same_gan, points):
    gan, reads = same_gan(rates=(1e-2, 1e-3)), ReadsTheOptimizer()
    steps = len(fit(gan, points, reads, epochs=2).epoch) and len(reads.rates)
    assert [count for count, _, _ in reads.rates] == list(range(1, steps + 1))
    np.testing.assert_allclose(
        [rate for _, rate, _ in reads.rates], [1e-2] * (steps // 2) + [0.5] * (steps // 2), rtol=1e-6
    )
    assert all(shape == () for _, _, shape in reads.rates)
    np.testing.assert_allclose(rates(gan), [0.25, 0.25])
    assert reads.config["name"] == gan.optimizer.name == "players_optimizer"
    np.testing.assert_allclose(reads.config["generator_learning_rate"], 1e-2, rtol=1e-6)
    np.testing.assert_allclose(reads.config["discriminator_learning_rate"], 1e-3, rtol=1e-6)
