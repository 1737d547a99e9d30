import keras
import numpy as np
import pytest

from keras_gan import GAN, layers
from keras_gan.networks import resnet_discriminator, resnet_generator, with_features

X = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 3)).astype("float32")
Y = np.arange(8, dtype="int32") % 4


@pytest.mark.learns
@pytest.mark.parametrize("shape", [(8, 8, 3), (28, 28, 1), (32, 32, 3)])
@pytest.mark.parametrize("labels", [None, 4])
def test_the_shapes(shape, labels):
    y = [] if labels is None else [Y]
    generator = resnet_generator(5, shape, filters=4, labels=labels)
    z = keras.ops.zeros((8, 5))
    y = [keras.ops.convert_to_tensor(each) for each in y]
    fake = generator([z, *y] if y else z)
    assert fake.shape == (8, *shape)
    discriminator = resnet_discriminator(shape, filters=4, labels=labels)
    assert discriminator([fake, *y] if y else fake).shape == (8, 1)


@pytest.mark.learns
def test_the_layers_are_those_of_table_4():
    """At 32x32x3: three blocks up; two blocks down and two that stay, all convolutions normalised."""
    generator = resnet_generator(128, (32, 32, 3), filters=256)
    kernels = [w.shape for w in generator.trainable_weights if len(w.shape) == 4]
    assert kernels == 3 * [(3, 3, 256, 256), (3, 3, 256, 256), (1, 1, 256, 256)] + [(3, 3, 256, 3)]
    assert generator.get_layer("output").activation is keras.activations.tanh
    discriminator = resnet_discriminator((32, 32, 3))
    wrapped = [each for each in discriminator.layers if isinstance(each, layers.SpectralNormalization)]
    assert len(wrapped) == len([w for w in discriminator.trainable_weights if len(w.shape) > 1]) == 3 + 3 + 2 + 2 + 1
    maps = [each.output.shape[1] for each in discriminator.layers if isinstance(each, keras.layers.Add)]
    assert maps == [16, 8, 8, 8]


@pytest.mark.learns
def test_the_map_is_summed():
    discriminator = resnet_discriminator((8, 8, 3), filters=4)
    pool = next(each for each in discriminator.layers if isinstance(each, keras.layers.GlobalAveragePooling2D))
    features = keras.Model(discriminator.inputs[0], pool.input)(X).numpy().sum(axis=(1, 2))
    named = with_features(discriminator, "features")(X)["features"]
    np.testing.assert_allclose(named, features, rtol=1e-4, atol=1e-4)
    score = next(
        each
        for each in discriminator.layers
        if isinstance(each, layers.SpectralNormalization) and each.layer.name == "score"
    )
    np.testing.assert_allclose(discriminator(X), score(features), rtol=1e-4, atol=1e-4)


@pytest.mark.learns
@pytest.mark.parametrize("conditional", [False, pytest.param(True, marks=pytest.mark.learns)])
def test_a_game(conditional, tmp_path):
    labels = 4 if conditional else None
    generator = resnet_generator(4, (8, 8, 3), filters=4, labels=labels)
    gan = GAN(generator, resnet_discriminator((8, 8, 3), filters=4, labels=labels), 4, labels=labels, seed=0, ema=0.9)
    gan.compile("hinge", run_eagerly=not conditional)  # in a graph it takes twice as long
    before = [layer.u.numpy() for layer in gan.discriminator._flatten_layers() if hasattr(layer, "advance")]
    gan.fit(X, *([Y] if conditional else []), batch_size=4 if conditional else 8, verbose=0)
    after = [layer.u.numpy() for layer in gan.discriminator._flatten_layers() if hasattr(layer, "advance")]
    assert any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    for a, b in zip(again.discriminator.get_weights(), gan.discriminator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    options = {"seed": 1, **({"labels": 2} if conditional else {})}
    np.testing.assert_array_equal(again.generate(3, **options), gan.generate(3, **options))


@pytest.mark.learns
def test_packing_and_errors():
    assert resnet_discriminator((8, 8, 3), filters=4, packing=2).input_shape == (None, 8, 8, 6)
    with pytest.raises(ValueError, match="must have sides of"):
        resnet_generator(4, (9, 9, 3))
    with pytest.raises(ValueError, match=r"`filters` must be an integer of at least 1. Received: filters=0"):
        resnet_discriminator((8, 8, 3), filters=0)


@pytest.mark.parametrize(
    "make", [lambda **o: resnet_generator(2, (8, 8, 1), **o), lambda **o: resnet_discriminator((8, 8, 1), **o)]
)
def test_the_labels_are_named_where_there_are_none(make):
    with pytest.raises(ValueError, match=r"`labels` must be an integer of at least 1. Received: labels=0"):
        make(filters=2, labels=0)


@pytest.mark.learns
def test_a_map_of_each_player_looks_at_itself():
    """At 64 pixels that of 32, as in SAGAN; convolutions and dense layers are normalised."""
    generator = resnet_generator(5, (64, 64, 3), filters=8, spectral_normalization=True, attention=True)
    for player in (generator, resnet_discriminator((64, 64, 3), filters=8, attention=True)):
        attention = player.get_layer("attention")
        assert isinstance(attention, layers.SelfAttention)
        assert attention.output.shape == (None, 32, 32, 8)
        plain = [each for each in player.layers if isinstance(each, keras.layers.Conv2D | keras.layers.Dense)]
        assert not plain
    made = resnet_generator(2, (8, 8, 1), filters=8, attention=True), resnet_discriminator((8, 8, 1), attention=True)
    assert [player.get_layer("attention").output.shape[1] for player in made] == [8, 4]
    with pytest.raises(ValueError, match=r"`filters` must be an integer of at least 8. Received: filters=4"):
        resnet_discriminator((8, 8, 3), filters=4, attention=True)
