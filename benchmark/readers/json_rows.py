"""JSON files: one document, or one object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmark.errors import DataError
from benchmark.readers.decoding import read_bytes


def read_json(path: Path) -> Any:
    """The one document of a JSON file (up to hundreds of megabytes).

    Raises:
        DataError: empty, cut off or not JSON; names line and column.
    """
    return _parsed(read_bytes(path), path)


def read_objects(path: Path) -> tuple[list[dict[str, Any]], list[int]]:
    """Objects of a JSON lines file, or of a file that is one JSON array, and the row of each, from 1.

    Raises:
        DataError: empty, cut off, not JSON, or an entry that is no object; names the row.
    """
    raw = read_bytes(path)
    if raw.lstrip()[:1] == b"[":
        entries = _parsed(raw, path)
        rows = list(range(1, len(entries) + 1))
    else:
        lines = [(n, line) for n, line in enumerate(raw.split(b"\n"), start=1) if line.strip()]
        entries = [_parsed(line, path, n) for n, line in lines]
        rows = [n for n, _ in lines]
    return checked_objects(entries, path, rows), rows


def checked_objects(entries: object, path: Path, rows: list[int] | None = None) -> list[dict[str, Any]]:
    if not isinstance(entries, list):
        raise DataError(f"a list of objects was expected, not {type(entries).__name__}", file=path)
    for i, entry in enumerate(entries):
        if not isinstance(entry, dict):
            row = rows[i] if rows else i + 1
            raise DataError("an object was expected", file=path, row=row, value=entry)
    return entries


def _parsed(raw: bytes, path: Path, row: int | None = None) -> Any:
    import orjson

    try:
        return orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        pass
    try:
        # Exports of pandas and of Python's json hold NaN, which is no JSON and which only Python reads.
        return json.loads(raw)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if row is None else f"column {error.colno}"
        problem = f"cut off or not JSON at {where}: {error.msg}"
    except UnicodeDecodeError as error:
        problem = f"not valid UTF-8 at byte {error.start}"
    raise DataError(problem, file=path, row=row, mend="Fetch the file again")
