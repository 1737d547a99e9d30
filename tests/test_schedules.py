import keras
import numpy as np
import pytest

from keras_gan.schedules import Cosine, HalfLife, describe


def test_a_cosine_goes_from_one_number_to_the_other():
    schedule, steps = Cosine(0.9, 0.99, 40), np.arange(60)
    expected = 0.99 - 0.09 * (1 + np.cos(np.pi * np.minimum(steps / 40, 1))) / 2
    np.testing.assert_allclose([schedule(step) for step in steps], expected, rtol=1e-6)
    assert float(Cosine(0, 5, 10)(0)) == 0


def test_after_a_half_life_half_is_left():
    decay = HalfLife(640, 32)
    np.testing.assert_allclose(np.prod([decay(step) for step in range(20)]), 0.5, rtol=1e-5)
    assert float(HalfLife(1e12, 8)(0)) == 1 - 2**-24  # an average by 1 would never move
    growing = HalfLife(Cosine(0, 640, 10), 32)
    assert float(growing(0)) == 0
    np.testing.assert_allclose(growing(5), 0.5 ** (32 / 320), rtol=1e-6)
    np.testing.assert_allclose(growing(50), decay(0), rtol=1e-6)


def test_schedules_as_text():
    assert describe(0.5) == 0.5
    assert describe(HalfLife(Cosine(0, 5, 10), 2)) == (
        "HalfLife(examples=Cosine(start=0.0, end=5.0, steps=10.0), batch_size=2.0)"
    )
    assert describe(keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)).startswith("ExponentialDecay(initial")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Cosine(0, 1, 0), "`steps` must .*Received: steps=0"),
        (lambda: Cosine("a", 1, 3), "`start` must .*Received: start='a'"),
        (lambda: HalfLife(-1, 3), "`examples` must .*Received: examples=-1"),
        (lambda: HalfLife(1, 0), "`batch_size` must .*Received: batch_size=0"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
