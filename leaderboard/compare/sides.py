"""The sides of a comparison, as lines with the columns of the board.

A side that was made of results has its rows besides, from which paired intervals can be had.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmark.declared.task import MARGIN
from benchmark.errors import DataError
from benchmark.outside.spreadsheet import unguarded
from benchmark.scores.kinds.regression import REGRESSION
from leaderboard.tables.rows import NAME

if TYPE_CHECKING:
    from leaderboard.tables.rows import Row
    from leaderboard.tables.table import Table

LINE = [*NAME, "target", "measure"]
"""What names a line of a row."""
NUMBERS = ["score", "score_low", "score_high", "n_test"]
WORDLESS = [*NUMBERS, "margin"]
VERSIONS = ["status", "data_fingerprint", "protocol_version", "code_hash"]
COLUMNS = [*LINE, *NUMBERS, *VERSIONS, "primary", "reference", "margin", "truth_key"]
FORMERLY = {"metric": "measure", "encoders": "profile"}
"""Names of columns in boards of older revisions."""


@dataclass(frozen=True)
class Side:
    name: str
    lines: pd.DataFrame
    """`COLUMNS`; a row without scores has a line a target, without a measure."""
    rows: Mapping[tuple[Any, ...], Row] = field(default_factory=dict)
    """By the values of `NAME`; empty for a file."""
    tables: Sequence[Table] = ()
    """Those that the rows are of."""

    def of_data_sets(self, names: Collection[str]) -> Side:
        """What it says of these data sets alone."""
        lines = self.lines[self.lines["dataset"].isin(list(names))]
        return Side(self.name, lines, self.rows, self.tables)

    def table_of(self, row: Row) -> Table:
        return next(table for table in self.tables if any(one is row for one in table.rows))


def read_board(text: str, name: str) -> Side:
    """A leaderboard.csv as it was written by any version of this project.

    Raises:
        DataError: naming the row, the column and the value that is wrong.
    """
    try:
        board = pd.read_csv(
            io.StringIO(text),
            dtype=str,
            keep_default_na=False,
            usecols=lambda name: FORMERLY.get(name, name) in COLUMNS,
        ).rename(columns=FORMERLY)
    except (ValueError, pd.errors.ParserError) as error:
        raise DataError(f"cannot be read as CSV: {error}", file=name) from None
    if "primary" not in board:  # a revision of before there were other kinds of task
        board["primary"] = REGRESSION.primary
    if "reference" not in board:
        board["reference"] = REGRESSION.reference
    if "margin" not in board:
        board["margin"] = str(MARGIN)
    needed = [column for column in COLUMNS if column != "truth_key"]
    if missing := [column for column in needed if column not in board]:
        raise DataError(f"is no leaderboard: column '{missing[0]}' is missing", file=name)
    lines = board[needed].copy()
    for column in set(needed) - {*WORDLESS, "crawl"}:
        lines[column] = lines[column].map(unguarded)
    for column in WORDLESS:
        lines[column] = pd.to_numeric(board[column], errors="coerce")
        _refuse(board, column, (board[column] != "") & ~np.isfinite(lines[column]), "is no number", name)
    lines["margin"] = lines["margin"].fillna(MARGIN)
    _refuse(board, "margin", ~lines["margin"].between(0, 1, inclusive="left"), "is no share", name)
    truths = board["crawl"].str.lower()
    _refuse(board, "crawl", ~truths.isin(["true", "false"]), "is neither True nor False", name)
    lines["crawl"] = truths == "true"
    _refuse(board, "measure", lines.duplicated(LINE), "the same row, target and measure come twice", name)
    lines["measure"] = lines["measure"].where(lines["measure"] != "")
    return Side(name, lines.assign(truth_key=""))


def with_rows(board: Side, tables: Sequence[Table]) -> Side:
    """The side of a board, with those of its rows whose intervals can be had: so differences can be paired.

    Args:
        tables: of results that may be those of the board; what is of another code, on other data, or of other
            seeds, and so of other scores, is none.
    """
    told: dict[tuple[Any, ...], dict[tuple[str, str], float]] = {}
    for line in board.lines[board.lines["measure"].notna()].to_dict("records"):
        at = told.setdefault(tuple(line[name] for name in (*NAME, *_SAME)), {})
        at[line["target"], line["measure"]] = line["score"]
    rows = [row for table in tables for row in table.rows if _scores_are(row, told.get(_result(row), {}))]
    if not rows:
        return board
    keys = {row.name: row.about.truth_key for row in rows}
    names = zip(*(board.lines[name] for name in NAME), strict=True)
    lines = board.lines.assign(truth_key=[keys.get(name, "") for name in names])
    return Side(board.name, lines, {row.name: row for row in rows}, tables)


def side_of_rows(
    name: str,
    rows: Sequence[Row],
    tables: Sequence[Table],
    measures: Sequence[str] | None,
    *,
    called: Mapping[str, Any] | None = None,
) -> Side:
    """A side of rows.

    Args:
        tables: those that the rows are of; other rows of them are no part of the side, but the reference may
            be among them.
        measures: those that are asked for; None for each task's primary one.
        called: columns to be filled otherwise, to hold rows of two names against each other.
    """
    by_name: dict[tuple[Any, ...], Row] = {}
    lines: list[dict[str, Any]] = []
    side = Side(name, pd.DataFrame(), by_name, tables)
    for row in rows:
        of = row.about
        kept = {
            column: getattr(of, column)
            for column in (*NAME, *VERSIONS[1:], "truth_key", "primary", "reference", "margin")
        }
        n_test = np.nan if row.run.n_test is None else row.run.n_test
        told = kept | {"status": row.status, "n_test": n_test} | dict(called or {})
        by_name[tuple(told[column] for column in NAME)] = row
        table = side.table_of(row)
        for target in of.targets:
            asked = (measures or [of.primary]) if row.scored else ()
            found = [one for one in asked if one in table.measures(row, target)] if row.scored else []
            scored = [_scored(table, row, target, one) for one in found]
            lines += [told | {"target": target} | one for one in scored or [{"measure": None}]]
    return Side(name, pd.DataFrame(lines, columns=COLUMNS), by_name, tables)


_SAME = ("data_fingerprint", "protocol_version", "code_hash")
"""What a line of a board and a result say alike, beside their name, if the line is of that result."""


def _result(row: Row) -> tuple[Any, ...]:
    return (*row.name, *(getattr(row.about, name) for name in _SAME))


def _scores_are(row: Row, told: Mapping[tuple[str, str], float]) -> bool:
    """Are the scores of a row those of a board, to the digits that are written?"""
    names = [(one.target, one.measure) for one in row.run.scores]
    return bool(names) and all(
        np.isclose(told.get(name, np.inf), row.values(*name).mean(), rtol=1e-5, atol=1e-12, equal_nan=True)
        for name in names
    )


def _scored(table: Table, row: Row, target: str, name: str) -> dict[str, Any]:
    low, high = table.interval(row, target, name)
    return {"measure": name, "score": table.score(row, target, name), "score_low": low, "score_high": high}


def _refuse(board: pd.DataFrame, column: str, wrong: pd.Series, problem: str, name: str) -> None:
    if wrong.any():
        i = int(np.flatnonzero(wrong)[0])
        raise DataError(problem, file=name, row=i + 2, column=column, value=board[column].iloc[i])
