"""Labels of a task: how they are distributed and drift, which are tied, and whether the last have settled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.split import DAY_MS

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

UNITS = {"D": "day", "W": "week", "M": "month", "Q": "quarter", "Y": "year"}
MOST_PERIODS = 24
"""The shortest unit of time is taken that needs no more; in years, all there are."""
LAST_DAYS, DAYS_BEFORE = 7, 28
"""The last days of a collection are held against those before: not against all, which would show drift."""
FEWEST_POSTS = 10
"""On either side of that comparison."""


@dataclass(frozen=True)
class Period:
    name: str
    """`2021-03`"""
    start: int
    """ms since 1970"""
    posts: int
    """Labelled posts."""
    quantiles: tuple[float, float, float, float, float]
    """Of the labels: 10%, 25%, 50%, 75%, 90%."""


@dataclass(frozen=True)
class Immature:
    """The last days against those before."""

    last: float
    """Median label of the last `LAST_DAYS` days."""
    before: float
    """Of the `DAYS_BEFORE` days before these."""
    in_spreads: float
    """last - before, in interquartile ranges of all labels."""


@dataclass(frozen=True)
class Labels:
    """Of one target, over the labelled posts of a task, on the scoring scale."""

    target: str
    scale: str
    labelled: int
    median: float
    spread: float
    """Interquartile range."""
    values: int
    """Different ones."""
    commonest: float
    commonest_share: float
    unit: str
    """Of `periods`: day, week, month, quarter, year."""
    periods: tuple[Period, ...]
    immature: Immature | None
    """None where either side has too few posts."""


def labels_of(target: str, scale: str, times: Times, labels: Floats) -> Labels:
    """Of labelled posts in time order.

    Args:
        times: [n >= 1] ms since 1970. labels: [n], on the scoring scale, none missing.
    """
    values, counts = np.unique(labels, return_counts=True)
    lower, median, upper = np.quantile(labels, [0.25, 0.5, 0.75])
    unit, periods = _periods(times, labels)
    return Labels(
        target=target,
        scale=scale,
        labelled=len(labels),
        median=float(median),
        spread=float(upper - lower),
        values=len(values),
        commonest=float(values[counts.argmax()]),
        commonest_share=float(counts.max() / len(labels)),
        unit=unit,
        periods=periods,
        immature=_immature(times, labels, float(upper - lower)),
    )


def _periods(times: Times, labels: Floats) -> tuple[str, tuple[Period, ...]]:
    moments = pd.DatetimeIndex(times.astype("datetime64[ms]"))
    every = {letter: moments.to_period(letter) for letter in UNITS}
    letter = next((one for one, found in every.items() if found.nunique() <= MOST_PERIODS), "Y")
    found = every[letter]
    groups = pd.Series(labels).groupby(np.asarray(found), sort=True)
    return UNITS[letter], tuple(
        Period(
            name=str(period.start_time.date()) if letter == "W" else str(period),
            start=int(period.start_time.timestamp() * 1000),
            posts=len(one),
            quantiles=tuple(map(float, np.quantile(one, [0.1, 0.25, 0.5, 0.75, 0.9]))),  # type: ignore[arg-type]
        )
        for period, one in groups
    )


def _immature(times: Times, labels: Floats, spread: float) -> Immature | None:
    since = times[-1] - LAST_DAYS * DAY_MS
    last = labels[times > since]
    before = labels[(times <= since) & (times > since - DAYS_BEFORE * DAY_MS)]
    if min(len(last), len(before)) < FEWEST_POSTS:
        return None
    one, other = float(np.median(last)), float(np.median(before))
    return Immature(one, other, (one - other) / spread if spread else 0.0)
