"""Same seed, same numbers: repeated, reloaded, resumed, under XLA and on two replicas."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, networks
from tests.games import renewing

IMAGES = np.random.default_rng(0).uniform(-1, 1, (48, 8, 8, 1)).astype("float32")


def make(dropout=0.25, ema=0.9, k=1, objective="relativistic_paired + r1 + gradient_penalty", conv=False, **options):
    keras.utils.set_random_seed(3)
    if conv:
        generator = networks.dcgan_generator(4, (8, 8, 1), filters=4)
        discriminator = networks.dcgan_discriminator((8, 8, 1), filters=4, dropout=dropout)
    else:
        generator = networks.mlp_generator(4, (8, 8, 1), hidden=(4,), normalization="batch")
        discriminator = networks.mlp_discriminator((8, 8, 1), hidden=(4,), dropout=dropout)
    gan = GAN(generator, discriminator, 4, seed=0, ema=ema)
    adams = (keras.optimizers.Adam(1e-3, beta_1=0.5) for _ in range(2))
    gan.compile(objective, *adams, discriminator_steps=k, **options)
    return gan


def play(gan, epochs=1, **options):
    gan.fit(IMAGES, batch_size=8, shuffle=False, epochs=epochs, verbose=0, **options)
    return gan


def state(gan):
    """All that a game is: weights, averages, both optimizers, the step."""
    variables = [*gan.generator.weights, *gan.discriminator.weights, *gan.optimizer.variables, gan.step]
    variables += gan.ema.shadows if gan.ema else []
    return [v.numpy().copy() for v in variables]


def assert_same(a, b, **tolerance):
    for x, y in zip(a, b, strict=True):
        if tolerance:
            np.testing.assert_allclose(x, y, **tolerance)
        else:
            np.testing.assert_array_equal(x, y)


@pytest.fixture(scope="module")
def first():
    """A function that gives one game back, as it was new."""
    return renewing(make())


@pytest.fixture(scope="module")
def second():
    """Another object of the same game."""
    return renewing(make())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Of what the game is after one epoch."""
    return tmp_path_factory.mktemp("half")


@pytest.fixture(scope="module")
def half(first, folder):
    """Its state then."""
    gan = play(first())
    gan.save(folder / "half.keras")
    gan.save_weights(folder / "half.weights.h5")
    return state(gan)


@pytest.fixture(scope="module")
def whole(first, half):
    """The state of such a game after two epochs in one go."""
    return state(play(first(), epochs=2))


@pytest.mark.learns
def test_the_same_run_again_is_bit_identical(half, second):
    assert_same(state(play(second())), half)


@pytest.mark.learns
def test_convolutions_are_bit_identical_again_and_reloaded(tmp_path):
    gan, again = play(make(conv=True)), play(make(conv=True))
    assert_same(state(gan), state(again))
    gan.save(tmp_path / "half.keras")
    loaded = keras.models.load_model(tmp_path / "half.keras")
    assert_same(state(loaded), state(gan))
    assert_same(state(play(loaded)), state(play(again)))


@pytest.mark.learns
def test_penalties_see_the_weights_from_before_the_update():
    """Grappler once let biases be updated before a penalty's pass had read them, in one step of a hundred."""
    options = {"dropout": 0.0, "objective": "wasserstein + 10 * gradient_penalty", "conv": True}
    graph, eager = play(make(**options), epochs=4), play(make(**options, run_eagerly=True), epochs=4)
    assert_same(state(graph), state(eager), atol=1e-5, rtol=1e-4)


@pytest.mark.learns
def test_another_seed_is_another_run(half):
    other = make()
    other.seed = 1
    assert any(not np.array_equal(x, y) for x, y in zip(half, state(play(other)), strict=True))


@pytest.mark.learns
def test_a_reloaded_game_goes_on_bit_identically(folder, half, whole):
    again = keras.models.load_model(folder / "half.keras")
    assert_same(state(again), half)
    assert_same(state(play(again)), whole)


@pytest.mark.learns
def test_a_reloaded_game_of_two_moves_goes_on_bit_identically(tmp_path):
    gan = play(make(k=2, objective="hinge"))
    gan.save(tmp_path / "half.keras")
    again = keras.models.load_model(tmp_path / "half.keras")
    assert_same(state(again), state(gan))
    assert_same(state(play(again)), state(play(gan)))


@pytest.mark.learns
def test_reloaded_weights_go_on_bit_identically(folder, half, whole, second):
    again = second()
    again.load_weights(folder / "half.weights.h5")
    assert_same(state(play(again)), whole)


@pytest.mark.learns
def test_a_reloaded_game_is_compiled_the_same(tmp_path):
    gan = make(k=3, objective="wasserstein + 2.5 * gradient_penalty(target=0)", metrics=["mse"])
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    for name in ("latents", "labels", "seed", "ema", "name"):
        assert again.get_config()[name] == gan.get_config()[name]
    assert again.get_compile_config() == gan.get_compile_config()
    assert again.objective == gan.objective
    assert again.discriminator_steps == 3
    assert again.get_compile_config()["jit_compile"] == "auto"


@pytest.mark.learns
def test_an_uncompiled_conditional_game_round_trips(tmp_path):
    gan = GAN(networks.mlp_generator(3, (2,), labels=4), networks.mlp_discriminator((2,), labels=4), 3, labels=4)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert again.seed == gan.seed  # drawn, and kept
    assert again.labels == gan.labels
    np.testing.assert_array_equal(again.generate(5, seed=0), gan.generate(5, seed=0))


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch, first):
    gan = first()
    path = tmp_path / "gan.keras"
    gan.save(path)
    before = path.read_bytes()

    def fail(self, part, **options):
        part.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(keras.Model, "save", fail)
    with pytest.raises(OSError, match="No space left"):
        gan.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["gan.keras"]


def test_save_keeps_what_must_not_be_overwritten(tmp_path, first):
    path = tmp_path / "gan.keras"
    path.write_text("precious")
    with pytest.raises(FileExistsError, match="`filepath` must not exist unless `overwrite` is True"):
        first().save(path, overwrite=False)
    assert path.read_text() == "precious"


@pytest.mark.xla
def test_xla_gives_the_same_weights():
    options = {"dropout": 0.0, "k": 2, "conv": True, "objective": "wasserstein + 10 * gradient_penalty"}
    plain, xla = play(make(**options)), play(make(**options, jit_compile=True))
    assert xla.jit_compile
    assert_same(state(plain), state(xla), atol=1e-5, rtol=1e-4)


@pytest.mark.learns
def test_two_replicas_run_with_different_noise():
    seen = []
    with tf.distribute.MirroredStrategy(
        ["/cpu:0", "/cpu:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    ).scope():
        gan = make(k=2, objective="hinge")
    draw = gan.latents.draw

    def spy(count, noise):
        z = draw(count, noise)
        seen.append((noise.path, int(noise.replica[1]), tf.py_function(lambda a: collected.append(a.numpy()), [z], [])))
        return z

    collected = []
    gan.latents.draw = spy
    gan.fit(tf.data.Dataset.from_tensor_slices(IMAGES).batch(16, drop_remainder=True), epochs=1, verbose=0)
    assert int(gan.step.numpy()) == 1
    assert {replicas for _, replicas, _ in seen} == {2}
    assert all(z.shape == (8, 4) for z in collected)
    rows = np.concatenate(collected)
    assert len(np.unique(rows.round(5), axis=0)) == len(rows) == 2 * 3 * 8  # no latent twice, on any replica or move


@pytest.mark.learns
def test_two_replicas_of_half_a_batch_equal_one():
    options = {"dropout": 0.0, "objective": "wasserstein + gradient_penalty"}

    def norm_free(**more):
        keras.utils.set_random_seed(3)
        generator = networks.dcgan_generator(4, (8, 8, 1), filters=4, normalization=None)
        gan = GAN(generator, networks.dcgan_discriminator((8, 8, 1), filters=4), 4, seed=0, ema=0.9)
        gan.compile(options["objective"], keras.optimizers.SGD(0.05), keras.optimizers.SGD(0.05), **more)
        return gan

    data = tf.data.Dataset.from_tensor_slices(IMAGES).batch(16, drop_remainder=True)
    alone = norm_free()
    alone.fit(data, verbose=0)
    with tf.distribute.MirroredStrategy(
        ["/cpu:0", "/cpu:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    ).scope():
        together = norm_free()
    together.fit(data, verbose=0)
    assert_same(state(alone), state(together), atol=1e-5)


@pytest.mark.learns
def test_two_replicas_take_batches_that_split_unevenly():
    with tf.distribute.MirroredStrategy(
        ["/cpu:0", "/cpu:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    ).scope():
        gan = GAN(networks.mlp_generator(3, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 3)
        gan.compile("hinge")
    points = np.zeros((20, 2), "float32")
    gan.fit(points, batch_size=5, verbose=0)
    assert int(gan.step.numpy()) == 4
    assert np.all(np.isfinite(gan.evaluate(points[:13], batch_size=5, verbose=0)))
