"""Picture: each mistake's inflation with its interval, in the order of the table."""

from __future__ import annotations

import io
from pathlib import Path

from benchmark.errors import SmpbenchError
from benchmark.files import write_atomically
from benchmark.scores.measures import measure
from pitfalls.price.inflation import measures_of
from pitfalls.price.report import UNPAIRED, shown, title
from pitfalls.price.study import Study

WIDTH, ROW, DPI = 10.0, 0.32, 120
RED, BLUE, GREY = "#b5462f", "#1f6fa8", "#5b6770"
ENDINGS = (".png", ".svg")


def check_ending(path: Path) -> None:
    """Raise SmpbenchError unless a plot can be written into such a file."""
    if path.suffix.lower() not in ENDINGS:
        raise SmpbenchError(f"{path}: a plot is written as {' or '.join(ENDINGS)}")


def draw(of: Study, target: str, path: Path) -> None:
    """Write a PNG or SVG, by the file's ending. Without a display, and without pyplot.

    Raises:
        SmpbenchError: another ending, or no mistake has a price.
        OSError: the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    check_ending(path)
    measures = measures_of(of.ground.posts)
    by_measure = [shown(of, target, one.name) for one in measures]
    if not by_measure or not by_measure[0]:
        raise SmpbenchError("no mistake has a price: nothing to draw")
    rows = by_measure[0]
    figure = Figure(figsize=(WIDTH, ROW * max(len(rows), 4) + 1.5), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, one, found in zip(panels, measures, by_measure, strict=True):
        for place, (_, price) in enumerate(reversed(found)):
            if price.inflation is None:
                continue
            colour = {"inflates": RED, "deflates": BLUE}.get(price.told, GREY)
            if price.low is not None and price.high is not None:
                axes.plot([price.low, price.high], [place, place], color=colour, lw=1.5)
            axes.plot([price.inflation], [place], color=colour, marker="o", ms=4)
        axes.axvline(0, color=GREY, lw=0.8)
        axes.set_ylim(-1, len(found))
        axes.tick_params(axis="x", labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(True, axis="x", color=GREY, alpha=0.2)
        honest = next((price.honest for row, price in found if row.made and row.made.honest is None), None)
        told = "" if honest is None else f"; honest: {honest:.3f}"
        axes.set_xlabel(f"inflation of {measure(one.name).title}{told}", fontsize=8)
    names = [
        f"{row.mistake.title}{'' if row.price and row.price.paired else f' {UNPAIRED}'}" for row, _ in rows
    ]
    panels[0].set_yticks(range(len(rows)), names[::-1], fontsize=7)
    figure.suptitle(
        f"{title(of)}, target {target}\n"
        f"95% intervals; grey: holds 0; {UNPAIRED} other test posts, not paired",
        size=9,
    )
    buffer = io.BytesIO()
    figure.savefig(buffer, format=path.suffix.lower()[1:])
    write_atomically(path, buffer.getvalue())
