import keras
import numpy as np
import pytest
import scipy.special

from keras_gan.layers import AnomalyScore

RNG = np.random.default_rng(0)
X, BACK = RNG.normal(size=(2, 3, 2, 2, 1)).astype("float32")
LOGITS = RNG.normal(size=(3, 1)).astype("float32")
FEATURES, OTHERS = RNG.normal(size=(2, 3, 5)).astype("float32")
RESIDUAL = np.abs(X - BACK).sum(axis=(1, 2, 3))


def test_by_scores_against_numpy():
    found = AnomalyScore(0.3)(X, BACK, LOGITS, None)
    expected = 0.7 * RESIDUAL - 0.3 * scipy.special.log_expit(LOGITS[:, 0])
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_by_a_map_of_scores_and_by_a_dict_without_features():
    patches = RNG.normal(size=(3, 2, 2, 1)).astype("float32")
    expected = -scipy.special.log_expit(patches).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(AnomalyScore(1.0)(X, BACK, patches, patches), expected, rtol=1e-5)
    found = AnomalyScore(1.0)(X, BACK, {"output": patches}, {"output": patches})
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_by_features_against_numpy():
    said = [{"output": LOGITS, "features": each} for each in (FEATURES, OTHERS)]
    expected = 0.9 * RESIDUAL + 0.1 * np.abs(FEATURES - OTHERS).sum(axis=1)
    np.testing.assert_allclose(AnomalyScore()(X, BACK, *said), expected, rtol=1e-5)


def test_in_half_precision_it_counts_in_float32():
    """A sum of 70,000 would be infinite in float16."""
    ones = np.ones((1, 70_000), "float16")
    assert AnomalyScore(0.0, dtype="float32")(ones, 0 * ones, LOGITS[:1], None).numpy() == [70_000]


@pytest.mark.parametrize("weight", [-0.1, 1.1])
def test_a_weight_that_is_no_share_is_refused(weight):
    with pytest.raises(ValueError, match=r"`weight` must be .*Received: weight="):
        AnomalyScore(weight)


def test_symbolically_it_gives_one_number_per_example():
    inputs = [keras.Input((4,)), keras.Input((4,)), keras.Input((1,)), keras.Input((1,))]
    assert keras.Model(inputs, AnomalyScore()(*inputs)).output_shape == (None,)
