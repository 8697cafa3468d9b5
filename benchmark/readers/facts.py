"""Facts: the rows of a fact table, from a file of any format that reader `table` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.card import FactColumn, FactTable
from benchmark.errors import DataError, listed
from benchmark.readers import columns
from benchmark.readers.raw import FILE, ROW, Origin, ReadReport
from benchmark.readers.table import column_of, read_table


def read_facts(declared: FactTable, folder: Path) -> tuple[pd.DataFrame, ReadReport]:
    """The declared columns, typed, with `FILE` and `ROW`; other columns are noted and left out.

    Args:
        folder: the raw folder of the data set.

    Raises:
        DataError: there is no such file, it lacks a declared column, or a value does not read as its role
            demands; names file, row, column and value.
    """
    report = ReadReport()
    path = folder / declared.raw
    if not path.is_file():
        raise DataError("no such file of facts", file=path, mend="Put it there or correct `raw` in the card")
    table, rows = read_table(path, report)
    origin = Origin(path.name, rows)
    frame: dict[str, Any] = {FILE: path.name, ROW: rows}
    used = set()
    for name, column in declared.columns.items():
        found = column_of(table, (*column.source, name), path)
        used.add(found)
        frame[name] = _typed(table[found].tolist(), column, found, origin)
    if unused := sorted(set(map(str, table.columns)) - used):
        report.note(f"columns that the card does not declare, left out: {listed(unused)}")
    return pd.DataFrame(frame), report


def _typed(values: list[Any], column: FactColumn, name: str, origin: Origin) -> pd.Series:
    match column.role:
        case "known_at":
            return columns.times(values, name, origin, column.format)
        case "post" | "user":
            return columns.ids(values, name, origin)
        case "numeric":
            return columns.numbers(values, name, origin)
        case "categorical":
            return columns.levels(values)
        case "text":
            return columns.texts(values)
