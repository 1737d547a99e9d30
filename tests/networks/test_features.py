import keras
import numpy as np
import pytest
from keras import layers

from keras_gan import GAN, Game, Match, latents, networks
from keras_gan.layers import Maxout
from keras_gan.networks import hidden_layers, mlp_discriminator, mlp_generator, with_features, with_head
from keras_gan.objectives import AuxiliaryClassifier, Hinge, MutualInformation

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


def test_a_head_on_a_flattened_layer():
    model = networks.dcgan_discriminator((8, 8, 1), filters=3, hidden=0)
    more = with_head(model, "hidden_1", 5, "class_logits")
    x = np.random.default_rng(1).normal(size=(2, 8, 8, 1)).astype("float32")
    hidden = keras.Model(model.inputs, model.get_layer("hidden_1").output)(x)
    kernel, bias = more.get_layer("class_logits_head").get_weights()
    output = more(x)
    np.testing.assert_array_equal(output["output"], model(x))
    np.testing.assert_allclose(output["class_logits"], np.reshape(hidden, (2, -1)) @ kernel + bias, atol=1e-6)
    assert {id(w) for w in model.weights} < {id(w) for w in more.weights}


@pytest.mark.learns
def test_heads_of_several_games_on_one_model():
    model = networks.autoencoder_discriminator((2,), code=3, hidden=(4,))
    model = with_head(with_head(model, "hidden_1", 3, "class_logits"), "code", 2 + 2, "code")
    assert {name: tuple(each.shape) for name, each in model.output.items()} == {
        "output": (None, 1),
        "features": (None, 3),
        "class_logits": (None, 3),
        "code": (None, 4),
    }
    gan = GAN(networks.mlp_generator(5, (2,), labels=3), model, latents.Codes(1, (2,), 2), labels=3, seed=0)
    with pytest.raises(ValueError, match="`code` must have the shape"):
        gan.compile(Hinge() + MutualInformation((2,), 2))
    gan = GAN(networks.mlp_generator(4, (2,), labels=3), model, latents.Codes(1, (2,), 1), labels=3, seed=0)
    gan.compile(Hinge() + AuxiliaryClassifier() + MutualInformation((2,), 1))
    logs = gan.fit(np.zeros((8, 2)), np.arange(8) % 3, verbose=0).history
    assert np.all(np.isfinite([logs["d_auxiliary_classifier"], logs["g_mutual_information"]]))


def test_errors_of_heads():
    model = mlp_discriminator((2,), hidden=(4,))
    with pytest.raises(ValueError, match=r"`units` must be an integer of at least 1. Received: units=0"):
        with_head(model, "hidden_1", 0, "code")
    with pytest.raises(ValueError, match=r"`layer` must be one of \[.*'hidden_1'.*\]. Received: layer='hidden_2'"):
        with_head(model, "hidden_2", 1, "code")
    with pytest.raises(ValueError, match=r"`key` must be none of \['output'\]. Received: key='output'"):
        with_head(model, "hidden_1", 1, "output")
    fully = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(2, 1, name="map")])
    with pytest.raises(ValueError, match=r"`layer` must have an output of known size.*\(None, None, None, 2\)"):
        with_head(fully, "map", 1, "code")


@pytest.mark.parametrize(
    ("model", "kinds"),
    [
        (lambda: networks.mlp_generator(2, (2,), hidden=(3, 4)), [layers.Activation] * 2),
        (lambda: networks.mlp_discriminator((2,), hidden=(3, 4), dropout=0.1), [layers.Dense] * 2),
        (lambda: networks.mlp_discriminator((2,), hidden=(3,), pieces=2), [Maxout]),
        (lambda: networks.dcgan_generator(2, (16, 16, 1), filters=2), [layers.ReLU] * 2),
        (lambda: networks.dcgan_discriminator((16, 16, 1), filters=2, dropout=0.1), [layers.LeakyReLU] * 3),
        (lambda: networks.resnet_generator(2, (16, 16, 1), filters=2), [layers.Add] * 2),
        (lambda: networks.resnet_discriminator((16, 16, 1), filters=2), [layers.Add] * 3),
        (lambda: networks.autoencoder_discriminator((2,), code=2, hidden=(4, 3)), [layers.Dense] * 4),
    ],
)
def test_hidden_layers_have_the_same_names_in_every_model(model, kinds):
    for made in (model(), model()):
        hidden = [each for each in made.layers if each.name.startswith("hidden_")]
        assert [each.name for each in hidden] == [f"hidden_{i}" for i in range(1, len(kinds) + 1)]
        assert [type(each) for each in hidden] == kinds


def test_hidden_layers_are_those_of_the_model():
    model = mlp_discriminator((2,), hidden=(4, 3))
    inside = hidden_layers(model, ["hidden_1", "inputs"])
    found = inside(X)
    assert {id(w) for w in inside.weights} == {id(w) for w in model.weights[:2]}
    np.testing.assert_array_equal(found["inputs"], X)
    np.testing.assert_array_equal(found["hidden_1"], keras.Model(model.inputs, model.get_layer("hidden_1").output)(X))


@pytest.mark.learns
def test_hidden_layers_are_values_of_a_game_that_is_loaded(tmp_path):
    generator = mlp_generator(2, (2,), hidden=(4, 3))
    game = Game(
        players={
            "generator": generator,
            "encoder": hidden_layers(generator, ["hidden_1"]),
            "judge": mlp_discriminator((2,), hidden=(4,)),
        },
        values={"fake": "generator(a)", "inside": "encoder(fake)"},
        shapes={"code": None},
        matches=Match("judge", "b", "fake"),
        sides={"discriminator": "judge", "generator": "generator"},
        seed=0,
    )
    game.compile("hinge + distance(inside.hidden_1, code)", run_eagerly=True)
    game.save(tmp_path / "game.keras")
    loaded = keras.models.load_model(tmp_path / "game.keras")
    assert {id(w) for w in loaded.encoder.weights} < {id(w) for w in loaded.generator.weights}
    loaded.train_on_batch({"a": X, "b": X, "code": np.zeros((5, 4), "float32")})
    hidden = keras.Model(loaded.generator.inputs, loaded.generator.get_layer("hidden_1").output)
    made = loaded.make("fake", a=X)
    np.testing.assert_allclose(loaded.make("inside.hidden_1", a=X), hidden(made), rtol=1e-6)
    assert (made != game.make("fake", a=X)).any()


def test_hidden_layers_that_are_not_there_are_refused():
    model = mlp_discriminator((2,), hidden=(4,))
    with pytest.raises(ValueError, match=r"`layer` must be one of \[.*\]. Received: layer='nothing'"):
        hidden_layers(model, ["nothing"])
    with pytest.raises(ValueError, match=r"`layers` must hold the names of layers. Received: layers='hidden_1'"):
        hidden_layers(model, "hidden_1")
    with pytest.raises(ValueError, match="`model` must be a built Sequential or functional model"):
        hidden_layers(keras.Sequential([layers.Dense(1)]), ["dense"])
