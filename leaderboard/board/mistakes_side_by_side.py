"""Mistakes side by side: those that decide a score, a line a target, for the page that tells what each is
worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from benchmark.scores.measures import measure
from leaderboard.board.mistakes import apart, named
from leaderboard.board.prices import HONEST, MEASURED, RUN
from leaderboard.tables.marked import code, marked

DECIDES = 0.1
"""A mistake that moves a score of some data set by as much, for certain, has a column."""

Line = Mapping[str, Any]
Study = dict[str, Line]
"""Of one target: mistake -> what it was measured to be worth."""


def side_by_side(prices: pd.DataFrame) -> str:
    """A line a target: its honest score, by its study's first measure, and by how much each mistake that
    decides moves it; below, what the others come to at most. Empty where none was measured."""
    measured = prices[(prices["status"] == MEASURED) & prices["inflation"].notna()]
    studies = [study for _, lines in measured.groupby(RUN, sort=False) for study in _by_target(lines)]
    if not studies:
        return ""
    titles = {name: marked(str(line["title"])) for study in studies for name, line in study.items()}
    most = {name: _most(name, studies) for name in titles}
    ordered = sorted(titles, key=lambda name: -most[name])
    deciding = [name for name in ordered if any(_decides(study[name]) for study in studies if name in study)]
    heads = ["", "honest", *(titles[name] + _unpaired(name, studies) for name in deciding)]
    text = [heads, [":--", *("--:" for _ in heads[1:])]]
    text += [[*_begin(study), *(_worth(study.get(name)) for name in deciding)] for study in studies]
    table = "\n".join(f"| {' | '.join(line)} |" for line in text) + "\n"
    rest = [f"{titles[name]}, by {most[name]:.3f}" for name in ordered if name not in deciding]
    others = (
        f"\nNo other moves a score by {DECIDES} for certain; at most: {'; '.join(rest)}.\n" if rest else ""
    )
    return table + others


def _by_target(lines: pd.DataFrame) -> list[Study]:
    """By the first measure: others of the same scores would say the same twice."""
    first = lines[lines["measure"] == lines["measure"].iloc[0]]
    return [
        {str(line["mistake"]): line for line in of_target.to_dict("records")}
        for _, of_target in first.groupby("target", sort=False)
    ]


def _begin(study: Study) -> list[str]:
    """What was asked, and the honest score; of a study that has none, none."""
    lines = list(study.values())
    honest = [line["honest"] for line in lines if line["against"] == HONEST]
    one = lines[0]
    what = f"{marked(str(one['target']))}, {one['protocol']}, {named(one['baseline'], one['variant'])}"
    score = f"{honest[0]:.3f}<br>{measure(one['measure']).title}" if honest else ""
    return [f"{code(str(one['dataset']))}<br>{what}", score]


def _most(name: str, studies: list[Study]) -> float:
    return max(abs(float(study[name]["inflation"])) for study in studies if name in study)


def _decides(line: Line) -> bool:
    return abs(line["inflation"]) >= DECIDES and bool(apart(line))


def _unpaired(name: str, studies: list[Study]) -> str:
    return "" if all(study[name]["paired"] for study in studies if name in study) else " †"


def _worth(line: Line | None) -> str:
    if line is None:
        return "–"
    ends = "" if pd.isna(line["low"]) else f"<br>[{line['low']:+.3f}, {line['high']:+.3f}]{apart(line)}"
    return f"{line['inflation']:+.3f}{ends}"
