"""The contents of a run folder, as its page shows them."""

import csv
import dataclasses
import io
import itertools
import os

from keras_gan.evaluation import Record, SeriesReport, TableReport, record
from keras_gan.ground import files
from keras_gan.report.frames import Frame, read_frame, read_frames, thin

ANOMALIES = {  # pictures of a model with anomaly scores
    "anomalies.png": "Anomaly scores: the distance from training pictures",
    "most-anomalous.png": "The most anomalous pictures, in descending order",
}
EXPLORED = {  # pictures of a latent space
    "truncation.png": "Truncation, from weak to strong",
    "mixing.png": "Mixed styles: coarse layers take the style of the first row, other layers that of the first column",
    "walk.gif": "A walk through the latent space",
}
ROWS, EVALUATION = "samples.csv", "evaluation.json"  # samples of a table or a series, and their evaluation
COPIES, NEAREST = "copies.json", "nearest.png"  # shares of samples that are copies of training pictures, and a picture
REPORTS = (TableReport, SeriesReport)
SHARES = ("copied", "copied_of_real", "closer")
MOST_POINTS, MOST_ROWS = 400, 10
LARGEST = 1e100  # largest number in a chart: far above the largest float32, and its square is still a float


@dataclasses.dataclass(frozen=True)
class Run:
    """The contents of a run folder, as far as they exist.

    Attributes:
        name: Name of the folder.
        config: `config.json`; empty if missing.
        finished: `finished.json`; empty if the run has not finished.
        history: `history.csv` as {name: (epoch, value) pairs}, with None for values that are not finite.
        frames: Sample grids over time.
        anomalies: {caption: picture} of anomaly scores; empty for a model without scores.
        explored: {caption: picture} of the latent space.
        copies: `copies.json` as {feature extractor: shares}; empty if samples were not checked for copies.
        nearest: Samples beside their nearest training pictures; None if samples were not checked for copies.
        rows: The names of columns and the first rows of `samples.csv`; empty for a model of pictures.
        evaluation: `evaluation.json` of rows or windows; None if they were not evaluated.
        metrics: `metrics.jsonl`, oldest first.
        doctor: `doctor.json` of `keras_gan.callbacks.Doctor`; None if missing.
    """

    name: str
    config: dict
    finished: dict
    history: dict[str, list[tuple[float, float | None]]]
    frames: list[Frame]
    anomalies: dict[str, Frame]
    explored: dict[str, Frame]
    copies: dict[str, dict[str, float]]
    nearest: Frame | None
    rows: list[list[str]]
    evaluation: TableReport | SeriesReport | None
    metrics: list[Record]
    doctor: dict | None

    @property
    def next(self) -> dict[str, str]:
        """{purpose: command} of the commands that fit the model; empty if the run has not finished."""
        known = self.finished.get("next")
        return {str(purpose): str(text) for purpose, text in known.items()} if isinstance(known, dict) else {}


def read(run_dir: str | os.PathLike) -> Run:
    """Reads a run folder.

    Raises:
        ValueError: If the folder holds no files of a run, or one of them cannot be read.
    """
    folder = files.check_path(run_dir, "run_dir")
    metrics = folder / record.FILE
    run = Run(
        name=folder.resolve().name,
        config=_json(folder / "config.json") or {},
        finished=_json(folder / "finished.json") or {},
        history=_history(folder / "history.csv"),
        frames=read_frames(folder),
        anomalies=_shown(folder, ANOMALIES),
        explored=_shown(folder, EXPLORED),
        copies=_copies(folder / COPIES),
        nearest=read_frame(folder / NEAREST) if (folder / NEAREST).is_file() else None,
        rows=_rows(folder / ROWS),
        evaluation=_evaluation(folder / EVALUATION),
        metrics=record.read(metrics) if metrics.is_file() else [],
        doctor=_doctor(folder / "doctor.json"),
    )
    if not any((run.config, run.history, run.frames, run.metrics, run.doctor)):
        raise ValueError(f"`run_dir` must be the folder of a run. Received: run_dir={str(run_dir)!r}")
    return run


def _shown(folder, names):
    return {caption: read_frame(folder / name) for name, caption in names.items() if (folder / name).is_file()}


def _json(path):
    return files.read_json(path) if path.is_file() else None


def _rows(path):
    if not path.is_file():
        return []
    with files.open_regular(path) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        try:
            return list(itertools.islice(csv.reader(text), MOST_ROWS + 1))
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{path} must be a table of comma-separated values. Received: {error}") from error


def _evaluation(path):
    known = _json(path)
    if known is None:
        return None
    kinds = known.get("rows")
    rows = kinds.values() if isinstance(kinds, dict) and kinds else [None]
    numbers = all(
        isinstance(row, dict) and all(isinstance(value, int | float) for value in row.values()) for row in rows
    )
    kinds = [kind for kind in REPORTS if set(known) == {field.name for field in dataclasses.fields(kind)}]
    if not numbers or not kinds or not isinstance(known["worst"], dict):
        raise ValueError(f"{path} must be what `keras-gan evaluate` writes. Received: {known!r:.80}")
    return kinds[0](**known)


def _doctor(path):
    known = _json(path)
    if known is None:
        return None
    parts = [known.get(name) for name in ("findings", "examinations")]
    lists = all(isinstance(part, list) and all(isinstance(row, dict) for row in part) for part in parts)
    if not lists or not all(map(_is_examination, parts[1])):
        raise ValueError(
            f"{path} must be what `keras_gan.callbacks.Doctor` writes, lists of findings and of examinations. "
            f"Received: another structure, with the keys {list(known)}"
        )
    return known


def _is_examination(known):
    numbers = [value for value in known.values() if value is not None]
    finite = all(isinstance(value, int | float) and abs(value) < LARGEST for value in numbers)  # no NaN either
    return finite and isinstance(known.get("step"), int)


def _copies(path):
    known = (_json(path) or {}).get("by", {})
    rows = known.values() if isinstance(known, dict) else [None]
    if not all(isinstance(row, dict) and set(row) == set(SHARES) and all(map(_is_share, row.values())) for row in rows):
        raise ValueError(f"{path} must be what `keras-gan train` writes, shares by extractors. Received: {known!r:.80}")
    return known


def _is_share(value):
    return isinstance(value, int | float) and 0 <= value <= 1


def _history(path):
    if not path.is_file():
        return {}
    history = {}
    try:
        rows = list(csv.DictReader(io.StringIO(files.read_text(path), newline="")))
    except csv.Error as error:
        raise ValueError(f"{path} must be a table of comma-separated values. Received: {error}") from error
    for i, row in enumerate(rows):
        epoch = _finite(_number(row.pop("epoch", None)))
        for name, text in row.items():
            value = _number(text)
            if name is not None and value is not None:
                history.setdefault(name, []).append((i + 1 if epoch is None else epoch + 1, _finite(value)))
    return {name: thin(points, MOST_POINTS) for name, points in history.items()}


def _number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def _finite(value):
    return value if value is not None and abs(value) < LARGEST else None
