"""What is asked of every layer: shape, file, XLA, mixed precision and, where a penalty may pass, derivatives."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import layers

IMAGE, VECTOR, LABELS = (4, 4, 8), (6,), ()
CASES = {
    "minibatch_discrimination": (lambda **o: layers.MinibatchDiscrimination(3, 2, **o), [VECTOR]),
    "minibatch_standard_deviation": (lambda **o: layers.MinibatchStandardDeviation(2, 2, **o), [IMAGE]),
    "maxout": (lambda **o: layers.Maxout(3, 4, **o), [VECTOR]),
    "spectral_dense": (lambda **o: layers.SpectralNormalization(keras.layers.Dense(3, "tanh", **o)), [VECTOR]),
    "spectral_convolution": (
        lambda **o: layers.SpectralNormalization(keras.layers.Conv2D(3, 3, 2, "same", activation="tanh", **o)),
        [IMAGE],
    ),
    "spectral_transpose": (
        lambda **o: layers.SpectralNormalization(keras.layers.Conv2DTranspose(3, 3, 2, "same", activation="tanh", **o)),
        [IMAGE],
    ),
    "weight_dense": (lambda **o: layers.WeightNormalization(keras.layers.Dense(3, "tanh", **o)), [VECTOR]),
    "weight_transpose": (
        lambda **o: layers.WeightNormalization(keras.layers.Conv2DTranspose(3, 3, 2, activation="tanh", **o)),
        [IMAGE],
    ),
    "virtual_batch_normalization": (lambda **o: layers.VirtualBatchNormalization(**o), [IMAGE]),
    "batch_normalization": (lambda **o: layers.BatchNormalization(**o), [IMAGE]),
    "batch_normalization_of_vectors": (lambda **o: layers.BatchNormalization(scale=False, **o), [VECTOR]),
    "layer_normalization": (lambda **o: layers.LayerNormalization(axis=(1, 2, 3), **o), [IMAGE]),
    "layer_normalization_of_channels": (lambda **o: layers.LayerNormalization(**o), [IMAGE]),
    "group_normalization": (lambda **o: layers.GroupNormalization(groups=4, **o), [IMAGE]),
    "instance_normalization": (lambda **o: layers.GroupNormalization(groups=2, axis=1, center=False, **o), [IMAGE]),
    "reflection_padding": (lambda **o: layers.ReflectionPadding2D(2, **o), [IMAGE]),
    "resizing": (lambda **o: layers.Resizing(3, 7, **o), [IMAGE]),
    "resizing_by_lanczos": (lambda **o: layers.Resizing(2, 3, "lanczos3", antialias=True, **o), [IMAGE]),
    "resizing_by_the_nearest": (lambda **o: layers.Resizing(6, 3, "nearest", **o), [IMAGE]),
    "bilinear": (lambda **o: layers.UpSampling2D(interpolation="bilinear", **o), [IMAGE]),
    "bicubic_channels_first": (
        lambda **o: layers.UpSampling2D((2, 1), "channels_first", interpolation="bicubic", **o),
        [IMAGE],
    ),
    "conditional_batch_normalization_of_a_replica": (
        lambda **o: layers.ConditionalBatchNormalization(5, synchronized=False, **o),
        [IMAGE, LABELS],
    ),
    "conditional_batch_normalization": (lambda **o: layers.ConditionalBatchNormalization(5, **o), [IMAGE, LABELS]),
    "pixel_normalization": (lambda **o: layers.PixelNormalization(**o), [IMAGE]),
    "self_attention": (lambda **o: layers.SelfAttention(**o), [IMAGE]),
    "spectral_self_attention": (lambda **o: layers.SelfAttention(True, **o), [IMAGE]),
    "projection": (lambda **o: layers.Projection(5, **o), [VECTOR, LABELS]),
    "spectral_projection": (lambda **o: layers.Projection(5, True, **o), [VECTOR, LABELS]),
    "gaussian_noise": (lambda **o: layers.GaussianNoise(0.5, seed=3, **o), [VECTOR]),
    "dropout": (lambda **o: layers.Dropout(0.4, seed=3, **o), [VECTOR]),
    "basis": (lambda **o: layers.Basis((2, 3), **o), [VECTOR]),
    "up_by_a_filter": (lambda **o: layers.FilteredResampling2D(up=2, taps=(1, 2, 1), **o), [IMAGE]),
    "down_by_a_filter": (lambda **o: layers.FilteredResampling2D(down=2, **o), [IMAGE]),
    "smoothed": (lambda **o: layers.FilteredResampling2D(padding=(1, 1), **o), [IMAGE]),
    "grouped_convolution": (
        lambda **o: layers.GroupedConv2D(12, 3, padding="same", groups=4, activation="tanh", **o),
        [IMAGE],
    ),
    "modulated_convolution": (lambda **o: layers.ModulatedConv2D(3, 3, **o), [IMAGE, VECTOR]),
    "modulated_to_pixels": (lambda **o: layers.ModulatedConv2D(3, 1, demodulate=False, **o), [IMAGE, VECTOR]),
    "modulated_and_doubled": (lambda **o: layers.ModulatedConv2D(3, 3, upsample=True, **o), [IMAGE, VECTOR]),
    "equalized_dense": (lambda **o: layers.EqualizedLearningRate(keras.layers.Dense(3, "tanh", **o), 0.5), [VECTOR]),
    "equalized_transpose": (
        lambda **o: layers.EqualizedLearningRate(keras.layers.Conv2DTranspose(3, 3, 2, activation="tanh", **o)),
        [IMAGE],
    ),
    "scaled_noise": (lambda **o: layers.ScaledNoise(seed=3, **o), [IMAGE]),
    "learned_map": (lambda **o: layers.LearnedMap((2, 3, 4), **o), [VECTOR]),
    "truncation": (lambda **o: layers.Truncation(**o), [VECTOR, (1,)]),
    "style_mixing": (lambda **o: layers.StyleMixing(3, seed=3, **o), [VECTOR, VECTOR]),
    "pixel_shuffle": (lambda **o: layers.PixelShuffle(2, **o), [IMAGE]),
}
DRAWING = ("scaled_noise", "style_mixing", "learned_map", "truncation")  # or not a function of the input alone
PENALIZED = [name for name in CASES if name not in ("gaussian_noise", "dropout", *DRAWING)]
HELD = {"self_attention", "projection", "weight_dense", "batch_normalization_of_vectors", "bilinear"} | {
    *("layer_normalization_of_channels", "instance_normalization", "resizing_by_the_nearest"),
    *("conditional_batch_normalization_of_a_replica", "basis", "down_by_a_filter"),
    *("modulated_convolution", "equalized_dense", "learned_map", "truncation"),
}
COMPILED = [name for name in CASES if name not in HELD]  # the rest hold them
every = pytest.mark.parametrize("name", CASES)


def make(name, **options):
    """A model of one layer whose weights are all random, the non-trainable too; and a batch for it."""
    layer, shapes = CASES[name]
    dtype = "float64" if options.get("dtype") == "float64" else "float32"
    inputs = [keras.Input(shape, dtype=dtype if shape else "int32") for shape in shapes]
    model = keras.Model(inputs, layer(**options)(inputs if len(inputs) > 1 else inputs[0]))
    rng = np.random.default_rng(1)
    for weight in model.weights:
        if weight.name != "u":
            value = 0.3 * rng.normal(size=weight.shape)
            weight.assign(np.abs(value) + 0.1 if "variance" in weight.name else value)
    batch = [
        rng.normal(size=(4, *shape)).astype(dtype) if shape else np.array([0, 4, 2, 2], "int32") for shape in shapes
    ]
    return model, [tf.constant(x) for x in batch]


def call(model, batch, **options):
    return model(batch if len(batch) > 1 else batch[0], **options)


@every
def test_its_shape(name):
    model, batch = make(name)
    assert model.output_shape[1:] == tuple(call(model, batch).shape)[1:]
    assert model.output_shape[0] is None


@every
def test_its_file(name, tmp_path):
    model, batch = make(name)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(call(restored, batch), call(model, batch))
    assert [w.name for w in restored.weights] == [w.name for w in model.weights]
    configs = [{**m.layers[-1].get_config(), "layer": None} for m in (restored, model)]
    assert configs[0] == configs[1]


@pytest.mark.xla
@pytest.mark.parametrize("name", COMPILED)
def test_the_same_with_xla(name):
    model, batch = make(name)
    before = [tf.identity(v.value) for v in model.variables]

    def run(*batch):
        with tf.GradientTape() as outer:
            outer.watch(batch[0])
            with tf.GradientTape() as tape:
                tape.watch(batch[0])
                y = tf.sin(call(model, batch, training=True))
            gradient = tape.gradient(y, batch[0])
            penalty = tf.reduce_sum(gradient**2)
        sources = [batch[0], *(w.value for w in model.trainable_variables)]
        return y, gradient, outer.gradient(penalty, sources, unconnected_gradients="zero")

    results = []
    for jit in (False, True):
        for variable, value in zip(model.variables, before, strict=True):
            variable.assign(value)
        y, gradient, second = tf.function(run, jit_compile=jit, autograph=False)(*batch)
        state = [tf.identity(v.value) for v in model.variables]
        results.append([y, gradient, *(tf.convert_to_tensor(g) for g in second), *state])
    for plain, xla in zip(*results, strict=True):
        np.testing.assert_allclose(plain, xla, rtol=1e-4, atol=1e-5 * max(1, np.abs(plain).max()))


@every
def test_mixed_precision(name):
    exact, batch = make(name)
    mixed, _ = make(name, dtype="mixed_bfloat16")
    mixed.set_weights(exact.get_weights())
    low = call(mixed, [tf.cast(x, "bfloat16") if x.dtype.is_floating else x for x in batch])
    assert low.dtype == tf.bfloat16
    assert all(w.dtype == "float32" for w in mixed.weights)
    high = call(exact, batch).numpy()
    np.testing.assert_allclose(tf.cast(low, "float32"), high, atol=0.03 * np.abs(high).max())


@pytest.mark.learns
@pytest.mark.parametrize("name", PENALIZED)
def test_second_derivatives_by_finite_differences(name):
    model, batch = make(name, dtype="float64")
    weights = list(model.trainable_variables)
    c = tf.constant(np.random.default_rng(2).normal(size=(4, *model.output_shape[1:])))

    def penalty(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = tf.reduce_sum(c * tf.sin(call(model, [x, *batch[1:]], training=True)))
        return tf.reduce_sum(tape.gradient(score, x) ** 2)

    penalty = tf.function(penalty, autograph=False)
    x, h = batch[0], 1e-6
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = penalty(x)
    gradients = tape.gradient(value, [x, *(w.value for w in weights)], unconnected_gradients="zero")
    rng = np.random.default_rng(3)
    direction = tf.constant(rng.normal(size=x.shape))
    slope = (penalty(x + h * direction) - penalty(x - h * direction)) / (2 * h)
    np.testing.assert_allclose(tf.reduce_sum(direction * gradients[0]), slope, rtol=1e-5, atol=1e-7)
    for weight, gradient in zip(weights, gradients[1:], strict=True):
        direction, value = rng.normal(size=weight.shape), np.array(weight.numpy())
        ends = []
        for sign in (1, -1):
            weight.assign(value + sign * h * direction)
            ends.append(float(penalty(x)))
        weight.assign(value)
        slope = (ends[0] - ends[1]) / (2 * h)
        np.testing.assert_allclose(
            np.sum(direction * tf.convert_to_tensor(gradient).numpy()), slope, rtol=1e-5, atol=1e-7
        )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.MinibatchDiscrimination(0), "`kernels` must .*Received: kernels=0"),
        (lambda: layers.MinibatchDiscrimination(dims=1.5), "`dims` must .*Received: dims=1.5"),
        (lambda: layers.MinibatchDiscrimination()(np.ones((2, 2, 2))), r"must be features.*Received: input_shape="),
        (lambda: layers.MinibatchStandardDeviation(0), "`group_size` must .*Received: group_size=0"),
        (lambda: layers.MinibatchStandardDeviation(epsilon=0), "`epsilon` must .*Received: epsilon=0"),
        (lambda: layers.MinibatchStandardDeviation(features=2)(np.ones((2, 3))), "`features` must .*features=2"),
        (lambda: layers.Maxout(2, 0), "`pieces` must .*Received: pieces=0"),
        (lambda: layers.SpectralNormalization(keras.layers.ReLU()), "`layer` must be one of Dense.*Received: layer="),
        (lambda: layers.SpectralNormalization(keras.layers.DepthwiseConv2D(3)), "`layer` must be one of"),
        (lambda: layers.SpectralNormalization(keras.layers.Dense(2, lora_rank=1)), "`layer` must have no LoRA"),
        (lambda: layers.SpectralNormalization(keras.layers.Dense(2), 0), "`power_iterations` must .*=0"),
        (lambda: layers.WeightNormalization(keras.layers.Embedding(2, 2)), "`layer` must be one of"),
        (lambda: layers.VirtualBatchNormalization(-1.0), "`epsilon` must .*Received: epsilon=-1.0"),
        (lambda: layers.ConditionalBatchNormalization(0), "`classes` must .*Received: classes=0"),
        (
            lambda: layers.ConditionalBatchNormalization(2, momentum=1.5),
            r"`momentum` must be in \[0, 1\).*momentum=1.5",
        ),
        (lambda: layers.PixelNormalization(float("inf")), "`epsilon` must .*Received: epsilon=inf"),
        (lambda: layers.SelfAttention()(np.ones((1, 4, 4, 7))), "must be .*C of at least 8.*Received: input_shape="),
        (lambda: layers.SelfAttention()(np.ones((1, 8))), "must be .*C of at least 8.*Received: input_shape="),
        (lambda: layers.Projection(True), "`classes` must .*Received: classes=True"),
        (lambda: layers.GaussianNoise(-0.1), "`stddev` must .*Received: stddev=-0.1"),
        (lambda: layers.Dropout(1.0), r"`rate` must be in \[0, 1\).*Received: rate=1.0"),
        (lambda: layers.Basis((2, 2, 2)), r"`size` must be \(height, width\). Received: size=\(2, 2, 2\)"),
        (lambda: layers.Basis((2, 2))(np.ones((1, 2, 2))), "must be vectors.*Received: input_shape="),
        (lambda: layers.FilteredResampling2D(0), "`up` must .*Received: up=0"),
        (lambda: layers.FilteredResampling2D(taps=()), "`taps` must .*Received: taps="),
        (lambda: layers.FilteredResampling2D(taps=(1, -1)), "the sum of `taps`.* must .*Received: "),
        (lambda: layers.FilteredResampling2D(padding=(1,)), "`padding` must .*Received: padding="),
        (lambda: layers.FilteredResampling2D(padding=(1, -1)), "`padding` must .*Received: padding="),
        (lambda: layers.FilteredResampling2D()(keras.Input((None, 4, 1))), "of a known size. Received: input_shape="),
        (lambda: layers.EqualizedLearningRate(keras.layers.Dense(2), 0), "`multiplier` must .*Received: multiplier=0"),
        (lambda: layers.ModulatedConv2D(3, 0), "`kernel_size` must .*Received: kernel_size=0"),
        (lambda: layers.ModulatedConv2D(3, 1, upsample=True), "`kernel_size` must be 3 to upsample.*kernel_size=1"),
        (lambda: layers.ModulatedConv2D(3, 3, demodulate=1), "`demodulate` must .*Received: demodulate=1"),
        (lambda: layers.ScaledNoise()(np.ones((2, 3))), "must be maps.*Received: input_shape="),
        (lambda: layers.LearnedMap((0, 2)), "`shape` must .*Received: shape="),
        (lambda: layers.Truncation(1.0), r"`momentum` must be in \[0, 1\).*momentum=1.0"),
        (lambda: layers.StyleMixing(0), "`depth` must .*Received: depth=0"),
        (lambda: layers.StyleMixing(2, 1.5), r"`probability` must be in \[0, 1\].*probability=1.5"),
        (lambda: layers.PixelShuffle(0), "`factor` must .*Received: factor=0"),
        (lambda: layers.PixelShuffle(2)(np.ones((1, 2, 2, 6))), "divisible by 4.*Received: input_shape="),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
