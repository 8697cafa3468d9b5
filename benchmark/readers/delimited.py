"""Delimited files (CSV, TSV) as strings, nothing guessed, every row counted."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.errors import DataError, listed
from benchmark.readers.decoding import decode
from benchmark.readers.raw import ReadReport

_LONGEST_FIELD = 1 << 24
"""Letters. The csv module takes four bytes and more for each letter of a field."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
"""Lines with their ends, one at a time: no second copy of the whole text."""


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
    text = decoded.text
    end = text.find("\n")
    delimiter = max(",;\t|", key=lambda mark: text.count(mark, 0, end if end >= 0 else len(text)))
    csv.field_size_limit(_LONGEST_FIELD)
    lines = (line[0] for line in _LINE.finditer(text))
    records = csv.reader(lines, delimiter=delimiter, strict=True)
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
        problem = f"not a valid delimited file: {error}"
        if "field larger" in str(error):
            problem = f"a field of more than {_LONGEST_FIELD:,} letters"
        mend = "A quote may be missing, in this row or before it: mend the row or fetch the file again"
        raise DataError(problem, file=path, row=number + 1, mend=mend) from None
    report.rows[path.name] = len(rows)
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return pd.DataFrame(columns, dtype=object), np.array(numbers, dtype=np.int64)


def _checked(names: list[str], path: Path) -> list[str]:
    if repeated := sorted(name for name, count in Counter(names).items() if count > 1):
        raise DataError(f"two columns have the same name: {listed(repeated)}", file=path, row=1)
    return names
