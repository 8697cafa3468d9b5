"""Time zones of the 2017/2018 release: a file of their own, a line a post, in more than one form."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from benchmark.errors import DataError
from benchmark.readers.columns import is_missing
from benchmark.readers.decoding import decode
from benchmark.readers.raw import Origin, ReadReport
from benchmark.readers.smpd_image.groups import Columns
from benchmark.readers.smpd_image.quoted import fields_of

_NAMES = {
    "uid": "Uid",
    "pid": "Pid",
    "timezone_offset": "timezone_offset",
    "offset": "timezone_offset",
    "timezone_id": "timezone_id",
    "timezone_timezone_id": "timezone_id",
    "timezone": "timezone_id",
}
_FORMS = (
    ("Uid", re.compile(r"[0-9]+@N[0-9]+")),
    ("Pid", re.compile(r"[0-9]+")),
    ("timezone_offset", re.compile(r"[+-]?[0-9]{1,2}(?::[0-9]{2}|\.[0-9]+)?")),
)
"""What all values of a column without a header look like; a column of anything else is `timezone_id`."""


def read_time_zones(path: Path, report: ReadReport) -> Columns:
    """Columns `timezone_offset`, `timezone_id`, `Uid` and `Pid`, as far as the file has them.

    Raises:
        DataError: rows of different length, or two columns that hold the same.
    """
    decoded = decode(path)
    if decoded.note:
        report.note(f"{path.name}: {decoded.note}")
    text = [line.strip(" \r") for line in decoded.text.split("\n")]
    while text and not text[-1].strip():
        text.pop()
    header = [name.strip('"').lower() for name in re.split(r"[\s,]+", text[0])]
    named = any(name in _NAMES for name in header)
    rows = [fields_of(line) for line in (text[1:] if named else text)]
    first = 2 if named else 1
    width = len(header) if named else max(map(len, rows), default=0)
    for n, row in enumerate(rows, start=first):
        if len(row) != width:
            problem = f"{len(row)} fields, but other rows have {width}"
            raise DataError(problem, file=path, row=n, mend="Mend the row: each field in double quotes")
    columns = [list(values) for values in zip(*rows, strict=True)]
    names = [_NAMES.get(name, name) for name in header] if named else [_looks(values) for values in columns]
    if len(set(names)) < len(names):
        raise DataError(
            f"two columns of the kind {max(names, key=names.count)}",
            file=path,
            row=1,
            mend="Give the columns names in a first row: uid pid timezone_offset timezone_id",
        )
    origin = Origin(path.name, np.arange(first, first + len(rows)))
    return Columns(path, origin, dict(zip(names, columns, strict=True)))


def _looks(values: list[str]) -> str:
    there = [value for value in values if not is_missing(value)]
    for name, form in _FORMS:
        # An hour without minutes is a whole number as well, but no post's: those differ.
        if name == "Pid" and len(set(there)) < len(values):
            continue
        if there and all(form.fullmatch(value) for value in there):
            return name
    return "timezone_id"
