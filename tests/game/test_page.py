"""The page on games is run as written, with small players."""

import pathlib
import re

import keras
import numpy as np
import pytest

from keras_gan import GAN, latents, networks

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "games.md"
RNG = np.random.default_rng(0)


def block(number):
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[number]


def maker():
    return networks.mlp_generator(2, (2,), hidden=(4,))


def judge():
    return networks.mlp_discriminator((2,), hidden=(4,))


@pytest.mark.learns
def test_a_game_of_ones_own_in_fifteen_lines():
    code = block(0)
    assert len([line for line in code.splitlines() if line]) <= 15 + 3  # three of them are imports
    horses, zebras = RNG.normal(size=(2, 32, 2)).astype("float32")
    names = {"g_ab": maker(), "g_ba": maker(), "d_a": judge(), "d_b": judge(), "horses": horses, "zebras": zebras}
    exec(code.replace("epochs=100", "epochs=2, verbose=0"), names)  # noqa: S102
    assert names["zebras_of_horses"].shape == (16, 2)


@pytest.mark.learns
def test_a_condition_of_ones_own():
    x, age = keras.Input((2,)), keras.Input((1,))
    discriminator = keras.Model([x, age], keras.layers.Dense(1)(keras.layers.Concatenate()([x, age])))
    ages = RNG.uniform(size=(32, 1)).astype("float32")
    names = {"keras": keras, "latents": latents, "GAN": GAN, "network": keras.layers.Dense(2), "ages": ages}
    names |= {"discriminator": discriminator, "faces": RNG.normal(size=(32, 2)).astype("float32")}
    exec(block(1).replace("epochs=10", "epochs=1, verbose=0"), names)  # noqa: S102
    assert names["gan"].generate(16, labels=ages[:16]).shape == names["gan"].generate(16).shape == (16, 2)
