"""Merged: the board of the results here and of those that others have published, in one table.

A published row joins the rows here where they are on the same posts: with the labels at hand its intervals
are paired with theirs. Tables that nothing was run on here keep the lines that they were published with.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.errors import StoreError
from leaderboard.publishing.results import read_published
from leaderboard.publishing.seed import labelled
from leaderboard.tables.rows import NAME, Row, identity, read_rows
from leaderboard.tables.scores import COLUMNS, leaderboard, slice_table

CSV = "leaderboard.csv"
RESULTS = "results"
"""Where published rows lie beside a board."""


@dataclass(frozen=True)
class Merged:
    rows: list[Row]
    board: pd.DataFrame
    """`leaderboard.tables.scores.COLUMNS`, as precise as it is written: every page prints from this."""
    slices: pd.DataFrame


def merged(runs: Path, folder: Path) -> Merged:
    """The board of a run store and of the published results in `folder`.

    Raises:
        StoreError: a published row is damaged; or its labels are not here, and the lines of the board that
            lies in `folder` are not those of this row.
    """
    here = read_rows(runs)
    published = joined(here, read_published(folder / RESULTS, [runs]))
    derived = sorted([*here, *(row for row in published if labelled(row))], key=identity)
    elsewhere = [row for row in published if not labelled(row)]
    frames = [leaderboard(derived), *([_carried(folder / CSV, elsewhere)] if elsewhere else [])]
    board = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    rows = sorted([*derived, *elsewhere], key=identity)
    order = {table: place for place, table in enumerate(dict.fromkeys(row.table for row in rows))}
    tables = zip(board["dataset"], board["task"], board["protocol"], strict=True)
    board = board.iloc[np.argsort([order[table] for table in tables], kind="stable")]
    return Merged(rows, read_csv(csv(board)), slice_table(rows))


def joined(here: Sequence[Row], published: Sequence[Row]) -> list[Row]:
    """The published rows that stand beside those here: not run here, and on no older data than these."""
    ours = {identity(row) for row in here}
    posts = {row.table: row.first["truth_key"] for row in here}
    return [
        row
        for row in published
        if identity(row) not in ours
        and posts.get(row.table, row.first["truth_key"]) == row.first["truth_key"]
    ]


def csv(board: pd.DataFrame) -> str:
    """The text of leaderboard.csv or slices.csv."""
    whole_numbers = {name: "Int64" for name in ("rank", "n_train", "n_test") if name in board}
    whole = board.astype(dict.fromkeys(whole_numbers, "float64")).astype(whole_numbers)
    return whole.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def read_csv(text: str) -> pd.DataFrame:
    """What `csv` has written of a board. Empty cells are NaN; the metric of a row without scores is None."""
    board = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    for name in set(board) - _WORDS:
        board[name] = pd.to_numeric(board[name])
    for name in ("crawl", "study"):
        board[name] = board[name] == "True"
    board["metric"] = board["metric"].where(board["metric"] != "", None)
    return board[COLUMNS]


_WORDS = {"dataset", "task", "target", "protocol", "baseline", "variant", "encoders", "crawl", "study"}
_WORDS |= {"metric", "status", "data_fingerprint", "protocol_version", "code_hash"}
_TOLERANCE = 1e-5
"""Relative; leaderboard.csv has six digits."""


def _carried(path: Path, rows: Sequence[Row]) -> pd.DataFrame:
    """The lines that the board in `path` has of these rows, held against what is published of them."""
    mend = "Take both from one revision: git checkout -- leaderboard"
    if not path.is_file():
        raise StoreError(f"{path}: is missing, and the labels of published results are not here. {mend}")
    try:
        board = read_csv(path.read_text(encoding="utf-8"))
    except (ValueError, KeyError) as error:
        raise StoreError(f"{path}: cannot be read as a leaderboard: {error}. {mend}") from None
    lines = dict(iter(board.groupby(NAME, sort=False)))
    for row in rows:
        of_row = lines.get(identity(row))
        if wrong := "it has none" if of_row is None else _contradiction(of_row, row):
            name = "/".join(map(str, identity(row)[:5]))
            raise StoreError(
                f"{path}: its lines of {name} are not those of the published row: {wrong}. {mend}"
            )
    names = {identity(row) for row in rows}
    return board[[name in names for name in board[NAME].itertuples(index=False, name=None)]]


def _contradiction(lines: pd.DataFrame, row: Row) -> str:
    """Where a row's lines are not what was published of it; empty if nowhere."""
    for name in ("code_hash", "data_fingerprint", "protocol_version"):
        if set(lines[name]) != {row.first[name]}:
            return f"another {name.replace('_', ' ')}"
    if set(lines["status"]) != {row.status} or set(lines["seeds"]) != {len(row.seeds)}:
        return f"it was published as {row.status!r}, of {len(row.seeds)} seeds"
    written = {(line.target, line.metric): line for line in lines.itertuples()}
    for one in row.first["intervals"]:
        at = one["target"], one["metric"]
        if at not in written:
            return f"no line of {', '.join(at)}"
        line, score = written[at], row.values(*at).mean()
        for theirs, ours in (
            (line.score, score),
            (line.score_low, one["low"]),
            (line.score_high, one["high"]),
        ):
            if not np.isclose(theirs, np.nan if ours is None else ours, rtol=_TOLERANCE, equal_nan=True):
                return f"{', '.join(at)} is {theirs:g}; it was published as {ours:g}"
    return ""
