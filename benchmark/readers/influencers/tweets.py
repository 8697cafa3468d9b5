"""Tweets of the repository `influencers-data`.

`time; account; text; a; b; c; d; address; retweeted; quoted`, where the counts a to d are in one of two
orders, which differs by file and which no file tells.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.declared.card import Card
from benchmark.errors import listed
from benchmark.readers import columns, identifiers
from benchmark.readers.influencers.files import Rows, once, read_files
from benchmark.readers.moments import SNOWFLAKE_EPOCH_MS
from benchmark.readers.raw import FILE, Origin, Raw, ReadReport
from benchmark.readers.tweets.ids import SNOWFLAKES_FROM

ORDERS = {
    "likes first": ("likes", "replies", "retweets", "quotes"),
    "likes third": ("replies", "retweets", "likes", "quotes"),
}
"""Of the counts. Likes stand first under the one and third under the other; over a file they outweigh both
retweets, which then stand third, and replies, which then stand first."""

_TAIL = re.compile(
    r"(.*); (\d*); (\d*); (\d*); (\d*); https?://(?:www\.)?twitter\.com/\w+/status/(\d{1,19}); (\S*); (\S*)",
    re.DOTALL,
)
_MENTION = re.compile(r"(?<![\w@/])@([A-Za-z0-9_]+)")
_QUOTED = re.compile(r"twitter\.com/(\w+)/status")
_LARGEST_ID = 2**63 - 1
_ZONE = pd.Timedelta(minutes=15)


def read(card: Card, folder: Path) -> Raw:
    """All tweets of 2020; targets `likes`, `retweets`, `replies`, `quotes`.

    Retweets proper are other accounts' posts: dropped and counted.

    Raises:
        DataError: no file, a file of another form, or an id that is none.
    """
    del card  # The format has no choices.
    report = ReadReport()
    orders = Counter[str]()
    frames, unsure = [], []
    for rows in read_files(folder, "twitter", _TAIL, report):
        counts = [columns.numbers(list(one), "counts", rows.origin) for one in _fields(rows)[1:5]]
        first, third = counts[0].sum(), counts[2].sum()
        order = "likes first" if first > third else "likes third"
        orders[order] += 1
        if first == third:
            unsure.append(rows.file)
        frames.append(_frame(rows, dict(zip(ORDERS[order], counts, strict=True))))
    report.note("order of the counts, by their sums: " + _files(orders))
    if unsure:
        report.note(f"as many likes in either order, taken as likes third: {listed(unsure)}")
    frame = pd.concat(frames, ignore_index=True)
    frame = _timed(frame, report)
    retweet = frame.pop("is_native_retweet")
    report.drop("retweet of another account", int(retweet.sum()))
    return Raw(once(frame[~retweet].reset_index(drop=True), report), report)


def _fields(rows: Rows) -> list[tuple[str, ...]]:
    return list(zip(*rows.fields, strict=True))


def _frame(rows: Rows, counts: dict[str, pd.Series]) -> pd.DataFrame:
    frame = rows.frame(_MENTION)
    ids, retweeted, quoted = _fields(rows)[5:]
    text, mentions = frame["text"], frame["mentions"]
    reply = text.str.startswith("@")
    frame["post_id"] = identifiers.ids(ids, "tweet id", rows.origin)
    frame["is_reply"] = reply.astype("boolean")
    frame["is_retweet"] = text.str.startswith("RT @").astype("boolean")
    frame["is_quote"] = pd.Series([not columns.is_missing(one) for one in quoted], dtype="boolean")
    frame["reply_to"] = mentions.str.partition(" ")[0].where(reply, "")
    frame["quoted_user"] = columns.tags([_account(one) for one in quoted])
    frame["n_urls"] = text.str.count(r"https?://").astype("float64")
    frame["is_native_retweet"] = [not columns.is_missing(one) for one in retweeted]
    return frame.assign(**counts)


def _account(address: str) -> str:
    found = _QUOTED.search(address)
    return found[1].lower() if found else ""


def _timed(frame: pd.DataFrame, report: ReadReport) -> pd.DataFrame:
    """With the time that the id carries, to the millisecond; the stated one is held against it."""
    if (large := np.array([int(one) > _LARGEST_ID for one in frame["post_id"]])).any():
        i = int(large.argmax())
        value = frame["post_id"].iloc[i]
        raise Origin.of(frame).error(i, "not a tweet id", column="post_id", value=value, mend="Mend the row")
    ids = frame["post_id"].astype("int64").to_numpy()
    from_id = pd.Series(((ids >> 22) + SNOWFLAKE_EPOCH_MS).astype("datetime64[ms]"), index=frame.index)
    drift = frame["time"] - from_id.where(ids >= SNOWFLAKES_FROM, frame["time"]).dt.floor("s")
    of_file = drift.groupby(frame[FILE]).median().dt.round(_ZONE)
    zones = Counter(f"UTC{_hours(zone)}" for zone in of_file)
    report.note("zone of the stated times, by the tweet ids: " + _files(zones))
    apart = (drift - frame[FILE].map(of_file)).abs() > pd.Timedelta(minutes=2)
    if apart.any():
        place = Origin.of(frame).place(int(apart.to_numpy().argmax()))
        report.note(f"{int(apart.sum())} stated times are another's than the id's, the first at {place}")
    return frame.assign(time=from_id.where(ids >= SNOWFLAKES_FROM, frame["time"]))


def _hours(zone: pd.Timedelta) -> str:
    return f"{zone / pd.Timedelta(hours=1):+g}" if zone else ""


def _files(counts: Counter[str]) -> str:
    return ", ".join(f"{what} in {count} files" for what, count in sorted(counts.items()))
