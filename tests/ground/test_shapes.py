import numpy as np
import tensorflow as tf

from keras_gan.ground.shapes import sizes


def test_what_is_known_is_a_number_and_the_rest_a_tensor():
    seen = []

    @tf.function(input_signature=[tf.TensorSpec((None, 3, None))])
    def look(x):
        n, three, m = sizes(x)
        seen.append((three, n, m))
        return tf.stack([n, m])

    np.testing.assert_array_equal(look(tf.zeros((4, 3, 5))), [4, 5])
    assert seen[0][0] == 3
    assert all(isinstance(size, tf.Tensor) for size in seen[0][1:])
    assert sizes(tf.zeros((2, 1))) == (2, 1)
