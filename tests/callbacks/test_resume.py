"""A run that was stopped anywhere ends as if it had not been, to the bit."""

import json
import os
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, augmentations, callbacks, checkpoints, data, networks
from keras_gan.replay import FakePool

POINTS = data.ring().sample(100, seed=1)
EPOCHS, BATCH = 3, 10  # 10 batches an epoch


class Stop(keras.callbacks.Callback):
    """Ends the process's part at a step, as a kill would: nothing is written any more."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.step.numpy()) == self.step:
            raise RuntimeError("killed")


def game(k=1, rate=1e-3, objective="relativistic_paired + 0.1 * r1", **options):
    keras.utils.set_random_seed(3)
    generator = networks.mlp_generator(2, (2,), hidden=(8,), normalization="batch")
    gan = GAN(generator, networks.mlp_discriminator((2,), hidden=(8,)), 2, seed=5, ema=0.9)
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 100)
    optimizers = [keras.optimizers.Adam(schedule), keras.optimizers.Adam(rate)]
    gan.compile(objective, *optimizers, discriminator_steps=k, **options)
    return gan


def play(folder, stop=None, source=POINTS, epochs=EPOCHS, every=4, make=game, more=(), **options):
    """One process's part of a run: the GAN, or None if it was stopped."""
    gan = make(**options)
    resume = callbacks.Resume(folder / "checkpoints", every=every)
    listed = [*more, keras.callbacks.CSVLogger(str(folder / "history.csv")), resume]
    folder.mkdir(exist_ok=True)
    try:
        batch = {"batch_size": BATCH} if isinstance(source, np.ndarray) else {}
        gan.fit(source, epochs=epochs, verbose=0, callbacks=[*listed, *([Stop(stop)] if stop else [])], **batch)
    except RuntimeError:
        return None
    return gan


def assert_same(gan, other):
    assert [v.path.split("/")[-1] for v in gan.variables] == [v.path.split("/")[-1] for v in other.variables]
    for one, two in zip(gan.variables, other.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(two), err_msg=one.path)
    assert gan.history.history == other.history.history


@pytest.mark.parametrize(
    ("stop", "options"),
    [
        (2, {}),  # before the first checkpoint
        (9, {}),  # in an epoch
        (10, {}),  # at its end
        (23, {}),
        (5, {"k": 3}),
        (13, {"steps_per_execution": 2}),
        (13, {"every": "epoch"}),
        (14, {"augmentation": augmentations.InstanceNoise(decay_steps=50), "replay": FakePool(16)}),
        (14, {"objective": "relativistic_paired + 0.1 * r1 + historical_averaging"}),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else ",".join(value) or "plain",
)
def test_a_stopped_run_ends_as_one_that_was_not(tmp_path, stop, options):
    def fresh():  # what a game owns is not shared by two
        return {k: v if k != "replay" else FakePool(16) for k, v in options.items()} | (
            {"augmentation": augmentations.InstanceNoise(decay_steps=50)} if "augmentation" in options else {}
        )

    whole = play(tmp_path / "whole", **fresh())
    if "steps_per_execution" in options:
        stop += stop % 2
    assert play(tmp_path / "torn", stop, **fresh()) is None
    torn = play(tmp_path / "torn", **fresh())
    assert_same(whole, torn)
    assert (tmp_path / "whole/history.csv").read_text() == (tmp_path / "torn/history.csv").read_text()


def test_stopped_again_and_again(tmp_path):
    whole = play(tmp_path / "whole")
    for stop in (6, 11, 12, 21, 29):
        assert play(tmp_path / "torn", stop) is None
    assert_same(whole, play(tmp_path / "torn"))


def test_what_is_resumed_sees_the_data_that_is_left(tmp_path):
    batches = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            batches.append(batch)

    assert play(tmp_path, 16) is None
    play(tmp_path, more=[Watch()])
    assert batches == [*range(2, 10), *range(10)]  # from the checkpoint at step 12 on


@pytest.mark.parametrize("repeated", [False, True])
def test_a_foreign_data_set_without_shuffling_goes_on_exactly(tmp_path, repeated, capsys):
    def foreign():
        batches = tf.data.Dataset.from_tensor_slices(POINTS).batch(BATCH)
        return batches.repeat() if repeated else batches

    def part(folder, stop=None):
        gan = game()
        listed = [callbacks.Resume(folder, every=4), *([Stop(stop)] if stop else [])]
        steps = {"steps_per_epoch": 7} if repeated else {}
        try:
            gan.fit(foreign(), epochs=EPOCHS, verbose=0, callbacks=listed, **steps)
        except RuntimeError:
            return None
        return gan

    whole = part(tmp_path / "whole")
    for stop in (5, 13):
        assert part(tmp_path / "torn", stop) is None
    assert_same(whole, part(tmp_path / "torn"))
    assert "read from the beginning" in capsys.readouterr().out


def test_a_py_dataset_goes_on_at_an_epoch(tmp_path):
    class Points(keras.utils.PyDataset):
        def __len__(self):
            return 10

        def __getitem__(self, index):
            return POINTS[index * BATCH : (index + 1) * BATCH]

    whole = play(tmp_path / "whole", source=Points())
    assert play(tmp_path / "torn", 16, source=Points()) is None
    assert [place.name for place in checkpoints.everyone(tmp_path / "torn/checkpoints")] == ["step-00000010"]
    assert_same(whole, play(tmp_path / "torn", source=Points()))


def test_stock_callbacks_keep_what_they_remember(tmp_path):
    def stock(folder):
        return [
            keras.callbacks.EarlyStopping("g_loss", mode="min", patience=1, restore_best_weights=True),
            keras.callbacks.ReduceLROnPlateau("d_loss", mode="min", patience=1, factor=0.1, min_delta=10.0),
            keras.callbacks.ModelCheckpoint(
                str(folder / "best.keras"), monitor="g_loss", mode="min", save_best_only=True
            ),
            callbacks.LossPlot(folder / "curves.png", every=100),
        ]

    def make():
        gan = game()
        gan.compile("non_saturating", keras.optimizers.Adam(1e-2), keras.optimizers.Adam(1e-2))
        return gan

    remembered = []
    for folder, stops in ((tmp_path / "whole", []), (tmp_path / "torn", [13, 34])):
        folder.mkdir()
        for stop in stops:
            assert play(folder, stop, epochs=8, make=make, more=stock(folder)) is None
        listed = stock(folder)
        gan = play(folder, epochs=8, make=make, more=listed)
        early, plateau, best, plot = listed
        remembered.append(
            [early.best, early.wait, early.stopped_epoch, plateau.best, plateau.wait, best.best, plot.history]
            + [float(gan.discriminator_optimizer.learning_rate), gan.history.history]
            + [weight.tolist() for weight in gan.get_weights()]
        )
    assert remembered[0] == remembered[1]


def test_a_finished_run_is_left_as_it_is(tmp_path):
    whole = play(tmp_path)
    before = sorted(path.stat().st_mtime_ns for path in tmp_path.glob("checkpoints/*/*"))
    again = play(tmp_path)
    assert_same(whole, again)
    assert before == sorted(path.stat().st_mtime_ns for path in tmp_path.glob("checkpoints/*/*"))


def test_more_epochs_go_on_from_the_end(tmp_path):
    whole = play(tmp_path / "whole", epochs=4)
    play(tmp_path / "parts", epochs=2)
    assert_same(whole, play(tmp_path / "parts", epochs=4))


@pytest.mark.parametrize("what", ["gan.keras", "state.json", "callbacks.npz", "SHA256SUMS"])
@pytest.mark.parametrize("how", ["cut", "flipped", "gone"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, what, how):
    whole = play(tmp_path / "whole")
    assert play(tmp_path / "torn", 14) is None
    newest = checkpoints.everyone(tmp_path / "torn/checkpoints")[-1]
    content = (newest / what).read_bytes()
    if how == "gone":
        (newest / what).unlink()
    else:
        middle = len(content) // 2
        torn = content[:middle] + (b"" if how == "cut" else bytes([content[middle] ^ 1]) + content[middle + 1 :])
        (newest / what).write_bytes(torn)
    with pytest.warns(UserWarning, match=f"{newest.name} is damaged"):
        torn = play(tmp_path / "torn")
    assert_same(whole, torn)


def test_only_the_newest_and_the_best_are_kept(tmp_path):
    gan = game()
    resume = callbacks.Resume(tmp_path, every=4, keep=2, monitor="g_loss")
    history = gan.fit(POINTS, batch_size=BATCH, epochs=6, verbose=0, callbacks=[resume]).history["g_loss"]
    best = f"step-{10 * (1 + int(np.argmin(history))):08d}"
    names = [place.name for place in checkpoints.everyone(tmp_path)]
    assert names[-1] == "step-00000060"
    assert names == sorted({*names[-2:], best})
    assert resume.best == tmp_path / best
    assert keras.models.load_model(resume.best / "gan.keras").step.numpy() == int(best[5:])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"k": 2}, "discriminator_steps: 1 there, 2 here"),
        ({"rate": 2e-3}, "discriminator_optimizer: Adam"),
        ({"objective": "hinge"}, "objective: relativistic_paired + 0.1 * r1 there, hinge here"),
    ],
)
def test_another_configuration_is_refused(tmp_path, change, named):
    assert play(tmp_path, 9) is None
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match=r"same configuration.*Received.*") as caught:
        play(tmp_path, **change)
    assert named in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_another_configuration_may_be_asked_for(tmp_path):
    assert play(tmp_path, 9) is None
    gan = game(objective="hinge")
    gan.fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[callbacks.Resume(tmp_path / "checkpoints", strict=False)])
    assert int(gan.step.numpy()) == 10


def test_a_folder_that_cannot_be_written_is_named_and_the_game_goes_on(tmp_path):
    gan = game()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="`path` must be a folder with room"):
        gan.fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[callbacks.Resume(tmp_path / "file/below", every=3)])
    assert int(gan.step.numpy()) == 3
    gan.fit(POINTS, batch_size=BATCH, verbose=0)


def test_a_full_disk_leaves_earlier_checkpoints(tmp_path, monkeypatch):
    assert play(tmp_path, 6) is None

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match=r"earlier ones are as they were.*No space left"):
        play(tmp_path)
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-00000004"]
    assert checkpoints.damage(tmp_path / "checkpoints/step-00000004") is None


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_stops_after_the_step_and_saves_it(tmp_path, number, error, capsys):
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if int(self.model.step.numpy()) == 14:
                os.kill(os.getpid(), number)

    whole = play(tmp_path / "whole")
    handlers = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(error) as caught:
        play(tmp_path / "torn", more=[Interrupt()])
    if error is SystemExit:
        assert caught.value.code == 143
    assert handlers == [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    assert "Stopped after step 15; saved is step 15. The same command goes on" in capsys.readouterr().out
    assert_same(whole, play(tmp_path / "torn"))


class Poison(keras.callbacks.Callback):
    """Makes a weight NaN at a step, as long as the learning rate is high."""

    def __init__(self, step, below):
        super().__init__()
        self.step, self.below = step, below

    def on_train_batch_end(self, batch, logs=None):
        rate = float(self.model.discriminator_optimizer.learning_rate)
        if int(self.model.step.numpy()) == self.step and rate > self.below:
            weight = self.model.generator.weights[0]
            weight.assign(np.full(weight.shape, np.nan))


def test_divergence_rolls_back_with_smaller_rates(tmp_path, capsys):
    gan = game()
    listed = [Poison(14, 3e-4), callbacks.TerminateOnNonFinite(), callbacks.Resume(tmp_path, every=4, rollbacks=2)]
    gan.fit(POINTS, batch_size=BATCH, epochs=2, verbose=0, callbacks=listed)
    assert int(gan.step.numpy()) == 20
    assert float(gan.discriminator_optimizer.learning_rate) == pytest.approx(2.5e-4)
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 100)
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(float(schedule(20)) / 4, rel=1e-6)
    out = capsys.readouterr().out
    assert "the weight `" in out
    assert "Rolling back (2 of 2)" in out
    state = json.loads((checkpoints.everyone(tmp_path)[-1] / "state.json").read_text())
    assert state["slowed"] == 2


def test_divergence_that_stays_is_an_error(tmp_path):
    gan = game()
    listed = [Poison(14, 0.0), callbacks.TerminateOnNonFinite(), callbacks.Resume(tmp_path, every=4, rollbacks=2)]
    with pytest.raises(FloatingPointError, match=r"of the generator has .* NaN"):
        gan.fit(POINTS, batch_size=BATCH, epochs=2, verbose=0, callbacks=listed)
    assert checkpoints.everyone(tmp_path)[-1].name == "step-00000012"


def test_nothing_broken_is_saved(tmp_path):
    gan = game()
    with pytest.raises(FloatingPointError, match="of the generator"):
        gan.fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[Poison(6, 0.0), callbacks.Resume(tmp_path, every=3)])
    assert [place.name for place in checkpoints.everyone(tmp_path)] == ["step-00000003"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, "`every` must be 'epoch' or a number of steps of at least 1. Received: every=0"),
        ({"keep": 0}, "`keep` must be"),
        ({"mode": "auto"}, "`mode` must be 'min' or 'max'. Received: mode='auto'"),
        ({"rollbacks": -1}, "`rollbacks` must be"),
    ],
)
def test_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        callbacks.Resume("somewhere", **options)
