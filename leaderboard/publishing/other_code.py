"""Other code: published rows that the baselines at hand would not give again, or give again otherwise.

They are no differences: what is told of such a row follows from its predictions. But a difference between two
rows of a table may then be one between two states of the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmark.errors import StoreError
from leaderboard.publishing.results import row_files
from leaderboard.publishing.row import read_row


def of_other_code(folder: Path, codes: Mapping[str, str]) -> list[str]:
    """A line for each table that has rows of other code: how many, of how many, and of which baselines.

    Args:
        folder: of published results. Rows that cannot be read are left out: `check_published` names them.
        codes: baseline -> hash of its source, of those at hand. Of others nothing is said.
    """
    rows: dict[str, list[bool]] = {}
    baselines: dict[str, set[str]] = {}
    for path in row_files(folder):
        try:
            told = read_row(path).about
        except StoreError:
            continue
        if told.baseline not in codes:
            continue
        table = "/".join(told.table)
        other = told.code_hash != codes[told.baseline]
        rows.setdefault(table, []).append(other)
        if other:
            baselines.setdefault(table, set()).add(told.baseline)
    return [
        f"{table}: {sum(rows[table])} of {len(rows[table])} published rows were computed by other code than "
        f"is here: {', '.join(sorted(names))}"
        for table, names in baselines.items()
    ]
