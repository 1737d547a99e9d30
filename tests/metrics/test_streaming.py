"""The streaming metrics, alone and through `gan.evaluate`, against the formulas on all features at once."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, Noise, data, images, metrics, networks
from keras_gan.data.folder import read_folder
from keras_gan.metrics import functional


def classifier():
    return metrics.ModelExtractor(
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "softmax")]), "classes", classifies=True
    )


FORMULAS = {
    "frechet": (metrics.FrechetDistance, functional.frechet_distance_of_features),
    "kernel": (
        lambda **o: metrics.KernelDistance(subsets=5, subset_size=9, seed=3, **o),
        lambda r, f: functional.kernel_distance(r, f, subsets=5, subset_size=9, seed=3).value,
    ),
    "precision": (lambda **o: metrics.PrecisionRecall(k=2, **o), lambda r, f: functional.precision_recall(r, f, 2)[0]),
    "recall": (
        lambda **o: metrics.PrecisionRecall("recall", k=2, **o),
        lambda r, f: functional.precision_recall(r, f, 2)[1],
    ),
    "density": (lambda **o: metrics.DensityCoverage(**o), lambda r, f: functional.density_coverage(r, f)[0]),
    "coverage": (
        lambda **o: metrics.DensityCoverage("coverage", **o),
        lambda r, f: functional.density_coverage(r, f)[1],
    ),
    "sliced": (
        lambda **o: metrics.SlicedWasserstein(projections=7, seed=2, **o),
        lambda r, f: functional.sliced_wasserstein(r, f, projections=7, seed=2),
    ),
}


def batches(x, *cuts):
    return np.split(x, cuts)


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    return rng.normal(size=(43, 2)).astype("float32"), (1.3 * rng.normal(size=(43, 2)) + 0.4).astype("float32")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def game(metrics, strategy=None, **options):
    keras.utils.set_random_seed(0)
    gan = GAN(networks.mlp_generator(3, (2,), hidden=(8,)), networks.mlp_discriminator((2,), hidden=(8,)), 3, seed=0)
    gan.compile("hinge", metrics=metrics, **options)
    return gan


def fakes(gan, count):
    """What `evaluate` makes: the n-th example from the n-th latents, whatever the batches."""
    return np.asarray(gan.generator(Noise((0, "evaluate")).at("latents").normal((count, 3))))


@pytest.mark.parametrize("name", FORMULAS)
def test_batches_of_any_size_give_what_all_at_once_gives(name, pair):
    make, formula = FORMULAS[name]
    metric = make()
    step = tf.function(metric.update_state, reduce_retracing=True, autograph=False)
    for _ in range(2):  # the second pass begins anew
        for real, fake in zip(batches(pair[0], 20, 40), batches(pair[1], 20, 40), strict=True):
            step(tf.constant(real), tf.constant(fake))
        assert float(metric.result()) == pytest.approx(formula(*pair), rel=1e-10)
        metric.reset_state()
    assert math.isnan(float(metric.result()))


@pytest.mark.learns
@pytest.mark.parametrize(
    "options", [{}, pytest.param({"jit_compile": True}, marks=pytest.mark.xla), {"run_eagerly": True}]
)
def test_evaluate_gives_the_formulas_number(options, pair):
    names = ["frechet", "precision", "sliced"] if options else FORMULAS
    made = [FORMULAS[name][0]() for name in names]
    gan = game(made, **options)
    results = gan.evaluate(pair[0], batch_size=20, verbose=0, return_dict=True)
    fake = fakes(gan, 43)
    for metric, name in zip(made, names, strict=True):
        assert results[metric.name] == pytest.approx(FORMULAS[name][1](pair[0], fake), rel=1e-5), name
    assert gan.evaluate(pair[0], batch_size=20, verbose=0, return_dict=True) == results


@pytest.mark.learns
def test_two_replicas_give_what_one_gives(pair):
    def made():
        return [
            metrics.FrechetDistance(),
            metrics.SlicedWasserstein(),
            metrics.ModeCoverage(data.ring(scale=0.5), "kl"),
        ]

    expected = game(made()).evaluate(pair[0][:42], batch_size=20, verbose=0, return_dict=True)
    reduction = tf.distribute.ReductionToOneDevice()
    with tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"], cross_device_ops=reduction).scope():
        frechet, sliced, modes = made()
        gan = game([frechet, sliced, modes])
    assert gan.evaluate(pair[0][:42], batch_size=20, verbose=0, return_dict=True) == pytest.approx(expected, rel=1e-5)
    gan.evaluate(pair[0], batch_size=20, verbose=0)  # 10 and 10, 10 and 10, 2 and 1
    count, mean, cov = frechet.moments("real")
    assert count == len(pair[0])
    np.testing.assert_allclose(mean, pair[0].astype("float64").mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(cov, np.cov(pair[0].astype("float64"), rowvar=False), rtol=1e-12)
    np.testing.assert_array_equal(sliced.buffered("real"), pair[0])


@pytest.mark.learns
def test_it_is_a_monitor_for_stock_callbacks(pair, tmp_path):
    gan = game([metrics.FrechetDistance()])
    path = str(tmp_path / "best.keras")
    best = keras.callbacks.ModelCheckpoint(path, monitor="val_frechet_distance", mode="min", save_best_only=True)
    stop = keras.callbacks.EarlyStopping(monitor="val_frechet_distance", mode="min", patience=1)
    history = gan.fit(pair[0], batch_size=8, epochs=4, validation_data=pair[0], callbacks=[best, stop], verbose=0)
    values = history.history["val_frechet_distance"]
    assert np.isfinite(values).all()
    assert best.best == min(values)
    loaded = keras.models.load_model(path)
    again = loaded.evaluate(pair[0], batch_size=8, verbose=0, return_dict=True)
    assert again["frechet_distance"] == pytest.approx(min(values), rel=1e-5)


@pytest.mark.xla
def test_the_mode_coverage_of_batches():
    mixture = data.ring()
    points = np.concatenate([mixture.sample(30), np.zeros((5, 2), "float32")])
    expected = functional.mode_coverage(points, mixture)
    for which in ("modes", "high_quality", "kl"):
        metric = metrics.ModeCoverage(mixture, which)
        assert math.isnan(float(metric.result()))
        step = tf.function(metric.update_state, reduce_retracing=True, jit_compile=True, autograph=False)
        for part in batches(points, 16, 32):
            step(None, part)
        assert float(metric.result()) == pytest.approx(getattr(expected, which), rel=1e-12)
        assert metric.name == which


def test_the_classifier_score_of_batches(pair):
    extractor = classifier()
    metric = metrics.ClassifierScore(extractor, splits=4)
    for part in batches(pair[1], 20):
        metric.update_state(None, part)
    expected = functional.classifier_score(extractor.all_probabilities(pair[1]), 4).value
    assert float(metric.result()) == pytest.approx(expected, rel=1e-6)
    with pytest.raises(ValueError, match="`extractor` must be a classifier"):
        metrics.ClassifierScore("pixels")


def test_what_is_beyond_the_capacity_is_left_out(pair):
    metric = metrics.SlicedWasserstein(capacity=25)
    for real, fake in zip(batches(pair[0], 10, 40), batches(pair[1], 10, 40), strict=True):
        metric.update_state(real, fake)
    expected = functional.sliced_wasserstein(pair[0][:25], pair[1][:25])
    assert float(metric.result()) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["frechet", "sliced"])
def test_a_fixed_reference_is_seen_once(name, pair, cache):
    make, formula = FORMULAS[name]
    seen = []

    class Counting(metrics.Extractor):
        name = "counting"

        def __call__(self, images):
            tf.py_function(lambda x: seen.append(len(x)), [images], [])
            return 2 * tf.cast(images, tf.float32)

    metric = make(extractor=Counting(), real=pair[0])
    assert sum(seen) == 43
    for _ in range(3):
        metric.reset_state()
        metric.update_state(None, pair[1][:30])
        assert float(metric.result()) == pytest.approx(formula(2 * pair[0], 2 * pair[1][:30]), rel=1e-10)
    assert sum(seen) == 43 + 3 * 30
    make(extractor=Counting(), real=pair[0])
    assert sum(seen) == 43 + 3 * 30, "it is taken from the cache folder"
    make(extractor=Counting(), real=pair[0][:42])
    assert sum(seen) == 43 + 3 * 30 + 42, "other images are another reference"


@pytest.mark.learns
def test_a_saved_game_finds_its_reference_again(pair, tmp_path, cache):
    gan = game([metrics.FrechetDistance(real=pair[0])], run_eagerly=True)
    expected = gan.evaluate(pair[1], verbose=0, return_dict=True)["frechet_distance"]
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert loaded.evaluate(pair[1], verbose=0, return_dict=True)["frechet_distance"] == expected
    for file in cache.iterdir():
        file.unlink()
    loaded = keras.models.load_model(tmp_path / "gan.keras")  # it still makes pictures
    with pytest.raises(ValueError, match="`real` must be given again"):
        loaded.evaluate(pair[1], verbose=0)


@pytest.mark.learns
def test_a_saved_game_holds_its_extractors_weights(pair, tmp_path):
    extractor = classifier()
    gan = game([metrics.ClassifierScore(extractor, splits=1), metrics.FrechetDistance(extractor)], run_eagerly=True)
    expected = gan.evaluate(pair[0], verbose=0, return_dict=True)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert loaded.evaluate(pair[0], verbose=0, return_dict=True) == pytest.approx(expected, rel=1e-5)
    assert expected["classifier_score"] > 1.001
    game([]).save_weights(tmp_path / "bare.weights.h5")
    gan.load_weights(tmp_path / "bare.weights.h5")
    assert gan.evaluate(pair[0], verbose=0, return_dict=True) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("make", [metrics.FrechetDistance, metrics.KernelDistance])
def test_a_generator_gone_wrong_is_nan_and_no_error(make, pair):
    metric = make()
    metric.update_state(pair[0], np.full((43, 2), np.nan, "float32"))
    assert math.isnan(float(metric.result()))


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="`which` must be one of precision, recall"):
        metrics.PrecisionRecall("f1")
    with pytest.raises(ValueError, match="`which` must be one of density, coverage"):
        metrics.DensityCoverage("recall")
    with pytest.raises(ValueError, match="`which` must be one of modes, high_quality, kl"):
        metrics.ModeCoverage(data.ring(), "all")
    with pytest.raises(ValueError, match="`seed` must be an integer of at least 0"):
        metrics.SlicedWasserstein(seed=None)
    with pytest.raises(ValueError, match="`capacity` must be an integer of at least 2"):
        metrics.KernelDistance(capacity=1)
    with pytest.raises(ValueError, match="`capacity` must be an integer of at least 4"):
        metrics.PrecisionRecall(capacity=3)
    with pytest.raises(ValueError, match="`capacity` must be an integer of at least 1"):
        metrics.SlicedWasserstein(capacity=0)
    with pytest.raises(ValueError, match=r"`real` must be at least 6 examples for 'coverage' with k=5. Received: 5"):
        metrics.DensityCoverage("coverage", real=np.eye(5))
    with pytest.raises(ValueError, match=r"`real` must be at least 2 examples for 'kernel_distance'. Received: 1"):
        metrics.KernelDistance(real=np.eye(1))


@pytest.mark.learns
@pytest.mark.parametrize(
    ("make", "asked"),
    [
        (metrics.PrecisionRecall, "'precision' with k=3 is NaN: .* at least 4 real and 4 fake .* Received: 3 real, 3"),
        (metrics.DensityCoverage, "'density' with k=5 is NaN: .* at least 6 real and 1 fake .* Received: 3 real, 3"),
        (lambda: metrics.PrecisionRecall("recall", k=7, real=np.eye(8, 2)), "at least 8 real .* Received: 8 real, 3"),
    ],
)
def test_too_few_examples_to_validate_on_do_not_end_the_training(make, asked, pair):
    gan = game([make(), metrics.SlicedWasserstein()], run_eagerly=True)
    with pytest.warns(UserWarning, match=asked):
        history = gan.fit(pair[0], batch_size=20, epochs=2, validation_data=pair[0][:3], verbose=0).history
    assert np.isnan(history[f"val_{gan.metrics[-2].name}"]).all()
    assert np.isfinite(history["val_sliced_wasserstein"]).all()
    assert math.isfinite(gan.evaluate(pair[0], verbose=0, return_dict=True)[gan.metrics[-2].name])


def test_a_density_of_few_fakes_is_a_number(pair):
    metric = metrics.DensityCoverage(real=pair[0])
    metric.update_state(None, pair[1][:1])
    expected = functional.density_coverage(pair[0], pair[1][:1]).density
    assert float(metric.result()) == pytest.approx(expected, rel=1e-12)


def test_fakes_sorted_by_class_score_as_mixed_ones():
    model = keras.Sequential([keras.Input((10,)), keras.layers.Softmax()])
    metric = metrics.ClassifierScore(metrics.ModelExtractor(model, classifies=True))
    metric.update_state(None, 50 * np.eye(10, dtype="float32")[np.repeat(np.arange(10), 100)])
    assert float(metric.result()) == pytest.approx(10 * math.exp(-9 / 200), rel=0.01)


def test_the_distance_of_fakes_that_are_all_alike_is_a_number():
    numbers = np.random.default_rng(0)
    real = numbers.normal(size=(500, 8)).astype("float32")
    metric = metrics.FrechetDistance(real=real)
    row = np.abs(numbers.normal(size=(1, 8)) * 7).astype("float32")
    for i in range(20):
        metric.update_state(None, np.repeat(row, 50 + i, 0))
    cov = np.cov(real.astype("float64"), rowvar=False)
    expected = np.sum((real.astype("float64").mean(axis=0) - row) ** 2) + np.trace(cov)  # the fakes' covariance is 0
    assert float(metric.result()) == pytest.approx(expected, rel=1e-9)


def test_sorted_real_pictures_are_all_looked_at():
    real = np.repeat([[0.0, 0.0], [100.0, 100.0]], 200, axis=0).astype("float32")
    real += np.random.default_rng(0).normal(size=real.shape).astype("float32")
    metric = metrics.PrecisionRecall("precision", real=real, capacity=200)
    metric.update_state(None, real[::2])
    assert float(metric.result()) > 0.9


@pytest.mark.parametrize("kind", ["folder", "records"])
def test_pictures_on_disk_have_the_reference_of_their_pixels(kind, tmp_path, cache):
    """Objects of one address, after another was let go, once had the features of the other's pictures."""
    rng, digests = np.random.default_rng(0), {}
    for name, offset in (("dark", 0), ("light", 120)):
        (tmp_path / name).mkdir()
        pixels = rng.integers(0, 100, (5, 8, 8, 3), "uint8") + np.uint8(offset)
        for i, picture in enumerate(pixels):
            images.save_png(tmp_path / name / f"{i}.png", picture)
        folder = tmp_path / name
        if kind == "records":
            data.prepare(folder, tmp_path / f"{name}-records", encoding="png")
        for _ in range(2):
            read = data.read(f"folder:{folder}") if kind == "folder" else data.read(f"records:{folder}-records")
            stored = read_folder(folder, stored=True) if kind == "folder" else read
            reference = metrics.Reference(metrics.pixels(), stored)
            np.testing.assert_allclose(reference.features, metrics.pixels().features(pixels), atol=1e-6)
            assert reference.digest == metrics.Reference(metrics.pixels(), pixels).digest
            digests.setdefault(name, reference.digest)
    assert digests["dark"] != digests["light"]
