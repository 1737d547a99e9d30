"""Discriminators of patches of pictures."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count
from keras_gan.networks.inputs import network
from keras_gan.networks.translation import check_picture, convolution, feature_maps, normalize

PATCHES = (16, 34, 70, 142, 286)  # pixels across that a score depends on, with a depth of 1, 2, ...


@network
def patch_discriminator(
    image_shape: Sequence[int],
    *,
    width: int = 64,
    depth: int | None = None,
    patch: int | None = None,
    inputs: int = 1,
    normalization: str | None = "instance",
    name: str = "discriminator",
) -> keras.Model:
    """Builds a PatchGAN: pictures (N, height, width, channels), one or several -> logits (N, h, w, 1), one per patch.

    `depth` convolutions (4x4, stride 2, LeakyReLU 0.2) halve the map, one more (4x4, stride 1) and the score's (4x4)
    each take one pixel off it: the receptive field of a score is 16, 34 or 70 pixels across with a depth of 1, 2 or 3.
    The first convolution is not normalised. With a normalisation over whole maps, each score also depends on their
    statistics.

    Args:
        image_shape: (height, width, channels). With several inputs that differ in channels, a list of their shapes.
        width: The number of feature maps at half the full resolution; it doubles with each convolution, up to 8 times.
        depth: The number of convolutions of stride 2. Defaults to 3 from 70 pixels on, 2 from 34, and 1 below, so that
            a patch is no larger than the picture.
        patch: The receptive field of a score in pixels, in place of `depth`: 16, 34, 70, 142 or 286.
        inputs: The number of pictures per score: 2 for pairs, as in Pix2Pix, called on `[a, b]`. Defaults to 1.
        normalization: `"instance"` (each map of each example by itself, without scale and shift), `"batch"` or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or the picture is too small for the depth.

    Example:

    >>> patch_discriminator((256, 256, 3)).output_shape, patch_discriminator((28, 28, 1), inputs=2).output_shape
    ((None, 30, 30, 1), (None, 12, 12, 1))

    Reference: [Isola et al., 2017](https://arxiv.org/abs/1611.07004), section 6.1.2;
    [Zhu et al., 2017](https://arxiv.org/abs/1703.10593), section 7.2.
    """
    shapes = _shapes(image_shape, inputs)
    sides = check_picture(shapes[0])
    if patch is not None:
        depth = _depth_of(patch, depth)
    if depth is None:
        depth = next((count for least, count in ((70, 3), (34, 2)) if min(sides) >= least), 1)
    if (min(sides) >> check_count("depth", depth)) < 3:
        raise ValueError(
            f"`depth` must leave a map of 3 pixels or more of {sides}. Received: depth={depth}, which leaves "
            f"{min(sides) >> depth}"
        )
    names = ["inputs"] if len(shapes) == 1 else [f"inputs_{i}" for i in range(1, len(shapes) + 1)]
    images = [keras.Input(shape, name=name) for shape, name in zip(shapes, names, strict=True)]
    x = images[0] if len(images) == 1 else layers.Concatenate()(images)
    for i, count in enumerate(feature_maps(width, depth + 1)):
        x = layers.ZeroPadding2D(1)(x)
        bias = i == 0 or normalization is None
        x = convolution(count, 4, 2 if i < depth else 1, use_bias=bias)(x)
        x = x if i == 0 else normalize(x, normalization)
        x = layers.LeakyReLU(negative_slope=0.2, name=f"hidden_{i + 1}")(x)
    logits = convolution(1, 4, dtype="float32", name="score")(layers.ZeroPadding2D(1)(x))
    return keras.Model(images[0] if len(images) == 1 else images, logits, name=name)


def _depth_of(patch, depth):
    """Returns the depth at which scores have a receptive field of `patch` pixels."""
    if depth is not None:
        raise ValueError(f"`patch` must be None where `depth` is given. Received: patch={patch}, depth={depth}")
    if patch not in PATCHES:
        raise ValueError(f"`patch` must be one of {list(PATCHES)}. Received: patch={patch!r}")
    return 1 + PATCHES.index(patch)


def _shapes(image_shape, inputs):
    """Returns the shape of each input of a discriminator."""
    check_count("inputs", inputs)
    several = isinstance(image_shape, Sequence) and any(isinstance(each, Sequence) for each in image_shape)
    shapes = list(image_shape) if several else [image_shape] * inputs
    sides = [check_picture(shape) for shape in shapes]
    if len(set(sides)) > 1 or inputs not in (1, len(shapes)):
        raise ValueError(
            "`image_shape` must be one shape, or one for each of the `inputs`, of equal sides. "
            f"Received: image_shape={image_shape!r}, inputs={inputs}"
        )
    return shapes
