"""SMPD video track: TikTok posts as the SMP Challenge publishes them since 2025 (https://smp-challenge.com).

JSON lines: posts, users and videos for each of `train` and `test`, and the popularity of the train posts.
They are in different orders and are joined by `pid` and `uid`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.declared.card import Card
from benchmark.errors import DataError, listed
from benchmark.readers import columns, identifiers, moments
from benchmark.readers.json_rows import read_objects
from benchmark.readers.raw import FILE, ROW, Origin, Raw, ReadReport

_WRAP = 2**32
_READ = {".jsonl", ".json"}
_DATA = _READ | {".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".gz", ".zip"}
"""Endings of files that may hold data, read or not."""


def read(card: Card, folder: Path) -> Raw:
    """Both splits below `folder`; `popularity` is NaN in the test split, whose labels are withheld.

    Raises:
        DataError: a file is missing or broken, a train post has no label, or an id is repeated.
    """
    report = ReadReport()
    splits = [split for split in ("train", "test") if _find(folder, "posts", split)]
    if not splits:
        raise _missing(folder, "posts", "train")
    frames = [_split(folder, split, report) for split in splits]
    return Raw(pd.concat(frames, ignore_index=True), report)


def _split(folder: Path, split: str, report: ReadReport) -> pd.DataFrame:
    frame = _posts(_require(folder, "posts", split), report)
    frame = _joined(frame, _videos(_require(folder, "videos", split), report), "post_id", report)
    frame = _joined(frame, _users(_require(folder, "users", split), report), "user_id", report)
    if split == "test":
        return frame.assign(popularity=np.nan)
    return _labelled(frame, _require(folder, "popularity", split), report)


def _posts(path: Path, report: ReadReport) -> pd.DataFrame:
    table = _Table(path, report)
    return pd.DataFrame(
        {
            FILE: path.name,
            ROW: table.origin.rows,
            "post_id": identifiers.ids(table["pid"], "pid", table.origin),
            "user_id": identifiers.ids(table["uid"], "uid", table.origin),
            "time": moments.times(table["post_time"], "post_time", table.origin),
            "text": columns.texts([_words(value) for value in table["post_content"]]),
            "suggested_words": columns.tags([_listed(value) for value in table["post_suggested_words"]]),
            "location": columns.levels(table["post_location"]),
            "language": columns.levels(table["post_text_language"]),
            "video_path": columns.levels(table["video_path"]),
        }
    )


def _videos(path: Path, report: ReadReport) -> pd.DataFrame:
    table = _Table(path, report)
    numbers = ("video_height", "video_width", "video_duration", "music_duration")
    frame = pd.DataFrame(
        {
            "post_id": identifiers.ids(table["pid"], "pid", table.origin),
            **{name: _not_negative(table, name, report) for name in numbers},
            "video_ratio": columns.levels(table["video_ratio"]),
            "video_format": columns.levels(table["video_format"]),
            "music_title": columns.texts(table["music_title"]),
        }
    )
    return _unique(frame, "post_id", table.origin, report)


def _users(path: Path, report: ReadReport) -> pd.DataFrame:
    table = _Table(path, report)
    frame = pd.DataFrame(
        {
            "user_id": identifiers.ids(table["uid"], "uid", table.origin),
            "following": _not_negative(table, "user_following_count", report),
            "followers": _not_negative(table, "user_follower_count", report),
            "user_likes": _unwrapped(
                columns.numbers(table["user_likes_count"], "user_likes_count", table.origin), report
            ),
            "user_videos": _not_negative(table, "user_video_count", report),
            "user_diggs": _not_negative(table, "user_digg_count", report),
        }
    )
    return _unique(frame, "user_id", table.origin, report)


def _labelled(frame: pd.DataFrame, path: Path, report: ReadReport) -> pd.DataFrame:
    table = _Table(path, report)
    labels = pd.DataFrame(
        {
            "post_id": identifiers.ids(table["pid"], "pid", table.origin),
            "popularity": columns.numbers(table["popularity"], "popularity", table.origin),
        }
    )
    if (unknown := ~labels["post_id"].isin(frame["post_id"])).any():
        row = int(np.flatnonzero(unknown)[0])
        raise table.origin.error(row, "no post has this id", column="pid", value=labels["post_id"].iloc[row])
    labels = _unique(labels, "post_id", table.origin, report)
    result = frame.merge(labels, on="post_id", how="left", validate="many_to_one")
    if (bare := result["popularity"].isna()).any():
        row = int(np.flatnonzero(bare)[0])
        raise DataError(
            f"{int(bare.sum())} train posts have no label, the first is '{result['post_id'].iloc[row]}' "
            f"({result[FILE].iloc[row]} row {result[ROW].iloc[row]})",
            file=path,
            mend="Take all files from one release",
        )
    return result


class _Table:
    """The objects of one file, by key; a key that no row has is an error."""

    def __init__(self, path: Path, report: ReadReport) -> None:
        self.path = path
        self.objects, rows = read_objects(path)
        self.origin = Origin(path.name, np.array(rows, dtype=np.int64))
        report.rows[path.name] = len(rows)

    def __getitem__(self, key: str) -> list[Any]:
        if not any(key in row for row in self.objects):
            raise DataError(f"no row has the key '{key}'", file=self.path, column=key, mend="Fetch it again")
        return [row.get(key) for row in self.objects]


def _words(value: object) -> object:
    """Both shapes in circulation: a list of words, or the same words joined by commas."""
    value = _listed(value)
    if isinstance(value, list):
        return " ".join(str(word) for word in value)
    return value.replace(",", " ") if isinstance(value, str) else value


def _listed(value: object) -> object:
    """A list that a table has made a string of is a list again; any other text stays what it is."""
    if not (isinstance(value, str) and value.startswith("[") and value.endswith("]")):
        return value
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value
    return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else value


def _not_negative(table: _Table, key: str, report: ReadReport) -> pd.Series:
    result = columns.numbers(table[key], key, table.origin)
    if count := int((result < 0).sum()):
        report.note(f"column '{key}': {count} negative values set to missing")
    return result.mask(result < 0)


def _unwrapped(likes: pd.Series, report: ReadReport) -> pd.Series:
    """Undo the 32-bit overflow of the like counts of the largest accounts.

    The platform rounds counts of a billion and more to a tenth of a billion. So of the true values that a
    negative number can stand for (it plus 2^32, 2 * 2^32, ...) exactly one is round: -1889934592 is 6.7
    billion, two turns, and not the 2.405 billion of one turn.
    """
    result = likes.copy()
    for i in np.flatnonzero(likes < 0):
        turns = (int(likes.iloc[i]) + turn * _WRAP for turn in range(1, 9))
        result.iloc[i] = next((float(count) for count in turns if count % 10**8 == 0), np.nan)
    if overflown := int((likes < 0).sum()):
        repaired = int(result[likes < 0].notna().sum())
        report.note(
            f"column 'user_likes_count': {overflown} counts had overflowed 32 bits; "
            f"{repaired} restored, {overflown - repaired} set to missing"
        )
    return result


def _unique(frame: pd.DataFrame, key: str, origin: Origin, report: ReadReport) -> pd.DataFrame:
    """Exact duplicates dropped and counted; a key with two different rows is an error."""
    repeated = frame.duplicated()
    report.drop(f"exact duplicate in {origin.files}", int(repeated.sum()))
    if (clash := frame.duplicated(subset=key) & ~repeated).any():
        row = int(np.flatnonzero(clash)[0])
        first = int(np.flatnonzero(frame[key] == frame[key].iloc[row])[0])
        raise origin.error(
            row,
            f"row {origin.rows[first]} says otherwise about the same id",
            column=key,
            value=frame[key].iloc[row],
            mend="Keep one of the two",
        )
    return frame[~repeated]


def _joined(left: pd.DataFrame, right: pd.DataFrame, key: str, report: ReadReport) -> pd.DataFrame:
    result = left.merge(right, on=key, how="left", validate="many_to_one", indicator=True)
    if alone := int((result["_merge"] == "left_only").sum()):
        report.note(
            f"{alone} posts of {left[FILE].iloc[0]} have no {'video' if key == 'post_id' else 'user'} row"
        )
    return result.drop(columns="_merge")


def _find(folder: Path, kind: str, split: str) -> Path | None:
    there = _files(folder, kind, split)
    found = [path for path in there if path.suffix in _READ and path.stem.lower().endswith(split)]
    if len(found) > 1:
        raise DataError(
            f"two files hold the {kind} of {split}: {', '.join(path.name for path in found)}",
            file=folder,
            mend="Keep one",
        )
    return found[0] if found else None


def _files(folder: Path, *name: str) -> Iterator[Path]:
    """Files whose name ends so before the dot, here and one folder further down."""
    ending = re.compile("_".join(name) + r"(?:\.[a-z]+)+$", re.IGNORECASE)
    for path in sorted(path for pattern in ("*", "*/*") for path in folder.glob(pattern)):
        # A name with a dot in front is a Mac's shadow of the file.
        if not path.name.startswith(".") and ending.search(path.name) and path.is_file():
            yield path


def _require(folder: Path, kind: str, split: str) -> Path:
    path = _find(folder, kind, split)
    if path is None:
        raise _missing(folder, kind, split)
    return path


def _missing(folder: Path, kind: str, split: str) -> DataError:
    """What is there instead, and what would be read."""
    problem, kinds = f"no *{kind}_{split}.jsonl here", ["posts", "users", "videos"]
    mend = "Unpack the owner's archive completely"
    if other := next(_files(folder, kind, split), None):
        problem += f", but {other.name}, which is not read"
        mend = (
            "Write it as JSON lines, an object a line: pandas.DataFrame.to_json(orient='records', lines=True)"
        )
    elif kind == "posts" and (there := [path.name for path in _files(folder) if path.suffix in _DATA]):
        problem += f", but {listed(there, most=5)}"
        kinds += ["popularity"] * (split == "train")
        expected = listed(f"*{one}_{split}.jsonl" for one in kinds)
        mend = f"{expected} are expected; a table of your own takes a card with reader `table`"
    return DataError(problem, file=folder, mend=mend)
