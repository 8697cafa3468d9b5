"""Summary: what a board says, a line a data set: the first lines of LEADERBOARD.md."""

from __future__ import annotations

from collections.abc import Sequence

from leaderboard.tables.headline import headlines
from leaderboard.tables.table import Table
from leaderboard.tables.verdict import verdict

MOST = 10
"""Lines."""


def summary(tables: Sequence[Table]) -> str:
    """A Markdown list: the verdict on each data set's first task; and how many are left out, of more."""
    shown = headlines(tables)
    kept = shown if len(shown) <= MOST else shown[: MOST - 1]
    lines = [f"- {verdict(table, markdown=True)}" for table, _ in kept]
    if left := len(shown) - len(kept):
        lines.append(f"- And {left} more data sets, below.")
    return "\n".join(lines) + "\n" if lines else ""
