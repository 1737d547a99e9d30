import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from keras_gan.noise import Noise
from keras_gan.replay import FakePool


def noise(step):
    return Noise((0, "test replay"), step)


def numbered(step, count=6):
    """Fakes that are all different, and labels that say which they are."""
    ids = np.arange(step * count, (step + 1) * count)
    return (ids[:, None] + np.array([0.0, 0.5])).astype("float32"), ids.astype("int32")


class PlainPool:
    """The same rules over lists, an example at a time."""

    def __init__(self, size, share):
        self.size, self.share, self.held = size, share, []

    def __call__(self, ids, noise):
        wanted = noise.at("swap").uniform((len(ids),)).numpy() < self.share
        free = np.argsort(noise.at("order").uniform((self.size,)).numpy(), kind="stable").tolist()
        full, out = len(self.held) == self.size, []
        for i, want in zip(ids, wanted, strict=True):
            if not full and len(self.held) < self.size:
                self.held.append(i)
            elif full and want and free:
                place = free.pop(0)
                i, self.held[place] = self.held[place], i
            out.append(i)
        return out


@pytest.mark.parametrize(
    ("size", "share", "count", "mode"),
    [
        *(
            (*case, mode)
            for case in [(10, 0.5, 6), (4, 0.9, 6), (12, 1.0, 6), (3, 0.0, 2), (1, 0.7, 1)]
            for mode in ("eager", "graph")
        ),
        pytest.param(10, 0.5, 6, "xla", marks=pytest.mark.xla),
        pytest.param(4, 0.9, 6, "xla", marks=pytest.mark.xla),
    ],
)
def test_against_plain_python(size, share, count, mode):
    pool, plain = FakePool(size, share), PlainPool(size, share)
    pool.build((None, 2))
    graph = tf.function(
        lambda fake, step, labels: pool(fake, noise=noise(step), labels=labels),
        autograph=False,
        jit_compile=mode == "xla",
    )
    call = pool if mode == "eager" else graph
    for step in range(8):
        fake, ids = numbered(step, count)
        if mode == "eager":
            out, labels = pool(tf.constant(fake), noise=noise(step), labels=tf.constant(ids))
        else:
            out, labels = call(fake, tf.constant(step, tf.int64), ids)
        expected = plain(ids.tolist(), noise(step))
        assert labels.numpy().tolist() == expected
        np.testing.assert_array_equal(out, np.array(expected)[:, None] + np.array([0.0, 0.5]))
        held = len(plain.held)
        assert int(pool.stored.numpy()) == held
        np.testing.assert_array_equal(pool.labels.numpy()[:held], plain.held)
        np.testing.assert_array_equal(pool.fakes.numpy()[:held, 0], plain.held)


def test_without_labels_it_swaps_the_same():
    with_labels, without = FakePool(4), FakePool(4)
    for step in range(5):
        fake, ids = numbered(step)
        out, _ = with_labels(tf.constant(fake), noise=noise(step), labels=tf.constant(ids))
        np.testing.assert_array_equal(without(tf.constant(fake), noise=noise(step)), out)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_labels_keep_their_dtype(dtype):
    fake, ids = numbered(0)
    _, labels = FakePool(2)(tf.constant(fake), noise=noise(0), labels=tf.cast(ids, dtype))
    assert labels.dtype == dtype


@pytest.mark.learns
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_the_share_in_the_long_run(share):
    pool = FakePool(50, share)
    call = tf.function(lambda fake, step: pool(fake, noise=noise(step)), autograph=False)
    swapped, pairs, total = 0, [], 0
    for step in range(150):
        fake, ids = numbered(step, 20)
        out = call(fake, tf.constant(step, tf.int64)).numpy()[:, 0]
        if step * 20 < 50:
            np.testing.assert_array_equal(out, ids)
            continue
        assert len(set(out)) == 20
        assert np.all((out == ids) | (out < ids[0]))  # itself, or one of an earlier batch
        swapped, total = swapped + np.sum(out != ids), total + 20
        pairs.extend((ids - out)[out != ids])
    assert scipy.stats.binomtest(int(swapped), total, share).pvalue > 1e-3
    # each swap takes one of 50 places: a fake waits 50 swaps on average, of which there are 20 * share a batch
    assert np.mean(pairs) == pytest.approx(50 / share, rel=0.15)


def test_images_of_a_batch_size_that_is_not_known():
    pool = FakePool(4, 1.0)
    call = tf.function(lambda x, step: pool(x, noise=noise(step)), autograph=False, input_signature=[
        tf.TensorSpec((None, 3, 3, 1)), tf.TensorSpec((), tf.int64)])  # fmt: skip
    images = np.random.default_rng(0).normal(size=(8, 3, 3, 1)).astype("float32")
    call(images[:4], 0)
    swapped = call(images[4:7], 1).numpy()
    assert swapped.shape == (3, 3, 3, 1)
    assert all(any(np.array_equal(a, b) for b in images[:4]) for a in swapped)


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_the_precision_is_kept(dtype):
    pool = FakePool(6, 1.0)
    fake = tf.cast(numbered(0)[0], dtype)
    pool(fake, noise=noise(0))
    out = pool(tf.zeros_like(fake), noise=noise(1))
    assert out.dtype == fake.dtype
    np.testing.assert_array_equal(np.sort(tf.cast(out, "float32")[:, 0]), np.sort(tf.cast(fake, "float32")[:, 0]))


@keras.saving.register_keras_serializable("test_replay")
class Holder(keras.Model):
    def __init__(self, pool, **options):
        super().__init__(**options)
        self.pool = pool
        if not self.pool.built:
            self.pool.build((None, 2))
        self.built = True

    def call(self, x):
        return x

    def build(self, input_shape=None):
        pass

    def get_config(self):
        return {"pool": keras.saving.serialize_keras_object(self.pool)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config["pool"]))


@pytest.mark.parametrize("how", ["model", "weights"])
def test_the_pool_is_saved_with_the_model(tmp_path, how):
    model = Holder(FakePool(10, 0.5))
    for step in range(4):
        fake, ids = numbered(step)
        model.pool(tf.constant(fake), noise=noise(step), labels=tf.constant(ids))
    if how == "model":
        model.save(tmp_path / "model.keras")
        again = keras.models.load_model(tmp_path / "model.keras")
    else:
        model.save_weights(tmp_path / "model.weights.h5")
        again = Holder(FakePool(10, 0.5))
        again.load_weights(tmp_path / "model.weights.h5")
    fake, ids = numbered(4)
    for a, b in zip(
        model.pool(tf.constant(fake), noise=noise(4), labels=tf.constant(ids)),
        again.pool(tf.constant(fake), noise=noise(4), labels=tf.constant(ids)),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, ids)
    assert len(again.pool.variables) == 3


@pytest.mark.learns
def test_each_replica_has_its_own_pool(tmp_path):
    strategy = tf.distribute.MirroredStrategy(
        ["/cpu:0", "/cpu:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    with strategy.scope():
        model = Holder(FakePool(4, 1.0))

    @tf.function(autograph=False)
    def run(step):
        def one():
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            fake = tf.cast(tf.range(4) + 10 * step + 100 * replica, tf.float32)
            fake = tf.stack([fake, fake], axis=1)
            out = model.pool(fake, noise=Noise((0, "replicas"), step, (replica, 2)))
            return out, tf.convert_to_tensor(model.pool.fakes)

        return strategy.run(one)

    first, _ = run(tf.constant(0))
    swapped, held = (strategy.experimental_local_results(each) for each in run(tf.constant(1)))
    for replica, new in enumerate(strategy.experimental_local_results(first)):
        old = np.sort(new.numpy()[:, 0])
        np.testing.assert_array_equal(old, np.arange(4) + 100 * replica)
        np.testing.assert_array_equal(np.sort(swapped[replica].numpy()[:, 0]), old)
        np.testing.assert_array_equal(np.sort(held[replica].numpy()[:, 0]), old + 10)
    model.save_weights(tmp_path / "model.weights.h5")
    alone = Holder(FakePool(4, 1.0))
    alone.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(alone.pool.fakes, held[0])
    model.load_weights(tmp_path / "model.weights.h5")
    _, held_again = run(tf.constant(2))
    assert np.all(strategy.experimental_local_results(held_again)[1].numpy() >= 120)


def test_the_config_gives_the_pool_back():
    pool = FakePool(7, 0.25)
    pool.build((None, 3, 2))
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(pool))
    assert again.get_config() == pool.get_config()
    assert again.fakes.shape == (7, 3, 2)


@pytest.mark.parametrize(("options", "message"), [
    ({"size": 0}, "`size` must be an integer of at least 1. Received: size=0"),
    ({"size": 2.5}, "`size` must be"),
    ({"share": 1.1}, r"`share` must be in \[0, 1\]. Received: share=1.1"),
    ({"share": float("nan")}, "`share` must be"),
])  # fmt: skip
def test_errors_say_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        FakePool(**options)
