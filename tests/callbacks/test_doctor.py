import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, data, networks
from keras_gan.augmentations import Augmentation
from keras_gan.callbacks import Doctor, Resume, TerminateOnNonFinite
from keras_gan.callbacks.diagnosis import FAILURES, NON_FINITE, diagnose
from keras_gan.callbacks.examination import examine
from keras_gan.layers import MinibatchStandardDeviation
from keras_gan.noise import Noise

HEALTHY = {"separation": 0.8, "gap": 1.0, "spread": 2.0, "slope": 1.0, "pull": 0.5, "g_gradient_rms": 1e-3}
HEALTHY |= {"g_gradient": 0.1, "d_weights": 5.0, "diversity": 0.9, "nearest": 0.9}
HEALTHY |= {"leak": 0.4, "leak_of_real": 0.4, "leak_distance": 1.1}


@keras.saving.register_keras_serializable("keras_gan_tests")
class Turn(Augmentation):
    """Turns each point (x, y) by any angle, always: what a generator cannot undo."""

    def call(self, x, noise):
        angle = 2 * np.pi * noise.uniform((tf.shape(x)[0],))
        c, s = tf.cos(angle), tf.sin(angle)
        return tf.stack([c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1]], axis=1)


def play(x, objective, rates, steps, every, hidden=(32,), beta=0.0, latents=8, generator=None, **options):
    """A real game of `steps` steps, and its doctor."""
    keras.utils.set_random_seed(0)
    shape = x.shape[1:]
    gan = GAN(
        networks.mlp_generator(latents, shape, hidden=hidden, **(generator or {})),
        networks.mlp_discriminator(shape, hidden=hidden),
        latents,
        seed=0,
    )
    gan.compile(objective, *(keras.optimizers.Adam(rate, beta_1=beta, beta_2=0.99) for rate in rates), **options)
    doctor = Doctor(x, every=every, verbose=0)
    gan.fit(data.batches(x, 64, seed=0), epochs=-(-steps // (len(x) // 64)), verbose=0, callbacks=[doctor])
    return doctor


def failures(doctor):
    return {finding["failure"] for finding in doctor.findings}


@pytest.fixture(scope="module")
def digits():
    return (data.read("digits").images / 127.5 - 1).astype("float32")


@pytest.fixture(scope="module")
def ring():
    return data.ring().sample(640, seed=0).astype("float32")


@pytest.mark.learns
def test_a_healthy_game_is_left_in_peace(digits):
    doctor = play(
        digits,
        "relativistic_paired + 5 * r1 + 5 * r2",
        (1e-3, 1e-3),
        240,
        25,
        (64,),
        generator={"normalization": "batch", "output_activation": "tanh"},
        augmentation="instance_noise",
    )
    assert len(doctor.examinations) == 9
    assert doctor.findings == []


@pytest.mark.learns
def test_a_discriminator_that_won(digits):
    doctor = play(digits, "non_saturating", (1e-6, 1e-3), 120, 20)  # the generator hardly learns
    assert failures(doctor) == {"the discriminator won"}
    assert doctor.findings[0]["last"] == 132 - 12
    assert "Lower the discriminator's learning rate" in doctor.findings[0]["advice"]


@pytest.mark.learns
def test_mode_collapse(digits):
    # a discriminator this slow is hill-climbed to the one picture that it likes best
    doctor = play(
        digits, "non_saturating", (5e-3, 1e-4), 400, 40, (64,), beta=0.5, generator={"output_activation": "tanh"}
    )
    assert failures(doctor) == {"mode collapse"}
    assert doctor.examinations[-1]["diversity"] < 0.3


@pytest.mark.learns
def test_a_critic_without_a_bound_explodes(ring):
    doctor = play(ring, "wasserstein", (1e-5, 1e-2), 120, 20, (32, 32))
    assert failures(doctor) == {"an exploding critic"}
    spreads = [seen["spread"] for seen in doctor.examinations]
    assert spreads == sorted(spreads)
    assert spreads[-1] > 100


@pytest.mark.learns
def test_a_generator_whose_loss_saturates(ring):
    doctor = play(ring + 10, "minimax", (1e-5, 0.1), 120, 20)  # the loss log(1 - D) of the first paper's game
    assert "a vanishing generator gradient" in failures(doctor)
    assert doctor.examinations[-1]["pull"] < 0.01


@pytest.mark.learns
def test_an_augmentation_that_leaks():
    x = np.random.default_rng(0).normal((2, 0), 0.25, (640, 2)).astype("float32")
    objective = "relativistic_paired + 0.03 * (r1 + r2)"
    doctor = play(x, objective, (2e-3, 4e-3), 350, 50, (64, 64), augmentation=Turn(), latents=2)
    assert failures(doctor) == {"an augmentation leak"}
    assert doctor.examinations[-1]["leak_of_real"] < 0.3


@pytest.mark.learns
def test_non_finite_losses_are_said_at_their_step_before_training_stops(points, same_gan, tmp_path, capsys):
    gan = same_gan()
    weight = gan.discriminator.trainable_variables[0]
    spoil = keras.callbacks.LambdaCallback(on_train_batch_end=lambda i, logs: i == 4 and weight.assign(weight + np.nan))
    doctor = Doctor(points, every=100, path=tmp_path / "doctor.json")
    with pytest.raises(FloatingPointError):
        gan.fit(points, batch_size=8, verbose=0, callbacks=[doctor, TerminateOnNonFinite(every=100), spoil])
    (finding,) = json.loads((tmp_path / "doctor.json").read_text())["findings"]
    assert (finding["failure"], finding["first"]) == (NON_FINITE, 6)
    out = capsys.readouterr().out
    assert "Doctor, step 6: non-finite numbers" in out
    assert "Lower both learning rates" in out


@pytest.mark.parametrize(
    ("failure", "ill"),
    [
        ("the discriminator won", {"separation": 1.0, "gap": 5.0}),
        ("mode collapse", {"diversity": 0.1}),
        ("mode collapse", {"nearest": 0.01}),
        ("an exploding critic", {"spread": 500.0, "slope": 80.0}),
        ("a vanishing generator gradient", {"g_gradient_rms": 1e-8}),
        ("a vanishing generator gradient", {"pull": 1e-3}),
        ("an augmentation leak", {"leak": 0.95}),
    ],
)
def test_each_failure_must_last(failure, ill):
    assert diagnose([HEALTHY] * 3, 3) == []
    assert diagnose([HEALTHY | ill] * 2, 3) == []
    assert diagnose([HEALTHY | ill, HEALTHY, HEALTHY | ill], 3) == []
    ((name, what, advice),) = diagnose([HEALTHY, *[HEALTHY | ill] * 3], 3)
    assert name == failure
    assert what
    assert advice
    assert "{" not in what + advice


def test_each_failure_has_a_name_of_its_own():
    assert len({failure.name for failure in FAILURES}) == len(FAILURES)


def test_what_passes_and_comes_back_is_found_twice(same_gan):
    doctor = Doctor(None, patience=1, verbose=0)
    doctor.set_model(same_gan())
    ill = HEALTHY | {"diversity": 0.0}
    for step, seen in enumerate([ill, ill, HEALTHY, ill]):
        doctor._note(step, diagnose([seen], 1))
    assert [(finding["first"], finding["last"]) for finding in doctor.findings] == [(0, 1), (3, 3)]


@pytest.mark.learns
def test_training_gives_the_same_bits_with_a_doctor(same_gan, points):
    ends = []
    for callbacks in ([], [Doctor(points, every=2, verbose=0)]):
        gan = same_gan(generator={"normalization": "batch"}, compile_options={"augmentation": "instance_noise"})
        gan.fit(points, batch_size=16, epochs=2, verbose=0, callbacks=callbacks)
        ends.append(gan.get_weights())
    for a, b in zip(*ends, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.learns
def test_a_step_of_several_moves_of_the_discriminator(same_gan, points):
    dataset, ends = data.batches(points, 8, seed=0), []
    for doctors in ([], [Doctor(points, every=1, verbose=0)]):
        gan = same_gan(compile_options={"discriminator_steps": 3})
        gan.fit(dataset, epochs=2, verbose=0, callbacks=doctors)
        ends.append(gan.get_weights())
    (doctor,) = doctors
    assert [seen["step"] for seen in doctor.examinations] == [1, 2, 3, 4]  # of 8 batches an epoch makes 2 steps
    assert all(np.isfinite(value) for seen in doctor.examinations for value in seen.values())
    expected = {name: float(value) for name, value in examine(gan, points, Noise((gan.seed, "doctor"), 4)).items()}
    assert doctor.examinations[-1] == pytest.approx({"step": 4} | expected, rel=1e-4)
    for a, b in zip(*ends, strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_examination_against_numpy(same_gan, points):
    gan = same_gan()
    seen = {name: float(value) for name, value in examine(gan, points, Noise((0, "test"), 3)).items()}
    z = gan.latents.draw(64, Noise((0, "test"), 3).at("discriminator", "latents"))
    fake = gan.generator(z, training=True).numpy()
    real_scores, fake_scores = (gan.discriminator(x).numpy()[:, 0] for x in (points, fake))

    assert seen["separation"] == pytest.approx((real_scores[:, None] > fake_scores[None]).mean(), abs=1e-6)
    within = np.sqrt((real_scores.var() + fake_scores.var()) / 2)
    assert seen["gap"] == pytest.approx(abs(real_scores.mean() - fake_scores.mean()) / within, rel=1e-3)
    assert seen["spread"] == pytest.approx(np.concatenate([real_scores, fake_scores]).std(), rel=1e-4)
    assert seen["d_loss"] == pytest.approx(
        np.logaddexp(0, -real_scores).mean() + np.logaddexp(0, fake_scores).mean(), rel=1e-4
    )
    assert seen["d_weights"] == pytest.approx(
        np.sqrt(sum((w**2).sum() for w in gan.discriminator.get_weights())), rel=1e-5
    )

    def apart(x):
        distances = np.linalg.norm(x[:, None] - x[None], axis=-1)
        return distances.sum() / (64 * 63), (distances + 1e9 * np.eye(64)).min(1).mean()

    for name, a, b in zip(("diversity", "nearest"), apart(fake), apart(points), strict=True):
        assert seen[name] == pytest.approx(a / b, rel=1e-3)

    step = 1e-3  # the slope, by finite differences
    slopes = [
        (gan.discriminator(fake + d).numpy() - gan.discriminator(fake - d).numpy())[:, 0] / (2 * step)
        for d in step * np.eye(2)
    ]
    assert seen["slope"] == pytest.approx(np.hypot(*slopes).mean(), rel=2e-2)


@pytest.mark.learns
@pytest.mark.parametrize("used", [True, False])
def test_an_examination_computes_by_the_kernels_of_training(used):
    """Without them TensorFlow prints "remapper failed": see `keras_gan.kernels.leaky`."""
    keras.utils.set_random_seed(0)
    judge = networks.dcgan_discriminator((8, 8, 1), filters=2, hidden=0)
    gan = GAN(networks.mlp_generator(2, (8, 8, 1), hidden=(4,)), judge, 2, seed=0)
    gan.compile("non_saturating + r1", kernels=used)
    batch = np.zeros((4, 8, 8, 1), "float32")
    look = tf.function(lambda step: examine(gan, batch, Noise((0, "test"), step)), autograph=False)
    graph = look.get_concrete_function(tf.TensorSpec((), tf.int64)).graph
    read = {each.inputs[1].op.type for each in graph.get_operations() if each.type == "LeakyReluGrad"}
    assert read == ({"StopGradient"} if used else {"BiasAdd"})


@pytest.mark.learns
def test_an_energy_is_low_on_real(points):
    keras.utils.set_random_seed(0)
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 2, seed=0)
    found = {}
    for objective in ("energy_margin(margin=100)", "wasserstein"):
        gan.compile(objective)
        found[objective] = float(examine(gan, points, Noise((0, "test")))["separation"])
    assert found["energy_margin(margin=100)"] == pytest.approx(1 - found["wasserstein"], abs=1e-6)
    assert found["wasserstein"] != pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    "arguments",
    [{"every": 0}, {"patience": 0}, {"num_samples": 3}, {"every": True}],
)
def test_bad_arguments_are_refused(arguments, points):
    (name,) = arguments
    with pytest.raises(ValueError, match=rf"`{name}` must be an integer"):
        Doctor(points, **arguments)


@pytest.mark.learns
def test_data_is_taken_as_fit_takes_it(same_gan, points):
    labels = np.arange(64) % 3
    dataset = tf.data.Dataset.from_tensor_slices((points, labels.astype("int32"))).batch(16)
    for given in ((points, labels.astype("int32")), dataset):
        gan, doctor = same_gan(labels=3), Doctor(given, every=2, num_samples=40, verbose=0)
        gan.fit(dataset, verbose=0, callbacks=[doctor])
        assert [seen["step"] for seen in doctor.examinations] == [2, 4]
        assert all(np.isfinite(value) for seen in doctor.examinations for value in seen.values())


@pytest.mark.learns
def test_examples_need_not_fill_the_groups_of_a_layer(points):
    keras.utils.set_random_seed(0)
    judge = keras.Sequential([keras.Input((2,)), MinibatchStandardDeviation(4), keras.layers.Dense(1)])
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(4,)), judge, 2, seed=0)
    gan.compile("hinge")
    doctor = Doctor(points[:54], every=2, verbose=0)
    gan.fit(points, batch_size=16, verbose=0, callbacks=[doctor])
    assert [seen["step"] for seen in doctor.examinations] == [2, 4]
    one, other = (gan.evaluate(points[:22], batch_size=size, verbose=0, return_dict=True) for size in (22, 64))
    assert one == pytest.approx(other, rel=1e-6)


@pytest.mark.learns
def test_a_run_that_goes_on_keeps_what_was_seen(same_gan, points, tmp_path):
    whole = Doctor(points, every=3, patience=1, verbose=0)
    same_gan().fit(points, batch_size=16, epochs=3, verbose=0, callbacks=[whole])
    for epochs in (1, 3):
        doctor = Doctor(points, every=3, patience=1, verbose=0)
        same_gan().fit(points, batch_size=16, epochs=epochs, verbose=0, callbacks=[doctor, Resume(tmp_path / "kept")])
    assert doctor.examinations == whole.examinations
    assert doctor.findings == whole.findings
    assert [seen["step"] for seen in doctor.examinations] == [3, 6, 9, 12]


@pytest.mark.learns
def test_replicas_change_little(points, make_gan):
    seen = []
    for count in (1, 2):
        devices = [f"CPU:{i}" for i in range(count)]
        strategy = tf.distribute.MirroredStrategy(devices, cross_device_ops=tf.distribute.ReductionToOneDevice())
        with strategy.scope():
            gan = make_gan()
        doctor = Doctor(points, every=4, verbose=0)
        gan.fit(points, batch_size=16, verbose=0, callbacks=[doctor])
        seen.append(doctor.examinations)
    assert len(seen[0]) == 1
    assert seen[1] == [pytest.approx(seen[0][0], rel=1e-3)]


def test_a_doctor_that_saw_nothing_says_nothing(capsys):
    doctor = Doctor(None)
    doctor.on_train_end()
    assert capsys.readouterr().out == ""
    doctor.examinations = [{"step": 50}]
    doctor.on_train_end()
    assert capsys.readouterr().out == "Doctor: nothing found in 1 examination.\n"
