"""One range of a GAN's pictures: given, deduced or guessed, and the same wherever pictures are made of numbers."""

import re
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from keras_gan import GAN, images, networks
from keras_gan.callbacks import SampleGrid
from keras_gan.callbacks.sample_grid import draw
from keras_gan.evaluation.sources import of_game, of_saved_model
from keras_gan.metrics import FrechetDistance

SHAPE = (4, 4, 3)
RNG = np.random.default_rng(0)


@keras.saving.register_keras_serializable("tests_ranges")
class Subclass(keras.Model):
    """A generator whose layers cannot be read from a graph."""

    def __init__(self, last=None, scale=1.0, offset=0.0, **options):
        super().__init__(**options)
        self.last, self.scale, self.offset = last, scale, offset
        self.dense = layers.Dense(
            48, activation=last, kernel_initializer=keras.initializers.RandomNormal(0, 0.5, seed=0)
        )

    def call(self, z):
        return self.scale * ops.reshape(self.dense(z), (-1, *SHAPE)) + self.offset

    def get_config(self):
        own = {"last": self.last, "scale": self.scale, "offset": self.offset}
        return {**super().get_config(), **own}


def generator(*parts, activation=None):
    start = keras.initializers.RandomNormal(0, 1, seed=0)
    dense = layers.Dense(48, activation=activation, kernel_initializer=start)
    return keras.Sequential([keras.Input((2,)), dense, layers.Reshape(SHAPE), *parts])


def of_operations(function):
    z = keras.Input((2,))
    return keras.Model(z, function(generator()(z)))


def judge(shape=SHAPE):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(1)])


def gan(made, shape=SHAPE, **options):
    return GAN(made, judge(shape), 2, seed=0, **options)


def quietly(made, **options):
    """A compiled GAN, where nobody asks for the warning."""
    game = gan(made, **options)
    with warnings.catch_warnings(action="ignore"):
        game.compile()
    return game


DEDUCED = {
    "sigmoid, cropped": (lambda: generator(layers.Cropping2D(1), activation="sigmoid"), (0, 1), (2, 2, 3)),
    "sigmoid, enlarged": (lambda: generator(layers.UpSampling2D(2), activation="sigmoid"), (0, 1), (8, 8, 3)),
    "sigmoid, permuted": (lambda: generator(layers.Permute((2, 1, 3)), activation="sigmoid"), (0, 1), SHAPE),
    "sigmoid, cast": (lambda: generator(layers.Activation(None, dtype="float32"), activation="sigmoid"), (0, 1), SHAPE),
    "tanh, rescaled": (lambda: generator(layers.Rescaling(0.5, 0.5), activation="tanh"), (0, 1), SHAPE),
    "tanh, to bytes": (lambda: generator(layers.Rescaling(127.5, 127.5), activation="tanh"), (0, 255), SHAPE),
    "clipped": (lambda: of_operations(lambda x: ops.clip(x, 0, 1)), (0, 1), SHAPE),
    "nearly clipped": (lambda: of_operations(lambda x: ops.clip(x, 0.001, 0.999)), (0, 1), SHAPE),
    "hard_sigmoid": (lambda: generator(activation="hard_sigmoid"), (0, 1), SHAPE),
    "tanh": (lambda: generator(activation="tanh"), (-1, 1), SHAPE),
    "half a tanh": (lambda: of_operations(lambda x: 0.5 * ops.tanh(x)), (-0.5, 0.5), SHAPE),
}  # fmt: skip


@pytest.mark.parametrize("name", DEDUCED)
def test_a_range_that_the_layers_say(name):
    make, expected, shape = DEDUCED[name]
    game = gan(make(), shape)
    assert game.value_range == expected
    assert game.range_is_known
    with warnings.catch_warnings(action="error", category=UserWarning):
        game.compile()
    low, high = expected
    beyond = RNG.uniform(low, high, (8, *shape)) + (high - low)
    with pytest.raises(ValueError, match=r"the range of the generator, which ends in a .*from_uint8"):
        game.fit(beyond, batch_size=8, verbose=0)


GUESSED = [
    (lambda: Subclass("sigmoid"), (0, 1), False),
    (lambda: Subclass("tanh"), (-1, 1), True),
    (lambda: Subclass(), (-1, 1), True),
    (lambda: Subclass("sigmoid", 255.0), (0, 255), True),
    (lambda: generator(), (-1, 1), True),
    (lambda: generator(activation="relu"), (0, 1), True),  # which makes numbers above 1
    (lambda: generator(activation="elu"), (-1, 1), True),
    (lambda: of_operations(lambda x: ops.clip(x, -256, 256)), (-1, 1), True),
    (lambda: of_operations(lambda x: ops.clip(x, 0, 6)), (0, 1), True),
]


@pytest.mark.parametrize(("make", "expected", "warns"), GUESSED)
def test_a_range_that_is_guessed_from_what_is_made(make, expected, warns):
    game = gan(make())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        game.compile()
    assert game.value_range == expected
    assert not game.range_is_known
    told = [str(warning.message) for warning in caught if "value_range" in str(warning.message)]
    assert len(told) == warns
    if warns:
        low, high = expected
        assert f"guessed as [{low}, {high}]" in told[0]
        assert "pass `value_range=(low, high)` to the GAN" in told[0]


@pytest.mark.learns
def test_nothing_is_guessed_that_is_given_or_no_picture():
    with warnings.catch_warnings(action="error", category=UserWarning):
        given = gan(Subclass(), value_range=(0, 1))
        given.compile()
        points = GAN(networks.mlp_generator(2, (2,)), networks.mlp_discriminator((2,)), 2, seed=0)
        points.compile()
    assert given.value_range == (0, 1)
    assert given.range_is_known
    assert points.value_range is None
    points.fit(np.linspace(-300, 300, 64).reshape(32, 2), epochs=0, verbose=0)  # any numbers: they are no pictures


@pytest.mark.parametrize("wrong", [(1, 0), (0,), 3, "01", (0, float("nan"))])
def test_what_is_no_range(wrong, tmp_path):
    for make in (lambda: gan(generator(), value_range=wrong), lambda: SampleGrid(tmp_path, value_range=wrong)):
        with pytest.raises(ValueError, match=r"`value_range` must be two finite numbers, low < high. Received: "):
            make()


UNIT, SIGNED = RNG.uniform(0, 1, (8, *SHAPE)), RNG.uniform(-1, 1, (8, *SHAPE))


@pytest.mark.parametrize(
    ("make", "data", "expected", "told"),
    [
        (lambda: Subclass(), SIGNED, (-1, 1), None),
        (lambda: Subclass(), 0 * UNIT, (-1, 1), None),
        (lambda: Subclass(), UNIT, (0, 1), r"guessed as \[-1, 1\], and the data lies in .*it is now \[0, 1\]"),
        (lambda: generator(activation="relu"), UNIT, (0, 1), None),
        (lambda: generator(activation="elu"), UNIT, (0, 1), r"it is now \[0, 1\]"),
        (
            lambda: Subclass("sigmoid"),
            SIGNED,
            (-1, 1),
            r"as \[0, 1\], .*now \[-1, 1\].*can make numbers below 0",
        ),
        (lambda: Subclass("sigmoid", 255.0), 255 * UNIT, (0, 255), None),
        (lambda: Subclass(), 2.6 * SIGNED, (-1, 1), r"pictures are cut off at its ends.*pass `value_range=\(low, high"),
        (lambda: of_operations(lambda x: ops.clip(x, -3, 3)), 2.6 * SIGNED, (-3, 3), r"it is now \[-3, 3\]"),
    ],
)
def test_the_first_fit_settles_a_guess(make, data, expected, told):
    game = quietly(make())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        game.fit(data, batch_size=8, epochs=0, verbose=0)
    texts = [str(warning.message) for warning in caught if "value_range" in str(warning.message)]
    assert len(texts) == (told is not None)
    assert all(re.search(told, text) for text in texts)
    assert game.value_range == expected


@pytest.mark.parametrize("make", [Subclass, generator, lambda: generator(activation="relu")])
def test_data_in_bytes_is_refused_where_the_range_is_a_guess(make):
    game = quietly(make())
    with pytest.raises(ValueError, match=r"which is guessed as .*Received: data in \[.*from_uint8.*value_range"):
        game.fit(255 * UNIT, batch_size=8, verbose=0)
    given = gan(make(), value_range=(0, 255))
    given.compile()
    given.fit(255 * UNIT, batch_size=8, epochs=0, verbose=0)


def test_data_outside_of_a_given_range():
    game = gan(Subclass(), value_range=(0, 1))
    game.compile()
    for use in (game.fit, game.evaluate):
        with pytest.raises(ValueError, match=r"lie in \[0, 1\], the `value_range`.*from_uint8\(images, \(0, 1\)\)"):
            use(SIGNED, batch_size=8, verbose=0)


AGREE = {
    "tanh, rescaled": lambda: gan(generator(layers.Rescaling(0.5, 0.5), activation="tanh")),
    "a subclass": lambda: quietly(Subclass("sigmoid")),
    "given": lambda: gan(generator(), value_range=(-3, 5)),
}


@pytest.mark.learns
@pytest.mark.parametrize(
    "name", [name if name == "given" else pytest.param(name, marks=pytest.mark.learns) for name in AGREE]
)
def test_export_grid_and_evaluation_agree(name, tmp_path):
    game = AGREE[name]()
    low, high = {"given": (-3, 5)}.get(name, (0, 1))
    numbers = game.generate(4, seed=1).astype("float64")
    expected = np.clip((numbers - low) / (high - low) * 255, 0, 255)
    exported = game.export(tmp_path / "model")
    loaded = tf.saved_model.load(exported)
    asked = {"num_samples": tf.constant(4), "seed": tf.constant(1, tf.int64)}
    np.testing.assert_allclose(loaded.signatures["generate"](**asked)["images"], expected, atol=0.51)
    grid = draw(game, 4, seed=1, columns=1, scale=1)
    tiles = np.stack([grid[top : top + 4, 2:-2] for top in (2, 8, 14, 20)])
    np.testing.assert_allclose(tiles, expected, atol=0.51)
    of_piece = np.clip((game.generate(4, seed=2**20) - low) / (high - low) * 255, 0, 255)
    for source in (of_game(game, "game", {}), of_saved_model(exported)):
        (piece,) = source.pieces(4, 1, SHAPE)
        assert piece.images.dtype == np.uint8
        np.testing.assert_allclose(piece.images, of_piece, atol=0.51)


@pytest.mark.learns
def test_a_range_for_one_grid_or_export_overrides(tmp_path):
    game = gan(generator(activation="tanh"))
    half = draw(game, 4, seed=1, value_range=(-2, 2), scale=1)
    np.testing.assert_array_equal(half, images.grid(game.generate(4, seed=1), value_range=(-2, 2)))
    game.compile(run_eagerly=True)
    game.fit(SIGNED, batch_size=8, verbose=0, callbacks=[SampleGrid(tmp_path, num_samples=4, value_range=(-100, 100))])
    assert np.ptp(keras.utils.img_to_array(keras.utils.load_img(tmp_path / "epoch-0001.png"))[2:-2, 2:-2][:16, :16]) < 4


@pytest.mark.parametrize("how", ["given", "deduced", "guessed", "settled"])
def test_the_range_is_saved(how, tmp_path):
    made = generator(activation="tanh") if how == "deduced" else Subclass("sigmoid", 255.0)
    game = quietly(made, value_range=(-7, 300) if how == "given" else None)
    if how == "settled":
        game.fit(255 * UNIT, batch_size=8, epochs=0, verbose=0)
    expected = {"given": (-7, 300), "deduced": (-1, 1)}.get(how, (0, 255))
    game.save(tmp_path / "gan.keras")
    with warnings.catch_warnings(action="error", category=UserWarning):
        loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert (loaded.value_range, loaded.range_is_known) == (expected, how != "guessed")


def test_a_model_of_version_0_1_without_it():
    config = gan(generator(layers.Rescaling(0.5, 0.5), activation="tanh")).get_config()
    config.pop("value_range")
    config.pop("guessed_range")
    assert GAN.from_config(config).value_range == (0, 1)


def test_the_guess_needs_labels_where_the_generator_takes_them():
    z, y = keras.Input((2,)), keras.Input((), dtype="int32")
    free = keras.Model(
        [z, y], layers.Reshape(SHAPE)(layers.Dense(48)(layers.Concatenate()([z, layers.Embedding(3, 2)(y)])))
    )
    for labels in (3, None):
        game = GAN(free, judge(), 2, labels=labels, seed=0)
        assert game.value_range == (-1, 1)


@pytest.mark.learns
def test_metrics_look_at_pictures_of_any_range_in_the_same_way(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GAN_CACHE", str(tmp_path))
    pictures = RNG.integers(0, 256, (64, *SHAPE), "uint8")
    found = []
    for rescaled, value_range in (((1.0, 0.0), (-1, 1)), ((0.5, 0.5), (0, 1)), ((127.5, 127.5), (0, 255))):
        game = gan(generator(layers.Rescaling(*rescaled), activation="tanh"))
        metrics = [FrechetDistance("pixels", name="d"), FrechetDistance("pixels", real=pictures, name="d_of_all")]
        game.compile(metrics=[*metrics, keras.metrics.MeanSquaredError()], run_eagerly=True)
        data = images.from_uint8(pictures, value_range)
        found.append(game.evaluate(data, batch_size=64, verbose=0, return_dict=True))
    for other, factor in zip(found[1:], (0.5, 127.5), strict=True):
        for name in ("d", "d_of_all"):
            assert other[name] == pytest.approx(found[0][name], rel=1e-4)
        assert other["mean_squared_error"] == pytest.approx(factor**2 * found[0]["mean_squared_error"], rel=1e-4)
