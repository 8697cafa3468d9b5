"""Any table of posts (CSV and its kin, Parquet, JSON), described by the card alone.

Each column and target of the card is taken from where its `source` points, or from a column of its own name;
`[table]` says how the files lie. Nothing is guessed but the delimiter, the encoding and what separates tags,
and each guess is in the report.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.card import Card, Column
from benchmark.errors import listed
from benchmark.layout import TableLayout
from benchmark.readers import columns
from benchmark.readers.joined import Joined
from benchmark.readers.paths import raw_files
from benchmark.readers.raw import FILE, ROW, Origin, Raw, ReadReport
from benchmark.readers.readings import READ_AT, one_row_a_post
from benchmark.readers.rows import Rows, read_rows
from benchmark.readers.typed import typed_column, typed_target
from benchmark.split import DAY_MS


def read(card: Card, folder: Path) -> Raw:
    """The posts of one file, or of several one after the other.

    Raises:
        DataError: no file is there, a declared column is not in a file (with the nearest that is), or a value
            does not read as its role demands; names file, row, column and value.
    """
    report = ReadReport()
    layout = card.table or TableLayout()
    raw = folder.parent if folder.is_file() else folder
    joined = Joined(layout, raw, report)
    beside = [*card.beside_posts(), *(join.files for join in layout.joined.values())]
    frames, unused = [], set()
    for file in raw_files(folder, layout.files, beside):
        rows = read_rows(file, report, layout)
        joined.widen(rows)
        frames.append(_frame(card, rows, report))
        unused |= {str(name) for name in rows.table} - rows.used
    joined.finish()
    if unused:
        report.note(f"columns that the card does not declare, left out: {listed(sorted(unused))}")
    frame = one_row_a_post(card, pd.concat(frames, ignore_index=True), report)
    for name, column in card.columns.items():
        if column.derived == "age_days":
            days = (frame[READ_AT] - frame["time"]).dt.total_seconds() * 1000 / DAY_MS
            frame[name] = days.astype("float64")
    return Raw(frame.drop(columns=READ_AT, errors="ignore"), report, images=raw)


def _frame(card: Card, rows: Rows, report: ReadReport) -> pd.DataFrame:
    """The declared columns and targets of one file, in the order of its rows."""
    given = {
        name: rows.values(column, name) for name, column in card.columns.items() if column.derived is None
    }
    labels = {name: rows.values(target, name) for name, target in card.targets.items()}
    moments = None
    if card.table and card.table.read_at:
        moments = rows.values(card.table.read_at, READ_AT)
    kept = _kept(card, given, len(rows), report)
    origin = Origin(rows.file.shown, rows.origin.rows[kept])
    frame: dict[str, Any] = {FILE: rows.file.shown, ROW: origin.rows}
    for name, (found, values) in given.items():
        frame[name] = typed_column(_taken(values, kept), card.columns[name], found, origin, report)
    for name, (found, values) in labels.items():
        frame[name] = typed_target(_taken(values, kept), card.targets[name], found, origin)
    if moments and card.table and card.table.read_at:
        at = card.table.read_at
        frame[READ_AT] = columns.times(_taken(moments[1], kept), moments[0], origin, at.format, at.zone)
    return pd.DataFrame(frame)


def _kept(card: Card, given: dict[str, tuple[str, list[Any]]], count: int, report: ReadReport) -> np.ndarray:
    """Rows that are not dropped for what they lack, as the card says of its keys."""
    keep = np.ones(count, bool)
    for name, column in card.columns.items():
        if column.when_missing == "drop":
            lacking = np.array([_is_nobody(value, column) for value in given[name][1]], dtype=bool)
            report.drop(f"no {name}", int((keep & lacking).sum()))
            keep &= ~lacking
    return np.flatnonzero(keep)


def _is_nobody(value: object, column: Column) -> bool:
    if columns.is_missing(value):
        return True
    marked = column.role != "time" and column.missing != ()
    return marked and isinstance(value, str) and value.strip().lower() in columns.NOBODY


def _taken(values: list[Any], kept: np.ndarray) -> list[Any]:
    return values if len(kept) == len(values) else [values[i] for i in kept.tolist()]
