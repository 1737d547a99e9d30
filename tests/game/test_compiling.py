import keras
import numpy as np
import pytest

from keras_gan import GAN, Game, Match
from keras_gan.game import compiling, moves, private
from keras_gan.game.training import TrainedModel

STAGES = {  # of `compile`, in their order
    "the terms": (compiling.CompiledGame, "_take"),
    "the step": (moves, "validate_step"),
    "the gradients": (compiling.CompiledGame, "_check_gradients"),
    "private training": (private, "check"),
    "the logs": (compiling.CompiledGame, "_make_logs"),
    "Keras": (TrainedModel, "compile"),
}
DATA = np.linspace(-1, 1, 16, dtype="float32").reshape(8, 2)


def dense(inputs, outputs, **options):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs, **options)])


def gan():
    keras.utils.set_random_seed(0)
    return GAN(dense(2, 2), dense(2, 1), 2, ema=0.9, seed=0)


def state(game):
    """Returns the attributes of a game, what its collections hold, and the order of its variables."""
    held = {name: list(value) for name, value in vars(game).items() if issubclass(type(value), list | dict | set)}
    return {
        **{name: id(value) for name, value in vars(game).items()},
        "(held)": {name: [id(each) for each in entries] for name, entries in held.items()},
        "(variables)": [variable.path for variable in game.variables],
    }


def interrupted(monkeypatch, stage, error, call):
    """Calls a function, in which a stage of `compile` raises an error."""

    def fail(*args, **options):
        raise error

    with monkeypatch.context() as patch, pytest.raises(type(error)):
        patch.setattr(*STAGES[stage], fail)
        call()


@pytest.mark.parametrize("error", [RuntimeError("no"), KeyboardInterrupt()], ids=["error", "ctrl-c"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_compile_that_fails_changes_nothing(monkeypatch, stage, error):
    game = gan()
    other = {"objective": "wasserstein + 10 * gradient_penalty", "augmentation": "instance_noise"}
    before = state(game)
    interrupted(monkeypatch, stage, error, lambda: game.compile(**other))
    assert state(game) == before
    assert not game.compiled
    game.compile("hinge", reuse_fakes=True)
    before = state(game)
    interrupted(monkeypatch, stage, error, lambda: game.compile(**other))
    assert state(game) == before
    assert str(game.objective) == "hinge"


@pytest.mark.learns
def test_training_goes_on_as_if_there_had_been_no_other_compile(monkeypatch):
    losses = []
    for fails in (False, True):
        game = gan()
        game.compile("hinge")
        game.fit(DATA, batch_size=4, epochs=1, verbose=0)
        if fails:
            for stage in STAGES:
                interrupted(monkeypatch, stage, KeyboardInterrupt(), lambda game=game: game.compile("least_squares"))
        losses.append(game.fit(DATA, batch_size=4, epochs=2, verbose=0).history)
    assert losses[0] == losses[1]


def late():
    """Returns a game whose shapes are not known before data is read."""
    keras.utils.set_random_seed(0)
    any_size = [keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(1, 1)]) for _ in range(2)]
    return Game(
        dict(zip(("maker", "judge"), any_size, strict=True)), {"fake": "maker(source)"}, Match("judge", "real", "fake")
    )


def test_data_after_wrong_data(monkeypatch):
    game = late()
    game.compile("least_squares", run_eagerly=True)
    good = {"source": np.ones((2, 4, 4, 1), "float32"), "real": np.zeros((2, 4, 4, 1), "float32")}
    before = dict(game.shapes), dict(game.dtypes)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(moves, "validate_step", lambda game: (_ for _ in ()).throw(KeyboardInterrupt()))
        game.fit({name: value[:, :2] for name, value in good.items()}, batch_size=2, verbose=0)
    assert (dict(game.shapes), dict(game.dtypes)) == before
    game.fit(good, batch_size=2, verbose=0)
    assert game.shapes["fake"][:2] == (4, 4)
