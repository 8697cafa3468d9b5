"""Delimited files (CSV, TSV) as strings, nothing guessed, every row counted."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.errors import DataError
from benchmark.readers.decoding import decode
from benchmark.readers.raw import ReadReport

_LONGEST_FIELD = 1 << 27


def read_delimited(path: Path, report: ReadReport) -> tuple[pd.DataFrame, np.ndarray]:
    """A table of strings and the row number of each record (the header is row 1).

    The delimiter is the most frequent of comma, semicolon, tab and bar in the header. Row numbers count
    records as a spreadsheet does: a line break inside quotes starts no new row.

    Raises:
        DataError: empty file, repeated column names, a record with too many or too few fields, a quote
            that is never closed.
    """
    decoded = decode(path)
    if decoded.note:
        report.note(f"{path.name}: {decoded.note}")
    header, _, _ = decoded.text.partition("\n")
    delimiter = max(",;\t|", key=header.count)
    csv.field_size_limit(_LONGEST_FIELD)
    records = csv.reader(io.StringIO(decoded.text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    names: list[str] = []
    number = 0
    try:
        for number, record in enumerate(records, start=1):
            if not names:
                names = _checked(record, path)
            elif record:
                if len(record) != len(names):
                    raise DataError(
                        f"{len(record)} fields where the header has {len(names)}",
                        file=path,
                        row=number,
                        mend="The file is cut off or a quote is missing: fetch it again or mend the row",
                    )
                rows.append(record)
                numbers.append(number)
    except csv.Error as error:
        raise DataError(f"not a valid delimited file: {error}", file=path, row=number + 1) from None
    report.rows[path.name] = len(rows)
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return pd.DataFrame(columns, dtype=object), np.array(numbers, dtype=np.int64)


def _checked(names: list[str], path: Path) -> list[str]:
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"two columns have the same name {repeated}", file=path, row=1)
    return names
