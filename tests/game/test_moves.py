"""What stands between a picture and the discriminator, and what a move leaves behind."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, Game, Match, Noise, augmentations, latents, networks
from keras_gan.game import moves
from keras_gan.objectives import Cramer, MaximumMeanDiscrepancy, Objective, RelativisticAverage, SemiSupervised
from keras_gan.play.packing import pack
from keras_gan.replay import FakePool
from tests.games import renewing

IMAGES = np.random.default_rng(0).uniform(-1, 1, (32, 8, 8, 1)).astype("float32")


class Spy(Objective):
    """Keeps what it is shown."""

    def __init__(self):
        self.shown = []

    def discriminator_loss(self, round):
        self.shown.append(("discriminator", round.real.numpy(), round.fake.numpy(), round.fake_labels))
        return tf.reduce_mean(round.fake_scores - round.real_scores)

    def generator_loss(self, round):
        self.shown.append(("generator", None, round.fake.numpy(), round.fake_labels))
        return -tf.reduce_mean(round.fake_scores)


def game(labels=None, shape=(8, 8, 1), packing=1, **options):
    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(2, shape, hidden=(4,), output_activation="tanh", labels=labels)
    discriminator = networks.mlp_discriminator(shape, hidden=(4,), packing=packing)
    gan = GAN(generator, discriminator, 2, labels=labels, packing=packing, seed=0)
    spy = Spy()
    gan.compile(spy, "sgd", "sgd", run_eagerly=True, **options)
    spy.shown.clear()
    return gan, spy.shown


class Mark(augmentations.Augmentation):
    """Adds 10, and counts the updates."""

    def __init__(self):
        super().__init__()
        self.noises, self.updates = [], []

    def call(self, x, noise):
        self.noises.append(noise.path)
        return x + 10.0

    def update(self, real_scores):
        self.updates.append(tuple(real_scores.shape))


@pytest.mark.learns
def test_real_and_fake_are_augmented_alike_with_draws_of_their_own():
    mark = Mark()
    gan, shown = game(augmentation=mark)
    mark.noises.clear()  # of what compile tries out
    gan.fit(IMAGES, batch_size=16, shuffle=False, verbose=0)
    assert [name for name, *_ in shown] == 2 * ["discriminator", "generator"]
    np.testing.assert_array_equal(shown[0][1], IMAGES[:16] + np.float32(10))
    assert all(fake.min() > 8.9 for _, _, fake, _ in shown)
    assert len(set(mark.noises)) == 4  # real and fake of either player's move
    assert mark.updates == [(16, 1), (16, 1)]  # once after each move of the discriminator
    gan.evaluate(IMAGES, batch_size=16, verbose=0)
    assert len(mark.noises) == 8  # evaluation augments nothing
    assert shown[-1][2].max() < 1.01


@pytest.mark.learns
def test_the_generator_learns_through_the_augmentation():
    class Black(augmentations.Augmentation):
        def call(self, x, noise):
            return 0 * x

    gan, _ = game(augmentation=Black())
    before = gan.generator.get_weights()
    gan.fit(IMAGES, batch_size=16, verbose=0)
    for a, b in zip(before, gan.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.learns
def test_past_fakes_are_shown_to_the_discriminator_alone():
    gan, shown = game(replay=FakePool(size=16, share=1.0))
    gan.fit(IMAGES, batch_size=16, shuffle=False, epochs=2, verbose=0)
    moves = [fake for name, _, fake, _ in shown if name == "discriminator"]
    assert len(moves) == 4
    # with share 1 the second move shows what the first one stored
    np.testing.assert_array_equal(np.sort(moves[0].ravel()), np.sort(moves[1].ravel()))
    generated = [fake for name, _, fake, _ in shown if name == "generator"]
    assert not any(np.isin(fake[:, 0, 0, 0], np.concatenate(moves)[:, 0, 0, 0]).any() for fake in generated)


@pytest.mark.learns
def test_labels_go_with_their_past_fakes():
    gan, shown = game(labels=3, replay=FakePool(size=8, share=0.5))
    gan.fit(IMAGES, np.arange(32) % 3, batch_size=8, epochs=3, verbose=0)
    born = {}
    for _, _, fake, labels in shown:
        for picture, label in zip(fake, labels.numpy(), strict=True):
            assert born.setdefault(picture.tobytes(), label) == label
    assert len(born) > 8


def test_packs_are_joined_on_the_last_axis():
    x = np.arange(2 * 6 * 3).reshape(6, 2, 3)
    packed = pack(tf.constant(x), 2).numpy()
    assert packed.shape == (3, 2, 6)
    np.testing.assert_array_equal(packed, np.concatenate([x[:3], x[3:]], axis=-1))
    assert pack(x, 1) is x


@pytest.mark.learns
@pytest.mark.parametrize("packing", [2, 3, 4])
@pytest.mark.parametrize("shape", [(8, 8, 1), (5,)])
def test_a_packed_game(packing, shape):
    gan, shown = game(packing=packing, shape=shape)
    data = np.random.default_rng(0).uniform(-1, 1, (24, *shape)).astype("float32")
    gan.fit(data, batch_size=12, shuffle=False, verbose=0)
    assert shown[0][1].shape == shown[0][2].shape == (12 // packing, *shape[:-1], packing * shape[-1])
    assert np.all(np.isfinite(gan.evaluate(data, batch_size=12, verbose=0)))
    gan.compile("hinge + gradient_penalty", run_eagerly=True)
    assert np.all(np.isfinite(gan.train_on_batch(data[:12])))


@pytest.mark.learns
def test_a_packed_game_in_a_graph_is_saved(tmp_path):
    gan, _ = game(packing=3)
    gan.compile("hinge + gradient_penalty")
    gan.fit(IMAGES, batch_size=12, verbose=0)
    gan.save(tmp_path / "gan.keras")
    assert keras.models.load_model(tmp_path / "gan.keras").packing == 3


@pytest.mark.learns
def test_a_partial_batch_of_packs_is_evaluated():
    gan, _ = game(packing=2, shape=(5,))
    data = np.random.default_rng(0).uniform(-1, 1, (9, 5)).astype("float32")
    assert np.all(np.isfinite(gan.evaluate(data, batch_size=8, verbose=0)))


@pytest.mark.learns
def test_compiling_again_leaves_nothing_behind():
    gan, _ = game()
    for _ in range(2):
        gan.compile("boundary_equilibrium", augmentation="adaptive", replay=FakePool(4))
        count = len(gan.get_weights())
    gan.compile("boundary_equilibrium", augmentation="adaptive", replay=FakePool(4))
    assert len(gan.get_weights()) == count
    gan.compile("hinge")
    assert len(gan.get_weights()) < count


def test_an_augmentation_or_a_pool_of_other_shapes_is_refused():
    gan, _ = game(shape=(5,))
    with pytest.raises(
        ValueError, match=r"`augmentation` must take examples of shape \(None, 5\). Received: .*DiffAugment"
    ):
        gan.compile("hinge", augmentation="diff_augment")
    pool = FakePool(4)
    pool.build((None, 3))
    with pytest.raises(ValueError, match=r"`replay` must hold examples of shape \(5,\). Received: .*\(3,\)"):
        gan.compile("hinge", replay=pool)


def test_a_pool_of_pairs_is_refused():
    x, y = keras.Input((3,)), keras.Input((3,))
    judge = keras.Model([x, y], keras.layers.Dense(1)(keras.layers.Concatenate()([x, y])))
    pairs = Game(
        players={"g": keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)]), "d": judge},
        values={"fake": "g(a)"},
        matches=Match("d", ("a", "b"), ("a", "fake"), replay=FakePool(4)),
        seed=0,
    )
    with pytest.raises(ValueError, match=r"`replay` must be None in a match of several parts.*Received: 2 parts"):
        pairs.compile("hinge")


@pytest.mark.learns
def test_the_adaptive_augmentation_counts_examples_not_packs():
    steps = []
    for packing in (1, 2):
        ada = augmentations.AdaptiveAugmentation("color", target=-0.99, examples=1000, every=1)
        gan, _ = game(packing=packing, augmentation=ada)
        gan.fit(IMAGES[:16], batch_size=16, verbose=0)
        steps.append(float(ada.p))
    assert steps[0] == steps[1] == pytest.approx(0.016)


@pytest.mark.learns
def test_what_does_not_fit_a_pack_is_said():
    generator = networks.mlp_generator(2, (2,))
    with pytest.raises(
        ValueError, match=r"must give what the discriminator takes, \(None, 2\).*\(None, 4\) with packing=2"
    ):
        GAN(generator, networks.mlp_discriminator((2,)), 2, packing=2)
    with pytest.raises(ValueError, match=r"`packing` must be 1 where the discriminator takes labels.* packing=2"):
        GAN(
            networks.mlp_generator(2, (2,), labels=3),
            networks.mlp_discriminator((2,), labels=3, packing=2),
            2,
            labels=3,
            packing=2,
        )
    with pytest.raises(ValueError, match=r"`packing` must be an integer of at least 1. Received: packing=0"):
        GAN(generator, networks.mlp_discriminator((2,)), 2, packing=0)
    gan, _ = game(packing=2, shape=(2,))
    with pytest.raises(ValueError, match=r"must be a multiple of `packing`, 2. Received: a batch of 5"):
        gan.fit(np.zeros((20, 2), "float32"), batch_size=5, verbose=0)


@pytest.mark.learns
def test_the_state_of_augmentation_and_pool_is_saved(tmp_path):
    def play(gan, epochs):
        gan.fit(IMAGES, batch_size=8, shuffle=False, epochs=epochs, verbose=0)
        return float(gan.augmentation.p), gan.replay.fakes.numpy(), gan.get_weights()

    generator = networks.mlp_generator(2, (8, 8, 1), hidden=(4,), normalization="batch")
    gan = GAN(generator, networks.mlp_discriminator((8, 8, 1), hidden=(4,)), 2, seed=0)
    ada = augmentations.AdaptiveAugmentation("blit", target=-0.99, examples=100, every=1)
    gan.compile("non_saturating + r1(every=2)", augmentation=ada, replay=FakePool(8))
    anew = renewing(gan)
    p, fakes, weights = play(gan, 4)
    assert p != play(anew(), 2)[0] > 0
    gan.save(tmp_path / "half.keras")
    p_again, fakes_again, weights_again = play(keras.models.load_model(tmp_path / "half.keras"), 2)
    assert p_again == p
    np.testing.assert_array_equal(fakes_again, fakes)
    for a, b in zip(weights_again, weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_instance_of_something_else_is_no_pool():
    with pytest.raises(ValueError, match=r"`replay` must be a FakePool or None. Received: replay=50"):
        game(replay=50)


@pytest.mark.learns
@pytest.mark.parametrize(
    ("objective", "outputs"),
    [(RelativisticAverage(), 1), (MaximumMeanDiscrepancy() + Cramer(unbiased=False) + SemiSupervised(), 3)],
    ids=["scores", "embeddings"],
)
def test_what_compares_with_the_whole_batch_sees_it_on_two_replicas(objective, outputs):
    def make():
        keras.utils.set_random_seed(0)
        layers = [keras.Input((2,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(outputs)]
        gan = GAN(networks.mlp_generator(2, (2,), hidden=(8,)), keras.Sequential(layers), 2, seed=0)
        eagerly = outputs > 1  # a graph of three objectives on two replicas takes three times as long as to play it
        gan.compile(objective, keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), run_eagerly=eagerly)
        return gan

    points = np.random.default_rng(0).normal(size=(48, 2)).astype("float32")
    labels = np.array([0, -1, 2, -1, 1, -1, -1, 0] * 6, "int32")
    data = tf.data.Dataset.from_tensor_slices((points, labels)).batch(16, drop_remainder=True)
    alone = make()
    devices = {"devices": ["/cpu:0", "/cpu:1"], "cross_device_ops": tf.distribute.ReductionToOneDevice()}
    with tf.distribute.MirroredStrategy(**devices).scope():
        together = make()
    losses, others = (gan.fit(data, verbose=0).history for gan in (alone, together))
    for name in losses:  # of a sum each term by itself
        np.testing.assert_allclose(losses[name], others[name], rtol=1e-5, atol=1e-5, err_msg=name)
    for a, b in zip(alone.get_weights(), together.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-6)


@pytest.mark.learns
def test_what_an_augmentation_learned_is_logged():
    gan, _ = game(augmentation=augmentations.AdaptiveAugmentation("color", examples=100, every=1, p=0.5))
    logs = moves.step(gan, [tf.constant(IMAGES[:8])], Noise((0, "logs")))
    assert float(logs["ada_p"]) == pytest.approx(0.5 + 0.08) or float(logs["ada_p"]) == pytest.approx(0.5 - 0.08)
    assert float(logs["ada_p"]) == float(gan.augmentation.p)


@pytest.mark.learns
@pytest.mark.parametrize("name", ["augmentation", "replay", "chain"])
def test_what_learns_belongs_to_one_game(name):
    part = FakePool(4) if name == "replay" else augmentations.AdaptiveAugmentation()
    given = {"augmentation": [part, "instance_noise"]} if name == "chain" else {name: part}
    gan, _ = game(**given)
    gan.compile("hinge", **given)  # its own again
    with pytest.raises(ValueError, match=r"must be used by one game only, as it has a state.*which .* uses"):
        game(**given)
    gan.compile("hinge")
    game(**given)


@pytest.mark.learns
def test_what_does_not_learn_serves_many_games():
    noise = augmentations.InstanceNoise()
    games = [game(augmentation=noise) for _ in range(2)]
    assert games[0][0].augmentation is games[1][0].augmentation


@pytest.mark.learns
@pytest.mark.parametrize("k", [1, 2])
def test_reused_fakes_are_those_of_the_discriminators_last_move(k):
    """One step by SGD against the algorithm written out: the generator's gradient goes through the old fakes."""
    rate, z = 0.1, {}

    class Recorded(latents.Normal):
        def draw(self, count, noise):
            z[noise.path[-2]] = super().draw(count, noise)
            return z[noise.path[-2]]

    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(3, (2,), hidden=(8,), normalization="batch")
    discriminator = networks.mlp_discriminator((2,), hidden=(8,))
    gan = GAN(generator, discriminator, Recorded(3), seed=0)
    optimizers = [keras.optimizers.SGD(rate) for _ in range(2)]
    gan.compile("non_saturating", *optimizers, discriminator_steps=k, reuse_fakes=True)
    g, d = (keras.models.clone_model(player) for player in (generator, discriminator))
    g.set_weights(generator.get_weights())
    d.set_weights(discriminator.get_weights())
    real = np.random.default_rng(1).normal(size=(k, 6, 2)).astype("float32")
    z.clear()  # `compile` has drawn some
    gan.train_step(tf.constant(real[0] if k == 1 else real.transpose(1, 0, 2)))
    assert sorted(z) == list(range(k))  # no latents for the generator's own move

    for i in range(k):
        with tf.GradientTape() as of_generator:
            fake = g(z[i], training=True)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.softplus(-d(real[i]))) + tf.reduce_mean(tf.nn.softplus(d(tf.constant(fake))))
        for weight, gradient in zip(d.trainable_weights, tape.gradient(loss, d.trainable_weights), strict=True):
            weight.assign_sub(rate * gradient)
    with tf.GradientTape() as tape:
        tape.watch(fake)
        loss = tf.reduce_mean(tf.nn.softplus(-d(fake)))
    by_fake = tape.gradient(loss, fake)
    gradients = of_generator.gradient(fake, g.trainable_weights, output_gradients=by_fake)
    for weight, gradient in zip(g.trainable_weights, gradients, strict=True):
        weight.assign_sub(rate * gradient)
    for mine, expected in zip([*generator.weights, *discriminator.weights], [*g.weights, *d.weights], strict=True):
        np.testing.assert_allclose(mine, expected, rtol=0, atol=1e-6, err_msg=mine.path)


@pytest.mark.parametrize("reuse_fakes", [False, True])
def test_a_simultaneous_step_takes_both_gradients_at_the_weights_before_it(reuse_fakes):
    """One step by SGD against the algorithm written out: the generator answers the discriminator before its update."""
    rate, z = 0.5, {}

    class Recorded(latents.Normal):
        def draw(self, count, noise):
            z[noise.path[-2]] = super().draw(count, noise)
            return z[noise.path[-2]]

    keras.utils.set_random_seed(0)
    generator, discriminator = (
        networks.mlp_generator(3, (2,), hidden=(4,)),
        networks.mlp_discriminator((2,), hidden=(4,)),
    )
    gan = GAN(generator, discriminator, Recorded(3), seed=0)
    optimizers = [keras.optimizers.SGD(rate) for _ in range(2)]
    gan.compile("non_saturating", *optimizers, simultaneous=True, reuse_fakes=reuse_fakes, run_eagerly=True)
    g, d = (keras.models.clone_model(player) for player in (generator, discriminator))
    g.set_weights(generator.get_weights())
    d.set_weights(discriminator.get_weights())
    real = np.random.default_rng(1).normal(size=(6, 2)).astype("float32")
    z.clear()  # `compile` has drawn some
    logs = gan.train_step(tf.constant(real))
    assert len(z) == 1 + (not reuse_fakes)

    *_, mine = z.values()
    with tf.GradientTape(persistent=True) as tape:
        softplus = tf.nn.softplus
        d_loss = tf.reduce_mean(softplus(-d(real))) + tf.reduce_mean(softplus(d(g(next(iter(z.values()))))))
        g_loss = tf.reduce_mean(softplus(-d(g(mine))))
    assert float(logs["d_loss"]) == pytest.approx(float(d_loss), abs=1e-6)
    assert float(logs["g_loss"]) == pytest.approx(float(g_loss), abs=1e-6)
    for player, played, loss in ((d, discriminator, d_loss), (g, generator, g_loss)):
        for weight, found in zip(player.trainable_weights, played.trainable_weights, strict=True):
            expected = weight - rate * tape.gradient(loss, weight)
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6, err_msg=found.path)


def test_a_simultaneous_step_lets_no_side_move_twice():
    with pytest.raises(ValueError, match=r"`simultaneous` must be False where a side moves several times"):
        game(simultaneous=True, discriminator_steps=2)


@pytest.mark.learns
def test_a_player_that_no_term_trains_is_named_and_keeps_its_weights():
    made = {name: keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)]) for name in ("g", "extra", "d")}
    made["d"] = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    values, match = {"fake": "g(z)", "unused": "extra(z)"}, Match("d", "real", "fake")
    draws = {"z": latents.Normal(2)}
    game = Game(players=made, values=values, matches=match, draws=draws, objective="non_saturating", seed=0)
    game.compile()
    before = made["extra"].get_weights()
    with pytest.warns(UserWarning, match="none that trains 'extra', of the side 'generator'") as warned:
        game.fit(np.zeros((8, 2), "float32"), batch_size=8, verbose=0)
    texts = [str(each.message) for each in warned]
    assert not any("Gradients do not exist" in text for text in texts)
    for weight, now in zip(before, made["extra"].get_weights(), strict=True):
        np.testing.assert_array_equal(weight, now)
