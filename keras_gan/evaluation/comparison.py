"""Comparisons of several kinds of examples, as text and as JSON."""

import dataclasses
import json
from collections.abc import Mapping
from typing import ClassVar


class Comparison:
    """Base class of reports whose `rows` are kinds of examples, each with the same measures.

    A subclass is a frozen dataclass with at least `rows`, kind -> measure -> number, beginning with the kind that is
    evaluated; and `worst`, the location of that kind's greatest difference, by measure.

    Attributes:
        measures: Name -> the best value, and a description of the measure.
    """

    measures: ClassVar[Mapping[str, tuple[str, str]]]
    rows: dict[str, dict[str, float]]
    worst: dict[str, str]

    def to_json(self) -> str:
        """Returns the report as JSON."""
        return json.dumps(dataclasses.asdict(self), indent=1, allow_nan=False) + "\n"

    def table(self) -> str:
        """Returns the numbers as text, with a line per measure and a column per kind."""
        names = list(self.rows)
        lines = [f"{'':32}" + "".join(f"{name:>21}" for name in names)]
        for measure, (better, words) in self.measures.items():
            if measure in self.rows[names[0]]:
                numbers = "".join(f"{self.rows[name][measure]:21.4g}" for name in names)
                worst = f" ({self.worst[measure]})" if self.worst.get(measure) else ""
                lines.append(f"{measure:32}{numbers}  best {better}: {words}{worst}")
        return "\n".join(lines)

    def __str__(self):
        return self.table()
