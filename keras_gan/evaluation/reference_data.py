"""The real examples of an evaluation: those that samples are compared with, and others of the same kind."""

import dataclasses
import re
from collections.abc import Sequence

import numpy as np

from keras_gan import data
from keras_gan.data import Pictures
from keras_gan.data.stored import some
from keras_gan.noise import Noise

HALVES = "a random half"


@dataclasses.dataclass(frozen=True)
class ReferenceData:
    """Real pictures in two disjoint parts.

    Attributes:
        dataset: Name of the data set.
        split: Name of the part that samples are compared with.
        test: The part that samples are compared with.
        train: Other real pictures, for a metric's value for real data.
    """

    dataset: str
    split: str
    test: Pictures
    train: Pictures

    def at_most(self, n: int) -> "ReferenceData":
        """Returns at most `n` pictures of each part, always the same ones."""
        return dataclasses.replace(self, test=_choose(self.test, n), train=_choose(self.train, n))


def read_reference_data(
    dataset: str,
    split: str = "test",
    image_size=None,
    train_split: str = "train",
    labels: Sequence[int | str] | None = None,
) -> ReferenceData:
    """Reads a data set for evaluation.

    Args:
        dataset: Name of the data set, as for `keras_gan.data.read`. A folder has no splits, so it is divided into two
            random halves, always the same ones.
        split: The split that samples are compared with; `"test"` for one of the halves of a folder.
        image_size: A side or (height, width).
        train_split: The split for the row of real data.
        labels: Names or numbers of the classes to use. Defaults to all.

    Raises:
        ValueError: If there is no such data set or split, or both splits are the same.

    Example:

    >>> reference = read_reference_data("digits")
    >>> len(reference.test.images), len(reference.train.images)
    (360, 1437)
    """
    if dataset.startswith(("folder:", "records:")):
        if (split, train_split) != ("test", "train"):
            raise ValueError(
                f"`split` must be 'test' for data without splits, which is cut in halves. Received: split={split!r}, "
                f"dataset={dataset!r}"
            )
        pictures = _read(dataset, "train", image_size, labels)
        order = _order(len(pictures.images))
        if len(order) < 4:
            raise ValueError(f"`dataset` must hold at least 4 pictures. Received: {len(order)} in {dataset!r}")
        half = len(order) // 2
        return ReferenceData(dataset, HALVES, _pick(pictures, order[:half]), _pick(pictures, order[half:]))
    if split == train_split:
        raise ValueError(f"`split` must differ from `train_split`. Received: both are {split!r}")
    for one, other in ((split, train_split), (train_split, split)):
        if "all" in _names(one) or other in _names(one):  # "all", "train+test" or "train[:1%]" beside "train"
            raise ValueError(
                "`split` must have no pictures of `train_split`. "
                f"Received: split={split!r}, train_split={train_split!r}"
            )
    test, train = (_read(dataset, each, image_size, labels) for each in (split, train_split))
    return ReferenceData(dataset, split, test, train)


def _names(split):
    """Returns the names of splits in an expression such as "train[:50%]+test"."""
    return re.findall(r"[^\W\d]\w*", split)


def _read(dataset, split, image_size, labels):
    pictures = data.read(dataset, split, image_size)
    return pictures if labels is None else pictures.of_classes(labels)


def _choose(pictures, n):
    count = len(pictures.images)
    return pictures if count <= n else _pick(pictures, _order(count)[:n])


def _order(count):
    return np.argsort(Noise((0, "reality")).uniform((count,)).numpy(), kind="stable")


def _pick(pictures, places):
    labels = None if pictures.labels is None else pictures.labels[places]
    images = some(pictures.images, places)
    return dataclasses.replace(pictures, images=images, labels=labels, files=())
