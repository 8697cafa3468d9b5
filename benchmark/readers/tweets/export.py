"""Export: one file of tweets -> typed columns, whatever its layout."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from benchmark.declared.card import Card
from benchmark.errors import listed
from benchmark.readers import columns
from benchmark.readers.raw import FILE, ROW, Origin, ReadReport
from benchmark.readers.tweets import accounts, ids, markers, mentions
from benchmark.readers.tweets.captures import LAYOUT
from benchmark.readers.tweets.counts import counts
from benchmark.readers.tweets.layouts.layout import Layout
from benchmark.readers.tweets.missing import is_missing, tells
from benchmark.readers.tweets.objects import parsed
from benchmark.readers.tweets.records import Records
from benchmark.readers.tweets.same_account import ASSUMED, NAME, NUMBER
from benchmark.readers.tweets.times import EARLIEST, LATEST, stated_times

COUNTS = ("likes", "retweets", "replies", "quotes")

_LINK = re.compile(r"<a\b[^>]*>(.*?)</a>", re.DOTALL)
_MARK = re.compile(r"(?:\ufeff|\u00ef\u00bb\u00bf)+")
"""A byte order mark, and how it looks when it is taken for Windows-1252."""


@dataclass
class Export:
    """One file, in one layout.

    Attributes:
        file: what messages and the report call it.
        author: whose tweets they are if no column tells.
        dropped: reason -> tweets left out.
        assumed: whether `author` had to be taken, known after `frame`.
    """

    file: str
    records: Records
    layout: Layout
    author: str
    report: ReadReport
    dropped: Counter[str] = field(default_factory=Counter)
    assumed: bool = False

    def frame(self, card: Card) -> pd.DataFrame:
        """A row a tweet but for retweets; what only some cards want, if this one declares it.

        Raises:
            DataError: a bad value; names file, row, column and value.
        """
        self.table, self.rows = self.records.columns, self.records.rows
        text = self.texts()
        self.keep(~self.retweets(text))
        if card.columns["user_id"].when_missing == "drop":
            self.keep_with_author()
        text = self.texts(note=True)
        self.origin = Origin(self.file, self.rows)
        post_ids = self.ids()
        user, name, number = self.users()
        is_reply = self.replies(post_ids, text)
        frame = {
            FILE: self.file,
            ROW: self.rows,
            LAYOUT: self.layout.name,
            "post_id": post_ids,
            "user_id": user,
            NAME: name,
            NUMBER: number,
            ASSUMED: self.assumed,
            "time": self.times(post_ids),
            "text": text,
            "language": self.levels("language"),
            "source_app": self.levels("source_app"),
            **{count: self.count(count) for count in COUNTS},
            "is_reply": is_reply,
            "is_retweet": text.str.startswith("RT @").astype("boolean"),
            "n_urls": self.length("urls"),
            "n_photos": self.length("photos"),
            "has_video": self.flag("video"),
            "followers": self.count("followers"),
            "friends": self.count("friends"),
            "verified": self.flag("verified"),
        }
        if "mentions" in card.columns:
            named = mentions.mentioned(self.given("mentions"), text.tolist())
            frame["mentions"] = pd.Series(named, dtype="str")
        if "reply_to" in card.columns:
            told = mentions.answered(self.given("reply_to"), user.tolist(), is_reply.tolist())
            frame["reply_to"] = columns.levels(told)
        result = pd.DataFrame(frame)
        self.note_unlabelled(result, card)
        return result

    def given(self, what: str) -> list[Any]:
        """Raw values: of a tweet, the first that is not missing in any of the columns that tell it."""
        found = [self.table[name] for name in self.layout.columns(what) if name in self.table]
        if not found:
            return [None] * len(self.rows)
        values = list(found[0])
        for other in found[1:]:
            values = [b if is_missing(a) else a for a, b in zip(values, other, strict=True)]
        return values

    def column(self, what: str) -> str:
        """The name to use in a message: the first column that tells it of any tweet."""
        names = [name for name in self.layout.columns(what) if name in self.table]
        telling = [name for name in names if not all(map(is_missing, self.table[name]))]
        return next(iter(telling or names), what)

    def keep(self, chosen: np.ndarray) -> None:
        """Go on with these tweets alone."""
        if not chosen.all():
            at = np.flatnonzero(chosen).tolist()
            self.table = {name: [values[i] for i in at] for name, values in self.table.items()}
            self.rows = self.rows[chosen]

    def retweets(self, text: pd.Series) -> np.ndarray:
        """Which to drop, by the marks of the layout; where a file has none, by their text."""
        if self.layout.keeps_retweets:
            return np.zeros(len(text), dtype=bool)
        marked = markers.retweets(self.table, self.layout, len(text))
        if marked is not None:
            self.dropped["retweet of another account"] += int(marked.sum())
            return marked
        told: np.ndarray = text.str.startswith("RT @").to_numpy(dtype=bool)
        self.dropped["retweet of another account, by its text (RT @)"] += int(told.sum())
        return told

    def texts(self, *, note: bool = False) -> pd.Series:
        text = columns.texts(self.given("text"))
        bare = pd.Series(
            [_MARK.sub("", one, count=1) if _MARK.match(one) else one for one in text], dtype="str"
        )
        if note and (changed := int((bare != text).sum())):
            self.report.note(f"{self.file}: {changed:,} texts began with a byte order mark, now removed")
        if note and (cut := sum(map(tells, self.table.get("truncated", ())))):
            self.report.note(f"{self.file}: {cut:,} tweets were fetched cut; their texts may end in '…'")
        return bare

    def levels(self, what: str) -> pd.Series:
        """Strings; of a link (`<a href=...>Twitter for iPhone</a>`) what it shows."""
        return columns.levels(columns.each_once(self.given(what), _shown))

    def count(self, what: str) -> pd.Series:
        return counts(self.given(what), what, self.origin, self.file, self.report)

    def flag(self, what: str) -> pd.Series:
        values = [None if is_missing(value) else value for value in self.given(what)]
        return columns.flags(values, what, self.origin, self.report)

    def length(self, what: str) -> pd.Series:
        """How many entries the lists of a column have."""
        values = [np.nan if is_missing(value) else len(_listed(value)) for value in self.given(what)]
        return pd.Series(values, dtype="float64")

    def ids(self) -> pd.Series:
        values = self.given("post_id")
        if not self.layout.columns("post_id"):
            values = list(ids.in_addresses(self.given("address")))
            for i, value in enumerate(values):
                if value is None:
                    url = self.given("address")[i]
                    raise self.origin.error(i, "no tweet id in the address", column="url", value=url)
        else:
            values, mended = ids.whole(values, self.given("address"))
            if mended:
                self.report.note(f"{self.file}: {mended:,} damaged ids taken from the address of the tweet")
        return ids.tweet_ids(values, self.origin)

    def users(self) -> tuple[pd.Series, pd.Series, pd.Series]:
        """Who wrote each, by name or else by number; then the names, and the numbers, where they are told."""
        given = columns.each_once(self.given("user_name"), accounts.account)
        name = accounts.checked(given, self.column("user_name"), self.origin)
        numbers = self.given("user_number")
        needed = [None if told else value for value, told in zip(numbers, name.notna(), strict=True)]
        number = accounts.checked(needed, self.column("user_number"), self.origin)
        accounts.check_numbers(number, self.column("user_number"), self.origin)
        user = name.fillna(number)
        if user.isna().all():
            name = user = self.assumed_users()
        if len(missing := np.flatnonzero(user.isna())):
            column = self.column("user_name" if any(given) else "user_number")
            value = self.table[column][missing[0]] if column in self.table else None
            mend = 'Give the author, remove the rows, or say in the card when_missing = "drop" of user_id'
            problem, rows = "the author is missing", len(missing)
            raise self.origin.error(
                int(missing[0]), problem, column=column, value=value, mend=mend, rows=rows
            )
        return user, name, accounts.whole_numbers(numbers)

    def assumed_users(self) -> pd.Series:
        """Authors where no column tells any: by the addresses of the tweets, else all the same."""
        found = pd.Series(accounts.of_addresses(self.given("address")), dtype="str")
        if len(found) and found.notna().all():
            self.report.note(f"{self.file}: no author column; authors taken from the addresses of the tweets")
            return found
        self.assumed = True
        self.report.note(f"{self.file}: no author column; all posts are taken to be by '{self.author}'")
        return pd.Series([self.author] * len(found), dtype="str")

    def keep_with_author(self) -> None:
        """Leave out the tweets without author, if others have one."""
        told = [
            not is_missing(name) or not is_missing(number)
            for name, number in zip(self.given("user_name"), self.given("user_number"), strict=True)
        ]
        if any(told):
            self.keep(np.array(told, dtype=bool))
            self.dropped["the author is missing"] += told.count(False)

    def times(self, post_ids: pd.Series) -> pd.Series:
        """Time from the id where it carries one (exports differ in their time zone, ids do not)."""
        from_id, carries = ids.times_of(post_ids)
        values = self.stated()
        zones = self.table.get(self.layout.zone, [None] * len(values))
        stated = stated_times(values, zones, self.layout.time_form)
        unreadable = ~carries & ~stated.between(EARLIEST, LATEST).to_numpy()
        for i in np.flatnonzero(unreadable).tolist()[:1]:
            problem = "no time that reads as ISO 8601 or as Twitter writes it, between 1995 and 2100"
            value = values[i] if is_missing(zones[i]) else f"{values[i]} {zones[i]}"
            raise self.origin.error(i, problem, column="date", value=value, mend="Mend the row")
        drift = (stated - from_id)[carries].abs()
        if differ := int((drift > pd.Timedelta(minutes=2)).sum()):
            hours = drift.max() / pd.Timedelta(hours=1)
            # No zone is two days off.
            doubt = "; are these ids of tweets?" if drift.median() > pd.Timedelta(days=2) else ""
            self.report.note(
                f"{self.file}: {differ} dates differ by up to {hours:.1f} h "
                f"from the time in the tweet id; the id is trusted{doubt}"
            )
        return from_id.where(carries, stated)

    def stated(self) -> list[Any]:
        """The file's own times as they stand; of a day and a time of day, both."""
        values = self.given("time")
        days, clock = self.table.get("date"), self.table.get(self.layout.clock or "")
        if days is None or clock is None:
            return values
        return [
            value
            if is_missing(day) or str(value).strip().isdigit()
            else f"{day} {'' if is_missing(hour) else hour}".strip()
            for value, day, hour in zip(values, days, clock, strict=True)
        ]

    def replies(self, post_ids: pd.Series, text: pd.Series) -> pd.Series:
        """Replies and continuations of a thread, by text, conversation or any mark of the layout."""
        starts = text.str.startswith("@").to_numpy(dtype=bool)
        continued, rounded = markers.continued(self.given("conversation"), post_ids.tolist())
        if rounded:
            self.report.note(f"{self.file}: {rounded:,} conversation ids are rounded and tell no reply")
        marked = markers.replies(self.table, self.layout, len(text))
        return pd.Series(starts | continued | marked, dtype="boolean")

    def note_unlabelled(self, frame: pd.DataFrame, card: Card) -> None:
        """Say what a card wants and no tweet of the file has: all of them are unlabelled."""
        wanted = [name for name in COUNTS if name in card.measured and len(frame)]
        if absent := [name for name in wanted if frame[name].isna().all()]:
            there = "" if "likes" not in absent else f"; its columns: {listed(sorted(self.table), 40)}"
            self.report.note(f"{self.file}: no {' and no '.join(absent)} of any tweet: all unlabelled{there}")


def _shown(value: Any) -> Any:
    if is_missing(value):
        return None
    match = _LINK.search(value) if isinstance(value, str) else None
    return match[1].strip() if match else value


def _listed(value: Any) -> list[Any]:
    found = parsed(value)
    return found if isinstance(found, list) else [found]
