import numpy as np
import pytest

from keras_gan.layers import Maxout


@pytest.mark.parametrize("shape", [(5, 4), (2, 3, 4)])
def test_maxout_is_its_formula(shape):
    rng = np.random.default_rng(0)
    layer, x = Maxout(3, 4, bias_initializer="random_normal"), rng.normal(size=shape).astype("float32")
    y = layer(x)
    W, b = layer.kernel.numpy().reshape(4, 3, 4), layer.bias.numpy().reshape(3, 4)
    assert (b != 0).all()
    expected = np.max(np.einsum("...a,aij->...ij", x, W) + b, axis=-1)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)


def test_one_piece_is_a_dense_layer():
    layer, x = Maxout(3, 1), np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    y = layer(x)
    np.testing.assert_allclose(y, x @ layer.kernel.numpy() + layer.bias.numpy(), rtol=1e-5, atol=1e-6)
