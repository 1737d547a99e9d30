import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_gan.constraints import ClipWeights


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    limit=st.floats(2**-13, 2**13, width=32),
    weights=st.lists(st.floats(-1e6, 1e6, width=32, allow_subnormal=False), min_size=1, max_size=8),
)
def test_weights_are_clipped_as_numpy_does(limit, weights):
    weights = np.array(weights, "float32")
    clipped = keras.ops.convert_to_numpy(ClipWeights(limit)(keras.ops.array(weights)))
    np.testing.assert_array_equal(clipped, np.clip(weights, np.float32(-limit), np.float32(limit)))


def test_the_default_is_that_of_the_paper():
    clipped = ClipWeights()(keras.ops.array([-1.0, 0.005, 1.0]))
    np.testing.assert_allclose(clipped, [-0.01, 0.005, 0.01], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_shape_and_dtype_stay(dtype):
    clipped = ClipWeights(0.5)(keras.ops.ones((2, 3), dtype))
    assert clipped.shape == (2, 3)
    assert keras.backend.standardize_dtype(clipped.dtype) == dtype


def test_a_layer_keeps_to_the_limit_while_it_trains():
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, kernel_constraint=ClipWeights(0.05), use_bias=False)]
    )
    model.compile("sgd", "mse", jit_compile=False)
    x = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
    model.fit(x, 100 * np.ones((32, 4)), epochs=2, verbose=0)
    kernel = model.get_weights()[0]
    assert np.abs(kernel).max() == pytest.approx(0.05, abs=1e-7)  # the targets pull far beyond


@pytest.mark.parametrize("limit", [0.01, 1, 2.5])
def test_the_config_gives_it_back(limit):
    for constraint in (
        keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(ClipWeights(limit))),
        keras.constraints.deserialize(keras.constraints.serialize(ClipWeights(limit))),
        ClipWeights.from_config(ClipWeights(limit).get_config()),
    ):
        assert type(constraint) is ClipWeights
        np.testing.assert_allclose(constraint(keras.ops.array([-9.0, 9.0])), [-limit, limit], rtol=1e-6)


def test_a_saved_model_keeps_its_constraint(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_constraint=ClipWeights(0.25))])
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras").layers[-1].kernel_constraint
    np.testing.assert_allclose(restored(keras.ops.array([-9.0, 9.0])), [-0.25, 0.25])


@pytest.mark.parametrize("limit", [0, 0.0, -0.01, float("nan"), float("inf")])
def test_a_limit_that_bounds_nothing_is_refused(limit):
    with pytest.raises(ValueError, match=rf"`limit` must be a finite number above 0. Received: limit={limit}"):
        ClipWeights(limit)
