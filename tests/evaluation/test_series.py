"""The evaluation of windows of series."""

import json

import numpy as np
import pytest

from keras_gan import evaluation
from keras_gan.evaluation.series import distances, evaluate, learners
from keras_gan.evaluation.series.learners import Forecaster, Judge

RNG = np.random.default_rng(0)
WALKS = RNG.normal(size=(60, 6, 2)).cumsum(axis=1)


@pytest.fixture
def quick(monkeypatch):
    """A step, and no graph."""
    monkeypatch.setattr(learners, "COMPILED", {"run_eagerly": True})
    monkeypatch.setattr(learners, "STEPS", 1)
    monkeypatch.setattr(learners, "PUBLISHED_STEPS", {"judge": 1, "forecaster": 1})
    monkeypatch.setattr(learners, "CALL", 1)
    monkeypatch.setattr(evaluate, "FITS", 1)


def test_a_normal_distribution_has_the_mean_and_the_covariance_of_the_windows():
    drawn = evaluation.gaussian_windows(WALKS, 20_000, seed=3)
    assert (drawn.shape, drawn.dtype) == ((20_000, 6, 2), "float32")
    flat, own = drawn.reshape(len(drawn), -1), WALKS.reshape(60, -1)
    np.testing.assert_allclose(flat.mean(axis=0), own.mean(axis=0), atol=0.1)
    np.testing.assert_allclose(np.cov(flat.T), np.cov(own.T), atol=0.25)
    np.testing.assert_array_equal(drawn[:5], evaluation.gaussian_windows(WALKS, 20_000, seed=3)[:5])


def test_autocorrelations_are_those_of_numpy():
    changes = np.diff(WALKS, axis=1)
    changes = changes - changes.mean(axis=(0, 1))
    expected = [
        [np.mean(changes[:, :-k, c] * changes[:, k:, c]) / changes[..., c].var() for c in (0, 1)] for k in (1, 2)
    ]
    np.testing.assert_allclose(distances.autocorrelations(WALKS), expected, rtol=1e-6)
    assert distances.autocorrelation_difference(WALKS, WALKS) == 0
    assert distances.autocorrelations(WALKS[:, :2]).shape == (1, 2)


@pytest.mark.learns
def test_copies_are_found_and_columns_compared():
    assert distances.distance_ratio(WALKS[:30], WALKS[5:15], WALKS[30:]) == pytest.approx(0, abs=1e-6)
    assert distances.distance_ratio(WALKS[:30], WALKS[30:], WALKS[30:]) == pytest.approx(1)
    moved = WALKS + np.array([0, 100])
    np.testing.assert_allclose(distances.column_distances(WALKS, moved), [0, 1], atol=1e-9)
    np.testing.assert_allclose(distances.change_distances(WALKS, moved), [0, 0], atol=0.01)


@pytest.mark.learns
def test_a_judge_tells_what_is_told_apart_and_no_more(monkeypatch):
    monkeypatch.setattr(learners, "STEPS", 100)
    monkeypatch.setattr(learners, "COMPILED", {"jit_compile": False})
    real, alike, other, unseen = (RNG.normal(size=(300, 3, 2)).astype("float32") for _ in range(4))
    judge = Judge((3, 2), published=False)
    first = judge.score(real, other + 4, unseen, seed=1)
    assert first == pytest.approx(0.5, abs=0.02)
    assert judge.score(real, alike, unseen, seed=1) == pytest.approx(0, abs=0.12)
    assert judge.score(real, other + 4, unseen, seed=1) == first  # it begins anew


@pytest.mark.learns
def test_the_protocols_are_those_that_are_named():
    assert Judge((5, 7), published=True).model.count_params() == 3 * 3 * (7 + 3 + 1) + 4
    assert Judge((5, 1), published=True).model.count_params() == 3 * (1 + 1 + 1) + 2
    told = Forecaster((5, 3), published=True)
    assert (told.model.input_shape, told.model.output_shape) == ((None, 4, 2), (None, 4, 1))
    x, y = told._task(WALKS[:, :5])
    np.testing.assert_array_equal(x[..., 0], WALKS[:, :4, 0])
    np.testing.assert_array_equal(y[..., 0], WALKS[:, 1:5, 1])
    assert Forecaster((5, 3), published=False).model.output_shape == (None, 4, 3)
    with pytest.raises(ValueError, match="`real` must have at least two columns"):
        evaluation.predictive_score(WALKS[..., :1], WALKS[..., :1])


@pytest.mark.learns
@pytest.mark.usefixtures("quick")
def test_windows_stand_beside_real_ones_and_a_normal_distribution():
    told, windows = [], WALKS[:, :3]
    report = evaluation.evaluate_series(
        windows[:40], windows[40:], windows[5:25] + 1, names=["a", "b"], progress=told.append
    )
    assert list(report.rows) == ["synthetic", "real", "Gaussian"]
    assert all(set(row) == set(report.measures) for row in report.rows.values())
    assert all(0 <= row["discriminative"] <= 0.5 for row in report.rows.values())
    assert report.worst["column_distance_greatest"] in ("a", "b")
    assert json.loads(report.to_json())["settings"]["n_test"] == 20
    assert "TimeGAN's protocol" in str(report)
    assert told[-1] == "distances"


def test_blocks_take_turns():
    windows = np.arange(10.0)[:, None, None] * np.ones((1, 2, 1))
    even, odd = evaluate._every_other(windows)
    assert even[:, 0, 0].tolist() == [0, 1, 2, 3, 8, 9]
    assert odd[:, 0, 0].tolist() == [4, 5, 6, 7]


@pytest.mark.parametrize(
    ("windows", "text"),
    [
        ((WALKS, WALKS[:, :3]), "`made` must be at least 5 windows, .*of the shape of the others"),
        ((WALKS, WALKS[:4]), "`made` must be at least 5 windows"),
        ((WALKS[0], WALKS), "`real` must be at least 5 windows"),
        ((WALKS, np.full_like(WALKS, np.nan)), "`made` must hold finite numbers"),
        ((WALKS, WALKS, WALKS[..., :1]), "`unseen` must be at least 5 windows"),
    ],
)
def test_what_is_refused(windows, text):
    real, made, *unseen = windows
    with pytest.raises(ValueError, match=text):
        evaluation.discriminative_score(real, made, unseen=unseen[0] if unseen else None)
