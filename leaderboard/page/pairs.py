"""Page pairs: the paired interval of any two rows of a table, by which the page says which is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from benchmark.scores.scoring import brief
from leaderboard.tables.rows import Identity, Row
from leaderboard.tables.table import Table

DIGITS = 4
"""Significant digits of an end: there are tens of thousands."""
TOLERANCE = 2e-3
"""Relative: of what was written with so many digits, perhaps on another machine."""


def page_pairs(tables: Sequence[Table], places: Mapping[Identity, int]) -> list[dict[str, Any]]:
    """One entry a table of two scored rows or more.

    Args:
        places: where the page has each row.

    Returns:
        `rows`: the places of k rows; `ends`: target -> measure -> `low` and `high`, the ends of the 95%
        interval of (score of one - score of the other) for the pairs (0, 1), (0, 2), ..., (k - 2, k - 1);
        None where the measure is undefined. Of the measures by which a task of this kind is looked at.
    """
    found = []
    for table in tables:
        rows = [row for row in table.rows if row.scored]
        if len(rows) > 1:
            ends = {target: _of_target(table, rows, target) for target in rows[0].about.targets}
            found.append({"rows": [places[row.name] for row in rows], "ends": ends})
    return found


def unequal_pairs(
    told: Sequence[Mapping[str, Any]], tables: Sequence[Table], places: Mapping[Identity, int]
) -> list[str]:
    """Tables of which a page tells other paired intervals than their results give: a phrase each.

    Args:
        told: what a page has, as `page_pairs` gives it.
    """
    ours = page_pairs(tables, places)
    theirs = {tuple(entry["rows"]): entry["ends"] for entry in told}
    by_place = {place: name for name, place in places.items()}
    wrong = [one for one in ours if not _close(theirs.get(tuple(one["rows"]), {}), one["ends"])]
    names = ["/".join(by_place[one["rows"][0]][:3]) for one in wrong]
    return [f"its paired intervals of {name} are not those of the results" for name in names]


def _of_target(table: Table, rows: Sequence[Row], target: str) -> dict[str, dict[str, list[float | None]]]:
    shared = set.intersection(*(set(row.measures(target)) for row in rows))
    return {name: _ends(table, rows, target, name) for name in brief(rows[0].about) if name in shared}


def _ends(table: Table, rows: Sequence[Row], target: str, name: str) -> dict[str, list[float | None]]:
    pairs = [table.difference(one, other, target, name) for one, other in combinations(rows, 2)]
    return {"low": [_told(pair.low) for pair in pairs], "high": [_told(pair.high) for pair in pairs]}


def _told(end: float) -> float | None:
    return float(f"{end:.{DIGITS}g}") if np.isfinite(end) else None


def _close(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Are the ends of two entries the same, within what is lost when they are written?"""
    if theirs.keys() != ours.keys() or any(theirs[target].keys() != ours[target].keys() for target in ours):
        return False
    sides = [
        [
            np.array(of[end], np.float64)
            for target in ours
            for of in told[target].values()
            for end in ("low", "high")
        ]
        for told in (theirs, ours)
    ]
    return all(
        one.shape == other.shape and np.allclose(one, other, rtol=TOLERANCE, atol=1e-6, equal_nan=True)
        for one, other in zip(*sides, strict=True)
    )
