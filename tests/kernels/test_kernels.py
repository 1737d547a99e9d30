"""All training kernels together, beside Keras's own way: what they are used for, and that the numbers are the same."""

import doctest

import keras
import numpy as np
import pytest

from keras_gan import GAN, kernels
from keras_gan.kernels import rules
from tests.games import renewing

LAYERS = keras.layers
PICTURES = np.random.default_rng(0).uniform(-1, 1, (12, 8, 8, 1)).astype("float32")


def game(dtype="float32", **options):
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [
            keras.Input((2,)),
            LAYERS.Dense(4 * 4 * 16, dtype=dtype),
            LAYERS.Reshape((4, 4, 16)),
            LAYERS.BatchNormalization(dtype=dtype),
            LAYERS.Conv2DTranspose(1, 4, 2, "same", activation="tanh", name="to_pictures", dtype=dtype),
        ],
        name="generator",
    )
    discriminator = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            LAYERS.Conv2D(16, 4, 2, "same", name="from_pictures", dtype=dtype),
            LAYERS.LeakyReLU(0.2, dtype=dtype),
            LAYERS.Flatten(dtype=dtype),
            LAYERS.Dense(1, name="score", dtype="float32"),
        ],
        name="discriminator",
    )
    gan = GAN(generator, discriminator, 2, seed=0)
    rates = [keras.optimizers.Adam(0.01, beta_1=0.5, epsilon=0.1) for _ in range(2)]  # no rounding becomes a sign
    gan.compile("non_saturating + r1", *rates, **options)
    return gan


def test_the_docstring_example_runs():
    assert doctest.testmod(rules).failed == 0


@pytest.mark.learns
def test_with_all_kernels_the_numbers_are_those_of_keras():
    ends = []
    for chosen in (True, False):
        gan = game(kernels=chosen)
        assert bool(gan.kernels) == chosen
        logs = gan.fit(PICTURES, batch_size=4, epochs=2, verbose=0).history
        ends.append([*gan.get_weights(), *gan.optimizer.get_config().values(), *logs.values()])
    for ours, theirs in zip(*ends, strict=True):
        if not isinstance(ours, str | bool | None):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_what_is_in_use_is_listed_and_can_be_chosen():
    gan = game()
    both = ["discriminator_optimizer", "generator_optimizer"]
    narrow = ["generator/to_pictures", "discriminator/from_pictures"]
    found = gan.kernels
    assert set(found) == {"narrow_convolutions", "bias_gradients", "leaky_relus", "adam"}
    assert found["bias_gradients"] == ["discriminator/from_pictures"]
    assert sorted(found["adam"]) == both
    assert sorted(found["narrow_convolutions"]) == sorted(narrow)
    for chosen, used in ((["adam"], {"adam"}), ("narrow_convolutions", {"narrow_convolutions"}), ([], set())):
        gan.compile("hinge", kernels=chosen)
        assert set(gan.kernels) == used
        fresh = game()
        fresh.compile_from_config(gan.get_compile_config())
        assert set(fresh.kernels) == used
    low = game("mixed_bfloat16")
    assert "generator/dense" in {name.rstrip("_0123456789") for name in low.kernels["bias_gradients"]}
    assert "discriminator/score" not in low.kernels["bias_gradients"]  # it is float32


def test_a_kernel_that_is_not_chosen_is_not_computed_by(monkeypatch):
    """The test can fail: a kernel that is wrong is seen where it is chosen, and not elsewhere."""

    class Doubled(LAYERS.Dense):
        def call(self, inputs, training=None):
            return 2 * super().call(inputs)

    rule = {"doubled": lambda layer: (Doubled,) if type(layer) is LAYERS.Dense else ()}
    monkeypatch.setattr(rules, "LAYERS", rule)
    fresh = renewing(game(run_eagerly=True))
    losses = []
    for names in (("doubled",), ()):
        gan = fresh()
        gan.kernels_used = names
        losses.append(gan.train_on_batch(PICTURES[:4], return_dict=True)["d_real"])
    assert losses[0] == pytest.approx(2 * losses[1], rel=1e-5)
    assert losses[1] != 0.0


def test_names_are_checked():
    with pytest.raises(ValueError, match="`kernels` must be True, False or a list of 'narrow_convolutions'"):
        kernels.choose({"adam": True})
