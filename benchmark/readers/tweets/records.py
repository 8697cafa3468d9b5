"""Records: one file -> columns under plain names, a value a tweet, whatever form they were written in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import DataError, listed
from benchmark.readers.compressed import ending
from benchmark.readers.delimited import read_delimited
from benchmark.readers.json_rows import by_column
from benchmark.readers.raw import ReadReport
from benchmark.readers.tweets.json_file import read_tweets_json
from benchmark.readers.tweets.listing import TABLES
from benchmark.readers.tweets.missing import is_missing
from benchmark.readers.tweets.objects import flattened, parsed, plain

_OBJECTS = (
    *("public_metrics", "user", "author", "author_public_metrics", "user_public_metrics"),
    *("entities", "extended_tweet", "note_tweet", "inreplytouser"),
)
"""Columns of a table in which tools leave an object as text."""
_ABOVE = (("data_", "data_id", "data_text"), ("tweet_", "tweet_id_str", "tweet_full_text"))
"""What tools that flatten an answer, or an archive, put before every name of the tweet."""
_BYTES = re.compile(r"""b(['"]).*\1""", re.DOTALL)


@dataclass(frozen=True)
class Records:
    columns: dict[str, list[Any]]
    """Plain name -> a value each tweet."""
    rows: np.ndarray
    archive: bool = False
    """Whether each was wrapped as Twitter's archive wraps them."""


def read_records(path: Path, name: str, report: ReadReport) -> Records:
    """The tweets of one file; `name` is what the report calls it.

    Raises:
        DataError: it cannot be read, or holds something else than tweets or pages of them.
    """
    if ending(path) in TABLES:
        frame, rows = read_delimited(path, report)
        records = Records(_named([str(column) for column in frame], frame.to_dict("list"), path), rows)
    else:
        records = _of_objects(path, name, report)
    report.rows.pop(path.name, None)
    report.rows[name] = len(records.rows)
    columns = _unprefixed(records.columns)
    unpacked = sum([_unpack_bytes(values) for values in columns.values()])
    if unpacked:
        report.note(f"{name}: {unpacked:,} texts unwrapped that stood as bytes, b'...'")
    return Records(_unfolded(columns), records.rows, records.archive)


def _of_objects(path: Path, name: str, report: ReadReport) -> Records:
    objects, numbers = read_tweets_json(path, name, report)
    tweets: list[dict[str, Any]] = []
    rows: list[int] = []
    wrapped = 0
    for page, row in zip(objects, numbers, strict=True):
        wrapped += set(page) == {"tweet"}
        for tweet in _unpaged(page, path, row, name, report):
            tweets.append(flattened(tweet))
            rows.append(row)
    return Records(by_column(tweets, path), np.array(rows, dtype=np.int64), bool(wrapped))


def _unpaged(
    page: dict[str, Any], path: Path, row: int, name: str, report: ReadReport
) -> Iterator[dict[str, Any]]:
    """Tweets of an answer of API v2, `{"data": [...], "includes": {"users": [...]}}`, each with its author,
    or of a search of v1.1, `{"statuses": [...]}`; of an answer without results, none; a tweet is itself."""
    if set(page) == {"tweet"} and isinstance(page["tweet"], dict):
        yield page["tweet"]
    elif "statuses" in page:
        yield from _objects(page["statuses"], "statuses", path, row)
    elif "data" in page and isinstance(page["data"], list | dict):
        yield from _with_authors(page, path, row)
    elif "id" not in page and isinstance(page.get("meta"), dict):
        return
    elif "id" not in page and ("errors" in page or "status" in page):
        told = page.get("title") or page.get("detail") or page.get("errors")
        report.note(f"{name} row {row}: Twitter answered with an error and no tweets: {str(told)[:80]}")
    else:
        yield page


def _with_authors(page: dict[str, Any], path: Path, row: int) -> Iterator[dict[str, Any]]:
    data = page["data"]
    tweets = _objects(data if isinstance(data, list) else [data], "data", path, row)
    includes = page.get("includes") or {}
    users = includes.get("users") if isinstance(includes, dict) else includes
    authors = {str(one.get("id")): one for one in _objects(users or [], "includes", path, row)}
    for tweet in tweets:
        author = authors.get(str(tweet.get("author_id")), {})
        answered = authors.get(str(tweet.get("in_reply_to_user_id")), {}).get("username")
        yield {**tweet, "author": author} | ({"in_reply_to_username": answered} if answered else {})


def _objects(entries: object, key: str, path: Path, row: int) -> list[dict[str, Any]]:
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    problem = "a list of objects was expected, as Twitter's API v2 answers"
    raise DataError(problem, file=path, row=row, column=key, mend="Fetch the page again")


def _named(names: list[str], columns: dict[Any, list[Any]], path: Path) -> dict[str, list[Any]]:
    """Columns by plain name.

    Raises:
        DataError: two names differ in blanks, marks or case alone, so that nobody knows which is meant.
    """
    named: dict[str, str] = {}
    for name in names:
        if (other := named.setdefault(plain(name), name)) != name and plain(name):
            problem = f"two columns have the same name but for marks and case: {listed([other, name])}"
            raise DataError(problem, file=path, row=1, mend="Rename or remove one of them")
    return {short: columns[name] for short, name in named.items()}


def _unprefixed(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    for above, *signs in _ABOVE:
        if all(sign in columns for sign in signs):
            own = {name.removeprefix(above): held for name, held in columns.items() if name.startswith(above)}
            return {name: held for name, held in columns.items() if not name.startswith(above)} | own
    return columns


def _unfolded(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Objects that a table holds as text, as columns of their own."""
    for name in _OBJECTS:
        values = columns.get(name, [])
        objects = [parsed(value) for value in values]
        if not any(isinstance(one, dict) for one in objects):
            continue
        flat = [flattened(one, f"{name}_") if isinstance(one, dict) else {} for one in objects]
        for inner in dict.fromkeys(key for row in flat for key in row):
            known = columns.get(inner, [None] * len(values))
            told = [row.get(inner) for row in flat]
            columns[inner] = [b if is_missing(a) else a for a, b in zip(known, told, strict=True)]
        columns[name] = [
            None if isinstance(one, dict) else value for one, value in zip(objects, values, strict=True)
        ]
    return columns


def _unpack_bytes(values: list[Any]) -> int:
    """Decode, in place, what a script wrote with `str()` of bytes; how many there were."""
    count = 0
    for i, value in enumerate(values):
        if isinstance(value, str) and value[:2] in ("b'", 'b"') and _BYTES.fullmatch(value):
            try:
                found = ast.literal_eval(value)
            except (ValueError, SyntaxError):  # a text that only looks so
                continue
            if isinstance(found, bytes):
                values[i] = found.decode("utf-8", errors="replace")
                count += 1
    return count
