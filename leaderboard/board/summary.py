"""Summary: what a board says, a line a data set: the first lines of LEADERBOARD.md."""

from __future__ import annotations

from collections.abc import Sequence

from leaderboard.tables.headline import PREFERRED, headlines
from leaderboard.tables.table import Table
from leaderboard.tables.verdict import verdict

LEAD = f"In short, by each data set's first task, as `{PREFERRED}` tests it where there is such a test:\n"
MOST = 10
"""Lines of the list."""


def summary(tables: Sequence[Table]) -> str:
    """A Markdown list below a lead: the verdict on each data set, and how many are left out."""
    shown = headlines(tables)
    kept = shown if len(shown) <= MOST else shown[: MOST - 1]
    lines = [f"- {verdict(table, markdown=True)}" for table, _ in kept]
    if left := len(shown) - len(kept):
        lines.append(f"- And {left} more data sets, below.")
    return "\n".join([LEAD, *lines]) + "\n" if lines else ""
