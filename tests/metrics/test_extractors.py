"""What metrics look through: its numbers, its hash, and that it comes back from a config."""

import json
import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gan import data, images, metrics
from keras_gan.ground import files
from keras_gan.metrics.extractors import digits, model


def small_model(seed=0):
    return keras.Sequential(
        [
            keras.Input((6, 5, 3)),
            keras.layers.Conv2D(2, 3, kernel_initializer=keras.initializers.GlorotUniform(seed), name="first"),
            keras.layers.Flatten(),
            keras.layers.Dense(4, "softmax", kernel_initializer=keras.initializers.GlorotUniform(seed)),
        ]
    )


EXTRACTORS = {
    "pixels": metrics.pixels,
    "random_features": lambda: metrics.random_features(3, 8),
    "model": lambda: metrics.ModelExtractor(small_model(), "mine", features="first", classifies=True),
}


@pytest.mark.learns
def test_a_model_of_three_channels_sees_alpha_on_white():
    extractor = EXTRACTORS["model"]()
    pictures = np.random.default_rng(0).integers(0, 256, (5, 6, 5, 4), "uint8")
    expected = extractor.features(images.on_white(pictures))
    np.testing.assert_allclose(extractor.features(pictures), expected, atol=0.03)  # 8 bits rounded once more
    np.testing.assert_allclose(extractor.features(images.from_uint8(pictures)), extractor.features(pictures), atol=1e-5)


@pytest.mark.learns
@pytest.mark.parametrize("name", EXTRACTORS)
def test_a_config_and_the_weights_give_it_back(name):
    extractor = EXTRACTORS[name]()
    images = np.random.default_rng(0).uniform(-1, 1, (5, 6, 5, 3)).astype("float32")
    again = metrics.get_extractor(json.loads(json.dumps(keras.saving.serialize_keras_object(extractor))))
    again.set_weights(extractor.get_weights())
    np.testing.assert_array_equal(again.features(images), extractor.features(images))
    assert (again.hash(), again.name, again.resize) == (extractor.hash(), extractor.name, extractor.resize)
    assert len(extractor.hash()) == 64


@pytest.mark.xla
@pytest.mark.parametrize("name", EXTRACTORS)
def test_graphs_xla_and_batches_give_the_same_features(name):
    extractor = EXTRACTORS[name]()
    images = np.random.default_rng(0).integers(0, 256, (7, 12, 9, 3), "uint8")
    found = extractor.features(images, batch_size=3)
    assert found.dtype == np.float32
    assert found.ndim == 2
    floats = images / np.float32(127.5) - 1
    for options in ({}, {"jit_compile": True}):
        run = tf.function(lambda x: extractor(x), autograph=False, **options)
        np.testing.assert_allclose(run(tf.constant(floats)), found, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(extractor.features(data.Pictures(images)), found, rtol=1e-4, atol=1e-5)


def test_hashes_differ_with_weights_and_arguments():
    extractors = [
        metrics.pixels(),
        metrics.random_features(0),
        metrics.random_features(1),
        metrics.ModelExtractor(small_model(0)),
        metrics.ModelExtractor(small_model(1)),
        metrics.ModelExtractor(small_model(0), features="first"),
    ]
    assert len({extractor.hash() for extractor in extractors}) == len(extractors)
    assert metrics.ModelExtractor(small_model(0)).hash() == metrics.ModelExtractor(small_model(0)).hash()


def test_how_a_model_is_trained_is_not_in_its_hash():
    model = small_model(0)
    around = keras.Sequential([keras.Input((6, 5, 3)), model])
    before = [metrics.ModelExtractor(each).hash() for each in (model, around)]
    model.compile("adam", "mse")
    assert [metrics.ModelExtractor(each).hash() for each in (model, around)] == before


def test_a_models_hash_is_of_its_arguments_and_not_of_its_numbered_names():
    def extractor(scale, activation):
        layers = [keras.Input((4,)), keras.layers.Rescaling(scale), keras.layers.Dense(3, activation)]
        made = keras.Sequential(layers)
        made.set_weights([np.ones((4, 3)), np.zeros(3)])
        return metrics.ModelExtractor(made, "mine")

    hashes = [extractor(*each).hash() for each in [(1.0, "relu"), (1.0, "relu"), (10.0, "relu"), (1.0, None)]]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


@pytest.mark.parametrize("named", ["inputs", "outputs"])
def test_models_with_named_parts_have_one_hash(named):
    """Their layers are numbered by Keras, otherwise in each process."""

    def extractor():
        x = keras.Input((4,))
        y = keras.layers.Dense(2, kernel_initializer="ones")(x)
        model = keras.Model({"x": x} if named == "inputs" else x, {"y": y} if named == "outputs" else y)
        return metrics.ModelExtractor(model, "mine")

    assert extractor().hash() == extractor().hash()


def test_a_layer_may_have_the_name_of_an_argument():
    def extractor(activation):
        layers = [keras.layers.Dense(4, name="d"), keras.layers.Activation(activation, name=activation)]
        made = keras.Sequential([keras.Input((6,)), *layers])
        made.set_weights([np.eye(6, 4), np.zeros(4)])
        return metrics.ModelExtractor(made, "mine")

    assert extractor("relu").hash() != extractor("tanh").hash()
    assert extractor("relu").hash() == extractor("relu").hash()


def test_random_features_are_the_formula():
    extractor = metrics.random_features(2, 4)
    x = np.random.default_rng(0).normal(size=(3, 5)).astype("float32")
    found = extractor(tf.constant(x))
    first, bias, second = extractor._weights[5]
    np.testing.assert_allclose(found, np.maximum(np.maximum(x @ first + bias, 0) @ second, 0), rtol=1e-5)
    assert np.asarray(found).max() > 0
    assert not np.array_equal(found, metrics.random_features(3, 4)(tf.constant(x)))


@pytest.mark.parametrize("size", [(7, 5), (20, 13), (9, 12)])
def test_images_are_scaled_as_pillow_scales(size):
    images = np.random.default_rng(0).uniform(-1, 1, (1, 9, 12, 1)).astype("float32")
    expected = Image.fromarray(images[0, ..., 0]).resize(size[::-1], Image.Resampling.BILINEAR)
    np.testing.assert_allclose(model.resize(tf.constant(images), size)[0, ..., 0], expected, atol=1e-6)


def test_a_model_takes_grey_images_of_any_size_and_reads_a_layer():
    extractor = metrics.ModelExtractor(small_model(), features="first", classifies=True)
    grey = tf.constant(np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 1)), tf.float32)
    fitted = tf.repeat(model.resize(grey, (6, 5)), 3, axis=-1)
    expected = extractor.model.layers[0](fitted)
    np.testing.assert_allclose(extractor(grey), np.reshape(expected, (2, -1)), rtol=1e-5)
    np.testing.assert_allclose(extractor.probabilities(grey), extractor.model(fitted), rtol=1e-5)
    assert extractor.resize == "to 6x5, linear with antialiasing"
    with pytest.raises(ValueError, match=r"`features` must be one of first.* Received: features='last'"):
        metrics.ModelExtractor(small_model(), features="last")


def test_get_extractor():
    assert metrics.get_extractor(None).name == metrics.get_extractor("pixels").name == "pixels"
    assert isinstance(metrics.get_extractor(small_model()), metrics.ModelExtractor)
    with pytest.raises(ValueError, match="`extractor` must be an Extractor"):
        metrics.get_extractor("fid")
    with pytest.raises(ValueError, match="`extractor` must be a classifier"):
        metrics.pixels().probabilities(tf.zeros((1, 2)))
    with pytest.raises(ValueError, match="`images` must be at least one example"):
        metrics.pixels().features(np.zeros((0, 2)))


def test_mixed_precision_gives_float32_features():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        extractor = metrics.ModelExtractor(small_model())
        assert extractor(tf.zeros((2, 6, 5, 3), tf.bfloat16)).dtype == tf.float32
    finally:
        keras.config.set_dtype_policy("float32")


class TestInception:
    def test_without_weights_the_error_says_what_to_do(self, monkeypatch):
        def offline(*arguments, **options):
            raise Exception("URL fetch failure")

        monkeypatch.setattr(keras.applications, "InceptionV3", offline)
        with pytest.raises(ValueError, match=r"not in Keras's cache and .* `random_features`.*URL fetch failure"):
            metrics.inception()

    def test_the_range_and_the_size_are_those_of_its_training(self, monkeypatch):
        """A stand-in with the real one's input and layer names: what it is given is what it was trained on."""

        def stand_in(weights):
            assert weights == "imagenet"
            inputs = keras.Input((299, 299, 3))
            pooled = keras.layers.GlobalAveragePooling2D(name="avg_pool")(inputs)
            return keras.Model(inputs, keras.layers.Softmax()(pooled))

        monkeypatch.setattr(keras.applications, "InceptionV3", stand_in)
        extractor = metrics.inception()
        white = np.full((1, 28, 28, 1), 255, "uint8")
        np.testing.assert_allclose(extractor.features(white), np.ones((1, 3)), rtol=1e-5)
        expected = keras.applications.inception_v3.preprocess_input(np.full((1,), 255.0))
        assert expected == pytest.approx(1)
        np.testing.assert_allclose(extractor.all_probabilities(white), np.full((1, 3), 1 / 3), rtol=1e-5)
        assert extractor.resize == extractor.extractor.resize
        assert extractor.get_weights() == []
        assert extractor.name == "keras_inception_v3"

    @pytest.mark.learns
    def test_the_real_network_has_the_layer(self):
        network = keras.applications.InceptionV3(weights=None)
        assert metrics.ModelExtractor(network, features="avg_pool")._reader.output_shape == (None, 2048)


class TestDigitsCNN:
    @pytest.fixture(autouse=True)
    def few_steps(self, monkeypatch):
        monkeypatch.setattr(digits, "STEPS", 300)

    @pytest.mark.learns
    def test_it_learns_is_kept_and_is_told_by_its_data(self, tmp_path, monkeypatch):
        train, test = data.read("digits"), data.read("digits", "test")
        extractor = metrics.digits_cnn(train, test, cache=tmp_path)
        assert extractor.accuracy > 0.9
        right = extractor.all_probabilities(test).argmax(axis=1) == test.labels
        assert right.mean() == pytest.approx(extractor.accuracy, abs=1e-6)
        features = extractor.features(test)
        assert features.shape == (360, 128)
        assert extractor.name == "digits_cnn"

        monkeypatch.setattr(digits, "_train", lambda *arguments: pytest.fail("it was trained again"))
        again = metrics.digits_cnn(train, test, cache=tmp_path)
        assert (again.hash(), again.accuracy) == (extractor.hash(), extractor.accuracy)
        np.testing.assert_array_equal(again.features(test), features)

        monkeypatch.setattr(digits, "_train", lambda *arguments: (digits._network((8, 8, 1), 10), 0.0))
        assert metrics.digits_cnn(test, cache=tmp_path).hash() != extractor.hash()

        kept = [path for path in tmp_path.iterdir() if len(list(path.iterdir())) == 2]
        for path in kept:  # one that is damaged is trained again
            file = path / "model.keras"
            file.write_bytes(file.read_bytes()[:2000])
        with pytest.warns(UserWarning, match="is damaged, and is trained again"):
            assert metrics.digits_cnn(test, cache=tmp_path).accuracy == 0.0

        copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(extractor))
        copy.set_weights(extractor.get_weights())
        assert (copy.hash(), copy.accuracy) == (extractor.hash(), extractor.accuracy)

    @pytest.mark.learns
    def test_without_a_test_set_a_tenth_is_held_out(self, monkeypatch):
        seen = {}
        monkeypatch.setattr(digits, "STEPS", 1)
        monkeypatch.setattr(
            data.Pictures,
            "dataset",
            lambda self, *a, **o: seen.setdefault(len(self.images), self) and _batches(self),
        )
        pictures = data.read("digits", "test")
        digits._train(pictures, None)
        assert sorted(seen) == [36, 324]

    @pytest.mark.learns
    def test_the_same_twice(self, monkeypatch):
        monkeypatch.setattr(digits, "STEPS", 3)
        pictures = data.read("digits", "test")
        first, second = (digits._train(pictures, None)[0].get_weights() for _ in range(2))
        for a, b in zip(first, second, strict=True):
            np.testing.assert_array_equal(a, b)

    def test_labels_are_needed(self, tmp_path):
        with pytest.raises(ValueError, match="`pictures` must be at least 10 pictures with labels"):
            metrics.digits_cnn(data.Pictures(np.zeros((20, 8, 8, 1), "uint8")), cache=tmp_path)


def _batches(pictures):
    return tf.data.Dataset.from_tensors((pictures.images.astype("float32"), pictures.labels))


def test_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_GAN_CACHE", str(tmp_path))
    assert metrics.cache_folder() == tmp_path
    assert metrics.cache_folder(tmp_path / "mine") == tmp_path / "mine"
    monkeypatch.delenv("KERAS_GAN_CACHE")
    assert metrics.cache_folder().parts[-2:] == (".cache", "keras_gan")


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "zip", "shape", "objects", "pipe", "header"])
def test_damaged_features_in_the_cache_are_made_again(tmp_path, damage):
    images = np.random.default_rng(0).normal(size=(6, 2, 2, 1)).astype("float32")
    wanted = metrics.Reference(metrics.pixels(), images, cache=tmp_path).features
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.unlink()
    match damage:
        case "cut":
            file.write_bytes(whole[:-5])
        case "empty":
            file.touch()
        case "text":
            file.write_text("features")
        case "zip":
            file.write_bytes(b"PK\x03\x04" + whole)
        case "shape":
            np.save(file, np.zeros(3))
        case "objects":
            np.save(file, np.array([[{}]]), allow_pickle=True)
        case "pipe":
            os.mkfifo(file)
        case "header":
            file.write_bytes(whole.replace(b"(6, 4)", b"(6, 4 "))
    with pytest.warns(UserWarning, match="features-.*npy is damaged, and is not used: "):
        found = metrics.Reference(metrics.pixels(), images, cache=tmp_path)
    np.testing.assert_array_equal(found.features, wanted)
    assert file.read_bytes() == whole


@pytest.mark.parametrize("cache", ["file", "read-only", "full"])
def test_features_that_cannot_be_kept_are_used_all_the_same(tmp_path, cache, monkeypatch):
    images, folder = np.random.default_rng(0).normal(size=(6, 2, 2, 1)).astype("float32"), tmp_path / "cache"
    if cache == "file":
        folder.write_text("in the way")
    elif cache == "read-only":
        monkeypatch.setattr(files.os, "access", lambda *_: False)
    else:

        def full(*_, **__):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(np, "save", full)
    with pytest.warns(UserWarning, match=r"features-.* cannot be cached.*KERAS_GAN_CACHE"):
        features = metrics.Reference(metrics.pixels(), images, cache=folder).features
    np.testing.assert_array_equal(features, metrics.pixels().features(images))


@pytest.mark.learns
def test_a_classifier_that_cannot_be_kept_is_used_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(digits, "STEPS", 1)
    (tmp_path / "cache").write_text("in the way")
    with pytest.warns(UserWarning, match=r"digits_cnn-.* cannot be cached"):
        extractor = metrics.digits_cnn(data.read("digits", "test"), cache=tmp_path / "cache")
    assert 0 <= extractor.accuracy <= 1


def test_no_advice_to_judge_by_what_cannot(monkeypatch):
    def offline(*arguments, **options):
        raise OSError("offline")

    monkeypatch.setattr(keras.applications, "InceptionV3", offline)
    with pytest.raises(ValueError, match="`random_features` and `pixels` are not trained: they do not tell blurred"):
        metrics.inception()


@pytest.mark.parametrize("several", [lambda x: [x, 2 * x], lambda x: {"a": x, "b": 2 * x}], ids=["list", "dict"])
def test_a_model_of_several_outputs_is_refused(several):
    x = keras.Input((4, 4, 1))
    extractor = metrics.ModelExtractor(keras.Model(x, several(keras.layers.Flatten()(x))))
    with pytest.raises(
        ValueError, match=r"`model` must return one tensor of features: .*Received: a model that returns a"
    ):
        extractor(tf.zeros((2, 4, 4, 1)))
