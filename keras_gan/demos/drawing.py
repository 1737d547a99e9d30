"""Draws the moments of `figure1.play`: four panels, and a film."""

import math
import os
import pathlib
import tempfile
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_gan import images
from keras_gan.demos.figure1 import TITLES, Moment, stages
from keras_gan.ground import plots

GREEN, BLUE, PALE = "#1a9641", "#1f4fd8", "#8fa8e8"


def draw_stages(moments: Sequence[Moment]) -> np.ndarray:
    """Returns the last moments of the four stages side by side, and below them V and JSD: (height, width, 3) uint8."""
    figure = Figure(figsize=(15, 7), dpi=100, layout="constrained")
    shown = stages(moments)
    grid = figure.add_gridspec(3, len(shown), height_ratios=(3.2, 1.1, 2.2))
    for column, moment in enumerate(shown):
        top, below = figure.add_subplot(grid[0, column]), figure.add_subplot(grid[1, column])
        _densities(top, moment)
        _arrows(below, moment)
        if column == 0:
            top.set_ylabel("density, probability")
    _run(figure.add_subplot(grid[2, :]), moments, len(moments))
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4, frameon=False, fontsize=12)
    return plots.pixels(figure)


def draw_frame(moments: Sequence[Moment], index: int) -> np.ndarray:
    """Returns one moment, over V and JSD up to it: (height, width, 3) uint8."""
    figure = Figure(figsize=(7, 6.4), dpi=90, layout="constrained")
    grid = figure.add_gridspec(3, 1, height_ratios=(3.2, 1.1, 2.0))
    top = figure.add_subplot(grid[0])
    _densities(top, moments[index])
    top.legend(loc="upper right", frameon=False)
    _arrows(figure.add_subplot(grid[1]), moments[index])
    _run(figure.add_subplot(grid[2]), moments, index + 1)
    return plots.pixels(figure)


def save(folder: str | os.PathLike, moments: Sequence[Moment], milliseconds: int = 120) -> list[pathlib.Path]:
    """Writes `figure1.png` of the four stages and `figure1.gif` of all moments, and returns their paths."""
    picture, film = (pathlib.Path(folder) / f"figure1.{suffix}" for suffix in ("png", "gif"))
    images.save_png(picture, draw_stages(moments))
    with tempfile.TemporaryDirectory() as temporary:
        frames = [pathlib.Path(temporary) / f"{index:04d}.png" for index in range(len(moments))]
        for index, frame in enumerate(frames):
            images.save_png(frame, draw_frame(moments, index))
        images.save_gif(film, frames, milliseconds)
    return [picture, film]


def _densities(axes: Axes, moment: Moment):
    has_mass = moment.p_data + moment.p_g > 0.02  # elsewhere D receives almost no examples: there it is faint
    curve = {"color": BLUE, "linestyle": "--"}
    optimal = np.where(has_mass, moment.optimal, np.nan)
    axes.axhline(0.5, color="0.85", linewidth=0.8)
    axes.plot(moment.x, optimal, color=PALE, linewidth=4, label="$D^* = p_{data} / (p_{data} + p_g)$")
    axes.plot(moment.x, moment.D, linewidth=1, alpha=0.35, **curve)
    axes.plot(moment.x, np.where(has_mass, moment.D, np.nan), linewidth=2, label="$D$", **curve)
    axes.plot(moment.x, moment.p_g, color=GREEN, linewidth=2.2, label="$p_g$")
    axes.plot(moment.x, moment.p_data, ":", color="black", linewidth=2.4, label="$p_{data}$")
    axes.set(title=TITLES[moment.stage], xlim=(moment.x[0], moment.x[-1]), ylim=(-0.02, 1.1))
    axes.set(xticks=(), yticks=(0, 0.5, 1))
    axes.spines[["top", "right"]].set_visible(False)


def _arrows(axes: Axes, moment: Moment):
    """Draws an arrow from each z below, spread over the middle of the axis, to G(z) above."""
    low, high = moment.x[0], moment.x[-1]
    axes.set(xlim=(low, high), ylim=(-0.15, 1.1))
    axes.axis("off")
    feet = (low + high) / 2 + 0.3 * (high - low) * moment.z
    for height, left, right, name in ((1.0, low, high, "$x$"), (0.0, feet[0], feet[-1], "$z$")):
        axes.plot([left, right], [height, height], color="black", linewidth=1)
        axes.text(left - 0.02 * (high - low), height, name, ha="right", va="center", fontsize=13, clip_on=False)
    arrow = {"arrowstyle": "-|>", "color": "0.25", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
    for foot, tip in zip(feet, moment.G, strict=True):
        axes.annotate("", (tip, 1.0), (foot, 0.0), arrowprops=arrow)


def _run(axes: Axes, moments: Sequence[Moment], count: int):
    """Draws V(D, G) below its maximum over D, which is JSD on the right-hand scale."""
    frames = np.arange(1, len(moments) + 1)
    values, most = [m.value for m in moments], [m.criterion for m in moments]
    axes.plot(frames[:count], most[:count], color=PALE, linewidth=3, label=r"$\max_D\,V = -\log 4 + 2\,$JSD")
    axes.plot(frames[:count], values[:count], "--", color=BLUE, linewidth=1.8, label="$V(D, G)$")
    axes.axhline(-math.log(4), color="black", linewidth=0.8, linestyle=":")
    axes.text(1, -math.log(4), r"$-\log 4$", va="bottom")
    low, high = min([*values, -math.log(4)]), max(most)
    axes.set(xlim=(0.5, len(moments) + 0.5), xlabel="frame", ylabel="$V$ (nats)")
    axes.set_ylim(low - 0.1 * (high - low), high + 0.25 * (high - low))
    start = 0.5
    for stage in TITLES:
        length = sum(moment.stage == stage for moment in moments)
        axes.axvline(start, color="0.8", linewidth=0.8)
        axes.text(start + length / 2, 0.95, f"({stage})", transform=axes.get_xaxis_transform(), ha="center", va="top")
        start += length
    right = axes.secondary_yaxis("right", functions=(lambda v: (v + math.log(4)) / 2, lambda j: 2 * j - math.log(4)))
    right.set(ylabel="JSD (nats)", yticks=np.arange(0, 0.7, 0.1))
    axes.legend(loc="center right", frameon=False)
