import numpy as np
import pytest

from keras_gan.networks import row_discriminator, row_generator


def test_the_generator_is_that_of_the_paper():
    generator = row_generator(128, 30, condition=12)
    hidden = [generator.get_layer(f"hidden_{i}").output.shape[-1] for i in (1, 2)]
    assert hidden == [256 + 140, 256 + 256 + 140]  # each joined to what went into it
    expected = (140 + 1) * 256 + 4 * 256 + (396 + 1) * 256 + 4 * 256 + (652 + 1) * 30
    assert generator.count_params() == expected


def test_the_discriminator_is_that_of_the_paper():
    discriminator = row_discriminator(30, condition=12)
    assert discriminator.count_params() == (420 + 1) * 256 + 257 * 256 + 257
    assert discriminator([np.zeros((3, 300)), np.zeros((3, 120))]).shape == (3, 1)


@pytest.mark.parametrize("make", [row_generator, row_discriminator])
def test_weights_begin_as_those_of_the_papers_program(make):
    player = make(50, 10, hidden=(200,)) if make is row_generator else make(5, hidden=(200,))
    kernel, _ = next(weights for layer in player.layers if len(weights := layer.get_weights()) == 2)
    assert kernel.shape == (50, 200)
    assert np.abs(kernel).max() == pytest.approx(50**-0.5, rel=0.01)
    assert kernel.std() == pytest.approx(50**-0.5 / 3**0.5, rel=0.02)  # of a uniform distribution


def test_weights_are_pulled_to_0():
    generator = row_generator(2, 3, hidden=(4,), decay=0.01)
    kernels = [weight.numpy() for weight in generator.trainable_weights if weight.path.endswith("kernel")]
    assert float(sum(generator.losses)) == pytest.approx(0.005 * sum((kernel**2).sum() for kernel in kernels), rel=1e-5)


def test_without_conditions():
    assert row_generator(2, 3, hidden=(4,)).input_shape == (None, 2)
    assert row_discriminator(3, packing=2, hidden=(4,)).input_shape == (None, 6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: row_generator(0, 3), "`latents` must be .*Received: latents=0"),
        (lambda: row_generator(2, 0), "`width` must be .*Received: width=0"),
        (lambda: row_generator(2, 3, condition=-1), "`condition` must be .*Received: condition=-1"),
        (lambda: row_generator(2, 3, decay=-1), "`decay` must be .*Received: decay=-1"),
        (lambda: row_discriminator(3, packing=0), "`packing` must be .*Received: packing=0"),
        (lambda: row_discriminator(3, dropout=1), "`dropout` must be .*Received: dropout=1"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
