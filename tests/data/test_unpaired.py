import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gan import data

A, B = np.arange(10.0, dtype="float32"), np.arange(100, 107)


def read(dataset, start, count):
    """What `fit` reads of it from a step on."""
    return list(dataset.addresses.read(lambda: start, count).as_numpy_iterator())


def column(batches, name):
    return np.concatenate([batch[name] for batch in batches])


@pytest.mark.learns
def test_an_epoch_is_as_long_as_the_longest_part():
    dataset = data.unpaired(a=A, b=B, batch_size=2)
    assert len(dataset) == 5
    assert dataset.element_spec == {"a": tf.TensorSpec((2,), tf.float32), "b": tf.TensorSpec((2,), tf.int64)}
    (seen,) = [column(list(dataset.as_numpy_iterator()), "a")]
    assert sorted(seen) == A.tolist()


@pytest.mark.learns
@pytest.mark.parametrize("batch_size", [1, 2, 7])
def test_each_part_has_epochs_of_its_own(batch_size):
    batches = read(data.unpaired(a=A, b=B, batch_size=batch_size, seed=4), 0, 60)
    for name, part in (("a", A), ("b", B)):
        steps = len(part) // batch_size
        epochs = [column(batches[i : i + steps], name) for i in range(0, 60 - steps + 1, steps)]
        assert all(set(epoch) <= set(part) and len(set(epoch)) == steps * batch_size for epoch in epochs)
        assert len({tuple(epoch) for epoch in epochs}) > 1


@pytest.mark.learns
def test_parts_are_not_in_step():
    pairs = data.unpaired(a=np.arange(50), b=np.arange(50), batch_size=50)
    first = read(pairs, 0, 1)[0]
    assert (first["a"] != first["b"]).sum() > 40
    renamed = read(data.unpaired(c=np.arange(50), b=np.arange(50), batch_size=50), 0, 1)[0]
    np.testing.assert_array_equal(renamed["b"], first["b"])
    other = read(data.unpaired(a=np.arange(50), b=np.arange(50), batch_size=50, seed=1), 0, 1)[0]
    assert (other["b"] != first["b"]).any()


@pytest.mark.learns
@pytest.mark.parametrize("start", [1, 4, 5, 13, 14, 29, 100])
def test_reading_may_begin_anywhere(start):
    options = {"a": A, "b": B, "c": np.arange(3), "batch_size": 2}
    whole = read(data.unpaired(**options), 0, start + 9)
    for batch, expected in zip(read(data.unpaired(**options), start, 9), whole[start:], strict=True):
        for name in expected:
            np.testing.assert_array_equal(batch[name], expected[name])


@pytest.mark.learns
def test_blocks_are_the_batches_in_their_order():
    addresses = data.unpaired(a=A, b=B, batch_size=3, seed=3).addresses
    expected = list(addresses.positions(tf.constant(4, tf.int64), 40).as_numpy_iterator())
    found = []
    for positions, number in itertools.islice(addresses.blocks(lambda: 4, 10, 4), 9):
        assert positions.shape == (4, 2, 3)
        found += list(positions[:number])
    np.testing.assert_array_equal(found, expected[: len(found)])
    assert len(found) == 30


def test_without_shuffle_each_part_keeps_its_order():
    batches = read(data.unpaired(a=A, b=B, batch_size=2, shuffle=False), 0, 10)
    assert column(batches, "a").tolist() == [*A, *A]
    assert column(batches, "b").tolist() == [*B[:6], *B[:6], *B[:6], *B[:2]]


@pytest.mark.learns
def test_parts_that_belong_together():
    dataset = data.unpaired({"source": A, "labels": A.astype(int)}, target=B, batch_size=2)
    batches = read(dataset, 0, 20)
    np.testing.assert_array_equal(column(batches, "source"), column(batches, "labels"))
    assert set(batches[0]) == {"source", "labels", "target"}


def test_one_part_and_a_transform():
    dataset = data.unpaired(a=A, batch_size=5, shuffle=False, transform=lambda a: {"twice": 2 * a})
    assert [batch["twice"].tolist() for batch in dataset.as_numpy_iterator()] == [[0, 2, 4, 6, 8], [10, 12, 14, 16, 18]]


@pytest.mark.learns
def test_pictures_of_every_kind(tmp_path):
    for i in range(4):
        Image.new("L", (6, 6), 10 * i).save(tmp_path / f"{i}.png")
    bytes_ = np.full((5, 8, 8, 1), 255, "uint8")
    for given in (tmp_path, str(tmp_path), f"folder:{tmp_path}", data.read(f"folder:{tmp_path}", image_size=8)):
        dataset = data.unpaired(
            a=given, b=bytes_, c="digits", batch_size=2, image_size=8, value_range=(0.0, 1.0), shuffle=False
        )
        batch = next(dataset.as_numpy_iterator())
        assert {name: part.shape for name, part in batch.items()} == dict.fromkeys("abc", (2, 8, 8, 1))
        assert {part.dtype.name for part in batch.values()} == {"float32"}
        np.testing.assert_allclose(batch["a"][:, 0, 0, 0], [0, 10 / 255], atol=1e-7)
        assert (batch["b"] == 1).all()
        assert 0 <= batch["c"].min() < batch["c"].max() <= 1


@pytest.mark.learns
def test_pictures_are_flipped_part_by_part():
    pictures = np.random.default_rng(0).uniform(size=(8, 4, 4, 1)).astype("float32")
    dataset = data.unpaired({"a": pictures, "index": np.arange(8)}, b=pictures, c=B, batch_size=4, flip=True)
    batches = read(dataset, 0, 8)
    seen, own = column(batches, "a"), pictures[column(batches, "index")]
    flipped = np.array([np.array_equal(x, y[:, ::-1]) for x, y in zip(seen, own, strict=True)])
    np.testing.assert_array_equal(seen[~flipped], own[~flipped])
    assert flipped.sum() == 16
    others = column(batches, "b")
    as_they_are = np.array([any(np.array_equal(x, picture) for picture in pictures) for x in others])
    assert as_they_are.sum() == 16
    assert (as_they_are != ~flipped).any()


class Distance(keras.Model):
    """Trains on named parts with nothing of a game."""

    def __init__(self):
        super().__init__()
        self.weight = self.add_weight(initializer="zeros")

    def train_step(self, element):
        self.weight.assign(0.5 * self.weight + tf.reduce_sum(element["a"]) - tf.cast(element["b"][0], tf.float32))
        return {"weight": self.weight}


@pytest.mark.learns
def test_other_models_may_train_on_it():
    model = Distance()
    model.compile()
    model.fit(data.unpaired(a=A, b=B, batch_size=2), verbose=0)
    assert float(model.weight) != 0
