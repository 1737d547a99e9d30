"""Plots as arrays of pixels: scatter, histogram, curves. They are drawn by matplotlib without a screen."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

REAL, FAKE = "#9aa5b1", "#d1495b"


def pixels(figure: Figure) -> np.ndarray:
    """Returns a figure as (height, width, 3) uint8."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def scatter(
    samples: np.ndarray, real: np.ndarray | None = None, labels: np.ndarray | None = None, title: str = ""
) -> np.ndarray:
    """Draws generated points (N, 2), coloured by label if there are labels, over real ones (M, 2) in grey."""
    figure = Figure(figsize=(5, 5), dpi=100, layout="tight")
    axes = figure.add_subplot(aspect="equal", title=title)
    if real is not None:
        axes.scatter(real[:, 0], real[:, 1], s=4, color=REAL, label="real", linewidths=0)
        low, high = real.min(axis=0), real.max(axis=0)
        margin = 0.25 * (high - low).max() + 1e-6
        axes.set_xlim(low[0] - margin, high[0] + margin)
        axes.set_ylim(low[1] - margin, high[1] + margin)
    colour = {"color": FAKE} if labels is None else {"c": labels, "cmap": "tab10"}
    axes.scatter(samples[:, 0], samples[:, 1], s=4, label="generated", linewidths=0, alpha=0.7, **colour)
    axes.legend(loc="upper right", markerscale=3, frameon=False)
    return pixels(figure)


def histogram(
    samples: np.ndarray,
    real: np.ndarray | None = None,
    title: str = "",
    names: tuple[str, str] = ("generated", "real"),
) -> np.ndarray:
    """Draws a histogram of generated numbers (N, 1) over that of real ones, or of two other kinds with `names`."""
    figure = Figure(figsize=(6, 4), dpi=100, layout="tight")
    axes = figure.add_subplot(title=title)
    everything = samples if real is None else np.concatenate([samples, real])
    low, high = np.quantile(everything, [0.001, 0.999])
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)  # a collapsed generator
    bins = np.linspace(low, high, 80).tolist()
    if real is not None:
        axes.hist(real[:, 0], bins, density=True, color=REAL, label=names[1])
    axes.hist(samples[:, 0], bins, density=True, histtype="step", linewidth=2, color=FAKE, label=names[0])
    axes.legend(loc="upper right", frameon=False)
    axes.set_ylabel("density")
    return pixels(figure)


def rows(samples: np.ndarray, title: str = "") -> np.ndarray:
    """Draws vectors (N, d) as an image, with a row per example."""
    figure = Figure(figsize=(6, 4), dpi=100, layout="tight")
    axes = figure.add_subplot(xlabel="dimension", ylabel="example", title=title)
    figure.colorbar(axes.imshow(samples, aspect="auto", interpolation="nearest"))
    return pixels(figure)


def curves(
    panels: Mapping[str, Mapping[str, Sequence[float]]], xlabel: str = "epoch", x: Sequence[float] | None = None
) -> np.ndarray:
    """Draws panels side by side, each with its named curves over `x`, by default 1, 2, ..., N."""
    figure = Figure(figsize=(5 * len(panels), 3.6), dpi=100, layout="tight")
    for i, (title, lines) in enumerate(panels.items()):
        axes = figure.add_subplot(1, len(panels), i + 1, title=title, xlabel=xlabel)
        for name, values in lines.items():
            places = range(1, len(values) + 1) if x is None else x
            axes.plot(places, values, label=name, marker="." if len(values) < 30 else None)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend(loc="upper right", frameon=False)
    return pixels(figure)


def lines(
    panels: Mapping[str, tuple[np.ndarray, np.ndarray]],
    names: tuple[str, str] = ("real", "generated"),
    columns: int = 6,
) -> np.ndarray:
    """Draws panels of lines over 0, 1, 2, ..., each with some real ones, in grey, and as many generated ones.

    Args:
        panels: Title -> the heights of both kinds, (n, length).
        names: Names of the two kinds.
        columns: Panels per row.
    """
    rows, across = -(-len(panels) // columns), min(columns, len(panels))
    width, height = 2.3 * across, 2.0 * rows + 0.3
    figure = Figure(figsize=(width, height), dpi=90)  # an automatic layout takes three times as long to draw
    figure.subplots_adjust(0.4 / width, 0.2 / height, 1 - 0.1 / width, 1 - 0.55 / height, 0.25, 0.3)
    for i, (title, kinds) in enumerate(panels.items()):
        axes = figure.add_subplot(rows, across, i + 1)
        axes.set_title(title, fontsize=9)
        for heights, name, color in zip(kinds, names, (REAL, FAKE), strict=True):
            drawn = axes.plot(np.transpose(heights), color=color, linewidth=0.8, alpha=0.8)
            drawn[0].set_label(name)
        axes.tick_params(labelsize=6, pad=2)
        axes.ticklabel_format(axis="y", scilimits=(-3, 4))
        axes.yaxis.get_offset_text().set_fontsize(6)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper right", ncols=2, frameon=False, fontsize=9, borderaxespad=0.1)
    return pixels(figure)


def bars(
    panels: Mapping[str, tuple[Sequence[str], Sequence[float], Sequence[float]]],
    names: tuple[str, str] = ("real", "generated"),
    columns: int = 5,
) -> np.ndarray:
    """Draws panels of bars: for each named value the real share, in grey, and the generated share, as an outline.

    Args:
        panels: Title -> the values' names, and the heights of both kinds. All names are shown if they are few.
        names: Names of the two kinds.
        columns: Panels per row.
    """
    lines = -(-len(panels) // columns)
    figure = Figure(figsize=(2.6 * min(columns, len(panels)), 2.3 * lines + 0.3), dpi=90, layout="constrained")
    for i, (title, (values, real, fake)) in enumerate(panels.items()):
        axes, places = figure.add_subplot(lines, min(columns, len(panels)), i + 1), np.arange(len(values))
        axes.set_title(title, fontsize=9)
        axes.bar(places, real, width=1.0, color=REAL, label=names[0])
        axes.stairs(fake, np.arange(len(values) + 1) - 0.5, color=FAKE, linewidth=1.5, label=names[1])
        few = len(values) <= 13
        shown = places if few else places[:: len(values) // 3]
        axes.set_xticks(shown, [values[place].strip()[:14] for place in shown])
        axes.tick_params(labelsize=6, axis="both", pad=2)
        if few:
            axes.tick_params(axis="x", labelrotation=90)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=2, frameon=False, fontsize=9)
    return pixels(figure)
