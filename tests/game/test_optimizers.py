import copy
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, Game, networks
from keras_gan.game.optimizers import PlayersOptimizer, default_optimizer, get_optimizer, in_training
from keras_gan.objectives import Distance, FeatureDistance

LossScale = keras.optimizers.LossScaleOptimizer


def player(dtype=None):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype or policy)
    try:
        return networks.mlp_discriminator((2,), hidden=(3,))
    finally:
        keras.config.set_dtype_policy(policy)


def get(value, model=None):
    model = model or player()
    return get_optimizer(value, model, "generator_optimizer", model.dtype_policy.name == "mixed_float16")


def test_the_default_is_that_of_dcgan():
    for optimizer in (default_optimizer(), get(None)):
        assert isinstance(optimizer, keras.optimizers.Adam)
        np.testing.assert_allclose(float(optimizer.learning_rate), 2e-4, rtol=1e-6)
        assert (optimizer.beta_1, optimizer.beta_2) == (0.5, 0.999)
    assert default_optimizer() is not default_optimizer()


@pytest.mark.parametrize(
    "value",
    ["rmsprop", {"class_name": "RMSprop", "config": {"learning_rate": 1e-3}}, keras.optimizers.RMSprop(1e-3)],
    ids=["name", "config", "instance"],
)
def test_a_name_a_config_or_an_instance(value):
    model = player()
    optimizer = get(value, model)
    assert isinstance(optimizer, keras.optimizers.RMSprop)
    assert (value is optimizer) == isinstance(value, keras.optimizers.Optimizer)
    assert optimizer.built
    assert len(optimizer.variables) == 2 + len(model.trainable_variables)  # iteration, rate, a moment a weight
    assert optimizer.name == ("rm_sprop" if value is optimizer else "generator_optimizer")


def test_a_built_optimizer_keeps_its_state():
    model = player()
    optimizer = get("adam", model)
    optimizer.apply([np.ones(v.shape, "float32") for v in model.trainable_variables])
    before = [np.array(v.numpy()) for v in optimizer.variables]
    again = get_optimizer(optimizer, model, "another_name")
    assert again is optimizer
    assert again.name == "generator_optimizer"
    assert int(again.iterations) == 1
    for ours, theirs in zip(again.variables, before, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs)


DECAY = keras.optimizers.schedules.ExponentialDecay(1e-2, 3, 0.5)


@pytest.mark.learns
@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.xla)])
@pytest.mark.parametrize(
    "arguments",
    [
        {"beta_1": 0.5},
        {"learning_rate": DECAY, "epsilon": 0.1, "beta_2": 0.9},
        {"weight_decay": 0.1, "clipnorm": 0.5},
        {"use_ema": True, "ema_momentum": 0.5, "gradient_accumulation_steps": 2},
        {"amsgrad": True},
    ],
    ids=" ".join,
)
def test_adam_in_one_operation_is_that_of_keras(arguments, jit_compile):
    mine, theirs = player(), player()
    theirs.set_weights(mine.get_weights())
    arguments = {"learning_rate": 1e-2, **arguments}
    optimizers = in_training(get(keras.optimizers.Adam(**arguments), mine)), keras.optimizers.Adam(**arguments)
    optimizers[1].build(theirs.trainable_variables)
    draw = np.random.default_rng(0)
    updates = [tf.function(optimizer.apply, autograph=False, jit_compile=jit_compile) for optimizer in optimizers]
    for _ in range(8):
        gradients = [tf.constant(draw.normal(size=v.shape), "float32") for v in mine.trainable_variables]
        for update in updates:
            update(gradients)
    kinds = {operation.type for operation in updates[0].get_concrete_function(gradients).graph.get_operations()}
    if "gradient_accumulation_steps" not in arguments:  # there it is inside a condition
        assert ("ResourceApplyAdam" in kinds) == ("amsgrad" not in arguments)
    pairs = zip([*mine.weights, *optimizers[0].variables], [*theirs.weights, *optimizers[1].variables], strict=True)
    for ours, reference in pairs:
        np.testing.assert_allclose(ours.numpy(), reference.numpy(), rtol=1e-5, atol=1e-6)


def variable(dtype):
    return keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", dtype=dtype)]
    )


def test_adam_in_float64_is_the_papers():
    model, w, m, v = variable("float64"), 1.0, 0.0, 0.0
    optimizer = in_training(get(keras.optimizers.Adam(2**-7), model))
    for step in range(1, 20):
        gradient = np.sin(step)
        optimizer.apply([tf.constant([[gradient]], "float64")])
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        w -= 2**-7 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step) * m / (np.sqrt(v) + 1e-7)
    np.testing.assert_allclose(model.get_weights()[0], w, rtol=0, atol=1e-13)


def test_adam_in_bfloat16_is_that_of_keras():
    mine, theirs = variable("bfloat16"), variable("bfloat16")
    for model, optimizer in ((mine, in_training(get("adam", mine))), (theirs, keras.optimizers.Adam())):
        for step in range(1, 20):
            optimizer.apply([tf.constant([[np.sin(step)]], "bfloat16")], model.trainable_variables)
    np.testing.assert_array_equal(mine.get_weights()[0], theirs.get_weights()[0])


def test_adam_updates_an_embedding_as_keras_does():
    mine = keras.Sequential([keras.Input((1,)), keras.layers.Embedding(4, 2), keras.layers.Flatten()])
    theirs = keras.models.clone_model(mine)
    theirs.set_weights(mine.get_weights())
    for model, optimizer in ((mine, in_training(get("adam", mine))), (theirs, keras.optimizers.Adam())):
        for labels in ([[0], [1]], [[1], [1]]):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(model(tf.constant(labels)) ** 2)
            optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    np.testing.assert_array_equal(mine.get_weights()[0], theirs.get_weights()[0])


@pytest.mark.parametrize("value", ["nope", 5, {"a": 1}, keras.optimizers.Adam, keras.losses.MeanSquaredError()])
def test_what_is_no_optimizer_is_refused_by_the_arguments_name(value):
    with pytest.raises(ValueError, match=r"`generator_optimizer` must be.*Received: generator_optimizer="):
        get(value)


def float16(model):
    model.dtype_policy = keras.DTypePolicy("mixed_float16")
    return model


def test_a_loss_is_scaled_where_its_gradient_runs_through_float16():
    """A generator in float32 learns through a judge in float16; the judge's own gradient is not the generator's."""
    judge, maker = networks.mlp_discriminator((2,), hidden=(3,)), networks.mlp_generator(2, (2,), hidden=(3,))
    gan = GAN(maker, float16(judge), 2, seed=0)
    gan.compile("hinge", run_eagerly=True)
    assert {name: isinstance(each, LossScale) for name, each in gan.optimizers.items()} == {
        "discriminator": True,
        "generator": True,
    }
    judge, maker = networks.mlp_discriminator((2,), hidden=(3,)), networks.mlp_generator(2, (2,), hidden=(3,))
    gan = GAN(float16(maker), judge, 2, seed=0)
    gan.compile("hinge", run_eagerly=True)
    assert not isinstance(gan.optimizers["discriminator"], LossScale)
    assert isinstance(gan.optimizers["generator"], LossScale)


def test_a_loss_is_scaled_where_its_features_are_those_of_a_frozen_network_in_float16():
    makers = {
        "maker": networks.mlp_generator(2, (2,), hidden=(3,)),
        "encoder": networks.mlp_generator(2, (2,), hidden=(3,)),
    }
    features = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="deep")])
    game = Game(
        {**makers, "features": float16(features)},
        {"made": "maker(real)", "code": "encoder(real)"},
        sides={"generator": "maker", "encoder": "encoder"},
    )
    objective = FeatureDistance("features", "deep", "made", "real") + Distance("code", "real", side="encoder")
    game.compile(objective, run_eagerly=True)
    assert isinstance(game.optimizers["generator"], LossScale)
    assert not isinstance(game.optimizers["encoder"], LossScale)


@pytest.mark.parametrize(("dtype", "wrapped"), [("float32", False), ("mixed_bfloat16", False), ("mixed_float16", True)])
def test_float16_gets_a_loss_scale(dtype, wrapped):
    model = player(dtype)
    optimizer = get("sgd", model)
    assert isinstance(optimizer, LossScale) == wrapped
    assert optimizer.built
    assert (float(optimizer.scale_loss(1.0)) > 1) == wrapped


def test_a_loss_scale_is_not_wrapped_again():
    given = LossScale(keras.optimizers.SGD(0.1))
    optimizer = get(given, player("mixed_float16"))
    assert optimizer is given
    assert type(optimizer.inner_optimizer) is keras.optimizers.SGD


def both_of(generator, discriminator):
    return PlayersOptimizer({"generator": generator, "discriminator": discriminator})


class TestPlayersOptimizer:
    def make(self):
        return both_of(get_optimizer("adam", player(), "g"), get_optimizer("sgd", player(), "d"))

    def test_holds_the_generators_then_the_discriminators(self):
        both = self.make()
        assert [type(optimizer).__name__ for optimizer in both.optimizers] == ["Adam", "SGD"]
        assert [v.path for v in both.variables] == [v.path for o in both.optimizers for v in o.variables]
        assert len({v.path for v in both.variables}) == len(both.variables)

    def test_is_built_when_both_are(self):
        assert self.make().built
        assert not both_of(get("adam"), keras.optimizers.SGD()).built
        assert not both_of(keras.optimizers.SGD(), get("adam")).built

    def test_counts_the_generators_updates(self):
        both, model = self.make(), player()
        both = both_of(get("sgd", model), both.optimizers[1])
        for _ in range(3):
            both.optimizers[0].apply([np.ones(v.shape, "float32") for v in model.trainable_variables])
        assert int(both.iterations) == 3
        assert int(both.optimizers[1].iterations) == 0


@pytest.fixture(scope="module")
def gan():
    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(2, (2,), hidden=(3,))
    return GAN(generator, networks.mlp_discriminator((2,), hidden=(3,)), 2, seed=0)


class TestARateOfZero:
    def warned(self, gan, points, generator, discriminator, **options):
        """Which optimizers `fit` warns of."""
        gan.compile("hinge", generator, discriminator, run_eagerly=True)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            gan.fit(points[:2], batch_size=2, verbose=0, **options)
        texts = [str(each.message) for each in caught if "learning rate" in str(each.message)]
        return [text.split("`")[1].removesuffix("_optimizer") for text in texts], " ".join(texts)

    @pytest.mark.learns
    def test_an_ended_schedule_is_told_for_each_player(self, gan, points):
        cosine = keras.optimizers.schedules.CosineDecay
        ended = keras.optimizers.SGD(cosine(0.1, 10))
        ended.build(gan.generator.trainable_variables)
        ended.iterations.assign(10)
        names, text = self.warned(gan, points, ended, keras.optimizers.Adam(cosine(0.1, 10)))
        assert names == ["generator"]
        assert "a rate of 0 at iteration 10 (its schedule CosineDecay has ended)" in text

    @pytest.mark.learns
    def test_numbers_and_wrapped_optimizers_too(self, gan, points):
        wrapped = LossScale(keras.optimizers.RMSprop(0.0))
        names, text = self.warned(gan, points, keras.optimizers.Adam(0.0), wrapped)
        assert names == ["discriminator", "generator"]
        assert "a rate of 0 at iteration 0 (it was set)" in text

    @pytest.mark.learns
    def test_a_warm_up_and_a_scheduler_are_no_fault(self, gan, points):
        warm = keras.optimizers.schedules.CosineDecay(0.0, 10, warmup_target=0.1, warmup_steps=5)
        scheduler = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1)
        options = {"callbacks": [scheduler]}
        adam = keras.optimizers.Adam
        assert self.warned(gan, points, adam(0.0), adam(0.0), **options)[0] == []
        assert self.warned(gan, points, adam(warm), adam(1e-4))[0] == []


def set_trainable(model, value):
    """Freezes or unfreezes the first layer with weights."""
    next(layer for layer in model.layers if layer.weights).trainable = value


class TestFrozenLayers:
    """Keras builds an optimizer once, for the weights that are trainable then."""

    def test_fewer_weights_are_trained_with_the_state_that_they_have(self):
        model = player()
        optimizer = get(keras.optimizers.Adam(), model)
        set_trainable(model, False)
        assert get(optimizer, model) is optimizer
        in_training(optimizer).apply(
            [np.ones(v.shape, "float32") for v in model.trainable_variables], model.trainable_variables
        )
        set_trainable(model, True)
        assert get(optimizer, model) is optimizer
        assert int(optimizer.iterations) == 1

    @pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
    def test_more_weights_want_a_new_optimizer_and_the_error_says_how(self, dtype):
        model = player(dtype)
        set_trainable(model, False)
        optimizer = get(keras.optimizers.RMSprop(0.1), model)
        set_trainable(model, True)
        with pytest.raises(ValueError, match=r"`RMSprop\.from_config\(.*Received: 'rm.* trains 2 of 4: .*unfrozen"):
            get(optimizer, model)
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        assert get(keras.optimizers.RMSprop.from_config(inner.get_config()), model).built

    def test_averages_of_frozen_weights_are_refused(self):
        model = player()
        optimizer = get(keras.optimizers.SGD(0.1, use_ema=True), model)
        set_trainable(model, False)
        with pytest.raises(ValueError, match=r"its averages \(`use_ema`\) are of frozen weights too"):
            get(optimizer, model)

    def test_another_models_optimizer_is_named(self):
        optimizer = get(keras.optimizers.SGD(0.1), player())
        with pytest.raises(ValueError, match=r"`generator_optimizer` must be new.*Received: 'sgd.*' of another model"):
            get(optimizer, player())


def test_two_optimizers_of_one_name_keep_it():
    model, other = player(), player()
    pair = [keras.optimizers.Adam(name="mine") for _ in range(2)]
    get_optimizer(pair[0], model, "generator_optimizer")
    get_optimizer(pair[1], other, "discriminator_optimizer")
    assert [optimizer.name for optimizer in pair] == ["mine", "mine"]
    assert [each.name for each in both_of(*pair).optimizers] == [
        "generator_optimizer",
        "discriminator_optimizer",
    ]
    paths = [variable.path for optimizer in pair for variable in optimizer._momentums]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_hyperparameters_are_read_from_the_generators_optimizer(dtype):
    generator = get_optimizer(keras.optimizers.Adam(0.1, 0.3, clipnorm=2.0, weight_decay=0.5), player(dtype), "g")
    both = both_of(generator, get(keras.optimizers.SGD(0.2, momentum=0.9)))
    read = both.beta_1, both.beta_2, both.epsilon, both.clipnorm, both.clipvalue, both.weight_decay, both.use_ema
    assert read == (0.3, 0.999, 1e-7, 2.0, None, 0.5, False)
    assert float(both.learning_rate) == pytest.approx(0.1)
    for name in ("momentum", "lr", "inner_optimizer", "_learning_rate", "apply_gradients"):  # none of both's
        assert not hasattr(both, name)
    assert getattr(both, "lr", None) is None
    assert copy.copy(both).beta_1 == 0.3


def test_what_is_no_rate_cannot_be_set_on_both():
    both = both_of(get("adam"), get("sgd"))
    for name in ("beta_1", "clipnorm", "momentum", "lr", "iterations"):
        with pytest.raises(AttributeError, match=f"`{name}` must be set on one player's .* Received: {name}=0.25"):
            setattr(both, name, 0.25)
    both.learning_rate = 0.25
    assert [float(optimizer.learning_rate) for optimizer in both.optimizers] == [0.25, 0.25]


@pytest.mark.learns
def test_an_optimizer_of_another_strategy_is_refused():
    optimizer = keras.optimizers.Adam()
    with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
        model = player()
        with pytest.raises(ValueError, match=r"`g` must be made where the game is.* Received: 'adam"):
            get_optimizer(optimizer, model, "g")
