"""The page of a table's evaluation: its measures beside those of real rows, and a histogram of each column."""

import html
import os
import pathlib
from collections.abc import Sequence

from keras_gan.evaluation import TableReport
from keras_gan.evaluation.comparison import Comparison
from keras_gan.ground import files
from keras_gan.report.document import document, section

WIDTH, HEIGHT, LEFT, BOTTOM = 560, 240, 50, 92  # pixels of a figure, and of the space for the names of values
FEW, LETTERS = 13, 15  # the most values that are all named, and letters per name


def write_table(report: TableReport, out: str | os.PathLike, title: str = "Rows of a table") -> pathlib.Path:
    """Writes the HTML page of a table's evaluation: one file that requests nothing; text from tables is escaped.

    Args:
        report: The result of `evaluation.evaluate_table`.
        out: The file to write.
        title: Title of the page. Defaults to `"Rows of a table"`.

    Returns:
        The path of the file.

    Example:

    ```python
    keras_gan.report.write_table(keras_gan.evaluation.evaluate_table(train, test, made, label="income"), "income.html")
    ```
    """
    path = files.check_path(out, "out")
    files.write_text(path, table_to_html(report, title))
    return path


def table_to_html(report: TableReport, title: str = "Rows of a table") -> str:
    """Returns the HTML page of a table's evaluation as text; see `write_table`."""
    known = {name: value for name, value in report.settings.items() if name != "versions"}
    header = f"<p>{html.escape(' · '.join(f'{name} {value}' for name, value in known.items()))}</p>"
    figures = "".join(
        histogram(f"{name}: {report.columns[name]['synthetic']:.3f}", *counts.values())
        for name, counts in report.histograms.items()
    )
    note = (
        '<p class="note">Shares of rows: real training rows in grey, made ones as a line. Beside each name is the '
        "distance between the two: Kolmogorov-Smirnov for numbers, total variation for categories.</p>"
    )
    sections = section("measures", "Measures", numbers(report))
    return document(
        title, header, sections + section("columns", "Columns", f'<div class="charts">{figures}</div>{note}')
    )


def histogram(title: str, values: Sequence[str], real: Sequence[float], made: Sequence[float]) -> str:
    """Returns a figure of bars for real rows, with a step line for made ones.

    Args:
        title: Title of the figure.
        values: Names of the values or bins; if there are more than 13, some names are not written.
        real: Heights of the bars, shares of real rows.
        made: Heights of the line, shares of made rows.
    """
    step, top = WIDTH / len(values), max(*real, *made, 1e-9)
    floor = HEIGHT - BOTTOM

    def height(share):
        return floor - share / top * (floor - 12)

    bars = "".join(
        f'<rect x="{i * step:.1f}" y="{height(share):.1f}" width="{step:.1f}" height="{floor - height(share):.1f}"/>'
        for i, share in enumerate(real)
    )
    places = [(x * step, height(share)) for i, share in enumerate(made) for x in (i, i + 1)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    each = 1 if len(values) <= FEW else len(values) // 4
    names = "".join(
        f'<text class="tick end" transform="translate({(i + 0.6) * step:.1f} {floor + 10}) rotate(-50)">'
        f"{html.escape(value.strip()[:LETTERS])}</text>"
        for i, value in enumerate(values)
        if i % each == 0
    )
    title = html.escape(title)
    return (
        f'<figure class="card"><figcaption>{title}</figcaption><svg viewBox="{-LEFT} 0 {WIDTH + LEFT} {HEIGHT}" '
        f'role="img" aria-label="{title}">{bars}<polyline class="c0" points="{line}"/>{names}</svg></figure>'
    )


def numbers(report: Comparison) -> str:
    """Returns the measures of an evaluation as a card, with a line per measure."""
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in ("", *report.rows, "best", ""))
    lines = []
    for measure, (better, words) in report.measures.items():
        numbers = [rows[measure] for rows in report.rows.values() if measure in rows]
        worst = report.worst.get(measure)
        cells = (*(f"{number:.4g}" for number in numbers), better, words + (f" ({worst})" if worst else ""))
        if numbers:
            lines.append(
                f"<tr><th>{measure}</th>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
            )
    return f'<div class="card wide"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def sheet(rows: Sequence[Sequence[str]]) -> str:
    """Returns rows of a table as a card; the first row holds the names of the columns."""
    lines = [
        f"<tr>{''.join(f'<{tag}>{html.escape(value)}</{tag}>' for value in row)}</tr>"
        for tag, row in zip(["th", *["td"] * len(rows)], rows, strict=False)
    ]
    head, *body = lines
    return f'<div class="card wide rows"><table><thead>{head}</thead><tbody>{"".join(body)}</tbody></table></div>'
