"""Compares two evaluations, metric by metric: `keras-gan compare runs/a runs/b`.

Only values of the same protocol are compared; any other pair is refused, with the reason.
"""

import pathlib
from collections.abc import Callable

from absl import flags

from keras_gan import evaluation
from keras_gan.evaluation import record


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Reads both evaluations, and returns the function that compares them."""
    a, b = (_newest(name, values[name].value) for name in ("a", "b"))
    return lambda: print(compare(a, b, values.a, values.b))


def compare(a: list[evaluation.Record], b: list[evaluation.Record], name_a: str = "a", name_b: str = "b") -> str:
    """Returns a table of the metrics that both have by the same protocol, and the reason why others are refused.

    Raises:
        ValueError: If no metric has the same protocol in both; the message lists the differences.
    """
    rows, refused = [], {}
    for one in a:
        others = [other for other in b if other.metric == one.metric]
        fits = next((other for other in others if _why_not(one, other) is None), None)
        if fits is not None:
            rows.append(_row(one, fits))
        elif others:
            refused.setdefault(_why_not(one, others[-1]), []).append(one.protocol)
    reasons = [f"Not compared: {', '.join(names)}. {why}" for why, names in refused.items()]
    if not rows:
        raise ValueError(
            "\n".join(reasons) or f"`a` and `b` must have a metric in common. Received: {name_a}, {name_b}"
        )
    head = f"{'protocol':28} {'a':>10} {'b':>10} {'real data':>10}"
    return "\n".join([f"a: {name_a}", f"b: {name_b}", "", head, *rows, *reasons])


def _row(a, b):
    sign = 1 if a.better == "higher" else -1
    better = "equal" if a.value == b.value else "b is better" if sign * (b.value - a.value) > 0 else "a is better"
    notes = [better]
    if a.seed != b.seed:
        notes.append(f"seeds {a.seed} and {b.seed}")
    notes += [
        f"{name} {a.versions.get(name)} and {b.versions.get(name)}"
        for name in a.versions
        if a.versions.get(name) != b.versions.get(name)
    ]
    return f"{a.protocol:28} {a.value:10.4g} {b.value:10.4g} {a.real:10.4g}  {'; '.join(notes)}"


def _why_not(a, b):
    try:
        evaluation.check_comparable(a, b)
    except ValueError as error:
        return str(error)
    return None


def _newest(name, path):
    """Returns the newest record of each protocol."""
    if not path:
        raise ValueError(f"`{name}` must be a run folder or a file of metrics. Received: none")
    file = pathlib.Path(path) / record.FILE if pathlib.Path(path).is_dir() else pathlib.Path(path)
    if not file.is_file():
        raise ValueError(
            f"`{name}` must hold metrics that `keras-gan evaluate` wrote. Received: {name}={path!r}, no {record.FILE}"
        )
    newest = record.newest(record.read(file))
    if not newest:
        raise ValueError(f"`{name}` must hold at least one line of metrics. Received: {name}={path!r}, an empty file")
    return newest
