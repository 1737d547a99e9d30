import keras
import numpy as np
import pytest

from keras_gan.networks import encoder_decoder, srgan_discriminator, srresnet

X = np.random.default_rng(0).normal(size=(2, 8, 12, 3)).astype("float32")


@pytest.mark.parametrize("factor", [1, 2, 4])
def test_pictures_become_larger(factor):
    model = srresnet((None, None, 3), factor, width=2, blocks=1)
    y = model(5 * X).numpy()
    assert y.shape == (2, 8 * factor, 12 * factor, 3)
    assert np.abs(y).max() <= 1
    assert model(X[:, :5, :7]).shape == (2, 5 * factor, 7 * factor, 3)


@pytest.mark.learns
def test_the_parameters_of_the_published_srresnet():
    # 9x9 and 3x3 convolutions, four numbers a map of batch normalization, one slope a map of PReLU
    w, blocks = 4, 16
    block = 2 * (9 * w * w + 4 * w) + w
    expected = (81 * 3 * w + w + w) + blocks * block + (9 * w * w + 4 * w) + 2 * (9 * w * 4 * w + 4 * w + w)
    model = srresnet((24, 24, 3), width=w)
    assert model.count_params() == expected + 81 * w * 3 + 3
    assert model.output_shape == (None, 96, 96, 3)
    assert sum(isinstance(layer, keras.layers.Add) for layer in model.layers) == blocks + 1


def test_the_parameters_of_the_published_judge():
    w, maps = 2, [2, 2, 4, 4, 8, 8, 16, 16]
    pairs = zip([3, *maps], maps, strict=False)
    convolutions = sum(9 * a * b for a, b in pairs) + w + sum(4 * m for m in maps[1:])
    model = srgan_discriminator((96, 96, 3), width=w, hidden=5)
    assert model.count_params() == convolutions + 6 * 6 * 16 * 5 + 5 + 5 + 1


@pytest.mark.parametrize(("side", "depth"), [(96, 4), (64, 4), (32, 3), (28, 2), (8, 1)])
def test_a_judge_leaves_four_pixels(side, depth):
    model = srgan_discriminator((side, side, 1), width=1, hidden=1)
    assert [layer.strides for layer in model.layers if isinstance(layer, keras.layers.Conv2D)][1::2] == [(2, 2)] * depth
    assert model.output_shape == (None, 1)


@pytest.mark.parametrize(
    ("seen", "made"),
    [((28, 28, 1), (14, 14, 1)), ((16, 32, 3), None), ((8, 8, 1), (28, 56, 2)), ((8, 8, 1), (4, 5, 1))],
    ids=str,
)
@pytest.mark.parametrize("normalization", ["batch", "instance", None])
def test_all_of_the_picture_meets_in_the_bottleneck(seen, made, normalization):
    model = encoder_decoder(seen, made, width=2, bottleneck=5, normalization=normalization)
    assert model.output_shape == (None, *(made or seen))
    sizes = [layer.output.shape[1:3] for layer in model.layers if isinstance(layer, keras.layers.LeakyReLU)]
    assert sizes[-1] == (1, 1)
    assert model.get_layer(f"hidden_{len(sizes)}").output.shape[-1] == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: srresnet((8, 8, 1), 3), "`factor` must be a power of 2, such as 2 or 4. Received: factor=3"),
        (lambda: srresnet((8, 8, 1), 0), "`factor` must be an integer of at least 1. Received: factor=0"),
        (lambda: srresnet((8, 8)), r"`image_shape` must be \(height, width, channels\).*Received: image_shape="),
        (lambda: srresnet((8, 8, None)), r"`image_shape` must be \(height, width, channels\).*Received: image_shape="),
        (lambda: srresnet((8, 8, 1), normalization="layer"), "`normalization` must be 'batch', 'instance' or None"),
        (lambda: srgan_discriminator((None, 8, 1)), r"`image_shape` must be \(height, width, channels\)"),
        (lambda: srgan_discriminator((8, 8, 1), hidden=0), "`hidden` must be an integer of at least 1"),
        (lambda: encoder_decoder((9, 8, 1)), "`image_shape` must have sides of 3, 4, 5, 6 or 7 times a power of two"),
        (lambda: encoder_decoder((8, 8, 1), bottleneck=0), "`bottleneck` must be an integer of at least 1"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
