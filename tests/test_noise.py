import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from keras_gan.noise import Noise, replica, uniform

NOISE = Noise((0, "test"))
GOLDEN_NORMAL = [-0.9040879, 0.658371, 0.7201849]
GOLDEN_UNIFORM = [0.0816143, 0.6138571, 0.0587565]


def test_same_address_same_numbers():
    np.testing.assert_array_equal(NOISE.at("a").normal((5, 3)), Noise((0, "test", "a")).normal((5, 3)))


@pytest.mark.parametrize(
    "other", [Noise((1, "test")), Noise((0, "other")), Noise((0, "test"), index=1), NOISE.at("a"), NOISE.at(0)]
)
def test_other_address_independent_numbers(other):
    a, b = NOISE.normal((2000,)).numpy(), other.normal((2000,)).numpy()
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.08


def test_name_and_number_are_different_addresses():
    assert not np.allclose(NOISE.at(1).normal((3,)), NOISE.at("1").normal((3,)))


def test_known_numbers():
    # A regression against silent changes: models saved today must continue with the same noise tomorrow.
    np.testing.assert_allclose(Noise((0, "golden"), 3).normal((3,)), GOLDEN_NORMAL, atol=1e-6)
    np.testing.assert_allclose(Noise((0, "golden"), 3).uniform((3,)), GOLDEN_UNIFORM, atol=1e-6)


@pytest.mark.parametrize("draw", ["normal", "uniform"])
def test_longer_draw_begins_with_shorter(draw):
    np.testing.assert_allclose(getattr(NOISE, draw)((100, 7))[:13], getattr(NOISE, draw)((13, 7)), atol=1e-6)


def test_normal_is_normal():
    assert scipy.stats.kstest(NOISE.normal((20_000,)).numpy(), "norm").pvalue > 0.01


def test_uniform_is_uniform():
    x = NOISE.uniform((20_000,), -2.0, 3.0).numpy()
    assert x.min() >= -2
    assert x.max() < 3
    assert scipy.stats.kstest(x, "uniform", args=(-2, 5)).pvalue > 0.01


def test_categorical_follows_the_probabilities():
    labels = NOISE.categorical(20_000, [0.5, 0.0, 0.2, 0.3]).numpy()
    counts = np.bincount(labels, minlength=4)
    assert counts[1] == 0
    assert scipy.stats.chisquare(counts[[0, 2, 3]], 20_000 * np.array([0.5, 0.2, 0.3])).pvalue > 0.01


@pytest.mark.xla
@pytest.mark.parametrize("draw", ["normal", "uniform", "categorical"])
def test_same_numbers_with_and_without_xla(draw):
    def numbers(step):
        noise = Noise((0, "xla"), step)
        return noise.categorical(64, [0.3, 0.7]) if draw == "categorical" else getattr(noise, draw)((64, 3))

    plain = tf.function(numbers, autograph=False)(tf.constant(5, tf.int64))
    xla = tf.function(numbers, jit_compile=True, autograph=False)(tf.constant(5, tf.int64))
    np.testing.assert_allclose(plain, xla, atol=1e-6)
    np.testing.assert_allclose(plain, numbers(5), atol=1e-6)


@pytest.mark.parametrize("shape", [(), (3,), (5, 3), (2, 3, 4), (0, 2)])
def test_words_are_tensorflows(shape):
    seed, rows = tf.constant([3, 4], tf.int64), tf.TensorShape([None, *shape[1:]]) if shape else tf.TensorShape([])
    words = tf.random.stateless_uniform(shape, seed, None, None, tf.uint32, alg="philox").numpy()

    @tf.function(input_signature=[tf.TensorSpec(rows)], autograph=False)
    def unknown(like):
        return uniform(seed, (tf.shape(like)[0], *shape[1:]) if shape else ())

    for found in (uniform(seed, shape), unknown(np.zeros(shape, "float32"))):
        np.testing.assert_array_equal(found, (words >> 8) * np.float32(2**-24))


def test_replicas_slice_the_global_draw():
    whole = NOISE.normal((12, 2))
    parts = [Noise((0, "test"), replica=(i, 3)).normal((4, 2)) for i in range(3)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_bits_differ_by_replica():
    a, b = (Noise((0, "test"), replica=(i, 2)).bits().numpy() for i in range(2))
    assert a.dtype == np.uint32
    assert a.shape == (2,)
    assert not np.array_equal(a, b)


def test_replica_outside_of_a_strategy():
    assert replica() == (0, 1)


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.xla)])
@pytest.mark.parametrize("shape", [(), (3,), (2, 5)])
def test_a_draw_may_start_at_any_example(shape, jit_compile):
    noise = Noise((3, "start"))
    whole = noise.at("a").uniform((50, *shape)).numpy()

    @tf.function(jit_compile=jit_compile, autograph=False)
    def part(index, start):
        return Noise((3, "start"), index, start=start).at("a").uniform((7, *shape))

    for start in (0, 1, 2, 7, 30, 43):
        np.testing.assert_array_equal(part(tf.constant(0), tf.constant(start, tf.int64)), whole[start : start + 7])
    assert not np.array_equal(part(tf.constant(1), tf.constant(7, tf.int64)), whole[7:14])
    far = 2**40  # 2^40 rows are not made to get there
    a, b = (part(tf.constant(0), tf.constant(far + i, tf.int64)) for i in (0, 3))
    np.testing.assert_array_equal(a[3:], b[:4])
    assert len(np.unique(np.concatenate([a, whole]))) == (50 + 7) * int(np.prod(shape))


def test_a_draw_that_starts_later_is_of_any_kind():
    whole, part = Noise((3,)), Noise((3,), start=4)
    np.testing.assert_allclose(part.normal((5, 3)), whole.normal((9, 3))[4:], rtol=1e-6)
    np.testing.assert_array_equal(part.categorical(5, [0.2, 0.8]), whole.categorical(9, [0.2, 0.8])[4:])
    halves = [Noise((3,), replica=(i, 2), start=4).uniform((3, 2)) for i in range(2)]
    np.testing.assert_array_equal(tf.concat(halves, axis=0), whole.uniform((10, 2))[4:])
    assert not np.array_equal(whole.bits(), part.bits())
    assert part.uniform((0, 2)).shape == (0, 2)


@pytest.mark.parametrize("count", [21_841, 1_000_000])
def test_the_last_of_many_classes_are_drawn_as_often(count):
    """Sums of many probabilities in float32 end before or after 1."""
    drawn = np.asarray(NOISE.categorical(2_000_000, [1 / count] * count))
    last = (drawn >= count - count // 100).mean()
    assert last == pytest.approx((count // 100) / count, abs=5 * np.sqrt(0.01 / len(drawn)))
    assert drawn.max() < count
