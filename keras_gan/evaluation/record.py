"""One number of an evaluation and where it comes from: a line of `metrics.jsonl`."""

import dataclasses
import json
import os
from collections.abc import Iterable

from keras_gan.ground import files

FILE, FOLDER = "metrics.jsonl", "folder:"
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
    """The value of one metric, the same of real data, and all that the number depends on.

    Attributes:
        metric: The metric's name in `keras_gan.evaluation.MEASURES`.
        value: What the samples have.
        real: What as many real training examples have, against the same real test examples.
        better: `"lower"` or `"higher"`, which is better.
        settings: The metric's own, such as `{"k": 3}`.
        n: How many samples.
        n_reference: How many real test examples they were compared with.
        n_real: How many real training examples `real` is of.
        seed: Of the samples.
        extractor: The name of the feature extractor.
        extractor_hash: Of its weights and code.
        resize: How it brings pictures to its size, and how samples and real pictures came to theirs.
        dataset: The real data's name.
        split: The part of it that samples are compared with.
        reference_hash: Of the real examples they were compared with.
        versions: Of the libraries.
        created: When, ISO 8601.
        model: What was evaluated: its path, and what else is known.
        error: The standard error of `value` for `kid`, the standard deviation over splits for `score`; otherwise, and
            for `kid` where all of its subsets are the same one, None.
        real_error: The same of `real`.
        extractor_accuracy: The share of test pictures that a classifier of the data set gets right, else None.
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
        """Returns what must agree in records that are compared: `PROTOCOL`, but not where a folder is.

        What is in the folder is in `reference_hash`, so one that was moved or copied is the same data set.
        """
        values = {name: getattr(self, name) for name in PROTOCOL}
        return values | ({"dataset": FOLDER} if self.dataset.startswith(FOLDER) else {})

    def to_json(self) -> str:
        """Returns one line of JSON, the protocol's name first."""
        return json.dumps({"protocol": self.protocol, **dataclasses.asdict(self)}, allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> "Record":
        """Returns the record of a line.

        Raises:
            ValueError: If the line is not one that `to_json` gave.
        """
        try:
            known = files.parse_json(line, "A line")
            kinds = {field.name: field.type for field in dataclasses.fields(cls)}
            known = {name: known[name] for name in kinds if name in known}  # lines of before lack the last ones
            if wrong := [name for name, value in known.items() if not _is_of(value, kinds[name])]:
                raise TypeError(f"{', '.join(wrong)} of another kind")
            return cls(**known)
        except (TypeError, ValueError) as error:
            raise ValueError(f"A line of metrics must be one that was written. Received: {line[:80]!r}") from error


def short(count: int) -> str:
    """Returns a count as protocols are named.

    >>> short(10_000), short(1437)
    ('10k', '1437')
    """
    return f"{count // 1000}k" if count and count % 1000 == 0 else str(count)


def append(path: str | os.PathLike, records: Iterable[Record]) -> None:
    """Adds a line for each record to a file; what is in it stays, and readers see all new lines or none.

    Processes that add at the same time wait for each other, by a lock on the folder.
    """
    path = files.check_path(path)
    lines = "".join(record.to_json() + "\n" for record in records)
    with files.alone(path.parent):
        old = files.read_text(path) if path.exists() else ""
        files.write_text(path, old + lines)


def read(path: str | os.PathLike) -> list[Record]:
    """Returns the records of a file, oldest first.

    Raises:
        ValueError: If a line is none.
    """
    lines = files.read_text(files.check_path(path)).splitlines()
    return [Record.from_json(line) for line in lines if line.strip()]


def check_comparable(a: Record, b: Record) -> None:
    """Refuses to compare records of different protocols: a metric's scale depends on every part of it.

    Raises:
        ValueError: If they differ in more than samples, seed, versions and time; it names each difference.
    """
    values, others = a.compared(), b.compared()
    differ = [name for name in PROTOCOL if values[name] != others[name]]
    if differ:
        each = "; ".join(f"{name}: {shown(a, name)} against {shown(b, name)}" for name in differ)
        raise ValueError(f"`a` and `b` must be of one protocol to be compared. Received: {each}")


def newest(records: Iterable[Record]) -> list[Record]:
    """Returns the last record of each protocol: of those that may be compared, in the order they came in."""
    found = {}
    for each in records:
        key = repr(each.compared())
        found.pop(key, None)
        found[key] = each
    return list(found.values())


def shown(record: Record, name: str) -> str:
    """Returns a part of a record's protocol as text: hashes short, that of real examples with where they are from."""
    value = getattr(record, name)
    text = f"{value[:12]}..." if isinstance(value, str) and len(value) == 64 else str(value)
    return f"{text} of {record.dataset}" if name == "reference_hash" else text


def _is_of(value, kind):
    return isinstance(value, kind) or (isinstance(value, int) and kind in (float, float | None))
