"""JSON files: one document, or one object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmark.errors import DataError
from benchmark.readers.decoding import read_bytes
from benchmark.readers.nesting import DEEPEST, too_deep

_MOST_CELLS = 50_000_000


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
            raise DataError("an object was expected", file=path, row=row, value=_shown(entry))
        for name, value in entry.items():
            if (type(value) is list or type(value) is dict) and too_deep(value):
                problem = f"lists or objects more than {DEEPEST} deep in one another"
                row = rows[i] if rows else i + 1
                raise DataError(problem, file=path, row=row, column=name, mend="Mend or remove the row")
    return entries


def by_column(objects: list[dict[str, Any]], path: Path) -> dict[str, list[Any]]:
    """Every key that an object has, with its value in each, None where it has none.

    Raises:
        DataError: hardly any two objects share a key: their keys are no names of columns.
    """
    names = dict.fromkeys(key for row in objects for key in row)
    if len(names) * len(objects) > max(_MOST_CELLS, 100 * sum(map(len, objects))):
        raise DataError(
            f"{len(names):,} different keys in {len(objects):,} objects",
            file=path,
            mend="Keys must be names of columns: write what differs from row to row as a value",
        )
    return {name: [row.get(name) for row in objects] for name in names}


def _shown(entry: object) -> object:
    """What can be put into a message."""
    return type(entry).__name__ if too_deep(entry) else entry


def _parsed(raw: bytes, path: Path, row: int | None = None) -> Any:
    import orjson

    try:
        return orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        pass
    try:
        # Exports of pandas and of Python's json hold NaN, which is no JSON and which only Python reads.
        parsed = json.loads(raw)
        if b"\\u" in raw:
            json.dumps(parsed, ensure_ascii=False).encode()
        return parsed
    except UnicodeEncodeError as error:
        problem = f"half a character, \\u{ord(error.object[error.start]):04x}, is no text"
    except RecursionError:
        problem = "lists or objects too deep in one another"
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if row is None else f"column {error.colno}"
        problem = f"cut off or not JSON at {where}: {error.msg}"
    except UnicodeDecodeError as error:
        problem = f"not valid UTF-8 at byte {error.start}"
    except ValueError as error:
        problem = f"a number that cannot be read: {error}"  # of thousands of digits
    raise DataError(problem, file=path, row=row, mend="Fetch the file again")
