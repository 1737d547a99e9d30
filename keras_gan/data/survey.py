"""Surveys of the user's pictures: what was found, and what is done with it, to be said when training begins."""

import collections
import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from keras_gan.data.reading import Seen
from keras_gan.ground.arguments import counted

SHOWN = 6  # of each kind


@dataclasses.dataclass(frozen=True)
class Survey:
    """The findings in a folder of pictures.

    Attributes:
        pictures: How many can be read.
        sizes: (height, width) -> how many have it.
        kinds: What is special about some of them, in words -> how many, such as palettes.
        passed: What is left alone -> how many: other kinds of files by their suffix, hidden pictures, links.
        unreadable: How many pictures cannot be read.
        resize: How they are brought to one size, in words.
        labels: Where the classes are from, in words; "" where there are none.
        stored: Whether the pictures stay on disk, and are read while training runs.
        below: The folder in a zip that all pictures lie in, which is no class; "" if there is none.
    """

    pictures: int
    sizes: Mapping[tuple[int, int], int]
    kinds: Mapping[str, int]
    passed: Mapping[str, int]
    unreadable: int
    resize: str
    labels: str
    stored: bool
    below: str = ""

    @classmethod
    def of(cls, seen: Sequence[Seen], **known) -> "Survey":
        """Makes the survey of the pictures that were read."""
        sizes = collections.Counter(each.size for each in seen)
        kinds = collections.Counter(kind for each in seen for kind in each.kinds)
        return cls(pictures=len(seen), sizes=dict(sizes.most_common()), kinds=dict(kinds.most_common()), **known)

    def describe(self, class_counts: Mapping[str, int] | None = None) -> Iterator[str]:
        """Yields lines of text.

        Args:
            class_counts: The name of each class -> how many pictures it has; None where there are none.

        >>> survey = Survey(3, {(9, 8): 2, (6, 6): 1}, {"CMYK": 1}, {".txt": 2}, 1, "to 4x4, centre crop", "", False)
        >>> for line in survey.describe():
        ...     print(line)
        3 pictures; no classes
        sizes (height x width): 2 of 9x8, 1 of 6x6; all brought to 4x4, centre crop
        among them: 1 CMYK
        skipped: 1 that cannot be read, 2 .txt
        """
        stay = ", which stay on disk and are decoded again in each epoch: `keras-gan prepare` does it once"
        classes = "no classes"
        if class_counts:
            named, taken = _listed(class_counts, "{0} ({1})", "class"), sum(class_counts.values())
            classes = f"{len(class_counts)} class{'es' * (len(class_counts) != 1)} by {self.labels}: {named}"
            classes = classes if taken == self.pictures else f"{taken:,} of them are taken, of {classes}"
        yield f"{counted(self.pictures, 'picture')}{stay if self.stored else ''}; {classes}"
        if self.below:
            yield f"all of them in {self.below}, the only folder of the zip, which is no class"
        made = f"all brought {self.resize}" if self.resize != "none" else "taken as they are"
        named = {f"{height}x{width}": count for (height, width), count in self.sizes.items()}
        yield f"sizes (height x width): {_listed(named, '{1} of {0}', 'size')}; {made}"
        if self.kinds:
            yield f"among them: {_listed(self.kinds, '{1} {0}', 'kind')}"
        skipped = ({"that cannot be read": self.unreadable} if self.unreadable else {}) | dict(self.passed)
        if skipped:
            yield f"skipped: {_listed(skipped, '{1} {0}', 'kind')}"


def _listed(known, form, noun):
    """Lists things with their numbers, the first ones by name; `noun` is what the others are called."""
    items = list(known.items())
    named = items if len(items) == SHOWN + 1 else items[:SHOWN]  # one more is as short as a word on it
    parts = [form.format(what, f"{count:,}") for what, count in named]
    rest = [count for _, count in items[len(named) :]]
    others = (
        f"{len(rest)} other classes ({sum(rest):,})"
        if noun == "class"
        else f"{sum(rest):,} of {len(rest)} other {noun}s"
    )
    return ", ".join([*parts, *([others] if rest else [])])
