import keras
import numpy as np
import pytest
import scipy.integrate
import scipy.special
import scipy.stats
import tensorflow as tf

from keras_gan import Round, networks
from keras_gan.game import Game
from keras_gan.objectives import (
    BernoulliLikelihood,
    CrossEntropy,
    Distance,
    FeatureDistance,
    GaussianDivergence,
    GaussianLikelihood,
    LeastSquares,
    NamedTerm,
    Players,
    get,
)
from tests.distribution.test_replicas import replicas

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 3, 2, 4)).astype("float32")
X = RNG.uniform(size=A.shape).astype("float32")
LABELS, SOFT = np.array([3, 0, 2]), RNG.dirichlet(np.ones(4), size=3).astype("float32")


def loss(term, side="generator", **values):
    named = {name.replace("__", "."): tf.constant(value) for name, value in values.items()}
    return term.loss(side, Round(values=named)).numpy()


def log_softmax(x):
    return x - scipy.special.logsumexp(x, axis=-1, keepdims=True)


def divergence(mean, sigma):
    """KL(N(mean, sigma^2) || N(0, 1)), by numerical integration."""
    x = np.linspace(mean - 12 * sigma, mean + 12 * sigma, 20_001)
    log_p, log_q = scipy.stats.norm.logpdf(x, mean, sigma), scipy.stats.norm.logpdf(x)
    return scipy.integrate.trapezoid(np.exp(log_p) * (log_p - log_q), x)


REFERENCES = [  # a term, its values, what NumPy and SciPy say of it
    (Distance("a", "b"), {"a": A, "b": B}, np.abs(A - B).mean(axis=(1, 2))),
    (Distance("a", "b", norm=2), {"a": A, "b": B}, ((A - B) ** 2).mean(axis=(1, 2))),
    (Distance("a", "b"), {"a": A[:, 0, 0], "b": B[:, 0, 0]}, np.abs(A - B)[:, 0, 0]),
    (
        CrossEntropy("logits", "labels"),
        {"logits": A[:, 0], "labels": LABELS},
        -log_softmax(A[:, 0])[np.arange(3), LABELS],
    ),
    (
        CrossEntropy("logits", "labels"),
        {"logits": A[:, 0], "labels": SOFT},
        -(SOFT * log_softmax(A[:, 0])).sum(axis=1),
    ),
    (
        CrossEntropy("logits", "labels", unlabelled=True),
        {"logits": A[:, 0], "labels": np.array([2, -1, 0])},
        -log_softmax(A[:, 0])[np.arange(3), [2, 0, 0]] * np.array([1.5, 0, 1.5]),
    ),
    (
        CrossEntropy("logits", "labels", unlabelled=True),
        {"logits": A[:, 0], "labels": np.full(3, -1)},
        np.zeros(3),
    ),
    (
        BernoulliLikelihood("x", "logits"),
        {"x": (X > 0.5).astype("float32"), "logits": A},
        -scipy.stats.bernoulli.logpmf(X > 0.5, scipy.special.expit(A)).sum(axis=(1, 2)),
    ),
    (
        GaussianLikelihood("x", "mean", sigma=0.3),
        {"x": A, "mean": B},
        -scipy.stats.norm.logpdf(A, B, 0.3).sum(axis=(1, 2)),
    ),
    (
        GaussianDivergence("code.mean", "code.log_variance"),
        {"code__mean": A, "code__log_variance": B},
        [
            sum(divergence(m, np.exp(v / 2)) for m, v in zip(means.flat, variances.flat, strict=True))
            for means, variances in zip(A, B, strict=True)
        ],
    ),
]
TERMS = [
    *(term for term, _, _ in REFERENCES),
    FeatureDistance("player", "hidden", "a", "b", norm=1),
    Distance("a", "b", side="encoder"),
]


@pytest.mark.parametrize(("term", "values", "expected"), REFERENCES, ids=[str(row[0]) for row in REFERENCES])
def test_references(term, values, expected):
    found = loss(term, **values)
    assert found.shape == (3,)
    np.testing.assert_allclose(found, expected, rtol=2e-5)


def test_hard_numbers():
    assert loss(Distance("a", "b"), a=[[1.0, 5.0]], b=[[0.0, 2.0]]).tolist() == [2.0]
    assert loss(Distance("a", "b", 2), a=[[1.0, 5.0]], b=[[0.0, 2.0]]).tolist() == [5.0]
    assert loss(CrossEntropy("a", "b"), a=[[0.0, 0.0]], b=[1]) == pytest.approx(np.log(2), rel=1e-6)
    assert loss(GaussianDivergence("a", "b"), a=[[2.0, 0.0]], b=[[0.0, 0.0]]).tolist() == [2.0]
    assert loss(BernoulliLikelihood("a", "b"), a=[[1.0, 0.5]], b=[[0.0, 0.0]]) == pytest.approx(2 * np.log(2), rel=1e-6)
    assert loss(GaussianLikelihood("a", "b"), a=[[1.0]], b=[[1.0]]) == pytest.approx(np.log(2 * np.pi) / 2, rel=1e-6)


def test_likelihoods_are_densities():
    """What they give is a negative logarithm: its exponential sums, or integrates, to 1."""
    both = loss(BernoulliLikelihood("x", "logits"), x=[[0.0], [1.0]], logits=[[0.7], [0.7]])
    assert np.exp(-both).sum() == pytest.approx(1, rel=1e-6)
    x = np.linspace(-10, 10, 20_001).astype("float32")[:, None]
    density = np.exp(-loss(GaussianLikelihood("x", "mean", sigma=0.5), x=x, mean=np.full_like(x, 1.5)))
    assert scipy.integrate.trapezoid(density, x[:, 0]) == pytest.approx(1, rel=1e-4)


def test_a_term_is_of_one_side():
    term = Distance("a", "b", side="discriminator")
    assert term.players == ("discriminator",)
    assert loss(term, side="discriminator", a=A, b=B).shape == (3,)
    assert term.loss("generator", Round(values={})) is None
    assert term.generator_loss(Round(values={})) is None


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_round_trips_as_text_and_as_config(term):
    assert get(str(term)) == term
    assert get(keras.saving.serialize_keras_object(term)) == term
    assert get(keras.saving.serialize_keras_object(2 * term)) == 2 * term


def test_expressions():
    text = "bernoulli_likelihood(real, logits) + 0.5 * gaussian_divergence(code.mean, code.log_variance)"
    expected = BernoulliLikelihood("real", "logits") + 0.5 * GaussianDivergence("code.mean", "code.log_variance")
    assert get(text) == expected
    assert get(str(expected)) == expected
    assert get("distance(fakes[1], b, norm=2)") == Distance("fakes[1]", "b", 2)
    assert get("feature_distance(judge, hidden, a, b)") == FeatureDistance("judge", "hidden", "a", "b")
    assert get("cross_entropy(guess, labels, side='discriminator')").side == "discriminator"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Distance("a", ""), "`b` must be the name of a value. Received: b=''"),
        (lambda: Distance(3, "b"), "`a` must be the name of a value. Received: a=3"),
        (lambda: Distance("a", "b", norm=3), "`norm` must be 1 or 2. Received: norm=3"),
        (lambda: Distance("a", "b", norm=True), "`norm` must be 1 or 2. Received: norm=True"),
        (lambda: FeatureDistance("p", "l", "a", "b", norm="l1"), "`norm` must be 1 or 2. Received: norm='l1'"),
        (lambda: GaussianLikelihood("a", "b", sigma=0), "`sigma` must be .* Received: sigma=0"),
        (lambda: Distance("a", "b", side=None), "`side` must be the name of a side. Received: side=None"),
        (lambda: get("distance(a)"), "`distance` takes a, b, norm, side. Received: .*, without b"),
        (lambda: get("distance(a, b, c, d, e)"), "`objective` must be a sum of weighted names"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("term", "values"),
    [
        (Distance("a", "b"), {"a": A, "b": B[:, :1]}),
        (GaussianDivergence("a", "b"), {"a": A, "b": B[:, :1]}),
        (GaussianLikelihood("a", "b"), {"a": A, "b": B[..., :1]}),
        (BernoulliLikelihood("a", "b"), {"a": X, "b": B[..., :1]}),
        (CrossEntropy("a", "b"), {"a": A[:, 0], "b": np.ones((3, 1), "float32")}),
        (CrossEntropy("a", "b"), {"a": A, "b": LABELS}),
    ],
    ids=str,
)
def test_what_would_be_broadcast_is_refused(term, values):
    with pytest.raises(ValueError, match=rf"`{term.name}` must .*\. Received: 'a' of shape .*, 'b' of shape"):
        loss(term, **values)


def test_feature_distance_is_that_of_a_hidden_layer():
    player = networks.mlp_discriminator((2, 4), hidden=(5,))
    kernel, bias = player.get_layer("hidden_1").get_weights()
    hidden = [np.where(h > 0, h, 0.2 * h) for h in (x.reshape(3, 8) @ kernel + bias for x in (A, B))]
    for norm, expected in (
        (1, np.abs(hidden[0] - hidden[1]).mean(axis=1)),
        (2, ((hidden[0] - hidden[1]) ** 2).mean(axis=1)),
    ):
        term = FeatureDistance("judge", "hidden_1", "a", "b", norm)
        with pytest.raises(ValueError, match="`feature_distance` must be placed in a game"):
            loss(term, a=A, b=B)
        found = loss(term.with_players({"judge": player}), a=A, b=B)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def dense(inputs, outputs, name):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs, name="only")], name=name)


def autoencoder(**options):
    players = {"e": dense(4, 2, "e"), "d": dense(2, 4, "d"), **options.pop("players", {})}
    return Game(players, values={"code": "e(x)", "back": "d(code)"}, seed=0, **options)


@pytest.mark.learns
def test_weights_may_be_schedules_of_the_step(tmp_path):
    weight = keras.optimizers.schedules.PolynomialDecay(1.0, 2, 0.25)
    x = RNG.normal(size=(8, 4)).astype("float32")
    game = autoencoder()
    game.compile(
        3 * (weight * Distance("back", "x", norm=2)) + Distance("code", "code", norm=1),
        generator_optimizer=keras.optimizers.SGD(0.0),  # the weights stand still, so that only the weight changes
    )
    distance = ((x @ game.e.get_weights()[0] @ game.d.get_weights()[0] - x) ** 2).mean()
    for factor in (3.0, 1.875):  # 3 * (1, 1 - 0.75 / 2)
        logs = game.train_on_batch({"x": x}, return_dict=True)
        assert logs["g_loss"] == pytest.approx(factor * distance, rel=1e-5)
        assert logs["g_distance_back"] == pytest.approx(distance, rel=1e-5)
        game.reset_metrics()
    game.save(tmp_path / "game.keras")
    again = keras.models.load_model(tmp_path / "game.keras")
    assert again.given_objective == game.given_objective
    logs = again.train_on_batch({"x": x}, return_dict=True)
    assert logs["g_loss"] == pytest.approx(0.75 * distance, rel=1e-5)  # step 2, and the end of the schedule


def test_weights_of_one_term_are_one_schedule_at_most():
    weight = keras.optimizers.schedules.PolynomialDecay(1.0, 2, 0.25)
    with pytest.raises(ValueError, match="`weight` must hold at most one schedule"):
        weight * (weight * Distance("a", "b"))


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        (Distance("back", "x", side="judges"), "must name a side of the game: 'generator'. Received: 'judges'"),
        (Distance("back.mean", "x"), "back"),
        (Distance("bakc", "x"), "must name a value of the game: .*'back'.* Received: 'bakc'"),
        (Distance("cod.mean", "x"), "must name a value of the game: .*'code'.* Received: 'cod'"),
        (FeatureDistance("f", "only", "back", "x"), "must name a player of the game: 'e', 'd'. Received: 'f'"),
        (FeatureDistance("e", "conv", "back", "x"), r"`layer` must be a layer of .*\['only'\]. Received: layer='conv'"),
        (LeastSquares(), "must read values by their names, as this game has no matches"),
        (Distance("code", "x"), "must compare values of one shape. Received: 'code' of shape .*'x' of shape"),
    ],
    ids=str,
)
def test_names_that_do_not_exist_are_refused_with_those_that_do(objective, message):
    with pytest.raises(ValueError, match=message):
        autoencoder().compile(objective)


def test_the_mean_over_labelled_examples_is_that_of_all_replicas():
    term, logits, labels = CrossEntropy("a", "b", unlabelled=True), RNG.normal(size=(4, 3)), np.array([1, -1, 0, 2])
    strategy = replicas()

    def on_replica():
        half = slice(2 * (i := tf.distribute.get_replica_context().replica_id_in_sync_group), 2 * i + 2)
        return term.measure(tf.constant(logits[half], "float32"), tf.constant(labels[half], "float32"))

    found = np.concatenate(strategy.experimental_local_results(strategy.run(on_replica)))
    expected = -log_softmax(logits)[[0, 2, 3], [1, 0, 2]].mean()
    assert found.mean() == pytest.approx(expected, rel=1e-5)


def test_parts_that_only_a_term_reads():
    """A denoiser: the picture that is to be found is a part of the data that no player takes."""
    x, clean = RNG.normal(size=(2, 8, 4)).astype("float32")
    game = autoencoder(shapes={"clean": (4,)})
    game.compile(Distance("back", "clean"), generator_optimizer=keras.optimizers.SGD(0.0))
    found = game.evaluate(tf.data.Dataset.from_tensors({"x": x, "clean": clean}), return_dict=True, verbose=0)
    back = x @ game.e.get_weights()[0] @ game.d.get_weights()[0]
    assert found["g_loss"] == pytest.approx(np.abs(back - clean).mean(), rel=1e-5)
    with pytest.raises(ValueError, match=r"must have the parts .*'clean'.*without 'clean'"):
        game.evaluate(tf.data.Dataset.from_tensors({"x": x}), verbose=0)


@pytest.mark.parametrize(
    ("objective", "parts", "message"),
    [
        (BernoulliLikelihood("x", "back"), {"x": X[:, 0] - 1}, r"'x' of the data must lie in \[0, 1\], as 'bernoulli"),
        (CrossEntropy("back", "y"), {"x": X[:, 0], "y": [0, 1, 4]}, r"'y' of the data must lie in \[0, 3\]"),
        (CrossEntropy("back", "y"), {"x": X[:, 0], "y": [0, 1, -1]}, r"'y' of the data must lie in \[0, 3\]"),
        (CrossEntropy("back", "y", unlabelled=True), {"x": X[:, 0], "y": [0, 1, -2]}, r"must lie in \[-1, 3\]"),
    ],
    ids=["likelihood", "label too large", "label below 0", "label below -1"],
)
def test_numbers_that_a_term_cannot_read_are_refused(objective, parts, message):
    game = autoencoder(shapes={"y": ()} if "y" in parts else None)
    game.compile(objective)
    data = tf.data.Dataset.from_tensors({name: np.asarray(part) for name, part in parts.items()})
    with pytest.raises(ValueError, match=message):
        game.fit(data, verbose=0)


def test_a_frozen_player_gives_features_and_gradients():
    """A perceptual distance: the gradient runs through the frozen player, whose weights stay."""
    x = RNG.normal(size=(8, 4)).astype("float32")
    eyes = dense(4, 3, "eyes")
    game = autoencoder(players={"eyes": eyes}, sides={"generator": ["e", "d"]})
    game.compile(FeatureDistance("eyes", "only", "back", "x"), generator_optimizer=keras.optimizers.SGD(0.1))
    before, (e, d, f) = eyes.get_weights(), (each.get_weights()[0] for each in (game.e, game.d, eyes))
    game.train_on_batch({"x": x})
    for old, new in zip(before, eyes.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    upstream = 2 * (x @ e @ d - x) @ f @ f.T / (8 * 3)
    np.testing.assert_allclose(game.d.get_weights()[0], d - 0.1 * (x @ e).T @ upstream, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(game.e.get_weights()[0], e - 0.1 * x.T @ upstream @ d.T, rtol=1e-4, atol=1e-6)


def test_one_half_of_an_objective_may_read_names():
    """In a game of several matches such a term counts once, and one with a match counts there."""
    both = Players(discriminator=LeastSquares(), generator=2 * LeastSquares() @ "a" + 3 * Distance("back", "x"))
    assert [(w, str(term)) for w, term in both.terms] == [
        (1.0, "players(discriminator=least_squares)"),
        (2.0, "players(generator=least_squares)@a"),
        (3.0, "distance(a='back', b='x')"),
    ]
    assert Players(generator=Distance("a", "b")).terms == ((1.0, Distance("a", "b")),)


@pytest.mark.parametrize("shape", [(4,), None], ids=["known", "as the data has it"])
def test_labels_may_be_one_hot(shape):
    """Of the same labels as integers the cross-entropy is the same."""
    found = []
    for labels, shape_ in ((np.array([3, 0, 2]), ()), (np.eye(4, dtype="float32")[[3, 0, 2]], shape)):
        game = autoencoder(shapes={"y": shape_})
        game.d.set_weights([np.arange(8.0).reshape(2, 4), np.zeros(4)])
        game.e.set_weights([np.arange(8.0).reshape(4, 2), np.zeros(2)])
        game.compile(CrossEntropy("back", "y"), run_eagerly=True)
        data = tf.data.Dataset.from_tensors({"x": X[:, 0], "y": labels})
        found.append(game.evaluate(data, return_dict=True, verbose=0)["g_loss"])
    assert found[0] == pytest.approx(found[1], rel=1e-6)


class Counting(NamedTerm):
    """The mean of a value, and the number of moves before."""

    reads = ("made",)

    def build(self, memory, generator, discriminator):
        self.widths = [weight.shape for weight in generator.trainable_variables]
        self.count = memory.add_weight(shape=(), initializer="zeros", trainable=False, name="count")

    def measure(self, made):
        return tf.reduce_mean(made, axis=1) + self.count

    def update(self, player, round):
        self.count.assign_add(1.0)


def without_matches():
    maker = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, kernel_initializer="zeros")])
    return Game({"g": maker}, {"made": "g(x)"}, seed=0)


def test_a_term_remembers_in_a_game_without_matches():
    game, other = without_matches(), without_matches()
    for each in (game, other):
        each.compile(Counting(), generator_optimizer=keras.optimizers.SGD(0.0), run_eagerly=True)
    for step in range(3):
        logs = game.train_on_batch({"x": A[:, 0, :2]}, return_dict=True)
        assert logs["g_loss"] == pytest.approx(step)  # the mean is 0
    (_, term), (_, untouched) = game.objective.terms[0], other.objective.terms[0]
    assert term.widths == [(2, 2), (2,)]
    assert (float(term.count), float(untouched.count)) == (3, 0)
    assert any(variable is term.count for variable in game.variables)


@pytest.mark.parametrize("call", [lambda term: term.measure(A[:, 0]), lambda term: term.loss("generator", None)])
def test_a_term_that_remembers_must_be_bound(call):
    with pytest.raises(ValueError, match=r"`counting` must be bound to its players.*`objective.bound\("):
        call(Counting())


def test_a_term_that_needs_a_discriminator_says_so_in_a_game_without_matches():
    class Judged(Counting):
        def build(self, memory, generator, discriminator):
            self.weights = discriminator.trainable_variables

    with pytest.raises(
        ValueError, match=r"`objective` must need no discriminator in `build`, .*Received: judged, with"
    ):
        without_matches().compile(Judged())
