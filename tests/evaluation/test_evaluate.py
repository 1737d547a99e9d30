import dataclasses

import keras
import numpy as np
import pytest
import scipy.linalg

from keras_gan import data, metrics
from keras_gan.evaluation import MEASURES, evaluate, read_reference_data
from keras_gan.evaluation.measures import check_metrics
from keras_gan.evaluation.reference_data import ReferenceData
from keras_gan.images import on_white

BY_PIXELS = [name for name, measure in MEASURES.items() if not measure.reads_classes]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GAN_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def reference():
    return read_reference_data("digits")


class Classes(metrics.Extractor):
    """Eight brightnesses as features, and as the classes."""

    name, resize, classifies, accuracy = "classes", "none", True, 0.75

    def __call__(self, images):
        return self.probabilities(images)

    def probabilities(self, images):
        import tensorflow as tf

        return tf.nn.softmax(tf.reduce_sum(images[..., 0], axis=1) / 2)

    def hash(self):
        return "0" * 64


def frechet(a, b):
    a, b = (x.reshape(len(x), -1) / 127.5 - 1 for x in (a.astype("float64"), b.astype("float64")))
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.sqrt(scipy.linalg.eigvals(cov_a @ cov_b).real.clip(0)).sum()
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b) - 2 * root


@pytest.mark.learns
def test_values_are_those_of_the_formulas_beside_those_of_real_data(reference):
    samples = np.random.default_rng(0).integers(0, 256, (300, 8, 8, 1), "uint8")
    records = evaluate(samples, reference, extractor="pixels", seed=5, model={"path": "x"})
    by_name = {record.metric: record for record in records}
    assert list(by_name) == BY_PIXELS
    few = reference.at_most(300)
    found = by_name["frechet"]
    assert found.value == pytest.approx(frechet(samples, few.test.images), rel=1e-3)
    assert found.real == pytest.approx(frechet(few.train.images, few.test.images), rel=1e-3)
    for name in BY_PIXELS:
        record = by_name[name]
        assert (record.real < record.value) == (record.better == "lower"), name
        assert (record.n, record.n_reference, record.n_real, record.seed) == (300, 300, 300, 5)
        assert (record.dataset, record.split, record.extractor) == ("digits", "test", "pixels")
        assert (record.settings, record.model) == (MEASURES[name].settings, {"path": "x"})
        assert record.extractor_hash == metrics.pixels().hash()
        assert set(record.versions) == {"keras_gan", "keras", "tensorflow", "numpy"}


@pytest.mark.learns
def test_real_training_pictures_get_the_value_of_the_real_row(reference):
    few = reference.at_most(200)
    for record in evaluate(few.train.images, reference, ["precision", "coverage", "kid"], "pixels"):
        assert record.value == pytest.approx(record.real, rel=1e-9)


def test_samples_with_alpha_count_as_they_look_on_white():
    rng = np.random.default_rng(0)
    real = data.Pictures(rng.integers(0, 256, (200, 4, 4, 3), "uint8"))
    reference = ReferenceData("made", "test", real, real)
    samples = rng.integers(0, 256, (200, 4, 4, 4), "uint8")
    found, expected = (evaluate(each, reference, ["frechet"], "pixels")[0] for each in (samples, on_white(samples)))
    assert found.value == expected.value


@pytest.mark.learns
def test_the_score_reads_classes(reference):
    samples = data.read("digits", "train").images[:100]
    (record,) = evaluate(samples, reference, ["score"], Classes())
    assert record.protocol == "score100_classes"
    assert 1 <= record.value <= 8
    found = metrics.functional.classifier_score(Classes().all_probabilities(samples))
    assert (record.value, record.error) == pytest.approx(found, rel=1e-6)
    assert record.extractor_accuracy == 0.75
    assert record.settings == {"splits": 10, "seed": 0}  # lines from before samples were shuffled are not compared
    assert set(check_metrics(None, classifies=True)) - set(check_metrics(None, classifies=False)) == {"score"}


def test_the_errors_are_kept(reference):
    samples = np.random.default_rng(0).integers(0, 256, (400, 8, 8, 1), "uint8")
    assert evaluate(samples[:60], reference, ["kid"], "pixels")[0].error is None  # all subsets are the same one
    kid, recall = evaluate(samples, reference, ["kid", "recall"], "pixels")
    few = reference.at_most(400)
    test, train, fake = (
        metrics.pixels().features(pictures) for pictures in (few.test.images, few.train.images, samples)
    )
    found = [metrics.functional.kernel_distance(test, other, subsets=100) for other in (fake, train)]
    assert (kid.value, kid.error, kid.real, kid.real_error) == pytest.approx((*found[0], *found[1]), rel=1e-9)
    assert (recall.error, recall.real_error, kid.extractor_accuracy) == (None, None, None)


@pytest.mark.learns
def test_how_pictures_were_resized_is_part_of_the_protocol(reference):
    samples = data.Pictures(reference.train.images[:50], resize="to 8x8, centre crop, Lanczos")
    scaled = dataclasses.replace(reference, test=data.read("digits", "test", 8))
    small = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()], name="small")
    for extractor, given, real, resize in (
        ("pixels", samples.images, scaled, "none"),
        ("pixels", samples, reference, "samples to 8x8, centre crop, Lanczos"),
        (small, samples, reference, "to 4x4, linear with antialiasing; samples to 8x8, centre crop, Lanczos"),
    ):
        assert evaluate(given, real, ["frechet"], extractor)[0].resize == resize


def test_the_reference_is_told_apart(reference):
    samples = reference.train.images[:50]
    a, b, c = (evaluate(samples[:n], reference, ["coverage"], "pixels")[0].reference_hash for n in (50, 50, 40))
    assert a == b != c


@pytest.mark.parametrize(
    ("samples", "names", "mentions"),
    [
        (np.zeros((9, 8, 8, 1), "float32"), ["frechet"], "`samples` must be uint8 pictures of shape"),
        (np.zeros((9, 8, 8, 3), "uint8"), ["frechet"], r"Received: uint8 of shape \(9, 8, 8, 3\)"),
        (np.zeros((9, 8, 8, 1), "uint8"), ["fid"], "`metrics` must be among frechet, kid"),
        (np.zeros((9, 8, 8, 1), "uint8"), ["score"], "only with an extractor that classifies"),
        (np.zeros((5, 8, 8, 1), "uint8"), ["coverage"], "`samples` must be at least 6 pictures, for coverage"),
        (np.zeros((1, 8, 8, 1), "uint8"), ["kid"], r"at least 2 pictures, for kid\. Received: 1$"),
        (np.zeros((9, 8, 8, 1), "uint8"), [], "`metrics` must name at least one"),
    ],
)
def test_what_does_not_fit_is_refused(reference, samples, names, mentions):
    with pytest.raises(ValueError, match=mentions):
        evaluate(samples, reference, names, "pixels")


@pytest.mark.parametrize("name", BY_PIXELS)
def test_the_least_number_of_pictures_is_enough(reference, name):
    least = MEASURES[name].least
    assert len(evaluate(reference.train.images[:least], reference, [name], "pixels")) == 1
    few = dataclasses.replace(reference, train=_few(reference.train, least - 1))
    with pytest.raises(ValueError, match=rf"`reference` must hold at least {least} .* Received: {least - 1}"):
        evaluate(reference.train.images[:least], few, [name], "pixels")


def _few(pictures, count):
    return dataclasses.replace(pictures, images=pictures.images[:count], labels=pictures.labels[:count])
