"""Conditions of any kind: one-hot and soft labels, ages, several labels at once, pictures, in games of two players."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import GAN, Game, Match, latents
from keras_gan.callbacks.sample_grid import draw
from keras_gan.evaluation.sources import from_prior
from keras_gan.layers import Projection
from keras_gan.noise import Noise
from keras_gan.play import conditions
from keras_gan.play.conditions import Condition
from keras_gan.replay import FakePool

RNG = np.random.default_rng(0)
X = RNG.normal(size=(16, 2)).astype("float32")


@keras.saving.register_keras_serializable("conditions")
class Uniform(latents.Prior):
    """Floats of any shape, U(0, 1)."""

    def __init__(self, shape):
        self.shape = tuple(shape)

    def draw(self, count, noise):
        return noise.uniform((count, *self.shape))

    def get_config(self):
        return {"shape": list(self.shape)}


@keras.saving.register_keras_serializable("conditions")
class OneHot(latents.Prior):
    """One of `count` equally likely one-hot vectors."""

    def __init__(self, count):
        self.count = count

    def draw(self, count, noise):
        return tf.one_hot(noise.categorical(count, [1 / self.count] * self.count), self.count)

    def get_config(self):
        return {"count": self.count}


def player(width, shape, outputs, dtype="float32"):
    """A dense player of `width` numbers and a condition of some shape, without activations."""
    x, y = keras.Input((width,)), keras.Input(shape, dtype=dtype)
    joined = layers.Concatenate()([x, layers.Flatten()(y) if shape else layers.Reshape((1,))(y)])
    return keras.Model([x, y], layers.Dense(outputs)(joined))


def game(shape, prior=None, **options):
    return GAN(player(3, shape, 2), player(2, shape, 1), 3, labels=prior, seed=0, **options)


KINDS = {
    "one-hot": (np.eye(4, dtype="float32")[np.arange(16) % 4], (4,)),
    "soft": (RNG.dirichlet(np.ones(4), 16), (4,)),
    "several at once": (RNG.integers(0, 2, (16, 5)), (5,)),
    "ages": (RNG.uniform(size=16), ()),
    "ages in columns": (RNG.uniform(size=(16, 1)).astype("float32"), (1,)),
    "ages in columns for numbers": (RNG.uniform(size=(16, 1)), ()),
    "numbers for ages in columns": (RNG.uniform(size=16), (1,)),
    "a picture": (RNG.normal(size=(16, 4, 4, 1)).astype("float32"), (4, 4, 1)),
}


def by_hand(gan, seed, n, labels):
    """What the generator makes of the latents of a seed, by plain Keras."""
    z = gan.latents.draw(16, Noise(("generate",), seed).at("latents"))[:n]
    return gan.generator([z, tf.constant(labels, tf.float32)]).numpy()


@pytest.mark.learns
@pytest.mark.parametrize("kind", KINDS)
def test_a_condition_from_the_batch_is_what_both_players_get(kind):
    y, shape = KINDS[kind]
    gan = game(shape)
    assert gan.condition == Condition(shape, "float32")
    gan.compile(run_eagerly=True)
    logs = gan.evaluate(X, y, batch_size=16, return_dict=True, verbose=0)
    wanted = tf.constant(np.reshape(y, (16, *shape)), tf.float32)
    assert logs["d_real"] == pytest.approx(float(np.mean(gan.discriminator([tf.constant(X), wanted]))), abs=1e-5)
    z = gan.latents.draw(16, Noise((0, "evaluate")).at("latents"))
    fake = gan.generator([z, wanted])
    assert logs["d_fake"] == pytest.approx(float(np.mean(gan.discriminator([fake, wanted]))), abs=1e-5)
    before = gan.generator.get_weights()[0].copy()
    gan.train_on_batch(X, y)
    assert not np.array_equal(before, gan.generator.get_weights()[0])


@pytest.mark.learns
@pytest.mark.parametrize("kind", KINDS)
def test_a_condition_is_given_to_generate(kind):
    y, shape = KINDS[kind]
    gan = game(shape)
    wanted = np.reshape(y, (16, *shape))
    np.testing.assert_allclose(gan.generate(5, y[:5], seed=1), by_hand(gan, 1, 5, wanted[:5]), rtol=1e-5, atol=1e-6)
    for_all = np.broadcast_to(wanted[3], (5, *shape))
    np.testing.assert_allclose(gan.generate(5, y[3], seed=1), by_hand(gan, 1, 5, for_all), rtol=1e-5, atol=1e-6)
    z = np.ones((2, 3), "float32")
    made = gan.make("fake", latents=z, labels=y[:2])
    np.testing.assert_allclose(made, gan.generator([z, wanted[:2].astype("float32")]), rtol=1e-6)
    np.testing.assert_allclose(made, gan.make(z, y[:2]), rtol=1e-6)


@pytest.mark.learns
@pytest.mark.parametrize("prior", [Uniform(()), Uniform((1,)), Uniform((3,)), OneHot(4)], ids=repr)
def test_a_condition_is_drawn(prior):
    shape = tuple(prior.draw(1, Noise((0, "shape"))).shape[1:])
    gan = game(shape, prior)
    assert gan.condition == Condition(shape, "float32")
    drawn = prior.draw(16, Noise(("generate",), 1).at("labels")).numpy()
    np.testing.assert_array_equal(gan.generate(6, seed=1), gan.generate(6, drawn[:6], seed=1))
    assert len(np.unique(gan.generate(6, seed=1), axis=0)) == 6
    gan.compile(run_eagerly=True)
    logs = gan.evaluate(X, drawn, batch_size=16, return_dict=True, verbose=0)
    noise = Noise((0, "evaluate"))
    z, y = gan.latents.draw(16, noise.at("latents")), prior.draw(16, noise.at("labels"))
    assert logs["d_fake"] == pytest.approx(float(np.mean(gan.discriminator([gan.generator([z, y]), y]))), abs=1e-5)
    assert draw(gan, 4).shape[-1] in (3, 4)


def embedded(width, outputs, table):
    """A player of integers, whose embedding is `table`, and the same of one-hot vectors."""
    x, y, hot = keras.Input((width,)), keras.Input((), dtype="int32"), keras.Input((len(table),))
    embedding = layers.Embedding(*table.shape)
    dense = layers.Dense(table.shape[1], use_bias=False)
    end = layers.Dense(outputs)
    of_integers = keras.Model([x, y], end(layers.Concatenate()([x, embedding(y)])))
    copied = layers.Dense(outputs)
    of_vectors = keras.Model([x, hot], copied(layers.Concatenate()([x, dense(hot)])))
    embedding.set_weights([table])
    dense.set_weights([table])
    copied.set_weights(end.get_weights())
    return of_integers, of_vectors


@pytest.mark.learns
def test_one_hot_vectors_train_as_integers_do_through_an_embedding():
    """Without momentum, as Adam moves rows of an embedding that had no example, and these are dense ones."""
    tables = [RNG.normal(size=(4, 3)).astype("float32") for _ in range(2)]
    generators, discriminators = embedded(3, 2, tables[0]), embedded(2, 1, tables[1])
    y = np.arange(16) % 4
    ends = []
    for players, labels in zip(zip(generators, discriminators, strict=True), (y, np.eye(4)[y]), strict=True):
        gan = GAN(*players, 3, seed=0)
        gan.compile("hinge", "sgd", "sgd", run_eagerly=True)
        for _ in range(2):
            gan.train_on_batch(X, labels)
        ends.append(gan.generate(8, labels[:8], seed=2))
    np.testing.assert_allclose(*ends, rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A game of soft labels that are drawn, with a pool, an average and two moves, saved and exported."""
    gan = game((3,), Uniform((3,)), ema=0.9)
    gan.compile(discriminator_steps=2, replay=FakePool(8))
    gan.fit(np.tile(X, (2, 1)), RNG.uniform(size=(32, 3)), batch_size=8, epochs=2, verbose=0)
    folder = tmp_path_factory.mktemp("conditions")
    gan.save(folder / "gan.keras")
    return gan, folder / "gan.keras", gan.export(folder / "exported", discriminate=True)


@pytest.mark.learns
def test_labels_of_any_shape_go_with_their_past_fakes(trained):
    gan, _, _ = trained
    assert gan.replay.labels.shape == (8, 3)
    assert np.all(gan.replay.labels.numpy() > 0)  # drawn from U(0, 1)


def test_the_pool_exchanges_labels_with_their_fakes():
    pool = FakePool(4, share=1.0)
    pool.build_for((None, 2), (3,), "float32")
    fakes = [RNG.normal(size=(4, 2)).astype("float32") for _ in range(2)]
    labels = [np.concatenate([fake, fake[:, :1]], axis=1) + 1 for fake in fakes]
    for step in range(2):
        out, of_out = pool(tf.constant(fakes[step]), noise=Noise((0, "pool"), step), labels=tf.constant(labels[step]))
        np.testing.assert_array_equal(of_out[:, :2], out + 1)
        assert sorted(out[:, 0].numpy()) == sorted(fakes[0][:, 0])
    with pytest.raises(ValueError, match=r"`labels` must be int32 of shape \(None,\); `build_for` makes room"):
        FakePool(2)(tf.constant(fakes[0]), noise=Noise((0, "pool")), labels=tf.constant(labels[0]))


@pytest.mark.learns
def test_a_game_is_saved_and_loaded(trained):
    gan, path, _ = trained
    again = keras.models.load_model(path)
    assert (again.condition, again.labels) == (gan.condition, gan.labels)
    np.testing.assert_array_equal(again.replay.labels.numpy(), gan.replay.labels.numpy())
    np.testing.assert_array_equal(again.generate(4, seed=3), gan.generate(4, seed=3))
    x, y = np.stack([X[:8], X[8:]], axis=1), RNG.uniform(size=(8, 2, 3))
    assert again.train_on_batch(x, y) == pytest.approx(gan.train_on_batch(x, y))
    np.testing.assert_array_equal(again.generate(4, seed=3), gan.generate(4, seed=3))
    keras.models.load_model(path)  # and the module's game has gone on: what was exported is compared with the file


@pytest.mark.learns
def test_a_game_is_exported(trained):
    _, path, folder = trained
    gan, model = keras.models.load_model(path), tf.saved_model.load(folder)
    generate, z = model.signatures["generate"], RNG.normal(size=(2, 3)).astype("float32")
    spec = generate.structured_input_signature[1]["labels"]
    assert (spec.shape.as_list(), spec.dtype) == ([None, 3], tf.float32)
    y = RNG.uniform(size=(4, 3)).astype("float32")
    nan, seed = np.full((1, 3), np.nan, "float32"), tf.constant(5, tf.int64)

    def made(labels, n=4):
        return generate(num_samples=tf.constant(n), seed=seed, labels=tf.constant(labels))["images"].numpy()

    np.testing.assert_allclose(made(y), gan.generate(4, y, seed=5), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(made(y[:1]), gan.generate(4, y[0], seed=5), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(made(nan), gan.generate(4, seed=5), rtol=1e-5, atol=1e-6)
    mixed = np.concatenate([y[:2], nan, y[3:]])
    np.testing.assert_allclose(made(mixed)[2], gan.generate(4, seed=5)[2], rtol=1e-5, atol=1e-6)
    images = model.signatures["serving_default"](latents=tf.constant(z), labels=tf.constant(y[:2]))["images"]
    np.testing.assert_allclose(images, gan.make(z, y[:2]), rtol=1e-5, atol=1e-6)
    walk = model.signatures["interpolate"](
        start_seed=seed, end_seed=seed + 1, steps=tf.constant(3), labels=tf.constant(y[:1])
    )["images"]
    np.testing.assert_allclose(walk[0], gan.generate(1, y[0], seed=5)[0], rtol=1e-5, atol=1e-6)
    scores = model.signatures["discriminate"](images=tf.constant(X[:4]), labels=tf.constant(y))["scores"]
    np.testing.assert_allclose(scores, gan.discriminator([X[:4], y])[:, 0], rtol=1e-5, atol=1e-6)
    for wrong in (mixed[:3] * [1, np.nan, 1], np.full((1, 3), np.inf), y[:3]):
        with pytest.raises(tf.errors.InvalidArgumentError, match="`labels` must be"):
            made(wrong.astype("float32"))


@keras.saving.register_keras_serializable("conditions")
class Subclassed(keras.Model):
    """A player that takes any condition that can be summed."""

    def __init__(self, outputs, **options):
        super().__init__(**options)
        self.outputs_, self.dense = outputs, layers.Dense(outputs)

    def build(self, x_shape):
        self.dense.build(x_shape)

    def call(self, x, labels, training=False):
        y = tf.cast(labels, tf.float32)
        return self.dense(x + tf.reshape(y, (tf.shape(y)[0], -1))[:, :1])

    def get_config(self):
        return {**super().get_config(), "outputs": self.outputs_}


@pytest.mark.learns
def test_a_subclass_takes_what_the_first_data_has(tmp_path):
    gan = GAN(Subclassed(2), Subclassed(1), 3, seed=0)
    assert gan.condition == Condition()
    gan.compile(run_eagerly=True)
    y = RNG.uniform(size=(16, 3))
    gan.fit(X, y, batch_size=8, verbose=0)
    assert gan.condition == Condition((3,), "float32")
    with pytest.raises(ValueError, match=r"must be finite numbers, one condition per example, \(16, 3\)"):
        gan.fit(X, np.arange(16), verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(again.generate(4, y[0], seed=1), gan.generate(4, y[0], seed=1))


@pytest.mark.learns
def test_a_subclass_takes_what_is_drawn():
    gan = GAN(Subclassed(2), Subclassed(1), 3, labels=OneHot(4), seed=0)
    assert gan.condition == Condition((4,), "float32")
    assert gan.generate(3, seed=0).shape == (3, 2)


def test_what_only_embeddings_read_is_integers_whatever_its_dtype():
    x, y = keras.Input((3,)), keras.Input((1,))
    read = keras.Model([x, y], layers.Dense(2)(layers.Concatenate()([x, layers.Flatten()(layers.Embedding(4, 3)(y))])))
    assert conditions.find({"generator": read}, None) == Condition()
    y = keras.Input(())
    projected = keras.Model([x, y], Projection(4)([x, y]))
    assert conditions.find({"discriminator": projected}, None) == Condition()
    assert conditions.find({"generator": OfClasses()}, None) == Condition()


class OfClasses(keras.Model):
    """A subclass with an embedding."""

    def __init__(self):
        super().__init__()
        self.embedding, self.dense = layers.Embedding(4, 3), layers.Dense(2)

    def call(self, x, labels):
        return self.dense(x + self.embedding(labels))


def test_a_subclass_with_an_embedding_takes_integers_alone():
    gan = GAN(OfClasses(), Subclassed(1), 3, seed=0)
    gan.compile(run_eagerly=True)
    with pytest.raises(ValueError, match=r"must be integers, one per example, \(16,\)"):
        gan.fit(X, RNG.uniform(size=16), batch_size=16, verbose=0)


@pytest.mark.learns
def test_data_sets_that_do_not_say_their_shapes():
    y = RNG.uniform(size=(16, 3)).astype("float32")
    pairs = [(X[i : i + 8], y[i : i + 8]) for i in (0, 8)]
    spec = tf.TensorSpec(None, tf.float32)
    data = tf.data.Dataset.from_generator(lambda: iter(pairs), output_signature=(spec, spec))
    gan = game((3,))
    gan.compile(run_eagerly=True)
    gan.fit(data, verbose=0)
    assert int(gan.step.numpy()) == 2


def test_what_stands_in_the_place_of_drawn_conditions(trained):
    """-1 of integers, NaN of floats, by the signature."""
    spec = tf.saved_model.load(trained[2]).signatures["generate"].structured_input_signature[1]["labels"]
    np.testing.assert_array_equal(from_prior(spec), np.full((1, 3), np.nan))
    np.testing.assert_array_equal(from_prior(tf.TensorSpec((None,), tf.int32)), [-1])


REFUSED = [
    (lambda: GAN(player(3, (4,), 2), player(2, (5,), 1), 3), r"must take the same labels.*floats \(N, 4\), and floats"),
    (lambda: game((4,), OneHot(5)), r"`labels` must be what `generator` takes.*floats \(N, 4\).*draws floats \(N, 5\)"),
    (lambda: game((4,), 4), r"`labels` must be what `generator` takes.*draws integers \(N,\)"),
    (
        lambda: GAN(player(3, (), 2, "int32"), player(2, (), 1, "int32"), 3, labels=Uniform(())),
        r"integers \(N,\): a pr",
    ),
    (lambda: GAN(player(3, (4,), 2), player(2, (), 1), 3), r"a game whose players take different ones is a `Game`"),
    (lambda: game((4,)).generate(2), r"`labels` must be given.*Received: labels=None"),
    (lambda: game((4,)).generate(2, 1), r"finite numbers of shape \(4,\), one condition for all, or \(2, 4\)"),
    (lambda: game((4,)).generate(2, np.zeros((3, 4))), r"finite numbers of shape.*of shape \(3, 4\)"),
    (lambda: game((4,)).generate(2, np.full(4, np.nan)), r"finite numbers of shape"),
    (lambda: game((4,)).generate(2, ["a"] * 4), r"finite numbers of shape"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.fixture(scope="module")
def compiled():
    gan = game((4,))
    gan.compile(run_eagerly=True)
    return gan


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, r"must be pairs \(example, label\)"),
        (np.arange(16), r"must be finite numbers, one condition per example, \(16, 4\). Received: labels of dtype int"),
        (
            np.zeros((16, 5)),
            r"one condition per example, \(16, 4\). Received: labels of dtype float64, of shape \(16, 5\)",
        ),
        (np.full((16, 4), np.inf), r"must be finite numbers"),
        (np.full((16, 4), "a"), r"must be finite numbers"),
    ],
)
def test_data_that_does_not_fit_is_refused(compiled, y, message):
    with pytest.raises(ValueError, match=message):
        compiled.fit(X, y, batch_size=16, verbose=0)


def test_a_step_that_does_not_fit_is_refused(compiled):
    with pytest.raises(ValueError, match=r"must be given labels of shape \(16, 4\). Received: labels of shape \(16,\)"):
        compiled.train_on_batch(X, np.arange(16))


def test_an_objective_that_reads_classes_refuses_other_conditions():
    x = keras.Input((2,))
    judge = keras.Model(x, {"output": layers.Dense(1)(x), "class_logits": layers.Dense(4)(x)})
    gan = GAN(player(3, (4,), 2), judge, 3, seed=0)
    with pytest.raises(ValueError, match=r"labels must be integers \(N,\)"):
        gan.compile("hinge + auxiliary_classifier")
    ages = GAN(player(3, (), 2), judge, 3, labels=Uniform(()), seed=0)
    ages.compile("hinge + auxiliary_classifier", run_eagerly=True)
    with pytest.raises(ValueError, match=r"must be integers, one per example"):
        ages.fit(X, RNG.uniform(size=16), verbose=0)
    with pytest.raises(ValueError, match=r"`labels` must be drawn as integers \(N,\) for 'auxiliary_classifier'"):
        ages.fit(X, np.zeros(16, int), verbose=0)


@pytest.mark.learns
def test_a_gradient_penalty_differentiates_beside_any_condition():
    gan = game((4,))
    gan.compile("wasserstein + 10 * gradient_penalty", run_eagerly=True)
    assert np.all(np.isfinite(gan.train_on_batch(X, np.eye(4)[np.arange(16) % 4])))


@pytest.mark.learns
def test_two_outputs_and_three_inputs_go_through_values():
    z, age, seen = keras.Input((3,)), keras.Input((1,)), keras.Input((2, 2, 1))
    h = layers.Concatenate()([z, age, layers.Flatten()(seen)])
    generator = keras.Model([z, age, seen], {"point": layers.Dense(2)(h), "mask": layers.Dense(2)(h)})
    x, m, a = keras.Input((2,)), keras.Input((2,)), keras.Input((1,))
    judge = keras.Model([x, m, a], layers.Dense(1)(layers.Concatenate()([x, m, a])))
    play = Game(
        players={"generator": generator, "judge": judge},
        draws={"z": 3, "drawn_age": Uniform((1,))},
        values={"made": "generator(z, drawn_age, seen)"},
        matches=Match("judge", real=("x", "mask", "age"), fake=("made.point", "made.mask", "drawn_age")),
        seed=0,
    )
    play.compile("hinge", run_eagerly=True)
    parts = {"x": X, "mask": X[::-1].copy(), "age": RNG.uniform(size=(16, 1)), "seen": RNG.normal(size=(16, 2, 2, 1))}
    history = play.fit({name: part.astype("float32") for name, part in parts.items()}, batch_size=8, verbose=0)
    assert np.isfinite(history.history["g_loss"][-1])
    given = {"z": np.ones((3, 3)), "drawn_age": np.ones((3, 1)), "seen": np.ones((3, 2, 2, 1))}
    expected = generator([each.astype("float32") for each in given.values()])
    np.testing.assert_allclose(play.make("made.mask", **given), expected["mask"], rtol=1e-6)
    del given["drawn_age"]
    assert play.make("made.point", **given, seed=0).shape == (3, 2)


@pytest.mark.learns
def test_floats_of_one_number_are_a_part_of_a_game():
    """A part of shape () is what players take of it, not always an integer."""
    judge = player(2, (), 1)
    play = Game(
        players={"generator": player(3, (), 2), "judge": judge},
        draws={"z": 3},
        values={"fake": "generator(z, age)"},
        matches=Match("judge", "x", "fake", labels="age", replay=FakePool(8)),
        seed=0,
    )
    play.compile("hinge", run_eagerly=True)
    play.fit({"x": X, "age": RNG.uniform(0.1, 0.9, size=16).astype("float32")}, batch_size=8, verbose=0)
    kept = play.replay_of("").labels.numpy()
    assert np.all((kept > 0) & (kept < 1))
