import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import GAN
from keras_gan.callbacks import TerminateOnNonFinite
from keras_gan.objectives import NonSaturating

BROKEN = 100.0  # a real example this large makes the loss of `NotANumber` NaN


@keras.saving.register_keras_serializable("keras_gan_tests")
class NotANumber(NonSaturating):
    """A loss that becomes NaN, for one player, on the batch that holds the value BROKEN."""

    generator_sees_real = True

    def __init__(self, player="discriminator"):
        super().__init__()
        self.player = player

    def get_config(self):
        return {"player": self.player}

    def discriminator_loss(self, round):
        return self._break("discriminator", round, super().discriminator_loss(round))

    def generator_loss(self, round):
        return self._break("generator", round, super().generator_loss(round))

    def _break(self, player, round, loss):
        if player != self.player:
            return loss
        return tf.where(tf.reduce_max(round.real) >= BROKEN, np.nan, 1.0) * loss


class Spoil(keras.callbacks.Callback):
    """Writes `value` into one number of a weight after batch number `batch`, counted from 0 over all epochs."""

    def __init__(self, weight, batch=0, value=np.nan):
        super().__init__()
        self.weight, self.batch, self.value, self.seen = weight, batch, value, 0

    def on_train_batch_end(self, batch, logs=None):
        if self.seen == self.batch:
            array = np.array(self.weight.numpy())
            array.flat[0] = self.value
            self.weight.assign(array)
        self.seen += 1


def broken_at(batch, count=8, size=8):
    data = np.random.default_rng(0).normal(size=(count * size, 2)).astype("float32")
    data[batch * size] = BROKEN
    return data


def all_finite(gan):
    return all(np.isfinite(weight).all() for weight in gan.get_weights())


@pytest.mark.learns
@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_a_nan_loss_ends_training_at_its_step_whatever_every_is(make_gan, player):
    gan = make_gan(objective=NotANumber(player), compile_options={"steps_per_execution": 1})
    with pytest.raises(FloatingPointError, match=rf"step 3: the {player}'s `{player[0]}_loss` is nan"):
        gan.fit(broken_at(2), batch_size=8, shuffle=False, verbose=0, callbacks=[TerminateOnNonFinite(every=100)])
    assert int(gan.step.numpy()) == 3


@pytest.mark.learns
@pytest.mark.parametrize(
    ("player", "value"), [("discriminator", np.nan), ("discriminator", -np.inf), ("generator", np.inf)]
)
def test_a_weight_that_is_not_finite_ends_training_and_is_named(same_gan, points, player, value):
    gan = same_gan()
    weight = getattr(gan, player).trainable_variables[2]
    with pytest.raises(FloatingPointError, match=rf"step 2: the weight `{weight.path}` of the {player} has 1 NaN or"):
        gan.fit(points, batch_size=8, verbose=0, callbacks=[Spoil(weight, 1, value), TerminateOnNonFinite()])
    assert int(gan.step.numpy()) == 2


@pytest.mark.learns
@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_the_player_is_named_by_its_part_in_the_game_whatever_the_model_is_called(points, player):
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(2)], name="painter")
    discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(1)], name="judge")
    gan = GAN(generator, discriminator, 2, seed=0)
    gan.compile(run_eagerly=True)
    weight = getattr(gan, player).trainable_variables[0]
    with pytest.raises(FloatingPointError, match=player):
        gan.fit(points, verbose=0, callbacks=[Spoil(weight), TerminateOnNonFinite()])


@pytest.mark.learns
def test_moving_statistics_are_looked_at_too(same_gan, points):
    gan = same_gan(generator={"normalization": "batch"})
    mean = gan.generator.non_trainable_variables[0]
    with pytest.raises(FloatingPointError, match=r"step 1: the weight .*moving_mean` of the generator"):
        gan.fit(points, batch_size=8, verbose=0, callbacks=[Spoil(mean), TerminateOnNonFinite()])


@pytest.mark.learns
def test_every_says_how_often_weights_are_looked_at(same_gan, points):
    gan = same_gan(generator={"normalization": "batch"})
    mean = gan.generator.non_trainable_variables[0]  # no loss of a training step depends on it
    with pytest.raises(FloatingPointError, match="step 3: the weight"):
        gan.fit(points, batch_size=8, verbose=0, callbacks=[Spoil(mean), TerminateOnNonFinite(every=3)])


@pytest.mark.learns
def test_no_epoch_ends_with_a_broken_weight_whatever_every_is(same_gan, points, tmp_path):
    gan = same_gan()
    weight = gan.generator.trainable_variables[0]
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "gan.keras")
    with pytest.raises(FloatingPointError, match="generator"):  # the last batch of the epoch broke it
        gan.fit(points, batch_size=8, verbose=0, callbacks=[Spoil(weight, 7), TerminateOnNonFinite(50), checkpoint])
    assert not (tmp_path / "gan.keras").exists()


@pytest.mark.learns
def test_a_checkpoint_written_before_stays_finite_and_loads(same_gan, points, tmp_path):
    path = tmp_path / "gan.keras"
    gan = same_gan()
    spoil = Spoil(gan.generator.trainable_variables[0], batch=9)  # in the second epoch of 8 steps
    callbacks = [keras.callbacks.ModelCheckpoint(path), TerminateOnNonFinite()]
    with pytest.raises(FloatingPointError, match="step 10"):
        gan.fit(points, batch_size=8, epochs=3, verbose=0, callbacks=[spoil, *callbacks])
    assert not all_finite(gan)
    loaded = keras.saving.load_model(path)
    assert int(loaded.step.numpy()) == 8
    assert all_finite(loaded)
    assert np.isfinite(loaded.generate(4, seed=0)).all()


@pytest.mark.learns
def test_a_backup_survives_and_training_goes_on_from_it(same_gan, points, tmp_path):
    gan = same_gan()
    spoil = Spoil(gan.discriminator.trainable_variables[0], batch=9)
    backup = [keras.callbacks.BackupAndRestore(tmp_path / "backup"), TerminateOnNonFinite()]
    with pytest.raises(FloatingPointError, match="step 10"):
        gan.fit(points, batch_size=8, epochs=3, verbose=0, callbacks=[spoil, *backup])
    assert list((tmp_path / "backup").glob("*.weights.h5"))

    again = same_gan()
    history = again.fit(points, batch_size=8, epochs=3, verbose=0, callbacks=backup)
    assert history.epoch == [1, 2]
    assert int(again.step.numpy()) == 24
    assert all_finite(again)


@pytest.mark.learns
def test_a_sound_game_is_left_as_it_is(same_gan, points):
    ends = []
    for callbacks in ([], [TerminateOnNonFinite()]):
        gan = same_gan()
        gan.fit(points, batch_size=8, epochs=2, verbose=0, callbacks=callbacks)
        ends.append(gan.get_weights())
    for a, b in zip(*ends, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "epoch", None])
def test_every_must_be_a_positive_integer(every):
    with pytest.raises(ValueError, match=r"`every` must be an integer of at least 1. Received: every="):
        TerminateOnNonFinite(every)
