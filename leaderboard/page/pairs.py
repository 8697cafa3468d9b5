"""Page pairs: the paired interval of any two rows of a table, by which the page says which is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaderboard.publishing.seed import labelled
from leaderboard.tables.paired import paired_interval
from leaderboard.tables.rows import Row, identity

METRICS = ("mae", "spearman")
"""Of which the page has the intervals of pairs: one of errors, one of order."""
DIGITS = 4
"""Significant digits of an end: there are tens of thousands."""
TOLERANCE = 2e-3
"""Relative: of what was written with so many digits, perhaps on another machine."""


def page_pairs(rows: Sequence[Row], places: Mapping[tuple[Any, ...], int]) -> list[dict[str, Any]]:
    """One entry a table of which labels are here.

    Args:
        places: where the page has each row, by the values of `NAME`.

    Returns:
        `rows`: the places of k rows; `ends`: target -> metric -> [lows, highs], the ends of the 95% interval
        of (score of one - score of the other) for the pairs (0, 1), (0, 2), ..., (k - 2, k - 1); None where
        the metric is undefined.
    """
    found = []
    for table in dict.fromkeys(row.table for row in rows):
        of_table = [row for row in rows if row.table == table and row.scored and labelled(row)]
        if len(of_table) > 1:
            ends = {target: _of_target(of_table, target) for target in of_table[0].first["targets"]}
            found.append({"rows": [places[identity(row)] for row in of_table], "ends": ends})
    return found


def unequal_pairs(
    told: Sequence[Mapping[str, Any]], rows: Sequence[Row], places: Mapping[tuple[Any, ...], int]
) -> list[str]:
    """Tables of which a page tells other paired intervals than their results give: a phrase each.

    Args:
        told: what a page has, as `page_pairs` gives it.
    """
    ours = page_pairs(rows, places)
    theirs = {tuple(entry["rows"]): entry["ends"] for entry in told}
    by_place = {place: name for name, place in places.items()}
    wrong = [one for one in ours if not _close(theirs.get(tuple(one["rows"]), {}), one["ends"])]
    tables = ["/".join(by_place[one["rows"][0]][:3]) for one in wrong]
    return [f"its paired intervals of {table} are not those of the results" for table in tables]


def moved_pairs(entry: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any] | None:
    """An entry of another page as it stands on this one; None if fewer than two of its rows do.

    Args:
        places: place there -> place here, of the rows that both have.
    """
    kept = [i for i, place in enumerate(entry["rows"]) if place in places]
    if len(kept) < 2:
        return None
    at = {pair: i for i, pair in enumerate(combinations(range(len(entry["rows"])), 2))}
    chosen = [at[pair] for pair in combinations(kept, 2)]

    def moved(sides: Sequence[Sequence[float | None]]) -> list[list[float | None]]:
        return [[side[i] for i in chosen] for side in sides]

    ends = {
        target: {metric: moved(sides) for metric, sides in of_target.items()}
        for target, of_target in entry["ends"].items()
    }
    return {"rows": [places[entry["rows"][i]] for i in kept], "ends": ends}


def _of_target(rows: Sequence[Row], target: str) -> dict[str, list[list[float | None]]]:
    shared = [metric for metric in METRICS if all(metric in row.metrics(target) for row in rows)]
    return {metric: _ends([row.replicates(target, metric) for row in rows], rows[0]) for metric in shared}


def _ends(replicates: Sequence[NDArray[np.float64]], row: Row) -> list[list[float | None]]:
    lows, highs = [], []
    for one, other in combinations(replicates, 2):
        low, high, _ = paired_interval(one, other, row.first["clusters"])
        lows.append(_told(low))
        highs.append(_told(high))
    return [lows, highs]


def _told(end: float) -> float | None:
    return float(f"{end:.{DIGITS}g}") if np.isfinite(end) else None


def _close(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Are the ends of two entries the same, within what is lost when they are written?"""
    if theirs.keys() != ours.keys() or any(theirs[target].keys() != ours[target].keys() for target in ours):
        return False
    numbers = [
        [np.array(told[target][metric], np.float64) for target in ours for metric in ours[target]]
        for told in (theirs, ours)
    ]
    return all(
        one.shape == other.shape and np.allclose(one, other, rtol=TOLERANCE, atol=1e-6, equal_nan=True)
        for one, other in zip(*numbers, strict=True)
    )
