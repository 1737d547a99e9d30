import json
import math

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from keras_gan import latents
from keras_gan.latents import (
    Blocks,
    Categorical,
    Codes,
    Normal,
    Sphere,
    TruncatedNormal,
    Uniform,
    get_labels,
    get_latents,
)
from keras_gan.noise import Noise

NOISE = Noise((0, "test latents"))
COUNT = 20_000
PRIORS = [
    Normal(3),
    Uniform(3),
    Uniform(2, low=0.5, high=4),
    Sphere(3),
    Sphere(1),
    Categorical([0.2, 0.0, 0.8]),
    TruncatedNormal(3, threshold=0.7),
    Codes(noise=4, categorical=(3, 2), continuous=2),
    Codes(noise=0, categorical=(), continuous=1),
    Blocks((4, 5), 0.4),
]
UNLIKELY = 1e-4  # the p-value of a draw that nobody should see


def draw(prior, count=COUNT, noise=NOISE):
    return prior.draw(count, noise).numpy()


def test_normal_is_standard_normal():
    z = draw(Normal(4))
    assert z.shape == (COUNT, 4)
    assert z.dtype == np.float32
    assert scipy.stats.kstest(z.ravel(), "norm").pvalue > UNLIKELY
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=5 / math.sqrt(COUNT))
    np.testing.assert_allclose(np.cov(z.T), np.eye(4), atol=0.05)
    assert scipy.stats.kurtosis(z, axis=None) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("low", "high"), [(-1.0, 1.0), (0.0, 1.0), (-math.sqrt(3), math.sqrt(3)), (5, 7), (1000, 1001)]
)
def test_uniform_fills_its_interval(low, high):
    z = draw(Uniform(3, low=low, high=high))
    assert z.shape == (COUNT, 3)
    assert z.dtype == np.float32
    assert z.min() >= np.float32(low)
    assert z.max() < np.float32(high)
    z = z.astype("float64")
    assert scipy.stats.kstest(z.ravel(), "uniform", (low, high - low)).pvalue > UNLIKELY
    np.testing.assert_allclose(z.mean(axis=0), (low + high) / 2, atol=2 * (high - low) / math.sqrt(COUNT))
    np.testing.assert_allclose(np.cov(z.T), (high - low) ** 2 / 12 * np.eye(3), atol=0.01 * (high - low) ** 2)


def test_uniform_is_by_default_from_minus_one_to_one():
    assert Uniform(2) == Uniform(2, low=-1.0, high=1.0)


@pytest.mark.parametrize("dim", [1, 2, 3, 64])
def test_sphere_has_one_radius(dim):
    z = draw(Sphere(dim), 1000)
    assert z.shape == (1000, dim)
    assert z.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(z.astype("float64"), axis=1), math.sqrt(dim), rtol=1e-5)


@pytest.mark.parametrize("dim", [2, 3, 8])
def test_sphere_has_no_preferred_direction(dim):
    # of a uniform point on the unit sphere, the square of a coordinate is Beta(1/2, (d - 1)/2)
    z = draw(Sphere(dim)).astype("float64")
    squares = z[:, 0] ** 2 / dim
    assert scipy.stats.kstest(np.minimum(squares, 1), "beta", (0.5, (dim - 1) / 2)).pvalue > UNLIKELY
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=5 / math.sqrt(COUNT))
    np.testing.assert_allclose(z.T @ z / COUNT, np.eye(dim), atol=0.05)


@pytest.mark.parametrize("threshold", [0.05, 0.5, 1.0, 2.0, 4.0, 40.0])
def test_truncated_normal_against_scipy(threshold):
    z = draw(TruncatedNormal(4, threshold))
    assert z.shape == (COUNT, 4)
    assert z.dtype == np.float32
    assert np.abs(z).max() <= np.float32(threshold)
    if threshold <= 2:
        assert np.abs(z).max() > 0.99 * threshold
    z = z.astype("float64")
    expected = scipy.stats.truncnorm(-threshold, threshold)
    assert scipy.stats.kstest(z.ravel(), expected.cdf).pvalue > UNLIKELY
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=5 * expected.std() / math.sqrt(COUNT))
    np.testing.assert_allclose(np.cov(z.T), expected.var() * np.eye(4), atol=0.05 * expected.var())
    fourth = scipy.stats.kurtosis(z, axis=None)
    assert fourth == pytest.approx(float(expected.stats("k")), abs=0.1)


@pytest.mark.parametrize("threshold", [0.5, 2.0, 5.0])
def test_truncated_normal_inverts_the_cdf(threshold):
    u = NOISE.uniform((COUNT, 2)).numpy().astype("float64") + 2.0**-25
    expected = scipy.stats.truncnorm.ppf(u, -threshold, threshold)
    np.testing.assert_allclose(draw(TruncatedNormal(2, threshold)), expected, atol=2e-5)


class Ends:
    """The least and the greatest of what `Noise.uniform` can give."""

    def uniform(self, shape):
        return tf.broadcast_to(tf.constant([[0.0], [1 - 2.0**-24]]), shape)


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.xla)])
@pytest.mark.parametrize("threshold", [0.3, 2.0, 6.0, 50.0])
def test_truncated_normal_at_its_ends(threshold, jit_compile):
    prior = TruncatedNormal(3, threshold)
    z = tf.function(lambda: prior.draw(2, Ends()), jit_compile=jit_compile, autograph=False)().numpy()
    end = -scipy.stats.truncnorm.ppf(2.0**-25, -threshold, threshold)
    np.testing.assert_allclose(z, [[-end] * 3, [end] * 3], rtol=1e-5)
    assert np.abs(z).max() <= np.float32(threshold)


@pytest.mark.parametrize("threshold", [0, -1.0, float("nan"), float("inf")])
def test_a_threshold_that_truncates_nothing_or_all_is_refused(threshold):
    with pytest.raises(ValueError, match=r"`threshold` must be a finite number above 0. Received: threshold="):
        TruncatedNormal(2, threshold)


def test_codes_have_their_parts():
    codes = Codes(noise=3, categorical=(4, 2), continuous=2)
    assert codes.dim == 11
    z = draw(codes)
    assert z.shape == (COUNT, 11)
    assert z.dtype == np.float32
    assert [name for name, _ in codes.parts] == ["noise", "categorical_0", "categorical_1", "continuous"]
    np.testing.assert_array_equal(np.concatenate([z[:, place] for _, place in codes.parts], axis=1), z)
    part = {name: z[:, place] for name, place in codes.parts}
    assert scipy.stats.kstest(part["noise"].ravel(), "norm").pvalue > UNLIKELY
    assert scipy.stats.kstest(part["continuous"].ravel(), "uniform", (-1, 2)).pvalue > UNLIKELY
    for i, classes in enumerate((4, 2)):
        one_hot = part[f"categorical_{i}"]
        assert one_hot.shape[1] == classes
        assert set(np.unique(one_hot)) == {0, 1}
        assert np.all(one_hot.sum(axis=1) == 1)
        assert scipy.stats.chisquare(one_hot.sum(axis=0)).pvalue > UNLIKELY


def test_codes_are_independent():
    codes = Codes(noise=2, categorical=(3, 3), continuous=2)
    z = draw(codes)
    between = np.corrcoef(np.delete(z, [4, 7], axis=1).T)  # the last of each one-hot is given by the others
    first, second = (slice(2, 4), slice(4, 6))
    between[first, first] = between[second, second] = np.eye(2)
    np.testing.assert_allclose(between, np.eye(8), atol=5 / math.sqrt(COUNT))


@pytest.mark.parametrize(
    ("codes", "names", "dim"),
    [
        (Codes(), ["noise", "categorical_0", "continuous"], 74),
        (Codes(5, (), 0), ["noise"], 5),
        (Codes(0, [3], 0), ["categorical_0"], 3),
        (Codes(0, (), 2), ["continuous"], 2),
    ],
)
def test_codes_may_lack_parts(codes, names, dim):
    assert [name for name, _ in codes.parts] == names
    assert codes.parts[-1][1].stop == codes.dim == dim
    assert draw(codes, 5).shape == (5, dim)
    assert get_latents(codes) is codes


def test_codes_from_a_list_are_the_same():
    assert Codes(2, [3, 4], 1) == Codes(2, (3, 4), 1)
    assert Codes.from_config(json.loads(json.dumps(Codes(2, (3, 4), 1).get_config()))).categorical == (3, 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"noise": -1}, "`noise` must be"),
        ({"noise": False}, "`noise` must be"),
        ({"continuous": 1.5}, "`continuous` must be"),
        ({"categorical": (10, 1)}, r"`categorical` must have at least 2 classes each. Received: categorical=\(10, 1\)"),
        ({"categorical": 10}, "`categorical` must be a tuple"),
        ({"noise": 0, "categorical": (), "continuous": 0}, "`noise`, `categorical` or `continuous` must define"),
    ],
)
def test_codes_that_cannot_be_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Codes(**options)


@pytest.mark.parametrize("probabilities", [[0.5, 0.5], [0.1, 0.2, 0.3, 0.4], [1.0], [0.001, 0.999], [0.05] * 20])
def test_categorical_has_its_frequencies(probabilities):
    y = draw(Categorical(probabilities))
    assert y.shape == (COUNT,)
    assert y.dtype == np.int32
    counts = np.bincount(y, minlength=len(probabilities))
    assert len(counts) == len(probabilities)
    if len(probabilities) > 1:
        assert scipy.stats.chisquare(counts, COUNT * np.array(probabilities)).pvalue > UNLIKELY


@pytest.mark.parametrize("probabilities", [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
def test_an_impossible_label_is_never_drawn(probabilities):
    drawn = set(draw(Categorical(probabilities)).tolist())
    assert drawn == {i for i, p in enumerate(probabilities) if p > 0}


def test_uniform_labels():
    prior = Categorical.uniform(7)
    assert prior.count == 7
    counts = np.bincount(draw(prior), minlength=7)
    assert scipy.stats.chisquare(counts).pvalue > UNLIKELY


@pytest.mark.parametrize("count", [0, -1, 2.5, True, "7"])
def test_uniform_labels_of_no_number_are_refused(count):
    with pytest.raises(ValueError, match=r"`count` must be .*Received: count="):
        Categorical.uniform(count)


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
def test_a_longer_draw_begins_with_the_shorter(prior):
    long = draw(prior, 50)
    for count in (1, 2, 7, 49):
        np.testing.assert_allclose(draw(prior, count), long[:count], rtol=1e-6, atol=1e-6)


class Skewed(latents.Latents):
    def draw(self, count, noise):
        return noise.uniform((count, self.dim), 0.0, 2.0) ** 2  # of mean 4/3


def test_the_expectation_is_the_mean_of_many_draws():
    for prior in (*(prior for prior in PRIORS if isinstance(prior, latents.Latents)), latents.Gumbel(2)):
        mean = prior.expectation()
        assert (mean.shape, mean.dtype) == ((prior.dim,), "float32")
        np.testing.assert_allclose(mean, draw(prior).mean(axis=0), atol=0.06)
    np.testing.assert_allclose(Skewed(2).expectation(), [4 / 3] * 2, atol=0.06)


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
def test_one_address_gives_one_draw(prior):
    np.testing.assert_array_equal(draw(prior, 50), draw(prior, 50, Noise((0, "test latents"))))


@pytest.mark.parametrize("prior", [Normal(1), Uniform(1), Sphere(2)], ids=repr)
def test_other_addresses_give_independent_draws(prior):
    first = draw(prior)[:, 0]
    for noise in (NOISE.at("other"), Noise((1, "test latents")), Noise((0, "test latents"), index=1)):
        correlation = scipy.stats.pearsonr(first, draw(prior, noise=noise)[:, 0])
        assert correlation.pvalue > UNLIKELY
    assert scipy.stats.pearsonr(first[1:], first[:-1]).pvalue > UNLIKELY


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
def test_the_count_may_be_a_tensor_in_a_graph(prior):
    graph = tf.function(
        lambda count: prior.draw(count, NOISE), input_signature=[tf.TensorSpec((), tf.int32)], autograph=False
    )
    np.testing.assert_allclose(graph(tf.constant(5)), draw(prior, 5), rtol=1e-6)


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
def test_the_config_gives_the_prior_back(prior):
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(prior)))
    restored = keras.saving.deserialize_keras_object(config)
    assert restored == prior
    assert hash(restored) == hash(prior)
    np.testing.assert_array_equal(draw(restored, 20), draw(prior, 20))


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
def test_the_repr_gives_the_prior_back(prior):
    assert eval(repr(prior), vars(latents).copy()) == prior  # noqa: S307


def test_priors_differ_by_kind_and_by_arguments():
    different = [*PRIORS, Normal(2), Sphere(2), Categorical([0.5, 0.5]), "Normal(dim=3)", None]
    for i, first in enumerate(different):
        for second in different[i + 1 :]:
            assert first != second


def test_latents_from_what_the_user_gives():
    assert get_latents(5) == Normal(5)
    sphere = Sphere(2)
    assert get_latents(sphere) is sphere


@pytest.mark.parametrize("value", [True, None, 2.0, "normal", Categorical([1.0]), Normal])
def test_latents_from_something_else_are_refused(value):
    with pytest.raises(
        ValueError, match=r"`latents` must be a `Latents` or a number of dimensions. Received: latents="
    ):
        get_latents(value)


def test_labels_from_what_the_user_gives():
    assert get_labels(None) is None
    assert get_labels(4) == Categorical([0.25] * 4)
    prior = Categorical([0.5, 0.5])
    assert get_labels(prior) is prior


@pytest.mark.parametrize("value", [True, False, 0, -3, 2.0, "ten", Normal(3), [0.5, 0.5]])
def test_labels_from_something_else_are_refused(value):
    with pytest.raises(ValueError, match=r"`labels` must be a positive count, a prior .* or None. Received: labels="):
        get_labels(value)


@pytest.mark.parametrize("prior", [Normal, Uniform, Sphere])
@pytest.mark.parametrize("dim", [0, -1, 2.0, True, "2", None, (2,)])
def test_a_dimension_that_is_no_count_is_refused(prior, dim):
    with pytest.raises(ValueError, match=r"`dim` must be an integer of at least 1. Received: dim="):
        prior(dim)


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (1.0, 1.0, "`high` must be above `low`. Received: low=1.0, high=1.0"),
        (1.0, 0.0, "`high` must be above `low`. Received: low=1.0, high=0.0"),
        (0.0, float("inf"), "`high` must be a finite number. Received: high=inf"),
        (float("nan"), 1.0, "`low` must be a finite number. Received: low=nan"),
        (-float("inf"), 0.0, "`low` must be a finite number. Received: low=-inf"),
    ],
)
def test_an_empty_interval_is_refused(low, high, message):
    with pytest.raises(ValueError, match=message):
        Uniform(2, low, high)


@pytest.mark.parametrize(
    "probabilities", [[], 1.0, [[0.5, 0.5]], [0.5, 0.6], [0.5, 0.4], [-0.5, 1.5], [float("nan"), 1.0], None, 3]
)
def test_what_is_no_distribution_is_refused(probabilities):
    with pytest.raises(ValueError, match=r"`probabilities` must be .* non-negative .* sum to 1. Received: probabilit"):
        Categorical(probabilities)


def test_the_threshold_may_be_a_tensor_of_a_graph():
    @tf.function(autograph=False)
    def drawn(threshold):
        return TruncatedNormal(3, threshold).draw(1000, NOISE)

    for threshold in (0.01, 0.5, 4.0):
        expected = draw(TruncatedNormal(3, threshold), 1000)
        np.testing.assert_allclose(drawn(tf.constant(threshold)), expected, rtol=1e-5, atol=1e-6 * threshold)


def test_the_frequencies_of_labels_are_probabilities():
    prior = Categorical.of_labels(np.repeat([0, 1, 3], [90, 6, 4]), names=["a", "b", "c", "d"])
    assert prior.probabilities == [0.9, 0.06, 0.0, 0.04]
    assert prior.names == ("a", "b", "c", "d")
    assert Categorical.of_labels([1, 1], 4).probabilities == [0, 1, 0, 0]
    assert Categorical.of_labels([2, 1]).probabilities == [0, 0.5, 0.5]


def test_names_are_kept():
    prior = Categorical([0.25, 0.75], ("cats", "dogs"))
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(prior))
    assert again == prior
    assert again.names == ("cats", "dogs")
    assert Categorical([0.25, 0.75]).get_config() == {"probabilities": [0.25, 0.75]}  # as files of before have it


@pytest.mark.parametrize("names", ["ab", ("a",), ("a", "a"), ("a", 1), 3])
def test_names_must_be_of_the_classes(names):
    with pytest.raises(ValueError, match=r"`names` must be 2 different texts, .* Received: names="):
        Categorical([0.5, 0.5], names)


@pytest.mark.parametrize("labels", [[], [0.5], [-1], [[0]], [3]])
def test_labels_that_have_no_frequencies_are_refused(labels):
    with pytest.raises(ValueError, match=r"`labels` must be .* Received: "):
        Categorical.of_labels(labels, 3)


def test_gumbel_noise_is_distributed_as_scipys():
    drawn = latents.Gumbel(2).draw(5000, Noise((0, "gumbel"))).numpy()
    assert scipy.stats.kstest(drawn.ravel(), "gumbel_r").pvalue > 0.01
    assert np.isfinite(drawn).all()


def test_conditions_of_rows_are_as_frequent_as_categories():
    drawn = latents.RowConditions([[3, 1], [2, 0, 2]]).draw(8000, Noise((0, "conditions"))).numpy()
    np.testing.assert_array_equal(drawn.sum(axis=1), 1)
    expected = np.array([3 / 8, 1 / 8, 1 / 4, 0, 1 / 4])
    np.testing.assert_allclose(drawn.mean(axis=0), expected, atol=0.02)
    assert not drawn[:, 3].any()


@pytest.mark.parametrize("counts", [[], [[]], [[1, -1]], [[0, 0]], [[1], [np.nan]]])
def test_conditions_that_cannot_be_are_refused(counts):
    with pytest.raises(ValueError, match=r"`counts` must hold numbers of at least 0.*Received: counts="):
        latents.RowConditions(counts)
