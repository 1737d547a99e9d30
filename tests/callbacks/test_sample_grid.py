import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from keras_gan import GAN, images, networks
from keras_gan.callbacks import SampleGrid
from keras_gan.callbacks.sample_grid import draw
from keras_gan.ground import plots

PICTURES = np.zeros((32, 8, 8, 1), "float32")
GREY, RED = (0x9A, 0xA5, 0xB1), (0xD1, 0x49, 0x5B)  # real and generated, as plots.py draws them


@keras.saving.register_keras_serializable("keras_gan_tests")
class ByLabel(keras.Model):
    """Paints a picture of label y in the plain colour y / classes."""

    def __init__(self, classes, dim=8):
        super().__init__()
        self.classes, self.dim = classes, dim
        self.shade = layers.Dense(1, use_bias=False, kernel_initializer="zeros")

    def call(self, latents, labels=None, training=False):
        colour = tf.cast(labels, "float32")[:, None] / self.classes + self.shade(latents)
        return tf.tile(colour[:, None, None], (1, self.dim, self.dim, 1))

    def get_config(self):
        return {"classes": self.classes, "dim": self.dim}


def by_label(classes, dim=8):
    discriminator = networks.mlp_discriminator((dim, dim, 1), hidden=(8,), labels=classes)
    return GAN(ByLabel(classes, dim), discriminator, 2, labels=classes, value_range=(-1, 1), seed=0)


def constant(value, activation, shape=(8, 8, 1)):
    """A GAN whose generator always gives `value`."""
    generator = networks.mlp_generator(2, shape, hidden=(8,), output_activation=activation)
    for variable in generator.trainable_variables:
        variable.assign(tf.zeros_like(variable))
    inverse = {"tanh": np.arctanh, "sigmoid": lambda p: np.log(p / (1 - p)), None: lambda v: v}[activation]
    generator.trainable_variables[-1].assign(np.full(np.prod(shape), inverse(value), "float32"))
    return GAN(generator, networks.mlp_discriminator(shape, hidden=(8,)), 2, seed=0)


def read(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def frames(path):
    with Image.open(path) as gif:
        return gif.n_frames


def holds(picture, colour):
    return bool((np.abs(picture.astype(int) - colour).max(axis=-1) <= 2).any())


@pytest.mark.learns
def test_a_picture_an_epoch_and_a_gif_of_all(same_gan, tmp_path):
    gan = same_gan((8, 8, 1))
    gan.fit(PICTURES, batch_size=8, epochs=3, verbose=0, callbacks=[SampleGrid(tmp_path / "samples", num_samples=4)])
    expected = ["epoch-0001.png", "epoch-0002.png", "epoch-0003.png", "samples.gif"]
    assert names(tmp_path / "samples") == expected
    assert frames(tmp_path / "samples" / "samples.gif") == 3


@pytest.mark.learns
def test_a_picture_every_few_steps_counted_over_epochs_and_fits(same_gan, tmp_path):
    gan = same_gan((8, 8, 1), compile_options={"steps_per_execution": 1})
    callback = SampleGrid(tmp_path, every=3, num_samples=4)
    gan.fit(PICTURES, batch_size=8, epochs=2, verbose=0, callbacks=[callback])  # steps 1 to 8
    assert names(tmp_path) == ["samples.gif", "step-00000003.png", "step-00000006.png"]
    gan.fit(PICTURES, batch_size=8, verbose=0, callbacks=[callback])  # steps 9 to 12
    assert [name for name in names(tmp_path) if name.endswith(("9.png", "12.png"))] == [
        "step-00000009.png",
        "step-00000012.png",
    ]
    assert frames(tmp_path / "samples.gif") == 4  # the frames of the first session too


@pytest.mark.learns
def test_no_step_is_missed_where_several_run_at_once(same_gan, tmp_path):
    gan = same_gan((8, 8, 1), compile_options={"steps_per_execution": 2})
    gan.fit(PICTURES, batch_size=4, verbose=0, callbacks=[SampleGrid(tmp_path, every=3, num_samples=4, gif=False)])
    assert names(tmp_path) == ["step-00000004.png", "step-00000006.png"]


@pytest.mark.learns
@pytest.mark.parametrize("rate", [0.0, 1e-2])
def test_pictures_change_with_the_weights_alone(same_gan, tmp_path, rate):
    gan = same_gan((8, 8, 1))
    gan.optimizer.learning_rate = rate
    gan.fit(PICTURES, batch_size=8, epochs=3, verbose=0, callbacks=[SampleGrid(tmp_path, num_samples=4)])
    first, second, third = (read(tmp_path / f"epoch-000{i}.png") for i in (1, 2, 3))
    assert first.shape == second.shape == third.shape
    assert np.array_equal(first, second) == np.array_equal(second, third) == (rate == 0)


def test_the_latents_are_those_of_the_seed(same_gan):
    gan = same_gan((8, 8, 1))
    np.testing.assert_array_equal(draw(gan, 4, seed=1), draw(gan, 4, seed=1))
    np.testing.assert_array_equal(draw(gan, 4, seed=1, scale=1), images.grid(gan.generate(4, seed=1)))
    assert not np.array_equal(draw(gan, 4, seed=1), draw(gan, 4, seed=2))


@pytest.mark.learns
def test_looking_does_not_change_the_game(same_gan, tmp_path):
    ends = []
    for callbacks in ([], [SampleGrid(tmp_path, every=1, num_samples=4)]):
        gan = same_gan((8, 8, 1))
        gan.fit(PICTURES, batch_size=8, verbose=0, callbacks=callbacks)
        ends.append(gan.get_weights())
    for a, b in zip(*ends, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.learns
def test_no_gif_if_none_is_wanted(same_gan, tmp_path):
    callback = SampleGrid(tmp_path, num_samples=4, gif=False)
    same_gan((8, 8, 1)).fit(PICTURES, batch_size=8, verbose=0, callbacks=[callback])
    assert names(tmp_path) == ["epoch-0001.png"]


@pytest.mark.learns
def test_the_averaged_generator_is_shown(same_gan):
    gan = same_gan((8, 8, 1), ema=0.5)
    gan.step.assign(1)  # it has been trained
    before = draw(gan, 4)
    for variable in gan.generator.trainable_variables:
        variable.assign(tf.zeros_like(variable))
    np.testing.assert_array_equal(draw(gan, 4), before)


@pytest.mark.learns
@pytest.mark.parametrize(("activation", "low", "middle"), [("tanh", -1.0, 0.0), ("sigmoid", 0.0, 0.5)])
def test_the_range_is_that_of_the_last_activation(activation, low, middle):
    assert np.unique(draw(constant(middle, activation), 1, scale=1)[2:-2, 2:-2]).tolist() == [128]
    dark = constant(low + 0.25, activation)
    assert np.unique(draw(dark, 1, scale=1)[2:-2, 2:-2]).tolist() == [round(255 * 0.25 / (2 * (middle - low)))]


@pytest.mark.learns
def test_pictures_with_alpha_are_pictures(tmp_path):
    gan = constant(0.5, "sigmoid", (8, 8, 4))
    gan.compile(run_eagerly=True)
    gan.fit(np.zeros((8, 8, 8, 4)), epochs=2, verbose=0, callbacks=[SampleGrid(tmp_path, num_samples=4, scale=1)])
    assert names(tmp_path) == ["epoch-0001.png", "epoch-0002.png", "samples.gif"]
    picture = read(tmp_path / "epoch-0001.png")
    assert picture.shape == (22, 22, 4)
    assert np.unique(picture[:2]).tolist() == [255]  # opaque white between them
    assert abs(int(picture[5, 5, 3]) - 128) <= 8
    with Image.open(tmp_path / "samples.gif") as gif:  # on white
        grey = np.asarray(gif.convert("RGB"))[5, 5].astype(int)
    assert np.abs(grey - 191).max() <= 12


@pytest.mark.learns
def test_columns_and_scale_lay_the_grid_out():
    gan = constant(0.0, "tanh")
    assert draw(gan).shape == (8 * 34 + 2, 8 * 34 + 2, 1)  # 64 pictures of 8 pixels, each pixel 4 x 4
    assert draw(gan, 6, columns=3, scale=1).shape == (2 * 10 + 2, 3 * 10 + 2, 1)
    assert draw(constant(0.0, "tanh", (40, 40, 3)), 1).shape == (44, 44, 3)  # large enough as it is


@pytest.mark.learns
@pytest.mark.parametrize("num_samples", [None, 12])
def test_a_column_a_class(num_samples):
    picture = draw(by_label(4), num_samples, scale=1)
    rows = 8 if num_samples is None else 3
    assert picture.shape == (rows * 10 + 2, 4 * 10 + 2, 1)
    for column in range(4):
        tiles = [picture[row * 10 + 2 : row * 10 + 10, column * 10 + 2 : column * 10 + 10] for row in range(rows)]
        assert np.unique(tiles).tolist() == [round(255 * (column / 4 + 1) / 2)]


@pytest.mark.learns
def test_labels_that_are_given_are_shown_in_their_order(tmp_path):
    gan = by_label(4)
    gan.compile(run_eagerly=True)
    labels = [3, 3, 0, 1]
    data = PICTURES, np.zeros(32, "int32")
    gan.fit(*data, verbose=0, callbacks=[SampleGrid(tmp_path, num_samples=4, labels=labels, columns=4, scale=1)])
    picture = read(tmp_path / "epoch-0001.png").astype(int)
    expected = gan.generate(4, labels=labels, seed=0)[:, 0, 0, 0]
    np.testing.assert_allclose(picture[6, [6, 16, 26, 36]], 127.5 * (expected + 1), atol=0.51)
    assert len(set(picture[6, [6, 26, 36]])) == 3


@pytest.mark.learns
@pytest.mark.parametrize("shape", [(8, 8, 1), (2,)])
def test_labels_that_only_the_discriminator_takes_are_not_given_to_the_generator(shape):
    generator = networks.mlp_generator(2, shape, hidden=(8,))
    gan = GAN(generator, networks.mlp_discriminator(shape, hidden=(8,), labels=3), 2, labels=3, seed=0)
    assert draw(gan, 6).dtype == np.uint8


@pytest.mark.learns
def test_labels_that_cannot_be_drawn_must_be_given(tmp_path):
    generator = networks.mlp_generator(2, (2,), hidden=(8,), labels=3)
    gan = GAN(generator, networks.mlp_discriminator((2,), hidden=(8,), labels=3), 2, seed=0)
    with pytest.raises(ValueError, match=r"`labels` must be given.*Received: labels=None"):
        draw(gan)
    assert draw(gan, 3, labels=[0, 1, 2]).shape == (500, 500, 3)


@pytest.mark.learns
def test_points_are_scattered_over_real_ones(same_gan, points, tmp_path):
    gan = same_gan()
    gan.fit(points, verbose=0, callbacks=[SampleGrid(tmp_path / "a"), SampleGrid(tmp_path / "b", real=points)])
    alone, over = read(tmp_path / "a" / "epoch-0001.png"), read(tmp_path / "b" / "epoch-0001.png")
    assert alone.shape == over.shape == (500, 500, 3)
    assert not holds(alone, GREY)
    assert holds(over, GREY)


def test_a_thousand_points_coloured_by_class(same_gan, monkeypatch):
    seen = {}
    monkeypatch.setattr(plots, "scatter", lambda samples, real, labels: seen.update(x=samples, y=labels))
    draw(same_gan(labels=3), seed=4)
    assert seen["x"].shape == (1000, 2)
    assert seen["y"].tolist() == [i % 3 for i in range(1000)]


@pytest.mark.learns
def test_numbers_are_a_histogram(same_gan):
    gan = same_gan((1,))
    alone, over = draw(gan), draw(gan, real=np.linspace(-1, 1, 500)[:, None])
    assert alone.shape == over.shape == (400, 600, 3)
    assert holds(alone, RED)
    assert not holds(alone, GREY)
    assert holds(over, GREY)


@pytest.mark.learns
def test_vectors_are_rows(same_gan, monkeypatch):
    gan, seen = same_gan((784,)), []
    rows = plots.rows
    monkeypatch.setattr(plots, "rows", lambda samples: seen.append(samples) or rows(samples))
    assert draw(gan, seed=3).shape == (400, 600, 3)
    assert draw(gan, 5, seed=3).shape == (400, 600, 3)
    assert [samples.shape for samples in seen] == [(64, 784), (5, 784)]
    np.testing.assert_allclose(seen[1], gan.generate(5, seed=3), rtol=1e-6)


@pytest.mark.learns
@pytest.mark.parametrize("every", ["epoch", 2])
def test_tensorboard_gets_the_pictures_too(same_gan, tmp_path, every):
    pytest.importorskip("tensorboard", reason="tensorboard is an extra")
    gan = same_gan((8, 8, 1))
    callback = SampleGrid(tmp_path / "samples", every, num_samples=4, tensorboard_dir=tmp_path / "board")
    gan.fit(PICTURES, batch_size=8, epochs=2, verbose=0, callbacks=[callback])
    (file,) = (tmp_path / "board").glob("events.out.tfevents.*")
    found = {
        event.step: value.tensor.string_val[2]
        for event in tf.compat.v1.train.summary_iterator(str(file))
        for value in event.summary.value
        if value.tag == "samples"
    }
    pattern = "epoch-{:04d}.png" if every == "epoch" else "step-{:08d}.png"
    assert list(found) == ([1, 2] if every == "epoch" else [2, 4, 6, 8])
    for step, png in found.items():
        shown = tf.io.decode_png(png).numpy()[..., 0]
        np.testing.assert_array_equal(shown, read(tmp_path / "samples" / pattern.format(step)))


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "step", None])
def test_every_must_be_epoch_or_a_positive_number_of_steps(tmp_path, every):
    with pytest.raises(ValueError, match=r"`every` must be 'epoch' or a number of steps.*Received: every="):
        SampleGrid(tmp_path, every)
