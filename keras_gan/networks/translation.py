"""Players that translate pictures into pictures."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, check_number
from keras_gan.layers import BatchNormalization, Dropout, GroupNormalization, ReflectionPadding2D
from keras_gan.networks.inputs import network
from keras_gan.networks.mlp import get_activation

NORMALIZATIONS = ("batch", "instance", None)
MOST = 8  # a network of basic width w has at most 8 w feature maps
DROPPED = 3  # U-Net blocks with dropout, from the innermost on


@network
def unet_generator(
    image_shape: Sequence[int],
    channels: int | None = None,
    *,
    width: int = 64,
    depth: int | None = None,
    dropout: float = 0.5,
    normalization: str | None = "batch",
    output_activation: str | None = "tanh",
    name: str = "generator",
) -> keras.Model:
    """Builds a U-Net: pictures (N, height, width, c) -> pictures (N, height, width, `channels`).

    Convolutions (4x4, stride 2, LeakyReLU 0.2) halve the map `depth` times, and transposed ones (ReLU) double it again;
    each of these also receives the encoder's map of its size. Dropout in the three innermost blocks of the decoder is
    the noise of Pix2Pix. Half of an odd side is rounded up, so that pictures of any size fit.

    Args:
        image_shape: (height, width, channels) of the input.
        channels: The channels of the output. Defaults to those of `image_shape`.
        width: The number of feature maps at half the full resolution; it doubles with each halving, up to 8 times.
        depth: The number of halvings. Defaults to as many as both sides allow without remainder, at least 1: 8 from 256
            pixels, 2 from 28.
        dropout: The share of features that is dropped while training, in [0, 1). Defaults to 0.5.
        normalization: `"batch"`, `"instance"` or None.
        output_activation: `"tanh"` for pictures in [-1, 1], `"sigmoid"` for [0, 1].
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or `depth` is too large for the picture.

    Example:

    >>> unet_generator((28, 28, 1), channels=3).output_shape
    (None, 28, 28, 3)

    Reference: [Isola et al., 2017](https://arxiv.org/abs/1611.07004), section 6.1.1;
    [Ronneberger et al., 2015](https://arxiv.org/abs/1505.04597).
    """
    check_picture(image_shape)
    check_number("dropout", dropout, 0, 1)
    depth = _halvings(image_shape) if depth is None else check_count("depth", depth)
    if 2 ** (depth - 1) >= max(image_shape[:2]):
        raise ValueError(f"`depth` must leave a map to halve: {tuple(image_shape)}. Received: depth={depth}")
    maps = feature_maps(width, depth)
    image = keras.Input(image_shape, name="inputs")
    down = [image]
    for i, count in enumerate(maps):
        x = down[-1] if i == 0 else layers.LeakyReLU(negative_slope=0.2, name=f"hidden_{i}")(down[-1])
        # not of the first map, nor of a map of one pixel: instance normalization would make it 0
        kind = None if i == 0 or max(x.shape[1:3]) <= 2 else normalization
        x = convolution(count, 4, 2, "same", use_bias=kind is None)(x)
        down.append(normalize(x, kind))
    x = layers.ReLU(name=f"hidden_{depth}")(down.pop())
    for i, count in enumerate(maps[-2::-1]):
        x = _double(x, down[-1], count, normalization is None)
        x = normalize(x, normalization)
        if dropout and i < DROPPED:
            x = Dropout(dropout)(x)
        x = layers.ReLU(name=f"hidden_{depth + i + 1}")(layers.Concatenate()([x, down.pop()]))
    x = _double(x, image, image_shape[-1] if channels is None else check_count("channels", channels), True)
    return keras.Model(image, _output(x, output_activation), name=name)


@network
def resnet_translator(
    image_shape: Sequence[int],
    channels: int | None = None,
    *,
    width: int = 64,
    blocks: int | None = None,
    halvings: int = 2,
    latents: int | None = None,
    classes: int | None = None,
    normalization: str | None = "instance",
    output_activation: str | None = "tanh",
    name: str = "generator",
) -> keras.Model:
    """Builds the translator of CycleGAN: pictures (N, height, width, c) -> pictures (N, height, width, `channels`).

    A 7x7 convolution, two (3x3, stride 2) that halve the map, residual blocks of two 3x3 convolutions, two transposed
    convolutions, and a 7x7 convolution; pictures are padded by reflection. Without halvings, as in PixelDA, the first
    and the last convolution are 3x3.

    Further inputs may be latents, which a dense layer turns into a plane, and a class, a plane of ones among planes of
    zeros, as in StarGAN. The network then pads with zeros, as instance normalization would remove a constant plane that
    is padded by reflection.

    Args:
        image_shape: (height, width, channels) of the input; sides are multiples of 2^`halvings`, at least 8.
        channels: The channels of the output. Defaults to those of `image_shape`.
        width: The number of feature maps at the full resolution; it doubles with each halving.
        blocks: The number of residual blocks. Defaults to 9 from 256 pixels on, 6 from 128, 4 from 64 and 2 below.
        halvings: The number of halvings before the blocks, and of doublings after them. Defaults to 2.
        latents: The number of latent dimensions of the second input, (N, `latents`), or None.
        classes: The number of classes of the last input, integers (N,), or None.
        normalization: `"instance"` (each map of each example by itself, without scale and shift), `"batch"` or None.
        output_activation: `"tanh"` for pictures in [-1, 1], `"sigmoid"` for [0, 1].
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side is not such a multiple.

    Example:

    >>> resnet_translator((28, 28, 1), width=8).output_shape
    (None, 28, 28, 1)
    >>> [x.name for x in resnet_translator((28, 28, 3), width=8, classes=4).inputs]
    ['inputs', 'labels']

    Reference: [Zhu et al., 2017](https://arxiv.org/abs/1703.10593), sections 4 and 7.2;
    [Johnson et al., 2016](https://arxiv.org/abs/1603.08155); [Choi et al., 2018](https://arxiv.org/abs/1711.09020),
    table 4; [Bousmalis et al., 2017](https://arxiv.org/abs/1612.05424), figure 2.
    """
    sides = check_picture(image_shape)
    factor = 2 ** check_count("halvings", halvings, least=0)
    if any(side % factor or side < 8 for side in sides):
        raise ValueError(
            f"`image_shape` must have sides {f'that are multiples of {factor}, ' * (factor > 1)}at least 8. "
            f"Received: image_shape={tuple(image_shape)}"
        )
    if blocks is None:
        blocks = next((count for least, count in ((256, 9), (128, 6), (64, 4)) if min(sides) >= least), 2)
    check_count("blocks", blocks, least=0)
    check_count("width", width)
    inputs, x = _with_planes(image_shape, latents, classes)
    mirrored, bias, size = len(inputs) == 1, normalization is None, 7 if halvings else 3

    def convolve(x, count, size, strides=1, **options):
        same = strides > 1 or not mirrored
        x = x if same else ReflectionPadding2D(size // 2)(x)
        return convolution(count, size, strides, "same" if same else "valid", **options)(x)

    def hidden(x, count, size, strides=1, **options):
        return normalize(convolve(x, count, size, strides, use_bias=bias, **options), normalization)

    x = layers.ReLU(name="hidden_1")(hidden(x, width, size))
    for i in range(1, halvings + 1):
        x = layers.ReLU(name=f"hidden_{1 + i}")(hidden(x, width << i, 3, strides=2))
    for i in range(blocks):
        h = hidden(layers.ReLU()(hidden(x, width << halvings, 3)), width << halvings, 3)
        x = layers.Add(name=f"hidden_{2 + halvings + i}")([x, h])
    for i in range(halvings):
        x = hidden(x, width << (halvings - 1 - i), 3, strides=2, transposed=True)
        x = layers.ReLU(name=f"hidden_{2 + halvings + blocks + i}")(x)
    count = image_shape[-1] if channels is None else check_count("channels", channels)
    x = convolve(x, count, size)
    return keras.Model(inputs[0] if mirrored else inputs, _output(x, output_activation), name=name)


def _with_planes(image_shape, latents, classes):
    """Returns a translator's inputs, and the picture with the planes of the latents and the class."""
    inputs = [keras.Input(image_shape, name="inputs")]
    planes, (height, width) = [inputs[0]], image_shape[:2]
    if latents is not None:
        inputs.append(keras.Input((check_count("latents", latents),), name="latents"))
        spread = layers.Dense(height * width, kernel_initializer="lecun_normal")  # the plane varies as the latents do
        planes.append(layers.Reshape((height, width, 1))(spread(inputs[-1])))
    if classes is not None:
        inputs.append(keras.Input((), dtype="int32", name="labels"))
        chosen = keras.ops.one_hot(inputs[-1], check_count("classes", classes, least=2))
        planes.append(layers.UpSampling2D((height, width))(layers.Reshape((1, 1, classes))(chosen)))
    return inputs, planes[0] if len(planes) == 1 else layers.Concatenate()(planes)


def check_picture(image_shape: Sequence[int]) -> tuple[int, int]:
    """Returns the height and width of a picture of known shape.

    Raises:
        ValueError: If the shape is not (height, width, channels).
    """
    known = isinstance(image_shape, Sequence) and all(type(each) is int and each > 0 for each in image_shape)
    if not known or len(image_shape) != 3:
        raise ValueError(
            f"`image_shape` must be (height, width, channels), each at least 1. Received: image_shape={image_shape!r}"
        )
    height, width, _ = image_shape
    return height, width


def normalize(x: keras.KerasTensor, normalization: str | None) -> keras.KerasTensor:
    """Applies `"batch"`, `"instance"` or no normalisation.

    Raises:
        ValueError: If `normalization` is none of these.
    """
    if normalization not in NORMALIZATIONS:
        raise ValueError(
            f"`normalization` must be 'batch', 'instance' or None. Received: normalization={normalization!r}"
        )
    if normalization == "batch":
        return BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
    if normalization == "instance":
        return GroupNormalization(groups=-1, epsilon=1e-5, center=False, scale=False)(x)
    return x


def _halvings(image_shape):
    """Returns how often both sides can be halved without remainder, at least 1."""
    height, width = image_shape[:2]
    return max(1, next(n for n in range(height) if (height >> n) % 2 or (width >> n) % 2))


def feature_maps(width: int, count: int) -> list[int]:
    """Returns `width` doubling, up to 8 times: [64, 128, 256, 512, 512]."""
    check_count("width", width)
    return [min(width << i, MOST * width) for i in range(count)]


def convolution(
    filters: int,
    size: int | Sequence[int],
    strides: int = 1,
    padding: str = "valid",
    *,
    transposed: bool = False,
    **options,
) -> layers.Layer:
    """Returns a convolution, or a transposed one, with weights initialized from N(0, 0.02), as in the papers."""
    kind = layers.Conv2DTranspose if transposed else layers.Conv2D
    initializer = keras.initializers.RandomNormal(stddev=0.02)
    return kind(filters, size, strides, padding, kernel_initializer=initializer, **options)


def _double(x, like, count, bias):
    """Applies a transposed convolution to the sides of the map `like`, which are twice those of x or one less."""
    x = convolution(count, 4, 2, "same", transposed=True, use_bias=bias)(x)
    extra = [(0, x.shape[axis] - like.shape[axis]) for axis in (1, 2)]
    return layers.Cropping2D(extra)(x) if any(last for _, last in extra) else x


def _output(x, activation):
    activation = get_activation("output_activation", activation)
    return layers.Activation(activation, dtype="float32", name="output")(x)
