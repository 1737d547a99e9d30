import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan import GAN, images, networks
from keras_gan.evaluation import sources


@pytest.fixture(scope="module")
def gan():
    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(2, (8, 8, 1), hidden=(8,), output_activation="tanh")
    return GAN(generator, networks.mlp_discriminator((8, 8, 1), hidden=(8,)), 2, seed=0, name="little")


def gather(source, n, seed=0, shape=(8, 8, 1)):
    pieces = list(source.pieces(n, seed, shape))
    assert all(piece.images.dtype == np.uint8 for piece in pieces)
    return np.concatenate([piece.images for piece in pieces])


@pytest.mark.learns
def test_a_game_gives_its_samples_rounded(gan, monkeypatch):
    source = sources.of_game(gan, "little", {"path": "x"})
    assert (source.shape, source.count, source.about) == ((8, 8, 1), None, {"path": "x", "step": 0})
    np.testing.assert_array_equal(gather(source, 5, seed=3), images.to_uint8(gan.generate(5, seed=3 * 2**20)))
    monkeypatch.setattr(sources, "PIECE", 4)
    expected = [gan.generate(4, seed=3 * 2**20), gan.generate(2, seed=3 * 2**20 + 1)]
    np.testing.assert_array_equal(gather(source, 6, seed=3), images.to_uint8(np.concatenate(expected)))


@pytest.mark.learns
def test_its_export_gives_the_same(gan, tmp_path):
    gan.export(tmp_path / "little")
    version = gan.export(tmp_path / "little", max_samples=3)
    whole, by_three = sources.of_saved_model(tmp_path / "little" / "1"), sources.of_saved_model(tmp_path / "little")
    assert (by_three.name, by_three.shape, by_three.about["path"]) == ("little", (8, 8, 1), version)
    np.testing.assert_array_equal(gather(whole, 7, 2), gather(sources.of_game(gan, "little", {}), 7, 2))
    assert gather(by_three, 7).shape == (7, 8, 8, 1)


def test_a_folder_gives_its_pictures_at_the_asked_size_and_kind(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (3, 8, 8), "uint8")
    for i, picture in enumerate(noise):
        Image.fromarray(picture).convert("RGB").save(tmp_path / f"{i}.png")  # grey, as colour
    source = sources.of_folder(tmp_path)
    assert (source.count, source.shape, source.name) == (3, None, tmp_path.name)
    np.testing.assert_array_equal(gather(source, 3), noise[..., None])
    pairs = {tuple(gather(source, 2, seed)[:, 0, 0, 0]) for seed in range(20)}
    a, b, c = noise[:, 0, 0]
    assert pairs == {(a, b), (a, c), (b, c)}  # which ones the seed says, in their order
    np.testing.assert_array_equal(gather(source, 3, shape=(8, 8, 3)), np.repeat(noise[..., None], 3, axis=-1))
    assert gather(source, 3, shape=(4, 6, 3)).shape == (3, 4, 6, 3)
    assert [piece.resize for piece in source.pieces(3, 0, (8, 8, 1))] == ["none"]
    assert [piece.resize for piece in source.pieces(3, 0, (4, 6, 1))] == ["to 4x6, centre crop, Lanczos"]
    Image.fromarray(noise[0]).save(tmp_path / "3.png")
    Image.new("RGB", (8, 8), "red").save(tmp_path / "4.png")
    with pytest.raises(ValueError, match="`model` must hold grey pictures"):
        gather(source, 4)


def test_grey_pictures_meet_a_colour_data_set(tmp_path):
    picture = np.arange(64, dtype="uint8").reshape(8, 8)
    Image.fromarray(picture).save(tmp_path / "0.png")
    np.testing.assert_array_equal(gather(sources.of_folder(tmp_path), 1, shape=(8, 8, 3))[0, ..., 2], picture)


@pytest.mark.learns
def test_samples_with_alpha_are_laid_on_white(tmp_path):
    shape = (8, 8, 4)
    gan = GAN(networks.mlp_generator(2, shape, output_activation="tanh"), networks.mlp_discriminator(shape), 2, seed=0)
    made = (gan.generate(3, seed=2**20) + 1) / 2
    expected = 255 * (made[..., :3] * made[..., 3:] + 1 - made[..., 3:])
    for source in (sources.of_game(gan, "game", {}), sources.of_saved_model(gan.export(tmp_path / "model"))):
        assert source.shape == (8, 8, 3)
        np.testing.assert_allclose(gather(source, 3, seed=1), expected, atol=1.6)


def test_what_makes_no_pictures_is_refused():
    points = GAN(networks.mlp_generator(2, (2,)), networks.mlp_discriminator((2,)), 2, seed=0)
    with pytest.raises(ValueError, match=r"`model` must make pictures, .* Received: 'points', of \(2,\)"):
        sources.of_game(points, "points", {})
