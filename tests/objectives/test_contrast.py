import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from keras_gan import Round
from keras_gan.objectives import PatchContrast, get

RNG = np.random.default_rng(0)
QUERIES, KEYS = RNG.normal(size=(2, 3, 5, 4)).astype("float32")


def loss(queries, keys, **options):
    values = {"q": tf.constant(queries, tf.float32), "k": tf.constant(keys, tf.float32)}
    return PatchContrast("q", "k", **options).generator_loss(Round(values=values)).numpy()


@pytest.mark.parametrize("temperature", [0.07, 1.0])
def test_it_is_the_cross_entropy_of_the_right_place(temperature):
    expected = []
    for q, k in zip(QUERIES.astype("float64"), KEYS.astype("float64"), strict=True):
        cosines = np.array([[a @ b / np.linalg.norm(a) / np.linalg.norm(b) for b in k] for a in q])
        expected.append(-np.diag(scipy.special.log_softmax(cosines / temperature, axis=1)).mean())
    found = loss(QUERIES, KEYS, temperature=temperature)
    assert found.shape == (3,)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_hard_numbers():
    corners = np.eye(4)[None]
    assert loss(np.ones((1, 4, 2)), np.ones((1, 4, 2))) == pytest.approx(np.log(4), rel=1e-6)  # nothing is known
    assert loss(corners, corners, temperature=1.0) == pytest.approx(np.log(np.e + 3) - 1, rel=1e-6)
    assert loss(corners, 7 * corners) == pytest.approx(np.log1p(3 * np.exp(-1 / 0.07)), abs=1e-6)
    assert loss(corners, corners[:, ::-1]) == pytest.approx(1 / 0.07, rel=1e-5)


def test_other_pictures_are_no_answers_and_lengths_do_not_matter():
    alone = [loss(QUERIES[i : i + 1], KEYS[i : i + 1])[0] for i in range(3)]
    scales = RNG.uniform(0.1, 10, (3, 5, 1))
    np.testing.assert_allclose(loss(scales * QUERIES, KEYS / scales), alone, rtol=1e-4)


def test_the_default_is_the_papers_and_it_is_read_from_text():
    term = PatchContrast("a.first", "b.first")
    assert term.temperature == 0.07
    assert term.label == "patch_contrast_a_first"
    again = PatchContrast("a.first", "b.first", 0.5, side="encoder")
    assert get(str(again)) == again


@pytest.mark.parametrize(
    ("queries", "keys", "message"),
    [
        (
            QUERIES,
            KEYS[:, :4],
            r"`patch_contrast` must compare values of one shape. Received: 'q' of shape",
        ),
        (QUERIES[0], KEYS[0], r"`patch_contrast` must be given vectors of places, .*Received: 'q' of shape \(5, 4\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(queries, keys, message):
    with pytest.raises(ValueError, match=message):
        loss(queries, keys)


@pytest.mark.parametrize("temperature", [0, -1, float("inf")])
def test_a_temperature_that_is_none_is_refused(temperature):
    with pytest.raises(ValueError, match=r"`temperature` must be .*Received: temperature="):
        PatchContrast("a", "b", temperature)
