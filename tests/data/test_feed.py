import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.data.course import Course
from keras_gan.data.feed import Source, check_numbers, first_batch, group, unpack

X = np.arange(20, dtype="float32").reshape(10, 2)


def as_batches(x, y, batch_size, **options):
    return Source(x, y).batches(batch_size, **options)


def an_epoch(x, y, batch_size, **options):
    addresses = as_batches(x, y, batch_size, seed=0, **options)
    return list(addresses.read(lambda: 0, addresses.steps).as_numpy_iterator())


def test_arrays_become_full_batches():
    np.testing.assert_array_equal(np.concatenate(an_epoch(X, None, 4, shuffle=False)), X[:8])


def test_pairs_stay_together():
    for x, y in an_epoch(X, X[:, 0], 5, shuffle=True):
        np.testing.assert_array_equal(x[:, 0], y)


def test_a_tuple_of_arrays_is_a_pair():
    assert len(an_epoch((X, X[:, 0]), None, 5, shuffle=True)[0]) == 2


def test_the_first_batch_of_arrays_is_the_first_that_is_read():
    addresses = as_batches(X, X[:, 0], 5, shuffle=True, seed=0)
    for part, expected in zip(addresses.first(), an_epoch(X, X[:, 0], 5, shuffle=True)[0], strict=True):
        np.testing.assert_array_equal(part, expected)


@pytest.mark.parametrize("drop", [True, False])
def test_groups_stack_on_axis_1_in_order(drop):
    data = tf.data.Dataset.from_tensor_slices((X, X[:, 0])).batch(2, drop_remainder=drop)
    groups = list(group(data, 2).as_numpy_iterator())
    assert len(groups) == 2
    x, y = groups[1]
    assert x.shape == (2, 2, 2)
    np.testing.assert_array_equal(x[:, 0], X[4:6])
    np.testing.assert_array_equal(x[:, 1], X[6:8])
    np.testing.assert_array_equal(y[:, 1], X[6:8, 0])


def test_static_batches_keep_their_cardinality():
    data = tf.data.Dataset.from_tensor_slices(X).batch(2, drop_remainder=True)
    assert int(group(data, 2).cardinality()) == 2


class Batches(keras.utils.PyDataset):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def __len__(self):
        return -(-len(X) // self.size)

    def __getitem__(self, i):
        return X[i * self.size : (i + 1) * self.size], X[i * self.size : (i + 1) * self.size, 0]


@pytest.mark.parametrize(("size", "k", "groups"), [(2, 2, 2), (3, 3, 1), (3, 2, 1), (10, 1, 1)])
def test_pydatasets_are_grouped_without_their_partial_batch(size, k, groups):
    grouped = group(Batches(size), k)
    assert grouped.num_batches == groups
    if k > 1:
        x, y = grouped[groups - 1]
        assert x.shape == (size, k, 2)
        start = (groups - 1) * k * size
        np.testing.assert_array_equal(x[:, -1], X[start + (k - 1) * size : start + k * size])
        np.testing.assert_array_equal(x[:, :, 0], y)


def test_too_few_full_batches():
    data = tf.data.Dataset.from_tensor_slices(X).batch(6)
    with pytest.raises(ValueError, match=r"full batches, .* Received: discriminator_steps=2, and data with 1$"):
        Course(data, 2).look()


def test_first_batch():
    np.testing.assert_array_equal(first_batch(tf.data.Dataset.from_tensor_slices(X).batch(3)), X[:3])
    np.testing.assert_array_equal(first_batch(Batches(3))[0], X[:3])


def test_unpack():
    assert unpack(3) == (3, None)
    assert unpack((3,)) == (3, None)
    assert unpack((3, 4)) == (3, 4)


@pytest.mark.parametrize("labels", [np.array(["a", "b"]), np.array([True, False])])
def test_classes_that_are_no_numbers_are_refused_with_a_remedy(labels):
    with pytest.raises(ValueError, match=r"`labels` must be real numbers.*; number classes from 0"):
        check_numbers(labels, "`labels`")
