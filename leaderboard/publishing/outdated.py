"""Outdated: published rows that a checkout would compute otherwise, by a change of code, encoders or card.

They are no differences: what is told of such a row follows from its predictions. But a difference between two
rows of a table may then be one between two states of the code.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import StoreError
from benchmark.run.here import computed_so_here
from leaderboard.publishing.results import row_files
from leaderboard.publishing.row import read_row

if TYPE_CHECKING:
    from benchmark.declared.card import Card


def outdated(folder: Path, cards: Mapping[str, Card], codes: Mapping[str, str]) -> list[str]:
    """A line for each table that has outdated rows: how many, of how many, and of which baselines.

    Args:
        folder: of published results. Rows that cannot be read are left out: `check_published` names them.
        cards: by data set. codes: baseline -> hash of its source. Of rows of others nothing is said.
    """
    rows: Counter[str] = Counter()
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in row_files(folder):
        try:
            told = read_row(path)
        except StoreError:
            continue
        of = told.about
        if of.baseline in codes and of.dataset in cards:
            rows[table := "/".join(of.table)] += 1
            so = (computed_so_here(of, run, cards[of.dataset], codes[of.baseline]) for run in told.runs)
            if False in so:
                found[table].append(of.baseline)
    return [
        f"{table}: {len(names)} of {rows[table]} published rows are outdated, by a change of code, encoders "
        f"or card: {', '.join(sorted(set(names)))}"
        for table, names in found.items()
    ]
