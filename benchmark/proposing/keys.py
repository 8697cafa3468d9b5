"""Keys: which columns are the id, the account and the time of each post, and when a row was read."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from benchmark.errors import CardError, listed
from benchmark.proposing.draft import Entry, entry
from benchmark.proposing.table import Seen, Table
from benchmark.proposing.times import Moments, as_moments, told_by_id, without_future
from benchmark.proposing.words import (
    IDS,
    LATER,
    NO_ACCOUNT,
    OTHER_IDS,
    READ,
    TIMES,
    URLS,
    USERS,
    kind_of_count,
    parts,
    says,
)
from benchmark.readers.identifiers import NOBODY

ADDRESSES = (
    *(r"/(?:p|reel|tv)/([\w-]+)", r"/status(?:es)?/(\d+)", r"/video/(\d+)", r"/shorts/([\w-]+)"),
    *(r"[?&]v=([\w-]+)", r"youtu\.be/([\w-]+)", r"/comments/(\w+)", r"/pin/(\d+)", r"/posts/([\w-]+)"),
    *(r"/photos/[^/]+/(\d+)", r"/v/([\w-]+)"),
)
"""What of an address names the post."""
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_GONE = {"[deleted]", "[removed]", "deleted", "removed"}
_MOST_REPEATED = 0.999
_WRONG_DATE = pd.Timedelta(days=15)


@dataclass
class Keys:
    id: Entry
    user: Entry
    time: Entry
    moments: Moments
    read_at: Entry | None
    read: Moments | None
    repeated: bool
    """Whether rows share an id."""
    used: set[str]
    """Columns of the files that they are taken from."""
    also: dict[str, str]
    """Columns that say the same again -> what of."""


def found_keys(table: Table) -> Keys:
    """The keys of a table, each with its reason.

    Raises:
        CardError: no column can be the id, or none the time; says what there is.
    """
    moments = {column.source: one for column in table if _may_be_time(column) and (one := as_moments(column))}
    id_, repeated = _id(table, moments)
    user = _user(table, id_)
    read_at, read = _reading(moments, id_.source)
    time, told, also = _time(table, id_, moments, read_at)
    used = {id_.source, time.source} | ({user.source} if "value" not in user.words else set())
    used |= {read_at.source} if read_at else set()
    also |= {name: "another date" for name in moments if name not in used and name not in also}
    return Keys(id_, user, time, told, read_at, read, repeated, used, also)


def _may_be_time(column: Seen) -> bool:
    said = parts(column.source)
    named = not set(said) & {"duration", "length", "zone", "timezone", "offset", "ago"} and (
        says(column.source, TIMES | READ | LATER)
        or (said[-1:] and re.search("(time|date|_at)$", column.source, re.I))
    )
    written = next(iter(column.counts), "")
    if re.fullmatch(r"-?\d+(\.\d+)?", written):
        return bool(named) and len(written) >= 8 and not kind_of_count(column.source)
    return bool(named) or re.match(r"\d{4}-\d\d-\d\d", written) is not None


def _id(table: Table, moments: dict[str, Moments]) -> tuple[Entry, bool]:
    ranked: list[tuple[float, Entry, bool]] = []
    for column in table:
        if column.source in moments or kind_of_count(column.source) or column.is_list or not column.given:
            continue
        if any(_ROUNDED.fullmatch(text) for text in list(column.counts)[:500]) or _holds_lists(column):
            continue
        if found := _id_of(column, table.rows):
            ranked.append(found)
    if not ranked:
        several = [f"{column.source} ({column.distinct:,} values)" for column in table]
        raise CardError(
            f"no column names each post: {table.rows:,} rows, and there is {listed(several, 12)}. Add a "
            "column `id`, such as the number of the row, and run this again"
        )
    _, best, repeated = max(ranked, key=lambda one: one[0])
    return best, repeated


def _id_of(column: Seen, rows: int) -> tuple[float, Entry, bool] | None:
    """How likely a column is the id, the entry, and whether rows would share ids."""
    if len(column.given) < 0.9 * rows:
        return None
    said = parts(column.source)
    lacking = len(column.given) < rows
    drop = {"when_missing": "drop"} if lacking else {}
    if says(column.source, URLS) or next(iter(column.counts)).startswith(("http", "www.")):
        for pattern in ADDRESSES:
            found = [match and match[1] for match in map(re.compile(pattern).search, column.counts)]
            if all(found):
                unique = len(set(found)) >= _MOST_REPEATED * len(column.given)
                reason = "the id in the address" + ("" if unique else "; repeated")
                one = entry("post_id", column.source, "id", reason, extract=pattern, **drop)
                return (2.5 if unique else 1.2), one, not unique
        return None
    named = (
        3.0 * (said == ["id"])
        + 2.0 * (bool(set(said) & IDS) and not set(said) & (OTHER_IDS | USERS | {"category", "music"}))
        + 0.5 * ("id" in said or "shortcode" in said)
    )
    unique = column.distinct >= _MOST_REPEATED * len(column.given)
    if column.words > 1.5 or column.letters > 60:
        return None
    if unique and (named or "index" not in said):
        is_index = column.source.strip() in ("", "Unnamed: 0", "index")
        if not named and _is_number_of_things(column):
            return None
        strength = 3.0 + named - 2.5 * is_index - (2.0 if set(said) & (USERS | OTHER_IDS) else 0)
        return strength, entry("post_id", column.source, "id", "another value in every row", **drop), False
    if named >= 2 and column.distinct > 1 and column.distinct >= 0.02 * rows:
        times = rows / column.distinct
        return (
            1.0 + named,
            entry("post_id", column.source, "id", f"an id by its name; {times:.1f} rows each", **drop),
            True,
        )
    return None


def _holds_lists(column: Seen) -> bool:
    return any(isinstance(value, list | dict) for value in column.given)


def _is_number_of_things(column: Seen) -> bool:
    """Whether distinct values are measurements by chance."""
    some = list(column.counts)[:200]
    return all(re.fullmatch(r"-?\d*\.\d+|-?\d{1,3}", one) for one in some)


def _user(table: Table, id_: Entry) -> Entry:
    # Rounded ids only where there are no others: the reader refuses them, and says why.
    column = _account(table, id_, rounded=False) or _account(table, id_, rounded=True)
    if column is None:
        return Entry(
            "user_id", {"role": "user", "value": "me"}, "no column names the account: all are taken for one"
        )
    gone = sorted(text for text in column.counts if text.lower() in _GONE | NOBODY)
    lacking = len(column.given) < table.rows
    reason = f"{column.distinct - len(gone):,} accounts"
    if gone:
        reason += f", {sum(column.counts[one] for one in gone):,} rows of nobody"
    if column.distinct > 0.95 * table.rows and table.rows > 20:
        reason += "; hardly any has two posts"
    words = {"missing": gone, "when_missing": "drop"} if gone else {"when_missing": "drop"} if lacking else {}
    return entry("user_id", column.source, "user", reason, **words)


def _account(table: Table, id_: Entry, *, rounded: bool) -> Seen | None:
    best: tuple[float, Seen] | None = None
    for column in table:
        said = set(parts(column.source))
        if column.source == id_.source or not said & USERS or column.is_list or not column.given:
            continue
        if kind_of_count(column.source) or said & (TIMES - {"post", "data"}) or said & NO_ACCOUNT:
            continue
        if column.words > 4 or column.letters > 60 or len(column.given) < 0.5 * table.rows:
            continue
        if not rounded and any(_ROUNDED.fullmatch(text) for text in list(column.counts)[:500]):
            continue
        if column.distinct >= 0.999 * len(column.given) and len(column.given) > 20 and "id" not in said:
            strength = 0.5
        else:
            strength = 1.0
        strength += 1.0 * ("id" in said) + 0.8 * bool(
            said & {"username", "author", "account", "alias", "handle"}
        )
        strength += 0.4 * bool(said & {"user", "owner", "channel", "screen"}) - 0.6 * bool(
            said & {"name", "title"}
        )
        strength += 0.5 * (column.distinct > 1)
        strength += (len(column.given) / table.rows) - 1
        if best is None or strength > best[0]:
            best = strength, column
    return best[1] if best else None


def _reading(moments: dict[str, Moments], id_: str) -> tuple[Entry | None, Moments | None]:
    """When a row was read, if a column says so."""
    for name, one in moments.items():
        if says(name, READ) and name != id_ and not one.missing and one.at.notna().all():
            words = {"source": name} | _format(one)
            return Entry(name, words, "when a row was read"), one
    return None, None


def _format(one: Moments) -> dict[str, object]:
    if one.format == ("iso",):
        return {}
    return {"format": one.format[0] if len(one.format) == 1 else list(one.format)}


def _time(
    table: Table, id_: Entry, moments: dict[str, Moments], read_at: Entry | None
) -> tuple[Entry, Moments, dict[str, str]]:
    def strength(name: str) -> float:
        said = set(parts(name))
        one = moments[name]
        return (
            2.0
            * bool(
                said & {"created", "published", "posted", "taken", "publish", "create", "postdate", "upload"}
            )
            + 1.0 * bool(said & TIMES)
            - 3.0 * bool(said & READ)
            - 3.0 * bool(said & LATER)
            - 2.0 * bool(said & {"user", "account", "channel", "author", "profile", "owner"})
            + 1.0 * (len(one.known) / max(1, len(one.at)))
            + 0.5 * (not one.days_alone)
            + 0.2 * bool(said & {"utc", "epoch", "timestamp"})
        )

    candidates = {name for name in moments if not read_at or name != read_at.source}
    best = max(candidates, key=strength, default=None)
    ids = table.columns.get(id_.source)
    told = told_by_id(ids) if ids and "extract" not in id_.words else None
    if told is not None and _agree(told, moments.get(best) if best else None, id_.source, table):
        also = {best: "a date; the id tells the time itself"} if best else {}
        reason = "the id tells when it was made" + (
            f", truer than {best}{_apart(told, moments[best])}" if best else ""
        )
        return entry("time", id_.source, "time", reason, format=told.format[0]), told, also
    if best is None:
        raise CardError(
            "no column is a date: of every post the card must say when it was published; there is "
            f"{listed([column.source for column in table], 30)}"
        )
    one = without_future(moments[best], table.columns[best])
    reason = (
        f"{'dates' if one.days_alone else 'moments'} as {' or '.join(_called(form) for form in one.format)}"
    )
    reason += f", {one.doubt}" * bool(one.doubt)
    words: dict[str, object] = dict(_format(one))
    if one.missing or len(one.known) < table.rows:
        words |= {"missing": list(one.missing), "when_missing": "drop"}
        reason += f"; unknown in {table.rows - len(one.known):,} rows"
    return entry("time", best, "time", reason, **words), one, {}


def _called(form: str) -> str:
    return "ISO 8601" if form == "iso" else form.replace("_", " ") if "%" not in form else form


def _agree(told: Moments, dated: Moments | None, name: str, table: Table) -> bool:
    """Whether it is no accident that ids read as moments."""
    if dated is not None:
        apart = (told.at - dated.at).abs()
        return bool(apart.median() < _WRONG_DATE)
    if says(name, {"tweet", "status", "tiktok", "aweme", "snowflake"}):
        return True
    addresses = ("twitter.com", "x.com/", "tiktok.com")
    return any(
        any(host in text for host in addresses) for column in table for text in list(column.counts)[:20]
    )


def _apart(told: Moments, dated: Moments) -> str:
    apart = (dated.at - told.at).median()
    hours = apart / pd.Timedelta(hours=1)
    return f", which is {hours:+.1f} hours off" if abs(hours) > 0.1 else ""
