"""Parts that are paired example by example, such as a picture and its translation."""

import pathlib
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from keras_gan.data import derived, named, stored
from keras_gan.data.elements import check_names
from keras_gan.data.folder import read_folder
from keras_gan.data.pictures import Pictures, to_range
from keras_gan.data.pipeline import check_flip, dataset
from keras_gan.ground.arguments import check_flag, check_range, innermost, shown


def paired(
    *,
    batch_size: int,
    joined=None,
    names: Sequence[str] = ("a", "b"),
    shuffle: bool = True,
    seed: int = 0,
    flip: bool = False,
    drop_remainder: bool = True,
    transform: Callable | None = None,
    image_size: int | tuple[int, int] | None = None,
    value_range: tuple[float, float] = (-1.0, 1.0),
    **parts,
) -> tf.data.Dataset:
    """Returns batches of named parts that belong together, in one random order, as for training Pix2Pix.

    There are three ways to give the parts:

    - `paired(a="edges_folder", b="photos_folder", ...)`: two folders whose pictures have the same names, in any
      format, or arrays and `Pictures` of the same length;
    - `paired(joined="folder", names=("a", "b"), ...)`: one folder of pictures that are two side by side, of the same
      width; the left one is `names[0]`;
    - `paired(a="edges", b=photos, ...)`: one part is made from the other by a function, or by the name of one:
      `"edges"`, `"grey"`, `"small"` or `"masked"`. For other settings use `Edges(threshold=100)`, `Grey()`,
      `Small(factor=4)` and `Masked(place="random")` of `keras_gan.data`.

    The examples of a step depend on `seed` and the step alone, so that stopped training resumes exactly.

    Args:
        batch_size: Examples per batch, from 1 to their number.
        joined: A folder, an array or `Pictures` of joined pictures; no other parts may then be given.
        names: Names of the left and the right half of `joined`.
        shuffle: False keeps the order of the first part.
        seed: Seed for shuffling, for flips, and for the places of `Masked(place="random")`.
        flip: True flips half of the examples left to right, all of their pictures, a new random half in each epoch.
        drop_remainder: Leaves out the last batch if it is not full.
        transform: Function of a batch, called in the graph: `transform(**parts)` returns the element.
        image_size: A side or (height, width), to which each picture that is read is cropped and scaled.
        value_range: Values of black and white, to which 8-bit pictures are scaled; other pictures must have them.
        **parts: The parts by name. Each is an array (N, ...), unchanged unless it holds 8-bit pictures, (N, height,
            width, channels) uint8; `keras_gan.data.Pictures`; the path of a folder; a name for `keras_gan.data.read`;
            or a function. A function is called in the graph with a batch of the first part that is not a function,
            (N, ...), with pictures in `value_range`, and returns (N, ...).

    Returns:
        A `tf.data.Dataset` of dicts: each part by its name, (batch_size, ...).

    Raises:
        ValueError: If there are no parts, lengths differ, pictures have no partner, a function fails, or a name is
            reserved or invalid.

    Example:

    >>> photos = np.zeros((10, 8, 8, 3), "uint8")
    >>> dataset = paired(a="edges", b=photos, batch_size=2)
    >>> {name: tuple(spec.shape) for name, spec in dataset.element_spec.items()}
    {'a': (2, 8, 8, 1), 'b': (2, 8, 8, 3)}

    Reference: [Isola et al., 2017](https://arxiv.org/abs/1611.07004).
    """
    named.check_common(shuffle, flip, seed, transform)
    check_flag("drop_remainder", drop_remainder)
    value_range = check_range("value_range", value_range)
    if joined is None and not parts:
        raise ValueError("`paired` must be given parts, such as a='edges', b=pictures, or `joined`. Received: none")
    if joined is not None and parts:
        raise ValueError(f"`joined` must be None where parts are given. Received: both, the parts {', '.join(parts)}")
    made = {name: derived.get(part) for name, part in parts.items()}
    made = {name: function for name, function in made.items() if function is not None}
    if joined is not None:
        loaded = _halves(joined, names, image_size)
    else:
        check_names(parts)
        loaded = {name: named.read_part(name, part, image_size) for name, part in parts.items() if name not in made}
    if not loaded:
        raise ValueError(
            f"`paired` must be given a part that is not a function. Received: only the functions {', '.join(made)}"
        )
    loaded = _matched(loaded)
    named.check_lengths(loaded)
    check_flip(flip, list(map(named.array, loaded.values())))
    addresses = named.address(
        [loaded],
        [seed if shuffle else None],
        batch_size,
        seed=seed,
        value_range=value_range,
        flip=flip,
        drop_remainder=drop_remainder,
        transform=transform,
        made=made,
        drawn=_draw(made, loaded, seed, value_range),
    )
    return dataset(addresses, seed, transform)


def _halves(joined, names, image_size):
    """Returns the left and the right half of joined pictures, by their names."""
    if isinstance(names, str) or not isinstance(names, Sequence) or len(names) != 2 or names[0] == names[1]:
        raise ValueError(f"`names` must be two names, of the left and of the right. Received: names={shown(names)}")
    check_names(names)
    if named.is_folder(joined):
        part = read_folder(named.folder(joined), image_size, joined=True)
    else:
        part = named.read_part("joined", joined, image_size)
    images = part.images if isinstance(part, Pictures) else part
    if images.ndim != 4 or images.shape[2] % 2:
        raise ValueError(
            "`joined` must hold pictures of an even width, (N, height, 2 * width, channels). "
            f"Received: shape={images.shape}"
        )
    halves = np.split(images, 2, axis=2)
    return {
        name: Pictures(half) if isinstance(part, Pictures) else half for name, half in zip(names, halves, strict=True)
    }


def _matched(loaded):
    """Returns the parts, with those that were read from folders in the order of the first folder's names."""
    files = {name: part.files for name, part in loaded.items() if isinstance(part, Pictures) and part.files}
    if len(files) < 2:
        return loaded
    places = {name: _places(name, found) for name, found in files.items()}
    first, *others = places
    for name in others:
        for there, here in ((first, name), (name, first)):
            missing = sorted(set(places[there]) - set(places[here]))
            if missing:
                some = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
                raise ValueError(
                    "`paired` must find the pictures of each folder in the others, under the same names. "
                    f"Received: {len(missing)} of {there!r} missing in {here!r}: {some}"
                )
    matched = dict(loaded)
    for name in others:
        order = [places[name][key] for key in places[first]]
        matched[name] = Pictures(stored.some(loaded[name].images, order), files=tuple(files[name][i] for i in order))
    return matched


def _places(name, files):
    """Returns the position of each picture, by its name without the suffix."""
    keys = [str(pathlib.PurePosixPath(file).with_suffix("")) for file in files]
    twice = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
    if twice:
        raise ValueError(f"`{name}` must hold one picture of each name. Received: several of {', '.join(twice[:5])}")
    return {key: i for i, key in enumerate(keys)}


def _draw(made, loaded, seed, value_range):
    """Checks that the functions fit the first loaded part, and draws the random numbers that each needs per picture."""
    origin, part = next(iter(loaded.items()))
    array = part.images if isinstance(part, Pictures) else part
    drawn = {}
    for name, function in made.items():
        if not isinstance(function, derived.Derived):
            _try(name, function, to_range(array[:2], *value_range) if isinstance(part, Pictures) else array[:2])
            continue
        derived.check_pictures(origin, array.shape)
        if array is part:
            _check_range(origin, array, value_range)
        numbers = function.draw(len(array), array.shape[1:], seed)
        if numbers is not None:
            drawn[name] = numbers
    return drawn


def _check_range(name, array, value_range):
    low, high = value_range
    slack = 0.01 * (high - low)
    if array.min() < low - slack or array.max() > high + slack:
        raise ValueError(
            f"`{name}` must lie in `value_range`, [{low:g}, {high:g}]. "
            f"Received: pictures in [{array.min():g}, {array.max():g}]"
        )


def _try(name, function, batch):
    """Calls a user's function with two examples, or with the only one."""
    try:
        found = tf.convert_to_tensor(function(tf.convert_to_tensor(batch)))
    except Exception as error:  # whatever a user's function may raise
        raise ValueError(
            f"`{name}` must be a function of a batch that returns a batch. "
            f"Received: {name}={shown(function)}, with the error: {innermost(error)}"
        ) from error
    if not found.shape.rank or found.shape[0] != len(batch):
        raise ValueError(
            f"`{name}` must return one example per example of its argument. "
            f"Received: {name}={shown(function)}, which returns the shape {tuple(found.shape)} for {len(batch)}"
        )
