"""Charts of curves as SVG, without libraries or scripts, styled by classes alone."""

import html
import json
import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 260, 56, 12, 12, 34
SMALLEST = 1e-100  # numbers nearer to 0 are drawn as 0
COLOURS = 6  # number of classes c0, c1, ... in the style


def chart(title: str, lines: Mapping[str, Sequence[tuple[float, float | None]]], xlabel: str) -> str:
    """Returns a figure with a curve for each of `lines`; logarithmic if all values are positive and span over 1,000x.

    Args:
        title: Title of the figure.
        lines: {name: (x, y) pairs}, with finite, ascending x. A y of None, for a value that is not finite or is beyond
            1e100, breaks the curve, which the text below the figure mentions.
        xlabel: Name of x.
    """
    points = [point for line in lines.values() for point in line]
    values = [y for _, y in points if y is not None] or [0.0]
    log = min(values) > SMALLEST and max(values) / min(values) > 1e3
    x_low, x_high = _span([x for x, _ in points])
    y_low, y_high = _span([math.log10(y) for y in values] if log else values, 0.05)

    def place(x, y):
        across = (x - x_low) / (x_high - x_low)
        up = ((math.log10(y) if log else y) - y_low) / (y_high - y_low)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = []
    ticks, step = _ticks(y_low, y_high)
    for y in ticks:
        shown = _short(10**y, 0.02 * 10**y) if log else _short(y, step / 1000)
        _, height = place(x_low, 10**y if log else y)
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height:.1f}" y2="{height:.1f}"/>')
        parts.append(f'<text class="tick end" x="{LEFT - 8}" y="{height + 4:.1f}">{shown}</text>')
    ticks, step = _ticks(x_low, x_high)
    for x in ticks:
        across, _ = place(x, 10**y_low if log else y_low)
        parts.append(
            f'<text class="tick mid" x="{across:.1f}" y="{HEIGHT - BOTTOM + 18}">{_short(x, step / 1000)}</text>'
        )
    for i, line in enumerate(lines.values()):
        for piece in _pieces(line):
            drawn = [place(*point) for point in piece]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
            parts.append(f'<polyline class="c{i % COLOURS}" points="{path}"/>')
            if len(line) < 30 or len(piece) == 1:
                parts += [f'<circle class="c{i % COLOURS}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in drawn]
    legend = "".join(f'<span><i class="c{i % COLOURS}"></i>{html.escape(name)}</span>' for i, name in enumerate(lines))
    notes = [f"by {xlabel}", *["logarithmic"] * log, *_broken(lines, xlabel)]
    known = json.dumps({name: [list(point) for point in line] for name, line in lines.items()}, allow_nan=False)
    return (
        f'<figure class="chart" data-lines="{html.escape(known)}" data-range="[{x_low!r},{x_high!r}]" '
        f'data-x="{html.escape(xlabel)}"><figcaption>{html.escape(title)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)} by {html.escape(xlabel)}">'
        f'{"".join(parts)}<line class="cursor" y1="{TOP}" y2="{HEIGHT - BOTTOM}" visibility="hidden"/></svg>'
        f'<div class="legend">{legend}</div><output>{html.escape(", ".join(notes))}</output>'
        "</figure>"
    )


def _pieces(line):
    """Returns the parts of a line between its gaps."""
    pieces = [[]]
    for x, y in line:
        if y is None:
            pieces.append([])
        else:
            pieces[-1].append((x, y))
    return [piece for piece in pieces if piece]


def _broken(lines, xlabel):
    """Returns a text about the gaps of each line that has some."""
    gaps = {name: [x for x, y in line if y is None] for name, line in lines.items()}
    more = {name: f" and at {len(places) - 1} more" if len(places) > 1 else "" for name, places in gaps.items()}
    gap = "NaN, infinite or beyond 1e100"
    return [f"{name} {gap} at {xlabel} {places[0]:,g}{more[name]}" for name, places in gaps.items() if places]


def _span(values, margin=0.0):
    low, high = min(values), max(values)
    if high - low > max(1e-9 * max(abs(low), abs(high)), SMALLEST):  # otherwise ticks would coincide
        return low - margin * (high - low), high + margin * (high - low)
    room = abs(low) * 0.1 if abs(low) > SMALLEST else 0.5
    return low - room, high + room


def _ticks(low, high, count=5):
    """Returns round numbers in [low, high], about `count` of them, and the step between them.

    >>> _ticks(0.0, 1.0)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], 0.2)
    """
    rough = (high - low) / count
    base = 10.0 ** math.floor(math.log10(rough))
    step = next(base * factor for factor in (1, 2, 5, 10) if base * factor >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)], step


def _short(value, error):
    """Returns a number with as few digits as an error of at most `error` allows.

    >>> _short(0.00015, 1e-7), _short(12.3455, 1e-6), _short(102000.0, 2.0)
    ('1.5e-04', '12.3455', '102,000')
    """
    form = "f" if not value or 1e-3 <= abs(value) < 1e6 else "e"
    return next(
        text
        for digits in range(18)
        if abs(float((text := f"{value:,.{digits}{form}}").replace(",", "")) - value) <= error or digits == 17
    )
