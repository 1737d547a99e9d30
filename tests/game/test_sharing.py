"""CoGAN: players that share layers train them once, and share them again when they are loaded."""

import keras
import numpy as np
import pytest

from keras_gan import Game, Match, latents, models, networks
from keras_gan.augmentations import AdaptiveAugmentation, DiffAugment
from keras_gan.play import players
from keras_gan.replay import FakePool

RNG = np.random.default_rng(0)
DATA = {name: RNG.normal(size=(32, 2)).astype("float32") for name in "ab"}


def judge(last, name):
    x = keras.Input((2,))
    return keras.Model(x, last(keras.layers.Dense(4, "relu")(x)), name=name)


def game(**options):
    keras.utils.set_random_seed(1)
    last = keras.layers.Dense(1, name="last")
    first = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "relu")], name="first")
    z = keras.Input((3,))
    makers = {f"g_{name}": keras.Model(z, keras.layers.Dense(2)(first(z))) for name in "ab"}
    return Game(
        players={**makers, "d_a": judge(last, "d_a"), "d_b": judge(last, "d_b")},
        draws={"z": 3},
        values={"fake_a": "g_a(z)", "fake_b": "g_b(z)"},
        matches={name: Match(f"d_{name}", name, f"fake_{name}") for name in "ab"},
        seed=2,
        **options,
    )


@pytest.mark.learns
def test_shared_weights_are_updated_once():
    shared = game()
    shared.compile("wasserstein", discriminator_optimizer=keras.optimizers.SGD(0.1), run_eagerly=True)
    last = shared.d_a.get_layer("last")
    before = last.bias.numpy().copy()
    assert len(shared.sides["discriminator"].trainable_variables) == 6
    shared.fit(DATA, batch_size=32, verbose=0)
    np.testing.assert_allclose(last.bias.numpy(), before, atol=1e-7)  # of f - r the bias has no gradient
    assert shared.d_b.get_layer("last") is last


@pytest.mark.learns
def test_a_loaded_game_shares_again_and_goes_on(tmp_path):
    shared = game(ema=0.9)
    shared.compile("hinge")
    shared.fit(DATA, verbose=0)
    shared.save(tmp_path / "game.keras")
    again = keras.models.load_model(tmp_path / "game.keras")
    assert again.d_a.get_layer("last") is again.d_b.get_layer("last")
    assert again.g_a.get_layer("first") is again.g_b.get_layer("first")
    np.testing.assert_array_equal(shared.make("fake_b", n=5, seed=1), again.make("fake_b", n=5, seed=1))
    assert shared.fit(DATA, verbose=0).history == again.fit(DATA, verbose=0).history


def test_what_is_shared_inside_of_a_layer_is_refused():
    dense = keras.layers.Dense(1)
    players = {f"d_{name}": keras.Sequential([keras.Input((2,)), keras.Sequential([dense])]) for name in "ab"}
    with pytest.raises(ValueError, match=r"must share whole layers.*Received: 'd_a' and 'd_b'"):
        Game(players=players, values={"x": "d_a(a)", "y": "d_b(b)"})


def two_games(players=None, **options):
    """Two games of pictures side by side."""
    makers = {f"g_{name}": networks.mlp_generator(3, (4, 4, 1), hidden=(2,)) for name in "ab"}
    judges = {f"d_{name}": networks.mlp_discriminator((4, 4, 1), hidden=(2,)) for name in "ab"}
    return Game(
        players={**makers, **judges, **(players or {})},
        draws={"z_a": 3, "z_b": 3},
        values={"fake_a": "g_a(z_a)", "fake_b": "g_b(z_b)"},
        matches={name: Match(f"d_{name}", name, f"fake_{name}", **options) for name in "ab"},
        seed=0,
    )


@pytest.mark.parametrize("pair", [("g_a", "g_b"), ("d_a", "d_b"), ("g_a", "sleeper")])
def test_one_model_under_two_names_is_refused(pair):
    model = networks.mlp_discriminator((4, 4, 1), hidden=(2,))
    with pytest.raises(ValueError, match=rf"`players` must be different models.*as '{pair[0]}' and '{pair[1]}'"):
        two_games(dict.fromkeys(pair, model))


def test_one_model_as_both_translators_is_refused():
    translator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)], name="translator")
    judges = (keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]) for _ in "ab")
    with pytest.raises(ValueError, match="Received: one model, 'translator', as 'g_ab' and 'g_ba'"):
        models.CycleGAN(translator, translator, *judges)


def test_a_match_shares_no_memory_with_another():
    for options in ({"replay": FakePool(4)}, {"augmentation": AdaptiveAugmentation("color")}):
        (name,) = options
        with pytest.raises(ValueError, match=f"`{name}` must be another object in each match.*'a' and 'b'"):
            two_games(**options)
    two_games(augmentation=DiffAugment("color"))  # it remembers nothing


def test_one_prior_and_one_model_may_be_in_several_values():
    values, prior = {"x": "g(z_a)", "y": "g(z_b)"}, latents.Normal(3)
    game = Game({"g": networks.mlp_generator(3, (2,))}, values, draws={"z_a": prior, "z_b": prior}, seed=0)
    x, y = (game.make(name, n=4, seed=1) for name in values)
    assert np.abs(x - y).min() > 1e-6  # other draws for each name


def test_one_optimizer_inside_of_two_is_refused():
    game, inner = two_games(), keras.optimizers.Adam()
    scaled = {f"{side}_optimizer": keras.optimizers.LossScaleOptimizer(inner) for side in game.sides}
    with pytest.raises(ValueError, match=r"must be two optimizers.*one and the same Adam, 'adam"):
        game.compile("hinge", **scaled)


class Counting(players.Advancing, keras.layers.Layer):
    """Counts how often it takes its step."""

    def build(self, input_shape):
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, inputs):
        return inputs + 0 * self.count

    def advance(self):
        self.count.assign_add(1.0)


def test_regularizers_of_shared_layers_count_once_and_shared_layers_advance_once():
    keras.utils.set_random_seed(0)
    counting, last = Counting(), keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.1))
    judges = {f"d_{name}": keras.Sequential([keras.Input((2,)), counting, last]) for name in "ab"}
    trunk = keras.layers.Dense(4, kernel_regularizer=keras.regularizers.L2(0.3))
    z = keras.Input((3,))
    makers = {f"g_{name}": keras.Model(z, keras.layers.Dense(2)(trunk(z))) for name in "ab"}
    shared = Game(
        players={**makers, **judges},
        draws={"z": 3},
        values={"fake_a": "g_a(z)", "fake_b": "g_b(z)"},
        matches={name: Match(f"d_{name}", name, f"fake_{name}") for name in "ab"},
        seed=2,
        ema=0.9,
    )
    still = keras.optimizers.SGD(0.0)
    shared.compile("hinge", generator_optimizer=still, discriminator_optimizer=still.from_config(still.get_config()))
    squares = [rate * np.square(layer.get_weights()[0]).sum() for rate, layer in ((0.1, last), (0.3, trunk))]
    logs = shared.train_on_batch(DATA, return_dict=True)
    seen = [logs["d_regularization"], logs["g_regularization"]]
    found = shared.evaluate(DATA, verbose=0, return_dict=True)
    assert [*seen, found["d_regularization"], found["g_regularization"]] == pytest.approx(2 * squares, rel=1e-5)
    assert float(counting.count) == 1
