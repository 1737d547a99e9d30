"""Unpaired parts, such as two domains to translate between."""

from collections.abc import Callable

import tensorflow as tf

from keras_gan.data import named
from keras_gan.data.elements import check_names
from keras_gan.data.pipeline import check_flip, dataset
from keras_gan.ground.arguments import check_range


def unpaired(
    *together: dict,
    batch_size: int,
    shuffle: bool = True,
    seed: int = 0,
    flip: bool = False,
    transform: Callable | None = None,
    image_size: int | tuple[int, int] | None = None,
    value_range: tuple[float, float] = (-1.0, 1.0),
    **parts,
) -> tf.data.Dataset:
    """Returns batches of named parts of any lengths, each in its own random order, as for training CycleGAN.

    An epoch is as long as the longest part; a shorter part begins again, in a new order, whenever it ends. The
    examples of a step depend on `seed` and the step alone, so that stopped training resumes exactly.

    Args:
        *together: Dicts of parts that belong together, such as pictures and their labels: they have the same length,
            and one order.
        batch_size: Examples of each part in a batch, from 1 to the length of the shortest part.
        shuffle: False keeps the order of each part.
        seed: Seed for shuffling and flips; each part's order depends on it and on the part's name.
        flip: True flips half of the pictures left to right, a new random half in each epoch, the same for parts that
            belong together.
        transform: Function of a batch, called in the graph: `transform(**parts)` returns the element.
        image_size: A side or (height, width), to which pictures that are read are cropped and scaled.
        value_range: Values of black and white, to which 8-bit pictures are scaled.
        **parts: The parts by name, such as `a=` and `b=`. Each is an array (N, ...), unchanged unless it holds 8-bit
            pictures, (N, height, width, channels) uint8; `keras_gan.data.Pictures`; the path of a folder of pictures;
            or a name for `keras_gan.data.read`, such as `"mnist"`.

    Returns:
        A `tf.data.Dataset` of dicts: each part by its name, (batch_size, ...).

    Raises:
        ValueError: If there are no parts, one is empty or shorter than a batch, or a name is reserved or invalid.

    Example:

    >>> photos, paintings = np.zeros((10, 8, 8, 3), "uint8"), np.zeros((7, 8, 8, 3), "uint8")
    >>> dataset = unpaired(a=photos, b=paintings, batch_size=2)
    >>> len(dataset), dataset.element_spec["b"].shape
    (5, TensorShape([2, 8, 8, 3]))
    """
    named.check_common(shuffle, flip, seed, transform)
    value_range = check_range("value_range", value_range)
    groups = _groups(together, parts)
    loaded = [{name: named.read_part(name, part, image_size) for name, part in group.items()} for group in groups]
    for group in loaded:
        named.check_lengths(group)
    check_flip(flip, [named.array(part) for group in loaded for part in group.values()])
    seeds = [named.derive_seed(seed, next(iter(group))) if shuffle else None for group in loaded]
    addresses = named.address(
        loaded, seeds, batch_size, seed=seed, value_range=value_range, flip=flip, transform=transform
    )
    return dataset(addresses, seed, transform)


def _groups(together, parts):
    """Returns the parts that belong together, dict by dict."""
    for group in together:
        if not isinstance(group, dict) or not group:
            raise ValueError(
                "`unpaired` must be given parts by name, as a=pictures, or dicts of parts that belong together. "
                f"Received: a {type(group).__name__}"
            )
    groups = [*together, *({name: part} for name, part in parts.items())]
    names = [name for group in groups for name in group]
    if not names:
        raise ValueError("`unpaired` must be given at least one part, such as a=pictures. Received: none")
    check_names(names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"`unpaired` must be given each name once. Received: {', '.join(twice)} twice")
    return groups
