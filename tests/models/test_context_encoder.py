import keras
import numpy as np
import pytest

from keras_gan import networks
from keras_gan.models import ContextEncoder

X = np.random.default_rng(0).uniform(-1, 1, (8, 4, 6, 1)).astype("float32")
HOLE = (slice(None), slice(1, 3), slice(1, 5))


def generator(made=(2, 4, 1)):
    size = int(np.prod(made))
    stack = [keras.layers.Flatten(), keras.layers.Dense(size, "tanh"), keras.layers.Reshape(made)]
    return keras.Sequential([keras.Input((4, 6, 1)), *stack])


def encoder(**options):
    keras.utils.set_random_seed(0)
    judge = networks.mlp_discriminator((2, 4, 1), hidden=(4,))
    return ContextEncoder(generator(), judge, seed=0, **options)


def test_the_losses_are_those_of_the_paper():
    game = encoder(fill=-0.25)
    game.compile(run_eagerly=True)
    found = game.evaluate(X, return_dict=True, verbose=0)
    masked = X.copy()
    masked[HOLE] = -0.25
    filled, hole = game.generator(masked).numpy(), X[HOLE]
    real, fake = (game.discriminator(x).numpy() for x in (hole, filled))  # the hole alone
    assert found["d_loss"] == pytest.approx(np.mean(np.logaddexp(0, -real) + np.logaddexp(0, fake)), rel=1e-5)
    expected = 0.999 * np.mean((hole - filled) ** 2) + 0.001 * np.mean(np.logaddexp(0, -fake))
    assert found["g_loss"] == pytest.approx(expected, rel=1e-5)


def test_what_is_around_the_hole_stays_and_what_was_in_it_does_not_matter():
    game = encoder()
    restored, other = game.make("restored", real=X), X.copy()
    other[HOLE] = 0.5
    np.testing.assert_array_equal(game.make("restored", real=other), restored)
    np.testing.assert_array_equal(restored[HOLE], game.make("filled", real=X))
    assert np.all(game.make("masked", real=X)[HOLE] == 0)
    around = np.ones(X.shape, bool)
    around[HOLE] = False
    np.testing.assert_array_equal(restored[around], X[around])


def test_the_generator_is_ten_times_as_fast():
    game = encoder()
    game.compile(run_eagerly=True)
    rates = {name: float(each.learning_rate) for name, each in game.optimizers.items()}
    assert rates == pytest.approx({"generator": 2e-3, "discriminator": 2e-4})
    assert game.displayed == ["masked", "restored", "real"]
    assert (game.value_range, game.range_is_known, game.example_shape) == ((-1.0, 1.0), True, (4, 6, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ContextEncoder(generator((5, 4, 1)), networks.mlp_discriminator((5, 4, 1))), "of at least 5 x 4"),
        (lambda: ContextEncoder(keras.layers.Dense(2), networks.mlp_discriminator((2,))), "`generator` must turn pict"),
        (lambda: encoder(distance=-1), "`distance` must be a finite number of at least 0. Received: distance=-1"),
        (lambda: encoder(fill="grey"), "`fill` must be a finite number. Received: fill='grey'"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
