"""Handed in: what a file of drafts holds, as it stands there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.errors import DataError
from benchmark.readers.decoding import check_regular, read_bytes, wide_encoding
from benchmark.readers.delimited import read_delimited
from benchmark.readers.json_rows import by_column, read_objects
from benchmark.readers.raw import ReadReport
from desk.drafts.limits import LARGEST_FILE, MOST_COLUMNS, MOST_DRAFTS

TABLES = (".csv", ".tsv", ".tab", ".txt")
OBJECTS = (".json", ".jsonl", ".ndjson")
_KINDS = f"Give a table ({', '.join(TABLES)}), objects ({', '.join(OBJECTS)}) or a folder of images"


@dataclass
class Handed:
    """Rows of drafts under the names that the file calls its columns by."""

    columns: dict[str, list[Any]]
    """One value a row; None where it has none."""
    rows: list[int | None]
    """Row of the file, as an editor counts; None of an image that no file speaks of."""
    file: Path
    folder: Path
    """Where paths of images start."""
    problems: dict[int, str] = field(default_factory=dict)
    """Place of a row -> why it cannot be taken as it is."""

    def __len__(self) -> int:
        return len(self.rows)

    def value(self, column: str | None, place: int) -> Any:
        return self.columns[column][place] if column is not None else None

    def error(
        self, place: int, problem: str, column: str | None = None, mend: str | None = None
    ) -> DataError:
        """What is wrong with a row, or with its value in a column."""
        told: dict[str, Any] = (
            {} if column is None else {"column": column, "value": self.value(column, place)}
        )
        return DataError(problem, file=self.file.name, row=self.rows[place], mend=mend, **told)


def handed_in(path: Path, report: ReadReport) -> Handed:
    """The rows of one file.

    Raises:
        DataError: it cannot be read, holds no rows, or more than are taken.
    """
    check_regular(path)
    kind = path.suffix.lower()
    if kind not in (*TABLES, *OBJECTS):
        raise DataError("no file of drafts, by its name", file=path, mend=_KINDS)
    if (size := path.stat().st_size) > LARGEST_FILE:
        told = f"{size / 1e6:,.0f} MB, and {LARGEST_FILE / 1e6:,.0f} are taken at most"
        raise DataError(told, file=path, mend="Split the file")
    try:
        columns, rows = _objects(path, report) if kind in OBJECTS else _table(path, report)
    except DataError as error:
        if "card" not in (error.mend or ""):
            raise
        value = {} if error.value is None else {"value": error.value}
        mend = "Mend the file, or save it again as UTF-8"  # what it says of a card is said to other people
        raise DataError(
            error.problem, file=error.file, row=error.row, column=error.column, mend=mend, **value
        ) from None
    check_count(len(rows), path)
    if len(columns) > MOST_COLUMNS:
        told = f"{len(columns):,} columns, and {MOST_COLUMNS:,} are taken at most"
        raise DataError(told, file=path, mend="Leave out those that say nothing of drafts")
    return Handed(columns, list(rows), path, path.parent)


def check_count(drafts: int, path: Path) -> None:
    """
    Raises:
        DataError: there are none, or more than are taken.
    """
    if not drafts:
        raise DataError(
            "holds no drafts", file=path, mend="Write one into each row, below the names of the columns"
        )
    if drafts > MOST_DRAFTS:
        told = f"{drafts:,} drafts, and {MOST_DRAFTS:,} are taken at most"
        raise DataError(told, file=path, mend="Split the file")


def _table(path: Path, report: ReadReport) -> tuple[dict[str, list[Any]], list[int]]:
    raw = read_bytes(path)
    if wide_encoding(raw) is None and (at := raw.find(b"\0")) >= 0:
        row = raw.count(b"\n", 0, at) + 1
        told = "a zero byte: the file was cut off, or is no text"
        raise DataError(told, file=path, row=row, mend="Export the drafts again as CSV")
    table, rows = read_delimited(path, report)
    return {str(name): table[name].tolist() for name in table}, rows.tolist()


def _objects(path: Path, report: ReadReport) -> tuple[dict[str, list[Any]], list[int]]:
    objects, rows = read_objects(path, report=report)
    return by_column(objects, path), rows
