"""Dates: what the times of posts look like, and which of them are hardly true.

One clock that was never set puts a post into 2000 or 2099, and whatever is cut by the first or the last date
is then cut by that post. (What no reader takes for a date, such as 1970, does not come this far.)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmark.split import DAY_MS

Times = NDArray[np.int64]
"""ms since 1970, ascending"""

GAP_IN_SPANS, SHORTEST_GAP_MS = 10, 30 * DAY_MS
"""What lies behind a gap this many times as long as the middle half of the posts, and of a month at least,
lies apart. So it is always fewer than a quarter of the posts at either end."""
LEEWAY_MS = DAY_MS
"""Times without a zone are taken for UTC, and may be up to a day ahead."""


def lies_apart(times: Times) -> NDArray[np.bool_]:
    """bool [n]: before the last such gap ahead of the middle half, or behind the first after it."""
    apart = np.zeros(len(times), bool)
    if len(times) < 3:
        return apart
    n = len(times)
    lower, upper = (n - 1) // 4, n - 1 - (n - 1) // 4
    longest = max(GAP_IN_SPANS * int(times[upper] - times[lower]), SHORTEST_GAP_MS)
    gaps = np.flatnonzero(np.diff(times) > longest)  # between row i and row i + 1
    early, late = gaps[gaps < lower], gaps[gaps >= upper]
    if len(early):
        apart[: early[-1] + 1] = True
    if len(late):
        apart[late[0] + 1 :] = True
    return apart


def date_notes(times: Times, now: dt.datetime | None = None) -> list[str]:
    """What a person must look at, in words: posts from the future, and those that lie apart.

    Args:
        times: [n >= 1]
        now: default: the clock of this machine.
    """
    now_ms = round((now or dt.datetime.now(dt.UTC)).timestamp() * 1000)
    future = times > now_ms + LEEWAY_MS
    apart = lies_apart(times) & ~future
    reasons = [
        (future, "in the future: a clock that was not set, or a date that was read wrongly"),
        (apart, f"a gap of more than {GAP_IN_SPANS} times what the middle half of the posts spans"),
    ]
    return [f"{_set_apart(times, rows)} ({why})" for rows, why in reasons if rows.any()]


def dates_in_words(times: Times) -> str:
    """First, quartiles and last of some posts, and which lie apart from the others; one line."""
    if not len(times):
        return "there are none"
    first, lower, middle, upper, last = (
        _date(times[round(share * (len(times) - 1))]) for share in (0, 0.25, 0.5, 0.75, 1)
    )
    quarters = f"quarters of them are before {lower}, {middle} and {upper}"
    told = f"the first is of {first}, {quarters}, the last is of {last}"
    apart = lies_apart(times)
    return f"{told}; {_set_apart(times, apart)}" if apart.any() else told


def _set_apart(times: Times, rows: NDArray[np.bool_]) -> str:
    n, dates = len(times), list(dict.fromkeys(_ends(times[rows])))
    told = f"{rows.sum():,} of {n:,} posts {'is' if rows.sum() == 1 else 'are'} dated {' to '.join(dates)}"
    if rows.all():
        return told
    return f"{told}, the others lie between {' and '.join(_ends(times[~rows]))}"


def _ends(times: Times) -> Iterator[str]:
    yield from (_date(times[0]), _date(times[-1]))


def _date(ms: np.int64) -> str:
    return str(ms.astype("datetime64[ms]").astype("datetime64[D]"))
