"""The games of two translators: what they minimise, against losses that are written out."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.models import CycleGAN, DiscoGAN, DualGAN

RNG = np.random.default_rng(0)
A, B = (RNG.normal(i, 1 + i, (8, 2)).astype("float32") for i in range(2))


def maker(seed):
    start = keras.initializers.RandomNormal(seed=seed)
    return keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(3, "tanh", kernel_initializer=start),
            keras.layers.Dense(2, kernel_initializer=start),
        ]
    )


def judge(seed, hidden="tanh"):
    """Without a hidden activation the score is linear, and its gradient the same everywhere."""
    start = keras.initializers.RandomNormal(stddev=0.5, seed=seed)
    layers = [keras.layers.Dense(3, hidden, kernel_initializer=start)] if hidden else []
    return keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1, kernel_initializer=start)])


def mean_square(x):
    return tf.reduce_mean(x**2)


def mean_absolute(x):
    return tf.reduce_mean(tf.abs(x))


def softplus(x):
    return tf.reduce_mean(tf.math.softplus(x))


def cycle_gan(g_ab, g_ba, d_a, d_b):
    def judges():
        sides = ((d_a, A, g_ba(B)), (d_b, B, g_ab(A)))
        return sum(mean_square(d(x) - 1) / 2 + mean_square(d(fake)) / 2 for d, x, fake in sides)

    def makers():
        fake_b, fake_a = g_ab(A), g_ba(B)
        back = mean_absolute(g_ba(fake_b) - A) + mean_absolute(g_ab(fake_a) - B)
        same = mean_absolute(g_ba(A) - A) + mean_absolute(g_ab(B) - B)
        return mean_square(d_a(fake_a) - 1) + mean_square(d_b(fake_b) - 1) + 4 * back + 2 * same

    return judges, makers


def disco_gan(g_ab, g_ba, d_a, d_b):
    def judges():
        sides = ((d_a, A, g_ba(B)), (d_b, B, g_ab(A)))
        return sum(softplus(-d(x)) + softplus(d(fake)) for d, x, fake in sides)

    def makers():
        fake_b, fake_a = g_ab(A), g_ba(B)
        back = mean_square(g_ba(fake_b) - A) + mean_square(g_ab(fake_a) - B)
        return softplus(-d_a(fake_a)) + softplus(-d_b(fake_b)) + 3 * back

    return judges, makers


def dual_gan(g_ab, g_ba, d_a, d_b):
    def judges():
        sides = ((d_a, A, g_ba(B)), (d_b, B, g_ab(A)))
        critics = sum(tf.reduce_mean(d(fake)) - tf.reduce_mean(d(x)) for d, x, fake in sides)
        return critics + 7 * sum((tf.norm(d.layers[-1].kernel) - 1) ** 2 for d in (d_a, d_b))

    def makers():
        fake_b, fake_a = g_ab(A), g_ba(B)
        back = mean_absolute(g_ba(fake_b) - A) + mean_absolute(g_ab(fake_a) - B)
        return 20 * back - tf.reduce_mean(d_a(fake_a)) - tf.reduce_mean(d_b(fake_b))

    return judges, makers


KINDS = {  # the model, its arguments, the hidden activation of its judges, and its losses written out
    "cycle_gan": (CycleGAN, {"cycle": 4, "identity": 0.5, "pool": 0}, "tanh", cycle_gan),
    "disco_gan": (DiscoGAN, {"reconstruction": 3}, "tanh", disco_gan),
    "dual_gan": (DualGAN, {"reconstruction": 20, "penalty": 7}, None, dual_gan),
}


@pytest.mark.learns
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_trained_as_a_loop_by_hand(kind):
    model, options, hidden, losses = KINDS[kind]
    by_hand, rates = [maker(1), maker(2), judge(3, hidden), judge(4, hidden)], (0.1, 0.02)
    game = model(*(keras.models.clone_model(each) for each in by_hand), **options, seed=0)
    for player, mine in zip(game.players.values(), by_hand, strict=True):
        player.set_weights(mine.get_weights())
    sgds = dict(zip(game.sides, map(keras.optimizers.SGD, rates), strict=True))
    game.compile(**{f"{side}_optimizer": sgd for side, sgd in sgds.items()}, run_eagerly=True, check_gradients=False)
    history = game.fit({"a": A, "b": B}, batch_size=8, shuffle=False, epochs=2, verbose=0).history
    for step in range(2):
        sides = zip(losses(*by_hand), (by_hand[2:], by_hand[:2]), rates, ("d_loss", "g_loss"), strict=True)
        for loss, moved, rate, log in sides:
            weights = [w for player in moved for w in player.trainable_variables]
            with tf.GradientTape() as tape:
                value = loss()
            for w, gradient in zip(weights, tape.gradient(value, [w.value for w in weights]), strict=True):
                w.assign_sub(rate * gradient)
            assert history[log][step] == pytest.approx(float(value), rel=1e-5)
    for player, mine in zip(game.players.values(), by_hand, strict=True):
        for found, expected in zip(player.get_weights(), mine.get_weights(), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_defaults_are_the_papers():
    players = [maker(1), maker(2), judge(3), judge(4)]
    backs = "distance(a='back_a', b='a'{0}) + {1} * distance(a='back_b', b='b'{0})"
    disco = f"non_saturating + {backs.format(', norm=2', 1)}".replace("1 * ", "")
    assert str(DiscoGAN(*players).default_objective) == disco
    dual = f"wasserstein + 500 * {backs.format('', 500)} + 10 * gradient_penalty"
    assert str(DualGAN(*players).default_objective) == dual
    assert "penalty" not in str(DualGAN(*players, penalty=0).default_objective)
    rates = [float(DualGAN(*players).default_optimizer(side).learning_rate) for side in ("discriminator", "generator")]
    assert rates == pytest.approx([5e-5, 5e-5])


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (CycleGAN, {"cycle": -1}),
        (CycleGAN, {"identity": "no"}),
        (CycleGAN, {"pool": -1}),
        (DiscoGAN, {"reconstruction": -1}),
        (DualGAN, {"reconstruction": None}),
        (DualGAN, {"penalty": -1}),
    ],
)
def test_weights_out_of_range_are_refused(model, options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=rf"`{name}` must be .*Received: {name}={value!r}"):
        model(maker(1), maker(2), judge(3), judge(4), **options)
