import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
from keras import layers

from keras_gan import GAN, Noise, Round, latents, networks
from keras_gan.objectives import AuxiliaryClassifier, MutualInformation, NonSaturating, SemiSupervised
from keras_gan.replay import FakePool

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(size=(2, 6, 4)).astype("float32")
REAL_LABELS, FAKE_LABELS = np.array([0, 3, 2, 1, 1, 0]), np.array([2, 2, 1, 0, 3, 3])


def log_softmax(logits, labels):
    return scipy.special.log_softmax(logits, axis=1)[np.arange(len(labels)), labels]


def classified(**labels):
    outputs = [{"output": tf.zeros((6, 1)), "class_logits": tf.constant(x)} for x in (REAL, FAKE)]
    return Round(real_output=outputs[0], fake_output=outputs[1], **labels)


def test_auxiliary_classifier():
    round = classified(real_labels=tf.constant(REAL_LABELS), fake_labels=tf.constant(FAKE_LABELS))
    real, fake = -log_softmax(REAL, REAL_LABELS), -log_softmax(FAKE, FAKE_LABELS)
    np.testing.assert_allclose(AuxiliaryClassifier().discriminator_loss(round), real + fake, rtol=1e-5)
    np.testing.assert_allclose(AuxiliaryClassifier(on_fake=False).discriminator_loss(round), real, rtol=1e-5)
    np.testing.assert_allclose(AuxiliaryClassifier().generator_loss(round), fake, rtol=1e-5)


def test_labels_that_are_missing_are_named():
    with pytest.raises(ValueError, match="must have `real_labels` for this objective"):
        AuxiliaryClassifier().discriminator_loss(classified())


def test_semi_supervised_against_probabilities():
    """As the paper writes it: a class K + 1 for fakes, whose logit is 0."""
    labels = np.array([0, -1, 2, -1, -1, 3])
    p_real, p_fake = (scipy.special.softmax(np.c_[x, np.zeros(6)].astype("float64"), axis=1) for x in (REAL, FAKE))
    known = labels >= 0
    within = p_real[:, :4] / p_real[:, :4].sum(1, keepdims=True)
    supervised = -np.log(within[known, labels[known]]).mean()
    unsupervised = -np.log(1 - p_real[~known, 4]).mean() / 2 - np.log(p_fake[:, 4]).mean() / 2
    round = Round(
        real_output=tf.constant(REAL), fake_output=tf.constant(FAKE), real_labels=tf.constant(labels), fake_labels=None
    )
    loss = float(SemiSupervised().discriminator_loss(round))
    assert loss == pytest.approx(supervised + unsupervised, rel=1e-5)
    np.testing.assert_allclose(SemiSupervised().generator_loss(round), -np.log(1 - p_fake[:, 4]), rtol=1e-4)
    log_z = np.log(np.exp(REAL.astype("float64")).sum(1))
    np.testing.assert_allclose(SemiSupervised().critic(tf.constant(REAL), round)[:, 0], log_z, rtol=1e-5)


@pytest.mark.parametrize("label", [-1, 2])
def test_a_batch_of_one_kind_is_no_nan(label):
    labels = tf.fill((6,), label)
    round = Round(real_output=tf.constant(REAL), fake_output=tf.constant(FAKE), real_labels=labels)
    assert np.isfinite(float(SemiSupervised().discriminator_loss(round)))


@pytest.mark.learns
def test_few_labels_are_enough_for_a_classifier():
    keras.utils.set_random_seed(0)
    classes = np.arange(600) % 3
    x = np.array([[0, 2], [2, -1], [-2, -1]])[classes] + 0.3 * RNG.normal(size=(600, 2))
    few = np.where(np.arange(600) % 60 < 3, classes, -1)  # 30 labels
    classifier = keras.Sequential([keras.Input((2,)), layers.Dense(32, activation="leaky_relu"), layers.Dense(3)])
    gan = GAN(networks.mlp_generator(2, (2,)), classifier, 2, seed=0)
    gan.compile("semi_supervised", keras.optimizers.Adam(1e-3), keras.optimizers.Adam(3e-3))
    gan.fit(x.astype("float32"), few.astype("int32"), batch_size=120, epochs=60, verbose=0)
    assert np.mean(classifier.predict(x, verbose=0).argmax(1) == classes) > 0.97


def coded(z, code):
    return Round(latents=tf.constant(z), fake_output={"output": tf.zeros((len(z), 1)), "code": tf.constant(code)})


def test_mutual_information_against_scipy():
    objective = MutualInformation(categorical=(3, 2), continuous=2, continuous_weight=0.3)
    one_hot = [np.eye(k, dtype="float32")[RNG.integers(0, k, 6)] for k in (3, 2)]
    c = RNG.uniform(-1, 1, (6, 2)).astype("float32")
    z = np.concatenate([RNG.normal(size=(6, 4)), *one_hot, c], axis=1).astype("float32")
    code = RNG.normal(size=(6, 3 + 2 + 2 + 2)).astype("float32")
    expected = -log_softmax(code[:, :3], one_hot[0].argmax(1)) - log_softmax(code[:, 3:5], one_hot[1].argmax(1))
    scale = np.exp(code[:, 7:] / 2)
    expected -= 0.3 * scipy.stats.norm.logpdf(c, code[:, 5:7], scale).sum(1)
    round = coded(z, code)
    np.testing.assert_allclose(objective.generator_loss(round), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(objective.discriminator_loss(round), expected, rtol=1e-4, atol=1e-5)


def test_codes_and_objective_agree_on_the_places():
    prior = latents.Codes(4, (3, 2), 2)
    assert prior.dim == 4 + 3 + 2 + 2
    z = np.asarray(prior.draw(50, Noise((0, "codes"))))
    said = np.concatenate([20 * z[:, 4:9] - 10, z[:, 9:], np.full((50, 2), -8.0)], axis=1).astype("float32")
    perfect = float(np.mean(MutualInformation((3, 2), 2, 0.0).generator_loss(coded(z, said))))
    assert perfect == pytest.approx(0, abs=1e-4)


def test_a_wrong_width_is_named():
    with pytest.raises(ValueError, match=r"`code` must have the shape \(2, 14\), and latents at least the width 12"):
        MutualInformation().generator_loss(coded(np.zeros((2, 12), "float32"), np.zeros((2, 13), "float32")))


@pytest.mark.learns
def test_the_prior_must_draw_the_codes_that_are_read():
    x = keras.Input((2,))
    head = keras.Model(x, {"output": layers.Dense(1)(x), "code": layers.Dense(14)(x)})
    for prior in (14, latents.Codes(1, (10,), 3)):
        gan = GAN(networks.mlp_generator(14, (2,)), head, prior)
        with pytest.raises(ValueError, match=r"`latents` must be `Codes\(..., categorical=\(10,\), continuous=2\)`"):
            gan.compile(NonSaturating() + MutualInformation())
    gan = GAN(networks.mlp_generator(14, (2,)), head, latents.Codes(2, (10,), 2))
    with pytest.raises(ValueError, match=r"`replay` must be None where the objective reads latents"):
        gan.compile(NonSaturating() + MutualInformation(), replay=FakePool(4))


def test_labels_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"must be integers \(N,\).*labels of shape \(6, 1\)"):
        AuxiliaryClassifier().discriminator_loss(classified(real_labels=tf.zeros((6, 1), tf.int32)))
    with pytest.raises(ValueError, match=r"must give a logit per class, \(N, K\). Received: K=1"):
        GAN(networks.mlp_generator(2, (2,)), networks.mlp_discriminator((2,)), 2).compile("semi_supervised")


@pytest.mark.learns
def test_codes_are_learned():
    """The discriminator reads from a picture which code it was made from, and the generator makes it legible."""
    keras.utils.set_random_seed(0)
    x = keras.Input((2,))
    h = layers.Dense(32, activation="leaky_relu")(layers.Dense(32, activation="leaky_relu")(x))
    discriminator = keras.Model(x, {"output": layers.Dense(1)(h), "code": layers.Dense(4)(h)})
    prior = latents.Codes(2, (4,), 0)
    gan = GAN(networks.mlp_generator(prior.dim, (2,), hidden=(32,)), discriminator, prior, seed=0)
    gan.compile(NonSaturating() + MutualInformation((4,), 0), keras.optimizers.Adam(3e-3), keras.optimizers.Adam(3e-3))
    data = np.random.default_rng(0).normal(size=(512, 2)).astype("float32")
    history = gan.fit(data, batch_size=128, epochs=60, verbose=0).history["g_mutual_information"]
    assert history[0] > 1.0
    assert history[-1] < 0.3


def test_ranges():
    for options, message in (
        ({"continuous": -1}, "`continuous` must be an integer of at least 0"),
        ({"categorical": (0,)}, "`categorical` must be"),
        ({"categorical": (), "continuous": 0}, "must define a code"),
        ({"categorical": (1,)}, "`categorical` must be an integer of at least 2. Received: categorical=1"),
        ({"continuous_weight": -1}, "`continuous_weight` must be a finite number of at least 0"),
    ):
        with pytest.raises(ValueError, match=message):
            MutualInformation(**options)
