"""Influencers: which files of the repository `influencers-data` are read, and the rows in them.

    data/<person>/twitter/<account>-twitter-2020.txt         Brazil
    data/<person>/instagram/<account>-instagram-2020.txt
    data-mx/<person>/...                                     Mexico, likewise

Each may be gzipped. Some folders hold themselves once more. A row is `time; account; text; ` and what a
platform adds behind it: counts, the address. `; ` and newlines stand inside texts too, some files are one
single line, and rows may be parted by `[`. So a file is cut at every `time; account; `, and each piece is
read from its end.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.errors import DataError
from benchmark.readers import columns, identifiers, moments
from benchmark.readers.decoding import check_regular
from benchmark.readers.raw import FILE, ROW, Origin, ReadReport

COUNTRIES = {"data": "br", "data-mx": "mx"}
"""Folder of the repository -> country."""

SETTLED_DAYS = 3
"""A file ends on the day of its collection, each on another: what is younger then was still growing."""

_HEAD = re.compile(
    r"(?<!\d)(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:?\d\d|Z)?); ([A-Za-z0-9_.]{1,40}); "
)
_BETWEEN_ROWS = " \t\r\n[\ufeff"
_HASHTAG = re.compile(r"(?<![\w&])#(\w*[^\W\d_]\w*)")
_REPLACEMENT = "\ufffd"
_LARGEST = 1 << 30
"""Bytes. A file holds the posts of one account in one year: 6 MB is much."""
_MOST_UNREAD = 0.01
"""Share of a file's rows. Above it, the file is of another form than this reader knows."""


@dataclass(frozen=True)
class Rows:
    """The n rows of one file."""

    file: str
    """Path below the raw folder."""
    person: str
    """Folder of the person: the same for all of their accounts."""
    country: str
    numbers: np.ndarray
    """int64 [n]: the how many-th row of the file each is, from 1."""
    times: list[str]
    accounts: list[str]
    fields: list[tuple[str, ...]]
    """The groups of the platform's pattern; the first is the text."""

    @property
    def origin(self) -> Origin:
        return Origin(self.file, self.numbers)

    def frame(self, mention: re.Pattern[str]) -> pd.DataFrame:
        """What both platforms have: all but ids, counts, and whether a post has settled.

        Args:
            mention: its first group is the account that a text names.
        """
        text = columns.texts([one[0].strip() for one in self.fields])
        return pd.DataFrame(
            {
                FILE: self.file,
                ROW: self.numbers,
                # Accounts are the same in any case, and mentions spell them in any.
                "user_id": identifiers.ids([one.lower() for one in self.accounts], "account", self.origin),
                "time": moments.times(self.times, "time", self.origin),
                "text": text,
                "hashtags": columns.tags([_found(_HASHTAG, "#", one) for one in text]),
                "mentions": columns.tags([_found(mention, "@", one) for one in text]),
                "person": self.person,
                "country": self.country,
            }
        )


def read_files(folder: Path, platform: str, tail: re.Pattern[str], report: ReadReport) -> Iterator[Rows]:
    """The rows of each file of a platform, in the order of the paths.

    Args:
        platform: `twitter` or `instagram`.
        tail: matches what follows `time; account; ` up to the last character of a row that is neither blank
            nor `[`; its first group is the text.

    Raises:
        DataError: there is no file, or one is of another form.
    """
    ours = re.compile(rf".+-{platform}-2020\.txt(\.gz)?")
    found, others, rows = [], 0, Counter[str]()
    for top in COUNTRIES:
        for path in sorted((folder / top).glob(f"**/{platform}/*")):
            if ours.fullmatch(path.name):
                found.append((top, path))
            else:
                others += 1
    if not found:
        wanted = f"data/<person>/{platform}/<account>-{platform}-2020.txt"
        mend = "Clone the repository, and name the folder that `data` and `data-mx` lie in"
        raise DataError(f"no file {wanted} here, nor one gzipped", file=folder, mend=mend)
    if others:
        report.note(f"{others} files beside those of 2020 are not read: they were collected at other times")
    unread: list[str] = []
    for top, path in found:
        file = path.relative_to(folder).as_posix()
        text = _text(path, file, report)
        if not text.strip(_BETWEEN_ROWS):
            report.note(f"{file}: no post in it")
            continue
        one = _rows(text, file, path.parent.parent.name, COUNTRIES[top], tail, unread)
        rows[top] += len(one.fields)
        yield one
    for top, count in rows.items():
        report.rows[f"{sum(one == top for one, _ in found)} files of {top}"] = count
    if unread:
        report.drop("not of the form of a row", len(unread))
        report.note(f"{len(unread)} rows do not read, the first is {unread[0]}")


def once(frame: pd.DataFrame, report: ReadReport) -> pd.DataFrame:
    """Each post once, of the file that goes on longest: a folder lies in the repository twice, and some rows
    follow themselves. Adds `is_settled`."""
    newest = frame.groupby(FILE)["time"].transform("max")
    frame["is_settled"] = frame["time"] <= newest - pd.Timedelta(days=SETTLED_DAYS)
    frame = frame.iloc[np.argsort(newest.to_numpy(), kind="stable")]
    again = frame.duplicated("post_id", keep="last")
    report.drop("the same post once more", int(again.sum()))
    return frame[~again].sort_index(ignore_index=True)


def _rows(text: str, file: str, person: str, country: str, tail: re.Pattern[str], unread: list[str]) -> Rows:
    heads = list(_HEAD.finditer(text))
    if not heads:
        mend = "Fetch the file anew, or move it away"
        raise DataError("no row `time; account; text; ...` in it", file=file, row=1, mend=mend)
    if lead := text[: heads[0].start()].strip(_BETWEEN_ROWS):
        unread.append(f"{lead[:60]!r}, before row 1 of {file}")
    ends = [one.start() for one in heads[1:]] + [len(text)]
    kept, fields, missed = [], [], []
    for number, (head, end) in enumerate(zip(heads, ends, strict=True), start=1):
        piece = text[head.end() : end].rstrip(_BETWEEN_ROWS)
        if found := tail.fullmatch(piece):
            kept.append(number)
            fields.append(found.groups())
        else:
            missed.append(f"{text[head.start() : end][:60]!r}, row {number} of {file}")
    if not kept or len(missed) > max(1, _MOST_UNREAD * len(heads)):
        raise DataError(
            f"{len(missed)} of {len(heads)} rows do not read, the first is {missed[0]}",
            file=file,
            mend="Fetch the file anew, or move it away",
        )
    unread += missed
    return Rows(
        file=file,
        person=person,
        country=country,
        numbers=np.array(kept, dtype=np.int64),
        times=[heads[number - 1][1] for number in kept],
        accounts=[heads[number - 1][2] for number in kept],
        fields=fields,
    )


def _text(path: Path, file: str, report: ReadReport) -> str:
    check_regular(path)
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = _unzipped(raw, file)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", errors="replace")
        report.note(f"{file}: not valid UTF-8; {text.count(_REPLACEMENT)} unreadable characters replaced")
        return text


def _unzipped(raw: bytes, file: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            content = packed.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot be unpacked: {error}", file=file, mend="Fetch the file anew") from None
    if len(content) > _LARGEST:
        raise DataError(f"unpacks to more than {_LARGEST:,} bytes", file=file, mend="Fetch the file anew")
    return content


def _found(pattern: re.Pattern[str], sign: str, text: str) -> list[str]:
    """Each once, in small letters, in the order of the text."""
    if sign not in text:
        return []
    return list(dict.fromkeys(one.lower() for one in pattern.findall(text)))
