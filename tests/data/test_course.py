"""What `fit` does with data of many kinds, all on two tiny games."""

import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, data, networks
from keras_gan.data import feed
from keras_gan.game import execution
from tests.conformance.bad import games

X = np.random.default_rng(0).uniform(-1, 1, (40, *games.SHAPE)).astype("float32")
SPEC = tf.TensorSpec(games.SHAPE)


@pytest.fixture(scope="module", params=[pytest.param(1, marks=pytest.mark.learns), 2], ids="k={}".format)
def gan(request):
    gan = games.game()
    gan.compile("hinge", discriminator_steps=request.param)
    return gan


def steps(gan, x, **options):
    before = int(gan.step)
    gan.fit(x, verbose=0, **options)
    return int(gan.step) - before


def foreign(size=4, shuffle=20):
    """A data set that counts how often it is opened."""
    opened = []

    def rows():
        opened.append(1)
        yield from X

    source = tf.data.Dataset.from_generator(rows, output_signature=SPEC)
    return source.shuffle(shuffle).batch(size) if shuffle else source.batch(size), opened


@pytest.mark.learns
def test_another_fit_may_have_another_batch_size(gan):
    k = gan.discriminator_steps
    for size in (8, 5, 8):
        assert steps(gan, X, batch_size=size) == 40 // size // k
    assert steps(gan, X[:21], batch_size=8) == 2 // k
    assert steps(gan, X[:22].astype("float64"), batch_size=5, epochs=2) == 2 * (4 // k)
    assert steps(gan, data.batches(X[:37], 5)) == 7 // k
    assert steps(gan, tf.data.Dataset.from_tensor_slices(X).batch(9)) == {1: 5, 2: 2}[k]


@pytest.mark.learns
def test_a_size_that_comes_back_is_not_traced_again_and_old_data_is_let_go(gan):
    old = X.copy()
    held = weakref.ref(old)
    gan.fit(old, batch_size=8, verbose=0)
    gan.fit(X, batch_size=5, verbose=0)
    graphs = dict(gan.train_function._graphs)
    gan.fit(X, batch_size=8, verbose=0)
    assert gan.train_function._graphs == graphs
    del old
    gc.collect()
    assert held() is None


@pytest.mark.learns
@pytest.mark.parametrize("epochs", [1, 3])
def test_a_foreign_data_set_is_opened_once_an_epoch(gan, epochs):
    batches, opened = foreign()
    assert steps(gan, batches, epochs=epochs) == epochs * (10 // gan.discriminator_steps)
    assert len(opened) == epochs


@pytest.mark.learns
def test_a_foreign_data_set_is_seen_whole_and_in_order():
    seen = []

    class Recorder(keras.layers.Layer):
        def call(self, x, training=False):
            if training:
                tf.py_function(lambda x: seen.append(np.ravel(x)[0]), [x], [])
            return x

    inputs = keras.Input((1,))
    discriminator = keras.Model(inputs, keras.layers.Dense(1)(Recorder()(inputs)))
    gan = GAN(networks.mlp_generator(2, (1,), hidden=(2,)), discriminator, 2, seed=0)
    gan.compile("wasserstein")
    seen.clear()
    rows = np.arange(100.0, 124.0, dtype="float32").reshape(24, 1)
    source = tf.data.Dataset.from_tensor_slices(rows).batch(4)
    gan.fit(source, epochs=2, verbose=0)
    gan.fit(source, epochs=2, steps_per_epoch=4, verbose=0)
    reals = [value for value in seen if value >= 100]
    one = rows[::4, 0].tolist()
    assert reals == [*one, *one, *one, *one[:2]]


@pytest.mark.learns
def test_a_shuffled_foreign_data_set_is_seen_whole():
    batches, _ = foreign()
    gan = games.game()
    gan.compile("hinge")
    history = gan.fit(batches, epochs=2, verbose=0, validation_data=foreign(6, 0)[0])
    assert history.epoch == [0, 1]
    assert len(history.history["val_d_loss"]) == 2


def numpy_function(x):
    return tf.numpy_function(lambda a: a, [x], tf.float32)


UNKNOWN = {
    "numpy_function": lambda: tf.data.Dataset.from_tensor_slices(X).map(numpy_function).batch(4),
    "numpy_function on batches": lambda: tf.data.Dataset.from_tensor_slices(X).batch(4).map(numpy_function),
    "a generator": lambda: tf.data.Dataset.from_generator(lambda: iter(np.split(X, 10)), output_types=tf.float32),
    "a generator of a rank": lambda: tf.data.Dataset.from_generator(
        lambda: iter(np.split(X, 10)), output_signature=tf.TensorSpec([None] * 4)
    ),
    "a transform": lambda: data.batches(X, 4, transform=numpy_function),
}


@pytest.mark.learns
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(make, id=name, marks=() if name == "numpy_function" else pytest.mark.learns)
        for name, make in UNKNOWN.items()
    ],
)
def test_shapes_that_the_data_does_not_say(gan, make):
    assert steps(gan, make(), validation_data=make()) == 10 // gan.discriminator_steps
    expected = gan.evaluate(X, batch_size=4, verbose=0)
    np.testing.assert_allclose(gan.evaluate(make(), verbose=0)[2], expected[2], atol=1e-6)


@pytest.mark.learns
def test_labels_whose_shape_the_data_does_not_say():
    gan = games.game(games.generator(labels=3), games.discriminator(labels=3), labels=3)
    gan.compile("hinge", discriminator_steps=2)
    pairs = [(X[i : i + 4], np.arange(4, dtype="int32") % 3) for i in range(0, 40, 4)]
    unknown = tf.data.Dataset.from_generator(lambda: iter(pairs), output_types=(tf.float32, tf.int32))
    assert steps(gan, unknown) == 5
    assert len(gan.evaluate(unknown, verbose=0)) == 4


class Counting(keras.utils.PyDataset):
    begins = reads = 0

    def __len__(self):
        return 6

    def __getitem__(self, index):
        self.reads += 1
        return X[4 * index : 4 * index + 4]

    def on_epoch_begin(self):
        self.begins += 1


@pytest.mark.learns
def test_a_pydataset_is_told_of_each_epoch(gan):
    batches = Counting()
    steps(gan, batches, epochs=3)
    assert batches.begins == 3


@pytest.mark.learns
def test_data_that_was_seen_is_not_looked_at_again(gan):
    batches = Counting()
    reads = []
    for _ in range(2):
        steps(gan, batches)
        reads.append(batches.reads)
    assert 6 <= reads[1] - reads[0] < reads[0]  # Keras looks too
    with pytest.raises(ValueError, match="must"):  # other data is looked at
        gan.fit(tf.data.Dataset.from_tensors(np.zeros((4, 3, 3, 1), "float32")), verbose=0)
    gan.compile("hinge", discriminator_steps=gan.discriminator_steps)
    steps(gan, batches)
    assert batches.reads - reads[1] == reads[0]


def test_a_pydataset_may_grow_between_epochs():
    class Growing(Counting):
        def __len__(self):
            return 4 + 2 * self.begins

    batches = Growing()
    grouped = feed.group(batches, 2)
    assert grouped.num_batches == 2
    grouped.on_epoch_begin()
    assert grouped.num_batches == 3


def recurrent(cell):
    z = keras.Input((2,))
    hidden = cell(keras.layers.Reshape((2, 1))(z))
    return keras.Model(z, keras.layers.Dense(2)(hidden))


class Looping(keras.layers.Layer):
    def call(self, x):
        return tf.while_loop(lambda i, _: i < 3, lambda i, x: (i + 1, x + 1.0), (0, x))[1]


CELLS = {
    "LSTM": lambda: keras.layers.LSTM(2),
    "Bidirectional": lambda: keras.layers.Bidirectional(keras.layers.GRU(2)),
    "RNN": lambda: keras.layers.RNN(keras.layers.SimpleRNNCell(2)),
    "nested": lambda: keras.Sequential([keras.Input((2, 1)), keras.layers.SimpleRNN(2)]),
    "TimeDistributed": lambda: keras.Sequential(
        [keras.Input((2, 1)), keras.layers.TimeDistributed(keras.layers.Dense(2)), keras.layers.Flatten()]
    ),
    "a layer of one's own": lambda: keras.Sequential([keras.Input((2, 1)), Looping(), keras.layers.Flatten()]),
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_players_with_loops_are_not_dense(cell):
    gan = GAN(recurrent(cell()), networks.mlp_discriminator((2,), hidden=(2,)), 2, seed=0)
    assert not execution.is_dense(gan)


def test_players_of_matrix_products_are_dense():
    for normalization in ("batch", None):
        generator = networks.mlp_generator(2, (2,), hidden=(3,), normalization=normalization)
        gan = GAN(generator, networks.mlp_discriminator((2,), hidden=(2,), dropout=0.5, pieces=2), 2, seed=0)
        assert execution.is_dense(gan)
