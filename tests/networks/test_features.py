import keras
import numpy as np
import pytest
from keras import layers

from keras_gan.networks import mlp_discriminator, with_features

X = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")


def test_a_layers_output_stands_beside_the_models_own():
    model = mlp_discriminator((2,), hidden=(4, 3))
    name = model.layers[-2].name
    output = with_features(model, name)(X)
    np.testing.assert_array_equal(output["output"], model(X))
    np.testing.assert_array_equal(output["features"], keras.Model(model.inputs, model.get_layer(name).output)(X))


def test_the_weights_are_shared():
    model = mlp_discriminator((2,), hidden=(4,))
    more = with_features(model, model.layers[-2].name)
    assert [id(w) for w in more.weights] == [id(w) for w in model.weights]


def test_sequential_dicts_and_two_inputs():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3, name="first"), layers.Dense(1, name="last")])
    twice = with_features(with_features(model, "first"), "last", key="class_logits")
    assert {k: tuple(v.shape) for k, v in twice.output.items()} == {
        "output": (None, 1),
        "features": (None, 3),
        "class_logits": (None, 1),
    }
    conditional = mlp_discriminator((2,), hidden=(4,), labels=3)
    output = with_features(conditional, conditional.get_layer("score").name)([X, np.zeros(5, "int32")])
    assert output["features"].shape == (5, 1)


def test_errors():
    model = mlp_discriminator((2,), hidden=(4,))
    with pytest.raises(ValueError, match=r"`layer` must be one of \[.*\]. Received: layer='nothing'"):
        with_features(model, "nothing")
    with pytest.raises(ValueError, match=r"`key` must be none of \['output'\]. Received: key='output'"):
        with_features(model, "score", key="output")
    with pytest.raises(ValueError, match="`model` must be a built Sequential or functional model"):
        with_features(keras.Sequential([layers.Dense(1)]), "dense")
