"""Tweets, as the export tools of the field write them.

Four layouts, recognised by their columns: snscrape CSV, twint CSV or JSON, Twitter API v2 (a flattened
table or the API's own nested JSON) and FiveThirtyEight's `twitter-ratio`. A folder may hold several files, of
several layouts. A column that a layout lacks is null, so that one card serves all of them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.card import Card
from benchmark.errors import DataError
from benchmark.readers import columns
from benchmark.readers.delimited import read_delimited
from benchmark.readers.json_rows import by_column, read_objects
from benchmark.readers.raw import FILE, ROW, Origin, Raw, ReadReport

LAYOUTS: dict[str, tuple[set[str], ...]] = {
    "twint": ({"id", "conversation_id", "tweet"},),
    "snscrape": ({"datetime", "tweet_id", "text"}, {"date", "rawcontent", "likecount"}),
    "twitter_ratio": ({"created_at", "text", "url", "favorites", "user"},),
    "api_v2": ({"id", "text", "created_at"},),
}
"""Layout -> sets of columns, as `_plain` spells them, any of which identifies it; first match wins."""

ALIASES: dict[str, tuple[str, ...]] = {
    "post_id": ("tweet_id", "id"),
    "user_id": ("username", "user", "author_username", "user_username", "author_id"),
    "time": ("created_at", "datetime", "date"),
    "text": ("tweet", "text", "rawcontent", "content"),
    "language": ("language", "lang"),
    "source_app": ("twitter_access_point", "sourcelabel", "source"),
    "likes": ("like_count", "likes_count", "nlikes", "likecount", "favorites", "public_metrics_like_count"),
    "retweets": (
        *("retweet_count", "retweets_count", "nretweets", "retweetcount", "retweets"),
        "public_metrics_retweet_count",
    ),
    "replies": (
        *("reply_count", "replies_count", "nreplies", "replycount", "replies"),
        "public_metrics_reply_count",
    ),
    "quotes": ("quote_count", "quotecount", "public_metrics_quote_count"),
    "followers": ("follower_count", "author_public_metrics_followers_count", "user_followerscount"),
    "friends": ("friends_count", "author_public_metrics_following_count", "user_friendscount"),
    "verified": ("verified", "author_verified", "user_verified"),
}
"""Canonical column -> the names it has in the layouts, as `_plain` spells them."""

SNOWFLAKE_EPOCH_MS = 1288834974657
SNOWFLAKES_FROM = 30_000_000_000
"""Ids were consecutive up to 29.7 billion; from 2010-11-04 on an id holds the time of publication:
milliseconds since the epoch above, shifted by 22 bits (github.com/twitter-archive/snowflake)."""

_LARGEST_ID = 2**63 - 1
_ID = re.compile(r"[0-9]{1,19}")
_SUFFIXES = {".csv", ".tsv", ".json", ".jsonl", ".ndjson"}
_ID_IN_URL = re.compile(r"/status(?:es)?/(\d+)")


def read(card: Card, folder: Path) -> Raw:
    """All tweets of all files below `folder`; targets `likes`, `retweets`, `replies`, `quotes`.

    Retweets that a layout flags as such are other accounts' posts: dropped and counted. Cumulative twint
    files repeat ids with newer counts: the last file's row is kept.

    Raises:
        DataError: no file, a file of no known layout, or a bad value, named by file, row and column.
    """
    report = ReadReport()
    beside = card.beside_posts()
    paths = [p for p in sorted(folder.glob("*")) if p.suffix.lower() in _SUFFIXES and p.name not in beside]
    if not paths:
        raise DataError("no CSV or JSON file here", file=folder, mend="Put the export there")
    frame = pd.concat([_Export(path, report).frame() for path in paths], ignore_index=True)
    return Raw(_latest_captures(frame, report), report)


@dataclass
class _Export:
    path: Path
    report: ReadReport

    def frame(self) -> pd.DataFrame:
        self.table, rows = _table(self.path, self.report)
        self.layout = _layout(set(self.table), self.path)
        self.report.note(f"{self.path.name}: {self.layout} layout")
        self.origin = Origin(self.path.name, rows)
        ids, text = self.ids(), columns.texts(self.given("text"))
        frame = pd.DataFrame(
            {
                FILE: self.path.name,
                ROW: rows,
                "layout": self.layout,
                "post_id": ids,
                "user_id": self.users(),
                "time": self.times(ids),
                "text": text,
                "language": columns.levels(self.given("language")),
                "source_app": columns.levels(self.given("source_app")),
                **{name: self.count(name) for name in ("likes", "retweets", "replies", "quotes")},
                "is_reply": self.replies(ids, text),
                "is_retweet": text.str.startswith("RT @").astype("boolean"),
                "n_urls": self.length("urls"),
                "n_photos": self.length("photos"),
                "has_video": self.flag("video"),
                "followers": self.count("followers"),
                "friends": self.count("friends"),
                "verified": self.flag("verified"),
            }
        )
        retweet = self.flagged_retweets()
        self.report.drop("retweet of another account", int(retweet.sum()))
        return frame[~retweet]

    def given(self, name: str) -> list[Any]:
        """Raw values of a canonical column, all None where the layout has none."""
        found = next((alias for alias in ALIASES.get(name, (name,)) if alias in self.table), None)
        return self.table[found] if found else [None] * len(self.origin.rows)

    def count(self, name: str) -> pd.Series:
        return columns.numbers(self.given(name), name, self.origin)

    def flag(self, name: str) -> pd.Series:
        return columns.flags(self.given(name), name, self.origin, self.report)

    def length(self, name: str) -> pd.Series:
        """How many entries the lists of a column have (twint writes them as Python literals)."""
        values = self.given(name)
        return pd.Series(
            [np.nan if columns.is_missing(value) else len(_listed(value)) for value in values],
            dtype="float64",
        )

    def ids(self) -> pd.Series:
        values = self.given("post_id")
        if self.layout == "twitter_ratio":
            matches = [_ID_IN_URL.search(str(url)) for url in self.table["url"]]
            for i, match in enumerate(matches):
                if match is None:
                    url = self.table["url"][i]
                    raise self.origin.error(i, "no tweet id in the address", column="url", value=url)
            values = [match and match[1] for match in matches]
        ids = columns.ids(values, "tweet id", self.origin)
        numeric = np.array([bool(_ID.fullmatch(one)) and int(one) <= _LARGEST_ID for one in ids])
        if not numeric.all():
            i = int(np.flatnonzero(~numeric)[0])
            raise self.origin.error(
                i,
                "not a tweet id",
                column="tweet id",
                value=ids.iloc[i],
                mend="Spreadsheets turn ids into 1.5E+18: use the untouched export",
            )
        return ids

    def users(self) -> pd.Series:
        values = self.given("user_id")
        if all(columns.is_missing(value) for value in values):
            self.report.note(
                f"{self.path.name}: no author column; all posts are taken to be by '{self.path.stem}'"
            )
            values = [self.path.stem] * len(values)
        return columns.ids(values, "username", self.origin)

    def times(self, ids: pd.Series) -> pd.Series:
        """Time from the id where it carries one (exports differ in their time zone, ids do not)."""
        numeric = ids.astype("int64").to_numpy()
        from_id = pd.Series(((numeric >> 22) + SNOWFLAKE_EPOCH_MS).astype("datetime64[ms]"))
        carries = numeric >= SNOWFLAKES_FROM
        stated = self.stated_times(~carries)
        drift = (stated - from_id)[carries].abs()
        if differ := int((drift > pd.Timedelta(minutes=2)).sum()):
            hours = drift.max() / pd.Timedelta(hours=1)
            self.report.note(
                f"{self.path.name}: {differ} dates differ by up to {hours:.1f} h "
                "from the time in the tweet id; the id is trusted"
            )
        return from_id.where(carries, stated)

    def stated_times(self, needed: np.ndarray) -> pd.Series:
        """The file's own times, NaT where one is neither needed nor readable."""
        values = pd.Series(self.given("time"), dtype=object)
        if self.layout == "twint" and "date" in self.table and not _all_digits(values[needed]):
            clock = self.table.get("time", [""] * len(values))
            values = pd.Series([f"{d} {t}".strip() for d, t in zip(self.table["date"], clock, strict=True)])
        form = "%m/%d/%y %H:%M" if self.layout == "twitter_ratio" else None
        if _all_digits(values):
            form = "epoch_milliseconds"
        elif form is None:
            values = values.astype(str).str.replace(" UTC", "", regex=False)
        result = pd.Series(pd.NaT, index=values.index, dtype="datetime64[ms]")
        checked = np.flatnonzero(needed)
        if len(checked):
            origin = Origin(self.path.name, self.origin.rows[checked])
            result.iloc[checked] = columns.times(
                values.iloc[checked].tolist(), "date", origin, form
            ).to_numpy()
        if form == "epoch_milliseconds":
            rest = pd.to_datetime(pd.to_numeric(values, errors="coerce"), unit="ms", utc=True)
        else:
            rest = pd.to_datetime(values, format=form or "ISO8601", utc=True, errors="coerce")
        return result.fillna(rest.dt.tz_localize(None).astype("datetime64[ms]"))

    def replies(self, ids: pd.Series, text: pd.Series) -> pd.Series:
        """Replies and continuations of a thread, by text, conversation or reference."""
        result = text.str.startswith("@").astype("boolean")
        if "conversation_id" in self.table:
            started = pd.Series([columns.is_missing(v) for v in self.table["conversation_id"]])
            conversation = columns.levels(self.table["conversation_id"])
            result |= (conversation != ids) & ~started
        if "referenced_tweets" in self.table:
            result |= pd.Series(["replied_to" in str(v) for v in self.table["referenced_tweets"]])
        return result

    def flagged_retweets(self) -> pd.Series:
        if self.layout == "twint":
            return self.flag("retweet").fillna(False).astype(bool)
        return pd.Series(["retweeted" in str(value) for value in self.given("referenced_tweets")], dtype=bool)


def _table(path: Path, report: ReadReport) -> tuple[dict[str, list[Any]], np.ndarray]:
    """Columns by plain name, and row numbers."""
    if path.suffix.lower() in (".csv", ".tsv"):
        frame, rows = read_delimited(path, report)
        return {_plain(str(name)): frame[name].tolist() for name in frame}, rows
    objects, numbers = read_objects(path)
    tweets = [
        (tweet, row)
        for page, row in zip(objects, numbers, strict=True)
        for tweet in _unpaged(page, path, row)
    ]
    flat = [_flattened(tweet) for tweet, _ in tweets]
    report.rows[path.name] = len(flat)
    return by_column(flat, path), np.array([row for _, row in tweets], dtype=np.int64)


def _unpaged(page: dict[str, Any], path: Path, row: int) -> Iterable[dict[str, Any]]:
    """Tweets of an API v2 answer `{"data": [...], "includes": {"users": [...]}}`, each with its author; of an
    answer without results, `{"meta": {"result_count": 0}}`, none."""
    if "data" not in page and "id" not in page and isinstance(page.get("meta"), dict):
        return []
    if not isinstance(page.get("data"), list):
        return [page]
    tweets = _objects(page["data"], "data", path, row)
    includes = page.get("includes") or {}
    users = includes.get("users") if isinstance(includes, dict) else includes
    authors = {str(one.get("id")): one for one in _objects(users or [], "includes", path, row)}
    return [{**tweet, "author": authors.get(str(tweet.get("author_id")), {})} for tweet in tweets]


def _objects(entries: object, key: str, path: Path, row: int) -> list[dict[str, Any]]:
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    problem = "a list of objects was expected, as Twitter's API v2 answers"
    raise DataError(problem, file=path, row=row, column=key, mend="Fetch the page again")


def _flattened(tweet: dict[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tweet.items():
        name = above + _plain(key)
        if isinstance(value, dict):
            flat |= _flattened(value, f"{name}_")
        else:
            flat[name] = value
    return flat


def _plain(name: str) -> str:
    """` Friends Count` -> `friends_count`, `public_metrics.like_count` -> `public_metrics_like_count`."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def _layout(names: set[str], path: Path) -> str:
    for layout, signatures in LAYOUTS.items():
        if any(signature <= names for signature in signatures):
            return layout
    raise DataError(
        f"columns {sorted(names)} are of no known export of tweets ({', '.join(LAYOUTS)})",
        file=path,
        mend='Move the file away, or describe it with a card of its own and reader = "table"',
    )


def _listed(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    try:
        parsed = ast.literal_eval(str(value))
    except (ValueError, SyntaxError):
        return [value]
    return parsed if isinstance(parsed, list) else [value]


def _all_digits(values: pd.Series) -> bool:
    """Epoch milliseconds, not dates."""
    return len(values) > 0 and bool(values.astype(str).str.fullmatch(r"\d{12,13}(\.0)?").all())


def _latest_captures(frame: pd.DataFrame, report: ReadReport) -> pd.DataFrame:
    """Of the twint rows with one id, the last; files are in the order of their names."""
    older = frame["layout"].eq("twint") & frame.duplicated("post_id", keep="last")
    report.drop("earlier capture of the same tweet in a cumulative export", int(older.sum()))
    return frame[~older].drop(columns="layout").reset_index(drop=True)
