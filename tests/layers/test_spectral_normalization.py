import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import SelfAttention, SpectralNormalization

RNG = np.random.default_rng(0)
WRAPPED = {
    "dense": (lambda: keras.layers.Dense(5), (6,)),
    "conv1d": (lambda: keras.layers.Conv1D(5, 3), (7, 4)),
    "conv2d": (lambda: keras.layers.Conv2D(5, 3), (6, 6, 4)),
    "conv3d": (lambda: keras.layers.Conv3D(2, 2), (3, 3, 3, 2)),
    "conv2d_transpose": (lambda: keras.layers.Conv2DTranspose(5, 3), (4, 4, 2)),
    "embedding": (lambda: keras.layers.Embedding(7, 4), ()),
}


def wrapped(name, **options):
    make, shape = WRAPPED[name]
    layer = SpectralNormalization(make(), **options)
    x = RNG.normal(size=(3, *shape)).astype("float32") if shape else np.array([0, 3, 6])
    layer(x)
    layer.kernel.assign(RNG.normal(size=layer.kernel.shape))
    return layer, x


def matrix(layer):
    """The paper's matrix, (outputs, everything else)."""
    kernel = np.array(layer.kernel.numpy(), "float64")
    if "Transpose" in type(layer.layer).__name__:
        kernel = np.swapaxes(kernel, -1, -2)
    return np.moveaxis(kernel, -1, 0).reshape(kernel.shape[-1], -1)


def largest(matrix):
    return np.linalg.svd(np.asarray(matrix), compute_uv=False)[0]


def state(layer):
    return [v.numpy() for v in layer.variables]


@pytest.mark.parametrize("name", WRAPPED)
def test_sigma_becomes_the_largest_singular_value(name):
    layer, x = wrapped(name)
    advance = tf.function(layer.advance, autograph=False)
    for _ in range(300):
        advance()
    sigma = largest(matrix(layer))
    np.testing.assert_allclose(layer.sigma(), sigma, rtol=1e-5)
    bare = WRAPPED[name][0]()
    bare(x)
    bare.set_weights([layer.kernel.numpy() / sigma, *layer.layer.get_weights()[1:]])
    np.testing.assert_allclose(layer(x), bare(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize("name", ["dense", "conv2d_transpose"])
def test_one_advance_is_the_papers_iteration(name, iterations):
    layer, _ = wrapped(name, power_iterations=iterations)
    W, u = matrix(layer), np.array(layer.u.numpy(), "float64")
    layer.advance()
    for _ in range(iterations):
        v = W.T @ u
        v /= np.linalg.norm(v)
        u = W @ v
        u /= np.linalg.norm(u)
    np.testing.assert_allclose(layer.u, u, rtol=1e-4, atol=1e-6)
    v = W.T @ u
    np.testing.assert_allclose(layer.sigma(), u @ W @ (v / np.linalg.norm(v)), rtol=1e-5)


def test_the_first_sigma_is_good_already():
    layer = SpectralNormalization(keras.layers.Dense(40))
    layer(np.ones((1, 60)))
    assert 0.95 < float(layer.sigma()) / largest(matrix(layer)) <= 1 + 1e-5


def loss_of(layer, x, c):
    return tf.reduce_sum(tf.nn.relu(1 - c * layer(x, training=True)))


def slopes(W, x, c, h=1e-6):
    """Finite differences by W of the hinge loss of x W / sigma(W), with NumPy's sigma."""

    def loss(W):
        return np.maximum(0, 1 - c * (x @ W / largest(W))).sum()

    out = np.zeros_like(W)
    for i in np.ndindex(*W.shape):
        step = np.zeros_like(W)
        step[i] = h
        out[i] = (loss(W + step) - loss(W - step)) / (2 * h)
    return out


def compare(kind):
    """The relative error of a layer's gradient by its kernel, and the kernel's norm before and after the call."""
    rng = np.random.default_rng(5)
    x, W = rng.normal(size=(32, 16)), rng.normal(size=(16, 8))
    c = np.sign(x @ rng.normal(size=(16, 8)))
    layer = kind(keras.layers.Dense(8, use_bias=False, dtype="float64"), dtype="float64")
    layer(x)
    advance = layer.advance if kind is SpectralNormalization else lambda: layer(x, training=True)
    advance = tf.function(advance, autograph=False)
    for _ in range(300):
        layer.layer.kernel.assign(W)
        advance()
    layer.layer.kernel.assign(W)
    with tf.GradientTape() as tape:
        loss = loss_of(layer, tf.constant(x), tf.constant(c))
    gradient, expected = tape.gradient(loss, layer.layer.kernel.value).numpy(), slopes(W, x, c)
    error = np.linalg.norm(gradient - expected) / np.linalg.norm(expected)
    return error, np.linalg.norm(layer.layer.kernel.numpy()) / np.linalg.norm(W), np.sum(gradient * W)


@pytest.mark.learns
def test_the_gradient_passes_through_sigma():
    error, kept, along = compare(SpectralNormalization)
    assert error < 1e-6
    assert kept == 1
    assert abs(along) < 1e-9  # the loss does not change when W is scaled


@pytest.mark.learns
def test_kerass_own_differs_as_the_docstring_says():
    error, kept, along = compare(keras.layers.SpectralNormalization)
    assert error > 1
    assert kept < 0.5
    assert abs(along) > 0.1


@pytest.mark.xla
@pytest.mark.parametrize("training", [False, True])
def test_calls_change_nothing(training):
    layer, x = wrapped("conv2d")
    before = state(layer)
    first = layer(x, training=training)
    for jit in (False, True):
        tf.function(lambda x: layer(x, training=training), jit_compile=jit, autograph=False)(tf.constant(x))
    np.testing.assert_array_equal(layer(x, training=training), first)
    for a, b in zip(before, state(layer), strict=True):
        np.testing.assert_array_equal(a, b)


def test_only_u_advances_and_not_when_frozen():
    layer, _ = wrapped("dense")
    layer.trainable = False
    before = state(layer)
    layer.advance()
    assert all((a == b).all() for a, b in zip(before, state(layer), strict=True))
    layer.trainable = True
    layer.advance()
    changed = [v.name for v, a in zip(layer.variables, before, strict=True) if (v.numpy() != a).any()]
    assert changed == ["u"]


@pytest.mark.learns
@pytest.mark.parametrize("jit", [False, pytest.param("auto", marks=pytest.mark.xla)])
def test_self_advancing_in_a_plain_model(jit):
    x = RNG.normal(size=(64, 6)).astype("float32")
    models = {}
    for advancing in (True, False):
        keras.utils.set_random_seed(0)
        layer = SpectralNormalization(keras.layers.Dense(5), self_advancing=advancing)
        model = keras.Sequential([keras.Input((6,)), layer, keras.layers.Dense(1)])
        graph = {"jit_compile": jit} if advancing else {"run_eagerly": True}
        model.compile(keras.optimizers.Adam(0.02), "mse", **graph)
        u = layer.u.numpy()
        model.fit(x, 5 * x[:, :1], epochs=10 if advancing else 1, batch_size=16, verbose=0)
        models[advancing] = layer, u
    layer, u = models[True]
    assert (layer.u.numpy() != u).any()
    np.testing.assert_allclose(layer.sigma(), largest(matrix(layer)), rtol=0.02)
    u_after = layer.u.numpy()
    layer(x)  # inference
    np.testing.assert_array_equal(layer.u, u_after)
    np.testing.assert_array_equal(*(models[False][1], models[False][0].u.numpy()))


@pytest.mark.parametrize("jit", [False, pytest.param(True, marks=pytest.mark.xla)])
def test_training_in_a_graph_keeps_the_norm_at_one(jit):
    layer, x = wrapped("dense")
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build(layer.trainable_variables)

    @tf.function(jit_compile=jit, autograph=False)
    def step(x):
        layer.advance()
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(layer(x, training=True) ** 2) + tf.reduce_mean(layer(-x, training=True))
        optimizer.apply_gradients(
            zip(tape.gradient(loss, layer.trainable_variables), layer.trainable_variables, strict=True)
        )

    for _ in range(30):
        step(tf.constant(x))
    np.testing.assert_allclose(layer.sigma(), largest(matrix(layer)), rtol=1e-3)


def test_a_scope_around_it_keeps_its_averages():
    # as the GAN's average runs a generator: every weight is replaced, the kernel before it is normalised
    layer, x = wrapped("dense")
    other = SpectralNormalization(keras.layers.Dense(5))
    other(x)
    other.set_weights([RNG.normal(size=w.shape) for w in layer.get_weights()])
    expected = other(x)

    @tf.function(autograph=False)
    def averaged(x):
        with keras.StatelessScope([(w, o.value) for w, o in zip(layer.weights, other.weights, strict=True)]):
            return layer(x)

    np.testing.assert_allclose(averaged(tf.constant(x)), expected, rtol=1e-5, atol=1e-6)
    assert not np.allclose(layer(x), expected, atol=0.1)


@pytest.mark.learns
def test_a_kernel_of_zeros_stays_finite():
    layer, x = wrapped("dense")
    layer.kernel.assign(np.zeros(layer.kernel.shape))
    layer.advance()
    with tf.GradientTape() as tape:
        y = layer(x)
    assert np.isfinite(tape.gradient(y, layer.kernel.value)).all()
    assert (y.numpy() == 0).all()
    layer.kernel.assign(RNG.normal(size=layer.kernel.shape))
    for _ in range(200):
        layer.advance()
    np.testing.assert_allclose(layer.sigma(), largest(matrix(layer)), rtol=1e-4)


def test_two_replicas_advance_alike():
    x = RNG.normal(size=(8, 6)).astype("float32")
    reduction = tf.distribute.ReductionToOneDevice()
    strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"], cross_device_ops=reduction)
    with strategy.scope():
        layer = SpectralNormalization(keras.layers.Dense(5))
        layer.build((None, 6))
    alone = SpectralNormalization(keras.layers.Dense(5))
    alone(x)
    alone.set_weights(layer.get_weights())

    def step(x):
        layer.advance()
        return layer(x, training=True)

    y = tf.function(lambda x: strategy.run(step, (x,)), autograph=False)(tf.constant(x))
    alone.advance()
    for part in strategy.experimental_local_results(y):
        np.testing.assert_allclose(part, alone(x), rtol=1e-5, atol=1e-6)
    for copy in strategy.experimental_local_results(layer.u.value):
        np.testing.assert_allclose(copy, alone.u, rtol=1e-5, atol=1e-6)


@pytest.mark.learns
def test_u_is_found_and_saved_inside_other_layers(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 8)), SelfAttention(spectral_normalization=True)])
    advancing = [layer for layer in model._flatten_layers() if hasattr(layer, "advance")]
    assert len(advancing) == 4
    for layer in advancing:
        layer.advance()
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    for a, b in zip(model.variables, restored.variables, strict=True):
        np.testing.assert_array_equal(a, b)
