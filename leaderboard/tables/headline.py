"""Headline: of each data set, the one table that speaks for it."""

from __future__ import annotations

from collections.abc import Sequence

from leaderboard.tables.finding import Finding, finding
from leaderboard.tables.table import Table

PREFERRED = "rolling"
"""Protocol: what was learnt is renewed while time passes, as whoever predicts would renew it."""


def headlines(tables: Sequence[Table]) -> list[tuple[Table, Finding | None]]:
    """A table a data set, and what it says of its first target; real data first, in the order of the tables.

    It is that of the first task with a ranked row, under the protocol `PREFERRED` where there is one. None
    in place of what is said where no row of the data set is ranked.
    """
    by_dataset: dict[str, list[Table]] = {}
    for table in sorted(tables, key=lambda table: table.rows[0].about.synthetic):
        by_dataset.setdefault(table.rows[0].about.dataset, []).append(table)
    return [_headline(of_dataset) for of_dataset in by_dataset.values()]


def _headline(tables: Sequence[Table]) -> tuple[Table, Finding | None]:
    known = [(table, found) for table in tables if (found := finding(table)) is not None]
    if not known:
        return tables[0], None
    first = known[0][1].about.task
    of_task = [one for one in known if one[1].about.task == first]
    return next((one for one in of_task if one[1].about.protocol == PREFERRED), of_task[0])
