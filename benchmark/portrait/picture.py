"""The picture of a portrait: by period, how many posts there are and how their labels are distributed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.portrait.labels import Labels
from benchmark.portrait.portrait import Portrait, TaskPortrait

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 6
"""Targets that are drawn, each in two panels."""
WIDTH, HEIGHT, DPI = 10.0, 2.6, 100
BLUE, ORANGE, GREY = "#1f6fa8", "#d1662b", "#5b6770"


def draw(of: Portrait, path: Path) -> None:
    """Write a PNG. Without a display, and without pyplot, which would keep figures alive.

    Raises:
        OSError: the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = [(task, one) for task in of.tasks for one in task.labels][:MOST]
    rows = max(1, len(drawn))
    figure = Figure(figsize=(WIDTH, HEIGHT * rows + 0.6), dpi=DPI, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    span = f"{of.first[:10]} to {of.last[:10]}"
    figure.suptitle(f"{of.dataset}: {of.posts:,} posts by {of.users:,} users, {span}", size=11)
    panels = figure.subplots(rows, 2, squeeze=False)
    for (task, one), (left, right) in zip(drawn, panels, strict=False):
        _counts(left, task, one)
        _labels(right, task, one)
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.print_png(path)


def _counts(axes: Axes, task: TaskPortrait, one: Labels) -> None:
    starts = _starts(one)
    step = np.median(np.diff(starts)) if len(starts) > 1 else np.timedelta64(1, "D")
    axes.bar(starts, [period.posts for period in one.periods], width=step * 0.9, align="edge", color=BLUE)
    axes.set_title(f"{task.name}, {one.target}: labelled posts a {one.unit}", size=9)
    _dated(axes, task)


def _labels(axes: Axes, task: TaskPortrait, one: Labels) -> None:
    starts, quantiles = _starts(one), np.array([period.quantiles for period in one.periods])
    for lower, upper, alpha, label in ((0, 4, 0.15, "10% to 90%"), (1, 3, 0.3, "25% to 75%")):
        ends = quantiles[:, lower], quantiles[:, upper]
        axes.fill_between(starts, *ends, color=BLUE, alpha=alpha, lw=0, label=label)
    axes.plot(starts, quantiles[:, 2], color=BLUE, marker=".", label="median")
    unit = f"log(1 + {one.target})" if one.scale == "log1p" else one.target
    axes.set_title(f"{unit} by {one.unit}", size=9)
    _dated(axes, task)
    axes.legend(fontsize=7, frameon=False)


def _dated(axes: Axes, task: TaskPortrait) -> None:
    """With the cut-offs, each once, and dates that have room."""
    for moment in sorted({cut.cut_off for cut in task.cuts if cut.protocol != "official"}):
        axes.axvline(np.datetime64(moment, "ms"), color=ORANGE, lw=1, ls="--", label="cut-off")  # type: ignore[arg-type]
    axes.tick_params(labelsize=7)
    axes.tick_params(axis="x", rotation=30)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, axis="y", color=GREY, alpha=0.2)


def _starts(one: Labels) -> NDArray[np.datetime64]:
    return np.array([period.start for period in one.periods]).astype("datetime64[ms]")
