"""Surveys of the user's pictures, printed when training begins: what was found, and how it is used."""

import collections
import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from keras_gan.data.reading import Seen
from keras_gan.ground.arguments import counted

SHOWN = 6  # entries per line


@dataclasses.dataclass(frozen=True)
class Survey:
    """The findings in a folder of pictures.

    Attributes:
        pictures: Number of readable pictures.
        sizes: (height, width) -> number of pictures.
        kinds: Description of a special property, such as a palette -> number of pictures.
        passed: Kind of skipped files -> number: other files by their suffix, hidden pictures, links.
        unreadable: Number of unreadable pictures.
        resize: Description of how the pictures are resized.
        labels: Source of the classes, `"folder"` or `"file"`; "" without classes.
        stored: Whether the pictures stay on disk, and are read while training runs.
        below: The only folder of a zip, which is not a class; "" if there is none.
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
        """Yields the lines of the survey's text.

        Args:
            class_counts: Name of each class -> number of its pictures; None without classes.

        >>> survey = Survey(3, {(9, 8): 2, (6, 6): 1}, {"CMYK": 1}, {".txt": 2}, 1, "to 4x4, centre crop", "", False)
        >>> for line in survey.describe():
        ...     print(line)
        3 pictures; no classes
        sizes (height x width): 2 of 9x8, 1 of 6x6; all brought to 4x4, centre crop
        among them: 1 CMYK
        skipped: 1 that cannot be read, 2 .txt
        """
        stay = ", which stay on disk and are decoded in each epoch: `keras-gan prepare` decodes them once"
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
    """Lists entries with their counts, the first ones by name; the others are summed up under `noun`."""
    items = list(known.items())
    named = items if len(items) == SHOWN + 1 else items[:SHOWN]  # one more takes no more room than its summary
    parts = [form.format(name, f"{count:,}") for name, count in named]
    rest = [count for _, count in items[len(named) :]]
    others = (
        f"{len(rest)} other classes ({sum(rest):,})"
        if noun == "class"
        else f"{sum(rest):,} of {len(rest)} other {noun}s"
    )
    return ", ".join([*parts, *([others] if rest else [])])
