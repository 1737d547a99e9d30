"""Every formula against an independent implementation: SciPy, scikit-learn, closed forms, plain loops."""

import math
import time
import tracemalloc

import numpy as np
import pytest
import scipy.linalg
import scipy.ndimage
import scipy.spatial
import scipy.stats
import tensorflow as tf
from sklearn.metrics.pairwise import polynomial_kernel, rbf_kernel
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KernelDensity, KNeighborsClassifier, NearestNeighbors

from keras_gan.data import GaussianMixture, grid, ring
from keras_gan.metrics import functional
from keras_gan.metrics.functional import distances


def features(n=60, d=7, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + shift).astype("float32")


def moments(x):
    return x.astype("float64").mean(axis=0), np.cov(x.astype("float64"), rowvar=False)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(distances, "BLOCK", 500)


# -- Frechet ----------------------------------------------------------------------------------------------------------


def sqrtm_distance(mean_a, cov_a, mean_b, cov_b):
    root = scipy.linalg.sqrtm(cov_a @ cov_b).real
    return np.sum((mean_a - mean_b) ** 2) + np.trace(cov_a + cov_b - 2 * root)


def test_frechet_agrees_with_scipy_sqrtm():
    real, fake = features(), features(80, seed=1, shift=0.3)
    expected = sqrtm_distance(*moments(real), *moments(fake))
    assert functional.frechet_distance(*moments(real), *moments(fake)) == pytest.approx(expected, rel=1e-10)
    assert functional.frechet_distance_of_features(real, fake) == pytest.approx(expected, rel=1e-10)


def test_frechet_of_diagonal_gaussians_is_the_closed_form():
    rng = np.random.default_rng(0)
    (m, n), (s, t) = rng.normal(size=(2, 9)), rng.uniform(0.1, 3, size=(2, 9))
    expected = np.sum((m - n) ** 2) + np.sum((s - t) ** 2)
    assert functional.frechet_distance(m, np.diag(s**2), n, np.diag(t**2)) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("n", [5, 12])  # fewer rows than the 20 columns
def test_frechet_of_few_rows_agrees_with_exact_arithmetic(n):
    """C_r C_f has the non-zero eigenvalues of the small (n, n) product of Gram matrices, taken by another route."""
    real, fake = features(n, 20), features(n + 2, 20, seed=1)
    x, y = (a.astype("float64") - a.astype("float64").mean(axis=0) for a in (real, fake))
    cross = x @ y.T / math.sqrt((len(x) - 1) * (len(y) - 1))
    joint = np.sqrt(np.linalg.eigvalsh(cross @ cross.T).clip(0))[1:].sum()  # one is null, as the rows sum to 0
    traces = np.sum(x**2) / (len(x) - 1) + np.sum(y**2) / (len(y) - 1)
    expected = np.sum((real.astype("float64").mean(axis=0) - fake.astype("float64").mean(axis=0)) ** 2)
    expected += traces - 2 * joint
    assert functional.frechet_distance_of_features(real, fake) == pytest.approx(expected, rel=1e-10)
    assert functional.frechet_distance(*moments(real), *moments(fake)) == pytest.approx(expected, rel=1e-7)


def test_frechet_of_singular_and_nearly_singular_covariances():
    eigen = np.array([1.0, 1e-3, 1e-9, 0.0, 0.0])
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))[0]
    a, b = turn @ np.diag(eigen) @ turn.T, turn @ np.diag(4 * eigen) @ turn.T
    expected = eigen.sum()  # (2 s - s)^2, they commute
    zero = np.zeros(5)
    assert functional.frechet_distance(zero, a, zero, b) == pytest.approx(expected, rel=1e-9)
    assert functional.frechet_distance(zero, 0 * a, zero, b) == pytest.approx(4 * expected, rel=1e-12)


@pytest.mark.parametrize("shape", [(60, 7), (5, 20)])
def test_frechet_of_one_set_with_itself_is_0(shape):
    x = features(*shape, shift=100)
    scale = np.trace(moments(x)[1])
    assert 0 <= functional.frechet_distance_of_features(x, x) <= 1e-13 * scale
    assert 0 <= functional.frechet_distance(*moments(x), *moments(x)) <= 1e-13 * scale
    assert 0 <= functional.frechet_distance_of_features(x, x[::-1]) <= 1e-12 * scale


def test_frechet_goes_block_by_block():
    real, fake = features(5000, 3), features(4001, 3, seed=1)
    expected = sqrtm_distance(*moments(real), *moments(fake))
    assert functional.frechet_distance_of_features(real, fake) == pytest.approx(expected, rel=1e-10)


def test_frechet_refuses():
    with pytest.raises(ValueError, match="positive semi-definite"):
        functional.frechet_distance([0.0], [[-1.0]], [0.0], [[1.0]])
    with pytest.raises(ValueError, match="`mean_a` and `mean_b`"):
        functional.frechet_distance([0.0], [[1.0]], [0.0, 0.0], np.eye(2))
    with pytest.raises(ValueError, match="`cov_b` must be a finite"):
        functional.frechet_distance([0.0], [[1.0]], [0.0], [[np.nan]])
    with pytest.raises(ValueError, match=r"`fake` must be finite.* 1 numbers"):
        functional.frechet_distance_of_features(np.zeros((2, 1)), [[0.0], [np.inf]])
    with pytest.raises(ValueError, match="`fake` must have 1 columns"):
        functional.frechet_distance_of_features(np.zeros((2, 1)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="N of at least 2"):
        functional.frechet_distance_of_features(np.zeros((1, 1)), np.zeros((2, 1)))


# -- Kernels ----------------------------------------------------------------------------------------------------------


def unbiased(kernel, x, y):
    """The sums of the definition, term by term."""
    n, m = len(x), len(y)
    xx, yy, xy = kernel(x, x), kernel(y, y), kernel(x, y)
    a = sum(xx[i, j] for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    b = sum(yy[i, j] for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return a + b - 2 * sum(xy[i, j] for i in range(n) for j in range(m)) / (n * m)


def cubic(x, y):
    return polynomial_kernel(x, y, degree=3, gamma=1 / x.shape[1], coef0=1)


def test_kernel_distance_of_all_rows_agrees_with_scikit_learn():
    real, fake = features().astype("float64"), features(60, seed=1, shift=0.5).astype("float64")
    found = functional.kernel_distance(real, fake, subsets=3, subset_size=60)
    assert found.value == pytest.approx(unbiased(cubic, real, fake), rel=1e-12)
    assert math.isnan(found.error)  # all subsets are the same one, which tells nothing
    assert math.isnan(functional.kernel_distance(real, fake, subsets=1).error)


@pytest.mark.learns
def test_kernel_distance_of_subsets_is_unbiased():
    """The mean over all subsets is the estimate of all rows: 20 standard errors would be a bias."""
    real, fake = features().astype("float64"), features(50, seed=1, shift=0.2).astype("float64")
    found = functional.kernel_distance(real, fake, subsets=4000, subset_size=10)
    assert abs(found.value - unbiased(cubic, real, fake)) < 4 * found.error
    assert found == functional.kernel_distance(real, fake, subsets=4000, subset_size=10, seed=0)
    assert found != functional.kernel_distance(real, fake, subsets=4000, subset_size=10, seed=1)


@pytest.mark.learns
def test_kernel_distance_expects_the_closed_form_of_gaussians():
    """In one dimension E k(x, y) = E (x y + 1)^3 = E x^3 E y^3 + 3 E x^2 E y^2 + 3 E x E y + 1."""
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(20_000, 1)), rng.normal(size=(20_000, 1)) + 0.5
    (a1, a2, a3), (b1, b2, b3) = (0, 1, 0), (0.5, 1.25, 1.625)
    expected = (a3 - b3) ** 2 + 3 * (a2 - b2) ** 2 + 3 * (a1 - b1) ** 2
    found = functional.kernel_distance(real, fake, subsets=200, subset_size=200)
    assert abs(found.value - expected) < 4 * found.error
    assert found.error < 0.1 * expected


def test_maximum_mean_discrepancy_agrees_with_scikit_learn(small_blocks):
    real, fake = features().astype("float64"), features(45, seed=1, shift=0.5).astype("float64")
    for s in (0.5, 3.0):
        expected = unbiased(lambda x, y, s=s: rbf_kernel(x, y, gamma=1 / (2 * s * s)), real, fake)
        found = functional.maximum_mean_discrepancy(real, fake, bandwidth=s)
        assert found == pytest.approx(expected, rel=1e-10)
    s = np.median(scipy.spatial.distance.pdist(np.concatenate([real, fake])))
    expected = unbiased(lambda x, y: rbf_kernel(x, y, gamma=1 / (2 * s * s)), real, fake)
    assert functional.maximum_mean_discrepancy(real, fake) == pytest.approx(expected, rel=1e-10)
    assert functional.maximum_mean_discrepancy(np.ones((3, 2)), np.ones((4, 2))) == pytest.approx(0, abs=1e-12)


# -- Classes ----------------------------------------------------------------------------------------------------------


def test_classifier_score_agrees_with_scipy_entropy():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.full(5, 0.3), size=103)
    p[0] = [1, 0, 0, 0, 0]
    shuffled = p[np.random.default_rng(0).permutation(103)]
    parts = [shuffled[i * 103 // 10 : (i + 1) * 103 // 10] for i in range(10)]
    scores = [np.exp(np.mean([scipy.stats.entropy(row, part.mean(axis=0)) for row in part])) for part in parts]
    found = functional.classifier_score(p)
    assert found.value == pytest.approx(np.mean(scores), rel=1e-12)
    assert found.error == pytest.approx(np.std(scores), rel=1e-10)


def test_classifier_score_takes_probabilities_of_bfloat16():
    p = np.random.default_rng(0).dirichlet(np.full(10, 0.3), size=500)
    rounded = np.asarray(tf.cast(tf.cast(p, tf.bfloat16), tf.float32))
    assert np.abs(rounded.sum(axis=1) - 1).max() > 1e-3
    assert functional.classifier_score(rounded).value == pytest.approx(functional.classifier_score(p).value, rel=1e-3)


@pytest.mark.parametrize("kind", ["binary", "one_hot", "three_fold", "signs"])
def test_ties_of_whole_numbers_are_ties(kind):
    """A ball is closed: which points lie on its edge must not be left to rounding."""
    rng = np.random.default_rng(0)
    real, fake = rng.integers(0, 2, (300, 20)), rng.integers(0, 2, (250, 20))
    if kind == "one_hot":
        real, fake = np.eye(50)[rng.integers(0, 50, 300)], np.eye(50)[rng.integers(0, 50, 250)]
    real, fake = {"three_fold": (3 * real + 1, 3 * fake + 1), "signs": (2 * real - 1, 2 * fake - 1)}.get(
        kind, (real, fake)
    )
    squares = ((real[:, None] - real) ** 2).sum(-1)
    radii = np.sort(squares, axis=1)[:, 5]  # the first is the point itself
    across = ((fake[:, None] - real) ** 2).sum(-1)
    found = functional.density_coverage(real.astype("float32"), fake.astype("float32"), 5)
    assert found[0] == pytest.approx((across <= radii).sum() / (5 * len(fake)), rel=1e-12)
    assert found[1] == pytest.approx((across.min(axis=0) <= radii).mean(), rel=1e-12)


def test_classifier_score_of_sorted_fakes_is_that_of_mixed_ones():
    found = functional.classifier_score(np.eye(10)[np.repeat(np.arange(10), 100)])
    # of 100 rows of 10 equal classes the entropy is short by about 9 / 200
    assert found.value == pytest.approx(10 * math.exp(-9 / 200), rel=0.01)
    assert functional.classifier_score(np.eye(10)[np.repeat(np.arange(10), 100)], seed=1) != found


def test_classifier_score_of_one_class_and_of_nothing_learned_is_1():
    assert functional.classifier_score(np.eye(4)[[2] * 20]).value == pytest.approx(1, rel=1e-14)
    assert functional.classifier_score(np.full((20, 4), 0.25)).value == pytest.approx(1, rel=1e-14)
    with pytest.raises(ValueError, match="rows that sum to 1"):
        functional.classifier_score(np.ones((20, 4)))
    with pytest.raises(ValueError, match="`splits` must be an integer from 1 to 5"):
        functional.classifier_score(np.full((5, 4), 0.25))


# -- Neighbours -------------------------------------------------------------------------------------------------------


def radii(x, k):
    return NearestNeighbors(n_neighbors=k + 1).fit(x).kneighbors(x)[0][:, k]


@pytest.mark.parametrize("k", [1, 3, 5])
def test_precision_recall_density_coverage_agree_with_scikit_learn(k, small_blocks):
    real, fake = features(70, 3).astype("float64"), features(50, 3, seed=1, shift=0.8).astype("float64")
    between = np.array([[np.linalg.norm(x - y) for y in fake] for x in real])
    inside = between <= radii(real, k)[:, None]
    expected = inside.any(axis=0).mean(), (between <= radii(fake, k)).any(axis=1).mean()
    assert functional.precision_recall(real, fake, k) == pytest.approx(expected, rel=1e-14)
    expected = inside.sum() / (k * len(fake)), inside.any(axis=1).mean()
    assert functional.density_coverage(real, fake, k) == pytest.approx(expected, rel=1e-14)
    assert 0 < expected[1] < 1


def test_density_and_coverage_of_equal_distributions_are_what_the_paper_says():
    """Naeem et al., section 3.3: E density = 1, and E coverage = 1 - prod (N - i) / (N + M - i) over k factors."""
    rng = np.random.default_rng(0)
    found = np.mean([functional.density_coverage(*rng.normal(size=(2, 300, 4))) for _ in range(20)], axis=0)
    coverage = 1 - np.prod([(300 - i) / (600 - i) for i in range(1, 6)])
    assert found == pytest.approx([1, coverage], abs=0.02)


def test_neighbours_of_copies_and_of_a_collapsed_generator():
    real = features(40, 6, shift=50)
    assert functional.precision_recall(real, real) == (1, 1)
    assert functional.precision_recall(np.repeat(real, 5, axis=0), np.repeat(real[:3], 9, axis=0)).precision == 1
    collapsed = functional.precision_recall(real, np.repeat(real[:1], 30, axis=0))
    assert collapsed == pytest.approx((1, 1 / 40))
    assert functional.classifier_two_sample(real, real).accuracy == 0


def test_distances_far_from_the_origin_and_of_near_copies_are_exact(small_blocks):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 5)) + 1e4
    y = np.concatenate([x[:10] + 1e-7 * rng.normal(size=(10, 5)), rng.normal(size=(20, 5)) + 1e4])
    centre = distances.centre_of(x)
    found = np.concatenate([block for _, block in distances.blocks(x, y, centre)])
    expected = scipy.spatial.distance.cdist(x - centre, y - centre, "sqeuclidean")
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("spread", [0, 1e-9])  # of a collapsed generator, in two clumps beside a few that are not
def test_distances_of_many_that_nearly_coincide_are_exact(spread):
    rng = np.random.default_rng(0)
    clumps = np.repeat(rng.normal(size=(2, 5)), [300, 200], axis=0)
    x = rng.permutation(np.concatenate([clumps + spread * rng.normal(size=(500, 5)), rng.normal(size=(20, 5))]))
    ((_, found),) = distances.blocks(x, x, np.zeros(5), without_self=True)
    expected = scipy.spatial.distance.cdist(x, x, "sqeuclidean") + np.diag(np.full(520, np.inf))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=0)


@pytest.mark.learns
def test_coinciding_fakes_take_no_longer():
    """Pair by pair 3,000 x 3,000 differences of 256 numbers take over 10 s; a product of matrices takes 0.1 s."""
    real, fake = np.random.default_rng(0).normal(size=(2, 3000, 256)).astype("float32")
    times = []
    for each in (fake, np.repeat(fake[:1], 3000, axis=0)):
        began = time.process_time()
        found = functional.precision_recall(real, each)
        times.append(time.process_time() - began)
    assert found.recall == 0
    assert times[1] < 4 * times[0] + 1


@pytest.mark.parametrize(
    ("name", "sets"), [("precision_recall", 2), ("classifier_two_sample", 2), ("nearest_neighbours", 3)]
)
def test_one_copy_of_a_set_is_held_at_most(name, sets, monkeypatch):
    """So that 50,000 x 2,048 features need less than 4 GB beside themselves: five float64 copies would be more."""
    monkeypatch.setattr(distances, "BLOCK", 2**14)
    given = [features(1000, 200, seed) for seed in range(sets)]
    copy = 1000 * 200 * 8
    tracemalloc.start()
    try:
        getattr(functional, name)(*given)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert copy < peak < 1.5 * copy + 6 * 2**14 * 8


def test_classifier_two_sample_agrees_with_scikit_learn(small_blocks):
    real, fake = features(40, 3), features(40, 3, seed=1, shift=0.3)
    x, y = np.concatenate([real, fake]), np.repeat([0, 1], 40)
    right = cross_val_predict(KNeighborsClassifier(1), x, y, cv=LeaveOneOut()) == y
    assert functional.classifier_two_sample(real, fake) == pytest.approx(
        (right.mean(), right[:40].mean(), right[40:].mean()), rel=1e-14
    )
    assert 0.4 < right.mean() < 0.9


def test_nearest_neighbours_agree_with_scikit_learn(small_blocks):
    train, test, samples = features(80, 4), features(30, 4, seed=1), features(20, 4, seed=2)
    samples[:7] = train[20:27]
    search = NearestNeighbors(n_neighbors=1).fit(train.astype("float64"))
    found = functional.nearest_neighbours(samples, train, test)
    for mine, x in ((found.distances, samples), (found.reference, test)):
        np.testing.assert_allclose(mine, search.kneighbors(x)[0][:, 0], rtol=1e-9, atol=1e-12)
    assert found.indices.tolist() == search.kneighbors(samples)[1][:, 0].tolist()
    statistic = scipy.stats.mannwhitneyu(found.reference, found.distances).statistic
    assert found.closer == pytest.approx(statistic / (30 * 20), rel=1e-12)
    assert functional.nearest_neighbours(train[:9], train, test).closer == 1
    assert functional.nearest_neighbours(test, train, test).closer == 0.5


def test_memorization_agrees_with_scikit_learn(small_blocks):
    train, samples = features(80, 4), features(20, 4, seed=2)
    samples[:7] = train[20:27] + 1e-3
    train[40] = train[41]  # twins
    found = functional.memorization(samples, train)
    near, index = NearestNeighbors(n_neighbors=2).fit(train).kneighbors(samples.astype("float64"))
    alone = NearestNeighbors(n_neighbors=2).fit(train).kneighbors()[0]  # each without itself
    np.testing.assert_allclose(found.ratios, near[:, 0] / near[:, 1], rtol=1e-9)
    assert ((found.indices == index[:, 0]) | np.isin(found.indices, [40, 41])).all()
    assert found.copied == np.mean(near[:, 0] <= near[:, 1] / 3) >= 7 / 20
    assert found.copied_of_real == np.mean(alone[:, 0] <= alone[:, 1] / 3) >= 2 / 80
    statistic = scipy.stats.mannwhitneyu(alone[:, 0], near[:, 0]).statistic
    assert found.closer == pytest.approx(statistic / (80 * 20), rel=1e-12)


def test_memorization_beside_held_out_examples():
    train, test = features(300, 20), features(50, 20, seed=1)
    new, copies = features(60, 20, seed=2), train[:60] + 0.05 * features(60, 20, seed=3)
    found = functional.memorization(new, train, test)
    assert (found.copied, found.copied_of_real) == (0, 0)
    assert found.closer == functional.nearest_neighbours(new, train, test).closer
    assert functional.memorization(copies, train, test).copied == 1
    mean = np.repeat(train.mean(axis=0, keepdims=True), 9, axis=0)  # blurred: near to everything, a copy of nothing
    assert functional.memorization(mean, train, test)[:3] == (0, 0, 1)
    with pytest.raises(ValueError, match=r"`train` must be \(N, d\) with N of at least 3"):
        functional.memorization(new, train[:2])
    with pytest.raises(ValueError, match=r"`ratio` must be in \(0, 1\)"):
        functional.memorization(new, train, ratio=1.0)


# -- Transport --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(50, 50), (50, 37), (8, 12)])
def test_sliced_wasserstein_agrees_with_scipy(sizes):
    real, fake = features(sizes[0], 4).astype("float64"), features(sizes[1], 4, seed=1, shift=1).astype("float64")
    directions = np.random.default_rng(5).standard_normal((4, 16))
    directions /= np.linalg.norm(directions, axis=0)
    expected = np.mean([scipy.stats.wasserstein_distance(real @ u, fake @ u) for u in directions.T])
    found = functional.sliced_wasserstein(real, fake, projections=16, order=1, seed=5)
    assert found == pytest.approx(expected, rel=1e-12)


def test_sliced_wasserstein_is_the_closed_form():
    x = features(90, 6)
    shifted = x.astype("float64") + 2 * np.eye(6)[0]  # W_2^2 along u is (2 u_1)^2
    directions = np.random.default_rng(0).standard_normal((6, 128))
    expected = math.sqrt(np.mean((2 * directions[0] / np.linalg.norm(directions, axis=0)) ** 2))
    assert functional.sliced_wasserstein(x, shifted) == pytest.approx(expected, rel=1e-6)
    assert functional.sliced_wasserstein(x, x[::-1]) == pytest.approx(0, abs=1e-14)
    doubled = np.repeat(x, 2, axis=0)
    assert functional.sliced_wasserstein(doubled, x) == pytest.approx(0, abs=1e-14)


# -- Likelihood -------------------------------------------------------------------------------------------------------


def test_parzen_agrees_with_scikit_learn(small_blocks):
    rng = np.random.default_rng(0)
    samples, test, validation = rng.uniform(size=(60, 12)), rng.uniform(size=(40, 12)), rng.uniform(size=(20, 12))
    sigmas = np.logspace(-1, 0, 10)
    models = [KernelDensity(bandwidth=sigma, rtol=1e-12).fit(samples) for sigma in sigmas]
    best = int(np.argmax([model.score_samples(validation).mean() for model in models]))
    assert 0 < best < 9
    expected = models[best].score_samples(test)
    found = functional.parzen_log_likelihood(samples, test, validation)
    assert found.value == pytest.approx(expected.mean(), rel=1e-9)
    assert found.error == pytest.approx(expected.std() / math.sqrt(40), rel=1e-6)
    assert found.sigma == sigmas[best]
    assert functional.parzen_log_likelihood(samples, test, sigma=sigmas[best]).value == found.value


def test_parzen_does_not_underflow_and_refuses():
    far = functional.parzen_log_likelihood([[0.0]], [[100.0]], sigma=0.1)
    assert far.value == pytest.approx(-0.5e6 - math.log(0.1 * math.sqrt(2 * math.pi)), rel=1e-12)
    with pytest.raises(ValueError, match="Exactly one of"):
        functional.parzen_log_likelihood([[0.0]], [[1.0]])
    with pytest.raises(ValueError, match="`sigma` must be a finite number above 0"):
        functional.parzen_log_likelihood([[0.0]], [[1.0]], sigma=0)


# -- Modes ------------------------------------------------------------------------------------------------------------


def test_mode_coverage_counts():
    mixture = ring(8)
    points = np.concatenate([np.repeat(mixture.modes[:2], [3, 1], axis=0), [[0.0, 0.0]]])
    found = functional.mode_coverage(points, mixture)
    kl = scipy.stats.entropy([3, 1, 0, 0, 0, 0, 0, 0], np.ones(8))
    assert found == pytest.approx((2, 0.8, kl), rel=1e-12)
    assert functional.mode_coverage([[0.0, 0.0]], mixture) == (0, 0, math.inf)


def test_mode_coverage_of_the_mixture_itself_is_the_closed_form():
    """In two dimensions a share 1 - exp(-9 / 2) of a Gaussian is within 3 standard deviations."""
    found = functional.mode_coverage(grid().sample(50_000), grid())
    assert found.modes == 25
    assert found.high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.002)
    assert 0 <= found.kl < 0.002


def test_mode_coverage_knows_scales_and_weights():
    mixture = GaussianMixture([[0.0], [10.0]], [1.0, 0.1], [0.75, 0.25])
    assert functional.mode_coverage([[2.9], [0.0], [-1.0], [10.2]], mixture) == (2, 1, pytest.approx(0, abs=1e-15))
    assert functional.mode_coverage([[2.9], [3.1], [10.31], [10.2]], mixture).high_quality == 0.5
    with pytest.raises(ValueError, match=r"`points` must be \(N, 1\)"):
        functional.mode_coverage([[0.0, 0.0]], mixture)


# -- Similarity -------------------------------------------------------------------------------------------------------


def scipy_ms_ssim(x, y, weights):
    def blur(z):
        filtered = scipy.ndimage.gaussian_filter(z, 1.5, truncate=5 / 1.5)
        return filtered[5:-5, 5:-5]

    value = 1.0
    for level, weight in enumerate(weights):
        mx, my = blur(x), blur(y)
        vx, vy, cov = blur(x * x) - mx**2, blur(y * y) - my**2, blur(x * y) - mx * my
        term = (2 * cov + 9e-4) / (vx + vy + 9e-4)
        if level == len(weights) - 1:
            term = term * (2 * mx * my + 1e-4) / (mx**2 + my**2 + 1e-4)
        value *= term.mean() ** weight
        x, y = (scipy.ndimage.uniform_filter(z, 2, mode="reflect", origin=-1)[::2, ::2] for z in (x, y))
    return value


def test_ms_ssim_agrees_with_tensorflow_and_scipy():
    import tensorflow as tf

    rng = np.random.default_rng(0)
    base = rng.uniform(-1, 1, size=(1, 45, 52, 3))
    images = np.clip(base + 0.3 * rng.normal(size=(2, 45, 52, 3)), -1, 1).astype("float32")
    weights = np.array([0.0448, 0.2856, 0.3001])  # 45 / 4 is the last side of at least 11
    found = functional.ms_ssim(images, pairs=4)
    pair = (tf.constant((images[i : i + 1] + 1) / 2) for i in (0, 1))
    expected = tf.image.ssim_multiscale(*pair, 1.0, power_factors=(weights / weights.sum()).tolist())
    assert found.value == pytest.approx(float(expected[0]), rel=1e-5)  # TensorFlow's is float32
    expected = np.mean(
        [scipy_ms_ssim(*((images[..., c].astype("float64") + 1) / 2), weights / weights.sum()) for c in range(3)]
    )
    assert found.value == pytest.approx(expected, rel=1e-10)
    assert found.error == pytest.approx(0, abs=1e-12)


def test_ms_ssim_of_one_scale_agrees_with_a_plain_loop():
    x, y = np.random.default_rng(0).uniform(-1, 1, size=(2, 12, 13, 1))
    window = np.exp(-((np.arange(11) - 5.0) ** 2) / 4.5)
    window = np.outer(window, window) / window.sum() ** 2
    values = []
    for i in range(2):
        for j in range(3):
            a, b = ((z[i : i + 11, j : j + 11, 0] + 1) / 2 for z in (x, y))
            ma, mb = (window * a).sum(), (window * b).sum()
            va, vb = (window * (a - ma) ** 2).sum(), (window * (b - mb) ** 2).sum()
            cov = (window * (a - ma) * (b - mb)).sum()
            values.append((2 * ma * mb + 1e-4) / (ma**2 + mb**2 + 1e-4) * (2 * cov + 9e-4) / (va + vb + 9e-4))
    assert functional.ms_ssim([x, y], pairs=2).value == pytest.approx(max(np.mean(values), 0), rel=1e-10)
    assert np.mean(values) > 0


def looped_ms_ssim(x, y):
    """Five scales, each with a window of at most its own size, of one channel in [0, 1]: plain sums over windows."""
    value = 1.0
    for level, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        size = min(11, *x.shape)
        line = np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / 4.5)
        w = np.outer(line, line) / line.sum() ** 2
        terms = []
        for i in range(x.shape[0] - size + 1):
            for j in range(x.shape[1] - size + 1):
                a, b = (z[i : i + size, j : j + size] for z in (x, y))
                ma, mb = (w * a).sum(), (w * b).sum()
                va, vb, cov = (
                    (w * (p - mp) * (q - mq)).sum() for p, mp, q, mq in ((a, ma, a, ma), (b, mb, b, mb), (a, ma, b, mb))
                )
                term = (2 * cov + 9e-4) / (va + vb + 9e-4)
                terms.append(term * ((2 * ma * mb + 1e-4) / (ma**2 + mb**2 + 1e-4) if level == 4 else 1))
        value *= max(np.mean(terms), 0) ** weight
        x, y = (np.pad(z, [(0, side % 2) for side in z.shape], mode="symmetric") for z in (x, y))
        x, y = (z.reshape(z.shape[0] // 2, 2, z.shape[1] // 2, 2).mean(axis=(1, 3)) for z in (x, y))
    return value


def test_ms_ssim_with_a_shrinking_window_against_plain_loops_and_tensorflow():
    import tensorflow as tf

    rng = np.random.default_rng(0)
    smooth = scipy.ndimage.gaussian_filter(rng.uniform(-1, 1, size=(64, 61)), 2)
    images = np.clip(3 * smooth + 0.2 * rng.normal(size=(2, 64, 61)), -1, 1)[..., None]
    found = functional.ms_ssim(images, pairs=2, window="shrinking").value
    assert found == pytest.approx(looped_ms_ssim(*((images[..., 0] + 1) / 2)), rel=1e-10)
    assert abs(found - functional.ms_ssim(images, pairs=2).value) > 0.01  # 3 scales of 11 pixels
    large = rng.uniform(-1, 1, size=(1, 176, 176, 1)) + 0.2 * rng.normal(size=(2, 176, 176, 1))
    large = np.clip(large, -1, 1).astype("float32")
    expected = float(tf.image.ssim_multiscale(*((large[i : i + 1] + 1) / 2 for i in (0, 1)), 1.0)[0])
    for window in ("fixed", "shrinking"):
        assert functional.ms_ssim(large, pairs=2, window=window).value == pytest.approx(expected, abs=2e-4)
    with pytest.raises(ValueError, match=r"`window` must be one of fixed, shrinking. Received: window='valid'"):
        functional.ms_ssim(images, window="valid")


def test_ms_ssim_tells_variety():
    rng = np.random.default_rng(0)
    one = rng.uniform(-1, 1, size=(1, 24, 24, 1))
    alike = np.clip(one + 0.05 * rng.normal(size=(12, 24, 24, 1)), -1, 1)
    assert functional.ms_ssim(alike, pairs=40).value > functional.ms_ssim(rng.uniform(-1, 1, (12, 24, 24, 1))).value
    assert functional.ms_ssim(np.repeat(one, 3, axis=0)).value == pytest.approx(1, rel=1e-12)
    with pytest.raises(ValueError, match="sides of at least 11"):
        functional.ms_ssim(np.zeros((3, 8, 8, 1)))


def test_ms_ssim_knows_the_range_of_8_bits_and_refuses_any_other():
    pictures = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 1), "uint8")
    pictures[1:] = pictures[1:] // 8 + pictures[:1] // 2
    found = functional.ms_ssim(pictures)
    assert found.value == pytest.approx(functional.ms_ssim(pictures / 127.5 - 1).value, rel=1e-10)
    assert found.value < 0.999
    for wrong in (pictures.astype("float32"), pictures.astype("int64"), np.full((2, 16, 16, 1), np.nan)):
        with pytest.raises(ValueError, match=r"`images` must be uint8 in 0..255, or finite floats in \[-1, 1\]"):
            functional.ms_ssim(wrong)
