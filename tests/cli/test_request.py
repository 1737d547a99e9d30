import json
import pathlib
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from keras_gan import data, images, models, networks
from keras_gan.cli.models import load
from keras_gan.data import frames
from keras_gan.game import Game
from keras_gan.serving import Client
from tests.models.families import FAMILIES

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "serving"))  # for the stand-in of TF Serving

from stand_in import Server


@pytest.fixture(scope="module")
def served(conditional_model, tmp_path_factory):
    """A GAN of 8x8 pictures of 3 classes, and a stand-in of TF Serving with what it exported."""
    game = load(str(conditional_model))
    folder = tmp_path_factory.mktemp("served") / "faces"
    game.export(folder)
    with Server(folder) as server:
        yield game, server


@pytest.fixture(params=["rest", "grpc"])
def ask(request, served, keras_gan):
    """`keras-gan request` of that model, over each protocol."""
    url = getattr(served[1], f"{request.param}_url")
    return lambda *arguments: keras_gan("request", f"--url={url}", "--model=faces", *arguments)


def read(path):
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture)


@pytest.mark.learns
@pytest.mark.parametrize(
    ("flag", "labels"), [([], None), (["--labels=2"], 2), (["--labels=0,2,1,0,0,1"], [0, 2, 1, 0, 0, 1])]
)
def test_the_picture_holds_what_the_gan_generates(ask, served, tmp_path, flag, labels):
    result = ask("--n=6", "--columns=3", "--scale=2", "--seed=5", *flag)
    assert (result.code, result.err, result.out) == (0, "", "6 pictures: samples.png\n")
    expected = images.to_uint8(served[0].generate(6, labels, seed=5))
    np.testing.assert_array_equal(read("samples.png"), images.grid(expected, 3, scale=2)[..., 0])
    assert [path.name for path in tmp_path.iterdir()] == ["samples.png"]


def test_a_walk(ask, served):
    assert ask("--n=4", "--seed=1", "--end_seed=2", "--labels=0", "--columns=4", "--scale=1").code == 0
    strip = read("samples.png")
    assert strip.shape == (12, 42)
    for left, seed in ((2, 1), (32, 2)):
        end = images.to_uint8(served[0].generate(1, 0, seed))[0, ..., 0]
        np.testing.assert_array_equal(strip[2:10, left : left + 8], end)


def test_small_pictures_are_shown_larger(ask):
    assert ask("--n=1", "--version=1", "--out=new/one.png").code == 0
    assert read("new/one.png").shape == (36, 36)


def test_what_the_server_refuses_gives_1_and_no_file(ask, tmp_path):
    result = ask("--n=1025")
    assert (result.code, result.out) == (1, "")
    assert "INVALID_ARGUMENT" in result.err
    assert "`num_samples` must be in [1, 1024]. Received: 1025" in result.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("flags", "mentions"),
    [
        (["--model=nobody"], "NOT_FOUND"),
        (["--version=9"], "NOT_FOUND"),
        (["--truncation=0.5"], "`truncation` must be None"),
        (["--labels=3"], "`labels` must be in [0, 3)"),
        (["--url=http://127.0.0.1:1", "--retries=0"], "UNAVAILABLE"),
    ],
)
def test_what_cannot_be_answered_gives_1(ask, tmp_path, flags, mentions):
    result = ask(*flags)
    assert (result.code, result.out) == (1, "")
    assert mentions in result.err
    assert "Traceback" not in result.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("flags", "mentions"),
    [
        ([], ["`model`", "no --model"]),
        (["--model=faces", "--url=localhost:8501"], ["`url`", "localhost:8501"]),
        (["--model=faces", "--timeout=0"], ["`timeout`", "0"]),
        (["--model=faces", "--retries=-1"], ["`retries`", "-1"]),
        (["--model=faces", "--labels=two"], ["`labels`", "two"]),
        (["--model=faces", "--out=/"], ["`out`", "a folder"]),
        (["--model=faces", "--end_seed=1", "--truncation=0.5"], ["`end_seed`", "truncation"]),
        (["--model=faces", "--end_seed=1", "--labels=0,1"], ["`end_seed`", "several labels"]),
        (["--model=faces", "--n=0"], ["n", "0"]),
    ],
)
def test_bad_flags_are_refused(refused, flags, mentions):
    refused(["request", *flags], *mentions)


def test_classes_may_be_named_where_the_model_was_exported(keras_gan, tmp_path, served, monkeypatch):
    named = tmp_path / "saved_models/faces/1/assets"
    named.mkdir(parents=True)
    config = {"probabilities": [0.5, 0.25, 0.25], "names": ["cats", "dogs", "owls"]}
    (named / "keras_gan.json").write_text(json.dumps({"labels": {"config": config}}))
    flags = ["request", f"--url={served[1].rest_url}", "--model=faces", "--n=2", "--seed=1"]
    assert keras_gan(*flags, "--labels=owls,cats").code == 0
    expected = images.to_uint8(served[0].generate(2, [2, 0], seed=1))
    np.testing.assert_array_equal(read("samples.png"), images.grid(expected, scale=4)[..., 0])
    result = keras_gan(*flags, "--labels=frogs")
    assert (result.code, result.out) == (2, "")
    assert "names of classes: cats, dogs, owls. Received: labels=frogs" in result.err
    assert "the classes have no known names" in keras_gan(*flags, "--labels=owls", "--export_dir=no").err


def test_the_suffix_is_the_format(ask):
    assert ask("--n=1", "--out=one.jpg").code == 0
    with Image.open("one.jpg") as picture:
        assert picture.format == "JPEG"
    assert ask("--n=1", "--out=one.xyz").code == 2


@pytest.mark.learns
@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_a_game_of_another_shape_is_asked_too(keras_gan, vae, protocol):
    game = load(str(vae / "vae.keras"), Game)
    with Server(vae / "vae") as server:
        url = getattr(server, f"{protocol}_url")
        flags = [f"--url={url}", "--model=vae", "--n=3", "--seed=5", "--scale=1", "--columns=3"]
        assert keras_gan("request", *flags, f"--export_dir={vae / 'vae'}").code == 0
        made = game.make("fake", n=3, seed=5)
        np.testing.assert_array_equal(
            read("samples.png"), images.grid(images.to_uint8(made, (0, 1)), 3, scale=1)[..., 0]
        )
        with Client(url, "vae") as client:
            code = client.ask("reconstruct", real=made, seed=2)
            np.testing.assert_allclose(code, game.make("decoded", real=made, seed=2), rtol=0, atol=1e-6)
            with pytest.raises(ValueError, match="`signature` must have one output, and be given its inputs"):
                client.ask("generate")


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    """A model of windows, the stand-in of TF Serving with what it exported, and the folder of that."""
    game = FAMILIES["series_gan"].make()
    folder = tmp_path_factory.mktemp("served") / "walk"
    game.export(folder)
    with Server(folder) as server:
        yield game, server, folder


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """A model of rows of many kinds, the stand-in of TF Serving with what it exported, and the folder of that."""
    frame = pd.DataFrame(
        {
            "job": ["cook", "nurse", 'Köchin, "Chef"', None] * 5,
            "age": [31.5, np.nan, 47.25, 20.0, 33.125] * 4,
            "children": [0, 1, 2, 3] * 5,
            "owns": [True, False] * 10,
            "born": pd.date_range("1990-01-01", periods=20, freq="D"),
        }
    )
    schema = data.Table(frame).schema
    width = sum(schema.blocks[place] for place in schema.conditions)
    maker = networks.row_generator(3, schema.width, condition=width, hidden=(4,))
    judge = networks.row_discriminator(schema.width, condition=width, hidden=(4,))
    game = models.CTGAN(maker, judge, schema, latents=3, seed=5, name="people")
    folder = tmp_path_factory.mktemp("served") / "people"
    game.export(folder)
    with Server(folder) as server:
        yield game, server, folder


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_rows_of_a_table(rows, keras_gan, tmp_path, protocol):
    """They are those of the game, with their dtypes where the metadata is."""
    game, server, folder = rows
    url, expected = getattr(server, f"{protocol}_url"), game.sample(40, seed=3)
    assert expected.isna().any().any()
    asked = ["request", f"--url={url}", "--model=people", "--n=40", "--seed=3"]
    result = keras_gan(*asked, f"--export_dir={folder}")
    assert (result.code, result.err, result.out) == (0, "", "40 rows: samples.csv\n")
    frames.write(expected, "expected.csv")
    assert (tmp_path / "samples.csv").read_text() == (tmp_path / "expected.csv").read_text()
    assert keras_gan(*asked).code == 0  # without it: dates are numbers, columns in the order of their names
    assert list(pd.read_csv("samples.csv")) == sorted(expected)
    result = keras_gan(*asked, f"--export_dir={folder}", "--out=rows.npy")
    assert (result.code, "for a model of rows. Received: out='rows.npy'" in result.err) == (2, True)
    with Client(url, "people") as client:
        made = client.sample(40, seed=3)
    assert [made[name].dtype.kind for name in ("job", "age", "children", "owns")] == ["O", "f", "i", "b"]
    np.testing.assert_array_equal(made["owns"], expected["owns"])
    np.testing.assert_array_equal(made["age"], expected["age"])
    np.testing.assert_array_equal(made["job"], expected["job"].fillna(""))


@pytest.fixture(scope="module")
def coder(tmp_path_factory):
    """A VAE, and the stand-in of TF Serving with what it exported."""
    game, folder = FAMILIES["vae"].make(), tmp_path_factory.mktemp("served") / "vae"
    game.export(folder)
    with Server(folder) as server:
        yield game, server


def test_the_range_of_numbers_must_be_known(coder, keras_gan, tmp_path):
    """A server does not tell it: pictures of a VAE, in [0, 1], would be drawn in another one."""
    result = keras_gan("request", f"--url={coder[1].rest_url}", "--model=vae", "--n=2", "--out=a.png")
    assert (result.code, result.out) == (1, "")
    assert "`export_dir` must be the model's folder" in result.err
    assert "Received: export_dir='saved_models/vae'" in result.err
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_a_signature_is_asked_in_any_order(coder, protocol):
    game, server = coder
    made = game.make("fake", n=3, seed=5)
    with Client(getattr(server, f"{protocol}_url"), "vae") as client:
        found = [client.ask("reconstruct", seed=seed, real=made) for seed in (3, -1, 2**40)]
        for answer, seed in zip(found, (3, -1, 2**40), strict=True):
            np.testing.assert_allclose(answer, game.make("decoded", real=made, seed=seed), rtol=0, atol=1e-6)
        for asked in ({"num_samples": -3, "seed": 1}, {"seed": 1, "num_samples": 0}):
            with pytest.raises(ValueError, match=r"`num_samples` must be an integer of at least 1. Received"):
                client.ask("generate", **asked)


@pytest.mark.learns
@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_windows_of_a_series(windows, keras_gan, tmp_path, protocol):
    game, server, folder = windows
    asked = ["request", f"--url={getattr(server, f'{protocol}_url')}", "--model=walk", "--n=5", "--seed=3"]
    expected = game.sample(5, seed=3)
    assert keras_gan(*asked).out == "5 windows of 3 moments of price, sold: samples.csv\n"
    for out, more in (("samples.csv", [f"--export_dir={folder}"]), ("a.npy", [])):  # it tells the order of the columns
        result = keras_gan(*asked, *more, *([] if out == "samples.csv" else [f"--out={out}"]))
        assert (result.code, result.err, result.out) == (0, "", f"5 windows of 3 moments of price, sold: {out}\n")
    table, array = pd.read_csv(tmp_path / "samples.csv"), np.load(tmp_path / "a.npy")
    assert list(table) == ["window", "moment", "price", "sold"]
    np.testing.assert_allclose(table, expected, atol=1e-5)
    np.testing.assert_allclose(array.reshape(15, 2), expected[["price", "sold"]], atol=1e-5)
    result = keras_gan(*asked, "--out=b.csv", "--scale=2")
    assert result.code == 2
    assert "`scale` must not be given for a model of windows. Received: scale=2" in result.err


def test_pictures_are_not_written_as_a_table(ask):
    result = ask("--n=2", "--out=samples.csv")
    assert result.code != 0
    assert "`model` must offer 'sample'" in result.err
