"""Reconstruction: the discriminator restores real examples from its hidden maps."""

import keras
import tensorflow as tf

from keras_gan.layers.random_quadrant import quarter
from keras_gan.objectives.named import check_norm, distance
from keras_gan.objectives.objective import Objective
from keras_gan.play.round import named_output


@keras.saving.register_keras_serializable("keras_gan")
class Reconstruction(Objective):
    """The discriminator's decoders restore the real examples from its hidden maps: self-supervision of FastGAN.

    D: mean |x - whole| + mean |x_q - part|, of real examples alone

    The discriminator returns a dict of `"whole"`, a picture of the whole example, `"part"`, a picture of a quarter, and
    `"quadrant"`, the index of that quarter, as `networks.fastgan_discriminator` does. Examples are averaged over blocks
    down to the size of these pictures. The authors compare features of a pretrained network instead (LPIPS).

    Args:
        norm: 1 for the mean absolute difference, 2 for the mean square. Defaults to 1.

    Example:

    >>> objective = Hinge(smoothing=0.2) + Reconstruction()

    Reference: [Liu et al., 2021](https://arxiv.org/abs/2101.04775), equation 2.
    """

    def __init__(self, norm: int = 1):
        self.norm = check_norm(norm)

    def discriminator_loss(self, round):
        if not round.training:
            return None
        output, real = round.real_output, tf.cast(round.real, tf.float32)
        quadrant = tf.cast(named_output(output, "quadrant"), tf.int32)
        pairs = ((real, named_output(output, "whole")), (quarter(real, quadrant), named_output(output, "part")))
        return sum(distance(_shrunk(x, decoded), decoded, self.norm) for x, decoded in pairs)

    def get_config(self):
        return {"norm": self.norm}


def _shrunk(x, decoded):
    """Returns the means of blocks of x, as many as `decoded` has pixels."""
    factors = [a // b if b and a % b == 0 else 0 for a, b in zip(x.shape[1:3], decoded.shape[1:3], strict=True)]
    if 0 in factors or x.shape[-1] != decoded.shape[-1]:
        raise ValueError(
            "The discriminator must decode pictures whose sides divide those of the examples, with the same channels. "
            f"Received: examples of shape {tuple(x.shape[1:])}, pictures of shape {tuple(decoded.shape[1:])}"
        )
    return x if factors == [1, 1] else tf.nn.avg_pool2d(x, factors, factors, "VALID")
