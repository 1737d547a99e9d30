import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_gan import data, networks
from keras_gan.latents import Categorical
from keras_gan.models import SeriesGAN

LOADER = pathlib.Path(__file__).parents[1] / "export" / "c_loader.py"
SCHEMA = data.SeriesSchema(["price", "sold"], 4, [10, 0], [20, 1000], [False, True])


def make(labels=None, **options):
    keras.utils.set_random_seed(0)
    told = labels.count if labels else None
    generator = networks.mlp_generator(3, (4, 2), hidden=(4,), output_activation="tanh", labels=told)
    return SeriesGAN(
        generator, networks.mlp_discriminator((4, 2), hidden=(4,), labels=told), SCHEMA, 3, labels=labels, **options
    )


@pytest.mark.learns
def test_windows_have_the_units_of_the_data_wherever_they_are_made(tmp_path):
    gan = make(Categorical([0.5, 0.5], ("a", "b")), seed=4, ema=0.9)
    gan.compile()
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras", safe_mode=True)
    assert (type(loaded), loaded.schema) == (SeriesGAN, SCHEMA)
    made = gan.generate(5, labels=1, seed=2)
    np.testing.assert_array_equal(loaded.generate(5, labels=1, seed=2), made)
    table = loaded.sample(5, labels=1, seed=2)
    assert list(table) == ["window", "moment", "label", "price", "sold"]
    assert set(table["label"]) == {"b"}
    np.testing.assert_allclose(table["price"], made[..., 0].ravel() * 5.0 + 15, rtol=1e-6)
    np.testing.assert_array_equal(table["sold"], np.round(made[..., 1].ravel() * 500.0 + 500))


@pytest.mark.process
def test_an_export_gives_columns_in_the_units_of_the_data_as_a_server_loads_it(tmp_path):
    gan = make(Categorical([0.5, 0.5], ("a", "b")), seed=4)
    table = gan.sample(5, labels=1, seed=2)
    asked = {"num_samples": np.array(5, "int32"), "seed": np.array(2), "labels": np.array([1], "int32")}
    np.savez(tmp_path / "requests.npz", **{f"x/sample/{name}": value for name, value in asked.items()})
    folder = gan.export(tmp_path / "served", max_samples=8)
    command = [sys.executable, LOADER, folder, tmp_path / "requests.npz", tmp_path / "answers.npz"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "answers.npz") as told:
        assert (told["x/price"].dtype, told["x/sold"].dtype) == ("float64", "int64")
        np.testing.assert_allclose(told["x/price"].ravel(), table["price"], rtol=1e-6)
        np.testing.assert_allclose(told["x/sold"].ravel(), table["sold"], atol=1)


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"`schema` must be that of a `data.Windows`. Received: schema=3"):
        SeriesGAN(networks.mlp_generator(3, (4, 2)), networks.mlp_discriminator((4, 2)), 3)
    other = data.SeriesSchema(["a", "b"], 5, [0, 0], [1, 1])
    with pytest.raises(ValueError, match=r"`generator` must make windows of the schema's shape, \(5, 2\)"):
        SeriesGAN(networks.mlp_generator(3, (4, 2)), networks.mlp_discriminator((4, 2)), other, 3)
    with pytest.raises(ValueError, match="`n` must be"):
        make().sample(0)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((["a", "a"], 2, [0, 0], [1, 1]), "`names` must be different texts"),
        (([], 2, [], []), "`names` must be different texts"),
        ((["moment"], 2, [0], [1]), "`names` must not hold 'moment'"),
        ((["a"], 1, [0], [1]), "`length` must be"),
        ((["a"], 2, [1], [1]), "`low` must be below `high`"),
        ((["a"], 2, [0, 0], [1, 1]), "`low` must be below `high`, a number of each for each column"),
    ],
)
def test_schemas_that_are_none_are_refused(arguments, text):
    with pytest.raises(ValueError, match=text):
        data.SeriesSchema(*arguments)
