"""Windows: the stretches of time that the page's slider goes through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network.reading import Reading

MOST = 24
_UNITS = (("D", "%-d %b %Y"), ("W", "week of %-d %b %Y"), ("M", "%b %Y"), ("Q", "Q%q %Y"), ("Y", "%Y"))
"""Of a calendar, the finest first, and how one of them is called."""


@dataclass(frozen=True)
class Window:
    since: int
    """ms since 1970."""
    until: int
    """Not within it any more."""
    name: str


def windows_of(reading: Reading) -> list[Window]:
    """Those in which communities were found; else days, weeks, months, quarters or years of UTC, the finest
    of which there are at most `MOST`. None where no edge has a time of its own."""
    if reading.communities.windows:
        return [Window(since, until, _span(since, until)) for since, until, _ in reading.communities.windows]
    times = reading.network.graph.known_at
    if not len(times) or times[0] == times[-1]:
        return []
    for unit, called in _UNITS:
        spans = pd.period_range(_moment(times[0]), _moment(times[-1]), freq=unit)
        if len(spans) <= MOST:
            return [
                Window(_ms(one.start_time), _ms((one + 1).start_time), _called(one, unit, called))
                for one in spans
            ]
    return [Window(int(times[0]), int(times[-1]) + 1, _span(int(times[0]), int(times[-1]) + 1))]


def place_in(windows: list[Window], times: NDArray[np.int64]) -> NDArray[np.int64]:
    """The window of each moment; -1 for those in none."""
    if not windows:
        return np.full(len(times), -1, np.int64)
    starts = np.asarray([one.since for one in windows])
    found = np.searchsorted(starts, times, side="right") - 1
    ends = np.asarray([one.until for one in windows])
    return np.where((found >= 0) & (times < ends[np.maximum(found, 0)]), found, -1)


def whole(windows: list[Window]) -> str:
    """From the first day of the first to the last day of the last; empty if there are none."""
    return _span(windows[0].since, windows[-1].until) if windows else ""


def _called(period: pd.Period, unit: str, called: str) -> str:
    if unit == "W":
        return period.start_time.strftime(called)
    return period.strftime(called)


def _span(since: int, until: int) -> str:
    first, last = _moment(since), _moment(until - 1)
    return f"{first.strftime('%-d %b %Y')} to {last.strftime('%-d %b %Y')}"


def _moment(ms: int) -> pd.Timestamp:
    return pd.Timestamp(int(ms), unit="ms")


def _ms(moment: pd.Timestamp) -> int:
    return (moment - _moment(0)) // pd.Timedelta(milliseconds=1)
