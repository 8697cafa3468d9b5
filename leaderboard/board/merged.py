"""Merged: the board of the results here and of those that others have published, in one table.

A published row joins the rows here where they are on the same posts: with the labels at hand its intervals
are paired with theirs. Of tables that nothing was run on here, all is shown as it was published.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmark.errors import StoreError
from benchmark.spreadsheet import guarded_table, unguarded
from leaderboard.publishing.results import Published, read_published, told_table
from leaderboard.tables.rows import Identity, Row, by_table, read_rows
from leaderboard.tables.scores import COLUMNS, leaderboard, slice_table
from leaderboard.tables.table import Derived, Table

CSV, SLICES = "leaderboard.csv", "slices.csv"
RESULTS = "results"
"""Where published rows lie beside a published board."""


@dataclass(frozen=True)
class Merged:
    tables: list[Table]
    """In the order of their names; rows within by theirs."""
    board: pd.DataFrame
    """`leaderboard.tables.scores.COLUMNS`, as precise as it is written: every page prints from this."""
    slices: pd.DataFrame
    folders: Mapping[Identity, Path]
    """Of the rows that are published."""

    @property
    def rows(self) -> list[Row]:
        return [row for table in self.tables for row in table.rows]

    def table_of(self, row: Row) -> Table:
        return next(table for table in self.tables if row.about.table == table.rows[0].about.table)


def published_board(results: Path) -> Merged:
    """The board of published results alone, the same on every machine.

    Raises:
        StoreError: what is published is damaged.
    """
    published = read_published(results)
    return _merged([told_table(of_table) for of_table in _tables(published)], published)


def merged(runs: Path, results: Path) -> Merged:
    """The board of a run store and of published results.

    Raises:
        StoreError: a published row is damaged, or a table that rows were run on here has lost its labels.
    """
    here = read_rows(runs)
    published = joined(here, read_published(results, [runs]))
    ran = by_table(here)
    tables: list[Table] = []
    for of_table in _tables(published):
        rows = [one.row for one in of_table]
        mine = ran.pop(rows[0].about.table, [])
        if all(row.labelled for row in rows):
            tables.append(Derived(sorted([*mine, *rows], key=lambda row: row.name)))
        elif mine:
            name = "/".join(rows[0].about.table)
            raise StoreError(
                f"{runs}: the labels of {name} are missing. Run a baseline on it again: smpbench run"
            )
        else:
            tables.append(told_table(of_table))
    tables += [Derived(rows) for rows in ran.values()]
    return _merged(tables, published)


def tables_of(results: Path, runs: Sequence[Path]) -> list[Table]:
    """Published tables, derived anew where a run store has their labels.

    Raises:
        StoreError: what is published is damaged.
    """
    return [
        Derived([one.row for one in of_table])
        if all(one.row.labelled for one in of_table)
        else told_table(of_table)
        for of_table in _tables(read_published(results, runs))
    ]


def joined(here: Sequence[Row], published: Sequence[Published]) -> list[Published]:
    """The published rows that stand beside those here: not run here, and on no older data than these."""
    ours = {row.name for row in here}
    posts = {row.about.table: row.about.truth_key for row in here}
    return [
        one
        for one in published
        if one.row.name not in ours
        and posts.get(one.told.about.table, one.told.about.truth_key) == one.told.about.truth_key
    ]


def csv(board: pd.DataFrame) -> str:
    """The text of leaderboard.csv or slices.csv."""
    whole_numbers = {name: "Int64" for name in ("rank", "n_train", "n_test") if name in board}
    whole = board.astype(dict.fromkeys(whole_numbers, "float64")).astype(whole_numbers)
    return guarded_table(whole).to_csv(index=False, float_format="%.6g", lineterminator="\n")


def read_csv(text: str) -> pd.DataFrame:
    """What `csv` has written of a board. Empty cells are NaN; the measure of a row without scores is None."""
    # Python's own words: the cells of an Arrow column take ten times as long to look at one by one.
    board = pd.read_csv(io.StringIO(text), dtype=object, keep_default_na=False)
    for name in board:
        cells = board[name]
        board[name] = cells.map(unguarded) if name in _WORDS else pd.to_numeric(cells)
    for name in ("crawl", "study"):
        board[name] = board[name] == "True"
    board["measure"] = board["measure"].where(board["measure"] != "", None)
    return board[COLUMNS]


_WORDS = {"dataset", "task", "target", "protocol", "baseline", "variant", "profile", "crawl", "study"}
_WORDS |= {"measure", "status", "data_fingerprint", "protocol_version", "code_hash"}
_WORDS |= {"kind", "primary", "reference"}


def _tables(published: Sequence[Published]) -> list[list[Published]]:
    found: dict[tuple[str, str, str], list[Published]] = {}
    for one in sorted(published, key=lambda one: one.row.name):
        found.setdefault(one.told.about.table, []).append(one)
    return list(found.values())


def _merged(tables: Sequence[Table], published: Sequence[Published]) -> Merged:
    ordered = sorted(tables, key=lambda table: table.rows[0].about.table)
    rows = [row for table in ordered for row in table.rows]
    folders = {one.row.name: one.folder for one in published}
    return Merged(list(ordered), read_csv(csv(leaderboard(ordered))), slice_table(rows), folders)
