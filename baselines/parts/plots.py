"""Plots of what a model has learnt, in one look: each function writes one PNG, without a display.

Figures are drawn through matplotlib's objects and not through pyplot, which would keep them all alive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

PRELOAD = ("matplotlib.figure", "matplotlib.backends.backend_agg")
"""For the `preload` of a baseline that draws."""

DPI = 100
COLOURS = ("#1f6fa8", "#d1662b", "#3d8b56", "#8a5fa8", "#b8952a", "#5b6770")
GREY, PALE = "#5b6770", "#c9d0d6"
LOW, HIGH = "#1f6fa8", "#c8324b"
"""Colours of low and of high feature values."""


def learning_curve(
    path: Path,
    curves: Mapping[str, Sequence[float]],
    chosen: int,
    unit: str,
    *,
    title: str = "Learning curve",
    ylabel: str = "MAE on the holdout",
) -> None:
    """Error by epoch or round.

    Args:
        curves: name -> error after 1, 2, ... units; a curve named `train` is drawn pale.
        chosen: the number of units that was chosen; marked where it is at least 1.
        unit: `epoch`, `round`.
    """
    with drawn(path, 7, 4, title) as axes:
        colours = iter(COLOURS * len(curves))
        for name, values in curves.items():
            at = np.arange(1, len(values) + 1)
            if name == "train":
                axes.plot(at, values, label=name, color=GREY, ls="--", lw=1)
            else:
                axes.plot(at, values, label=name, color=next(colours))
        if chosen >= 1:
            axes.axvline(chosen, color=GREY, lw=1, ls=":", label=f"chosen: {unit} {chosen}")
        axes.set_ylim(_span(list(curves.values())))
        axes.set_xlabel(unit)
        axes.set_ylabel(ylabel)
        axes.legend()


def bars(
    path: Path, names: Sequence[str], values: ArrayLike, title: str, xlabel: str, *, top: int = 25
) -> None:
    """Horizontal bars, the longest (by absolute value) on top; no more than `top` of them."""
    numbers = np.asarray(values, float)
    order = np.argsort(-np.abs(numbers), kind="stable")[:top]
    if len(order) < len(numbers):
        title += f" (the first {len(order)} of {len(numbers)})"
    with drawn(path, 7, _rows_high(len(order)), title) as axes:
        axes.barh(np.arange(len(order)), numbers[order], height=0.7, color=COLOURS[0])
        _rows(axes, [names[i] for i in order.tolist()])
        axes.set_xlabel(xlabel)


def shap_summary(
    path: Path,
    values: NDArray[np.floating],
    features: NDArray[np.floating],
    names: Sequence[str],
    *,
    title: str = "SHAP values",
    xlabel: str = "contribution to the prediction",
    top: int = 20,
) -> None:
    """A dot a post and feature: how far the feature moves the prediction, and (colour) how high it is.

    Args:
        values: [n, p] SHAP values. features: [n, p] the features' values; NaN (grey) where one is missing
            or its values have no order.
        top: so many features, those with the largest mean |SHAP|.
    """
    order = np.argsort(-np.abs(values).mean(axis=0), kind="stable")[:top]
    with drawn(path, 8, _rows_high(len(order)), title) as axes:
        axes.axvline(0, color=GREY, lw=1)
        colours = _low_to_high()
        at = values[:, order].T.ravel()
        height = np.concatenate([row + _swarm(values[:, j]) for row, j in enumerate(order)])
        rank = np.concatenate([_ranks(features[:, j]) for j in order])
        axes.scatter(at, height, s=7, linewidths=0, c=rank, cmap=colours, vmin=0, vmax=1, plotnonfinite=True)
        _rows(axes, [names[j] for j in order.tolist()])
        axes.set_xlabel(xlabel)
        bar = _colour_bar(axes, colours, "feature value")
        bar.set_ticks([0, 1], labels=["low", "high"])


def heatmap(
    path: Path,
    matrix: ArrayLike,
    xlabels: Sequence[str],
    ylabels: Sequence[str],
    title: str,
    *,
    xlabel: str = "",
    ylabel: str = "",
    unit: str = "",
) -> None:
    """A matrix [len(ylabels), len(xlabels)] as shades, NaN left white; the numbers too where there is room.

    Args:
        unit: what the shades stand for.
    """
    cells = np.asarray(matrix, float)
    high, wide = cells.shape
    width = min(14.0, 3 + 0.45 * wide)
    with drawn(path, width, min(12.0, 1.6 + 0.35 * high), title) as axes:
        image = axes.imshow(cells, cmap="Blues", aspect="auto", interpolation="nearest")
        if cells.size <= 150:
            _numbers(axes, cells, image.get_clim())
        axes.grid(False)
        _ticks(axes, "x", xlabels, 24)
        _ticks(axes, "y", ylabels, 30)
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        axes.figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02).set_label(unit)


def lines(
    path: Path,
    x: ArrayLike,
    series: Mapping[str, ArrayLike],
    title: str,
    *,
    xlabel: str,
    ylabel: str,
    bands: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
) -> None:
    """Lines over one x, each with an optional band.

    Args:
        x: [n]. series: name -> [n]. bands: name of a series -> its lower and upper edge, [n] each.
    """
    at = np.asarray(x)
    with drawn(path, 7, 4, title) as axes:
        for (name, values), colour in zip(series.items(), COLOURS * len(series), strict=False):
            marker = "o" if len(at) <= 40 else ""
            axes.plot(at, np.asarray(values), color=colour, marker=marker, markersize=3.5, label=name)
            if bands and name in bands:
                low, high = (np.asarray(edge) for edge in bands[name])
                axes.fill_between(at, low, high, color=colour, alpha=0.18, lw=0)
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        if len(series) > 1:
            axes.legend()


LOOK: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e8eb",
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "text.parse_math": False,  # a column may be named `a$b`
    "figure.constrained_layout.use": True,
}


@contextmanager
def drawn(path: Path, width: float, height: float, title: str) -> Iterator[Axes]:
    """Axes to draw on, inches wide and high; written to `path` in the end."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(LOOK):
        figure: Figure = Figure(figsize=(width, height), dpi=DPI)
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_title(title)
        yield axes
        canvas.print_png(path)  # savefig would draw everything twice to lay it out


def _rows(axes: Axes, names: Sequence[str]) -> None:
    """One row a name, from the top down."""
    axes.set_yticks(np.arange(len(names)), labels=[_short(name) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(False, axis="y")


def _rows_high(rows: int) -> float:
    return 1.2 + 0.24 * max(rows, 1)


def _ticks(axes: Axes, axis: str, names: Sequence[str], most: int) -> None:
    """Labels, only every second, third, ... where there are more than can be read."""
    places = range(0, len(names), -(-len(names) // most) or 1)
    labels = [_short(names[i]) for i in places]
    if axis == "y":
        axes.set_yticks(places, labels=labels)
    elif max(map(len, labels), default=0) > 3:
        axes.set_xticks(places, labels=labels, rotation=45, ha="right", rotation_mode="anchor")
    else:
        axes.set_xticks(places, labels=labels)


def _numbers(axes: Axes, cells: NDArray[np.float64], span: tuple[float | None, float | None]) -> None:
    """Each cell's number in it, white on the darker shades."""
    low, high = (edge or 0.0 for edge in span)
    form = ".2f" if 0.1 <= max(abs(low), abs(high)) < 100 else ".2g"
    for (i, j), value in np.ndenumerate(cells):
        if np.isfinite(value):
            colour = "white" if value > (low + high) / 2 else "black"
            text = axes.text(j, i, f"{value:{form}}", ha="center", va="center", size=7, color=colour)
            text.set_in_layout(False)  # inside its cell: the layout need not measure it


def _short(name: str, most: int = 32) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _span(curves: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Limits that show the end of every curve, even where an early epoch was far off."""
    finite = [np.asarray(curve, float)[np.isfinite(curve)] for curve in curves]
    known = [curve for curve in finite if len(curve)]
    if not known:
        return 0.0, 1.0
    low = min(float(curve.min()) for curve in known)
    # At most eight times the distance that the middle of the curves has from the best value.
    middle = max(float(np.median(curve)) for curve in known)
    high = min(max(float(curve.max()) for curve in known), low + 8 * (middle - low) + 1e-9)
    room = 0.05 * (high - low) or 0.5
    return low - room, high + room


def _swarm(values: NDArray[np.floating], bins: int = 100, widest: float = 0.4) -> NDArray[np.float64]:
    """[n] heights around 0 that set dots of nearly the same value above each other."""
    span = float(np.ptp(values)) or 1.0
    bin_of = np.floor((values - values.min()) / span * bins).astype(int)
    order = np.argsort(bin_of, kind="stable")
    counts = np.bincount(bin_of)
    start = np.repeat(np.cumsum(counts) - counts, counts)
    place = np.empty(len(values))
    place[order] = np.arange(len(values)) - start - (np.repeat(counts, counts) - 1) / 2
    return place * min(0.08, 2 * widest / max(int(counts.max()), 1))


def _ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """[n] share of the other known values that are smaller, in [0, 1]; NaN stays."""
    known = ~np.isnan(values)
    ordered = np.sort(values[known])
    if not len(ordered):
        return np.full(len(values), np.nan)
    low = np.searchsorted(ordered, values, side="left")
    high = np.searchsorted(ordered, values, side="right")
    ranks = (low + high - 1) / 2 / max(len(ordered) - 1, 1)
    return np.where(known, ranks, np.nan)


def _low_to_high() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("low_to_high", [LOW, "#b9a3c4", HIGH], bad=PALE)


def _colour_bar(axes: Axes, colours: Colormap, label: str) -> Colorbar:
    from matplotlib.cm import ScalarMappable

    bar = axes.figure.colorbar(ScalarMappable(cmap=colours), ax=axes, fraction=0.03, pad=0.02)
    bar.set_label(label)
    return bar
