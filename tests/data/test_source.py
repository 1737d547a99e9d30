"""Data of every form comes in by one door, and trains the same game in the same way."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import data
from keras_gan.data import feed
from keras_gan.data.course import ADDRESSED, READ_AGAIN, Course
from tests.conformance.bad import games

DRAW = np.random.default_rng(0)
X = DRAW.uniform(-1, 1, (40, *games.SHAPE)).astype("float32")
Y = DRAW.integers(0, games.CLASSES, 40)
NAMED = {"real": X, "labels": Y}


class Named(keras.utils.PyDataset):
    def __len__(self):
        return 10

    def __getitem__(self, index):
        return {name: part[4 * index : 4 * index + 4] for name, part in NAMED.items()}


def generated():
    pairs = [{name: part[i : i + 4] for name, part in NAMED.items()} for i in range(0, 40, 4)]
    signature = {"real": tf.TensorSpec(None, tf.float32), "labels": tf.TensorSpec(None, tf.int64)}
    return tf.data.Dataset.from_generator(lambda: iter(pairs), output_signature=signature)


@pytest.fixture(scope="module", params=[1, 2], ids="k={}".format)
def gan(request):
    gan = games.game(games.generator(labels=3), games.discriminator(labels=3), labels=3, seed=0)
    gan.compile("hinge", discriminator_steps=request.param)
    gan.beginning = [variable.numpy() for variable in state(gan)]
    return gan


def state(gan):
    return [*gan.variables, *gan.optimizer.variables]


def train(gan, x, y=None, **options):
    """The weights after a fit from the same beginning."""
    for variable, value in zip(state(gan), gan.beginning, strict=True):
        variable.assign(value)
    gan.fit(x, y, verbose=0, **options)
    return gan.get_weights()


def assert_same(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


@pytest.mark.learns
def test_arrays_by_name_are_a_pair(gan):
    expected = train(gan, X, Y, batch_size=4)
    assert int(gan.step) == 10 // gan.discriminator_steps
    assert_same(train(gan, NAMED, batch_size=4), expected)
    assert_same(train(gan, data.batches(NAMED, 4, seed=gan.seed)), expected)
    assert_same(
        train(gan, data.unpaired(NAMED, batch_size=4, shuffle=False)), train(gan, X, Y, batch_size=4, shuffle=False)
    )


FOREIGN = {
    "tf.data": lambda: tf.data.Dataset.from_tensor_slices(NAMED).batch(4),
    "tf.data, full": lambda: tf.data.Dataset.from_tensor_slices(NAMED).batch(4, drop_remainder=True),
    "a generator": generated,
    "PyDataset": Named,
}


@pytest.mark.learns
@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN)
def test_foreign_data_sets_of_dicts(gan, make):
    expected = train(gan, X, Y, batch_size=4, shuffle=False)
    assert_same(train(gan, make()), expected)
    np.testing.assert_allclose(
        gan.evaluate(make(), verbose=0), gan.evaluate(X, Y, batch_size=4, verbose=0), rtol=1e-5, atol=1e-6
    )


@pytest.mark.learns
def test_validation_data_by_name(gan):
    history = gan.fit(NAMED, batch_size=4, validation_data=NAMED, verbose=0).history
    found = gan.evaluate(X, Y, batch_size=4, verbose=0, return_dict=True)
    assert history["val_d_loss"][0] == pytest.approx(found["d_loss"], abs=1e-6)
    history = gan.fit(NAMED, batch_size=4, validation_split=0.25, verbose=0).history
    found = gan.evaluate(X[30:], Y[30:], batch_size=4, verbose=0, return_dict=True)
    assert history["val_d_loss"][0] == pytest.approx(found["d_loss"], abs=1e-6)


@pytest.mark.learns
def test_one_batch_by_name(gan):
    if gan.discriminator_steps == 1:
        assert np.isfinite(gan.train_on_batch({"real": X[:4], "labels": Y[:4]})).all()
    assert np.isfinite(gan.test_on_batch({"real": X[:4], "labels": Y[:4]})).all()


@pytest.mark.learns
@pytest.mark.parametrize("at_a_time", [1, 4])
def test_parts_in_orders_of_their_own_are_gathered_in_the_graph(at_a_time):
    def shifted(real, other):
        return tf.clip_by_value(real + tf.reshape(other, (-1, 1, 1, 1)), -1.0, 1.0)

    def make():
        return data.unpaired(real=X, other=np.linspace(-0.1, 0.1, 14, dtype="float32"), batch_size=4, transform=shifted)

    def game(**options):
        gan = games.game(seed=0)
        gan.compile("hinge", **options)
        return gan

    initial = game().get_weights()
    gan, stopped, expected = game(steps_per_execution=at_a_time), game(steps_per_execution=at_a_time), game()
    for each in (gan, stopped, expected):
        each.set_weights(initial)
    gan.fit(make(), epochs=2, verbose=0)
    for _ in range(2):
        stopped.fit(make(), verbose=0)
    for batch in make().addresses.read(lambda: 0, 20):
        expected.train_on_batch(batch)
    assert int(gan.step) == 20
    assert_same(gan.get_weights(), expected.get_weights())
    assert_same(stopped.get_weights(), expected.get_weights())


def test_a_source_knows_what_it_was_given():
    arrays, stream = feed.Source(NAMED), feed.Source(FOREIGN["tf.data"]())
    assert (arrays.has_batches, stream.has_batches, len(arrays)) == (False, True, 40)
    np.testing.assert_array_equal(arrays.known()["real"], X)
    np.testing.assert_array_equal(stream.known()["real"], X[:4])
    assert arrays.batches(7).element_spec["real"].shape == (7, *games.SHAPE)
    train_, rest = arrays.split(0.25)
    assert (len(train_), len(rest)) == (30, 10)
    assert Course(arrays.batches(4)).kind == ADDRESSED
    assert Course(stream.batches()).kind == READ_AGAIN
