r"""Quoted text: a post a line, every field in double quotes, separated by blanks: `"59@N75" "775" "Food"`.

The owner's files hold quotes and backslashes inside titles, escaped or not, and rows in which a quote or a
pair of them is missing (`"-94.48068 14"`). Such rows are read by what their fields can hold, from both ends
towards the one field that can hold anything, and refused where that leaves a doubt.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from benchmark.errors import DataError
from benchmark.readers.decoding import decode
from benchmark.readers.raw import Origin, ReadReport
from benchmark.readers.recurring import Recurring, by_column
from benchmark.readers.smpd_image.groups import Columns

_NUMBERS = {
    "ispublic", "postdate", "latitude", "longitude", "geoaccuracy", "photo_count", "ispro", "canbuypro"
}  # fmt: skip
_PLAIN = _NUMBERS | {"uid", "pid", "mediastatus", "mediatype", "photo_firstdate", "timezone_offset"}
"""Fields that hold no blank."""
_ANYTHING = ("title", "tile", "user_description")
"""The field of a row, if it has one, that may hold blanks and quotes."""
_MEDIA = {"photo", "video", "none", ""}

_AT_ONCE = 10_000
"""Rows that are held as such, before they become columns."""

_NUMBER = re.compile(r"(?:None|-?[0-9.]*(?:[eE][+-]?[0-9]+)?)")
_FIELD = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s"\\]+)')
_REGULAR = re.compile(rf"(?:{_FIELD.pattern})(?:[ \t]+(?:{_FIELD.pattern}))*")
_BETWEEN = re.compile(r'"[ \t]+"')
_FIRST_OF = re.compile(r'([^\s"]*)"?[ \t]+"?(.*)')
_LAST_OF = re.compile(r'(.*[^\s"])"?[ \t]+"?([^\s"]*)')
_ESCAPED = re.compile(r'\\(["\\])')


def read_quoted(path: Path, names: Sequence[str], report: ReadReport) -> Columns:
    """A column a field, by its name in the header or, without one, in this order. Blank lines are skipped.

    Raises:
        DataError: empty, or a row that cannot be divided into as many fields.
    """
    decoded = decode(path)
    if decoded.note:
        report.note(f"{path.name}: {decoded.note}")
    lines = _lines(decoded.text)
    first = next(lines, None)
    header = _header(first[1], names) if first else None
    if first and not header:
        lines = chain([first], lines)
    names = header or names
    columns = [Recurring() for _ in names]
    numbers, rows, mended = [], list[list[str]](), list[int]()
    for n, row in _divided(lines, names, path, mended):
        rows.append(row)
        numbers.append(n)
        if len(rows) == _AT_ONCE:
            by_column(rows, columns)
            rows.clear()
    by_column(rows, columns)
    if mended:
        odd = f"{len(mended)} rows whose quotes do not pair, read by what their fields can hold"
        report.note(f"{path.name}: {odd}, first row {mended[0]}")
    values = _unescaped([column.kept for column in columns])
    return Columns(
        path, Origin(path.name, np.array(numbers, np.int64)), dict(zip(names, values, strict=True))
    )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Number and content of each line that is not blank, one at a time: no second copy of the text."""
    n = begin = 0
    while begin <= len(text):
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        line, n, begin = text[begin:end], n + 1, end + 1
        if line.strip():
            yield n, line.strip(" \r")


def _divided(
    lines: Iterable[tuple[int, str]], names: Sequence[str], path: Path, mended: list[int]
) -> Iterator[tuple[int, list[str]]]:
    """Number and fields of each row; those that had to be mended are added to `mended`."""
    fields = _Fields(names)
    for n, line in lines:
        row = fields.regular(line)
        if row is None:
            if (row := fields.mended(line)) is None:
                raise DataError(
                    f"this row does not divide into the {len(names)} fields {' '.join(names)}",
                    file=path,
                    row=n,
                    value=line,
                    mend="A quote is missing or inside a field, or a title has two lines: mend the row",
                )
            mended.append(n)
        yield n, row


def fields_of(line: str) -> list[str]:
    """Fields of a row of which nothing is known: quoted ones, those between tabs, or the row as one field."""
    if '"' in line:
        return [_undoubled(piece) for piece in _pieces(line)]
    return [field.strip() for field in line.split("\t")]


class _Fields:
    """How a row divides into fields of these names."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = [name.lower() for name in names]
        self._open = next((i for i, name in enumerate(self._names) if name in _ANYTHING), len(names))

    def regular(self, line: str) -> list[str] | None:
        """The fields of a row whose quotes pair, None for any other."""
        count = len(self._names)
        if line.count('"') == 2 * count and line[0] == line[-1] == '"' and "\\" not in line:
            row = line[1:-1].split('" "')
            if len(row) == count:
                return row
        if '"' not in line and "\t" in line:
            row = [field.strip() for field in line.split("\t")]
        elif _REGULAR.fullmatch(line):
            row = [quoted or bare for quoted, bare in _FIELD.findall(line)]
        else:
            row = []
        if len(row) != count or not self._possible(row):
            row = [_undoubled(piece) for piece in _pieces(line)]
        return row if len(row) == count and self._possible(row) else None

    def mended(self, line: str) -> list[str] | None:
        """The fields of a row with too many or too few quotes; None where there is no telling."""
        pieces, head, tail = deque(_pieces(line)), [], []
        for name in self._names[: self._open]:
            if not pieces:
                return None
            piece = pieces.popleft()
            if name in _PLAIN and (split := _FIRST_OF.fullmatch(piece)):
                piece = split[1]
                pieces.appendleft(split[2])
            head.append(piece)
        for name in reversed(self._names[self._open + 1 :]):
            if not pieces:
                return None
            piece = pieces.pop()
            if name in _PLAIN and (split := _LAST_OF.fullmatch(piece)):
                piece = split[2]
                pieces.append(split[1])
            tail.append(piece)
        if any('"' in piece for piece in (*head, *tail)) or bool(pieces) != (self._open < len(self._names)):
            return None
        row = [*head, *([_undoubled('" "'.join(pieces))] if pieces else []), *reversed(tail)]
        return row if self._possible(row) else None

    def _possible(self, row: Sequence[str]) -> bool:
        """Whether each field holds what it can hold."""
        for name, value in zip(self._names, row, strict=True):
            if name in _PLAIN and (" " in value or "\t" in value or '"' in value):
                return False
            if name in _NUMBERS and not _NUMBER.fullmatch(value):
                return False
            if name == "mediatype" and value.lower() not in _MEDIA:
                return False
        return True


def _pieces(line: str) -> list[str]:
    return _BETWEEN.split(line.removeprefix('"').removesuffix('"'))


def _undoubled(piece: str) -> str:
    return piece.replace('""', '"')


def _unescaped(columns: list[list[str]]) -> list[list[str]]:
    """Without the backslashes before quotes and backslashes, if the file has such before any quote: in the
    others, a backslash is what somebody wrote."""
    if any('\\"' in value for values in columns for value in values):
        return [[_ESCAPED.sub(r"\1", one) if "\\" in one else one for one in values] for values in columns]
    return columns


def _header(line: str, names: Sequence[str]) -> list[str] | None:
    """Names of columns, if that is what the line holds."""
    found = [name.strip('",').lower() for name in line.split()]
    known = {name.lower() for name in names} | {"tile", "timezone_timezone_id"}
    return found if len(known.intersection(found)) * 2 > len(names) else None
