"""Facts: the rows of a fact table, from a file of any format that reader `table` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.declared.fact_table import FactTable
from benchmark.errors import listed
from benchmark.readers.paths import raw_files
from benchmark.readers.raw import FILE, ROW, ReadReport
from benchmark.readers.rows import read_rows
from benchmark.readers.typed import typed_column


def read_facts(declared: FactTable, folder: Path) -> tuple[pd.DataFrame, ReadReport]:
    """The declared columns, typed, with `FILE` and `ROW`; other columns are noted and left out.

    Args:
        folder: the raw folder of the data set.

    Raises:
        DataError: there is no such file, it lacks a declared column, or a value does not read as its role
            demands; names file, row, column and value.
    """
    assert declared.raw is not None  # what posts say lies in no file
    report = ReadReport()
    frames, unused = [], set()
    for file in raw_files(folder, declared.raw):
        rows = read_rows(file, report, declared)
        frame: dict[str, Any] = {FILE: file.shown, ROW: rows.origin.rows}
        for name, column in declared.columns.items():
            found, values = rows.values(column, name)
            frame[name] = typed_column(values, column, found, rows.origin, report)
        frames.append(pd.DataFrame(frame))
        unused |= {str(name) for name in rows.table} - rows.used
    if unused:
        report.note(f"columns that the card does not declare, left out: {listed(sorted(unused))}")
    return pd.concat(frames, ignore_index=True), report
