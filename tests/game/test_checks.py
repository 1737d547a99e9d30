"""What does not fit is refused before anything runs, with the argument, the requirement and what was received."""

import functools
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import GAN, Game, Match, augmentations, latents, networks
from keras_gan.game.checks import check_metrics, check_objective, check_results
from keras_gan.objectives import Adversarial, At, Hinge, Penalty, Players


def generator(output_activation=None, **options):
    return networks.mlp_generator(3, (2,), hidden=(4,), output_activation=output_activation, **options)


def discriminator(shape=(2,), **options):
    return networks.mlp_discriminator(shape, hidden=(4,), **options)


def compiled(output_activation=None):
    gan = GAN(generator(output_activation), discriminator(), 3, seed=0)
    gan.compile(run_eagerly=True)
    return gan


refusing = functools.cache(compiled)  # a refusal leaves a game as it was


def named_inputs():
    parts = {name: keras.Input((2,), name=name) for name in ("code", "age")}
    return keras.Model(parts, layers.Dense(2)(layers.Concatenate()(list(parts.values()))), name="named")


def of_tokens():
    x = keras.Input((2,), dtype="int32")
    return keras.Model(x, layers.Dense(1)(layers.Flatten()(layers.Embedding(9, 2)(x))))


def sigmoid_discriminator():
    return keras.Sequential([keras.Input((2,)), layers.Dense(1, activation="sigmoid")])


def shared():
    layer = layers.Dense(2)
    z, x = keras.Input((2,)), keras.Input((2,))
    return keras.Model(z, layer(z)), keras.Model(x, layers.Dense(1)(layer(x)))


NEW = [
    (lambda: GAN(3, discriminator(), 3), r"`generator` must be a keras.Model. Received: generator=3"),
    (lambda: GAN(generator(), None, 3), r"`discriminator` must be a keras.Model. Received: discriminator=None"),
    (
        lambda: GAN(generator(), discriminator(), 5),
        r"`latents` must have the shape that the generator takes, \(None, 3\). Received: .*\(None, 5\)",
    ),
    (lambda: GAN(generator(), discriminator(), 0), "`latents` must be an integer of at least 1. Received: latents=0"),
    (
        lambda: GAN(generator(), discriminator(), "normal"),
        r"`latents` must be a `Latents` or .*Received: latents='normal'",
    ),
    (
        lambda: GAN(generator(), discriminator((3,)), 3),
        r"`generator` must give what the discriminator takes, \(None, 3\). Received: .*\(None, 2\)",
    ),
    (lambda: GAN(*shared(), 2), r"must not share variables. Received: both hold"),
    (lambda: GAN(generator(), discriminator(), 3, labels=4), r"`labels` must be None unless a player takes labels"),
    (lambda: GAN(generator(labels=4), discriminator(), 3, labels=0), r"`labels` must be a positive count.*labels=0"),
    (
        lambda: GAN(generator(labels=4), discriminator(), 3, labels=latents.Normal(2)),
        r"`labels` must be a positive count, a prior of labels or None. Received: labels=Normal",
    ),
    (
        lambda: GAN(named_inputs(), discriminator(), 2),
        r"`generator` must take a tensor or a list of tensors.*Received: 'named', which takes a dict of 'code', 'age'",
    ),
    (
        lambda: Game({"named": named_inputs()}, {"made": "named(code, age)"}),
        r"`named` must take a tensor or a list of tensors",
    ),
    (
        lambda: GAN(generator(), of_tokens(), 3),
        r"`matches` must give 'discriminator' floats .*Received: an input of integers for 'fake'",
    ),
    (
        lambda: Game({"g": generator(), "d": discriminator((3,))}, {"made": "g(z)"}, Match("d", "x", "made")),
        r"`matches` must give 'd' examples of the shape that it takes, \(None, 3\). Received: 'made' of .*\(None, 2\)",
    ),
    (lambda: GAN(generator(), discriminator(), 3, ema=1.0), r"`ema` must be a number in \(0, 1\).*Received: ema=1.0"),
]

COMPILE = [
    (
        {"objective": "hinje"},
        r"`objective` must be made of known names. Did you mean 'hinge'\?.*Received: objective='hinje'$",
    ),
    (
        {"objective": "r1 + r2"},
        r"`objective` must give both players a loss. Received: 'r1 \+ r2', without one for the generator$",
    ),
    (
        {"discriminator_steps": 0},
        r"`discriminator_steps` must be an integer of at least 1. Received: discriminator_steps=0",
    ),
    ({"discriminator_steps": 1.5}, r"`discriminator_steps` must be an integer of at least 1"),
    ({"generator_optimizer": 3}, r"3"),
]


@pytest.mark.parametrize(("make", "message"), NEW)
def test_making(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(("options", "message"), COMPILE)
def test_compiling(options, message):
    gan = GAN(generator(), discriminator(), 3)
    with pytest.raises(ValueError, match=message):
        gan.compile(**options)
    assert not gan.compiled


def test_one_optimizer_for_both():
    adam = keras.optimizers.Adam()
    with pytest.raises(ValueError, match="must be two optimizers, as each keeps its own state"):
        GAN(generator(), discriminator(), 3).compile("hinge", adam, adam)


def test_a_sigmoid_where_logits_are_meant():
    gan = GAN(generator(), sigmoid_discriminator(), 3)
    with pytest.raises(ValueError, match=r"`discriminator` must end in logits.*'non_saturating'.*ends in a sigmoid"):
        gan.compile()


def test_an_output_that_is_no_score():
    gan = GAN(generator(), keras.Sequential([keras.Input((2,)), layers.Dense(5)]), 3)
    with pytest.raises(ValueError, match=r"must be one number per example.*Received: shape=\(2, 5\)"):
        gan.compile()


def test_fit_before_compile():
    with pytest.raises(ValueError, match="compile"):
        GAN(generator(), discriminator(), 3).fit(np.zeros((8, 2)))


class TestData:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (np.zeros((8, 3)), r"must have the shape that the generator makes, \(None, 2\). Received: .*\(8, 3\)"),
            (np.zeros((8,)), r"\(None, 2\). Received: a batch of shape \(8,\)"),
            (np.full((8, 2), np.nan), r"The data must be finite. Received: a batch with 16 NaN or Inf"),
            (np.full((8, 2), "a"), r"real numbers, \(N, ...\). Received: a batch of strings, of shape \(8, 2\)"),
            ([[0.0, 1.0]], r"`x` must be an array, a pair of arrays, a tf.data.Dataset or a keras.utils.PyDataset"),
            (iter([]), r"Received: list_iterator"),
            (None, r"`x` must be an array.*Received: NoneType"),
            (np.zeros((0, 2)), r"The data must hold at least one example. Received: none"),
            (tf.data.Dataset.from_tensor_slices(np.zeros((0, 2))).batch(4), r"must hold at least one batch"),
            (tf.data.Dataset.from_tensors({"image": np.zeros((4, 2))}), r"pairs \(examples, labels\).*a dict of 1"),
            (tf.data.Dataset.from_tensors((np.zeros((4, 2)),) * 3), r"Received: a tuple of 3"),
        ],
    )  # fmt: skip
    def test_what_does_not_fit(self, data, message):
        with pytest.raises(ValueError, match=message):
            refusing().fit(data, verbose=0)

    @pytest.mark.parametrize(
        ("activation", "low", "high"), [("tanh", 0, 255), ("sigmoid", -1, 1), ("sigmoid", 0, 255), ("relu", -1, 1)]
    )
    def test_a_range_that_the_generator_cannot_meet(self, activation, low, high):
        data = np.linspace(low, high, 64).reshape(32, 2)
        with pytest.raises(
            ValueError, match=rf"the range of the generator, which ends in a {activation}. Received: data in"
        ):
            refusing(activation).fit(data, shuffle=False, verbose=0)

    @pytest.mark.learns
    @pytest.mark.parametrize(("activation", "low", "high"), [("tanh", -1, 1), ("sigmoid", 0, 1), (None, -300, 300)])
    def test_a_range_that_it_can_meet(self, activation, low, high):
        compiled(activation).fit(np.linspace(low, high, 64).reshape(32, 2), verbose=0)

    def test_labels(self):
        gan = GAN(generator(labels=4), discriminator(labels=4), 3, labels=4, seed=0)
        gan.compile()
        x = np.zeros((8, 2))
        with pytest.raises(ValueError, match=r"must be pairs \(example, label\).*Received: examples only"):
            gan.fit(x, verbose=0)
        with pytest.raises(ValueError, match=r"The data's labels must be in \[0, 4\). Received: labels in \[0, 7\]"):
            gan.fit(x, np.arange(8), verbose=0)
        with pytest.raises(ValueError, match=r"same length. Received: \[8, 7\]"):
            gan.fit(x, np.zeros(7), verbose=0)

    @pytest.mark.parametrize("size", [0, 9, -1, 2.5])
    def test_batch_size(self, size):
        with pytest.raises(ValueError, match=r"`batch_size` must be an integer from 1 to 8. Received: batch_size="):
            refusing().fit(np.zeros((8, 2)), batch_size=size, verbose=0)

    def test_what_belongs_to_arrays_only(self):
        data = tf.data.Dataset.from_tensor_slices(np.zeros((8, 2))).batch(4)
        with pytest.raises(
            ValueError, match=r"`batch_size` must be None where `x` is a data set. Received: batch_size=4"
        ):
            refusing().fit(data, batch_size=4)


def test_unbuilt_players_are_built():
    gan = GAN(keras.Sequential([layers.Dense(2)]), keras.Sequential([layers.Dense(1)]), 3)
    assert gan.example_shape == (2,)
    assert gan.discriminator.built


@pytest.mark.parametrize("how", ["evaluate", "validation_data"])
def test_evaluation_data_is_checked_too(how):
    gan = refusing("tanh")
    for data, message in (
        (np.zeros((8, 3)), r"Received: a batch of shape \(8, 3\)"),
        (np.full((8, 2), 255), "range"),
        (np.zeros((0, 2)), r"must hold at least one example. Received: none"),
    ):
        with pytest.raises(ValueError, match=message):
            if how == "evaluate":
                gan.evaluate(data, verbose=0)
            else:
                gan.fit(np.zeros((8, 2)), validation_data=data, verbose=0)


@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch"])
@pytest.mark.parametrize(
    ("x", "labels", "message"),
    [
        (np.zeros((3, 2)), [0.7, 1.0, 0.0], "must be given labels that are integers. Received: labels of dtype float"),
        (np.zeros((3, 2)), [0, 7, 1], r"must be in \[0, 4\). Received: labels in \[0, 7\]"),
        (np.full((3, 2), 255, "uint8"), [0, 1, 2], r"must lie in \[-1, 1\], the range of the generator.*255"),
        (np.zeros((0, 2)), [], "must be given at least one example. Received: none"),
    ],
)
def test_one_batch_is_checked_as_a_data_set_is(method, x, labels, message):
    gan = GAN(generator("tanh", labels=4), discriminator(labels=4), 3, labels=4, seed=0)
    gan.compile(run_eagerly=True)
    before = gan.get_weights()
    with pytest.raises(ValueError, match=message):
        getattr(gan, method)(x, np.asarray(labels))
    assert all(map(np.array_equal, before, gan.get_weights()))


def test_labels_that_nobody_takes_are_let_be():
    gan = refusing("tanh")
    assert gan.test_on_batch(np.zeros((3, 2)), np.array([0.7, 1.0, 0.0]), return_dict=True)["d_loss"] > 0


def test_numbers_of_numpy_are_numbers():
    gan = GAN(generator(labels=4), discriminator(labels=4), np.int64(3), labels=np.int32(4), packing=np.int8(1))
    assert (gan.latents.dim, gan.labels.count, gan.packing) == (3, 4, 1)
    assert GAN.from_config(gan.get_config()).latents.dim == 3
    made = Game({"g": generator()}, {"made": "g(z)"}, draws={"z": np.int64(3)}).make("made", n=np.int64(2))
    assert made.shape == (2, 2)


def through_an_operation():
    x = keras.Input((2,))
    return keras.Model(x, keras.ops.sigmoid(layers.Dense(1)(x)))


def inside_a_dict():
    x = keras.Input((2,))
    return keras.Model(x, {"features": x, "output": layers.Dense(1, activation="sigmoid")(x)})


def cast_after_it():
    return keras.Sequential(
        [keras.Input((2,)), layers.Dense(1), layers.Activation("sigmoid"), layers.Activation("linear")]
    )


def clipped():
    x = keras.Input((2,))
    return keras.Model(x, keras.ops.clip(layers.Dense(1)(x), 1e-7, 1 - 1e-7))


@pytest.mark.parametrize("make", [through_an_operation, inside_a_dict, cast_after_it])
def test_a_sigmoid_is_found_however_it_is_written(make):
    with pytest.raises(ValueError, match="ends in a sigmoid"):
        GAN(generator(), make(), 3).compile()


def test_probabilities_are_no_logits_whatever_made_them():
    with pytest.raises(ValueError, match=r"must end in logits.*ends in a clip"):
        GAN(generator(), clipped(), 3).compile()


def test_swapped_inputs_of_a_conditional_generator():
    z, y = keras.Input((3,)), keras.Input((), dtype="int32")
    swapped = keras.Model([y, z], layers.Dense(2)(layers.Concatenate()([z, layers.Embedding(4, 3)(y)])))
    with pytest.raises(ValueError, match=r"the inputs of a conditional generator are \[latents, labels\]"):
        GAN(swapped, discriminator(), 3)


def test_classes_for_a_player_of_one_hot_labels_are_explained():
    z, y = keras.Input((3,)), keras.Input((4,))
    one_hot = keras.Model([z, y], layers.Dense(2)(layers.Concatenate()([z, y])))
    with pytest.raises(ValueError, match=r"what `generator` takes beside its input, floats \(N, 4\).*integers \(N,\)"):
        GAN(one_hot, discriminator(), 3, labels=4)


def of_four_classes():
    x = keras.Input((2,))
    return keras.Model(x, {"output": layers.Dense(1)(x), "class_logits": layers.Dense(4)(x)})


@pytest.mark.learns
@pytest.mark.parametrize(
    ("objective", "make", "low"),
    [
        ("hinge + auxiliary_classifier", of_four_classes, 0),
        ("players(discriminator=semi_supervised, generator=semi_supervised)", lambda: classifier(4), -1),
    ],
)
def test_labels_without_a_logit(objective, make, low):
    gan = GAN(generator(labels=4), make(), 3, seed=0)
    gan.compile(objective, run_eagerly=True)
    x, y = np.zeros((8, 2)), np.array([0, 1, 2, 3, low, 0, 1, 2])
    gan.fit(x, np.maximum(y, low), verbose=0)
    for wrong in (low - 1, 4):
        with pytest.raises(ValueError, match=rf"has logits for .*, must be in \[{low}, 4\). Received: labels in"):
            gan.fit(x, np.where(y == 3, wrong, y), verbose=0)


def test_labels_of_fakes_without_a_logit():
    gan = GAN(generator(labels=5), of_four_classes(), 3, labels=5, seed=0)
    gan.compile("hinge + auxiliary_classifier")
    with pytest.raises(ValueError, match=r"The GAN's `labels`, .* must be in \[0, 4\). Received: labels in \[0, 4\]"):
        gan.fit(np.zeros((8, 2)), np.zeros(8, "int32"), verbose=0)


def classifier(classes):
    return keras.Sequential([keras.Input((2,)), layers.Dense(classes)])


class TestNothingToTrain:
    """Old tutorials begin with `discriminator.trainable = False`: here a move updates one player only."""

    @staticmethod
    def gan():
        return GAN(networks.mlp_generator(2, (2,), hidden=(3,)), networks.mlp_discriminator((2,), hidden=(3,)), 2)

    @pytest.mark.learns
    @pytest.mark.parametrize("name", ["generator", "discriminator"])
    def test_a_frozen_player_is_refused_by_compile_fit_and_train_on_batch(self, name, points):
        gan = self.gan()
        player = getattr(gan, name)
        received = (
            rf".*updates one player only. Received: '{player.name}' with 0 trainable weights, as all of its 4 are"
        )
        frozen = rf"`{name}` must have weights to train: set `{name}.trainable = True`, and compile{received} frozen"
        player.trainable = False
        with pytest.raises(ValueError, match=frozen):
            gan.compile()
        assert not gan.compiled
        player.trainable = True
        gan.compile(run_eagerly=True)
        for layer in player.layers:
            layer.trainable = False
        layers_frozen = rf"`{name}` must have weights to train: set `layer.trainable = True` on its layers.*{received}"
        with pytest.raises(ValueError, match=layers_frozen):
            gan.fit(points, verbose=0)
        with pytest.raises(ValueError, match=layers_frozen):
            gan.train_on_batch(points)
        for layer in player.layers:
            layer.trainable = True
        gan.fit(points, verbose=0)

    @pytest.mark.parametrize("name", ["generator", "discriminator"])
    def test_a_player_without_weights_is_refused(self, name):
        players = {"generator": networks.mlp_generator(2, (2,)), "discriminator": networks.mlp_discriminator((2,))}
        x = keras.Input((2,))
        players[name] = keras.Model(x, 2 * x if name == "generator" else keras.ops.sum(x, axis=1, keepdims=True))
        gan = GAN(**players, latents=2)
        with pytest.raises(ValueError, match=rf"`{name}` must have weights to train: give it.* 0 trainable weights"):
            gan.compile()

    @pytest.mark.learns
    def test_a_partly_frozen_player_trains_what_is_not_frozen(self, points):
        gan = self.gan()
        first, last = (layer for layer in gan.discriminator.layers if layer.weights)
        first.trainable = False
        gan.compile("wasserstein", "sgd", "sgd", run_eagerly=True)
        frozen, free = first.get_weights(), last.get_weights()
        gan.fit(points, verbose=0)
        np.testing.assert_array_equal(first.get_weights()[0], frozen[0])
        assert not np.array_equal(last.get_weights()[0], free[0])

    @pytest.mark.learns
    def test_what_was_frozen_after_training_is_saved_and_loaded(self, points, tmp_path):
        gan = self.gan()
        gan.compile("hinge + 0.1 * historical_averaging", run_eagerly=True)
        gan.fit(points, verbose=0)
        gan.discriminator.trainable = False
        gan.save(tmp_path / "gan.keras")
        again = keras.models.load_model(tmp_path / "gan.keras")
        assert again.discriminator.trainable_variables == []
        for a, b in zip(again.get_weights(), gan.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
        assert again.evaluate(points, verbose=0) == gan.evaluate(points, verbose=0)
        with pytest.raises(ValueError, match="`discriminator` must have weights to train"):
            again.fit(points, verbose=0)
        for each in (gan, again):
            each.discriminator.trainable = True
            each.fit(points, shuffle=False, verbose=0)
        for a, b in zip(again.get_weights(), gan.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "metric", ["accuracy", "bce", "auc", keras.metrics.BinaryAccuracy(), keras.metrics.F1Score(), "kl_divergence"]
)
def test_metrics_that_compare_labels_with_predictions_are_refused(metric):
    with pytest.raises(ValueError, match=r"`metrics` must compare sets of examples: .*FrechetDistance.* Received: "):
        check_metrics([metric], [])


def test_metrics_of_examples_are_taken():
    class OfOwn(keras.metrics.BinaryAccuracy):
        def update_state(self, real, fake, sample_weight=None):
            pass

    kinds = [OfOwn(name="own"), "mse", keras.metrics.Mean()]
    assert [metric.name for metric in check_metrics(kinds, [])] == ["own", "mean_squared_error", "mean"]


def test_results_that_are_variables_become_tensors():
    """Else Keras takes them for data where it runs eagerly, and a replica's share for the whole."""
    total = keras.Variable(21.0)
    results = check_results({"count": total.value, "both": {"more": total.value, "one": 1.0}})
    assert not any(isinstance(each, tf.Variable) for each in keras.tree.flatten(results))
    assert [float(each) for each in keras.tree.flatten(results)] == [21.0, 1.0, 21.0]


class Margin(Adversarial):
    def __init__(self, margin=0.0):
        self.margin = margin

    def on_scores_discriminator(self, r, f):
        return tf.nn.relu(self.margin - r) + tf.nn.relu(self.margin + f)

    def on_scores_generator(self, r, f):
        return -f


class Size(Penalty):
    """Inherits a config with `every` alone."""

    def __init__(self, power=2, every=1):
        super().__init__(every)
        self.power = power

    def penalty(self, round):
        return tf.reduce_mean(round.real_scores**self.power, axis=1)


class Restored(Margin):
    """Reads its config itself."""

    def get_config(self):
        return {"m": self.margin}

    @classmethod
    def from_config(cls, config):
        return cls(config["m"])


@pytest.mark.parametrize(
    ("objective", "missing"),
    [
        (Margin(0.5), "`Margin` .*'margin'"),
        (Hinge() + 2 * Size(4), "`Size` .*'power'"),
        (Players(discriminator=Hinge() + Size(), generator="hinge"), "`Size` .*'power'"),
    ],
    ids=str,
)
def test_a_term_that_cannot_be_saved_with_its_arguments_is_refused(objective, missing):
    gan = refusing()
    before = gan.given_objective
    requirement = "`objective` must give all arguments of (.*) in its `get_config`, .* a config without (.*); return it"
    with pytest.raises(ValueError, match=requirement) as caught:
        gan.compile(objective)
    assert re.search(missing, str(caught.value))
    assert gan.given_objective is before


def test_a_term_may_have_a_config_in_its_own_form():
    check_objective(refusing(), Restored(0.5))
    config = keras.saving.serialize_keras_object(Restored(0.5))
    assert keras.saving.deserialize_keras_object(config, custom_objects={"Restored": Restored}) == Restored(0.5)


@pytest.mark.learns
def test_the_saved_objective_is_the_one_that_was_given():
    given = At("hinge", maker="generator") + 2 * Hinge()
    gan, again = (GAN(generator(), discriminator(), 3, name="points") for _ in range(2))
    gan.compile(given)
    config = gan.get_compile_config()
    assert keras.saving.deserialize_keras_object(config["objective"]) == given
    again.compile_from_config(config)
    assert str(again.objective) == str(gan.objective)
    assert again.get_compile_config()["objective"] == config["objective"]


class Loud(augmentations.Augmentation):
    """Says how loud it is, under a name that is taken."""

    def call(self, x, noise):
        return x

    def logs(self):
        return {"d_loss": tf.constant(1.0)}


def test_a_log_under_a_name_that_is_taken_is_refused():
    gan = refusing()
    before, logs = gan.given_objective, gan.training_logs
    with pytest.raises(ValueError, match=r"Logs must have different names: .* Received: 'd_loss' twice"):
        gan.compile("hinge", augmentation=Loud())
    assert gan.given_objective is before
    assert gan.training_logs is logs
    assert gan.augmentation is None
