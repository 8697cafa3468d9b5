"""Ids of tweets: whole, as Twitter gave them, and the time that they hold."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from benchmark.readers import identifiers
from benchmark.readers.moments import SNOWFLAKE_EPOCH_MS
from benchmark.readers.raw import Origin
from benchmark.readers.tweets.missing import is_missing

SNOWFLAKES_FROM = 30_000_000_000
"""Ids were consecutive up to 29.7 billion; from 2010-11-04 on an id holds the time of publication:
milliseconds since `SNOWFLAKE_EPOCH_MS`, shifted by 22 bits (github.com/twitter-archive/snowflake)."""

LARGEST_WHOLE = 2**53
"""Above it a float holds no longer every whole number."""
MEND = "Spreadsheets turn ids into 1.5E+18: use the untouched export"

_LARGEST_ID = 2**63 - 1
_ID = re.compile(r"[0-9]{1,19}")
_GUARDED = re.compile(r"""(?:x|'|="?|")([0-9]{1,19})"?""")
"""Marks that R and careful people put around an id so that no spreadsheet rounds it."""
_IN_ADDRESS = re.compile(r"/status(?:es)?/(\d+)")
_FEWEST = 4
"""Ids from which on it is no accident that all end in 00."""


def tweet_ids(values: list[Any], origin: Origin) -> pd.Series:
    """Strings of at most 19 digits.

    Raises:
        DataError: an id that is missing, rounded by a spreadsheet or a script, or none of a tweet.
    """
    found = [_unguarded(value) for value in values]
    for i, value in enumerate(found):
        if is_missing(value):
            raise origin.error(i, "an id is missing", column="tweet id", value=values[i])
    ids = identifiers.ids(found, "tweet id", origin)
    numeric = np.array([bool(_ID.fullmatch(one)) and int(one) <= _LARGEST_ID for one in ids], dtype=bool)
    if not numeric.all():
        i = int(np.flatnonzero(~numeric)[0])
        raise origin.error(i, "not a tweet id", column="tweet id", value=ids.iloc[i], mend=MEND)
    return ids


def rounded_at(ids: pd.Series) -> int | None:
    """Where the first is of long ids that all end in 00, as a spreadsheet (15 digits) or JavaScript (17) has
    them; None where they do not, or are too few to tell."""
    long = ids[ids.str.fullmatch(r"[0-9]{17,}")]
    if long.nunique() < _FEWEST or not long.str.endswith("00").all():
        return None
    return int(ids.index.get_loc(long.index[0]))


def in_addresses(values: list[Any]) -> list[str | None]:
    """The ids in addresses of tweets, None where one has none."""
    matches = [_IN_ADDRESS.search(str(value)) for value in values]
    return [match[1] if match else None for match in matches]


def whole(ids: list[Any], addresses: list[Any]) -> tuple[list[Any], int]:
    """Ids with those that were rounded or lost taken from the address of the same tweet; how many were."""
    count = 0
    for i, (value, found) in enumerate(zip(ids, in_addresses(addresses), strict=True)):
        if found and _damaged(value) and (is_missing(value) or abs(float(value) / int(found) - 1) < 0.01):
            ids[i] = found
            count += 1
    return ids, count


def times_of(ids: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """The time that each id holds as datetime64[ms], and whether it holds one."""
    numeric = ids.astype("int64").to_numpy()
    times = pd.Series(((numeric >> 22) + SNOWFLAKE_EPOCH_MS).astype("datetime64[ms]"))
    return times, numeric >= SNOWFLAKES_FROM


def _unguarded(value: Any) -> Any:
    if is_missing(value):
        return None
    if isinstance(value, str) and (guarded := _GUARDED.fullmatch(value.strip())):
        return guarded[1]
    return value


def _damaged(value: Any) -> bool:
    if isinstance(value, str):
        return is_missing(value) or bool(re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", value.strip()))
    return is_missing(value) or (isinstance(value, float) and abs(value) >= LARGEST_WHOLE)
