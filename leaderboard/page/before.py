"""Page before: what an older page shows of results whose labels, or whose runs, are on another machine.

A page is written where the older one lies. Whoever runs two data sets, or none, would else take the pictures
of all published rows off it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from leaderboard.page.pairs import moved_pairs
from leaderboard.tables.rows import NAME

RESULT = [*NAME, "code", "data", "version", "created", "seeds"]
"""What two pages must say alike of a row for it to be the same result."""
DRAWN = ("against", "calibration")
"""Of a row, what takes its labels to draw."""


def embedded(text: str) -> dict[str, Any]:
    """The data of a page.

    Raises:
        ValueError: it has none that can be read.
    """
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    told = json.loads(found[1] if found else "")
    if not (isinstance(told, dict) and all(isinstance(row, dict) for row in told.get("rows", [None]))):
        raise ValueError("its data have no rows")
    return told


class Before:
    """An older page; one that is not there, or cannot be read, shows nothing."""

    def __init__(self, text: str = "") -> None:
        try:
            told = embedded(text)
        except ValueError:
            told = {}
        self.rows = {_result(row): (place, row) for place, row in enumerate(told.get("rows", []))}
        self.pairs_of_tables: list[dict[str, Any]] = told.get("pairs", [])

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What it says of the same result; empty if it has another, or none."""
        return self.rows.get(_result(row), (0, {}))[1]

    def pairs(self, rows: Sequence[Mapping[str, Any]], known: set[int]) -> list[dict[str, Any]]:
        """Intervals of pairs of rows, as `page_pairs` has them.

        Args:
            rows: all of the new page. known: places of those whose pairs it has.
        """
        places = {
            self.rows[_result(row)][0]: place
            for place, row in enumerate(rows)
            if place not in known and _result(row) in self.rows
        }
        moved = [moved_pairs(entry, places) for entry in self.pairs_of_tables]
        return [entry for entry in moved if entry]


def _result(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in RESULT)
