"""Page pairs: the paired interval of any two rows of a table, by which the page says which is better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from benchmark.scores.measures import MEASURES
from leaderboard.tables.rows import Identity, Row
from leaderboard.tables.skill import SKILL, sign
from leaderboard.tables.table import Table

RANKING = [name for name in (*MEASURES, SKILL) if sign(name)]
"""Measures of which one end is better."""
PARTS = 10_000
"""Ends are told as integers, in so many parts of 1: there are hundreds of thousands, and a page shows three
decimals."""
TOLERANCE = 1
"""Parts: of what was derived on another machine perhaps."""


def page_pairs(tables: Sequence[Table], places: Mapping[Identity, int]) -> list[dict[str, Any]]:
    """One entry a table of two scored rows or more; where a study has rows, one more with them as well.

    Args:
        places: where the page has each row.

    Returns:
        `rows`: the places of k rows; `ends`: target -> measure -> `low` and `high`, in `PARTS`: the ends of
        the 95% interval of (score of one - score of the other) for the pairs (0, 1), ..., (k - 2, k - 1);
        None where the measure is undefined. Of every measure that ranks; of a study's rows, which are many,
        of the one that ranks them.
    """
    found = []
    for table in tables:
        scored = [row for row in table.rows if row.scored]
        without_study = [row for row in scored if not row.about.study]
        for rows in (without_study, scored if len(scored) > len(without_study) else []):
            if len(rows) < 2:
                continue
            names = RANKING if rows is without_study else [rows[0].about.primary]
            ends = {target: _of_target(table, rows, target, names) for target in rows[0].about.targets}
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


def in_parts(end: float) -> int | None:
    """Never 0 where an end is not: on which side of it the end lies is what decides."""
    if not np.isfinite(end):
        return None
    return round(end * PARTS) or int(np.sign(end))


def _of_target(
    table: Table, rows: Sequence[Row], target: str, names: Sequence[str]
) -> dict[str, dict[str, list[int | None]]]:
    """Of the measures that two of these rows have, or more."""
    known = {row.name: set(table.measures(row, target)) for row in rows}
    counted = Counter(name for of_row in known.values() for name in of_row)
    return {name: _ends(table, rows, target, name, known) for name in names if counted[name] > 1}


def _ends(
    table: Table, rows: Sequence[Row], target: str, name: str, known: Mapping[Identity, set[str]]
) -> dict[str, list[int | None]]:
    pairs = [
        table.difference(one, other, target, name)
        if name in known[one.name] and name in known[other.name]
        else None
        for one, other in combinations(rows, 2)
    ]
    return {
        "low": [None if pair is None else in_parts(pair.low) for pair in pairs],
        "high": [None if pair is None else in_parts(pair.high) for pair in pairs],
    }


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
        one.shape == other.shape and np.allclose(one, other, rtol=0, atol=TOLERANCE, equal_nan=True)
        for one, other in zip(*sides, strict=True)
    )
