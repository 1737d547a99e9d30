"""Batches from arrays: each batch is gathered at once, by shuffled positions."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_gan.data.addresses import Addresses, Gather, Order, finish, flips, plain
from keras_gan.data.elements import check_names
from keras_gan.data.stored import as_data
from keras_gan.ground.arguments import check_count, check_flag, check_seed, check_unmasked, innermost


def batches(
    arrays,
    batch_size: int,
    *,
    shuffle: bool = True,
    seed: int = 0,
    drop_remainder: bool = True,
    transform: Callable | None = None,
    flip: bool = False,
) -> tf.data.Dataset:
    """Returns one epoch of batches of an array, or of a tuple or a dict of arrays of the same length.

    The order is a new permutation in each epoch, a function of `seed` and the number of previous epochs. `fit` begins
    at the GAN's step, so that training in several calls, or after a stop, receives the same batches as in one call.
    This holds only for the data set that this function returns: `map`, `take` and similar methods return one without
    addresses, which `fit` reads from its first permutation on. To transform batches use `transform`.

    Args:
        arrays: An array (N, ...), a tuple of arrays, as (images, labels), or a dict, as {"a": edges, "b": photos}.
        batch_size: Examples per batch, from 1 to N.
        shuffle: False keeps the arrays' order.
        seed: Seed for shuffling.
        drop_remainder: Leaves out the last batch if it is not full.
        transform: Function of a batch, called in the graph, in place of `map`: `transform(*batch)` returns the element,
            or `transform(**batch)` where `arrays` is a dict.
        flip: True flips half of the examples left to right before `transform`, a new random half in each epoch. All
            arrays of pictures, (N, height, width, channels), are flipped alike.

    Returns:
        A `tf.data.Dataset` whose elements are shaped like `arrays`, N becoming the batch size.

    Raises:
        ValueError: If the arrays' lengths differ, `batch_size` is not from 1 to N, `transform` fails, or there are no
            pictures to flip.

    Example:

    >>> data = batches(tf.range(10), 4, seed=1)
    >>> [batch.shape[0] for batch in data]
    [4, 4]
    """
    addresses = address(
        arrays, batch_size, shuffle=shuffle, seed=seed, drop_remainder=drop_remainder, transform=transform, flip=flip
    )
    return dataset(addresses, seed, transform)


def dataset(addresses: Addresses, seed: int, transform: Callable | None = None) -> tf.data.Dataset:
    """Returns a data set of one epoch of addressed batches: another epoch in each iteration.

    Args:
        addresses: The addresses of the batches.
        seed: Seed of the epochs in iterations outside of `fit`.
        transform: The user's function in `addresses.gather`, for the error if it fails.
    """
    data = _epochs(seed).take(1).flat_map(addresses.epoch)
    try:
        data = addresses.gathered(data)
    except Exception as error:  # whatever a user's function may raise while it is traced
        if transform is None:
            raise
        raise ValueError(
            "`transform` must turn a batch, given as one argument per array, into an element of tensors. "
            f"Received: transform={transform!r}, with the error: {innermost(error)}"
        ) from error
    data = finish(data, addresses.steps)
    data.addresses = addresses
    return data


def first_epoch(data: tf.data.Dataset) -> tf.data.Dataset:
    """Returns the first epoch of a data set whose batches have addresses; any other is returned unchanged."""
    addresses = addresses_of(data)
    if addresses is None:
        return data
    batches = addresses.gathered(tf.data.Dataset.from_tensors(np.int64(0)).flat_map(addresses.epoch))
    return finish(batches, addresses.steps)


def address(
    arrays,
    batch_size: int,
    *,
    shuffle: bool = True,
    seed: int = 0,
    drop_remainder: bool = True,
    transform: Callable | None = None,
    flip: bool = False,
) -> "Addresses":
    """Returns the addresses of the batches of `batches`, with its arguments and errors: all that `fit` needs."""
    names = tuple(arrays) if isinstance(arrays, dict) else None
    check_names(names or ())
    single = not isinstance(arrays, tuple | dict)
    arrays = (arrays,) if single else tuple(arrays.values() if names else arrays)
    count = check_arrays(arrays, batch_size, names)
    check_seed("seed", seed)
    steps = count // batch_size if drop_remainder else -(-count // batch_size)
    orders, rows = (Order(count, steps, seed if shuffle else None),), None
    check_flip(flip, arrays)
    if flip:
        chosen, order = flips(count, steps, seed)
        arrays, orders, rows = (*arrays, chosen), (*orders, order), (*[0] * len(arrays), 1)
    plainly = transform is None
    return Addresses(
        tensors=tuple(map(as_data, arrays)),
        orders=orders,
        gather=plain(names, single, rows, flip) if plainly else Gather(transform, names, single, rows, flip),
        batch_size=batch_size,
        whole_batches=drop_remainder or count % batch_size == 0,
    )


def addresses_of(data: "tf.data.Dataset | keras.utils.PyDataset | Addresses") -> "Addresses | None":
    """Returns the addresses of the batches of a data set of `keras_gan.data`; None for any other."""
    found = data if isinstance(data, Addresses) else getattr(data, "addresses", None)
    return found if isinstance(found, Addresses) else None  # a user's data set may have another attribute


def _epochs(seed):
    """Returns random epochs, new in each iteration. `tf.data.Dataset.random` would mix the global seed into `seed`."""
    numbers = tf.raw_ops.RandomDatasetV2(
        seed=seed,
        seed2=1,
        seed_generator=tf.raw_ops.DummySeedGenerator(),
        rerandomize_each_iteration=True,
        output_types=[tf.int64],
        output_shapes=[()],
    )
    return tf.data.experimental.from_variant(numbers, tf.TensorSpec((), tf.int64))


def check_flip(flip: bool, arrays: Sequence) -> None:
    """Checks that there are pictures to flip, if `flip` is True.

    Raises:
        ValueError: If no array holds pictures, or `flip` is neither True nor False.
    """
    check_flag("flip", flip)
    if flip and all(np.ndim(array) != 4 for array in arrays):
        raise ValueError(
            "`flip` must be False where no part holds pictures, (N, height, width, channels). Received: True"
        )


def check_arrays(arrays: tuple, batch_size: int, names: tuple[str, ...] | None = None) -> int:
    """Returns N, after checking that all arrays have that length and `batch_size` is from 1 to N."""
    if not arrays or not all(hasattr(array, "__len__") and not isinstance(array, dict) for array in arrays):
        kinds = ", ".join(type(array).__name__ for array in arrays) or "none"
        raise ValueError(f"`arrays` must be arrays of examples, (N, ...). Received: {kinds}")
    check_unmasked(*arrays)
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) != 1:
        if names is None:
            raise ValueError(f"Data and labels must have the same length. Received: {lengths}")
        received = ", ".join(f"{length} of {name!r}" for length, name in zip(lengths, names, strict=True))
        raise ValueError(f"All parts must have the same length. Received: {received}")
    if not lengths[0]:
        raise ValueError("The data must hold at least one example. Received: none")
    check_count("batch_size", batch_size, most=lengths[0])
    return lengths[0]
