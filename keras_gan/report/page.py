"""The page of a run: samples over time, metrics with their provenance, curves, the doctor's findings, and settings."""

import html
import json
import os
import pathlib
import re

from keras_gan import presets
from keras_gan.evaluation import MEASURES, record
from keras_gan.game.logs import panels
from keras_gan.ground import files
from keras_gan.ground.arguments import counted
from keras_gan.report import run as run_
from keras_gan.report import table
from keras_gan.report.chart import chart
from keras_gan.report.document import document, section
from keras_gan.report.frames import thin

FILE = "report.html"
MOST_RECORDS = 200  # records whose provenance is shown
EXAMINED = {  # title of a chart -> names of the doctor's numbers in it, for each match or side
    "separation of real and fake by the discriminator": re.compile("separation(_.*)?"),
    "diversity of the samples, relative to real data": re.compile("(diversity|nearest)(_.*)?"),
    "gradient norms": re.compile(".*_gradient"),
    "weight norms": re.compile(".*_weights"),
}


def write(run_dir: str | os.PathLike, out: str | os.PathLike | None = None) -> pathlib.Path:
    """Writes the HTML page of a run, which may still be training.

    The page is one file with the pictures inside, and its content security policy forbids all requests. All text from
    the run is escaped.

    Args:
        run_dir: The run folder, as `keras-gan train` writes it.
        out: The file to write. Defaults to `report.html` in the run folder.

    Returns:
        The path of the file.

    Raises:
        ValueError: If the folder holds no files of a run, or one of them cannot be read.

    Example:

    ```python
    keras_gan.report.write("runs/mnist")
    ```
    """
    path = files.check_path(run_dir, "run_dir") / FILE if out is None else files.check_path(out, "out")
    files.write_text(path, to_html(run_dir))
    return path


def to_html(run_dir: str | os.PathLike) -> str:
    """Returns the HTML page of a run as text; takes and raises the same as `write`."""
    run = run_.read(run_dir)
    title = str(run.config.get("name") or run.name)
    sections = (
        _samples(run),
        _next(run),
        _rows(run),
        _copies(run),
        _explored(run),
        _anomalies(run),
        _metrics(run),
        _curves(run),
        _doctor(run),
        _configuration(run),
    )
    return document(title, _header(run), "".join(sections))


def _header(run):
    model = run.config.get("model")
    settings = [run.config.get(key) for key in ("a", "dataset", "labels", "network", "objective")]
    settings = settings if model == "gan" else [_title(model), *settings]
    settings = " · ".join(html.escape(str(value)) for value in settings if value)
    steps = run.finished.get("steps")
    chips = [_chip(f"finished, {steps:,} steps" if isinstance(steps, int) else "not finished")]
    if run.doctor is not None:
        found = {str(finding.get("failure")) for finding in run.doctor.get("findings", [])}
        chips += [_chip(name, "bad") for name in sorted(found)] or [_chip("healthy", "good")]
    newest = [each for each in record.newest(run.metrics) if each.metric == "frechet"]
    chips += [_chip(f"{each.protocol} {each.value:.4g}") for each in newest]
    return f'<p>{settings}</p><ul class="chips">{"".join(chips)}</ul>'


def _title(model):
    """Returns the title and paper of a model; the name itself if this version of the library does not have it."""
    preset = presets.PRESETS.get(model) if isinstance(model, str) else None
    return model if preset is None else preset.title + (f" (arXiv {preset.paper})" if preset.paper else "")


def _chip(text, kind=""):
    return f'<li class="{kind}">{html.escape(text)}</li>'


def _samples(run):
    if not run.frames:
        return ""
    last = len(run.frames) - 1
    pictures = "".join(
        f'<img class="frame" data-label="{html.escape(frame.label)}" src="{frame.url}" width="{frame.width}" '
        f'alt="samples, {html.escape(frame.label)}"{"" if i == last else " hidden"}>'
        for i, frame in enumerate(run.frames)
    )
    slider = (
        ""
        if last == 0
        else (
            '<div class="time" hidden><button id="play" type="button">Play</button>'
            f'<input id="time" type="range" min="0" max="{last}" value="{last}" aria-label="time">'
            f'<output id="when">{html.escape(run.frames[-1].label)}</output></div>'
        )
    )
    return f'<section id="samples"><h2>Samples</h2><div class="card stage">{pictures}{slider}</div></section>\n'


def _next(run):
    """Returns the commands that a finished run suggests for its model."""
    next = {html.escape(purpose): html.escape(command) for purpose, command in run.next.items()}
    lines = "".join(f"<p>{purpose}:<br><code>{command}</code></p>" for purpose, command in next.items())
    return section("next", "Next", f'<div class="card">{lines}</div>') if lines else ""


def _rows(run):
    return section("rows", "Rows", table.sheet(run.rows)) if run.rows else ""


def _explored(run):
    return _pictures("explored", "Latent space", run.explored)


def _copies(run):
    if not run.copies:
        return ""
    cards = "".join(
        f'<div class="card"><h3>copies, by {html.escape(name.replace("_", " "))}</h3><strong>{each["copied"]:.1%}'
        f"</strong><small>real data: {each['copied_of_real']:.1%}</small>"
        f"<small>nearer to training pictures than new real ones: {each['closer']:.1%}; 50% if as near</small></div>"
        for name, each in run.copies.items()
    )
    picture = ""
    if run.nearest is not None:
        picture = (
            f'<div class="card"><img src="{run.nearest.url}" width="{run.nearest.width}" '
            'alt="samples, each before its nearest training picture"></div>'
        )
    note = (
        '<p class="note">The samples that are most like copies, each before its nearest training picture. A sample '
        "counts as a copy if its nearest training picture is at most a third as far as the second nearest (arXiv "
        "2310.02664). Blurred samples are near to all pictures.</p>"
    )
    return section("copies", "Nearest training pictures", f'<div class="numbers">{cards}</div>{picture}{note}')


def _anomalies(run):
    return _pictures("anomalies", "Anomalies", run.anomalies)


def _pictures(name, title, frames):
    cards = "".join(
        f'<div class="card"><h3>{html.escape(caption)}</h3><img src="{frame.url}" width="{frame.width}" '
        f'alt="{html.escape(caption)}"></div>'
        for caption, frame in frames.items()
    )
    return section(name, title, f'<div class="charts">{cards}</div>') if cards else ""


def _metrics(run):
    if run.evaluation is not None:
        return section("metrics", "Metrics", table.numbers(run.evaluation))
    if not run.metrics:
        return ""
    cards, newest = [], record.newest(run.metrics)
    for each in newest:
        alike = [other for other in newest if other.protocol == each.protocol]
        differing = [name for name in record.PROTOCOL if len({repr(other.compared()[name]) for other in alike}) > 1]
        details = "".join(f"<small>{name}: {html.escape(record.shown(each, name))}</small>" for name in differing)
        words = MEASURES[each.metric].words if each.metric in MEASURES else ""
        cards.append(
            f'<div class="card"><h3>{html.escape(each.protocol)}</h3><strong>{each.value:.4g}</strong>'
            f"<small>real data: {each.real:.4g}, {html.escape(each.better)} is better</small>"
            f"<small>{html.escape(words)}</small>{details}</div>"
        )
    note = (
        '<p class="note">The newest value of each protocol. Real data: real training pictures against the same real '
        "test pictures. Values of different protocols cannot be compared.</p>"
    )
    return section("metrics", "Metrics", f'<div class="numbers">{"".join(cards)}</div>{note}{_provenance(run.metrics)}')


def _provenance(records):
    heads = ("when", "protocol", "value", "real", "samples", "against", "seed", "extractor", "model", "versions")
    rows = []
    for each in records[: -MOST_RECORDS - 1 : -1]:
        cells = (
            each.created,
            each.protocol,
            _with_error(each.value, each.error),
            f"{_with_error(each.real, each.real_error)} ({each.n_real:,})",
            f"{each.n:,}",
            f"{each.n_reference:,} of {each.dataset}, {each.split} ({each.reference_hash[:8]})",
            each.seed,
            f"{each.extractor} ({each.extractor_hash[:8]}){_accuracy(each)}, {each.resize}",
            ", ".join(f"{key} {value}" for key, value in each.model.items() if value is not None),
            ", ".join(f"{key} {value}" for key, value in each.versions.items()),
        )
        rows.append("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{each}</th>" for each in heads)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    shown = "each value" if len(records) <= MOST_RECORDS else f"the newest {MOST_RECORDS} of {len(records):,} values"
    return f'<details><summary>Provenance of {shown}</summary><div class="card wide">{table}</div></details>'


def _with_error(value, error):
    return f"{value:.6g}" if error is None else f"{value:.6g} ± {error:.2g}"


def _accuracy(each):
    return "" if each.extractor_accuracy is None else f", right on {each.extractor_accuracy:.2%} of test pictures"


def _curves(run):
    charts = [
        chart(title, {name: run.history[name] for name in names}, "epoch")
        for title, names in panels(run.history, "metrics while training").items()
    ]
    return section("curves", "Curves", f'<div class="charts">{"".join(charts)}</div>') if charts else ""


def _doctor(run):
    if run.doctor is None:
        return ""
    findings, examinations = run.doctor.get("findings", []), run.doctor.get("examinations", [])
    cards = "".join(
        f'<div class="card finding"><h3>{_text(found, "failure")}, step {_text(found, "first")} to '
        f"{_text(found, 'last')}</h3><p>{_text(found, 'what')}</p><p><b>Try:</b> {_text(found, 'advice')}</p></div>"
        for found in findings
    )
    text = (
        f"Nothing was found in {counted(len(examinations), 'examination')}."
        if examinations
        else "The run was too short to be examined."
    )
    cards = cards or f'<p class="card">{text}</p>'
    charts = []
    known = list(dict.fromkeys(name for each in examinations for name in each))
    for title, pattern in EXAMINED.items():
        names = [name for name in known if pattern.fullmatch(name)]
        lines = {
            name: [(each["step"], each[name]) for each in examinations if each.get(name) is not None] for name in names
        }
        lines = {name: thin(points, run_.MOST_POINTS) for name, points in lines.items() if points}
        charts += [chart(title, lines, "step")] if lines else []
    return section("doctor", "Findings of the doctor", f'{cards}<div class="charts">{"".join(charts)}</div>')


def _text(known, key):
    value = known.get(key, "")
    return html.escape(f"{value:,}" if isinstance(value, int) else str(value))


def _configuration(run):
    if not run.config:
        return ""
    rows = "".join(
        f"<div><dt>{html.escape(str(key))}</dt>"
        f"<dd>{html.escape(value if isinstance(value, str) else json.dumps(value))}</dd></div>"
        for key, value in run.config.items()
    )
    return section("configuration", "Configuration", f'<dl class="card config">{rows}</dl>')
