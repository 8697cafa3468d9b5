"""Any table of posts (CSV and its kin, Parquet, JSON), described by the card alone.

Each column and target of the card is taken from where its `source` points, or from a column of its own name;
`[table]` says how the files lie. Nothing is guessed but the delimiter, the encoding and what separates tags,
and each guess is in the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.declared.card import Card
from benchmark.declared.column import Column
from benchmark.declared.layout import Moment, TableLayout, Value
from benchmark.errors import DataError, listed
from benchmark.readers import columns, identifiers, moments
from benchmark.readers.joined import Joined
from benchmark.readers.json_rows import NoRows
from benchmark.readers.paths import raw_files
from benchmark.readers.raw import FILE, ROW, Origin, Raw, ReadReport
from benchmark.readers.readings import READ_AT, one_row_a_post
from benchmark.readers.rows import Rows, read_rows
from benchmark.readers.typed import typed_column, typed_target


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
    batches: list[_Batch] = []
    unused: set[str] = set()
    empty: list[str] = []
    lacking: list[NoRows] = []
    for file in raw_files(folder, layout.files, beside):
        try:
            rows = read_rows(file, report, layout)
        except NoRows as error:
            lacking.append(error)
            empty.append(file.shown)
            continue
        if not len(rows):
            empty.append(file.shown)
            continue
        joined.widen(rows)
        batch = _Batch.of(card, rows)
        if batches and batches[-1].names == batch.names:
            batches[-1].extend(batch)
        else:
            batches.append(batch)
        unused |= {str(name) for name in rows.table} - rows.used
    joined.finish()
    if empty:
        report.note(f"{len(empty):,} files without a row: {listed(empty, 5)}")
    if unused:
        report.note(f"columns that the card does not declare, left out: {listed(sorted(unused))}")
    if lacking and not batches:
        raise lacking[0]
    if not batches:
        raise DataError("no file here has a row", file=folder, mend="Fetch the files again")
    frames = [_frame(card, batch, report) for batch in batches]
    frame = one_row_a_post(card, pd.concat(frames, ignore_index=True), report)
    if alike := identifiers.spelled_alike(frame["user_id"]):
        told = listed((" and ".join(group) for group in alike), 5)
        report.note(f"accounts that may be one, and are taken for {sum(map(len, alike)):,}: {told}")
    return Raw(frame.drop(columns=READ_AT, errors="ignore"), report, images=raw)


@dataclass
class _Batch:
    """Raw values of files that call all that is wanted by the same names: they are typed at once, so that a
    thousand small files take no longer than a large one, and what a column is does not change with the file.
    """

    names: dict[str, str]
    """What the card calls a column or a target -> what the files call it."""
    raw: dict[str, list[Any]]
    files: list[str]
    rows: list[int]

    @classmethod
    def of(cls, card: Card, rows: Rows) -> _Batch:
        wanted: dict[str, Value] = {name: column.since or column for name, column in card.columns.items()}
        wanted |= {name: target for name, target in card.measured.items() if not target.counts_over}
        if card.table and card.table.read_at:
            wanted[READ_AT] = card.table.read_at
        found = {name: _values(rows, name, one) for name, one in wanted.items()}
        return cls(
            names={name: one for name, (one, _) in found.items()},
            raw={name: values for name, (_, values) in found.items()},
            files=[rows.file.shown] * len(rows),
            rows=rows.origin.rows.tolist(),
        )

    def extend(self, other: _Batch) -> None:
        for name, values in self.raw.items():
            values += other.raw[name]
        self.files += other.files
        self.rows += other.rows

    def keep(self, kept: NDArray[np.int64]) -> None:
        """These rows alone."""
        if len(kept) < len(self.rows):
            places = kept.tolist()
            self.raw = {name: [values[i] for i in places] for name, values in self.raw.items()}
            self.files = [self.files[i] for i in places]
            self.rows = [self.rows[i] for i in places]


def _values(rows: Rows, name: str, wanted: Value) -> tuple[str, list[Any]]:
    if isinstance(wanted, Column) and wanted.file is not None:
        return rows.paths(wanted.file)
    return rows.values(wanted, name)


def _frame(card: Card, batch: _Batch, report: ReadReport) -> pd.DataFrame:
    """The declared columns and targets, typed."""
    batch.keep(_complete(card, batch, report))
    origin = Origin(batch.files, np.array(batch.rows, dtype=np.int64))
    names, values = batch.names, batch.raw
    frame: dict[str, Any] = {FILE: batch.files, ROW: batch.rows}
    for name, column in card.columns.items():
        if column.since:
            frame[name] = _moments(column.since, values[name], names[name], origin)
        else:
            frame[name] = typed_column(values[name], column, names[name], origin, report)
    for name, target in card.measured.items():
        if target.counts_over:
            continue
        frame[name] = typed_target(values[name], target, names[name], origin, report)
    if card.table and card.table.read_at:
        frame[READ_AT] = _moments(card.table.read_at, values[READ_AT], names[READ_AT], origin)
        if len(early := np.flatnonzero(frame[READ_AT] < frame["time"])):
            first = origin.place(int(early[0]))
            report.note(f"{len(early):,} rows were read before their post was published, first {first}")
    for name in [name for name, column in card.columns.items() if column.since]:
        frame[name] = (frame.get(READ_AT, frame["time"]) - frame[name]) / pd.Timedelta(days=1)
    return pd.DataFrame(frame)


def _moments(declared: Moment, values: list[Any], name: str, origin: Origin) -> pd.Series:
    return moments.times(values, name, origin, declared.format, declared.zone)


def _complete(card: Card, batch: _Batch, report: ReadReport) -> NDArray[np.int64]:
    """Rows that are not dropped for what they lack, as the card says of its keys."""
    keep = np.ones(len(batch.rows), bool)
    for name, column in card.columns.items():
        if column.when_missing == "drop":
            lacking = np.array([_is_nobody(value, column) for value in batch.raw[name]], dtype=bool)
            report.drop(f"no {name}", int((keep & lacking).sum()))
            keep &= ~lacking
    return np.flatnonzero(keep)


def _is_nobody(value: object, column: Column) -> bool:
    if columns.is_missing(value):
        return True
    marked = column.role != "time" and column.missing != ()
    return marked and isinstance(value, str) and identifiers.is_nobody(value)
