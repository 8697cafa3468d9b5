"""Roles: what the columns are that are neither key nor label, and when each became known."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from benchmark.declared.naming import RESERVED_COLUMNS
from benchmark.proposing.draft import Entry, entry
from benchmark.proposing.numbers import Numbers, as_numbers
from benchmark.proposing.table import Seen, Table
from benchmark.proposing.words import (
    CATEGORIES,
    CODED,
    CONTENT,
    CRAWLED,
    LATITUDE,
    LONGITUDE,
    OF_ACCOUNTS,
    PUBLISHED,
    TAGS,
    TEXTS,
    URLS,
    USERS,
    canonical,
    parts,
    says,
)
from benchmark.readers.rows import listed_value

_MOST_LEVELS = 1000
_FEW_ACCOUNTS = 20
_ROWS_A_LEVEL = 4.0
_WHOSE = {"user", "account", "author", "owner", "channel", "profile"}
_OF_POSTS = {"music", "sound", "song", "follow", "page", "previous", "past", "last", "community", "subreddit"}
"""Words by which a count is none of the post's own, and which else tell of the post."""
DOUBTFUL = "; known in time? In doubt crawl"
_MARKS = "|;,"
_ADDRESS = re.compile(r"[\['\"]*((https?:)?//|www\.)")


def other_columns(
    table: Table, used: Mapping[str, str], taken: set[str], user: Seen | None
) -> tuple[list[Entry], dict[str, str]]:
    """The columns of the card beside keys and labels, and why others are left out.

    Args:
        used: columns that are something else already -> why they are left out, or an empty string.
        taken: names that the card has already; names are added to it.
        user: the column of the accounts.
    """
    entries: list[Entry] = []
    dropped = dict(table.left_out) | {name: why for name, why in used.items() if why}
    measured: dict[bytes, str] = {}
    seen: dict[int, list[Seen]] = {}
    for column in table:
        if column.source in used:
            seen.setdefault(_mark(column), []).append(column)
    for column in table:
        if column.source in used:
            continue
        why = _useless(column, table.rows) or _again(column, seen)
        if not why and user is not None and _renames(column, user):
            why = f"another name of {user.source}"
        found = None if why else _entry(column, table.rows, taken)
        if found is not None and found.words["role"] == "numeric" and (numbers := as_numbers(column)):
            first = measured.setdefault(numbers.values.tobytes(), column.source)
            if first != column.source:
                found, why = None, f"the same numbers as {first}"
        if found is None:
            dropped[column.source] = why or "neither numbers, nor few levels, nor text"
            continue
        seen.setdefault(_mark(column), []).append(column)
        taken.add(found.name)
        entries.append(found)
    return entries, dropped


def _useless(column: Seen, rows: int) -> str:
    if not column.given:
        return "empty"
    if column.distinct == 1 and len(column.given) > 0.98 * rows:
        return f"the same in every row: {next(iter(column.counts))[:40]!r}"
    if len(column.given) < max(3, 0.01 * rows):
        return f"missing in {rows - len(column.given):,} of {rows:,} rows"
    if column.source.strip() in ("", "Unnamed: 0", "index"):
        return "the number of the row"
    texts = list(column.counts)[:100]
    if sum(_ADDRESS.match(one) is not None for one in texts) > 0.9 * len(texts) or (
        says(column.source, URLS)
        and not column.is_list
        and not as_numbers(column)
        and all(" " not in one for one in texts)
    ):
        return "addresses"
    return ""


def _mark(column: Seen) -> int:
    return hash(tuple(str(value) for value in column.cells[:2000]))


def _again(column: Seen, seen: Mapping[int, list[Seen]]) -> str:
    for other in seen.get(_mark(column), ()):
        if other.cells == column.cells:
            return f"the same as {other.source}"
    return ""


def _renames(column: Seen, user: Seen) -> bool:
    """Whether each account has one value here, and each value one account."""
    if column.is_list or column.distinct < 3 or not 0.7 < column.distinct / max(1, user.distinct) < 1.05:
        return False
    if column.words > 4 or as_numbers(column):
        return False
    if user.distinct < _FEW_ACCOUNTS and not says(column.source, USERS):  # by chance
        return False
    pairs = {(str(a), str(b)) for a, b in zip(user.cells, column.cells, strict=True)}
    return len(pairs) <= 1.05 * user.distinct and user.distinct < 0.95 * len(user.given)


def _entry(column: Seen, rows: int, taken: set[str]) -> Entry | None:
    source = column.source
    name = canonical(source, taken | set(RESERVED_COLUMNS) | {"post_id", "user_id", "time"})
    numbers = as_numbers(column)
    if (tags := _tags(column, name, numbers)) is not None:
        return tags
    if column.is_list:
        return _vector(column, name)
    if numbers is not None and len(numbers.known):
        return _numeric(column, name, numbers)
    if (
        column.words >= 2.5
        or column.letters >= 30
        or (says(source, TEXTS) and column.distinct > 0.3 * len(column.given))
    ):
        if column.words < 1.5 and all(
            str(one).isascii() for one in column.given[:50]
        ):  # codes, names of files
            return None
        reason = f"text, {column.words:.0f} words on average"
        return _timed(entry(name, source, "text", reason), source, sure=not says(source, OF_ACCOUNTS))
    if says(source, CATEGORIES) and column.distinct <= _MOST_LEVELS and not says(source, {"id"}):
        level = 2 if says(source, {"sub", "subcategory"}) else 1
        reason = f"a category, {column.distinct:,} levels"
        return _timed(entry(name, source, "category", reason, level=level), source, sure=True)
    if column.distinct <= min(_MOST_LEVELS, max(20, len(column.given) / _ROWS_A_LEVEL)):
        return _timed(entry(name, source, "categorical", f"{column.distinct:,} levels"), source)
    if says(source, TEXTS) or column.words >= 1.5:
        return _timed(entry(name, source, "text", "short text"), source, sure=not says(source, OF_ACCOUNTS))
    return None


def _tags(column: Seen, name: str, numbers: Numbers | None) -> Entry | None:
    """A column of lists of words, or of words between marks."""
    given = [listed_value(value) for value in column.given[:500]]
    if column.is_list:
        entries = [one for value in given if isinstance(value, list | np.ndarray) for one in value]
        if entries and all(isinstance(one, str) for one in entries):
            mean = len(entries) / len(given)
            return _timed(
                entry(name, column.source, "tags", f"lists, {mean:.1f} each"), column.source, sure=True
            )
        if not entries and says(column.source, TAGS):
            return None
        return None
    if (
        numbers is not None
        or not says(column.source, TAGS)
        or says(column.source, {"count", "number", "num", "n"})
    ):
        return None
    texts = [str(one) for one in given]
    marked = {mark: sum(mark in one for one in texts) for mark in _MARKS}
    mark = max(marked, key=lambda one: marked[one])
    if marked[mark] < 0.05 * len(texts):
        if not any("#" in one for one in texts) and column.words > 12:
            return None
        separated = None
    else:
        separated = mark
    how = f"separated by '{separated}'" if separated else "separated by blanks"
    return _timed(
        entry(name, column.source, "tags", f"tags {how}", separator=separated), column.source, sure=True
    )


def _vector(column: Seen, name: str) -> Entry | None:
    given = [listed_value(value) for value in column.given[:100]]
    lengths = {len(one) for one in given if isinstance(one, list | np.ndarray)}
    plain = all(
        isinstance(x, int | float) for one in given if isinstance(one, list | np.ndarray) for x in one
    )
    if len(lengths) == 1 and min(lengths) >= 4 and plain:
        reason = f"lists of {lengths.pop()} numbers"
        return _timed(entry(name, column.source, "vector", reason), column.source)
    return None


def _numeric(column: Seen, name: str, numbers: Numbers) -> Entry | None:
    source, known = column.source, numbers.known
    said = parts(source)
    words = {"missing": list(numbers.missing)} if numbers.missing else {}
    within = (np.abs(known) <= (90 if set(said) & LATITUDE else 180)).all()
    if set(said) & (LATITUDE | LONGITUDE) and within and not numbers.whole and numbers.format is None:
        return _timed(entry(name, source, "place", "a coordinate", **words), source, sure=True)
    distinct = len(np.unique(known))
    if distinct == 1 and len(known) > 0.98 * len(column.cells):
        return None
    coded = numbers.whole and numbers.format is None and distinct <= 50 and distinct > 2
    if coded and set(said) & CODED and len(known) / distinct >= _ROWS_A_LEVEL:
        return _timed(entry(name, source, "categorical", f"{distinct} codes", **words), source)
    if "id" in said and numbers.whole:
        return None
    how = {
        None: "numbers",
        "people": "numbers as people write them",
        "people_comma": "numbers with a decimal comma",
    }
    reason = how.get(numbers.format, f"lengths of time ({numbers.format})")
    return _timed(entry(name, source, "numeric", reason, format=numbers.format, **words), source)


def _timed(found: Entry, source: str, *, sure: bool = False) -> Entry:
    """With when it became known: at publication, when the data were collected, or in doubt."""
    said = set(parts(source))
    counts = said & {"count", "counts", "number", "num", "n", "total"}
    if said & CONTENT and counts and not said & OF_ACCOUNTS:
        return found
    crawled = said & (CRAWLED | OF_ACCOUNTS) - _OF_POSTS
    if sure and found.words["role"] in ("category", "place"):
        crawled &= _WHOSE
    if crawled:
        found.words["availability"] = "crawl"
        found.reason += f"; '{min(crawled)}' is of the day of collecting"
    elif not sure and not said & PUBLISHED:
        found.words["availability"] = "crawl"
        found.doubtful = True
        found.reason += DOUBTFUL
    return found
