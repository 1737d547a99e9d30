"""Views compute in another way from the same state; what the user handed in stays as it came."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, augmentations, kernels, networks
from keras_gan.ground import views
from keras_gan.objectives import Wasserstein
from keras_gan.play import players

layers = keras.layers
ones = tf.ones((1, 2))


class Tenfold(layers.Dense):
    def call(self, inputs, training=None):
        return 10 * super().call(inputs)


def tenfold(layer):
    return (Tenfold,) if isinstance(layer, layers.Dense) else ()


def dense(**options):
    return layers.Dense(2, kernel_initializer="ones", **options)  # doubles ones


def functional():
    x, shared = keras.Input((2,)), dense()
    inner = keras.Sequential([keras.Input((2,)), dense(activation=layers.ReLU())])
    return keras.Model(x, {"output": inner(shared(shared(x)))})


class Nested(keras.Model):
    """Layers in attributes, lists, dicts, tuples of lists and other models, and state of its own."""

    def __init__(self):
        super().__init__()
        self.first, self.several = dense(), [dense(), layers.ReLU(), {"a": (dense(),)}]
        self.model, self.calls, self.last = functional(), 0, None
        self(ones)

    @property
    def third(self):
        return self.several[2]["a"][0]

    def call(self, x, training=False):
        self.calls += 1
        for layer in (self.first, *self.several[:2], self.third):
            x = layer(x)
        self.last = self.model(x)["output"]
        return self.last


class Traced(Nested):
    @tf.function
    def call(self, x, training=False):
        return super().call(x)


class Plus(layers.Dense):
    """A call of the user's own, around Keras's."""

    def call(self, inputs):
        return super().call(inputs) + 1


HIDDEN = dense()


class Held(layers.Layer):
    """Calls a layer that is none of its own."""

    def call(self, x):
        return HIDDEN(x)


def by_time():
    return layers.TimeDistributed(dense())


def own_call():
    layer = dense()
    layer.build((None, 2))
    layer.call = lambda inputs: inputs
    return keras.Sequential([keras.Input((2,)), layer, dense()])


PLAYERS = {  # a model, and how often it is ten times what it was
    "sequential": (lambda: keras.Sequential([keras.Input((2,)), dense(), layers.ReLU(), dense()]), 2),
    "functional": (functional, 3),
    "subclassed": (Nested, 6),
    "traced": (Traced, 6),
    "nested": (lambda: keras.Sequential([keras.Input((2,)), Nested(), layers.Dropout(0.5)]), 6),
    "wrapped": (
        lambda: keras.Sequential([keras.Input((2,)), layers.Reshape((1, 2)), layers.TimeDistributed(dense())]),
        1,
    ),
    "call of its own": (own_call, 1),
    "nothing": (lambda: keras.Sequential([keras.Input((2,)), layers.ReLU()]), 0),
}


@pytest.mark.parametrize("name", PLAYERS)
def test_every_layer_is_read_as_its_view_and_no_object_is_changed(name):
    make, times = PLAYERS[name]
    player = make()
    expected, before = keras.tree.flatten(player(ones))[0].numpy(), state_of(player)
    with views.used(tenfold):
        shown = views.shown(player)
        assert isinstance(shown, type(player))
        assert (shown is player) == (times == 0)
        assert views.shown(player) is shown
        assert shown.weights == player.weights
        result = keras.tree.flatten(shown(ones))[0]
        in_graph = keras.tree.flatten(tf.function(shown, autograph=False)(ones))[0]
    for each in (result, in_graph):
        np.testing.assert_allclose(each, expected * 10**times, rtol=1e-6)
    assert views.shown(player) is player
    np.testing.assert_array_equal(keras.tree.flatten(player(ones))[0], expected)
    assert_same(state_of(player), before, but=("calls", "last"))


def test_what_a_view_writes_stands_in_the_object():
    player = Nested()
    before = player.calls
    with views.used(tenfold):
        result = views.shown(player)(ones)
    assert player.last is result
    assert player.calls == before + 1


def test_a_users_call_stands_before_the_override_and_keras_behind_it():
    layer = Plus(2, kernel_initializer="ones")
    player = keras.Sequential([keras.Input((2,)), layer])
    with views.used(tenfold):
        np.testing.assert_array_equal(views.shown(player)(ones), [[21, 21]])
    np.testing.assert_array_equal(player(ones), [[3, 3]])


def test_masks_training_and_precision_are_handed_on():
    """The mean over time of a masked sequence, in bfloat16, after dropout that is off or on."""
    x = keras.Input((3,), dtype="int32")
    steps = layers.Embedding(3, 2, mask_zero=True, embeddings_initializer="ones", dtype="mixed_bfloat16")(x)
    steps = layers.TimeDistributed(dense(dtype="mixed_bfloat16"))(steps)
    y = layers.GlobalAveragePooling1D()(layers.Dropout(0.9999)(steps))
    player, labels = keras.Model(x, y), tf.constant([[1, 0, 0]])
    with views.used(tenfold):
        outputs = {training: views.shown(player)(labels, training=training) for training in (False, True)}
    np.testing.assert_array_equal(outputs[False], [[20, 20]])  # the first step's; without a mask
    np.testing.assert_array_equal(player(labels), [[2, 2]])
    assert np.all(outputs[True].numpy() == 0)


def test_hidden_layers_compute_as_keras_does():
    player = keras.Sequential([keras.Input((2,)), Held(), dense()])
    with views.used(tenfold):
        np.testing.assert_array_equal(views.shown(player)(ones), [[40, 40]])


# -- What a game leaves behind ----------------------------------------------------------------------------------------


def state_of(*objects):
    """The class and the attributes of each object and each layer in it."""
    found = []
    for each in objects:
        found += each._flatten_layers() if isinstance(each, layers.Layer) else [each]
    bookkeeping = "_self_"  # of TensorFlow's checkpoints, for whatever is an attribute of a model
    return [
        (type(each), {key: value for key, value in vars(each).items() if not key.startswith(bookkeeping)})
        for each in found
    ]


def assert_same(after, before, but=()):
    plain = int | float | str | tuple | type(None)
    for (kind, now), (kind_before, then) in zip(after, before, strict=True):
        assert kind is kind_before
        assert now.keys() == then.keys()
        for key, value in then.items():
            same = now[key] == value if isinstance(value, plain) else now[key] is value
            assert same or key in but, (kind, key, value, now[key])


class Fails(Wasserstein):
    """Raises in the second step's move of the generator."""

    def generator_loss(self, round):
        if round.training and int(round.noise.index) == 1:
            raise RuntimeError("in the middle of a step")
        return super().generator_loss(round)


def pictures():
    return np.random.default_rng(0).uniform(-1, 1, (12, 8, 8, 1)).astype("float32")


def make_players():
    keras.utils.set_random_seed(0)
    generator = networks.dcgan_generator(4, (8, 8, 1), filters=16)  # with batch normalization, narrow in its end
    x = keras.Input((8, 8, 1))
    y = layers.Conv2D(16, 3, strides=2, padding="same", dtype="mixed_bfloat16")(x)  # narrow, and in 16 bits
    y = layers.Dense(4, dtype="mixed_bfloat16")(layers.Flatten()(layers.LeakyReLU()(y)))
    return generator, keras.Model(x, layers.Dense(1)(y))


def make_optimizers():
    return keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3, beta_1=0.5)


@pytest.mark.learns
def test_nothing_that_was_handed_in_is_changed():
    handed, optimizers, augmentation = make_players(), make_optimizers(), augmentations.DiffAugment("translation")
    for optimizer, player in zip(optimizers, handed, strict=True):
        optimizer.build(player.trainable_variables)
    objects = [*handed, *optimizers, augmentation]
    for player, shape in zip(handed, [(1, 4), (1, 8, 8, 1)], strict=True):
        player(tf.zeros(shape))
    names, before = [optimizer.name for optimizer in optimizers], state_of(*objects)
    for objective in (Fails(), "wasserstein + gradient_penalty"):
        gan = GAN(*handed, 4, seed=0)
        gan.compile(objective, *optimizers, augmentation=augmentation, run_eagerly=isinstance(objective, Fails))
        if isinstance(objective, Fails):
            with pytest.raises(RuntimeError, match="in the middle of a step"):
                gan.fit(pictures(), batch_size=4, verbose=0)
        else:
            gan.fit(pictures(), batch_size=4, verbose=0)
            gan.get_state_tree()
        assert_same(state_of(*objects), before, but=("_called", "_parent_path", "built"))
        del gan
    assert [optimizer.name for optimizer in optimizers] == names


@pytest.mark.learns
def test_a_player_that_played_trains_in_keras_as_any_other():
    played, fresh = (make_players()[1] for _ in range(2))
    gan = GAN(make_players()[0], played, 4, seed=0)
    gan.compile("wasserstein", run_eagerly=True)
    gan.fit(pictures()[:4], batch_size=4, verbose=0)
    fresh.set_weights(played.get_weights())
    for model in (played, fresh):
        model.compile("adam", "mse", run_eagerly=True)
        model.fit(pictures(), np.ones((12, 1)), batch_size=4, shuffle=False, verbose=0)
    for ours, theirs in zip(played.get_weights(), fresh.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", ["functional", "subclassed"])
def test_a_game_computes_in_its_own_ways_in_every_kind_of_player(kind):
    """A narrow convolution inside of each is found: the gradient by its input is computed in blocks."""
    inner = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(16, 3, padding="same")])

    class Player(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = {"body": [inner]}
            self.built = True

        def call(self, x):
            return self.parts["body"][0](x)

    x = keras.Input((8, 8, 1))
    player = keras.Model(x, inner(x)) if kind == "functional" else Player()

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(players.call(player, x) ** 2)
        return tape.gradient(y, x)

    def kinds():
        graph = tf.function(gradient, autograph=False).get_concrete_function(x).graph
        return [operation.type for operation in graph.get_operations()]

    x = tf.constant(pictures())
    plainly, plain = kinds(), gradient(x)
    with kernels.used():
        narrowly, narrow = kinds(), gradient(x)
    assert plainly.count("Conv2DBackpropInput") == 1
    assert narrowly.count("Conv2DBackpropInput") == 0
    np.testing.assert_allclose(narrow, plain, rtol=0, atol=1e-5)
