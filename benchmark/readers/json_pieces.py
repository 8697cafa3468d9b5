"""JSON pieces: a large document read a few megabytes at a time into columns, so that memory holds the values
and never a dictionary a row nor the text of the file.

A document is cut where a row looks to have ended. That a piece parses proves the cut: one inside a text or
an inner object leaves something open. What cannot be cut so, or is no JSON, is for `json_rows` to read as a
whole, and to say what is wrong with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import Any

from benchmark.files import opened
from benchmark.readers.decoding import check_regular
from benchmark.readers.json_rows import exact, whole_characters
from benchmark.readers.nesting import too_deep
from benchmark.readers.recurring import Recurring
from benchmark.readers.signatures import refuse_what_is_no_text

PIECE = 1 << 22
"""Bytes: parsed, some 50 MB."""
_MOST_TRIES, _MOST_PIECES = 8, 16
"""Places at which a piece is cut before more is held, and how much more before all is read as a whole."""
_MOST_COLUMNS = 200
"""Of more, keys may differ from row to row, and a list each would take more than the rows."""
_MARK = b"\xef\xbb\xbf"
_OPENING = re.compile(rb"[ \t\r\n]*([\[{])")
_NEXT_ROW = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_NEXT_ENTRY = re.compile(rb',[ \t\r\n]*(?="[0-9]+"[ \t\r\n]*:)')
_COLUMN = re.compile(rb'[ \t\r\n]*("(?:[^"\\]|\\.)*")[ \t\r\n]*:[ \t\r\n]*\{')
_NEXT_COLUMN = re.compile(rb"[ \t\r\n]*,")
_CLOSING = re.compile(rb"[ \t\r\n]*\}[ \t\r\n]*")


class _Whole(Exception):
    """The document has to be read as a whole."""


def rows_by_column(path: Path) -> tuple[dict[str, list[Any]], int] | None:
    """Of a list of objects, a list a key (None where an object lacks it), and how many objects there are;
    None if it is anything else or has to be read as a whole. Equal texts of a column are one string.

    Raises:
        DataError: the file cannot be opened, or is another kind of file.
    """
    check_regular(path)
    found = _Columns()
    try:
        with opened(path) as file:
            for rows in _rows(_Ahead(file, path, b"[")):
                found.add_rows(rows)
    except (_Whole, OSError):
        return None
    return found.values(), found.count


def columns_by_name(path: Path) -> dict[str, list[Any]] | None:
    """Of `{"name": {"0": value, "1": value, ...}, ...}`, the values of each name; None if it is anything
    else, if row numbers do not ascend, or it has to be read as a whole.

    Raises:
        DataError: the file cannot be opened, or is another kind of file.
    """
    check_regular(path)
    found = _Columns()
    try:
        with opened(path) as file:
            for name, entries in _entries(_Ahead(file, path, b"{")):
                found.add_entries(name, entries)
    except (_Whole, OSError):
        return None
    return found.values()


class _Columns:
    """Values by column, of as many pieces as have been read."""

    def __init__(self) -> None:
        self.count = 0
        self._columns: dict[str, Recurring] = {}
        self._last: dict[str, int] = {}

    def values(self) -> dict[str, list[Any]]:
        return {name: column.kept for name, column in self._columns.items()}

    def add_rows(self, rows: list[Any]) -> None:
        if set(map(type, rows)) - {dict}:
            raise _Whole
        names = dict.fromkeys(chain.from_iterable(rows))
        for name in names:
            if name not in self._columns:
                self._begin(name, [None] * self.count)
        for name, column in self._columns.items():
            values = [row.get(name) for row in rows] if name in names else [None] * len(rows)
            kinds = set(map(type, values))
            if (list in kinds or dict in kinds) and any(map(too_deep, values)):
                raise _Whole
            column.extend(values)
        self.count += len(rows)

    def add_entries(self, name: str, entries: dict[str, Any]) -> None:
        """Entries of one column, by row number, that come after those added before."""
        if name not in self._columns:
            self._begin(name, [])
        first = self._last.get(name, -1) + 1
        numbers: Sequence[int] = range(first, first + len(entries))
        if list(entries) != list(map(str, numbers)):
            numbers = self._ascending(entries, first)
        if entries:
            self._last[name] = numbers[-1]
        self._columns[name].extend(list(entries.values()))

    def _ascending(self, entries: dict[str, Any], first: int) -> Sequence[int]:
        """The row numbers, if these are all written plainly, and each is above the one before."""
        numbers = [int(key) if key.isdecimal() and len(key) < 20 else -1 for key in entries]
        ascending = all(one < two for one, two in zip([first - 1, *numbers], numbers, strict=False))
        if not ascending or list(map(str, numbers)) != list(entries):
            raise _Whole
        return numbers

    def _begin(self, name: str, values: list[None]) -> None:
        if len(self._columns) >= _MOST_COLUMNS:
            raise _Whole
        self._columns[name] = Recurring(values)


class _Ahead:
    """The rest of a file, of which a piece is held."""

    def __init__(self, file: BufferedReader, path: Path, opening: bytes) -> None:
        self._file, self.held, self.over, self._least = file, b"", False, PIECE
        self.fill()
        refuse_what_is_no_text(self.held, path)
        self.held = self.held.removeprefix(_MARK)
        found = _OPENING.match(self.held)
        if found is None or found[1] != opening:
            raise _Whole
        self.drop(found.end())

    def fill(self) -> None:
        """Hold a piece at least, or all that is left."""
        while not self.over and len(self.held) < self._least:
            part = self._file.read(PIECE)
            self.held += part
            self.over = not part

    def widen(self) -> None:
        """Hold twice as much: a row is longer than a piece, or looks to end where it does not.

        Raises:
            _Whole: all is held, or too much.
        """
        if self.over or self._least >= _MOST_PIECES * PIECE:
            raise _Whole
        self._least *= 2

    def drop(self, count: int) -> None:
        """What has been read."""
        self.held, self._least = self.held[count:], PIECE


def _rows(text: _Ahead) -> Iterator[list[Any]]:
    """The rows of a list, after its bracket."""
    while True:
        text.fill()
        if text.over:
            rows = _parsed(b"[" + text.held)
            if not isinstance(rows, list):
                raise _Whole
            yield rows
            return
        for end, cut in _places(text.held, b"}", _NEXT_ROW):
            rows = _parsed(b"[" + text.held[: end + 1] + b"]")
            if rows is not None:
                text.drop(cut)
                yield rows
                break
        else:
            text.widen()


def _entries(text: _Ahead) -> Iterator[tuple[str, dict[str, Any]]]:
    """The columns of an object, after its brace: pieces of the first, then of the next."""
    seen = set()
    while True:
        text.fill()
        found = _COLUMN.match(text.held)
        name = _parsed(found[1]) if found else None
        if found is None or name is None or name in seen:
            raise _Whole
        seen.add(name)
        text.drop(found.end())
        for entries in _of_column(text):
            yield name, entries
        text.fill()
        if following := _NEXT_COLUMN.match(text.held):
            text.drop(following.end())
        elif text.over and _CLOSING.fullmatch(text.held):
            return
        else:
            raise _Whole


def _of_column(text: _Ahead) -> Iterator[dict[str, Any]]:
    """The entries of one column, after its brace; what follows its closing one is left."""
    while True:
        text.fill()
        end = -1
        for _ in range(_MOST_TRIES):
            if (end := text.held.find(b"}", end + 1)) < 0:
                break
            if (entries := _parsed(b"{" + text.held[:end] + b"}")) is not None:
                text.drop(end + 1)
                yield entries
                return
        for place, cut in _places(text.held, b",", _NEXT_ENTRY):
            # Without an entry before it, a comma is one too many.
            if entries := _parsed(b"{" + text.held[:place] + b"}"):
                text.drop(cut)
                yield entries
                break
        else:
            text.widen()


def _places(held: bytes, mark: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Where the last of these marks stand that look like an end, and where the rest begins."""
    place, tried = len(held), 0
    while tried < _MOST_TRIES and (place := held.rfind(mark, 0, place)) >= 0:
        if found := pattern.match(held, place):
            tried += 1
            yield place, found.end()


def _parsed(raw: bytes) -> Any:
    """As `json_rows` parses it; None if it is no JSON as it stands."""
    import orjson

    try:
        return exact(raw, orjson.loads(raw))
    except orjson.JSONDecodeError:
        pass
    try:
        # NaN, or half a character.
        found = json.loads(raw.decode())
    except (ValueError, RecursionError):
        return None
    return whole_characters(found) if b"\\u" in raw else found
