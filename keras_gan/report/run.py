"""The contents of a run folder, for its page."""

import csv
import dataclasses
import io
import itertools
import os

from keras_gan.evaluation import Record, SeriesReport, TableReport, record
from keras_gan.ground import files
from keras_gan.report.frames import Frame, read_frame, read_frames, thin

ANOMALIES = {  # pictures of a model that scores how unlike those of training an example is
    "anomalies.png": "How unlike those of training pictures are",
    "most-anomalous.png": "The most unlike ones, the first one most",
}
EXPLORED = {  # pictures of a latent space
    "truncation.png": "Under truncation, from little to much",
    "mixing.png": "Mixed styles: coarse layers are given the first row's, others the first column's",
    "walk.gif": "A walk",
}
ROWS, EVALUATION = "samples.csv", "evaluation.json"  # of a table or a series: what was made, and what it is worth
COPIES, NEAREST = "copies.json", "nearest.png"  # whether samples are copies of training pictures
REPORTS = (TableReport, SeriesReport)
SHARES = ("copied", "copied_of_real", "closer")
MOST_POINTS, MOST_ROWS = 400, 10
LARGEST = 1e100  # of a number in a chart: far more than float32 holds, and its square is still a float


@dataclasses.dataclass(frozen=True)
class Run:
    """A run folder as far as it is there.

    Attributes:
        name: The folder's name.
        config: `config.json`.
        finished: `finished.json`; empty of a run that is running or was stopped.
        history: `history.csv`: (epoch, value) pairs by name, None in place of what is not finite.
        frames: Sample grids over time.
        anomalies: Pictures of scores, by what they show; empty of a model that scores nothing.
        explored: Pictures of the latent space, by what they show.
        copies: `copies.json`, by the feature extractor; empty of a run that was not looked at.
        nearest: Samples beside their nearest training pictures; None likewise.
        rows: The first rows of `samples.csv`, below the names of their columns; empty of a model of something else.
        evaluation: `evaluation.json`, what rows or windows are worth; None if that was not measured.
        metrics: `metrics.jsonl`, oldest first.
        doctor: `doctor.json`, what `keras_gan.callbacks.Doctor` saw; None if it did not look.
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
        """The commands that fit the model, by what they are for; empty of a run that has not finished."""
        known = self.finished.get("next")
        return {str(what): str(text) for what, text in known.items()} if isinstance(known, dict) else {}


def read(run_dir: str | os.PathLike) -> Run:
    """Reads a run folder.

    Raises:
        ValueError: If it holds nothing of a run, or a file in it cannot be read.
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
    return {words: read_frame(folder / name) for name, words in names.items() if (folder / name).is_file()}


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
