"""Each model of the table goes on exactly after a stop, and is saved, exported and configured as it is."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gan.models
from keras_gan import GAN, callbacks, images
from keras_gan.game.wiring import read_reference
from tests.games import renewing
from tests.models.families import FAMILIES
from tests.models.play import Stop, assert_same, state

pytestmark = pytest.mark.learns


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return FAMILIES[request.param]


@pytest.fixture(scope="module")
def renewed(family):
    """A function that gives the game as it is before its first step."""
    return renewing(family.make())


def fit(game, family, folder, *listeners):
    resume = callbacks.Resume(folder, every=2)
    return game.fit(family.data(), epochs=2, verbose=0, callbacks=[*listeners, resume]).history


@pytest.fixture(scope="module")
def whole(renewed, family, tmp_path_factory):
    """The end of a run that nobody stopped: the game, its state and its history."""
    history = fit(game := renewed(), family, tmp_path_factory.mktemp("whole"))
    return game, state(game), history


def make(game, family, seed=4):
    return game.make(family.made, **family.given, n=None if family.given else 5, seed=seed)


def test_each_model_has_tasks(whole):
    game, *_ = whole
    assert game.tasks or isinstance(game, GAN)
    for task, value in game.tasks.items():
        assert task.isidentifier()
        assert task not in game.wiring.values
        assert read_reference(value, "values").name in game.wiring.values


def test_each_model_has_a_row():
    assert {name.lower() for name in keras_gan.models.__all__} <= {name.replace("_", "") for name in FAMILIES}


def test_a_run_that_was_stopped_ends_as_one_that_was_not(renewed, family, whole, tmp_path):
    _, known, history = whole
    with pytest.raises(RuntimeError, match="stopped"):
        fit(renewed(), family, tmp_path, Stop(3))
    game = renewed()
    assert fit(game, family, tmp_path) == history
    assert_same(state(game), known)
    assert int(game.step.numpy()) > 4


def test_saved_and_loaded(family, whole, tmp_path):
    game, known, _ = whole
    game.save(tmp_path / "game.keras")
    loaded = keras.models.load_model(tmp_path / "game.keras", safe_mode=True)
    assert type(loaded) is type(game)
    assert_same(state(loaded), known)
    assert loaded.get_compile_config() == game.get_compile_config()
    np.testing.assert_array_equal(make(loaded, family), make(game, family))


def test_exported_and_served(family, whole, tmp_path):
    game, *_ = whole
    if isinstance(game, GAN):
        served = tf.saved_model.load(game.export(tmp_path / "model")).signatures["generate"]
        labels = {"labels": tf.constant([1])} if game.takes_labels else {}
        made = served(num_samples=tf.constant(5), seed=tf.constant(4, tf.int64), **labels)["images"]
        expected = game.generate(5, labels=1 if labels else None, seed=4)
        expected = expected if game.value_range is None else images.to_uint8(expected, game.value_range)
        np.testing.assert_array_equal(made, expected)
        return
    served = tf.saved_model.load(game.export(tmp_path / "model", family.made)).signatures[family.made]
    given = {name: tf.constant(part) for name, part in family.given.items()}
    drawn = {"seed": tf.constant(4, tf.int64), "num_samples": tf.constant(5)}
    given |= {name: drawn[name] for name in set(drawn) & set(served.structured_input_signature[1])}
    np.testing.assert_allclose(served(**given)[family.made], make(game, family), atol=1e-6)


def test_the_configuration_makes_the_same_game(whole):
    game, *_ = whole
    again = type(game).from_config(game.get_config())
    assert again.get_config() == game.get_config()
    assert again.default_objective == game.default_objective
    assert repr(again.matches) == repr(game.matches)
