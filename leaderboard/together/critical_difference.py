"""Critical difference: which mean ranks are too near to be told apart, and the diagram that shows it.

The test is that of Nemenyi after one of Friedman (Demšar, Journal of Machine Learning Research, 2006, section
3.2.2). The alternative, Wilcoxon's signed-rank test of each pair with Holm's correction (Ismail Fawaz et al.,
Data Mining and Knowledge Discovery, 2019), cannot reject anything on few tasks: over 8 of them its smallest
p-value is 2 / 2^8, and 19 rows make 171 pairs to correct for. What Nemenyi's test costs: whether two rows are
told apart depends on which other rows are there (Benavoli, Corani & Mangili, JMLR, 2016).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

LEVEL = 0.05
"""Significance level of both tests."""


@dataclass(frozen=True, eq=False)
class CriticalDifference:
    """What the two tests say about some rows over some tasks."""

    mean_ranks: pd.Series
    """float64 [rows], 1 is best; index: names, best first."""
    tasks: int
    difference: float
    """Mean ranks at least so far apart are told apart; in ranks."""
    friedman: float
    """p-value of the hypothesis that all rows are equal; NaN where it is undefined (2 rows, or 1 task)."""

    @property
    def groups(self) -> list[tuple[int, int]]:
        """(first, last) of each longest run of rows that cannot be told apart, as places from 0.

        Where Friedman's test does not tell the rows apart, no pair is looked at: all are one group.
        """
        return runs(self.mean_ranks.to_list(), math.inf if self.friedman > LEVEL else self.difference)

    @property
    def sentence(self) -> str:
        """The finding in words."""
        rows = len(self.mean_ranks)
        found = (
            f"Critical difference: {self.difference:.1f} mean ranks, with {rows} rows over {self.tasks} "
            f"{'data set' if self.tasks == 1 else 'data sets'} (Nemenyi, α = {LEVEL:g}"
        )
        found += ")." if math.isnan(self.friedman) else f"; Friedman: p = {self.friedman:.2g})."
        if self.groups == [(0, rows - 1)]:
            return f"{found} No two rows are told apart."
        if self.difference > (rows - 1) / 2:
            return f"{found} That is more than half of the scale: few rows are told apart."
        return found


def critical_difference(ranks: pd.DataFrame) -> CriticalDifference:
    """Test ranks [tasks, rows], 1 is best; a task's ranks may be means over its targets.

    Raises:
        ValueError: fewer than two rows, no task, or a rank that is missing.
    """
    tasks, rows = ranks.shape
    if rows < 2 or not tasks or ranks.isna().to_numpy().any():
        raise ValueError(f"ranks {ranks.shape} must be of one task or more and of two rows or more, none NaN")
    means = ranks.mean().sort_index().sort_values(kind="stable")
    return CriticalDifference(means, tasks, nemenyi(rows, tasks), _friedman(ranks))


def nemenyi(rows: int, tasks: int, level: float = LEVEL) -> float:
    """The critical difference of mean ranks, q · sqrt(k (k + 1) / 6N) (Demšar 2006, section 3.2.2)."""
    from scipy.stats import studentized_range

    q = float(studentized_range.ppf(1 - level, rows, np.inf)) / math.sqrt(2)
    return q * math.sqrt(rows * (rows + 1) / (6 * tasks))


def runs(ascending: Sequence[float], difference: float) -> list[tuple[int, int]]:
    """(first, last) of each run of two or more values that lie less than `difference` apart and is part of
    no longer one."""
    found: list[tuple[int, int]] = []
    for first, value in enumerate(ascending):
        last = max(place for place, other in enumerate(ascending) if other - value < difference)
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return found


FONT, LINE, CHARACTER = 12, 18, 6.7
"""Size of the letters, distance of two rows, and a generous width of a letter; in pixels."""
SCALE, TOP, GUTTER = 120.0, 44.0, 8.0
"""Width of the scale, height above the first row, width of a bar with its space; in pixels."""


def diagram(found: CriticalDifference) -> str:
    """The diagram as an SVG element, to be put inside a page.

    Demšar's figure 1 turned by a quarter: the names stand under each other, so that a phone is wide enough.
    Rows from best to worst, a dot at each mean rank, and upright bars that join rows which cannot be told
    apart. All is drawn in `currentColor`, so that it follows a page into the dark.
    """
    ranks = found.mean_ranks
    names = CHARACTER * max(len(str(name)) for name in ranks.index)
    left = names + 40
    columns = _columns(found.groups)
    right = left + SCALE + 14
    width = math.ceil(right + GUTTER * max(columns, default=-1) + 12)
    height = math.ceil(TOP + LINE * len(ranks))

    def x(rank: float) -> float:
        return left + SCALE * (rank - 1) / (len(ranks) - 1)

    parts = _scale(found, x(1), x(len(ranks)))
    for place, (name, rank) in enumerate(ranks.items()):
        y = TOP + LINE * (place + 0.5)
        parts += [
            _text(names, y + 4, str(name), "end"),
            _text(names + 34, y + 4, f"{rank:.1f}", "end"),
            _line(left, y, x(rank), y, 'stroke-opacity="0.3"'),
            f'<circle cx="{x(rank):.1f}" cy="{y:.1f}" r="3.5" fill="currentColor"/>',
        ]
    for (first, last), column in zip(found.groups, columns, strict=True):
        at = right + GUTTER * column
        ends = TOP + LINE * (first + 0.5) - 4, TOP + LINE * (last + 0.5) + 4
        parts.append(_line(at, ends[0], at, ends[1], 'stroke-width="3" stroke-linecap="round"'))
    return _svg(width, height, "Critical-difference diagram", _described(found), parts)


def _friedman(ranks: pd.DataFrame) -> float:
    from scipy.stats import friedmanchisquare

    tasks, rows = ranks.shape
    if rows < 3 or tasks < 2:
        return math.nan
    if (ranks.max(axis=1) == ranks.min(axis=1)).all():
        return 1.0  # every row ties on every task: the statistic is 0 / 0
    return float(friedmanchisquare(*(ranks[name].to_numpy() for name in ranks)).pvalue)


def _columns(groups: Sequence[tuple[int, int]]) -> list[int]:
    """The first free place in the gutter for each bar; bars in one place do not touch."""
    ends: list[int] = []
    taken = []
    for first, last in groups:
        column = next((number for number, end in enumerate(ends) if end < first), len(ends))
        ends[column : column + 1] = [last]
        taken.append(column)
    return taken


def _scale(found: CriticalDifference, start: float, end: float) -> list[str]:
    """The axis with its ends named, and above it the critical difference to the same scale."""
    rows = len(found.mean_ranks)
    shown = min(found.difference / (rows - 1), 1.0)
    told = f"critical difference {found.difference:.1f}"
    if shown == 1:
        told += ", the whole scale or more"
    bar = end - (end - start) * shown
    return [
        _text(end, FONT, told, "end"),
        _line(bar, 18, end, 18, 'stroke-width="3"'),
        _text(start, 38, "1", "middle"),
        _text(end, 38, str(rows), "middle"),
        _text((start + end) / 2, 38, "mean rank", "middle"),
        _line(start, TOP - 2, end, TOP - 2),
    ]


def _described(found: CriticalDifference) -> str:
    names = [str(name) for name in found.mean_ranks.index]
    ranks = ", ".join(f"{name} {rank:.1f}" for name, rank in zip(names, found.mean_ranks, strict=True))
    joined = "; ".join(f"{names[first]} to {names[last]}" for first, last in found.groups) or "none"
    return f"{found.sentence} Mean ranks, best first: {ranks}. Runs that cannot be told apart: {joined}."


def _svg(width: int, height: int, title: str, described: str, parts: Sequence[str]) -> str:
    """The ids derive from the contents: a page may hold several diagrams."""
    name = "cd-" + hashlib.sha256("".join([described, *parts]).encode()).hexdigest()[:12]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" style="max-width:100%;height:auto" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="system-ui, sans-serif" '
        f'font-size="{FONT}" fill="currentColor" stroke="none">'
    )
    words = [
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-desc">{escape(described)}</desc>',
    ]
    return "\n".join([head, *words, *parts, "</svg>"]) + "\n"


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, style: str = "") -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="currentColor"{" " if style else ""}{style}/>'
