"""Named values of any game as a SavedModel: a signature for each, whose inputs are what it is made of."""

import json
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import Game, Match, latents
from keras_gan.data import RowDecoding, Schema
from keras_gan.models import CoGAN
from tests.models import play
from tests.models.families import FAMILIES

LOADER = pathlib.Path(__file__).with_name("c_loader.py")


@pytest.fixture(scope="module")
def cycle():
    """A game whose averages are not its weights."""
    game = play.cycle()
    game.step.assign(1)
    for player in (game.g_ab, game.g_ba):
        for weight in player.trainable_variables:
            weight.assign_add(0.3 * tf.ones_like(weight))
    return game


@pytest.fixture(scope="module")
def exported(cycle, tmp_path_factory):
    return pathlib.Path(cycle.export(tmp_path_factory.mktemp("exported") / "domains"))


@pytest.fixture(scope="module")
def vae():
    return play.vae(ema=None)


@pytest.fixture(scope="module")
def exported_vae(vae, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "vae"
    return pathlib.Path(vae.export(folder, ("fake", "decoded", "code"), max_samples=300))


class Shares(latents.Prior):
    """Two numbers of [0, 1) for each example."""

    def draw(self, count, noise):
        return noise.uniform((count, 2))

    def get_config(self):
        return {}


def takes(signature):
    inputs = signature.structured_input_signature[1]
    return {name: (spec.dtype.name, spec.shape.as_list()) for name, spec in inputs.items()}


@pytest.mark.learns
def test_each_value_is_made_as_the_game_makes_it(cycle, exported):
    served = tf.saved_model.load(str(exported)).signatures
    assert set(served) == {"serving_default", "fake_a", "fake_b", "translate_ab", "translate_ba"}
    assert takes(served["fake_b"]) == {"a": ("float32", [None, 2])}
    for count in (0, 1, 7):
        a, b = play.A[:count], play.B[:count]
        np.testing.assert_allclose(served["fake_b"](a=tf.constant(a))["fake_b"], cycle.make("fake_b", a=a), atol=1e-6)
        np.testing.assert_array_equal(served["translate_ab"](a=a)["fake_b"], served["fake_b"](a=a)["fake_b"])
        np.testing.assert_array_equal(cycle.make("translate_ab", a=a), cycle.make("fake_b", a=a))
        made = served["serving_default"](b=tf.constant(b))["fake_a"]
        np.testing.assert_allclose(made, cycle.make("fake_a", b=b), atol=1e-6)
    plain = cycle.make("fake_b", a=play.A[:7], use_ema=False)
    assert np.abs(served["fake_b"](a=tf.constant(play.A[:7]))["fake_b"] - plain).max() > 0.01


@pytest.mark.learns
def test_draws_become_a_seed(vae, exported_vae):
    served = tf.saved_model.load(str(exported_vae)).signatures
    assert takes(served["serving_default"]) == takes(served["fake"])
    assert takes(served["fake"]) == {"num_samples": ("int32", []), "seed": ("int64", [])}
    assert takes(served["decoded"]) == {"real": ("float32", [None, 4]), "seed": ("int64", [])}
    for count, seed in ((1, 0), (7, 2**40), (300, -3)):
        made = served["fake"](num_samples=tf.constant(count), seed=tf.constant(seed, tf.int64))["fake"]
        np.testing.assert_allclose(made, vae.make("fake", n=count, seed=seed), atol=1e-6)
    asked = {"real": tf.constant(play.BITS[:5]), "seed": tf.constant(4, tf.int64)}
    np.testing.assert_allclose(
        served["decoded"](**asked)["decoded"], vae.make("decoded", real=play.BITS[:5], seed=4), atol=1e-6
    )
    code = served["code"](**asked)
    assert set(code) == {"mean", "log_variance", "sample"}
    for name, value in code.items():
        np.testing.assert_allclose(value, vae.make(f"code.{name}", real=play.BITS[:5], seed=4), atol=1e-6)
    for count in (0, 301):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"`num_samples` must be in \[1, 300\]"):
            served["fake"](num_samples=tf.constant(count), seed=tf.constant(0, tf.int64))


@pytest.mark.learns
@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_integers_stay_integers_and_outputs_have_names_of_their_own(dtype, tmp_path):
    """Labels of the data, a drawn label, and a player with two outputs. Embeddings look up floats as integers."""
    y, x = keras.Input((), dtype=dtype, name="y"), keras.Input((3,), name="x")
    coded = keras.layers.Embedding(4, 2)(y)
    pair = keras.Model([x, y], [keras.layers.Dense(2)(keras.layers.Concatenate()([x, coded])), coded])
    judge = play.judge()
    game = Game(
        players={"pair": pair, "d": judge, "named": keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])},
        draws={"z": 3, "drawn": latents.Categorical([0.25] * 4)},
        values={"both": "pair(z, label)", "fake": "named(both[0])", "free": "pair(z, drawn)"},
        matches=Match("d", "real", "fake"),
        objective="hinge",
        seed=0,
    )
    served = tf.saved_model.load(game.export(tmp_path / "m", ["fake", "both", "both[1]", "free"])).signatures
    assert takes(served["fake"]) == {"label": ("int32", [None]), "seed": ("int64", [])}
    assert takes(served["free"]) == {"num_samples": ("int32", []), "seed": ("int64", []), "drawn": ("int32", [None])}
    labels = np.array([3, 0, 1], "int32")
    asked = {"label": tf.constant(labels), "seed": tf.constant(2, tf.int64)}
    np.testing.assert_allclose(served["fake"](**asked)["fake"], game.make("fake", label=labels, seed=2), atol=1e-6)
    both = served["both"](**asked)
    for i in range(2):
        np.testing.assert_allclose(both[str(i)], game.make(f"both[{i}]", label=labels, seed=2), atol=1e-6)
    np.testing.assert_allclose(served["both.1"](**asked)["both.1"], both["1"], atol=0)


@pytest.mark.learns
def test_names_of_columns_are_kept_as_they_are(tmp_path):
    """Columns of one value each, so that the answers say whose they are."""
    names = ["b", "a.b", "a[b", "b]", "a[0]", "0", ".", " ", "a b", "a/b", "a:b", "a,b", "'b'", '"b"', "rows.b", "ü"]
    schema = Schema.of({name: [float(i)] * 2 for i, name in enumerate(names)} | {"k": ["u", "v"]})
    game = Game(
        players={"made": keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)]), "decoding": RowDecoding(schema)},
        values={"encoded": "made(x)", "rows": "decoding(encoded)"},
        seed=0,
    )
    version = pathlib.Path(game.export(tmp_path / "m", "rows"))
    made = tf.saved_model.load(version).signatures["rows"](x=tf.zeros((2, 2)))
    assert {name: each.numpy().tolist() for name, each in made.items() if name != "k"} == {
        name: [float(i)] * 2 for i, name in enumerate(names)
    }
    told = json.loads((version / "assets/keras_gan.json").read_text())["signatures"]["rows"]["outputs"]
    assert list(told) == [*names, "k"]


@pytest.mark.learns
def test_columns_have_all_their_digits_and_everything_else_is_float32(tmp_path):
    rng = np.random.default_rng(0)
    schema = Schema.of({"amount": rng.integers(10**6, 10**10, 60) / 100}, modes=2)
    made = keras.layers.Dense(schema.width, dtype="float64")
    made.build((None, 2))
    game = Game(
        players={"made": made, "decoding": RowDecoding(schema)},
        values={"encoded": "made(x)", "rows": "decoding(encoded)"},
        shapes={"x": (2,)},
        seed=0,
    )
    served = tf.saved_model.load(game.export(tmp_path / "m", ["encoded", "rows"])).signatures
    x = rng.normal(size=(90, 2)).astype("float32")
    assert served["encoded"](x=x)["encoded"].dtype == tf.float32
    there = schema.decode(*(part.numpy() for part in schema.split(made(x))))["amount"]
    assert there.nunique() > 9
    np.testing.assert_array_equal(served["rows"](x=x)["amount"].numpy(), there)


@pytest.mark.learns
def test_drawn_labels_and_masks_may_be_asked_for(tmp_path):
    """Beside parts they are inputs, and drawn where they are missing."""
    x, y, m = keras.Input((2,)), keras.Input((), dtype="int32"), keras.Input((2,))
    labelled = keras.Model([x, y], x + keras.layers.Embedding(4, 2)(y))
    game = Game(
        players={"g": labelled, "h": keras.Model([x, m], x * m), "d": play.judge()},
        draws={"y": latents.Categorical([0.25] * 4), "m": Shares(), "z": 2},
        values={"added": "g(a, y)", "fake": "h(added, m)", "free": "h(z, m)"},
        matches=Match("d", "a", "fake"),
        objective="hinge",
        seed=0,
    )
    served = tf.saved_model.load(game.export(tmp_path / "model", ["fake", "free"])).signatures
    assert takes(served["fake"]) == {
        "a": ("float32", [None, 2]),
        "y": ("int32", [None]),
        "m": ("float32", [None, 2]),
        "seed": ("int64", []),
    }
    assert takes(served["free"]) == {"num_samples": ("int32", []), "seed": ("int64", [])}

    def ask(y, m):
        whole = {"a": tf.constant(play.A[:3]), "y": tf.constant(y, tf.int32), "m": tf.constant(m, tf.float32)}
        return served["fake"](**whole, seed=tf.constant(5, tf.int64))["fake"].numpy()

    y, m, nan = np.array([3, 0, 1], "int32"), np.array([[0, 1], [0.5, 2], [3, 4]], "float32"), np.full((3, 2), np.nan)
    drawn = game.make("fake", a=play.A[:3], seed=5)
    np.testing.assert_allclose(ask(y, m), game.make("fake", a=play.A[:3], y=y, m=m), atol=1e-6)
    np.testing.assert_allclose(ask([-1] * 3, nan), drawn, atol=1e-6)
    some = ask([3, -1, 1], np.where([[0], [1], [0]], nan, m))
    np.testing.assert_allclose(some[1], drawn[1], atol=1e-6)
    np.testing.assert_allclose(some[::2], ask(y, m)[::2], atol=1e-6)
    for bad, message in (
        (([4, 0, 0], m), r"`y` must be in \[0, 4\)"),
        (([-2, 0, 0], m), r"`y` must be in \[0, 4\)"),
        ((y, np.where([[0, 1], [0, 0], [0, 0]], nan, m)), "`m` must be finite"),
        ((y[:2], m), "`y` must be as many as `a`"),
        ((y, m[:1]), "`m` must be as many as `a`"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            ask(*bad)


@pytest.mark.learns
def test_labels_of_a_value_of_draws_alone_may_be_asked_for(tmp_path):
    x, y = keras.Input((2,)), keras.Input((), dtype="int32")
    labelled = keras.Model([x, y], x + keras.layers.Embedding(4, 2)(y))
    draws = {"y": latents.Categorical([0.25] * 4), "z": 2}
    match = Match("d", "a", "fake")
    game = Game({"g": labelled, "d": play.judge()}, {"fake": "g(z, y)"}, match, draws=draws, objective="hinge", seed=0)
    served = tf.saved_model.load(game.export(tmp_path / "model", max_samples=5)).signatures["fake"]
    assert takes(served) == {"num_samples": ("int32", []), "seed": ("int64", []), "y": ("int32", [None])}

    def ask(y, n=3):
        y, seed = tf.constant(y, tf.int32), tf.constant(5, tf.int64)
        return served(num_samples=tf.constant(n), seed=seed, y=y)["fake"].numpy()

    drawn = game.make("fake", n=3, seed=5)
    np.testing.assert_allclose(ask([-1]), drawn, atol=1e-6)
    np.testing.assert_allclose(ask([2]), game.make("fake", y=np.full(3, 2), seed=5), atol=1e-6)
    np.testing.assert_allclose(ask([3, 0, 1]), game.make("fake", y=np.array([3, 0, 1]), seed=5), atol=1e-6)
    np.testing.assert_allclose(ask([3, -1, 1])[1], drawn[1], atol=1e-6)
    for bad, message in (
        (([4],), r"`y` must be in \[0, 4\)"),
        (([1, 2],), "`y` must be 1 or as many as `num_samples`"),
        (([1], 6), r"`num_samples` must be in \[1, 5\]"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            ask(*bad)


@pytest.mark.learns
def test_one_of_two_players_that_share_weights_is_exported_with_averages(tmp_path):
    shared = keras.layers.Dense(3)
    makers = [keras.Sequential([keras.Input((2,)), shared, keras.layers.Dense(2)]) for _ in range(2)]
    game = CoGAN(*makers, play.judge(), play.judge(), latents=2, ema=0.9, seed=0)
    game.step.assign(1)
    shared.kernel.assign_add(tf.ones((2, 3)))
    served = tf.saved_model.load(game.export(tmp_path / "a", "fake_a", given=("latents",))).signatures["fake_a"]
    np.testing.assert_allclose(served(latents=play.A[:3])["fake_a"], game.make("fake_a", latents=play.A[:3]), atol=1e-6)


@pytest.mark.learns
def test_draws_that_are_given_are_inputs(vae, tmp_path):
    served = tf.saved_model.load(vae.export(tmp_path / "given", "fake", given=("latents",))).signatures["generate"]
    assert takes(served) == {"latents": ("float32", [None, *vae.shapes["latents"]])}
    z = np.random.default_rng(0).normal(size=(3, *vae.shapes["latents"])).astype("float32")
    np.testing.assert_allclose(served(latents=tf.constant(z))["fake"], vae.make("fake", latents=z), atol=1e-6)


def test_the_version_stands_beside_the_servers_configuration(cycle, exported, exported_vae):
    assert exported.name == "1"
    assert {path.name for path in exported.parent.iterdir()} == {
        "1",
        "model.config",
        "monitoring.config",
        "batching.config",
    }
    known = json.loads((exported / "assets" / "keras_gan.json").read_text())
    assert known["step"] == 1
    assert known["ema"] == {"g_ab": 0.9, "g_ba": 0.9}
    assert known["values"]["back_a"] == "g_ba(fake_b)"
    assert known["signatures"]["fake_b"]["inputs"]["a"]["shape"] == [None, 2]
    known = json.loads((exported_vae / "assets" / "keras_gan.json").read_text())
    assert known["draws"]["latents"]["class_name"] == "Normal"
    assert known["max_samples"] == 300


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"values": "a"}, r"`values` must name values of the game: 'fake_b'.*Received: values=\['a'\]"),
        ({"values": ["fake_b", "fake_c"]}, r"`values` must name values of the game"),
        ({"values": []}, r"`values` must name values of the game.*Received: values=\[\]"),
        ({"given": "z"}, r"`given` must name draws of the game: it has none. Received: given=\['z'\]"),
        ({"max_samples": 0}, r"`max_samples` must be an integer"),
        ({"keep": 0}, r"`keep` must be an integer"),
        ({"metadata": 3}, r"`metadata` must be a dict or None"),
        ({"version": 0}, r"`version` must be an integer"),
    ],
)
def test_what_is_refused_leaves_nothing(cycle, tmp_path, arguments, why):
    with pytest.raises(ValueError, match=why):
        cycle.export(tmp_path / "model", **arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.process
def test_the_c_loader_of_the_server_gives_the_same(cycle, vae, exported, exported_vae, tmp_path):
    """In a process that never imports TensorFlow in Python."""
    asked = {
        exported: {"b": ("fake_b", {"a": play.A[:5]}), "none": ("fake_a", {"b": play.B[:0]})},
        exported_vae: {
            "new": ("fake", {"num_samples": np.int32(6), "seed": np.int64(9)}),
            "back": ("decoded", {"real": play.BITS[:3], "seed": np.int64(9)}),
            "bad": ("fake", {"num_samples": np.int32(0), "seed": np.int64(9)}),
        },
    }
    told = through_c(asked, tmp_path)
    np.testing.assert_allclose(told["b/fake_b"], cycle.make("fake_b", a=play.A[:5]), atol=1e-6)
    assert told["none/fake_a"].shape == (0, 2)
    np.testing.assert_allclose(told["new/fake"], vae.make("fake", n=6, seed=9), atol=1e-6)
    np.testing.assert_allclose(told["back/decoded"], vae.make("decoded", real=play.BITS[:3], seed=9), atol=1e-6)
    assert "`num_samples` must be in [1, 300]. Received: 0" in str(told["bad/error"])


@pytest.mark.process
def test_rows_of_a_table_through_the_c_loader(tmp_path):
    """Numbers, missing ones, texts and truth values, by the names of the columns."""
    game = FAMILIES["ctgan"].make()
    requests = {"new": ("sample", {"num_samples": np.int32(40), "seed": np.int64(9)})}
    told = through_c({game.export(tmp_path / "model", "rows", max_samples=100): requests}, tmp_path)
    rows = game.sample(40, seed=9)
    assert {"cook", "nurse"} < set(rows["job"])
    jobs = np.split(told["new/job"], np.cumsum(told["new/job/lengths"])[:-1])
    assert [each.tobytes().decode() for each in jobs] == rows["job"].fillna("").tolist()
    np.testing.assert_array_equal(told["new/smokes"], rows["smokes"])
    np.testing.assert_allclose(told["new/age"], rows["age"], atol=1e-4)


@pytest.mark.nightly
@pytest.mark.process
def test_stylegan2_and_its_halves_through_the_c_loader(tmp_path):
    game = FAMILIES["stylegan2"].make()
    z = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    w = game.make("w", latents=z)
    requests = {
        "new": ("fake", {"num_samples": np.int32(6), "seed": np.int64(9)}),
        "w": ("map", {"latents": z}),
        "pictures": ("synthesize", {"styles": np.repeat(w[:, None], 4, axis=1)}),
    }
    told = through_c({game.export(tmp_path / "model"): requests}, tmp_path)
    np.testing.assert_allclose(told["new/fake"], game.make("fake", n=6, seed=9), atol=1e-6)
    np.testing.assert_allclose(told["w/w"], w, atol=1e-6)
    np.testing.assert_allclose(told["pictures/fake"], game.make("fake", w=w), atol=1e-6)


def through_c(asked, tmp_path):
    """What the loader answers to requests to some folders, {name/output: array}."""
    told = {}
    for folder, requests in asked.items():
        arrays = {f"{name}/{which}/{key}": v for name, (which, feed) in requests.items() for key, v in feed.items()}
        np.savez(tmp_path / "requests.npz", **arrays)
        command = [sys.executable, LOADER, folder, tmp_path / "requests.npz", tmp_path / "answers.npz"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        with np.load(tmp_path / "answers.npz") as answers:
            told |= {key: answers[key] for key in answers.files}
    return told
