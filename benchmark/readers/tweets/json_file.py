"""JSON of tweets: one document, one object a line, or a script that assigns one; half characters mended."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from benchmark.errors import DataError
from benchmark.readers.decoding import decode
from benchmark.readers.json_rows import checked_objects
from benchmark.readers.raw import ReadReport

_ASSIGNED = re.compile(r"\s*window\.YTD\.\w+\.part\d+\s*=\s*")
_HALVES = re.compile("[\ud800-\udfff]")


def read_tweets_json(path: Path, name: str, report: ReadReport) -> tuple[list[dict[str, Any]], list[int]]:
    """Objects of a file and the row of each: the line where each has its own, else the count from 1.

    Half of a character, such as one of the two `\\u` escapes of an emoji, becomes U+FFFD and is noted.

    Raises:
        DataError: empty, cut off, not JSON, or an entry that is no object; names the row.
    """
    decoded = decode(path)
    if decoded.note:
        report.note(f"{name}: {decoded.note}")
    text = decoded.text
    if assigned := _ASSIGNED.match(text):
        text = text[assigned.end() :].rstrip().removesuffix(";")
    halves = _Halves()
    entries, rows = _entries(text, path, halves)
    if halves.count:
        report.note(f"{name}: {halves.count:,} half characters (\\ud83d and the like) replaced by U+FFFD")
    return checked_objects(entries, path, rows), rows


class _Halves:
    count = 0

    def mended(self, value: Any) -> Any:
        """The same value with every half of a character replaced."""
        if isinstance(value, str):
            text, found = _HALVES.subn("�", value)
            self.count += found
            return text
        if isinstance(value, list):
            return [self.mended(inner) for inner in value]
        if isinstance(value, dict):
            return {self.mended(key): self.mended(inner) for key, inner in value.items()}
        return value


def _entries(text: str, path: Path, halves: _Halves) -> tuple[list[Any], list[int]]:
    # A byte order mark stands where files were put one after the other.
    given = ((n, line.lstrip("\ufeff")) for n, line in enumerate(text.split("\n"), start=1))
    lines = [(n, line) for n, line in given if line.strip()]
    if not lines:
        raise DataError("nothing in it", file=path, mend="Fetch the file again")
    if _is_json(lines[0][1]) and len(lines) > 1:
        entries: list[Any] = []
        rows: list[int] = []
        for n, line in lines:
            found = _parsed(line, path, n, halves)
            several = found if isinstance(found, list) else [found]
            entries += several
            rows += [n] * len(several)
        return entries, rows
    whole = _parsed(text.lstrip("\ufeff"), path, None, halves)
    if isinstance(whole, dict):
        whole = _turned(whole)
    entries = whole if isinstance(whole, list) else [whole]
    return entries, list(range(1, len(entries) + 1))


def _turned(document: dict[str, Any]) -> list[Any]:
    """Rows of what pandas writes when not told otherwise, `{"id": {"0": 5, "1": 6}, "text": {...}}`."""
    first = next(iter(document.values()), None)
    if not isinstance(first, dict) or not first or not all(key.isdecimal() for key in first):
        return [document]
    if any(not isinstance(column, dict) or column.keys() != first.keys() for column in document.values()):
        return [document]
    return [{name: column[key] for name, column in document.items()} for key in first]


def _is_json(line: str) -> bool:
    """Whether a first line stands for itself; one that is no whole value opens a document of many lines."""
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return False


def _parsed(text: str, path: Path, row: int | None, halves: _Halves) -> Any:
    import orjson

    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        # NaN, which is no JSON, and half characters are read by Python alone.
        found = json.loads(text)
        return halves.mended(found) if "\\u" in text else found
    except RecursionError:
        problem = "lists or objects too deep in one another"
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if row is None else f"column {error.colno}"
        problem = f"cut off or not JSON at {where}: {error.msg}"
    except ValueError as error:
        problem = f"a number that cannot be read: {error}"  # of thousands of digits
    raise DataError(problem, file=path, row=row, mend="Fetch the file again")
