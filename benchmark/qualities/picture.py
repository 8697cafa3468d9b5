"""The picture of a report: each quality's effect with its interval, the strongest on top."""

from __future__ import annotations

from pathlib import Path

from benchmark.qualities.report import ASSOCIATION, Report

WIDTH, ROW, DPI = 9.0, 0.24, 100
MOST = 60
BLUE, ORANGE, GREY = "#1f6fa8", "#d1662b", "#5b6770"


def draw(of: Report, path: Path) -> None:
    """Write a PNG. Without a display, and without pyplot, which would keep figures alive.

    Raises:
        OSError: the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = sorted(of.qualities, key=lambda one: -abs(one.found.effect))[:MOST]
    shown.sort(key=lambda one: one.found.effect)
    figure = Figure(figsize=(WIDTH, ROW * max(len(shown), 4) + 1.6), dpi=DPI, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots()
    for place, one in enumerate(shown):
        colour = GREY if not one.is_found else BLUE if one.found.effect > 0 else ORANGE
        axes.plot([one.found.low, one.found.high], [place, place], color=colour, lw=1.5)
        axes.plot([one.found.effect], [place], color=colour, marker="o", ms=4)
    axes.axvline(0, color=GREY, lw=0.8)
    axes.set_yticks(range(len(shown)), [one.name for one in shown], fontsize=7)
    axes.set_ylim(-1, len(shown))
    axes.tick_params(axis="x", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, axis="x", color=GREY, alpha=0.2)
    axes.set_xlabel(
        f"viral posts less the others of their {of.called}, in standard deviations, with 95% intervals;\n"
        "grey: not told from chance among so many qualities",
        fontsize=8,
    )
    figure.suptitle(
        f"{of.dataset}: {of.viral_posts:,} viral posts against {of.posts - of.viral_posts:,} others\n"
        f"{ASSOCIATION}",
        size=9,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.print_png(path)
