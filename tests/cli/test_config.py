import re

import numpy as np
import pytest

from keras_gan import presets
from keras_gan.cli.config import TrainConfig
from keras_gan.data import Pictures

WIDTHS = presets.get("gan").networks


def pictures(count, side=8):
    return Pictures(np.zeros((count, side, side, 1), "uint8"))


@pytest.mark.parametrize("name", ["generator_lr", "discriminator_lr"])
@pytest.mark.parametrize("value", [0.0, -1e-3, float("nan"), float("inf"), -float("inf")])
def test_rates_must_be_finite_and_above_0(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be finite and above 0. Received: {name}={value}"):
        TrainConfig(**{name: value})


@pytest.mark.parametrize("value", [-0.1, 1.0, 2.0, float("nan")])
def test_ema_must_be_from_0_to_below_1(value):
    with pytest.raises(ValueError, match=rf"`ema` must be in \[0, 1\). Received: ema={value}"):
        TrainConfig(ema=value)


@pytest.mark.parametrize(
    ("dataset", "name"),
    [
        ("digits", "digits"),
        ("folder:faces", "faces"),
        ("folder:data/my faces/", "my-faces"),
        ("folder:../faces", "faces"),
        ("folder:..", "run"),
        ("folder:ünïcode", "n-code"),
        ("voc/2007", "2007"),
    ],
)
def test_the_run_is_named_after_the_data(dataset, name):
    config = TrainConfig(dataset=dataset).resolved(pictures(1000))
    assert (config.name, config.run_dir, config.export_dir) == (name, f"runs/{name}", f"saved_models/{name}")


@pytest.mark.parametrize("folder", ["_faces", "-faces", ".faces", "__", "früh", "a b", "{x}", "a'b"])
def test_the_name_of_any_folder_can_be_that_of_an_exported_model(folder):
    name = TrainConfig(dataset=f"folder:{folder}").resolved(pictures(1000)).name
    assert re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", name)  # a scope of TensorFlow, and a visible folder


@pytest.mark.parametrize(("batch_size", "k"), [(64, 1), (64, 5), (1, 1), (1000, 1)])
def test_epochs_make_about_the_same_number_of_updates(batch_size, k):
    steps = 1437 // batch_size // k
    config = TrainConfig(batch_size=batch_size, discriminator_steps=k).resolved(pictures(1437))
    assert abs(config.epochs * steps - presets.UPDATES) <= steps / 2


def test_a_large_data_set_is_gone_through_once():
    assert TrainConfig(batch_size=1).resolved(pictures(10 * presets.UPDATES)).epochs == 1


def test_resolving_twice_changes_nothing():
    config = TrainConfig(dataset="folder:faces").resolved(pictures(500))
    assert config.resolved(pictures(500)) == config


@pytest.mark.parametrize(("side", "network"), [(8, "mlp"), (15, "mlp"), (16, "dcgan"), (64, "dcgan")])
def test_the_network_is_chosen_by_the_pictures_and_its_width_by_the_network(side, network):
    config = TrainConfig().resolved(pictures(100, side))
    assert (config.network, config.width) == (network, WIDTHS[network])
    assert TrainConfig(width=3).resolved(pictures(100, side)).width == 3


def test_the_shorter_side_chooses_the_network():
    assert TrainConfig().resolved(Pictures(np.zeros((9, 32, 8, 3), "uint8"))).network == "mlp"


@pytest.mark.parametrize("network", ["dcgan", "mlp"])
@pytest.mark.parametrize("side", [8, 64])
def test_a_network_that_is_given_stays(side, network):
    assert TrainConfig(network=network).resolved(pictures(100, side)).network == network


@pytest.mark.parametrize("side", [28, 32, 64])
def test_pictures_up_to_64_pixels_have_the_same_defaults(side):
    config = TrainConfig().resolved(pictures(100, side))
    assert config.objective == "relativistic_paired + 5 * r1 + 5 * r2"
    assert (config.generator_lr, config.discriminator_lr) == (2e-3, 2e-3)


@pytest.mark.parametrize(("side", "rate", "weight"), [(128, 1e-3, 20), (256, 5e-4, 80), (512, 2.5e-4, 320)])
def test_of_large_pictures_the_rates_fall_and_the_penalties_grow(side, rate, weight):
    config = TrainConfig(batch_size=8).resolved(pictures(10, side))
    assert config.objective == f"relativistic_paired + {weight} * r1 + {weight} * r2"
    assert (config.generator_lr, config.discriminator_lr) == (rate, rate)
    given = TrainConfig(objective="hinge", generator_lr=1e-3).resolved(pictures(10, side))
    assert (given.objective, given.generator_lr, given.discriminator_lr) == ("hinge", 1e-3, rate)
