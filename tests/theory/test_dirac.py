import keras
import numpy as np
import pytest

from keras_gan import GAN
from keras_gan.theory import dirac_eigenvalues, dirac_trajectory, dirac_vector_field

NAMES = ["minimax", "non_saturating", "wasserstein"]


def radii(path):
    return np.linalg.norm(path, axis=1)


def softplus(t):
    return np.logaddexp(0, t)


# The losses of D and of G at the score t = psi theta on fake; the score on real is 0.
LOSSES = {
    "minimax": (lambda t: softplus(t), lambda t: -softplus(t)),
    "non_saturating": (lambda t: softplus(t), lambda t: softplus(-t)),
    "wasserstein": (lambda t: t, lambda t: -t),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("theta", "psi"), [(1.0, 1.0), (-0.5, 2.0), (3.0, -4.0), (0.0, 1.0)])
def test_the_field_is_minus_the_gradients_of_the_losses(name, theta, psi):
    of_d, of_g = LOSSES[name]
    step, gamma = 1e-5, 0.3
    d_theta = -(of_g(psi * (theta + step)) - of_g(psi * (theta - step))) / (2 * step)
    d_psi = -(of_d((psi + step) * theta) - of_d((psi - step) * theta)) / (2 * step) - gamma * psi
    np.testing.assert_allclose(dirac_vector_field(theta, psi, name, gamma), (d_theta, d_psi), rtol=0, atol=1e-8)


def test_the_field_of_a_grid():
    theta, psi = np.meshgrid(np.linspace(-2, 2, 5), np.linspace(-1, 1, 3))
    fields = dirac_vector_field(theta, psi)
    assert [field.shape for field in fields] == [(3, 5), (3, 5)]
    assert [float(field[2, 4]) for field in fields] == [float(field) for field in dirac_vector_field(2.0, 1.0)]
    for field in dirac_vector_field(1000.0, -1000.0, "minimax"):
        assert np.isfinite(field)


class Point(keras.layers.Layer):
    """G(z) = theta."""

    def build(self, _):
        self.theta = self.add_weight(shape=(), initializer="ones")

    def call(self, z):
        return 0 * z + self.theta


@pytest.mark.learns
@pytest.mark.parametrize("name", NAMES)
def test_the_library_plays_the_alternating_path(name):
    z, x = keras.Input((1,)), keras.Input((1,))
    generator = keras.Model(z, Point()(z))
    discriminator = keras.Model(x, keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")(x))
    gan = GAN(generator, discriminator, 1, seed=0)
    gan.compile(f"{name} + 0.5 * r1", keras.optimizers.SGD(0.2), keras.optimizers.SGD(0.2))
    path = [(1.0, 1.0)]

    def remember(*_):
        path.append((float(generator.weights[0]), float(discriminator.weights[0][0, 0])))

    callback = keras.callbacks.LambdaCallback(on_epoch_end=remember)
    gan.fit(np.zeros((4, 1), "float32"), batch_size=4, epochs=25, verbose=0, callbacks=[callback])
    expected = dirac_trajectory((1, 1), 0.2, 25, objective=name, r1=0.5)
    np.testing.assert_allclose(path, expected, rtol=0, atol=1e-5)
    assert np.abs(np.diff(expected, axis=0)).max() > 0.1


def test_plain_descent_does_not_converge():
    """h = 0.2 from the paper's (1, 1), which is (1, -1) here: in turn it circles, at once it spirals out."""
    options = {"start": (1, -1), "learning_rate": 0.2, "steps": 500, "objective": "minimax"}
    in_turn, at_once = (radii(dirac_trajectory(**options, alternating=alternating)) for alternating in (True, False))
    assert 1.4 < in_turn.min() < in_turn.max() < 1.5
    assert in_turn[-1] == pytest.approx(1.41, abs=0.01)
    assert (np.diff(at_once) > 0).all()
    assert at_once[-1] == pytest.approx(3.1, abs=0.01)


@pytest.mark.learns
def test_non_saturating_descent_creeps_in():
    """Near 0, d(r^2)/dt = -t^2 with t = psi theta, and t^2 is r^4 / 8 over a turn: 1 / r^2 grows by 1/8 a unit."""
    radius = radii(dirac_trajectory((0.3, 0.3), 0.005, 40_000))
    assert 1 / radius[-1] ** 2 - 1 / radius[20_000] ** 2 == pytest.approx(100 / 8, rel=0.02)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("alternating", [True, False])
def test_r1_converges(name, alternating):
    path = dirac_trajectory((1, 1), 0.2, 500, alternating=alternating, objective=name, r1=1.0)
    assert radii(path)[-1] < 1e-6


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("alternating", [True, False])
@pytest.mark.parametrize("r1", [0.1, 0.4, 2.5])
def test_r1_converges_at_the_rate_of_its_eigenvalues(name, alternating, r1):
    h, steps = 0.002, 20_000
    path = dirac_trajectory((1e-3, 1e-3), h, steps, alternating=alternating, objective=name, r1=r1)
    time = h * np.arange(steps + 1)
    values = dirac_eigenvalues(r1, name)
    decay, turning = max(values.real), abs(values[0].imag)
    logs = np.log(radii(path))
    later = time > 10
    if turning:  # beside the slope, a complex pair leaves a wave of twice its frequency and of its overtone
        angles = np.outer(time[later], [2 * turning, 4 * turning])
        waves = [np.cos(angles), np.sin(angles)]
    else:
        waves = [np.empty((later.sum(), 0))]
    columns = np.column_stack([time[later], np.ones(later.sum()), *waves])
    fitted = np.linalg.lstsq(columns, logs[later], rcond=None)[0][0]
    assert fitted == pytest.approx(decay, rel=0.02)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("r1", [0.0, 0.3, 1.0, 4.0])
def test_the_eigenvalues_are_those_of_the_jacobian(name, r1):
    step = 1e-5
    columns = [
        (np.array(dirac_vector_field(*point, name, r1)) - dirac_vector_field(*-point, name, r1)) / (2 * step)
        for point in step * np.eye(2)
    ]
    jacobian, values = np.stack(columns, axis=1), dirac_eigenvalues(r1, name)
    assert values.sum() == pytest.approx(np.trace(jacobian), abs=1e-8)
    assert values.prod() == pytest.approx(np.linalg.det(jacobian), abs=1e-8)
    assert values.dtype == np.complex128


def test_without_r1_the_eigenvalues_are_imaginary():
    assert dirac_eigenvalues().tolist() == [0.5j, -0.5j]
    assert dirac_eigenvalues(0.0, "wasserstein").tolist() == [1j, -1j]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"objective": "hinge"},
            "`objective` must be one of minimax, non_saturating, wasserstein. Received: .*'hinge'",
        ),
        ({"r1": -1.0}, "`r1` must be finite and at least 0. Received: r1=-1.0"),
        ({"r1": float("nan")}, "`r1`"),
        ({"steps": 0}, "`steps` must be an integer of at least 1"),
        ({"learning_rate": 0.0}, "`learning_rate` must be finite and above 0"),
        ({"start": (1.0,)}, "`start` must be two finite numbers"),
        ({"start": (1.0, float("inf"))}, "`start`"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        dirac_trajectory(**{"start": (1, 1), "learning_rate": 0.1, "steps": 2, **change})
    if set(change) <= {"objective", "r1"}:
        for function in (lambda **c: dirac_vector_field(1.0, 1.0, **c), dirac_eigenvalues):
            with pytest.raises(ValueError, match=message):
                function(**change)
