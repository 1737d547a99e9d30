"""Data of games of pictures: one set, pictures and smaller ones, two domains, pairs."""

import dataclasses

import keras_gan
from keras_gan.presets.parts import DEFAULT_SOURCES, Parts, split_names


@dataclasses.dataclass(frozen=True)
class Examples(Parts):
    """One set of pictures, the part `real`, with labels if the game takes them.

    Attributes:
        labels: Whether the game takes labels: `"required"`, `"optional"` or `"none"`.
        value_range: (low, high), the values of black and white.
        few: Whether the labels of a few examples are enough. If only a few are labelled, a batch has as many of these
            as of all examples, whose labels are -1.
    """

    labels: str = "none"
    value_range: tuple[float, float] = (-1.0, 1.0)
    few: bool = False
    takes = ("labels",)

    def read(self, sources):
        pictures = _read_some(sources)
        few = {} if sources.labelled is None else {"labelled": _some(pictures, sources.labelled, sources.seed)}
        return {"real": pictures, **few}

    def batches(self, parts, batch_size, seed, labels, flip=False):
        if "labelled" in parts:
            known = {"x": _repeated(parts["labelled"].images, batch_size)}
            known["y"] = _repeated(parts["labelled"].labels, batch_size)
            options = {"batch_size": batch_size, "seed": seed, "flip": flip, "value_range": self.value_range}
            return keras_gan.data.unpaired(known, rest=parts["real"], transform=_join, **options)
        return parts["real"].dataset(batch_size, labels=labels, seed=seed, value_range=self.value_range, flip=flip)

    def classes(self, parts):
        # with equally likely classes, a discriminator would recognize fakes of a rare class by the label alone
        pictures = parts["real"]
        if pictures.labels is None or not pictures.class_names:
            return None
        return keras_gan.latents.Categorical.of_labels(pictures.labels, names=pictures.class_names)


class PartlyLabelled(Examples):
    """One set of pictures, the part `real`; with labels also the labelled ones, the parts `labelled` and `labels`."""

    def batches(self, parts, batch_size, seed, labels, flip=False):
        if not labels:
            return super().batches(parts, batch_size, seed, labels, flip)
        known = parts.get("labelled", parts["real"])
        known = {"labelled": known.images, "labels": known.labels}
        known = {name: _repeated(array, batch_size) for name, array in known.items()}
        options = {"batch_size": batch_size, "seed": seed, "flip": flip, "value_range": self.value_range}
        return keras_gan.data.unpaired(known, real=parts["real"], **options)


@dataclasses.dataclass(frozen=True)
class Enlarged(Parts):
    """One set of pictures, the part `high`, and the part `low`, which is made from them.

    Attributes:
        factor: How many times smaller the sides of `low` are.
    """

    factor: int = 2
    names = ("high",)
    takes = ("labels",)

    def read(self, sources):
        return {"high": _read_some(sources)}

    def batches(self, parts, batch_size, seed, labels, flip=False):
        small = keras_gan.data.Small(self.factor)
        return keras_gan.data.paired(low=small, high=parts["high"], batch_size=batch_size, seed=seed, flip=flip)

    def describe(self, parts):
        high = _size(parts["high"])
        low = " x ".join(str(side // self.factor) for side in parts["high"].image_shape[:2])
        return [
            f"low: the same pictures of {low} pixels, {self.factor} times smaller: the model is trained to make "
            f"{high} from {low} pixels. --image_size makes both larger or smaller."
        ]


class Domains(Parts):
    """Two sets of pictures, the parts `a` and `b`, that are not paired."""

    names = ("a", "b")
    takes = ("a", "b")

    def check(self, model, sources):
        super().check(model, sources)
        if sources.pairs is not None and (sources.a, sources.b) != (None, None):
            received = f"a={sources.a!r}, b={sources.b!r}"
            raise ValueError(f"`a` and `b` must not be given beside `pairs`. Received: {received}")
        if sources.pairs is not None and not sources.pairs.removeprefix("folder:"):
            raise ValueError(f"`pairs` must name a folder, as 'folder:PATH'. Received: pairs={sources.pairs!r}")
        if sources.a is None and sources.pairs is None:
            also = ", or `pairs`" if "pairs" in self.takes else ""
            raise ValueError(f"`a` must be given for {model}{also}. Received: a=None")

    def main(self, sources):
        return sources.pairs or sources.b or sources.dataset

    def read(self, sources):
        if sources.b is None and sources.dataset == DEFAULT_SOURCES.dataset:
            raise ValueError(
                "`b` must name the second set of pictures, beside `a`, such as folder:PATH, or "
                f"{DEFAULT_SOURCES.dataset!r} for the digits of the package. Received: a={sources.a!r}, b=None"
            )
        a, b = _read(sources.a, sources), _read(self.main(sources), sources)
        if a.image_shape[:2] != b.image_shape[:2]:
            raise ValueError(
                "`image_size` must be given where the pictures of `a` and `b` differ in size. "
                f"Received: pictures of {_size(a)} and {_size(b)} pixels"
            )
        return {"a": a, "b": b}

    def batches(self, parts, batch_size, seed, labels, flip=False):
        return keras_gan.data.unpaired(**parts, batch_size=batch_size, seed=seed, flip=flip)


class Pairs(Domains):
    """Pairs of pictures, the parts `a` and `b`: two sets, one that is made from the other, or joined pictures."""

    takes = ("a", "b", "pairs")

    def read(self, sources):
        if sources.pairs is not None:
            folder = sources.pairs.removeprefix("folder:")
            joined = keras_gan.data.folder.read_folder(
                folder, sources.image_size, joined=True, alpha=sources.alpha
            ).images
            half = joined.shape[2] // 2
            halves = joined[:, :, :half], joined[:, :, half : 2 * half]
            return dict(zip("ab", map(keras_gan.data.Pictures, halves), strict=True))
        if keras_gan.data.derived.get(sources.a) is None:
            return super().read(sources)
        return {"a": sources.a, "b": _read(self.main(sources), sources)}

    def batches(self, parts, batch_size, seed, labels, flip=False):
        return keras_gan.data.paired(**parts, batch_size=batch_size, seed=seed, flip=flip)


def _read(name, sources):
    """Returns the pictures of a name."""
    alpha = {"alpha": True} if sources.alpha else {}
    return keras_gan.data.read(name, sources.split, sources.image_size, **alpha)


def _read_some(sources):
    """Returns the pictures of the data set, of the classes in `labels` of the sources."""
    pictures = _read(sources.dataset, sources)
    return pictures if sources.labels is None else pictures.of_classes(split_names(sources.labels))


def _size(pictures):
    return " x ".join(map(str, pictures.image_shape[:2]))


def _some(pictures, count, seed):
    """Draws `count` labelled pictures, as balanced among classes as possible."""
    import numpy as np  # here, as the command line lists presets without it

    if pictures.labels is None:
        raise ValueError(f"`labelled` needs labels. Received: labelled={count}, and pictures without labels")
    if not len(pictures.class_names) <= count <= len(pictures.labels):
        raise ValueError(
            f"`labelled` must be from the number of classes to that of pictures, {len(pictures.class_names)} to "
            f"{len(pictures.labels)}. Received: labelled={count}"
        )
    order = np.random.default_rng(seed).permutation(len(pictures.labels))
    turn = np.zeros(len(order), int)  # the index of each picture within its class
    for label in np.unique(pictures.labels):
        own = pictures.labels[order] == label
        turn[own] = np.arange(own.sum())
    chosen = np.sort(order[np.argsort(turn, kind="stable")[:count]])
    return keras_gan.data.Pictures(pictures.images[chosen], pictures.labels[chosen], pictures.class_names)


def _repeated(array, count):
    """Repeats an array until it has at least `count` examples."""
    import numpy as np  # here, as the command line lists presets without it

    return array if len(array) >= count else np.concatenate([array] * -(-count // len(array)))


def _join(x, y, rest):
    """Joins labelled examples and others to one batch."""
    import tensorflow as tf  # here, as the command line lists presets without it

    return tf.concat([x, rest], axis=0), tf.concat([y, tf.fill(tf.shape(y), -1)], axis=0)
