"""The library's callbacks of games of other shapes than GAN."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gan import Game, Match, callbacks, images
from keras_gan.callbacks.diagnosis import diagnose
from keras_gan.callbacks.examination import examine
from keras_gan.callbacks.value_grid import ValueGrid
from keras_gan.game.logs import panels
from keras_gan.latents import Categorical
from keras_gan.noise import Noise
from keras_gan.objectives import Swapped
from tests.games import renewing
from tests.models import play


@pytest.fixture(scope="module")
def cycles():
    return renewing(play.cycle(normalization=None))


@pytest.fixture(scope="module")
def vaes():
    return renewing(play.vae())


# -- Doctor ------------------------------------------------------------------------------------------------------------


@pytest.mark.learns
def test_an_examination_of_two_matches_against_numpy(cycles):
    game = cycles()
    element = {"a": play.A[:16], "b": play.B[:16]}
    pools = [variable.numpy() for _, part in game.match_layers() for variable in part.variables]
    seen = {name: float(value) for name, value in examine(game, element, Noise((0, "test"))).items()}
    for _, part in game.match_layers():
        for variable in part.variables:
            np.testing.assert_array_equal(variable.numpy(), pools.pop(0))

    makers, judges = {"a": game.g_ba, "b": game.g_ab}, {"a": game.d_a, "b": game.d_b}
    d_loss = 0.0
    for each, other in ("ab", "ba"):
        real, fake = element[each], makers[each](element[other]).numpy()
        real_scores, fake_scores = (judges[each](x).numpy()[:, 0] for x in (real, fake))
        d_loss += 0.5 * np.mean((real_scores - 1) ** 2) + 0.5 * np.mean(fake_scores**2)
        assert seen[f"d_real_{each}"] == pytest.approx(real_scores.mean(), abs=1e-5)
        assert seen[f"d_fake_{each}"] == pytest.approx(fake_scores.mean(), abs=1e-5)
        told_apart = (real_scores[:, None] > fake_scores[None]).mean()
        assert seen[f"separation_{each}"] == pytest.approx(told_apart, abs=1e-6)
        assert seen[f"pull_{each}"] == pytest.approx(np.abs(2 * (fake_scores - 1)).mean(), rel=1e-4)  # of (s - 1)^2
        apart = [np.linalg.norm(x[:, None] - x[None], axis=-1).sum() for x in (fake, real)]
        assert seen[f"diversity_{each}"] == pytest.approx(apart[0] / apart[1], rel=1e-3)
    assert seen["d_loss"] == pytest.approx(d_loss, rel=1e-5)
    assert {"g_gradient", "d_gradient", "g_weights", "d_weights", "slope_a", "gap_b", "nearest_a"} < set(seen)


@pytest.mark.learns
def test_an_examination_without_matches(vaes):
    game = vaes()
    seen = examine(game, play.BITS, Noise((0, "test")))
    assert set(seen) == {"g_loss", "g_gradient", "g_gradient_rms", "g_weights"}
    weights = [weight for player in game.players.values() for weight in player.get_weights()]
    assert float(seen["g_weights"]) == pytest.approx(np.sqrt(sum(np.sum(w**2) for w in weights)), rel=1e-5)


@pytest.mark.learns
@pytest.mark.parametrize("kind", ["cycle_gan", "vae"])
def test_training_gives_the_same_bits_with_a_doctor(cycles, vaes, kind, tmp_path):
    make, ends = {"cycle_gan": cycles, "vae": vaes}[kind], []
    doctor = callbacks.Doctor(play.source(kind), every=2, verbose=0, path=tmp_path / "doctor.json")
    for listeners in ([], [doctor]):
        game = make()
        game.fit(play.source(kind), verbose=0, callbacks=listeners)
        ends.append(play.state(game))
    for a, b in zip(*ends, strict=True):
        np.testing.assert_array_equal(a, b)
    assert [seen["step"] for seen in doctor.examinations] == [2, 4]


def test_pairs_are_examined_by_what_differs():
    """A BiGAN's judge sees pairs: its slope is by both, and the diversity that of the examples."""
    x, z = keras.Input((2,)), keras.Input((3,))
    judge = keras.Model([x, z], keras.layers.Dense(1)(keras.layers.Concatenate()([x, z])))
    game = Game(
        players={"g": play.maker(3), "e": play.maker(2, 3), "d": judge},
        draws={"z": 3},
        values={"fake": "g(z)", "code": "e(real)"},
        matches=Match("d", real=("real", "code"), fake=("fake", "z")),
        objective=Swapped("non_saturating"),
        seed=0,
    )
    game.compile()
    seen = examine(game, play.A, Noise((0, "test")))
    assert float(seen["slope"]) == pytest.approx(np.linalg.norm(judge.get_weights()[0]), rel=1e-5)
    assert 0 < float(seen["diversity"]) < np.inf


HEALTHY = {"separation": 0.8, "gap": 1.0, "spread": 2.0, "slope": 1.0, "pull": 0.5, "diversity": 0.9, "nearest": 0.9}
SIDES = {"g_gradient": 0.1, "g_gradient_rms": 1e-3, "d_weights": 5.0, "step": 3}


def test_a_failure_is_named_with_its_match():
    two = {f"{name}_{match}": value for match in ("a", "b_2") for name, value in HEALTHY.items()} | SIDES
    assert diagnose([two] * 3, 3) == []
    ((name, what, _),) = diagnose([two | {"diversity_b_2": 0.01}] * 3, 3)
    assert name == "mode collapse (b_2)"
    assert "1.0%" in what
    found = diagnose([two | {"separation_a": 1.0, "gap_a": 9.0, "pull_b_2": 1e-4}], 1)
    assert [name for name, _, _ in found] == ["the discriminator won (a)", "a vanishing generator gradient (b_2)"]


def test_a_game_without_matches_can_stand_still():
    seen = {"g_loss": 3.0, "g_gradient": 0.1, "g_gradient_rms": 1e-3, "g_weights": 5.0, "step": 2}
    assert diagnose([seen] * 3, 3) == []
    ((name, _, _),) = diagnose([seen | {"g_gradient_rms": 1e-9}] * 3, 3)
    assert name == "a vanishing generator gradient"


# -- TerminateOnNonFinite ----------------------------------------------------------------------------------------------


@pytest.mark.learns
@pytest.mark.parametrize(
    ("place", "what"),
    [
        (lambda game: game.d_b.weights[0], r"the weight `.*` of the d_b has 1 NaN or Inf"),
        (lambda game: game.g_ab.weights[-1], r"the weight `.*` of the g_ab has 1 NaN or Inf"),
        (lambda game: game.generator_optimizer.variables[-1], "which the generator's optimizer remembers"),
        (lambda game: game.g_ba_ema.shadows[0], "the average of the g_ba's"),
        (lambda game: game.b_replay.variables[0], "which the game's b_replay remembers"),
    ],
    ids=["a judge", "a maker", "an optimizer", "an average", "a pool"],
)
def test_what_is_not_finite_is_named(cycles, tmp_path, place, what):
    game = cycles()
    spoiled = place(game)
    value = spoiled.numpy()
    value.flat[0] = np.nan
    watch = [callbacks.TerminateOnNonFinite(), callbacks.Resume(tmp_path / "checkpoints")]

    def spoil(batch, logs):
        if batch == 4:
            spoiled.assign(value)

    with pytest.raises(FloatingPointError, match=what):
        game.fit(
            play.source("cycle_gan"),
            verbose=0,
            callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=spoil), *watch],
        )
    cycles()


@pytest.mark.parametrize(
    ("log", "who"),
    [("d_loss", "discriminator"), ("g_distance_2", "generator"), ("encoder_loss", "encoder"), ("ada_p", "game")],
)
def test_a_loss_is_named_with_its_side(log, who):
    from tests.models.test_every_game import vae_gan

    callback = callbacks.TerminateOnNonFinite()
    callback.set_model(vae_gan())
    callback.on_train_begin()
    with pytest.raises(FloatingPointError, match=f"the {who}'s `{log}` is nan"):
        callback.on_train_batch_end(0, {log: np.nan})


# -- LossPlot ----------------------------------------------------------------------------------------------------------


def test_curves_of_any_sides_and_matches():
    names = ["d_loss", "g_loss", "encoder_loss", "val_encoder_loss", "d_real_a", "d_fake_b", "val_d_real_b"]
    names += ["g_my_loss", "g_distance_2", "encoder_gaussian_divergence", "learning_rate_generator", "val_mae"]
    assert panels(names, "metrics") == {
        "losses": ["d_loss", "g_loss", "encoder_loss", "val_encoder_loss"],
        "mean output of the discriminator": ["d_real_a", "d_fake_b", "val_d_real_b"],
        "terms": ["g_my_loss", "g_distance_2", "encoder_gaussian_divergence"],
        "metrics": ["val_mae"],
    }
    assert list(panels(["g_loss", "g_bernoulli_likelihood"], "metrics")) == ["losses", "terms"]


# -- SampleGrid --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pictures():
    """Grey pictures of 4 x 4 pixels that become larger ones in colours, and back."""
    keras.utils.set_random_seed(0)
    grey, rgb = (4, 4, 1), (8, 8, 3)

    def flat(inputs, outputs):
        size = int(np.prod(outputs))
        layers = [keras.layers.Flatten(), keras.layers.Dense(size, "tanh"), keras.layers.Reshape(outputs)]
        return keras.Sequential([keras.Input(inputs), *layers])

    judge = keras.Sequential([keras.Input(rgb), keras.layers.Flatten(), keras.layers.Dense(1)])
    game = Game(
        players={"g_ab": flat(grey, rgb), "g_ba": flat(rgb, grey), "d": judge},
        values={"fake_b": "g_ab(a)", "back_a": "g_ba(fake_b)"},
        matches=Match("d", "b", "fake_b"),
        objective="least_squares + 10 * distance(back_a, a)",
        seed=0,
    )
    game.compile()
    return game


def parts(count=12):
    rng = np.random.default_rng(1)
    shapes = {"a": (4, 4, 1), "b": (8, 8, 3)}
    return {name: rng.uniform(-1, 1, (count, *shape)).astype("float32") for name, shape in shapes.items()}


@pytest.mark.learns
def test_a_grid_shows_input_output_the_way_back_and_the_truth(pictures, tmp_path):
    data = parts()
    grid = callbacks.SampleGrid(tmp_path, inputs=data, num_samples=3, scale=1, tensorboard_dir=tmp_path / "board")
    pictures.fit(data, batch_size=4, epochs=2, verbose=0, callbacks=[grid])
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["epoch-0001.png", "epoch-0002.png", "samples.gif"]
    with Image.open(tmp_path / "epoch-0002.png") as file:
        sheet = np.asarray(file)[images.CAPTION :] if np.asarray(file).shape[0] > 32 else np.asarray(file)
    assert pictures.displayed == ["a", "fake_b", "back_a", "b"]
    made = pictures.make("fake_b", a=data["a"][:3])
    want = {"fake_b": made, "back_a": pictures.make("back_a", a=data["a"][:3]), "a": data["a"], "b": data["b"]}
    for row in range(3):
        for column, name in enumerate(pictures.displayed):
            seen = sheet[2 + 10 * row : 10 + 10 * row, 2 + 10 * column : 10 + 10 * column]
            picture = images.to_uint8(want[name][row])
            factor = 8 // picture.shape[0]
            np.testing.assert_array_equal(seen, np.kron(picture, np.ones((factor, factor, 3 // picture.shape[-1]))))
    assert list((tmp_path / "board").rglob("events*"))


def test_columns_are_chosen_by_name(pictures):
    grid = ValueGrid(pictures, ("back_a", "a"), {"a": parts()["a"]}, None, seed=0)
    assert {name: each.shape for name, each in grid.columns().items()} == {"back_a": (8, 4, 4, 1), "a": (8, 4, 4, 1)}
    sheet = grid.draw(columns=4)  # two pairs in a row
    assert sheet.shape == (4 * 50 + 2 + images.CAPTION, 4 * 50 + 2, 1)


@pytest.mark.learns
def test_a_vae_shows_real_decoded_and_new_examples(vaes, tmp_path):
    game = vaes()
    grid = ValueGrid(game, None, play.BITS, 5, seed=3)
    columns = grid.columns()
    assert list(columns) == ["real", "decoded", "fake"]
    np.testing.assert_array_equal(columns["real"], play.BITS[:5])
    np.testing.assert_array_equal(columns["decoded"], game.make("decoded", real=play.BITS[:5], seed=3))
    np.testing.assert_array_equal(columns["fake"], game.make("fake", n=5, seed=3))
    assert list(ValueGrid(game, None, None, 5, seed=3).columns()) == ["fake"]
    game.fit(play.BITS, verbose=0, callbacks=[callbacks.SampleGrid(tmp_path, inputs=play.BITS, gif=False)])
    assert [path.name for path in tmp_path.iterdir()] == ["epoch-0001.png"]


def test_where_a_class_is_drawn_each_has_a_column():
    x, c = keras.Input((4, 4, 1)), keras.Input((), dtype="int32")
    shift = keras.layers.Reshape((1, 1, 1))(keras.layers.Embedding(2, 1)(c))
    game = Game(
        {"generator": keras.Model([x, c], keras.layers.Add()([x, shift]))},
        {"fake": "generator(real, target)", "back": "generator(fake, labels)"},
        draws={"target": Categorical([0.5, 0.5], names=("cats", "real"))},
        objective="distance(back, real)",
        seed=0,
    )
    real, labels = np.random.default_rng(0).uniform(-1, 1, (3, 4, 4, 1)).astype("float32"), np.zeros(3, "int32")
    columns = ValueGrid(game, ("real", "fake"), {"real": real, "labels": labels}, 3, seed=1).columns()
    assert list(columns) == ["real", "cats", "fake real"]
    for target, name in enumerate(("cats", "fake real")):
        np.testing.assert_array_equal(columns[name], game.make("fake", real=real, target=np.full(3, target)))


@pytest.mark.learns
def test_points_become_a_plot_for_each_value(cycles, tmp_path):
    sheet = ValueGrid(cycles(), ("a", "fake_b"), play.source("cycle_gan"), 20, seed=0).draw()
    assert sheet.shape == (500, 2 * 500, 3)
    assert sheet.std() > 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"inputs": None}, r"`inputs` must be given, as a, fake_b, back_a, b are made of parts.*Received: inputs=None"),
        ({"inputs": {"b": parts()["b"]}, "values": ("fake_b",)}, r"`values` must name.*Received: 'fake_b', with"),
        ({"inputs": {"a": parts()["a"]}, "values": "fake_c"}, r"`values` must name values.*Received: 'fake_c', with"),
        (
            {"inputs": {"a": images.to_uint8(parts()["a"])}, "values": "a"},
            r"`a` must lie in \[-1, 1\].*Received: integers",
        ),
    ],
)
def test_what_cannot_be_shown_is_said_before_training(pictures, tmp_path, options, why):
    grid = callbacks.SampleGrid(tmp_path, **options)
    step = int(pictures.step.numpy())
    with pytest.raises(ValueError, match=why):
        pictures.fit(parts(), batch_size=4, verbose=0, callbacks=[grid])
    assert int(pictures.step.numpy()) == step


def test_a_data_set_of_dicts_gives_its_first_examples(pictures):
    dataset = tf.data.Dataset.from_tensor_slices(parts()).batch(4)
    grid = ValueGrid(pictures, ("a",), dataset, 6, seed=0)
    np.testing.assert_array_equal(grid.columns()["a"], parts()["a"][:6])
