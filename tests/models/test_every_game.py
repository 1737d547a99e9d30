"""What a GAN has every game has: shown of a CycleGAN, two domains and two matches, and of a VAE, one side and none."""

import csv
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import Game, Match, callbacks
from keras_gan.augmentations import AdaptiveAugmentation
from keras_gan.callbacks.examination import examine
from keras_gan.constraints import ClipWeights
from keras_gan.layers import GaussianPosterior
from keras_gan.noise import Noise
from keras_gan.objectives import BernoulliLikelihood, Distance, GaussianDivergence, NonSaturating
from keras_gan.replay import FakePool
from tests.distribution.test_replicas import replicas
from tests.games import renewing
from tests.models import play
from tests.models.play import assert_same

KINDS = list(play.MAKE)
LOGS = {
    "cycle_gan": {
        "d_loss",
        "g_loss",
        *(f"{name}_{match}" for match in "ab" for name in ("d_real", "d_fake", "d_least_squares", "g_least_squares")),
        "g_distance_back_a",
        "g_distance_back_b",
    },
    "vae": {"g_loss", "g_bernoulli_likelihood", "g_gaussian_divergence"},
}


@pytest.fixture(scope="module")
def games():
    """A function that gives a game of each kind as it is before its first step: each is traced once."""
    made = {}

    def give(kind):
        if kind not in made:
            made[kind] = renewing(play.MAKE[kind]())
        return made[kind]()

    return give


@pytest.fixture(scope="module")
def plain():
    """A CycleGAN without pools and batch normalization, as it is before its first step."""
    return renewing(play.cycle(ema=0.3, pool=0, normalization=None))


@pytest.fixture(scope="module")
def whole(games, tmp_path_factory):
    """A function that gives the end of a run that nobody stopped: its state and its history."""
    ended = {}

    def give(kind):
        if kind not in ended:
            history = play.fit(game := games(kind), kind, tmp_path_factory.mktemp(kind))
            ended[kind] = play.state(game), history
        return ended[kind]

    return give


# -- Going on ----------------------------------------------------------------------------------------------------------


@pytest.mark.process
def test_a_killed_process_is_gone_on_with(games, whole, tmp_path):
    command = [sys.executable, "-m", "tests.models.play", "cycle_gan", str(tmp_path), "7"]
    killed = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    history = play.fit(game := games("cycle_gan"), "cycle_gan", tmp_path)
    state, known = whole("cycle_gan")
    assert_same(play.state(game), state, atol=1e-6)  # pytest's processes use one thread
    assert history.keys() == known.keys()


@pytest.mark.learns
def test_another_game_is_refused_by_what_differs(games, tmp_path):
    with pytest.raises(RuntimeError, match="stopped"):
        play.fit(games("vae"), "vae", tmp_path, [play.Stop(4)])
    other = play.vae(ema=None)
    with pytest.raises(ValueError, match=r"same configuration.*ema: \{'encoder': 0.9, 'decoder': 0.9\} there, \{\} h"):
        play.fit(other, "vae", tmp_path)


# -- Averages, precision, devices --------------------------------------------------------------------------------------


@pytest.mark.learns
@pytest.mark.parametrize("ema", [0.3, {"g_ab": 0.3}])
def test_an_average_of_any_maker(plain, ema):
    game, seen = plain() if ema == 0.3 else play.cycle(ema=ema, pool=0, normalization=None), []
    names = ["g_ab", "g_ba"] if ema == 0.3 else ["g_ab"]
    assert list(game.averages) == names

    def note():
        seen.append({name: game.players[name].get_weights() for name in names})

    note()
    look = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: note())
    game.fit(play.source("cycle_gan"), verbose=0, callbacks=[look])
    expected = seen[0]
    for step, weights in enumerate(seen[1:]):
        d = min(0.3, (1 + step) / (10 + step))
        expected = {
            name: [d * a + (1 - d) * b for a, b in zip(expected[name], weights[name], strict=True)] for name in names
        }
    made = game.make("fake_b", a=play.A[:3])
    plain = game.make("fake_b", a=play.A[:3], use_ema=False)
    for name in names:
        for shadow, value in zip(getattr(game, f"{name}_ema").shadows, expected[name], strict=True):
            np.testing.assert_allclose(shadow.numpy(), value, atol=1e-6)
    game.g_ab.set_weights(expected["g_ab"])
    np.testing.assert_allclose(made, game.g_ab(play.A[:3]), atol=1e-6)
    assert np.abs(made - plain).max() > 1e-5


@pytest.mark.learns
@pytest.mark.parametrize(
    ("kind", "policy"),
    [
        ("cycle_gan", "mixed_float16"),
        ("vae", "mixed_bfloat16"),
        pytest.param("cycle_gan", "mixed_bfloat16", marks=pytest.mark.learns),
        pytest.param("vae", "mixed_float16", marks=pytest.mark.learns),
    ],
)
def test_mixed_precision(whole, kind, policy):
    keras.config.set_dtype_policy(policy)
    try:
        game = play.MAKE[kind]()
    finally:
        keras.config.set_dtype_policy("float32")
    scaled = [isinstance(each, keras.optimizers.LossScaleOptimizer) for each in game.optimizers.values()]
    assert all(scaled) if policy == "mixed_float16" else not any(scaled)
    assert {variable.dtype for variable in game.trainable_variables} == {"float32"}
    before = game.get_weights()
    history = game.fit(play.source(kind), epochs=play.EPOCHS, verbose=0).history
    assert all(np.all(np.isfinite(weight)) for weight in game.get_weights())
    assert any(np.any(a != b) for a, b in zip(before, game.get_weights(), strict=True))
    np.testing.assert_allclose(history["g_loss"], whole(kind)[1]["g_loss"], rtol=0.02)


@pytest.mark.xla
@pytest.mark.parametrize("kind", KINDS)
def test_under_xla(whole, kind):
    game = play.MAKE[kind](jit_compile=True)
    history = game.fit(play.source(kind), epochs=play.EPOCHS, verbose=0).history
    state, known = whole(kind)
    assert_same(play.state(game), state, atol=2e-5)
    for name in known:
        np.testing.assert_allclose(history[name], known[name], atol=2e-5, err_msg=name)


@pytest.mark.learns
@pytest.mark.parametrize("kind", KINDS)
def test_several_steps_a_call_are_as_many_calls(whole, kind):
    game = play.MAKE[kind](steps_per_execution=4)
    history = game.fit(play.source(kind), epochs=play.EPOCHS, verbose=0).history
    state, known = whole(kind)
    assert_same(play.state(game), state)
    assert history == known
    assert set(history) == LOGS[kind]


@pytest.mark.learns
@pytest.mark.parametrize("kind", KINDS)
def test_two_replicas_of_half_a_batch_are_one(kind):
    def run(make):
        options = {"pool": 0} if kind == "cycle_gan" else {}  # each replica has a pool of its own
        game = make(optimizer=lambda: keras.optimizers.SGD(0.02), **options)
        history = game.fit(play.source(kind), verbose=0).history
        return play.state(game), history, game.evaluate(play.source(kind), verbose=0, return_dict=True)

    alone = run(play.MAKE[kind])
    with replicas().scope():
        together = run(play.MAKE[kind])
    assert_same(alone[0], together[0], atol=1e-6)
    for one, other in zip(alone[1:], together[1:], strict=True):
        for name in one:
            np.testing.assert_allclose(one[name], other[name], atol=1e-5, err_msg=name)


# -- Matches -----------------------------------------------------------------------------------------------------------


@pytest.mark.learns
def test_a_pool_of_each_match_shows_its_judge_past_fakes(games):
    game = games("cycle_gan")
    game.fit(play.source("cycle_gan"), verbose=0)
    held = {match: game.replay_of(match).variables[0].numpy() for match in "ab"}
    made = {"a": game.make("fake_a", b=play.B), "b": game.make("fake_b", a=play.A)}
    for match, other in ("ab", "ba"):
        near, far = (np.linalg.norm(held[match].mean(0) - made[each].mean(0)) for each in (match, other))
        assert near != pytest.approx(far)
    games("cycle_gan")
    with pytest.raises(ValueError, match=r"`a_replay` must be used by one game only.*create a new instance"):
        pool, keep = FakePool(4), []
        for _ in range(2):
            keep.append(
                Game(
                    players={"g": play.maker(), "d_a": play.judge()},
                    draws={"z": 2},
                    values={"fake": "g(z)"},
                    matches={"a": Match("d_a", "a", "fake", replay=pool)},
                )
            )
            keep[-1].compile("hinge")


@pytest.mark.learns
def test_an_augmentation_of_one_match_learns_and_is_kept(tmp_path):
    game = play.augmented(AdaptiveAugmentation("color", target=-0.9, examples=100, every=1))
    source = {each: play.RNG.uniform(-1, 1, (32, 2, 2, 1)).astype("float32") for each in "ab"}
    history = game.fit(source, batch_size=8, epochs=2, verbose=0).history
    assert {name for name, _ in game.match_layers()} == {"a_augmentation"}
    assert history["ada_p_a"] == sorted(history["ada_p_a"])
    assert history["ada_p_a"][-1] > 0.1
    assert "ada_p_b" not in history
    seen = examine(game, source, Noise((0, "test")))
    assert {"leak_a", "diversity_a", "diversity_b"} < set(seen)
    assert "leak_b" not in seen
    game.save(tmp_path / "game.keras")
    loaded = keras.models.load_model(tmp_path / "game.keras")
    before = [v.numpy() for v in game.augmentation_of("a").variables]
    assert any(np.any(value) for value in before)
    for a, b in zip(before, loaded.augmentation_of("a").variables, strict=True):
        np.testing.assert_array_equal(a, b.numpy())
    assert loaded.augmentation_of("b") is None
    assert loaded.matches["b"].packing == 2


# -- Evaluation and stock callbacks ------------------------------------------------------------------------------------


@pytest.mark.learns
@pytest.mark.parametrize("kind", KINDS)
def test_an_evaluation_does_not_depend_on_batches(games, kind):
    game = games(kind)
    parts = {name: part[:20] for name, part in play.PARTS[kind].items()}
    want = game.evaluate(parts, batch_size=20, verbose=0, return_dict=True)
    for batch_size in (1, 7):
        found = game.evaluate(parts, batch_size=batch_size, verbose=0, return_dict=True)
        assert found == pytest.approx(want, rel=1e-5, abs=1e-6)
    dataset = tf.data.Dataset.from_tensor_slices(parts).batch(6)
    assert game.evaluate(dataset, verbose=0, return_dict=True) == pytest.approx(want, rel=1e-5, abs=1e-6)


@pytest.mark.learns
@pytest.mark.parametrize("kind", KINDS)
def test_stock_callbacks(games, tmp_path, kind):
    game, weights = games(kind), []
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 1e-2 / (1 + epoch))
    stop = keras.callbacks.EarlyStopping("val_g_loss", patience=1, mode="max", restore_best_weights=True)
    listeners = [
        schedule,
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(play.state(game))),
        keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", "val_g_loss", mode="max", save_best_only=True),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        keras.callbacks.TensorBoard(tmp_path / "board", write_graph=False),
        stop,
    ]
    history = game.fit(
        play.source(kind), epochs=9, verbose=0, validation_data=play.source(kind), callbacks=listeners
    ).history
    best = int(np.argmax(history["val_g_loss"]))
    assert len(weights) == best + 2 < 9  # the loss falls
    loaded = keras.models.load_model(tmp_path / "best.keras")
    assert_same(weights[best], play.state(loaded))
    assert_same(game.get_weights(), loaded.get_weights())
    with open(tmp_path / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert LOGS[kind] < set(rows[0])
    assert [float(row["g_loss"]) for row in rows] == pytest.approx(history["g_loss"])
    assert [float(each.learning_rate) for each in game.optimizers.values()] == pytest.approx(
        [1e-2 / len(weights)] * len(game.sides)
    )
    assert list((tmp_path / "board").rglob("events*"))
    games(kind)


# -- Moves and sides ---------------------------------------------------------------------------------------------------


def iterations(game):
    return {side: int(optimizer.iterations.numpy()) for side, optimizer in game.optimizers.items()}


@pytest.mark.learns
@pytest.mark.parametrize(
    ("options", "made"),
    [
        (
            {"discriminator_steps": 2, "constraints": {"discriminator": ClipWeights(0.01)}},
            {"discriminator": 4, "generator": 2},
        ),
        ({"moves": ["generator", "discriminator", "generator"]}, {"discriminator": 2, "generator": 4}),
    ],
    ids=["discriminator_steps and a constraint", "moves"],
)
def test_sides_move_as_often_as_they_are_told(tmp_path, options, made):
    game = play.cycle(pool=0, **options)
    history = game.fit(play.source("cycle_gan"), verbose=0).history  # of 5 batches 2 steps, of 2 each
    assert iterations(game) == made
    assert set(history) == LOGS["cycle_gan"]
    game.save(tmp_path / "game.keras")
    assert keras.models.load_model(tmp_path / "game.keras").moves_given == game.moves_given
    largest = {name: max(np.abs(w).max() for w in player.get_weights()) for name, player in game.players.items()}
    clipped = {name for name, value in largest.items() if value <= 0.01}
    assert clipped == ({"d_a", "d_b"} if "constraints" in options else set())


@pytest.mark.learns
def test_fakes_that_are_used_again_are_the_same_where_nothing_is_drawn(plain):
    """A CycleGAN makes its fakes of pictures, so those of the second move are those of the first."""
    ends = []
    for game in (plain(), play.cycle(ema=0.3, pool=0, normalization=None, reuse_fakes=True)):
        game.fit(play.source("cycle_gan"), verbose=0)
        ends.append(play.state(game))
    assert_same(*ends, atol=1e-6)


def vae_gan(rates=(1e-2, 1e-2, 1e-2)):
    """Three sides: the encoder is trained for the code, the decoder for the examples, the discriminator judges."""
    keras.utils.set_random_seed(3)
    game = Game(
        players={
            "encoder": play.maker(2, 6),
            "posterior": GaussianPosterior(),
            "decoder": play.maker(3, 2),
            "critic": play.judge(),
        },
        draws={"noise": 3},
        values={"hidden": "encoder(real)", "code": "posterior(hidden, noise)", "fake": "decoder(code.sample)"},
        matches=Match("critic", "real", "fake"),
        sides={"discriminator": "critic", "generator": "decoder", "encoder": "encoder"},
        objective=NonSaturating()
        + Distance("fake", "real", norm=2)
        + GaussianDivergence("code.mean", "code.log_variance", side="encoder")
        + Distance("fake", "real", norm=2, side="encoder"),
        seed=0,
        ema={"decoder": 0.9},
    )
    game.compile(
        **{f"{side}_optimizer": keras.optimizers.SGD(rate) for side, rate in zip(game.sides, rates, strict=True)}
    )
    return game


@pytest.mark.learns
def test_three_sides(tmp_path):
    game = vae_gan(rates=(1e-2, 1e-2, 1e-9))
    before = {name: player.get_weights() for name, player in game.players.items()}
    doctor = callbacks.Doctor(play.A, every=2, verbose=0)
    history = game.fit(play.A, batch_size=8, verbose=0, callbacks=[doctor, callbacks.TerminateOnNonFinite()]).history
    moved = {
        name: max((np.abs(a - b).max() for a, b in zip(before[name], player.get_weights(), strict=True)), default=0)
        for name, player in game.players.items()
    }
    assert moved["encoder"] < 1e-6 < 1e-4 < min(moved["decoder"], moved["critic"])
    assert {"d_loss", "g_loss", "encoder_loss", "encoder_gaussian_divergence"} <= set(history)
    seen = doctor.examinations[0]
    assert {"encoder_loss", "encoder_gradient", "encoder_gradient_rms", "encoder_weights", "separation"} <= set(seen)
    assert seen["encoder_gradient"] > 0
    game.save(tmp_path / "game.keras")
    assert list(keras.models.load_model(tmp_path / "game.keras").sides) == ["discriminator", "generator", "encoder"]


@pytest.mark.learns
def test_a_bernoulli_likelihood_needs_no_match():
    """One term alone, of a game without draws and matches: an autoencoder."""
    game = Game(
        players={"encoder": play.maker(4, 2), "decoder": play.maker(2, 4)},
        values={"code": "encoder(real)", "logits": "decoder(code)"},
        objective=BernoulliLikelihood("real", "logits"),
        seed=0,
    )
    game.compile(generator_optimizer=keras.optimizers.Adam(1e-2))
    loss = game.fit(play.BITS, batch_size=8, epochs=8, verbose=0).history["g_loss"]
    assert loss[-1] < loss[0]


# -- What is compared --------------------------------------------------------------------------------------------------


def pictures_of(values, matches, activation, link="linear", **options):
    """A game of pictures of 2 x 2 pixels, whose generator is a player and a last layer of its own."""
    shape = (2, 2, 1)
    layers = [keras.layers.Flatten(), keras.layers.Dense(4, activation), keras.layers.Reshape(shape)]
    judges = {"d": keras.Model(ab := [keras.Input(shape), keras.Input(shape)], keras.layers.Flatten()(ab[0] - ab[1]))}
    players = {"g": keras.Sequential([keras.Input(shape), *layers]), "link": keras.layers.Activation(link)}
    return Game(players={**players, **(judges if matches else {})}, values=values, matches=matches, seed=0, **options)


PAIR = Match("d", real=("a", "b"), fake=("a", "fake"))
THROUGH = {"hidden": "g(a)", "fake": "link(hidden)"}


@pytest.mark.parametrize(
    ("values", "matches", "activation", "link", "known"),
    [
        ({"fake": "g(a)"}, PAIR, "sigmoid", "linear", (0.0, 1.0)),
        ({"fake": "g(a)"}, PAIR, "tanh", "linear", (-1.0, 1.0)),
        (THROUGH, None, "linear", "sigmoid", (0.0, 1.0)),
        (THROUGH, None, "sigmoid", "linear", (0.0, 1.0)),
    ],
)
def test_the_range_of_pictures_is_that_of_what_is_compared(values, matches, activation, link, known):
    """Of a pair it is the part that differs; a last layer that keeps numbers is looked through."""
    game = pictures_of(values, matches, activation, link)
    assert game.value_range == known
    assert game.range_is_known
    assert game.compared == (None if matches is None else ("b", "fake"))
