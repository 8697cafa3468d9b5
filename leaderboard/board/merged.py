"""Merged: the board of the results here and of those that others have published, in one table.

A published row joins the rows here where they are on the same posts: with the labels at hand its intervals
are paired with theirs. Of tables that nothing was run on here, all is shown as it was published.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import pandas as pd

from benchmark.declared.naming import printable
from benchmark.errors import StoreError
from benchmark.outside.spreadsheet import guarded_table, unguarded
from leaderboard.board.prices import FILE, no_prices, read_prices
from leaderboard.publishing.results import Published, read_published, told_table
from leaderboard.publishing.sound import sound_results
from leaderboard.tables.remembered import Remembered
from leaderboard.tables.rows import Identity, Row, by_table, read_store
from leaderboard.tables.scores import COLUMNS, leaderboard, slice_table
from leaderboard.tables.table import Derived, Table

log = logging.getLogger(__name__)

CSV, SLICES = "leaderboard.csv", "slices.csv"
RESULTS = "results"
"""Where published rows lie beside a published board."""


@dataclass(frozen=True)
class Merged:
    tables: list[Table]
    """In the order of their names; rows within by theirs."""
    folders: Mapping[Identity, Path]
    """Of the rows that are published."""
    left_out: tuple[str, ...] = ()
    """Results that are no part of it, and why, a phrase each."""
    prices: pd.DataFrame = field(default_factory=no_prices)
    """What mistakes are worth: `leaderboard.board.prices.COLUMNS`."""

    @cached_property
    def board(self) -> pd.DataFrame:
        """`leaderboard.tables.scores.COLUMNS`, as precise as it is written: every page prints from this. Made
        when it is asked for: who compares two rows needs no intervals of a thousand others."""
        return read_csv(csv(leaderboard(self.tables)))

    @cached_property
    def slices(self) -> pd.DataFrame:
        return slice_table(self.rows)

    @property
    def rows(self) -> list[Row]:
        return [row for table in self.tables for row in table.rows]

    def table_of(self, row: Row) -> Table:
        return next(table for table in self.tables if row.about.table == table.rows[0].about.table)


def published_board(results: Path) -> Merged:
    """The board of published results alone, the same on every machine; without those that are not sound."""
    sound = sound_results(results)
    left_out = _phrases(sound.left_out.values(), results)
    return _merged([table.told for table in sound.tables], sound.rows, left_out, results.parent)


def merged(runs: Path, results: Path, derived: Path | None = None) -> Merged:
    """The board of a run store and of published results; without those that are damaged.

    Args:
        derived: where what was derived of its tables before is remembered: `leaderboard.tables.remembered`.
            None: all is derived anew.
    """
    table = Derived if derived is None else partial(Remembered, folder=derived)
    stored, sound = read_store(runs), sound_results(results, [runs])
    left_out = [*_phrases(stored.left_out, runs), *_phrases(sound.left_out.values(), results)]
    here, ran = stored.rows, by_table(stored.rows)
    tables: list[Table] = []
    published: list[Published] = []
    for of_table in sound.tables:
        kept = joined(here, of_table.rows)
        if not kept:
            continue
        name = kept[0].told.about.table
        mine = ran.pop(name, [])
        rows = [one.row for one in kept]
        if all(row.labelled for row in rows):
            tables.append(table(sorted([*mine, *rows], key=lambda row: row.name)))
        elif mine:
            left_out.append(
                f"the {len(kept)} published rows of {'/'.join(name)}: its labels are missing, or damaged, "
                "and rows that were run here are paired by them. Run a baseline on it again: smpbench run"
            )
            tables.append(table(mine))
            continue
        else:
            tables.append(of_table.told)
        published += kept
    tables += [table(rows) for rows in ran.values()]
    return _merged(tables, published, left_out, results.parent)


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
    whole_numbers = {
        name: "Int64"
        for name in ("rank", "rank_low", "rank_high", "n_train", "n_test", "clusters")
        if name in board
    }
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
_WORDS |= {"kind", "primary", "reference", "reads", "engine"}


def _tables(published: Sequence[Published]) -> list[list[Published]]:
    found: dict[tuple[str, str, str], list[Published]] = {}
    for one in sorted(published, key=lambda one: one.row.name):
        found.setdefault(one.told.about.table, []).append(one)
    return list(found.values())


def _phrases(reasons: Iterable[str], folder: Path) -> list[str]:
    """Reasons that are the same on every machine: without the folder that the results lie in."""
    return [reason.replace(f"{folder}/", "") for reason in reasons]


def _merged(
    tables: Sequence[Table], published: Sequence[Published], left_out: Sequence[str], beside: Path
) -> Merged:
    """The board of tables, and what was published beside it."""
    ordered = sorted(tables, key=lambda table: table.rows[0].about.table)
    folders = {one.row.name: one.folder for one in published}
    try:
        prices = read_prices(beside / FILE)
    except StoreError as error:  # the board stands without it
        prices, left_out = no_prices(), [*left_out, *_phrases([printable(str(error))], beside)]
        log.warning("%s", left_out[-1])
    return Merged(list(ordered), folders, tuple(left_out), prices)
