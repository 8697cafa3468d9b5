"""Reddit: submissions and comments, as dumps and tables of them are passed around.

Dumps (pushshift, Arctic Shift) have an object of Reddit's API a line, plain (`.jsonl`, `.ndjson`, `.json`) or
compressed (`.zst`); tables (`.csv`, `.tsv`) have some of the same fields. Dumps are read line by line. A file
`subreddits.txt` in the raw folder, a name a line, says which communities to keep; without it, all are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from benchmark.declared.card import Card
from benchmark.errors import DataError
from benchmark.readers import columns, moments
from benchmark.readers.collected.captures import CAPTURED, aged, files_below, first, ids, part, written
from benchmark.readers.collected.line_stream import lines
from benchmark.readers.delimited import read_delimited
from benchmark.readers.json_rows import read_objects
from benchmark.readers.raw import FILE, ROW, Origin, Raw, ReadReport

KEPT = "subreddits.txt"

ALIASES: dict[str, tuple[str, ...]] = {
    "author": ("author", "username"),
    "time": ("created_utc",),
    "title": ("title",),
    "text": ("selftext", "body", "text"),
    "community": ("subreddit",),
    "flair": ("link_flair_text", "flair"),
    "is_self": ("is_self",),
    "over_18": ("over_18", "nsfw"),
    "score": ("score",),
    "comments": ("num_comments",),
    "upvote_ratio": ("upvote_ratio",),
    "locked": ("locked", "is_locked"),
    "stickied": ("stickied", "is_stickied"),
    "awards": ("total_awards_received", "num_awards", "gilded"),
}
"""Canonical column -> the fields it is taken from, the first that says something."""

_ENDINGS = (".zst", ".jsonl", ".ndjson", ".json", ".csv", ".tsv")
_TABLES = (".csv", ".tsv")
_GONE = {"[deleted]", "[removed]", "[ removed by reddit ]", "[removed by reddit]", "[deleted by user]"}
_FLAGS = ("is_self", "over_18", "locked", "stickied")
_SOON = pd.Timedelta(days=1)


def read(card: Card, folder: Path) -> Raw:
    """The posts of a file, or of all files below a folder; targets `score` and `comments`.

    Nobody is known of a post whose author is `[deleted]`: each is given an author of its own, so that no
    history is pooled. Texts and titles taken away are empty, and `withdrawn` says so. A comment's id keeps
    its `t1_`, since the ids of comments and of submissions are counted apart. Of rows with one id the one
    retrieved last is kept, or the last read. A score that Reddit still hid is unlabelled.

    Raises:
        DataError: no such file, one that is cut off, or a bad value; names file, row, column and value.
    """
    report = ReadReport()
    kept = _kept(folder)
    beside = card.beside_posts()
    paths = [folder] if folder.is_file() else files_below(folder, _ENDINGS)
    frames = [_frame(path, folder, kept, report) for path in paths if path.name not in beside]
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    if frame.empty:
        told = f" in the communities that {KEPT} names" if kept else ""
        raise DataError(f"no submission or comment{told}", file=folder, mend="See docs/collecting.md")
    return Raw(_once(frame, report), report)


def _kept(folder: Path) -> set[str] | None:
    path = folder / KEPT
    if folder.is_file() or not path.is_file():
        return None
    named = {_community(line) for line in path.read_text(encoding="utf-8-sig").splitlines()} - {""}
    if not named:
        raise DataError("names no community", file=path, mend="Write one name a line, or remove the file")
    return named


def _community(name: object) -> str:
    return str(name or "").strip().lower().removeprefix("/").removeprefix("r/")


def _frame(path: Path, folder: Path, kept: set[str] | None, report: ReadReport) -> pd.DataFrame:
    name = path.name if path == folder else path.relative_to(folder).as_posix()
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    others = 0
    for number, told in _objects(path, report):
        if kept is not None and _community(told.get("subreddit")) not in kept:
            others += 1
            continue
        rows.append(_row(told))
        numbers.append(number)
    report.rows[name] = len(rows)
    report.drop(f"of a community that {KEPT} does not name", others)
    return _typed(rows, Origin(name, np.array(numbers, dtype=np.int64)), report)


def _objects(path: Path, report: ReadReport) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if path.suffix.lower() in _TABLES:
        table, rows = read_delimited(path, report)
        names = [str(name).strip() for name in table]
        values = zip(*(table[name].tolist() for name in table), strict=True)
        for number, row in zip(rows.tolist(), values, strict=True):
            yield number, dict(zip(names, row, strict=True))
    elif _is_array(path):
        objects, numbers = read_objects(path)
        yield from zip(numbers, objects, strict=True)
    else:
        for number, line in lines(path):
            yield number, _parsed(line, path, number, report)


def _is_array(path: Path) -> bool:
    if path.suffix.lower() == ".zst":
        return False
    with path.open("rb") as file:
        return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"["


def _parsed(line: bytes, path: Path, number: int, report: ReadReport) -> dict[str, Any]:
    import orjson

    line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError:
        told = _tolerated(line, path, number, report)
    if not isinstance(told, dict):
        raise DataError("an object was expected", file=path, row=number, mend="Fetch the file again")
    return told


def _tolerated(line: bytes, path: Path, number: int, report: ReadReport) -> Any:
    """What is no JSON and is found in files that Python has written: NaN, and halves of characters."""
    try:
        told = json.loads(line)
        whole = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError) as error:
        problem = f"cut off or not JSON: {error}"
        raise DataError(problem, file=path, row=number, mend="Fetch the file again") from None
    if b"\\u" in line:
        report.note(f"{path.name}: halves of characters are replaced by '?'")
    return json.loads(whole)


def _row(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a row, so that a long dump does not lie in memory whole."""
    row = {name: _given(told, aliases) for name, aliases in ALIASES.items()}
    comment = _is_comment(told)
    own = ("comment_id", "id", "name") if comment else ("id", "post_id", "name")
    thread = _given(told, ("link_id", "post_id") if comment else ())
    row["time"] = written(row["time"])
    row["kind"] = "comment" if comment else "submission"
    row["post_id"] = _full(_given(told, own), "t1_" if comment else "")
    row["thread"] = _full(thread, "")
    row["parent"] = first(_full(_given(told, ("parent_id",)), ""), row["thread"]) if comment else None
    row["domain"] = first(_given(told, ("domain",)), _domain(_given(told, ("url",))))
    row["retrieved"] = first(
        part(told.get("_meta"), "retrieved_2nd_on"), _given(told, ("retrieved_on", "retrieved_utc"))
    )
    row["removed_by"] = _given(told, ("removed_by_category",))
    if str(_given(told, ("score_hidden", "hide_score"))).lower() == "true":
        row["score"], row["hidden"] = None, True
    return row


def _given(told: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    found = (told.get(name) for name in names)
    return next((value for value in found if written(value) is not None), None)


def _is_comment(told: Mapping[str, Any]) -> bool:
    if not columns.is_missing(kind := told.get("type")):
        return str(kind).lower() == "comment"
    return str(told.get("name")).startswith("t1_") or not (
        columns.is_missing(told.get("body")) and columns.is_missing(told.get("link_id"))
    )


def _full(value: Any, prefix: str) -> str | None:
    """`t3_abc` -> `abc`; of a comment `t1_abc`, which is asked for by the prefix or stands there."""
    if value is None:
        return None
    bare = str(value).strip().removeprefix("t3_")
    return bare if bare.startswith("t1_") else prefix + bare


def _domain(url: Any) -> str | None:
    try:
        return urlsplit(str(url)).hostname if url is not None else None
    except ValueError:  # brackets that are no address
        return None


def _typed(rows: list[dict[str, Any]], origin: Origin, report: ReadReport) -> pd.DataFrame:
    def given(name: str) -> list[Any]:
        return [row.get(name) for row in rows]

    def gone(values: list[Any]) -> np.ndarray:
        return np.array([str(value).strip().lower() in _GONE for value in values], dtype=bool)

    post_ids = ids(given("post_id"), "id", origin)
    nobody = gone(given("author")) | np.array([one is None for one in given("author")], dtype=bool)
    users = [
        f"[deleted] {i}" if no else a for i, no, a in zip(post_ids, nobody, given("author"), strict=True)
    ]
    no_text, no_title = gone(given("text")), gone(given("title"))
    removed = np.array([one is not None for one in given("removed_by")], dtype=bool)
    retrieved = columns.numbers(given("retrieved"), "retrieved_on", origin, report)
    report_of = {
        "posts of a deleted account: each counts as an account of its own": nobody.sum(),
        "texts or titles removed or deleted: empty": (no_text | no_title).sum(),
        "scores still hidden when read: unlabelled": sum(bool(one) for one in given("hidden")),
    }
    for told, count in report_of.items():
        if count:
            report.note(f"{origin.files}: {count} {told}")
    return pd.DataFrame(
        {
            FILE: origin.files,
            ROW: origin.rows,
            "post_id": post_ids,
            "user_id": ids(users, "author", origin),
            "time": moments.times(
                [written(time) for time in given("time")], "created_utc", origin, "epoch_seconds"
            ),
            "kind": columns.levels(given("kind")),
            "title": columns.texts(given("title")).mask(pd.Series(no_title), ""),
            "text": columns.texts(given("text")).mask(pd.Series(no_text), ""),
            "community": columns.levels(given("community")),
            "domain": columns.levels(given("domain")),
            "flair": columns.levels(given("flair")),
            "thread": columns.levels(given("thread")),
            "parent": columns.levels(given("parent")),
            **{name: columns.flags(given(name), name, origin, report) for name in _FLAGS},
            "withdrawn": pd.Series(nobody | no_text | no_title | removed, dtype="boolean"),
            "upvote_ratio": columns.numbers(given("upvote_ratio"), "upvote_ratio", origin, report),
            "awards": columns.numbers(given("awards"), "awards", origin, report),
            "score": columns.numbers(given("score"), "score", origin),
            "comments": columns.numbers(given("comments"), "num_comments", origin),
            "read_at": _moments(retrieved),
        }
    )


def _moments(seconds: pd.Series) -> pd.Series:
    """datetime64[ms] from epoch seconds, NaT where there are none that make sense."""
    plausible = seconds.between(1e9, 4e9)
    return pd.to_datetime(seconds.where(plausible), unit="s").astype("datetime64[ms]")


def _once(frame: pd.DataFrame, report: ReadReport) -> pd.DataFrame:
    captured = frame["read_at"].fillna(pd.Timestamp(0))
    ordered = frame.assign(**{CAPTURED: captured}).sort_values(CAPTURED, kind="stable")
    older = ordered.duplicated("post_id", keep="last")
    report.drop("earlier capture of the same post", int(older.sum()))
    kept = aged(ordered[~older].drop(columns=CAPTURED)).sort_index().reset_index(drop=True)
    ages = (kept["read_at"] - kept["time"]).dropna()
    if len(ages) and (usual := ages.median()) < _SOON:
        report.note(
            f"half of the counts were read within {usual / pd.Timedelta(hours=1):.1f} hours of publication: "
            "they had not settled"
        )
    return kept
