"""Delimited files (CSV, TSV and their kin) as strings, nothing guessed but the delimiter, every row
counted."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.declared.layout import Layout
from benchmark.errors import DataError, listed
from benchmark.readers.decoding import decode
from benchmark.readers.raw import ReadReport
from benchmark.readers.recurring import Recurring, by_column

_LONGEST_FIELD = 1 << 24
"""Letters. The csv module takes four bytes and more for each letter of a field."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
"""Lines with their ends, one at a time: no second copy of the whole text."""
_EXCEL = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""A first line that Excel writes and reads: the delimiter of the rest."""
_JSON = re.compile(r'\s*(?:\[\s*)?\{\s*"[^"\n]*"\s*:')
_AS_IT_IS = Layout()
_AT_ONCE = 10_000
"""Records that are held as rows."""

Record = tuple[int, list[str]]
"""Row number and fields."""


def read_delimited(
    path: Path, report: ReadReport, layout: Layout = _AS_IT_IS
) -> tuple[pd.DataFrame, np.ndarray]:
    """A table of strings and the row number of each record (the header is row 1).

    The delimiter is what the layout or a first line `sep=;` says, else the most frequent of comma, semicolon,
    tab and bar in the header. Row numbers count records as a spreadsheet does: a line break inside quotes
    starts no new row.

    Raises:
        DataError: empty file, repeated column names, a record with too many or too few fields, a quote
            that is never closed.
    """
    decoded = decode(path, layout.encoding)
    if decoded.note:
        report.note(f"{path.name}: {decoded.note}")
    text, first = decoded.text, 1
    if _JSON.match(text):
        mend = "Call it .json, or .jsonl where each line is an object"
        raise DataError("is JSON, and no table of fields", file=path, mend=mend)
    delimiter = layout.delimiter
    if told := _EXCEL.match(text):
        text, first = text[told.end() :], 2
        delimiter = delimiter or told[1]
    records = _records(text, path, layout, delimiter, first)
    records = islice(records, layout.skip, None)
    header = [] if layout.names else next(records, (first, []))[1]
    names = list(layout.names) or _checked(header, path)
    columns, numbers = _stacked(_posts(records, header, path, report), names, path)
    report.rows[path.name] = len(numbers)
    return pd.DataFrame(columns, dtype=object), np.array(numbers, dtype=np.int64)


def _records(text: str, path: Path, layout: Layout, delimiter: str | None, first: int) -> Iterator[Record]:
    lines = (line[0] for line in _LINE.finditer(text))
    if len(layout.names) == 1 and delimiter is None:  # each line is one value, an empty one too
        return ((number, [line.rstrip("\r\n")]) for number, line in enumerate(lines, first))
    if delimiter is None:
        header = next(islice(_LINE.finditer(text), layout.skip, None), None)
        delimiter = max(",;\t|", key=lambda mark: header[0].count(mark) if header else 0)
    if layout.quote and len(delimiter) == 1:
        return _quoted(lines, path, delimiter, layout.quote, first)
    cut = (line.rstrip("\r\n").split(delimiter) for line in lines)
    return (
        (number, [field.strip('"') if layout.quote else field for field in record])
        for number, record in enumerate(cut, first)
        if record != [""]
    )


def _quoted(lines: Iterator[str], path: Path, delimiter: str, quote: str, first: int) -> Iterator[Record]:
    csv.field_size_limit(_LONGEST_FIELD)
    number = first - 1
    try:
        for number, record in enumerate(
            csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True), start=first
        ):
            if record:
                yield number, record
    except csv.Error as error:
        problem = f"not a valid delimited file: {error}"
        if "field larger" in str(error):
            problem = f"a field of more than {_LONGEST_FIELD:,} letters"
        mend = "A quote may be missing, in this row or before it: mend the row or fetch the file again"
        raise DataError(problem, file=path, row=number + 1, mend=mend) from None


def _stacked(
    records: Iterator[Record], names: Sequence[str], path: Path
) -> tuple[dict[str, list[str]], list[int]]:
    """The fields by column, and the number of each record."""
    columns = [Recurring() for _ in names]
    rows: list[list[str]] = []
    numbers = []
    wrong: list[tuple[int, int]] = []
    for number, record in records:
        if len(record) == len(names):
            rows.append(record)
            numbers.append(number)
            if len(rows) == _AT_ONCE:
                by_column(rows, columns)
                rows.clear()
        else:
            wrong.append((number, len(record)))
    if wrong:
        number, fields = wrong[0]
        others = f", as in {len(wrong) - 1:,} more rows" if len(wrong) > 1 else ""
        raise DataError(
            f"{fields} fields where the header has {len(names)}{others}",
            file=path,
            row=number,
            mend="The file is cut off or a quote is missing: fetch it again or mend the row; or say in the "
            "card how fields are cut (`delimiter`, `quote`)",
        )
    by_column(rows, columns)
    return {name: column.kept for name, column in zip(names, columns, strict=True)}, numbers


def _posts(records: Iterator[Record], header: list[str], path: Path, report: ReadReport) -> Iterator[Record]:
    """The records of a file with a header line, without those that are none: the header again, where files
    were put together, and what a spreadsheet leaves of emptied rows at the end."""
    again, empty = 0, list[Record]()
    for record in records:
        if header and len(record[1]) > 1 and not any(map(str.strip, record[1])):
            empty.append(record)
            continue
        yield from empty
        empty.clear()
        if header and len(header) > 1 and record[1] == header:
            again += 1
        else:
            yield record
    if empty:
        report.note(f"{path.name}: {len(empty):,} rows of empty fields at the end left out")
    if again:
        report.note(f"{path.name}: {again:,} rows that repeat the header left out")


def _checked(header: list[str], path: Path) -> list[str]:
    """Names of the columns, without blanks around them; one without a name is called by its place."""
    names = [name.strip() or f"(column {i})" for i, name in enumerate(header, start=1)]
    if repeated := sorted(name for name, count in Counter(names).items() if count > 1):
        raise DataError(
            f"two columns have the same name: {listed(repeated)}",
            file=path,
            row=1,
            mend="Rename one, or say in [table] of the card what all are called: names = [...], skip = 1",
        )
    return names
