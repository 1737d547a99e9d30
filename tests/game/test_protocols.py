"""What the library asks of a user's objects is a class: an attribute of the same name may mean anything."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, callbacks, data, latents, layers, metrics, networks, objectives
from keras_gan.augmentations import Augmentation, InstanceNoise
from keras_gan.noise import Noise
from keras_gan.play import players
from keras_gan.play.round import Round

# every name by which a part of the library was known, or is called
NAMES = [
    "place",
    "restore",
    "roll_back",
    "release",
    "has_stopped",
    "advance",
    "addresses",
    "count",
    "categorical",
    "continuous",
    "schedule",
    "inner_optimizer",
    "_game",
    "logs",
    "score",
    "looking",
    "inputs",
    "outputs",
    "p",
    "element_spec",
    "draw",
    "bound",
    "update",
    "memory",
    "reduce",
    "played",
    "course",
    "best",
]
POINTS = np.random.default_rng(0).normal(size=(32, 2)).astype("float32")


def crowd(thing):
    """Puts attributes of another meaning on an object of the user's."""
    for name in NAMES:
        if not hasattr(thing, name):
            setattr(thing, name, "of mine")
    return thing


class Plain(keras.callbacks.Callback):
    """A callback of the user's."""


class Noisy(keras.layers.Layer):
    """A layer of the user's with methods of the same names: none may be called."""

    def call(self, inputs):
        return inputs * 1.0

    def advance(self):
        raise AssertionError("called")

    def look(self):
        raise AssertionError("called")

    def bound(self):
        raise AssertionError("called")


class Points(keras.utils.PyDataset):
    """A data set of the user's."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return POINTS[8 * index : 8 * index + 8]


class Labels(latents.Prior):
    """A prior of labels of the user's; how many it has is not known."""

    def draw(self, count, noise):
        return tf.cast(3 * noise.uniform((count,)), tf.int32)

    def get_config(self):
        return {}


class Warming(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule of the user's around another."""

    def __init__(self, schedule):
        self.schedule = schedule

    def __call__(self, step):
        return 0.5 * self.schedule(step)

    def get_config(self):
        return {"schedule": self.schedule}


class Shifted(Augmentation):
    """An augmentation of the user's."""

    def call(self, x, noise):
        return x + 0.1


class Distance(keras.metrics.Mean):
    """A metric of the user's."""

    def update_state(self, real, fake):
        return super().update_state(tf.abs(tf.reduce_mean(real) - tf.reduce_mean(fake)))


def players_of_mine():
    z, x = keras.Input((2,)), keras.Input((2,))
    generator = keras.Model(z, keras.layers.Dense(2)(Noisy()(z)))
    discriminator = keras.Model(x, keras.layers.Dense(1)(Noisy()(x)))
    for layer in (*generator.layers, *discriminator.layers):
        if isinstance(layer, Noisy):
            crowd(layer)
    return generator, discriminator


@pytest.mark.learns
def test_a_game_of_objects_with_other_attributes(tmp_path):
    gan = GAN(*players_of_mine(), crowd(latents.Normal(2)), seed=0)
    rate = Warming(keras.optimizers.schedules.ExponentialDecay(1e-3, 10, 0.5))
    optimizers = [keras.optimizers.Adam(rate), keras.optimizers.SGD(0.1)]
    augmentation = crowd(Shifted())
    gan.compile("hinge", *optimizers, augmentation=augmentation, metrics=[crowd(Distance("distance"))])
    mine, resume = crowd(Plain()), callbacks.Resume(tmp_path, every=3)
    history = gan.fit(crowd(Points()), epochs=1, verbose=0, callbacks=[mine, resume]).history
    assert np.isfinite(history["d_loss"]).all()
    assert mine.place == "of mine"
    assert np.isfinite(gan.evaluate(POINTS, verbose=0, return_dict=True)["distance"])
    again = GAN(*players_of_mine(), latents.Normal(2), seed=0)
    optimizers = [keras.optimizers.Adam(rate), keras.optimizers.SGD(0.1)]
    again.compile("hinge", *optimizers, augmentation=Shifted(), run_eagerly=True)
    again.fit(crowd(Points()), epochs=2, verbose=0, callbacks=[crowd(Plain()), callbacks.Resume(tmp_path, every=3)])
    assert int(again.step.numpy()) == 8


def test_a_schedule_around_another_is_slowed_whole():
    gan = GAN(*players_of_mine(), 2, seed=0)
    rate = Warming(keras.optimizers.schedules.ExponentialDecay(1e-2, 10, 0.5))
    gan.compile("hinge", keras.optimizers.Adam(rate), keras.optimizers.Adam(rate))
    from keras_gan.game.optimizers import scale_learning_rates

    for factor in (0.5, 0.25):  # from the first one, not from one another
        scale_learning_rates(gan, factor, 0.5)
        assert float(gan.generator_optimizer._learning_rate(10)) == pytest.approx(factor * 0.5 * 0.5e-2, rel=1e-6)


@pytest.mark.learns
def test_a_subclass_with_inputs_of_its_own():
    class Player(keras.Model):
        def __init__(self, units):
            super().__init__()
            self.dense = keras.layers.Dense(units)
            self.inputs, self.outputs, self.input_shape = ["a", "b"], ["c"], (9, 9, 9)

        def call(self, x):
            return self.dense(x)

    both = [Player(2), Player(1)]
    for player in both:
        player(tf.zeros((1, 2)))
        assert not players.takes_labels(player)
    gan = GAN(*both, 2, seed=0)
    gan.compile("hinge", run_eagerly=True)
    assert np.isfinite(gan.fit(POINTS, batch_size=8, verbose=0).history["d_loss"]).all()
    assert metrics.ModelExtractor(both[0]).input_shape == ()


@pytest.mark.learns
def test_a_prior_of_labels_with_a_count_of_another_meaning():
    labels = crowd(Labels())
    labels.count = 1
    assert latents.label_count(labels) is None
    assert latents.label_count(latents.Categorical.uniform(4)) == 4
    generator = networks.mlp_generator(2, (2,), hidden=(4,), labels=3)
    gan = GAN(generator, networks.mlp_discriminator((2,), hidden=(4,), labels=3), 2, labels=labels, seed=0)
    assert gan.generate(2, labels=[0, 2]).shape == (2, 2)


def test_latents_that_only_look_like_codes():
    looks = latents.Normal(4)
    looks.categorical, looks.continuous = (2,), 1
    objective = objectives.MutualInformation(categorical=(2,), continuous=1)
    with pytest.raises(ValueError, match=r"`latents` must be `Codes"):
        objective.generator_loss(
            Round(latents=tf.zeros((2, 4)), fake_output={"output": tf.zeros(2), "code": tf.zeros((2, 4))}, prior=looks)
        )


@pytest.mark.learns
def test_data_sets_with_addresses_of_another_meaning():
    value = "here"
    mine = Points()
    mine.addresses, mine._inputs = value, value
    found = tf.data.Dataset.from_tensor_slices(POINTS).batch(8)
    found.addresses = value
    gan = GAN(*players_of_mine(), 2, seed=0)
    gan.compile("hinge", run_eagerly=True)
    for source, steps in ((mine, 4), (found, 8)):
        assert data.pipeline.addresses_of(source) is None
        gan.fit(source, epochs=1, verbose=0)
        assert int(gan.step.numpy()) == steps


@pytest.mark.learns
def test_a_layer_that_advances_says_so():
    class Counting(layers.Advancing, keras.layers.Layer):
        def build(self, input_shape):
            self.moves = self.add_weight(initializer="zeros", trainable=False)

        def call(self, inputs):
            return inputs + 0 * self.moves

        def advance(self):
            self.moves.assign_add(1.0)

    counting, x = Counting(), keras.Input((2,))
    generator = players_of_mine()[0]
    gan = GAN(generator, keras.Model(x, keras.layers.Dense(1)(counting(x))), 2, seed=0)
    gan.compile("hinge")
    gan.fit(POINTS, batch_size=8, epochs=2, verbose=0)
    assert float(counting.moves) == 8  # once a move, of its player only
    with pytest.raises(NotImplementedError, match=r"`advance` must be overridden. Received: Bare"):
        type("Bare", (layers.Advancing, keras.layers.Layer), {})().advance()


def test_what_an_augmentation_belongs_to_is_not_written_on_it():
    shared = InstanceNoise()
    before = dict(vars(shared))
    gan = GAN(*players_of_mine(), 2, seed=0)
    gan.compile("hinge", augmentation=shared)
    assert "_game" not in vars(shared)
    assert set(before) <= set(vars(shared))


@pytest.mark.learns
def test_a_resumable_callback_is_one_by_its_class():
    class Mine(callbacks.ResumableCallback):
        def restore_model(self, game, course, initial_epoch=0):
            game.step.assign(3)
            return 2, 0

    gan = GAN(*players_of_mine(), 2, seed=0)
    gan.compile("hinge", run_eagerly=True)
    gan.fit(POINTS, batch_size=16, epochs=4, verbose=0, callbacks=[Mine()])
    assert int(gan.step.numpy()) == 3 + 2 * 2
    with pytest.raises(ValueError, match=r"must hold at most one callback that resumes. Received: Mine, Mine"):
        gan.fit(POINTS, batch_size=16, epochs=1, verbose=0, callbacks=[Mine(), Mine()])
    with pytest.raises(NotImplementedError, match="`restore_model` must be overridden"):
        callbacks.ResumableCallback().restore_model(gan, None)


def test_noise_is_not_asked_for_attributes():
    assert players.seeds(players_of_mine()[0], Noise((0, "x"))) == []
