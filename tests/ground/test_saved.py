"""Weights and models that were cut, flipped or are something else: told as damaged, and nothing is half loaded."""

import os
import re

import h5py
import keras
import numpy as np
import pytest

from keras_gan import GAN, cli, networks
from keras_gan.ground import saved


def game(width=3):
    gan = GAN(
        networks.mlp_generator(2, (2,), hidden=(width,)), networks.mlp_discriminator((2,), hidden=(3,)), 2, seed=0
    )
    gan.compile("hinge")
    return gan


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The weights and the model of a GAN."""
    folder = tmp_path_factory.mktemp("saved")
    keras.utils.set_random_seed(1)
    gan = game()
    gan.save_weights(folder / "gan.weights.h5")
    gan.save(folder / "gan.keras")
    return folder


@pytest.fixture(scope="module")
def other():
    """Another GAN of the same shapes, for which no damage may change a bit."""
    keras.utils.set_random_seed(2)
    return game()


def values(gan):
    return [np.asarray(variable) for variable in (*gan.variables, *gan.optimizer.variables)]


def assert_same(before, gan):
    for one, two in zip(before, values(gan), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", ["gan.keras", "gan.weights.h5"])
@pytest.mark.parametrize("share", [0.0001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999])
def test_a_file_that_was_cut_is_damaged(folder, other, tmp_path, name, share):
    whole, before = (folder / name).read_bytes(), values(other)
    (tmp_path / name).write_bytes(whole[: max(4, int(share * len(whole)))])
    with pytest.raises(ValueError, match=rf"Received: filepath='.*{re.escape(name)}', which is damaged: ") as error:
        other.load_weights(tmp_path / name)
    assert len(str(error.value)) < 600
    assert_same(before, other)


def test_a_file_of_less_than_four_bytes_is_none(other, tmp_path):
    for name in ("gan.keras", "gan.weights.h5"):
        (tmp_path / name).write_bytes(b"PK")
        with pytest.raises(ValueError, match="which is not one"):
            other.load_weights(tmp_path / name)


@pytest.mark.learns
def test_flipped_bytes_of_a_model_are_found_and_leave_everything_as_it_was(folder, other, tmp_path):
    whole, before = (folder / "gan.keras").read_bytes(), values(other)
    found = 0
    for place in np.linspace(4, len(whole) - 1, 30).astype(int):
        torn = bytearray(whole)
        torn[place] ^= 0x55
        (tmp_path / "gan.keras").write_bytes(torn)
        try:
            other.load_weights(tmp_path / "gan.keras")
        except ValueError:
            found += 1
            assert_same(before, other)
        else:  # a time or a comment in the archive: the weights are those that were written
            other.load_weights(folder / "gan.keras")
            after = values(other)
            other.load_weights(tmp_path / "gan.keras")
            assert_same(after, other)
            for variable, value in zip((*other.variables, *other.optimizer.variables), before, strict=True):
                variable.assign(value)
    assert found >= 24


@pytest.mark.learns
def test_flipped_bytes_of_weights_end_in_a_value_error_or_in_weights(folder, other, tmp_path):
    whole, before = (folder / "gan.weights.h5").read_bytes(), values(other)
    told = []
    for place in [*range(4, 200, 9), *np.linspace(200, len(whole) - 1, 12).astype(int)]:
        torn = bytearray(whole)
        torn[place] ^= 0x55
        (tmp_path / "gan.weights.h5").write_bytes(torn)
        try:
            other.load_weights(tmp_path / "gan.weights.h5")
        except ValueError as error:
            told.append(str(error))
            assert_same(before, other)
        for variable, value in zip((*other.variables, *other.optimizer.variables), before, strict=True):
            variable.assign(value)
    assert len(told) > 5
    assert all("Received: " in text or "expected" in text for text in told)


@pytest.mark.learns
def test_weights_of_another_model_leave_everything_as_it_was(other, tmp_path):
    before = values(other)
    game(width=4).save_weights(tmp_path / "gan.weights.h5")
    with pytest.raises(ValueError, match="could not be loaded"):
        other.load_weights(tmp_path / "gan.weights.h5")
    assert_same(before, other)
    with h5py.File(tmp_path / "gan.weights.h5", "w") as file:
        file["x"] = np.zeros(3)
    with pytest.raises(ValueError, match="could not be loaded"):
        other.load_weights(tmp_path / "gan.weights.h5")
    assert_same(before, other)


def test_a_file_that_would_unpack_to_terabytes_is_not_unpacked(tmp_path):
    with h5py.File(tmp_path / "x.weights.h5", "w") as file:
        file.create_dataset("x", (2**20, 2**20), "float32", chunks=(1024, 1024))  # a hole, which takes no room
    assert "is more than such a file holds" in saved.find_damage(tmp_path / "x.weights.h5", ".weights.h5")


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_the_command_line_says_that_a_model_is_damaged(folder, tmp_path, share, capsys):
    whole = (folder / "gan.keras").read_bytes()
    (tmp_path / "gan.keras").write_bytes(whole[: int(share * len(whole))])
    assert cli.main(["info", f"--model={tmp_path / 'gan.keras'}"]) == 2
    assert re.search(r"Received: model='.*gan.keras', which is damaged: ", capsys.readouterr().err)


def test_what_is_no_file_does_not_hang(other, tmp_path):
    os.mkfifo(tmp_path / "gan.keras")
    with pytest.raises(ValueError, match="which is not one"):
        other.load_weights(tmp_path / "gan.keras")
