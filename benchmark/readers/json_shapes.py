"""JSON shapes: rows that a document holds column by column, and documents that follow one another."""

from __future__ import annotations

import json
import re
from typing import Any

KEY = "key"
"""Column that holds the key of a row in an object of rows."""
_GAP = re.compile(r"[\s,\ufeff]*")


def rows_of_columns(document: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of a document that pandas' `to_json` wrote, or that has a list for each column; None if it is
    no such document."""
    values = list(document.values())
    if document.keys() in ({"columns", "data"}, {"columns", "index", "data"}):
        return _split(document["columns"], document["data"])
    if all(isinstance(one, dict) for one in values):
        inner = [list(one) for one in values]
        if len(inner) > 1 and _numbered(inner[0]) and all(keys == inner[0] for keys in inner):
            return [{name: column[key] for name, column in document.items()} for key in inner[0]]
        if _numbered(list(document)) and not any(map(_numbered, inner)):
            return values
    lists = all(isinstance(one, list) for one in values)
    if lists and len(values) > 1 and len({len(one) for one in values}) == 1 and values[0]:
        return [dict(zip(document, row, strict=True)) for row in zip(*values, strict=True)]
    return None


def rows_by_key(rows: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Rows of an object that holds each under a key, with that key; None if it holds anything else."""
    if not rows or not all(isinstance(one, dict) for one in rows.values()):
        return None
    return [{KEY: key, **row} for key, row in rows.items()]


def one_after_another(raw: bytes) -> list[Any] | None:
    """Documents of a file that holds several, over lines or with commas between; the entries of those that
    are lists. None if the file is anything else."""
    try:
        text = raw.decode("utf-8")
        decoder, found, at = json.JSONDecoder(), list[Any](), 0
        while (at := _end_of_gap(text, at)) < len(text):
            value, at = decoder.raw_decode(text, at)
            found.append(value)
    except (ValueError, RecursionError):
        return None
    if len(found) < 2:
        return None
    return [entry for one in found for entry in (one if isinstance(one, list) else [one])]


def _split(names: Any, data: Any) -> list[dict[str, Any]] | None:
    if not (isinstance(names, list) and isinstance(data, list) and data):
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in data):
        return None
    return [dict(zip(map(str, names), row, strict=True)) for row in data]


def _numbered(keys: list[str]) -> bool:
    """Whether these are the keys of rows of a table: 0, 1, ..."""
    return bool(keys) and keys[:2] == [str(i) for i in range(len(keys))][:2] and all(map(str.isdecimal, keys))


def _end_of_gap(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at
