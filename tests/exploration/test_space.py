import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose

from keras_gan import GAN, latents, networks
from keras_gan.exploration import Space, project, projection
from keras_gan.models import VAE, StyleGAN2

SHAPE = (6, 6, 1)


def gan(prior=3, **options):
    keras.utils.set_random_seed(0)
    dim = prior if isinstance(prior, int) else prior.dim
    generator = networks.mlp_generator(dim, SHAPE, hidden=(8,), output_activation="tanh")
    return GAN(generator, networks.mlp_discriminator(SHAPE, hidden=(4,)), prior, seed=0, name="tiny", **options)


@pytest.fixture(scope="module")
def styled():
    """A StyleGAN2 of 6x6 pictures with averaged weights, whose mean of w and whose noise are not 0."""
    keras.utils.set_random_seed(0)
    mapping = networks.stylegan2_mapping(3, width=4, depth=2)
    synthesis = networks.stylegan2_synthesis(SHAPE, style=4, width=4)
    judge = networks.stylegan2_discriminator(SHAPE, width=4)
    game = StyleGAN2(mapping, synthesis, judge, latents=3, ema=0.9, seed=0, name="styled")
    game.truncation.mean.assign([0.1, 0.2, 0.3, 0.4])
    for layer in game.synthesis.layers:
        if hasattr(layer, "strength"):
            layer.strength.assign(0.02)
    for name, average in game.averages.items():
        average.restart(game.players[name])
    return game


def test_vectors_of_a_gan_are_the_latents_of_what_it_generates():
    game = gan(ema=0.9)
    space = Space(game)
    assert_allclose(space.pictures(space.draw(5, seed=3)), game.generate(5, seed=3), atol=1e-6)


def test_vectors_of_stylegan2_are_w(styled):
    space = Space(styled)
    codes = space.draw(3, seed=3)
    assert codes.shape == (3, 4)
    with pytest.raises(ValueError, match=r"`codes` must be numbers of the shape \(N, 4\) or \(N, \d+, 4\)"):
        space.pictures(np.zeros((1, 1, 4)))
    assert_allclose(space.pictures(codes), styled.make("fake", n=3, seed=3), atol=1e-6)
    assert_allclose(space.mean, [0.1, 0.2, 0.3, 0.4], atol=1e-7)
    shrunk = styled.make("fake", n=3, seed=3, psi=np.full((3, 1), 0.25, "float32"))
    assert_allclose(space.pictures(space.draw(3, seed=3, truncation=0.25)), shrunk, atol=1e-6)


@pytest.mark.parametrize(
    ("prior", "truncation", "low", "high"),
    [(latents.Normal(200), 0.5, -0.5, 0.5), (latents.Uniform(200, 0.0, 4.0), 0.5, 1.0, 3.0)],
)
def test_latents_are_truncated(prior, truncation, low, high):
    codes = Space(gan(prior)).draw(8, truncation=truncation)
    assert low <= codes.min() < low + 0.05 * (high - low)
    assert high - 0.05 * (high - low) < codes.max() <= high


def test_the_mean_of_latents_is_that_of_their_prior():
    assert_allclose(Space(gan(latents.Uniform(3, 0.0, 4.0))).mean, [2.0, 2.0, 2.0])
    assert_allclose(Space(gan()).mean, [0.0, 0.0, 0.0])


def test_a_walk_goes_round_and_ends_where_it_began():
    space = Space(gan())
    codes = space.draw(6, seed=1).reshape(3, 2, 3)
    frames = space.walk(seed=1, count=2, places=3, steps=4)
    assert len(frames) == 12
    for place in range(3):
        assert_allclose(frames[4 * place], space.pictures(codes[place]), atol=1e-5)
    half = latents.interpolate(codes[2], codes[0], 3, "spherical")[:, 1]
    assert_allclose(frames[10], space.pictures(half), atol=1e-5)


def test_mixed_styles_are_of_the_row_and_of_the_column(styled):
    space = Space(styled)
    rows, columns = space.draw(2, seed=0), space.draw(3, seed=1)
    nothing, everything = space.mix(rows, columns, slice(0, 0)), space.mix(rows, columns)
    assert_allclose(nothing, np.repeat(space.pictures(rows)[:, None], 3, 1), atol=1e-6)
    assert_allclose(everything, np.repeat(space.pictures(columns)[None], 2, 0), atol=1e-6)
    styles = np.concatenate([np.repeat(columns[2][None], 2, 0), np.repeat(rows[1][None], 2, 0)])[None]
    assert_allclose(space.mix(rows, columns, slice(0, 2))[1, 2], styled.make("fake", styles=styles)[0], atol=1e-6)


@pytest.mark.learns
@pytest.mark.parametrize("features", [None, "random_features"])
def test_a_picture_of_the_generator_is_found(features):
    game = gan()
    pictures = game.generate(2, seed=9)
    found = project(game, pictures, steps=150, draws=16, features=features)
    assert np.all(found.distances < 0.02 * found.began)
    assert_allclose(found.pictures, pictures, atol=0.1)
    assert_allclose(Space(game).pictures(found.codes), found.pictures, atol=1e-6)


@pytest.mark.learns
def test_a_picture_of_stylegan2_is_found_and_its_noise_maps_stay(styled):
    space, before = Space(styled), styled.get_weights()
    pictures = space.pictures(space.draw(1, seed=9))
    found = project(styled, pictures, steps=60, draws=16)
    assert found.codes.shape == (1, 4)
    assert found.distances[0] < 0.2 * found.began[0]
    for weight, old in zip(styled.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert_allclose(space.pictures(found.codes), found.pictures, atol=1e-6)


@pytest.mark.learns
def test_noise_maps_of_a_scope_are_those_of_the_pictures(styled):
    space = Space(styled)
    maps = projection._noise_maps(space)
    before = [each.numpy() for each in maps]
    codes = tf.constant(space.draw(2, seed=1))
    noise = [tf.random.stateless_normal(each.shape, (i, 5)) for i, each in enumerate(maps)]
    with tf.GradientTape() as tape:
        tape.watch(noise)
        with keras.StatelessScope(list(zip(maps, noise, strict=True))):
            made = space.tensors(codes, None)
        error = tf.reduce_sum(made**2)
    assert len(noise) > 1
    assert all(np.any(gradient != 0) for gradient in tape.gradient(error, noise))
    for each, map_ in zip(maps, noise, strict=True):
        each.assign(map_)
    expected = space.pictures(codes)
    for each, map_ in zip(maps, before, strict=True):
        each.assign(map_)
    assert_allclose(made, expected, atol=1e-5)


@pytest.mark.learns
def test_noise_maps_are_searched_for_the_given_pictures(styled, monkeypatch):
    monkeypatch.setattr(projection, "CALM", 0.0)  # the penalty depends on no picture
    space, found = Space(styled), []
    codes = space.draw(1, seed=1)
    for sign in (-1, 1):
        distance = projection._Distance(space, np.full((1, *SHAPE), 0.9 * sign, "float32"), None)
        search = projection._Search(space, distance, codes, None, codes.std(axis=0), steps=2, rate=0.1, seed=0)
        search._step(tf.constant(1.0))
        found.append([map_.numpy() for map_ in search.own])
    for one, other in zip(*found, strict=True):
        assert np.abs(one - other).max() > 1e-3


@pytest.mark.learns
def test_each_picture_has_noise_maps_of_its_own(styled):
    pictures = Space(styled).pictures(Space(styled).draw(2, seed=9))
    both, one = (project(styled, each, steps=3, draws=4) for each in (pictures, pictures[1:]))
    assert_allclose(both.codes[1:], one.codes, atol=1e-6)
    assert_allclose(both.distances[1:], one.distances, rtol=1e-5)


def test_pictures_of_8_bits_are_taken_in_the_range_of_the_game():
    game = gan()
    made = game.generate(1, seed=2)
    whole = np.round((made + 1) * 127.5).astype("uint8")
    first, second = (project(game, each, steps=1, draws=4).began for each in (whole, whole / np.float32(127.5) - 1))
    assert_allclose(first, second, rtol=1e-4)


@pytest.mark.parametrize(
    ("act", "mentions"),
    [
        (lambda: Space(gan(latents.Sphere(3))).draw(2, truncation=0.5), "`truncation` must be None for latents that"),
        (lambda: Space(gan()).draw(2, truncation=0.0), "`truncation` must be"),
        (lambda: Space(gan(), labels=1), "`labels` must be None"),
        (lambda: Space(gan()).mix(np.zeros((1, 3)), np.zeros((1, 3))), "`game` must have styles"),
        (lambda: project(gan(), np.zeros((1, 4, 4, 1))), r"`pictures` must have the shape \(N, 6, 6, 1\)"),
        (lambda: project(gan(), np.zeros((1, *SHAPE)), steps=0), "`steps` must be"),
        (lambda: Space(gan()).walk(places=1), "`places` must be"),
        (lambda: Space(gan()).walk(count=0), "`count` must be"),
        (lambda: Space(gan()).sweep([]), "`truncations` must be one or more"),
        (lambda: Space(gan()).pictures(np.zeros((2, 2, 3))), r"`codes` must be numbers of the shape \(N, 3\)"),
        (lambda: Space(gan()).pictures([["a"]]), "`codes` must be numbers"),
        (lambda: Space(gan()).pictures([[0, np.nan, 0]]), "`codes` must be finite"),
        (lambda: Space(gan()).truncated(np.zeros((1, 4)), 0.5), "`codes` must be numbers"),
        (lambda: Space(None), "`game` must be a game"),
        (lambda: project(gan(), np.full((1, *SHAPE), np.nan)), "`pictures` must be finite"),
        (lambda: project(gan(), np.full((1, *SHAPE), 300)), "`pictures` must be uint8, or floats"),
        (lambda: project(gan(), np.zeros((1, *SHAPE)), seed=1.5), "`seed` must be"),
    ],
)
def test_bad_arguments_are_refused(act, mentions):
    with pytest.raises(ValueError, match=mentions):
        act()


@pytest.fixture(scope="module")
def classes():
    """A GAN of three drawn classes, whose pictures are far apart: near -0.9, 0 and 0.9."""
    keras.utils.set_random_seed(0)
    latents, labels = keras.Input((3,)), keras.Input((), dtype="int32")
    shade = keras.layers.Embedding(3, 1, embeddings_initializer="zeros", name="shade")
    made = keras.layers.Dense(36, use_bias=False, kernel_initializer=keras.initializers.RandomNormal(stddev=0.01))
    pictures = keras.layers.Reshape(SHAPE)(made(latents) + shade(labels))
    generator = keras.Model([latents, labels], pictures)
    generator.get_layer("shade").set_weights([np.float32([[-0.9], [0.0], [0.9]])])
    judge = networks.mlp_discriminator(SHAPE, hidden=(4,), labels=3)
    return GAN(generator, judge, 3, labels=3, seed=0)


@pytest.mark.learns
@pytest.mark.parametrize("seed", [0, 3])
def test_a_search_keeps_the_drawn_labels_that_it_begins_with(classes, seed):
    pictures = np.stack([np.full(SHAPE, shade, "float32") for shade in (0.9, -0.9, 0.0)])
    found = project(classes, pictures, steps=2, draws=16, seed=seed)
    assert found.labels.tolist() == [2, 0, 1]
    assert_allclose(found.pictures, pictures, atol=0.2)
    for code, label, made in zip(found.codes, found.labels, found.pictures, strict=True):
        assert_allclose(Space(classes, int(label)).pictures(code[None])[0], made, atol=1e-6)


@pytest.mark.parametrize("seed", [0, 3])
def test_a_search_is_of_the_drawn_labels(classes, seed):
    """The tensors that are searched are the pictures that are returned."""
    space = Space(classes)
    codes, labels = space.draw(5, seed), space.conditions(5, seed)
    assert_allclose(space.tensors(tf.constant(codes), labels), space.pictures(codes, seed), atol=1e-6)
    assert_allclose(labels - 1, np.round(space.pictures(codes, seed).mean(axis=(1, 2, 3))), atol=1e-6)


def test_all_pictures_of_a_walk_have_the_same_label(classes):
    space = Space(classes)
    frames = np.stack(space.walk(seed=1, count=4, places=2, steps=3))  # (frames, walks, ...)
    shades = np.round(frames.mean(axis=(2, 3, 4))) + 1
    assert_allclose(shades, np.tile(space.conditions(4, seed=1), (6, 1)))
    assert len(set(shades[0])) > 1


@pytest.mark.parametrize("prior", [3, None])
def test_classes_are_told_or_drawn(prior):
    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(3, SHAPE, hidden=(8,), labels=3)
    game = GAN(generator, networks.mlp_discriminator(SHAPE, hidden=(4,), labels=3), 3, labels=prior, seed=0)
    space = Space(game, labels=2)
    with pytest.raises(ValueError, match="`labels` must be one label"):
        Space(game, labels=[0, 1])
    assert_allclose(space.pictures(space.draw(4, seed=1)), game.generate(4, labels=2, seed=1), atol=1e-6)
    if prior is None:
        with pytest.raises(ValueError, match=r"`labels` must be given, as .* does not draw them"):
            Space(game)
    else:
        assert Space(game).pictures(space.draw(4, seed=1)).shape == (4, *SHAPE)


def test_points_have_no_pictures():
    points = GAN(networks.mlp_generator(2, (2,), hidden=(2,)), networks.mlp_discriminator((2,), hidden=(2,)), 2)
    with pytest.raises(ValueError, match="`game` must be a game that makes pictures of one `Latents`"):
        Space(points)


def test_another_game_that_makes_pictures_of_noise_has_a_space():
    keras.utils.set_random_seed(0)
    game = VAE(networks.mlp_encoder(SHAPE, 4, hidden=(4,)), networks.mlp_generator(2, SHAPE, hidden=(4,)), 2, seed=0)
    space = Space(game)
    assert_allclose(space.pictures(space.draw(2, seed=1)), game.make("fake", n=2, seed=1), atol=1e-6)
