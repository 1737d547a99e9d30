"""Match: a judge, and the real and fake values that it judges."""

import keras

from keras_gan import augmentations
from keras_gan.game.wiring import Reference, read_reference
from keras_gan.ground.arguments import check_count, shown
from keras_gan.replay import FakePool


@keras.saving.register_keras_serializable("keras_gan")
class Match:
    """A judge, and the values that it gets as real and as fake.

    Args:
        judge: The name of the player that judges.
        real: The name of a part of the data or of a value; or a tuple of names, such as `("x", "code")`, whose examples
            the judge gets together.
        fake: The name of a value; or as many names as `real` has.
        labels: The name of the labels of real and fake; or a pair of names, for real and for fake. The judge gets the
            labels if it takes labels, and so does the objective. Defaults to None.
        replay: A `FakePool` for this match alone, from which the judge also gets past fakes. Defaults to None.
        augmentation: The augmentation of real and fake before they are judged: an `Augmentation`, a name or a list.
            Defaults to None.
        packing: Number of examples that are judged together, joined on their last axis. Defaults to 1.

    Raises:
        ValueError: If an argument has another type, or the numbers of names do not fit.

    Example:

    >>> Match("d_b", real="b", fake="fake_b")
    <Match: d_b judges b against fake_b>
    """

    def __init__(
        self,
        judge: str,
        real: str | tuple[str, ...],
        fake: str | tuple[str, ...],
        labels: str | tuple[str, str] | None = None,
        replay: FakePool | None = None,
        augmentation: augmentations.Augmentation | type[augmentations.Augmentation] | str | list | dict | None = None,
        packing: int = 1,
    ):
        if not isinstance(judge, str):
            raise ValueError(f"`judge` must be the name of a player. Received: judge={shown(judge)}")
        self.judge, self.real, self.fake = judge, _names("real", real), _names("fake", fake)
        if len(self.reals) != len(self.fakes):
            raise ValueError(
                f"`fake` must have as many names as `real`, {len(self.reals)}. Received: fake={shown(fake)}"
            )
        self.labels = None if labels is None else _names("labels", labels)
        if isinstance(self.labels, tuple) and len(self.labels) != 2:
            raise ValueError(f"`labels` must be a name or two names. Received: labels={shown(labels)}")
        if not isinstance(replay, FakePool | None):
            raise ValueError(f"`replay` must be a FakePool or None. Received: replay={replay!r}")
        self.replay, self.augmentation = replay, augmentations.get(augmentation)
        self.packing = int(check_count("packing", packing))

    @property
    def reals(self) -> tuple[Reference, ...]:
        """The references of `real`, as a tuple."""
        return _references(self.real)

    @property
    def fakes(self) -> tuple[Reference, ...]:
        """The references of `fake`, as a tuple."""
        return _references(self.fake)

    @property
    def compared(self) -> tuple[Reference, Reference]:
        """The references judged as real and as fake; of several values, the first whose references differ."""
        pairs = list(zip(self.reals, self.fakes, strict=True))
        return next((pair for pair in pairs if pair[0] != pair[1]), pairs[0])

    @property
    def labels_of(self) -> dict[str, str]:
        """The names of the labels of `"real"` and `"fake"`; empty if there are none."""
        if self.labels is None:
            return {}
        real, fake = self.labels if isinstance(self.labels, tuple) else (self.labels, self.labels)
        return {"real": real, "fake": fake}

    def replaced(self, **changes) -> "Match":
        """Returns a copy of this match with some arguments changed."""
        arguments = {name: getattr(self, name) for name in self.get_config()}
        return Match(**{**arguments, **changes})

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        serialize = keras.saving.serialize_keras_object
        plain = {name: _listed(getattr(self, name)) for name in ("judge", "real", "fake", "labels")}
        parts = {name: serialize(getattr(self, name)) for name in ("replay", "augmentation")}
        return {**plain, **parts, "packing": self.packing}

    @classmethod
    def from_config(cls, config: dict) -> "Match":
        parts = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("replay", "augmentation")}
        return cls(**{**config, **parts})

    def __eq__(self, other):
        return isinstance(other, Match) and self.get_config() == other.get_config()

    def __hash__(self):
        return hash(repr(self))

    def __repr__(self):
        real, fake = (", ".join(map(str, each)) for each in (self.reals, self.fakes))
        return f"<Match: {self.judge} judges {real} against {fake}>"


def _names(argument, value):
    names = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not names:
        raise ValueError(f"`{argument}` must hold at least one name. Received: {argument}={shown(value)}")
    for name in names:
        read_reference(name, argument)
    return names if isinstance(value, list | tuple) else value


def _references(names):
    return tuple(read_reference(each, "names") for each in (names if isinstance(names, tuple) else (names,)))


def _listed(value):
    return list(value) if isinstance(value, tuple) else value
