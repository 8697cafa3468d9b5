"""JSON files: one document, or one object a line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from benchmark.errors import DataError, listed
from benchmark.readers.decoding import decode, read_bytes, wide_encoding
from benchmark.readers.json_shapes import one_after_another, rows_by_key, rows_of_columns
from benchmark.readers.nesting import DEEPEST, too_deep
from benchmark.readers.raw import ReadReport


class NoRows(DataError):
    """A document has no rows where the card says; a page without results may be such a one."""


class NoJson(DataError):
    """It does not parse."""


DOCUMENT = "document"
"""Column that holds the JSON document around the rows."""
_MOST_CELLS = 50_000_000
_SAMPLE, _SAMPLE_BYTES = 1000, 1 << 22
"""Lines, and bytes of a document, in which keys are looked at: what writes one twice does so throughout."""
_IN_SCRIPT = re.compile(rb"\s*(?:var |let |const )?[\w.$]+\s*[=(]\s*[\[{]")
_LONG_NUMBER = re.compile(rb"[:\[,\s]-?\d{19,}\s*[,}\]\s]")
_ALL_DIGITS_0 = bytes.maketrans(b"123456789", b"0" * 9)
_QUICKLY = 1 << 26
"""Bytes that are looked through for many digits in a row in a copy, which takes a fifth of the time."""


def read_json(path: Path) -> Any:
    """The one document of a JSON file (up to hundreds of megabytes).

    Raises:
        DataError: empty, cut off or not JSON; names line and column.
    """
    return _parsed(read_bytes(path), path)


def read_objects(
    path: Path, rows: str = "", report: ReadReport | None = None, encoding: str | None = None
) -> tuple[list[dict[str, Any]], list[int]]:
    """Objects of a JSON lines file, or of a file that is one JSON document, and the row of each, from 1.

    Args:
        rows: where in a document its rows are, as a dotted path. Each row then has its document, without
            those rows, under `DOCUMENT`; its number is that within the file.
        report: where to note what had to be replaced.
        encoding: of the text; UTF-8 when absent, or UTF-16 if it looks so.

    Raises:
        DataError: empty, cut off, not JSON, an entry that is no object, a key that stands twice in one, or
            nothing at `rows`; names the row.
    """
    raw = read_bytes(path)
    if encoding or wide_encoding(raw):
        decoded = decode(path, encoding)
        raw = decoded.text.encode()
        if report is not None and decoded.note:
            report.note(f"{path.name}: {decoded.note}")
    entries, numbers = _entries(raw, path, bool(rows), report)
    if rows:
        inner = _inner_rows(entries, numbers, rows, path, report)
        return checked_objects(inner, path), list(range(1, len(inner) + 1))
    alone = entries[0] if isinstance(entries, list) and len(entries) == 1 else None
    if isinstance(alone, dict) and (turned := rows_of_columns(alone)) is not None:
        if report is not None:
            report.note(f"{path.name}: holds columns, as pandas writes them; turned into rows")
        return checked_objects(turned, path), list(range(1, len(turned) + 1))
    return checked_objects(entries, path, numbers), numbers


def _entries(raw: bytes, path: Path, by_document: bool, report: ReadReport | None) -> tuple[Any, list[int]]:
    """What a file holds, and the number of each: entries of a list, or its document, or one a line."""
    start = raw.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    if start == b"{" and (by_document or not _is_whole_line(raw)) and (one := _document(raw)) is not None:
        _check_keys_once(raw, path)
        return [one], [1]
    try:
        if start == b"[":
            entries = _parsed(raw, path, report=report)
            _check_keys_once(raw, path)
            return entries, list(range(1, len(entries) + 1))
        lines = [(n, line) for n, line in enumerate(raw.split(b"\n"), start=1) if line.strip()]
        entries = [_parsed(line, path, n, report) for n, line in lines]
    except NoJson:
        several = one_after_another(raw) if start in (b"[", b"{") else None
        if several is None:
            raise
        return several, list(range(1, len(several) + 1))
    for n, line in lines[:_SAMPLE]:
        _check_keys_once(line, path, n)
    return entries, [n for n, _ in lines]


def _is_whole_line(raw: bytes) -> bool:
    """Whether the first line is an object of its own, and the file one object a line."""
    return _document(raw.strip().split(b"\n", 1)[0]) is not None


def _document(raw: bytes) -> Any:
    """The whole file as one document; None if it is more than that."""
    import orjson

    try:
        document = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    return exact(raw, document)


def exact(raw: bytes, parsed: Any) -> Any:
    """What orjson has parsed, with whole numbers beyond 64 bits as they stand there; it rounds them."""
    if len(raw) <= _QUICKLY and b"0" * 19 not in raw.translate(_ALL_DIGITS_0):
        return parsed
    return json.loads(raw) if _LONG_NUMBER.search(raw) else parsed


def _check_keys_once(raw: bytes, path: Path, row: int | None = None) -> None:
    """
    Raises:
        DataError: a key stands twice in an object, with two values.
    """
    if len(raw) > _SAMPLE_BYTES:
        return
    twice: list[tuple[str, object, object]] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice.extend((key, value, found[key]) for key, value in pairs if value != found[key])
        return found

    try:
        json.loads(raw, object_pairs_hook=once)
    except (ValueError, RecursionError):  # what is no JSON is refused by those who read it
        return
    if twice:
        key, first, last = twice[0]
        problem = f"stands twice in one object, as {str(first)[:40]!r} and as {str(last)[:40]!r}"
        raise DataError(
            problem, file=path, row=row, column=key, mend="Which is meant cannot be told: mend the row"
        )


def _inner_rows(
    documents: list[Any], numbers: list[int], where: str, path: Path, report: ReadReport | None
) -> list[Any]:
    """The rows of all documents of a file. Where others have some, one without is an empty page.

    Raises:
        NoRows: none has any.
    """
    found: list[list[Any]] = []
    missing: list[NoRows] = []
    for document, number in zip(documents, numbers, strict=True):
        try:
            found.append(_rows_of(document, where, path, number))
        except NoRows as error:
            missing.append(error)
    if missing and not found:
        raise missing[0]
    if missing and report is not None:
        report.note(f"{path.name}: {len(missing):,} pages without '{where}'")
    return [row for rows in found for row in rows]


def _rows_of(document: Any, where: str, path: Path, number: int) -> list[Any]:
    """The rows at a dotted path of a document, each with the document around it."""
    at, parts, mend = document, where.split("."), "Correct `rows` in the card"
    for part in parts:
        if not isinstance(at, dict) or part not in at:
            known = listed(at) if isinstance(at, dict) else f"it is {type(at).__name__}"
            problem = f"no '{part}' in the document; there is {known}"
            raise NoRows(problem, file=path, row=number, column=where, mend=mend)
        at = at[part]
    if isinstance(at, dict):
        at = rows_by_key(at)
    if at is None:
        raise NoRows(f"'{where}' holds no rows", file=path, row=number, mend=mend)
    if not isinstance(at, list):
        problem = f"'{where}' holds {type(at).__name__} and no list of rows"
        raise DataError(problem, file=path, row=number, mend=mend)
    around = {key: value for key, value in document.items() if key != parts[0]}
    return [{**row, DOCUMENT: around} if isinstance(row, dict) and DOCUMENT not in row else row for row in at]


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


def whole_characters(parsed: Any) -> Any:
    """Half a character, such as a cut emoji leaves behind, becomes U+FFFD: it is no text, and no file,
    message or tokenizer takes it. Without any, what was given."""
    text = json.dumps(parsed, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return parsed


def _shown(entry: object) -> object:
    """What can be put into a message."""
    return type(entry).__name__ if too_deep(entry) else entry


def _parsed(raw: bytes, path: Path, row: int | None = None, report: ReadReport | None = None) -> Any:
    import orjson

    try:
        return exact(raw, orjson.loads(raw.removeprefix(b"\xef\xbb\xbf")))
    except orjson.JSONDecodeError:
        pass
    try:
        # Exports of pandas and of Python's json hold NaN, which is no JSON and which only Python reads.
        parsed = json.loads(raw)
        whole = whole_characters(parsed) if b"\\u" in raw else parsed
        if whole is not parsed and report is not None:
            report.note(f"{path.name}: half characters (cut emoji) replaced by U+FFFD")
        return whole
    except RecursionError:
        problem = "lists or objects too deep in one another"
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if row is None else f"column {error.colno}"
        problem = f"cut off or not JSON at {where}: {error.msg}"
    except UnicodeDecodeError as error:
        problem = f"not valid UTF-8 at byte {error.start}"
    except ValueError as error:
        problem = f"a number that cannot be read: {error}"  # of thousands of digits
    mend = "Fetch the file again"
    if "UTF-8" in problem:
        mend += ", or name its `encoding` in the card"
    elif _IN_SCRIPT.match(raw):
        mend = "Remove what stands around the JSON: it is a script"
    elif raw.lstrip()[:1] not in (b"{", b"["):
        mend += ", or call it what it is (.csv)"
    raise NoJson(problem, file=path, row=row, mend=mend)
