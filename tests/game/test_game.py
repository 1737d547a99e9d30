"""Games of other shapes, compared with loops that are written out."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, Game, Match, latents, networks
from keras_gan.objectives import CrossEntropy, Distance, LeastSquares, NonSaturating, Wasserstein

RNG = np.random.default_rng(0)
DATA = {name: RNG.normal(size=(32, 2)).astype("float32") for name in "ab"}


def batches(size=16, **parts):
    return tf.data.Dataset.from_tensor_slices(parts or DATA).batch(size)


def maker(inputs=2, outputs=2, **options):
    return networks.mlp_generator(inputs, (outputs,), hidden=(4,), **options)


def judge(inputs=2):
    return networks.mlp_discriminator((inputs,), hidden=(4,))


def cycle(kind=Game, objective=None, **options):
    keras.utils.set_random_seed(1)
    return kind(
        players={"g_ab": maker(), "g_ba": maker(), "d_a": judge(), "d_b": judge()},
        values={"fake_b": "g_ab(a)", "fake_a": "g_ba(b)", "back_a": "g_ba(fake_b)", "back_b": "g_ab(fake_a)"},
        matches={each: Match(f"d_{each}", each, f"fake_{each}") for each in "ab"},
        objective=objective or LeastSquares() + 3 * (Distance("back_a", "a") + Distance("back_b", "b", norm=2)),
        seed=2,
        **options,
    )


@pytest.mark.learns
def test_a_step_is_that_of_a_loop_that_is_written_out():
    game = cycle()
    game.compile(generator_optimizer=keras.optimizers.SGD(0.1), discriminator_optimizer=keras.optimizers.SGD(0.2))
    g_ab, g_ba, d_a, d_b = (keras.models.clone_model(game.players[name]) for name in ("g_ab", "g_ba", "d_a", "d_b"))
    for copy, player in zip((g_ab, g_ba, d_a, d_b), game.players.values(), strict=True):
        copy.set_weights(player.get_weights())
    a, b = (tf.constant(DATA[name][:16]) for name in "ab")

    judges, makers = (
        [*d_a.trainable_variables, *d_b.trainable_variables],
        [
            *g_ab.trainable_variables,
            *g_ba.trainable_variables,
        ],
    )
    with tf.GradientTape() as tape:
        loss = sum(
            tf.reduce_mean(0.5 * (d(x) - 1) ** 2 + 0.5 * d(fake) ** 2)
            for d, x, fake in ((d_a, a, g_ba(b)), (d_b, b, g_ab(a)))
        )
    for variable, gradient in zip(judges, tape.gradient(loss, [v.value for v in judges]), strict=True):
        variable.assign_sub(0.2 * gradient)
    with tf.GradientTape() as tape:
        fake_b, fake_a = g_ab(a), g_ba(b)
        made = tf.reduce_mean(0.5 * (d_a(fake_a) - 1) ** 2) + tf.reduce_mean(0.5 * (d_b(fake_b) - 1) ** 2)
        made += 3 * tf.reduce_mean(abs(g_ba(fake_b) - a)) + 3 * tf.reduce_mean((g_ab(fake_a) - b) ** 2)
    for variable, gradient in zip(makers, tape.gradient(made, [v.value for v in makers]), strict=True):
        variable.assign_sub(0.1 * gradient)

    history = game.fit(batches(), steps_per_epoch=1, verbose=0).history
    np.testing.assert_allclose(history["d_loss"][0], loss, rtol=1e-5)
    np.testing.assert_allclose(history["g_loss"][0], made, rtol=1e-5)
    for copy, player in zip((g_ab, g_ba, d_a, d_b), game.players.values(), strict=True):
        for one, other in zip(copy.get_weights(), player.get_weights(), strict=True):
            np.testing.assert_allclose(other, one, atol=1e-6)


@pytest.fixture(scope="module")
def played():
    game = cycle()
    game.compile()
    history = game.fit(batches(), verbose=0).history
    return game, history


@pytest.mark.learns
def test_logs_have_the_names_of_matches_and_terms(played):
    _, history = played
    assert set(history) == {
        *("d_loss", "g_loss", "d_real_a", "d_fake_a", "d_real_b", "d_fake_b"),
        *("d_least_squares_a", "g_least_squares_a", "d_least_squares_b", "g_least_squares_b"),
        *("g_distance_back_a", "g_distance_back_b"),
    }


def test_make_gives_values_of_what_they_are_made_of(played):
    game, _ = played
    made = game.make("back_a", a=DATA["a"], batch_size=10)
    expected = game.g_ba(game.g_ab(DATA["a"])).numpy()
    np.testing.assert_allclose(made, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "inputs", "message"),
    [
        ("nothing", {}, "`name` must be a value of the game: 'fake_b', 'fake_a', 'back_a', 'back_b'. .*'nothing'"),
        ("fake_b", {}, "`a` must be given, as 'fake_b' is made of a"),
        ("fake_b", {"a": DATA["a"], "b": DATA["b"]}, "made of: a. Received: 'b' too"),
        ("fake_b", {"a": DATA["a"], "n": 3}, "`n` must be None or the length of the inputs"),
        (
            "fake_b",
            {"a": DATA["a"][:, :1]},
            r"must be given what the players take for 'fake_b': a of shape \(None, 2\). Received: a of shape",
        ),
    ],
)
def test_make_refuses_what_does_not_fit(played, name, inputs, message):
    with pytest.raises(ValueError, match=message):
        played[0].make(name, **inputs)


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ({"translate": "nothing"}, "`tasks` must name values: fake_b, fake_a, .* Received: 'translate' for 'nothing'"),
        ({"translate": 3}, "`tasks` must name values: .* Received: 'translate' for 3"),
        ({"fake_b": "fake_a"}, "`tasks` must have names that are identifiers, .* Received: 'fake_b' for 'fake_a'"),
        ({"serving_default": "fake_a"}, "must have names that are identifiers, .* Received: 'serving_default'"),
        ({"a/b": "fake_a"}, "`tasks` must have names that are identifiers, .* Received: 'a/b' for 'fake_a'"),
    ],
)
def test_tasks_that_mean_nothing_or_two_things_are_refused(tasks, message):
    game = cycle(type("Tasked", (Game,), {"tasks": tasks}))
    with pytest.raises(ValueError, match=message):
        game.compile()


@pytest.mark.learns
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["player", "layer"])
def test_what_is_frozen_is_saved_and_goes_on_with_its_moments(what, when, tmp_path):
    game = cycle()

    def freeze():
        frozen = game.d_a if what == "player" else next(layer for layer in game.d_a.layers if layer.weights)
        frozen.trainable = False

    if when == "before":
        freeze()
    adams = {f"{side}_optimizer": keras.optimizers.Adam(0.01) for side in game.sides}
    game.compile(**adams, run_eagerly=True)
    game.fit(batches(), steps_per_epoch=1, verbose=0)
    if when == "after":
        freeze()
    game.save(tmp_path / "game.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Keras warns where it skips an optimizer's state
        again = keras.models.load_model(tmp_path / "game.keras")
    assert len(again.d_a.trainable_variables) == len(game.d_a.trainable_variables)
    for each in (game, again):
        each.fit(batches(), steps_per_epoch=1, verbose=0)
    for one, other in zip(game.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.learns
def test_it_is_saved_and_goes_on(played, tmp_path):
    game, _ = played
    game.save(tmp_path / "game.keras")
    again = keras.models.load_model(tmp_path / "game.keras")
    for name in game.players:
        for one, other in zip(game.players[name].get_weights(), again.players[name].get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
    assert game.fit(batches(), verbose=0).history == again.fit(batches(), verbose=0).history
    assert {**game.get_config(), "players": None} == {**again.get_config(), "players": None}


@pytest.mark.learns
def test_evaluation_is_that_of_the_losses(played):
    game, _ = played
    found = game.evaluate(batches(10), verbose=0, return_dict=True)
    d_real = tf.reduce_mean(game.d_b(DATA["b"]))
    np.testing.assert_allclose(found["d_real_b"], d_real, rtol=1e-5)
    np.testing.assert_allclose(
        found["g_loss"], game.evaluate(batches(32), verbose=0, return_dict=True)["g_loss"], rtol=1e-6
    )


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        ("hinge@c", "`objective` must name a match of the game: 'a', 'b'. Received: 'c'"),
        ("hinge + distance(bakc_a, a)", "name a value of the game: 'fake_b', .*Received: 'bakc_a'.*in `shapes`"),
        ("hinge + distance(back_a, a, side='other')", "name a side of the game: 'discriminator', 'generator'"),
        ("distance(back_a, a)", "must give both players a loss.*without one for the discriminator"),
        ("r1 + distance(back_a, a, side='discriminator')", "must give both players a loss.*for the generator"),
    ],
)
def test_what_does_not_exist_is_refused(objective, message):
    with pytest.raises(ValueError, match=message):
        cycle().compile(objective)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"a": DATA["a"]}, "must have the parts 'a', 'b'.*Received: data with the parts 'a', without 'b'"),
        ({"a": DATA["a"], "b": np.zeros((32, 3), "float32")}, r"'b' of the data must have the shape \(None, 2\)"),
        ({"a": DATA["a"] + np.nan, "b": DATA["b"]}, "'a' of the data must be finite"),
    ],
)
def test_data_that_does_not_fit_is_refused(data, message):
    game = cycle()
    game.compile()
    with pytest.raises(ValueError, match=message):
        game.fit(batches(**data), verbose=0)


@pytest.mark.learns
def test_three_sides_two_outputs_and_labels():
    """A generator with a head of its own for labels, and a classifier on a side of its own that learns from reals."""
    keras.utils.set_random_seed(3)
    z, y = keras.Input((3,)), keras.Input((), dtype="int32")
    hidden = keras.layers.Dense(4)(keras.layers.Concatenate()([z, keras.layers.Embedding(3, 2)(y)]))
    two = keras.Model([z, y], {"points": keras.layers.Dense(2)(hidden), "shift": keras.layers.Dense(2)(hidden)})
    game = Game(
        players={"maker": two, "judge": judge(), "classifier": maker(2, 3)},
        draws={"z": 3, "drawn": latents.Categorical([0.2, 0.3, 0.5])},
        values={
            "made": "maker(z, drawn)",
            "of_real": "classifier(real)",
            "of_made": "classifier(made.points)",
        },
        matches=Match("judge", "real", "made.points"),
        sides={"discriminator": "judge", "generator": "maker", "helper": "classifier"},
        objective=NonSaturating() + CrossEntropy("of_made", "drawn") + CrossEntropy("of_real", "labels", side="helper"),
        seed=1,
    )
    game.compile(helper_optimizer="sgd")
    before = game.classifier.get_weights()
    data = tf.data.Dataset.from_tensor_slices((DATA["a"], np.arange(32) % 3)).batch(16)
    history = game.fit(data, verbose=0).history
    assert {"helper_loss", "helper_cross_entropy_of_real", "g_cross_entropy_of_made", "g_loss", "d_loss"} <= set(
        history
    )
    assert not np.array_equal(before[0], game.classifier.get_weights()[0])
    assert game.make("made.shift", n=4, seed=1).shape == (4, 2)
    few, more = (game.make("made.points", n=n, seed=1) for n in (2, 4))
    np.testing.assert_allclose(more[:2], few, atol=1e-6)
    both = game.make("made", n=4, seed=1, batch_size=3)
    np.testing.assert_allclose(both["points"], more, atol=1e-6)
    assert both["shift"].shape == (4, 2)


@pytest.mark.learns
def test_moves_are_in_the_order_that_was_asked_for():
    game = cycle()
    game.compile("hinge + distance(back_a, a)", moves=["generator", "discriminator", "generator"])
    assert game.discriminator_steps == 2
    assert [(move.side.name, move.batch) for move in game.moves] == [
        ("generator", 0),
        ("discriminator", 1),
        ("generator", 1),
    ]
    before = int(game.optimizer.iterations)
    game.fit(batches(8), verbose=0)
    assert int(game.optimizer.iterations) - before == 4  # two steps of four batches


@pytest.mark.learns
def test_a_player_on_no_side_is_frozen():
    game = Game(
        players={"g": maker(), "d": judge(), "network": maker()},
        draws={"z": 2},
        values={"fake": "g(z)", "seen": "network(fake)", "real_seen": "network(real)"},
        matches=Match("d", "real", "fake"),
        sides={"discriminator": "d", "generator": "g"},
        seed=0,
    )
    game.compile(Wasserstein() + Distance("seen", "real_seen", norm=2))
    before = game.network.get_weights()
    game.fit(DATA["a"], verbose=0)
    for one, other in zip(before, game.network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"players": {"g": 3}}, "`players` must be Keras models. Received: g=3"),
        ({"players": {"fit": maker(), "g": maker(), "d": judge()}}, "must have names that are free.*'fit'"),
        ({"matches": Match("g2", "real", "fake")}, r"`matches` must be judged by a player, \['g', 'd'\]"),
        ({"matches": Match("d", "real", "made")}, r"must judge a value as fake, \['fake'\].*fake='made'"),
        ({"sides": {"x": "none"}}, r"`sides` must name players, \['g', 'd'\]. Received: x="),
        ({"sides": {"x": ["g", "d"], "y": "d"}}, "must have each judge on one of them. Received: 'd' on 'x' and 'y'"),
        ({"draws": {"z": "normal"}}, "`draws` must hold priors"),
        ({"sides": {"all": ["g", "d"]}}, r"must separate judges from makers: 'd' judges what \['g'\] make"),
        ({"players": {"g": maker(), "d": judge(), "generator_optimizer": maker()}}, "names that are free"),
        ({"ema": {"h": 0.9}}, r"`ema` must name players, \['g', 'd'\]. Received: \['h'\]"),
        ({"draws": {"z": 5}}, "`values` must fit the players. Received: fake="),
    ],
)
def test_what_is_no_game_is_refused(change, message):
    arguments = {
        "players": {"g": maker(), "d": judge()},
        "draws": {"z": 2},
        "values": {"fake": "g(z)"},
        "matches": Match("d", "real", "fake"),
    }
    with pytest.raises(ValueError, match=message):
        Game(**{**arguments, **change})


class Subclass(keras.Model):
    """A player without a graph: what it takes only data can tell."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.dense, self.normalize = keras.layers.Dense(units), keras.layers.BatchNormalization()

    def call(self, x, training=False):
        return self.dense(self.normalize(x, training=training))


@pytest.mark.learns
def test_gradients_are_checked_by_the_first_data_where_players_do_not_say_their_shapes():
    players = {"g": Subclass(2), "d": Subclass(1, name="judge")}
    for player in players.values():
        player(DATA["a"])
    game = Game(players=players, values={"fake": "g(a)"}, matches=Match("d", "b", "fake"), seed=0)
    game.compile("hinge + r1", run_eagerly=True)
    with pytest.warns(UserWarning, match="The gradient of 'r1' is inexact through the layer 'batch_normalization"):
        history = game.fit(DATA, batch_size=16, verbose=0).history
    assert {"d_loss", "g_loss", "d_r1"} <= set(history)
    assert game.shapes["fake"] == (2,)


def test_a_compile_that_is_refused_leaves_the_earlier_one():
    game = Game(players={"g": maker()}, values={"made": "g(a)"}, shapes={"b": None}, seed=0)
    game.compile(Distance("made", "b"))
    kept = game.get_compile_config()
    with pytest.raises(ValueError, match="`reuse_fakes` must be False in a game of one move"):
        game.compile(Distance("made", "b", norm=2), reuse_fakes=True)
    assert game.get_compile_config() == kept


@keras.saving.register_keras_serializable("tests")
class Once(keras.layers.Layer):
    """tanh, whose gradient has none: a penalty on it cannot be."""

    def call(self, x):
        @tf.custom_gradient
        def tanh(x):
            y = tf.tanh(x)
            return y, lambda upstream: tf.stop_gradient(1 - y * y) * upstream

        return tanh(x)


def test_a_refused_objective_is_not_played():
    def make():
        keras.utils.set_random_seed(0)
        d = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), Once(), keras.layers.Dense(1)])
        gan = GAN(maker(), d, 2, seed=0)
        gan.compile("hinge", "sgd", "sgd", augmentation="instance_noise", run_eagerly=True)
        return gan

    plain, other = make(), make()
    kept = other.get_compile_config()
    with pytest.raises(ValueError, match=r"`objective` must have a gradient through .*Received: 'r1'"):
        other.compile("non_saturating + 1000 * r1", "adam", "adam", run_eagerly=True)
    assert other.get_compile_config() == kept
    assert len(other.variables) == len(plain.variables)
    assert other.train_on_batch(DATA["a"]) == plain.train_on_batch(DATA["a"])


@pytest.mark.parametrize("how", ["fit", "train_on_batch"])
def test_a_layer_that_is_frozen_after_a_step_stays_and_one_that_is_unfrozen_asks_for_compile(how):
    keras.utils.set_random_seed(0)
    gan = GAN(maker(), judge(), 2, seed=0)
    (layer, other), (*_, frozen) = ([each for each in p.layers if each.weights] for p in gan.players.values())
    frozen.trainable = False
    gan.compile("hinge", "sgd", "sgd")

    def play():
        return gan.fit(DATA["a"], batch_size=32, verbose=0) if how == "fit" else gan.train_on_batch(DATA["a"])

    play()
    layer.trainable = False
    before = [layer.get_weights() for layer in (frozen, layer, other)]
    play()
    after = [layer.get_weights() for layer in (frozen, layer, other)]
    same = [all(map(np.array_equal, a, b)) for a, b in zip(before, after, strict=True)]
    assert same == [True, True, False]
    layer.trainable = True  # the optimizer knows it
    play()
    assert not np.array_equal(after[1][0], layer.get_weights()[0])
    frozen.trainable = True
    with pytest.raises(ValueError, match=r"keep the layers frozen .*`compile` again.*'discriminator' with 2 weights"):
        play()


class Tokens(keras.Model):
    """A player without a graph that looks tokens up, by a table of its own or by an embedding."""

    def __init__(self, embeds, **options):
        super().__init__(**options)
        self.table, self.dense = keras.layers.Embedding(1000, 3), keras.layers.Dense(2)
        self.table.build()
        self.embeds = embeds

    def call(self, tokens):
        found = self.table(tokens) if self.embeds else tf.gather(self.table.embeddings, tokens)
        return self.dense(keras.ops.mean(found, axis=1))


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("embeds", [True, False])
def test_integers_stay_what_they_are(embeds, policy):
    """bfloat16 has 8 bits: 257 would become 256."""
    tokens = np.array([[257, 259, 261, 801, 301]] * 8, "int32")
    reader = Tokens(embeds, dtype=policy)
    reader(tokens)
    game = Game({"reader": reader, "d": judge()}, {"fake": "reader(tokens)"}, Match("d", "real", "fake"), seed=0)
    game.compile("hinge", run_eagerly=True)
    before = reader.table.get_weights()[0]
    game.fit({"tokens": tokens, "real": DATA["a"][:8]}, batch_size=8, verbose=0)
    changed = np.flatnonzero(np.abs(reader.table.get_weights()[0] - before).sum(axis=1))
    assert changed.tolist() == sorted(tokens[0])
    expected = tf.cast(reader(tokens), tf.float32)
    np.testing.assert_allclose(game.make("fake", tokens=tokens), expected, rtol=1e-2 if policy != "float32" else 1e-5)


def test_integers_of_a_player_with_a_graph_are_not_rounded():
    x = keras.Input((2,), dtype="int32")
    rest = keras.Model(x, keras.ops.cast(x % 7, "float32"))
    game = Game({"rest": rest, "g": maker()}, {"h": "rest(ids)", "made": "g(h)"}, seed=0)
    ids = np.array([[2**24 + 1, 2**24 + 3]])
    np.testing.assert_array_equal(game.make("h", ids=ids), ids % 7)


@pytest.mark.parametrize("objective", ["hinge + r1 + r2", "hinge + gradient_penalty + dragan(every=2)"])
def test_penalties_are_by_the_floats_of_a_pair(objective):
    """A judge of an example and its class: what the penalties give is what they give where the class is a label."""
    losses = []
    for labels in (("real", "labels"), "real"):
        keras.utils.set_random_seed(0)
        x, y = keras.Input((2,)), keras.Input((), dtype="int32")
        hidden = keras.layers.Concatenate()([x, keras.layers.Embedding(3, 4)(y)])
        d = keras.Model([x, y], keras.layers.Dense(1)(keras.layers.Dense(4, "tanh")(hidden)))
        fake = ("fake", "labels") if isinstance(labels, tuple) else "fake"
        match = Match("d", labels, fake, labels=None if isinstance(labels, tuple) else "labels")
        game = Game({"g": maker(), "d": d}, {"fake": "g(z)"}, match, draws={"z": 2}, seed=0)
        game.compile(objective, run_eagerly=True)
        batch = {"real": DATA["a"][:8], "labels": np.arange(8, dtype="int32") % 3}
        losses.append(game.train_on_batch(batch, return_dict=True))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_no_attribute_of_a_game_may_be_a_players_name(played):
    from keras_gan.game.game import INSTANCE_ATTRIBUTES

    game, _ = played
    stock = set(vars(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])))
    own = {name for name in vars(game) if not name.startswith("_")} - set(game.player_names) - stock
    named = {f"{match}_{kind}" for match in game.matches for kind in ("augmentation", "replay")}
    named |= {f"{side}_optimizer" for side in game.sides}
    assert own - named - set(dir(type(game))) <= INSTANCE_ATTRIBUTES


def test_weights_that_came_after_compile_ask_for_it_again():
    gan = GAN(maker(), judge(), 2, seed=0)
    gan.compile("hinge", run_eagerly=True)
    next(layer for layer in gan.generator.layers if layer.weights).enable_lora(1)
    with pytest.raises(ValueError, match=r"`generator` must have the weights that it had at `compile`: call `compile`"):
        gan.fit(DATA["a"], verbose=0)


def test_what_no_player_reads_may_be_of_any_kind():
    game = Game({"g": maker(), "d": judge()}, {"fake": "g(a)"}, Match("d", "b", "fake"), seed=0)
    game.compile("hinge", run_eagerly=True)
    game.fit(batches(**DATA, name=np.array(["x"] * 32), chosen=DATA["a"] > 0), verbose=0)
    assert int(game.step.numpy()) == 2
