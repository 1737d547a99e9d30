import keras
import numpy as np
import pytest

from keras_gan import GAN, networks
from keras_gan.game.transfer import freeze
from keras_gan.models import VAE


def made(seed, latents=2, labels=None, channels=1, **options):
    keras.utils.set_random_seed(seed)
    generator = networks.mlp_generator(
        latents, (4, 4, channels), hidden=(4, 4), labels=labels, normalization="batch", output_activation="tanh"
    )
    discriminator = networks.mlp_discriminator((4, 4, channels), hidden=(4, 4), labels=labels)
    return GAN(generator, discriminator, latents, labels=labels, seed=seed, **options)


def weights(player):
    return [weight.numpy() for weight in player.weights]


def same(these, those):
    return all(np.array_equal(a, b) for a, b in zip(these, those, strict=True))


def test_all_weights_of_equal_players_are_taken():
    old, new = made(0), made(1)
    old.generator.get_layer(index=2).moving_mean.assign([1.0, 2.0, 3.0, 4.0])
    assert new.initialize_from(old) == []
    for name, player in old.players.items():
        assert same(weights(player), weights(new.players[name]))
    assert new.seed == 1
    new.generator.weights[0].assign_add(new.generator.weights[0])
    assert not same(weights(old.generator), weights(new.generator))  # they are copies


def test_makers_begin_with_the_average():
    old, new = made(0, ema=0.9), made(1, ema=0.99)
    for shadow in old.ema.shadows:
        shadow.assign(shadow + 1.0)
    new.initialize_from(old)
    new.compile("hinge", run_eagerly=True)
    latents = np.array([[0.5, -1.0]], "float32")
    expected = old.ema.run(old.generator, latents)
    np.testing.assert_allclose(new.generator(latents), expected, rtol=1e-6)
    np.testing.assert_allclose(new.ema.run(new.generator, latents), expected, rtol=1e-6)
    assert same(weights(old.discriminator), weights(new.discriminator))


def test_layers_that_do_not_fit_are_named_and_stay():
    old, new = made(0, labels=2), made(1, labels=3, latents=5, channels=3)
    before = {name: weights(player) for name, player in new.players.items()}
    left = new.initialize_from(old)
    shapes = ["(3, 4)", "(5, 4)", "(4, 48) (48,)"]
    assert [each for shape in shapes for each in left if each.endswith(f" {shape}")]
    assert {each.split("/")[0] for each in left} == {"generator", "discriminator"}
    taken = [not same([a], [b]) for a, b in zip(before["generator"], weights(new.generator), strict=True)]
    fitting = [a.shape for a in weights(old.generator)]
    assert any(taken)
    assert all(weight.shape in fitting for weight, was in zip(before["generator"], taken, strict=True) if was)
    for each in left:
        player, layer = each.split(" ")[0].split("/")
        kept = [weight.path for weight in new.players[player].get_layer(layer).weights]
        for a, b, weight in zip(before[player], weights(new.players[player]), new.players[player].weights, strict=True):
            assert weight.path not in kept or np.array_equal(a, b)


def test_what_is_no_beginning_is_refused():
    new = made(1)
    with pytest.raises(ValueError, match=r"`other` must be a Game\. Received: other="):
        new.initialize_from(new.generator)
    keras.utils.set_random_seed(0)
    encoder = networks.mlp_encoder((4, 4, 1), 2, hidden=(3,))
    vae = VAE(encoder, networks.mlp_generator(1, (4, 4, 1), hidden=(3,)), 1, seed=0)
    before = weights(new.generator)
    with pytest.raises(ValueError, match="of which no layer fits"):
        new.initialize_from(vae)
    assert same(before, weights(new.generator))
    new.step.assign(1)
    with pytest.raises(ValueError, match="before the first step"):
        new.initialize_from(made(0))


def test_frozen_layers_stay_in_training():
    gan = made(0)
    freeze(gan.discriminator, 1)
    gan.compile("hinge", run_eagerly=True)
    before = weights(gan.discriminator)
    gan.fit(np.random.default_rng(0).uniform(-1, 1, (4, 4, 4, 1)).astype("float32"), batch_size=4, verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, weights(gan.discriminator), strict=True)]
    assert changed[:3] == [False, False, True]
    with pytest.raises(ValueError, match=r"`freeze` must be below the number of layers .* 3"):
        freeze(gan.discriminator, 3)


def test_the_average_begins_there_too_whoever_asks_for_it_first():
    latents = np.array([[0.5, -1.0], [2.0, 0.0]], "float32")
    for ask in (lambda gan: gan.make(latents), lambda gan: gan(latents), lambda gan: gan.predict(latents, verbose=0)):
        old, new = made(0), made(1, ema=0.99)
        new.initialize_from(old)
        expected = old.generator(latents)
        np.testing.assert_allclose(ask(new), expected, atol=1e-6)
        new.generator.set_weights([weight + 0.1 for weight in new.generator.get_weights()])
        np.testing.assert_allclose(ask(new), new.generator(latents), atol=1e-6)
