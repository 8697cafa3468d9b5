"""The sides of a comparison, as lines with the columns of the board.

A side that was made of results has its rows besides, from which paired intervals can be had.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.errors import DataError
from leaderboard.publishing.seed import labelled
from leaderboard.tables.rows import NAME

if TYPE_CHECKING:
    from leaderboard.tables.rows import Row

LINE = [*NAME, "target", "metric"]
"""What names a line of a row."""
NUMBERS = ["score", "score_low", "score_high", "n_test"]
VERSIONS = ["status", "data_fingerprint", "protocol_version", "code_hash"]
COLUMNS = [*LINE, *NUMBERS, *VERSIONS, "truth_key"]


@dataclass(frozen=True)
class Side:
    name: str
    lines: pd.DataFrame
    """`COLUMNS`; a row without scores has a line a target, without a metric."""
    rows: Mapping[tuple[Any, ...], Row] = field(default_factory=dict)
    """By the values of `NAME`; empty for a file."""
    references: Mapping[tuple[str, str, str], Row] = field(default_factory=dict)
    """The row that skill is measured against, by table."""

    def replicates(self, row: Row, target: str, metric: str) -> NDArray[np.float64]:
        """float64 [resamples], of a row that `labelled` says has them."""
        return _replicates(row, target, metric, self.references.get(row.table))


def read_board(text: str, name: str) -> Side:
    """A leaderboard.csv as it was written by any version of this project.

    Raises:
        DataError: naming the row, the column and the value that is wrong.
    """
    try:
        board = pd.read_csv(
            io.StringIO(text), dtype=str, keep_default_na=False, usecols=lambda name: name in COLUMNS
        )
    except (ValueError, pd.errors.ParserError) as error:
        raise DataError(f"cannot be read as CSV: {error}", file=name) from None
    needed = [column for column in COLUMNS if column != "truth_key"]
    if missing := [column for column in needed if column not in board]:
        raise DataError(f"is no leaderboard: column '{missing[0]}' is missing", file=name)
    lines = board[needed].copy()
    for column in NUMBERS:
        lines[column] = pd.to_numeric(board[column], errors="coerce")
        _refuse(board, column, (board[column] != "") & ~np.isfinite(lines[column]), "is no number", name)
    truths = board["crawl"].str.lower()
    _refuse(board, "crawl", ~truths.isin(["true", "false"]), "is neither True nor False", name)
    lines["crawl"] = truths == "true"
    _refuse(board, "metric", lines.duplicated(LINE), "the same row, target and metric come twice", name)
    lines["metric"] = lines["metric"].where(lines["metric"] != "")
    return Side(name, lines.assign(truth_key=""))


def with_rows(board: Side, rows: Sequence[Row]) -> Side:
    """The side of a board, with those of its rows whose replicates can be had: so intervals can be paired.

    Args:
        rows: results that may be those of the board; what is of another code, on other data, or of other
            seeds, and so of other scores, is none.
    """
    from leaderboard.tables.rows import identity

    if not rows:
        return board
    told: dict[tuple[Any, ...], dict[tuple[str, str], float]] = {}
    for line in board.lines[board.lines["metric"].notna()].to_dict("records"):
        at = told.setdefault(tuple(line[name] for name in _RESULT), {})
        at[line["target"], line["metric"]] = line["score"]
    mine = [row for row in rows if labelled(row) and _scores_are(row, told.get(_result(row), {}))]
    keys = {identity(row): row.first["truth_key"] for row in mine}
    names = zip(*(board.lines[name] for name in NAME), strict=True)
    lines = board.lines.assign(truth_key=[keys.get(name, "") for name in names])
    return Side(board.name, lines, {identity(row): row for row in mine}, _references(mine))


def side_of_rows(
    name: str,
    rows: Sequence[Row],
    metrics: Sequence[str],
    *,
    beside: Sequence[Row] = (),
    called: Mapping[str, Any] | None = None,
) -> Side:
    """A side of rows.

    Args:
        metrics: those that are asked for; `skill` is none of a stored row, and is derived.
        beside: rows that are no part of the side; the reference may be among them.
        called: columns to be filled otherwise, to hold rows of two names against each other.
    """
    by_name: dict[tuple[Any, ...], Row] = {}
    lines: list[dict[str, Any]] = []
    references = _references([*beside, *rows])
    for row in rows:
        kept = {column: row.first[column] for column in (*NAME, *VERSIONS[1:], "truth_key")}
        told = kept | {"status": row.status, "n_test": row.first.get("n_test", np.nan)} | dict(called or {})
        by_name[tuple(told[column] for column in NAME)] = row
        for target in row.first["targets"]:
            asked = metrics if row.scored else ()
            scored = [_scored(row, target, metric, references.get(row.table)) for metric in asked]
            found = [one for one in scored if one]
            lines += [told | {"target": target} | one for one in found or [{"metric": None}]]
    return Side(name, pd.DataFrame(lines, columns=COLUMNS), by_name, references)


def _references(rows: Sequence[Row]) -> dict[tuple[str, str, str], Row]:
    from leaderboard.tables.rows import REFERENCE

    return {row.table: row for row in rows if row.first["baseline"] == REFERENCE and row.ranked}


_RESULT = (*NAME, "data_fingerprint", "protocol_version", "code_hash")
"""What a line of a board and a result say alike, if the line is of that result."""


def _result(row: Row) -> tuple[Any, ...]:
    return tuple(row.first[name] for name in _RESULT)


def _scores_are(row: Row, told: Mapping[tuple[str, str], float]) -> bool:
    """Are the scores of a row those of a board, to the digits that are written?"""
    names = [(one["target"], one["metric"]) for one in row.first.get("scores", [])]
    return bool(names) and all(
        np.isclose(told.get(name, math.inf), row.values(*name).mean(), rtol=1e-5, atol=1e-12, equal_nan=True)
        for name in names
    )


def _scored(row: Row, target: str, metric: str, reference: Row | None) -> dict[str, Any]:
    of = "mae" if metric == "skill" else metric
    if of not in row.metrics(target) or (metric == "skill" and reference is None):
        return {}
    score = row.values(target, of).mean()
    if metric == "skill":
        assert reference is not None
        base = reference.values(target, "mae").mean()
        if not base > 0:
            return {}
        score = 1 - score / base
    low, high = _interval(row, target, metric, reference)
    return {"metric": metric, "score": score, "score_low": low, "score_high": high}


def _interval(row: Row, target: str, metric: str, reference: Row | None) -> tuple[float, float]:
    """Of a published row without labels, the one that was published: there is none of its skill."""
    from benchmark.scores.bootstrap import interval

    if "intervals" not in row.first or (metric == "skill" and labelled(row)):
        return interval(_replicates(row, target, metric, reference), n_clusters=row.first["clusters"])
    for one in row.first["intervals"]:
        if (one["target"], one["metric"]) == (target, metric) and one["low"] is not None:
            return one["low"], one["high"]
    return np.nan, np.nan


def _replicates(row: Row, target: str, metric: str, reference: Row | None) -> NDArray[np.float64]:
    if metric != "skill":
        return row.replicates(target, metric)
    assert reference is not None
    return 1 - row.replicates(target, "mae") / reference.replicates(target, "mae")


def _refuse(board: pd.DataFrame, column: str, wrong: pd.Series, problem: str, name: str) -> None:
    if wrong.any():
        i = int(np.flatnonzero(wrong)[0])
        raise DataError(problem, file=name, row=i + 2, column=column, value=board[column].iloc[i])
