"""One number of an evaluation with its provenance: a line of `metrics.jsonl`."""

import dataclasses
import json
import os
from collections.abc import Iterable

from keras_gan.ground import files, prefixes

FILE = "metrics.jsonl"
PROTOCOL = (
    "metric",
    "settings",
    "n",
    "n_reference",
    "extractor",
    "extractor_hash",
    "resize",
    "dataset",
    "split",
    "reference_hash",
)


@dataclasses.dataclass(frozen=True)
class Record:
    """The value of one metric, its value for real data, and all that the number depends on.

    Attributes:
        metric: The metric's name in `keras_gan.evaluation.MEASURES`.
        value: Value for the samples.
        real: Value for as many real training examples, against the same real test examples.
        better: `"lower"` or `"higher"`, the better direction.
        settings: Settings of the metric, such as `{"k": 3}`.
        n: Number of samples.
        n_reference: Number of real test examples that samples were compared with.
        n_real: Number of real training examples for `real`.
        seed: Seed of the samples.
        extractor: Name of the feature extractor.
        extractor_hash: Hash of the extractor's weights and code.
        resize: How the extractor resizes pictures, and how samples and real pictures were resized before.
        dataset: Name of the real data.
        split: The split that samples were compared with.
        reference_hash: Hash of the real examples that samples were compared with.
        versions: Versions of the libraries.
        created: Time of the evaluation, ISO 8601.
        model: Description of the evaluated model, such as its path.
        error: The standard error of `value` for `kid`, the standard deviation over splits for `score`; None for other
            metrics, and for `kid` if all of its subsets are the same.
        real_error: The error of `real`, likewise.
        extractor_accuracy: Accuracy of a classifier of the data set on test pictures, otherwise None.
    """

    metric: str
    value: float
    real: float
    better: str
    settings: dict
    n: int
    n_reference: int
    n_real: int
    seed: int
    extractor: str
    extractor_hash: str
    resize: str
    dataset: str
    split: str
    reference_hash: str
    versions: dict
    created: str
    model: dict
    error: float | None = None
    real_error: float | None = None
    extractor_accuracy: float | None = None

    @property
    def protocol(self) -> str:
        """The protocol's name: `"frechet10k_digits_cnn"`."""
        return f"{self.metric}{short(self.n)}_{self.extractor}"

    def compared(self) -> dict:
        """Returns the values that must agree in records that are compared: `PROTOCOL`, without the path of the data.

        The content of the data is in `reference_hash`, so that a moved or copied folder is the same data set.
        """
        prefix = prefixes.split(self.dataset)[0]
        values = {name: getattr(self, name) for name in PROTOCOL}
        return values | ({"dataset": f"{prefix}:"} if prefix else {})

    def to_json(self) -> str:
        """Returns one line of JSON, the protocol's name first."""
        return json.dumps({"protocol": self.protocol, **dataclasses.asdict(self)}, allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> "Record":
        """Parses the record in a line.

        Raises:
            ValueError: If the line was not written by `to_json`.
        """
        try:
            known = files.parse_json(line, "A line")
            kinds = {field.name: field.type for field in dataclasses.fields(cls)}
            known = {name: known[name] for name in kinds if name in known}  # older lines lack the last fields
            if wrong := [name for name, value in known.items() if not _is_of(value, kinds[name])]:
                raise TypeError(f"{', '.join(wrong)} of another kind")
            return cls(**known)
        except (TypeError, ValueError) as error:
            raise ValueError(f"A line of metrics must be one that was written. Received: {line[:80]!r}") from error


def short(count: int) -> str:
    """Abbreviates a count for the name of a protocol.

    >>> short(10_000), short(1437)
    ('10k', '1437')
    """
    return f"{count // 1000}k" if count and count % 1000 == 0 else str(count)


def append(path: str | os.PathLike, records: Iterable[Record]) -> None:
    """Appends a line per record to a file, atomically: readers get all new lines or none.

    Concurrent processes wait for each other, by a lock on the folder.
    """
    path = files.check_path(path)
    lines = "".join(record.to_json() + "\n" for record in records)
    with files.alone(path.parent):
        old = files.read_text(path) if path.exists() else ""
        files.write_text(path, old + lines)


def read(path: str | os.PathLike) -> list[Record]:
    """Returns the records of a file, oldest first.

    Raises:
        ValueError: If a line is not a record.
    """
    lines = files.read_text(files.check_path(path)).splitlines()
    return [Record.from_json(line) for line in lines if line.strip()]


def check_comparable(a: Record, b: Record) -> None:
    """Checks that two records have the same protocol, as a metric's scale depends on every part of the protocol.

    Raises:
        ValueError: If the records differ in more than samples, seed, versions and time; the error lists the
            differences.
    """
    values, others = a.compared(), b.compared()
    differ = [name for name in PROTOCOL if values[name] != others[name]]
    if differ:
        each = "; ".join(f"{name}: {shown(a, name)} against {shown(b, name)}" for name in differ)
        raise ValueError(f"`a` and `b` must have the same protocol to be compared. Received: {each}")


def newest(records: Iterable[Record]) -> list[Record]:
    """Returns the last record of each protocol, in the order of these records."""
    found = {}
    for each in records:
        key = repr(each.compared())
        found.pop(key, None)
        found[key] = each
    return list(found.values())


def shown(record: Record, name: str) -> str:
    """Returns a part of a record's protocol as text: hashes shortened, that of real examples with their data set."""
    value = getattr(record, name)
    text = f"{value[:12]}..." if isinstance(value, str) and len(value) == 64 else str(value)
    return f"{text} of {record.dataset}" if name == "reference_hash" else text


def _is_of(value, kind):
    return isinstance(value, kind) or (isinstance(value, int) and kind in (float, float | None))
