import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_gan.data import batches
from keras_gan.data.pipeline import address


def epoch(data):
    """All examples of one pass, in order."""
    return np.concatenate([np.asarray(batch) for batch in data]).tolist()


def epochs(data, count):
    return [epoch(data) for _ in range(count)]


@pytest.mark.learns
@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.data(), st.integers(1, 40), st.booleans(), st.booleans(), st.integers(0, 2**31))
def test_an_epoch_has_every_example_at_most_once(data, count, shuffle, drop_remainder, seed):
    size = data.draw(st.integers(1, count), label="batch_size")
    pipeline = batches(np.arange(count), size, shuffle=shuffle, seed=seed, drop_remainder=drop_remainder)
    drawn = [batch.tolist() for batch in pipeline.as_numpy_iterator()]
    lengths, seen = [len(batch) for batch in drawn], [i for batch in drawn for i in batch]
    assert len(set(seen)) == len(seen)
    assert set(seen) <= set(range(count))
    full, rest = divmod(count, size)
    assert lengths == [size] * full + ([rest] if rest and not drop_remainder else [])
    assert int(pipeline.cardinality()) == len(lengths)
    if not shuffle:
        assert seen == list(range(len(seen)))


@pytest.mark.learns
def test_without_drop_remainder_an_epoch_is_a_permutation():
    for seen in epochs(batches(np.arange(23), 5, drop_remainder=False), 5):
        assert sorted(seen) == list(range(23))


@pytest.mark.learns
def test_what_the_remainder_leaves_out_differs_by_epoch():
    left_out = [set(range(23)) - set(seen) for seen in epochs(batches(np.arange(23), 5), 8)]
    assert all(len(left) == 3 for left in left_out)
    assert len(set.union(*left_out)) > 6


@pytest.mark.learns
def test_the_order_differs_between_epochs_and_from_the_arrays():
    orders = [tuple(order) for order in epochs(batches(np.arange(100), 10), 5)]
    assert len({*orders, tuple(range(100))}) == 6


def test_every_epoch_of_a_long_run_has_an_order_of_its_own():
    orders = {tuple(order) for order in batches(np.arange(50), 50).repeat(100).as_numpy_iterator()}
    assert len(orders) == 100


def test_neighbours_are_unrelated():
    # of a fair shuffle of 60,000, neighbours correlate by 0.004 at most times
    order = np.array(epoch(batches(np.arange(60_000), 1_000)))
    assert abs(np.corrcoef(order[1:], order[:-1])[0, 1]) < 0.02
    assert abs(np.corrcoef(order, np.arange(60_000))[0, 1]) < 0.02


@pytest.mark.learns
@pytest.mark.parametrize("seed", [0, 1, 2**40, -5])
def test_a_second_pipeline_has_the_same_epochs(seed):
    first = epochs(batches(np.arange(30), 7, seed=seed), 4)
    assert first == epochs(batches(np.arange(30), 7, seed=seed), 4)


@pytest.mark.learns
def test_the_order_is_a_function_of_the_seed():
    orders = [tuple(epoch(batches(np.arange(30), 30, seed=seed))) for seed in (0, 1, 2, 3, 2**31, 2**40, 2**62, -1)]
    assert len(set(orders)) == len(orders)


@pytest.mark.learns
def test_the_order_does_not_depend_on_the_global_seed():
    orders = []
    for seed in (1, 2):
        keras.utils.set_random_seed(seed)
        orders.append(epochs(batches(np.arange(30), 10, seed=3), 3))
    assert orders[0] == orders[1]


@pytest.mark.learns
def test_an_epoch_that_is_broken_off_counts():
    whole = batches(np.arange(30), 10)
    epoch(whole)
    broken = batches(np.arange(30), 10)
    next(iter(broken))
    assert epoch(broken) == epoch(whole)


def test_repeat_shuffles_each_time():
    seen = np.array(epoch(batches(np.arange(30), 10).repeat(4))).reshape(4, 30)
    np.testing.assert_array_equal(np.sort(seen, axis=1), np.tile(np.arange(30), (4, 1)))
    assert len(set(map(tuple, seen.tolist()))) == 4


def test_without_shuffle_the_order_stays():
    for seen in epochs(batches(np.arange(23), 5, shuffle=False, drop_remainder=False), 3):
        assert seen == list(range(23))


@pytest.mark.parametrize("drop_remainder", [True, False])
def test_pairs_stay_together(drop_remainder):
    x = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")
    y = np.arange(50, dtype="int32")
    seen = []
    for images, labels in batches((x, y), 8, drop_remainder=drop_remainder):
        np.testing.assert_array_equal(images, x[labels.numpy()])
        seen += labels.numpy().tolist()
    assert len(set(seen)) == len(seen) == (48 if drop_remainder else 50)


def test_shapes_and_dtypes_are_static():
    arrays = (np.zeros((20, 4, 5, 3), "uint8"), np.zeros(20, "int32"))
    assert batches(arrays, 8).element_spec == (tf.TensorSpec((8, 4, 5, 3), tf.uint8), tf.TensorSpec((8,), tf.int32))
    assert batches(arrays[0], 8).element_spec == tf.TensorSpec((8, 4, 5, 3), tf.uint8)
    open_end = batches(arrays, 8, drop_remainder=False).element_spec
    assert [spec.shape.as_list() for spec in open_end] == [[None, 4, 5, 3], [None]]


def test_a_tuple_of_one_stays_a_tuple():
    assert batches((np.zeros(6),), 2).element_spec == (tf.TensorSpec((2,), tf.float64),)


@pytest.mark.parametrize(("drop_remainder", "steps"), [(True, 3), (False, 4)])
def test_the_number_of_batches_is_known(drop_remainder, steps):
    data = batches(np.arange(10), 3, drop_remainder=drop_remainder)
    assert int(data.cardinality()) == len(data) == len(list(data)) == steps


def test_transform_makes_the_elements():
    x, y = np.arange(12.0), np.arange(12)
    data = batches((x, y), 4, shuffle=False, transform=lambda x, y: {"twice": 2 * x, "sum": tf.cast(y, x.dtype) + x})
    first = next(iter(data))
    assert first["twice"].numpy().tolist() == [0, 2, 4, 6]
    assert first["sum"].numpy().tolist() == [0, 2, 4, 6]


@pytest.mark.parametrize("kind", [list, tf.constant, np.asarray])
def test_arrays_may_be_lists_and_tensors(kind):
    assert epoch(batches(kind([3, 1, 4, 1, 5, 9]), 2, shuffle=False)) == [3, 1, 4, 1, 5, 9]


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.uint8])
def test_the_batch_size_may_be_a_numpy_integer(kind):
    assert epoch(batches(np.arange(10), kind(4))) == epoch(batches(np.arange(10), 4))


def test_one_example():
    assert epochs(batches(np.array([7]), 1), 2) == [[7], [7]]


@pytest.mark.parametrize("batch_size", [0, -1, 11, True, 2.0, "4", None])
def test_an_impossible_batch_size_is_refused(batch_size):
    message = rf"`batch_size` must be an integer from 1 to .*Received: batch_size={batch_size!r}"
    with pytest.raises(ValueError, match=message):
        batches(np.arange(10), batch_size)


def test_no_examples_are_refused():
    with pytest.raises(ValueError, match=r"The data must hold at least one example. Received: none"):
        batches(np.zeros((0, 4)), 1)


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match=r"Data and labels must have the same length. Received: \[10, 9\]"):
        batches((np.zeros((10, 2)), np.zeros(9)), 2)


@pytest.mark.parametrize(
    ("count", "batch_size", "an_epoch", "size", "start"), [(40, 4, 10, 3, 0), (40, 7, 5, 4, 2), (10, 10, 3, 8, 5)]
)
def test_blocks_are_the_batches_in_their_order(count, batch_size, an_epoch, size, start):
    addresses = batches(np.arange(count), batch_size, seed=3).addresses
    expected = list(addresses.positions(tf.constant(start, tf.int64), 30).as_numpy_iterator())
    found, played = [], []
    for positions, number in itertools.islice(addresses.blocks(lambda: start, an_epoch, size), 9):
        assert positions.shape == (size, batch_size)
        found += list(positions[:number])
        played.append(int(number))
    np.testing.assert_array_equal(found[:30], expected[: len(found)])
    whole, rest = divmod(an_epoch, size)
    assert played[: whole + bool(rest)] == [size] * whole + [rest] * bool(rest)


@pytest.mark.parametrize("shuffle", [True, False])
def test_half_of_the_examples_of_each_epoch_are_flipped(shuffle):
    images = np.arange(12 * 2 * 3).reshape(12, 2, 3, 1)
    dataset, seen = batches((images, np.arange(12)), 4, shuffle=shuffle, seed=2, flip=True), []
    assert dataset.element_spec[0].shape == (4, 2, 3, 1)
    for _ in range(3):
        flipped = set()
        for batch, numbers in dataset.as_numpy_iterator():
            for picture, number in zip(batch, numbers, strict=True):
                is_flipped = not np.array_equal(picture, images[number])
                np.testing.assert_array_equal(picture, images[number][:, ::-1] if is_flipped else images[number])
                flipped |= {int(number)} if is_flipped else set()
        assert len(flipped) == 6
        seen.append(frozenset(flipped))
    assert len(set(seen)) > 1  # other ones in other epochs


def test_a_flip_is_found_by_its_step():
    images = np.random.default_rng(0).integers(0, 256, (10, 2, 3, 1)).astype("uint8")
    addresses = address(images, 4, seed=3, flip=True)
    one, other = ([each.numpy() for each in addresses.read(lambda n=n: n, 9 - n)] for n in (0, 5))
    np.testing.assert_array_equal(one[5:], other)
    assert not np.array_equal(one, [each.numpy() for each in address(images, 4, seed=3).read(lambda: 0, 9)])


def test_what_is_no_picture_is_not_flipped():
    with pytest.raises(ValueError, match="`flip` must be False where no part holds pictures"):
        batches(np.zeros((4, 3)), 2, flip=True)
    with pytest.raises(ValueError, match=r"`flip` must be .*Received: flip='no'"):
        batches(np.zeros((4, 2, 2, 1)), 2, flip="no")
