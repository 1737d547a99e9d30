import numpy as np
import pytest
import tensorflow as tf

from keras_gan.game.logs import Logs


def numbers(results):
    return {name: float(value) for name, value in results.items()}


def test_each_name_has_the_mean_of_its_own_observations():
    logs = Logs(["d_loss", "g_loss"])
    for d_loss in (1.0, 2.0, 6.0):
        logs.update_state({"d_loss": tf.constant(d_loss)})
    logs.update_state({"g_loss": tf.constant(-4.0)})
    assert numbers(logs.result()) == {"d_loss": 3.0, "g_loss": -4.0}
    logs.update_state({"g_loss": tf.constant(2.0), "d_loss": tf.constant(-9.0)})
    assert numbers(logs.result()) == {"d_loss": 0.0, "g_loss": -1.0}


def test_names_that_were_not_seen_are_left_out_unless_asked_for():
    logs = Logs(["a", "b", "c"])
    assert logs.result() == {}
    logs.update_state({"b": tf.constant(2.0)})
    assert numbers(logs.result()) == {"b": 2.0}
    assert numbers(logs.result(["c", "b"])) == {"c": 0.0, "b": 2.0}
    assert list(logs.result(["c", "b"])) == ["c", "b"]


def test_an_observation_of_zero_is_seen():
    logs = Logs(["a", "b"])
    logs.update_state({"a": tf.constant(0.0)})
    assert numbers(logs.result()) == {"a": 0.0}


def test_a_reset_forgets():
    logs = Logs(["a"])
    logs.update_state({"a": tf.constant(5.0)})
    logs.reset_state()
    assert logs.result() == {}
    logs.update_state({"a": tf.constant(1.0)})
    assert numbers(logs.result()) == {"a": 1.0}


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.xla)])
def test_graphs_see_the_same_means(jit_compile):
    logs = Logs(["a", "b"])

    @tf.function(jit_compile=jit_compile, autograph=False)
    def step(x):
        logs.update_state({"a": x})
        return logs.result(["a", "b"])

    assert [numbers(step(tf.constant(x))) for x in (1.0, 4.0)] == [{"a": 1.0, "b": 0.0}, {"a": 2.5, "b": 0.0}]
    assert numbers(logs.result()) == {"a": 2.5}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_any_precision_is_summed_in_float64(dtype):
    logs = Logs(["a", "b"])
    for value in (2048.0, 1.0, 1.0, 2.0):  # neither float16 nor bfloat16 has 2049
        logs.update_state({"a": tf.constant(value, dtype), "b": tf.constant(2049.0)})
    assert logs.result()["a"].dtype == tf.float32
    np.testing.assert_array_equal(logs.sums.numpy(), [[2052.0, 4 * 2049.0], [4.0, 4.0]])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_shown(value):
    logs = Logs(["a", "b"])
    logs.update_state({"a": tf.constant(value), "b": tf.constant(1.0)})
    logs.update_state({"a": tf.constant(1.0), "b": tf.constant(3.0)})
    np.testing.assert_array_equal(logs.result()["a"], value)
    assert float(logs.result()["b"]) == 2.0


def test_one_variable_holds_it_all():
    logs = Logs(["a", "b", "c"], name="training_logs")
    assert logs.name == "training_logs"
    assert [tuple(variable.shape) for variable in logs.variables] == [(2, 3)]


def test_observations_weigh_as_many_examples_as_they_are_means_of():
    logs = Logs(["a", "b"])
    logs.update_state({"a": tf.constant(0.0), "b": tf.constant(3.0)}, 32)
    logs.update_state({"a": tf.constant(1.0)}, tf.constant(1))
    logs.update_state({"a": tf.constant(np.nan), "b": tf.constant(np.nan)}, 0)  # a mean over nothing
    assert numbers(logs.result()) == {"a": pytest.approx(1 / 33, rel=1e-6), "b": 3.0}


def test_examples_are_counted_beyond_float32():
    logs = Logs(["a"])
    logs.update_state({"a": tf.constant(0.0)}, 2**24)
    for _ in range(3):
        logs.update_state({"a": tf.constant(1.0)})
    assert float(logs.sums[1, 0]) == 2**24 + 3
    assert float(logs.result()["a"]) == pytest.approx(3 / (2**24 + 3), rel=1e-6)
