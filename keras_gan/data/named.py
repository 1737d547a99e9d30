"""Named parts: how each is read from the user's value, and the addresses of their batches."""

import dataclasses
import os
from collections.abc import Callable, Sequence

import numpy as np

from keras_gan.data.addresses import FLIPS, Addresses, Gather, Order, derive_seed, flips, plain
from keras_gan.data.addresses import flip as flip_
from keras_gan.data.derived import Derived
from keras_gan.data.feed import check_numbers
from keras_gan.data.folder import read_folder
from keras_gan.data.pictures import Pictures, to_range
from keras_gan.data.readers import read
from keras_gan.data.stored import Stored, as_data
from keras_gan.ground.arguments import check_count, check_flag, check_seed, shown

DRAWN = "_drawn_"  # prefix of the names of random numbers per example, which have a separate order


def read_part(name: str, value, image_size=None) -> Pictures | np.ndarray:
    """Reads a part into memory: pictures of 8 bits, or an array of numbers.

    Args:
        name: The part's name, for errors.
        value: An array, `Pictures`, the path of a folder of pictures, or what `keras_gan.data.read` takes.
        image_size: As for `keras_gan.data.read`.

    Raises:
        ValueError: If `value` is something else, or empty.
    """
    if isinstance(value, Pictures):
        return value
    if is_folder(value):
        return read_folder(folder(value), image_size)
    if isinstance(value, str):
        return read(value, image_size=image_size)
    if not hasattr(value, "__array__"):
        raise ValueError(
            f"`{name}` must be an array, `Pictures`, a folder of pictures or the name of a data set. "
            f"Received: {name}={shown(value)}"
        )
    numbers = np.asarray(value)
    check_numbers(numbers, f"`{name}`")
    is_picture = numbers.dtype == np.uint8 and numbers.ndim == 4 and numbers.shape[-1] in (1, 3, 4)
    return Pictures(numbers) if is_picture else numbers


def is_folder(value) -> bool:
    """Returns whether a part is given as a folder: a path object, 'folder:PATH', or the path of an existing folder."""
    if isinstance(value, os.PathLike):
        return True
    return isinstance(value, str) and (value.startswith("folder:") or (value != "digits" and os.path.isdir(value)))


def folder(value: str | os.PathLike) -> str:
    """Returns the path of a part that is given as a folder."""
    path = os.fspath(value)
    if path == "folder:":
        raise ValueError("`path` must name a folder, as 'folder:PATH'. Received: path='folder:'")
    return path.removeprefix("folder:")


@dataclasses.dataclass(frozen=True, eq=False)
class Prepare:
    """The conversion of a batch of stored examples to an element.

    Attributes:
        pictures: Names of the 8-bit parts, which are scaled to `value_range`.
        value_range: Values of black and white.
        made: Functions of the parts that are made from `origin`, by name.
        origin: Name of the part from which the parts of `made` are made.
        names: Names of the parts, in the order of the element.
        flips: Name of the flip mask of each part that is flipped.
        transform: The user's function of the parts by name; or None.
    """

    pictures: frozenset
    value_range: tuple[float, float]
    made: dict[str, Callable]
    origin: str
    names: tuple[str, ...]
    flips: dict[str, str]
    transform: Callable | None

    def __call__(self, **batch):
        parts = {
            name: to_range(part, *self.value_range) if name in self.pictures else part for name, part in batch.items()
        }
        for name, function in self.made.items():
            if isinstance(function, Derived):
                drawn = batch.get(DRAWN + name)
                parts[name] = function.between(batch[self.origin], *self.value_range, drawn)
            else:
                parts[name] = function(parts[self.origin])
        for name, chosen in self.flips.items():
            parts[name] = flip_(parts[name], batch[chosen])
        element = {name: parts[name] for name in self.names}
        return element if self.transform is None else self.transform(**element)


def address(
    groups: Sequence[dict[str, np.ndarray | Pictures]],
    seeds: Sequence[int | None],
    batch_size: int,
    *,
    seed: int,
    value_range: tuple[float, float],
    flip: bool = False,
    drop_remainder: bool = True,
    transform: Callable | None = None,
    made: dict[str, Callable] | None = None,
    drawn: dict[str, np.ndarray] | None = None,
) -> Addresses:
    """Returns the addresses of the batches of groups of parts, each group in its own order.

    Random numbers per example have a separate order, so that those of an example change from epoch to epoch.

    Args:
        groups: The parts; those of one group have the same length.
        seeds: Seed of each group's order; None keeps the order.
        batch_size: Examples of each part in a batch.
        seed: Seed of the flips and of the order of `drawn`.
        value_range: Values of black and white.
        flip: Whether half of the pictures are flipped, those of a group alike.
        drop_remainder: Whether a last partial batch is left out; must be True for several groups.
        transform: The user's function.
        made: Functions of the parts that are made from the first part of the first group, by name.
        drawn: Random numbers per example for parts of `made`, by name.
    """
    counts = [length(next(iter(group.values()))) for group in groups]
    check_count("batch_size", batch_size, most=min(counts))
    steps = [count // batch_size if drop_remainder else -(-count // batch_size) for count in counts]
    orders = list(map(Order, counts, steps, seeds))
    arrays = {name: (array(part), row) for row, group in enumerate(groups) for name, part in group.items()}
    flipped, made = {}, made or {}
    for name, numbers in (drawn or {}).items():
        arrays[DRAWN + name] = numbers, len(orders)
        orders.append(Order(counts[0], steps[0], None if seeds[0] is None else derive_seed(seed, DRAWN + name)))
    for row, group in enumerate(groups) if flip else ():
        name = next(iter(group))
        flipped |= dict.fromkeys([*group, *(made if row == 0 else ())], FLIPS + name)
        chosen, order = flips(counts[row], steps[row], seed, name)
        arrays[FLIPS + name] = chosen, len(orders)
        orders.append(order)
    pictures = frozenset(name for group in groups for name, part in group.items() if isinstance(part, Pictures))
    rows = tuple(row for _, row in arrays.values()) if len(orders) > 1 else None
    if pictures or made or flipped or transform is not None:
        names = tuple(name for group in groups for name in group)
        prepare = Prepare(pictures, value_range, made, names[0], (*made, *names), flipped, transform)
        gather = Gather(prepare, tuple(arrays), rows=rows)
    else:
        gather = plain(tuple(arrays), False, rows)
    return Addresses(
        tensors=tuple(as_data(part) for part, _ in arrays.values()),
        orders=tuple(orders),
        gather=gather,
        batch_size=batch_size,
        whole_batches=drop_remainder or counts[0] % batch_size == 0,
    )


def array(part: np.ndarray | Pictures) -> np.ndarray | Stored:
    """Returns the examples of a part."""
    return part.images if isinstance(part, Pictures) else part


def length(part: np.ndarray | Pictures) -> int:
    """Returns the number of examples of a part."""
    return len(array(part))


def check_common(shuffle: bool, flip: bool, seed: int, transform: Callable | None) -> None:
    """Checks the arguments that all functions of named parts take."""
    check_flag("shuffle", shuffle)
    check_flag("flip", flip)
    check_seed("seed", seed)
    if transform is not None and not callable(transform):
        raise ValueError(
            f"`transform` must be a function of the parts, or None. Received: transform={shown(transform)}"
        )


def check_lengths(parts: dict[str, np.ndarray | Pictures]) -> None:
    """Checks that parts that belong together have one length.

    Raises:
        ValueError: If the lengths differ.
    """
    if len({length(part) for part in parts.values()}) > 1:
        received = ", ".join(f"{length(part)} of {name!r}" for name, part in parts.items())
        raise ValueError(f"Parts that belong together must have the same length. Received: {received}")
