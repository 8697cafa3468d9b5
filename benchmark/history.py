"""History: a user's earlier posts, and those of their labels that are known by the moment of prediction.

One vectorised implementation for every baseline and every protocol; `tests/test_history.py` holds it
against a naive loop.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from benchmark.past import Past
from benchmark.split import DAY_MS

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.split import Clock

RECENT = 20
"""How many of the newest known labels make an account's recent level."""


@dataclass(frozen=True)
class History:
    """Per post, its user's past. n posts, k earlier posts, t targets; newest first; time in days."""

    previous: NDArray[np.int64]
    """[n, k] the k latest earlier posts of the user, as positions in the timeline; -1 where there is none."""
    gaps: NDArray[np.float32]
    """[n, k] days from each of them to the post; NaN where there is none."""
    labels: NDArray[np.float32]
    """[n, k, t] their labels; NaN where not yet revealed, or where there is no post."""
    recent: NDArray[np.float32]
    """[n, newest, t] the newest *known* labels, which may reach further back than the k latest posts."""
    recent_gaps: NDArray[np.float32]
    """[n, newest] days from the posts that have them to the post; NaN where there is none."""
    count: NDArray[np.float32]
    """[n] number of earlier posts."""
    known: NDArray[np.float32]
    """[n] number of earlier posts whose label is known."""
    recency: NDArray[np.float32]
    """[n] days since the user's previous post; NaN for a first post."""
    staleness: NDArray[np.float32]
    """[n] days since the newest post whose label is known; NaN where none is."""

    @cached_property
    def recent_median(self) -> NDArray[np.float32]:
        """[n, t] median of the newest RECENT known labels; NaN where none is known."""
        return _median(self._usual)

    @property
    def level(self) -> NDArray[np.float32]:
        """[n, t] robust level: interquartile mean of the newest RECENT known labels; NaN where none is."""
        ordered = np.sort(self._usual, axis=1)  # NaN last
        n = np.sum(~np.isnan(ordered), axis=1, keepdims=True)
        place = np.arange(ordered.shape[1])[None, :, None]
        middle = (place >= n // 4) & (place < n - n // 4)
        total = np.where(middle, ordered, 0).sum(axis=1)
        return _where_any(n[:, 0], total, np.maximum(middle.sum(axis=1), 1))

    @property
    def spread(self) -> NDArray[np.float32]:
        """[n, t] mean absolute deviation of the newest RECENT known labels from their median."""
        off = np.abs(self._usual - self.recent_median[:, None])
        n = np.sum(~np.isnan(off), axis=1)
        return _where_any(n, np.nansum(off, axis=1), np.maximum(n, 1))

    @property
    def trend(self) -> NDArray[np.float32]:
        """[n, t] median of the newest 5 known labels less that of the newest RECENT: is it rising?"""
        return _median(self.recent[:, :5]) - self.recent_median

    @property
    def _usual(self) -> NDArray[np.float32]:
        return self.recent[:, :RECENT]

    def copy(self) -> Self:
        """The same in arrays of its own."""
        return type(self)(**{one.name: getattr(self, one.name).copy() for one in fields(self)})

    def frame(self, *, relative: bool = False) -> pd.DataFrame:
        """float32 columns for a tabular model: counts and times, and per target the recent level and, around
        it, the last label, the robust level, the spread and the trend.

        Args:
            relative: leave the recent level itself out. A model of the residual around it then cannot learn
                what held at one level only, which a drifting account has left for good.
        """
        import pandas as pd

        columns = {
            "history_count": self.count,
            "history_known": self.known,
            "history_recency": self.recency,
            "history_staleness": self.staleness,
        }
        median = self.recent_median
        by_target = {
            "last": self.recent[:, 0] - median,
            "level": self.level - median,
            "spread": self.spread,
            "trend": self.trend,
        } | ({} if relative else {"median": median})
        for name, values in by_target.items():
            columns |= {f"history_{name}_{j}": values[:, j] for j in range(values.shape[1])}
        return pd.DataFrame(columns)


@dataclass(frozen=True)
class Told:
    """Per post, the newest earlier posts of its user whose labels are known. n posts, k of them, t targets;
    newest first; time in days."""

    previous: NDArray[np.int64]
    """[n, k] positions in the timeline; -1 where there is none."""
    ages: NDArray[np.float32]
    """[n, k] days from each of them to the post; NaN where there is none."""
    labels: NDArray[np.float32]
    """[n, k, t] NaN where there is no post, and nowhere else."""

    @property
    def exists(self) -> NDArray[np.bool_]:
        """[n, k]"""
        return self.previous >= 0

    @property
    def gaps(self) -> NDArray[np.float32]:
        """[n, k] days from each of them to the next newer one, of the newest to the post itself; NaN where
        there is none."""
        return np.diff(self.ages, axis=1, prepend=np.float32(0))


def history(
    users: NDArray[np.int64],
    times: NDArray[np.int64],
    labels: NDArray[np.float32],
    rows: NDArray[np.int64],
    as_of: NDArray[np.int64],
    *,
    clock: Clock,
    k: int,
    newest: int = RECENT,
    order: Order | None = None,
) -> History:
    """The past of the posts `rows` of a timeline of m posts.

    A post is earlier when it was published strictly before. Its label is known when the clock says so,
    `known_at <= as_of`, and it has been revealed (is not NaN).

    Args:
        users: int64 [m] user codes. times: int64 [m] ms since 1970.
        labels: float32 [m, t], NaN = not revealed.
        rows: int64 [n] positions asked for. as_of: int64 [n] ms, the moment of prediction of each.
        clock: says from when on a label is known.
        newest: how many known labels, at least RECENT.
        order: of these users and times, where it is at hand.
    """
    earlier = _Earlier(order or Order(users, times), rows)
    previous, count = earlier.newest(k)
    latest_known, known = earlier.newest_known(labels, as_of, clock, newest)

    shown = (previous >= 0) & (clock.known_at(times[previous]) <= as_of[:, None])
    gaps = _days(times[rows][:, None] - times[previous], previous >= 0)
    return History(
        previous=previous,
        gaps=gaps,
        labels=np.where(shown[:, :, None], labels[previous], np.float32(np.nan)),
        recent=np.where((latest_known >= 0)[:, :, None], labels[latest_known], np.float32(np.nan)),
        recent_gaps=_days(times[rows][:, None] - times[latest_known], latest_known >= 0),
        count=count.astype(np.float32),
        known=known.astype(np.float32),
        recency=_days(times[rows] - times[previous[:, 0]], previous[:, 0] >= 0),
        staleness=_days(times[rows] - times[latest_known[:, 0]], latest_known[:, 0] >= 0),
    )


def told(
    users: NDArray[np.int64],
    times: NDArray[np.int64],
    labels: NDArray[np.float32],
    rows: NDArray[np.int64],
    as_of: NDArray[np.int64],
    *,
    clock: Clock,
    k: int,
    order: Order | None = None,
) -> Told:
    """Of the past of the posts `rows` what has a known label, however far back. Arguments: see `history`."""
    previous, _ = _Earlier(order or Order(users, times), rows).newest_known(labels, as_of, clock, k)
    there = previous >= 0
    return Told(
        previous=previous,
        ages=_days(times[rows][:, None] - times[previous], there),
        labels=np.where(there[:, :, None], labels[previous], np.float32(np.nan)),
    )


class Order:
    """The posts of a timeline by account and then by moment: made once, and looked up in many times."""

    def __init__(self, users: NDArray[np.int64], times: NDArray[np.int64]) -> None:
        """users, times: see `history`."""
        self.users = users
        self.moments, self.rank = np.unique(times, return_inverse=True)
        self._known: tuple[NDArray[np.int64], Past] | None = None

    @cached_property
    def every(self) -> Past:
        return self._of(np.arange(len(self.users)))

    def known(self, labels: NDArray[np.float32]) -> Past:
        """Those whose labels [m, t] have been revealed."""
        rows = np.flatnonzero(~np.isnan(labels).any(axis=1))
        if self._known is None or not np.array_equal(self._known[0], rows):
            self._known = rows, self._of(rows)
        return self._known[1]

    def _of(self, some: NDArray[np.int64]) -> Past:
        return Past.of(self.users, self.rank, len(self.moments) + 1, some)


class _Earlier:
    """The posts of an account that were published strictly before each of n posts."""

    def __init__(self, order: Order, rows: NDArray[np.int64]) -> None:
        self.order, self.asked, self.own = order, order.users[rows], order.rank[rows]

    def newest(self, k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """[n, k], the newest first, -1 where there is none; and [n], how many there are."""
        return self.order.every.latest(self.asked, self.own, k)

    def newest_known(
        self, labels: NDArray[np.float32], as_of: NDArray[np.int64], clock: Clock, k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same of those whose labels have been revealed and are known at the moment of prediction."""
        matured = np.searchsorted(clock.known_at(self.order.moments), as_of, side="right")
        return self.order.known(labels).latest(self.asked, np.minimum(matured, self.own), k)


def recent_of(
    users: NDArray[np.int64],
    times: NDArray[np.int64],
    labels: NDArray[np.float32],
    asked: NDArray[np.int64],
    as_of: NDArray[np.int64],
    *,
    clock: Clock,
    order: Order | None = None,
) -> NDArray[np.float32]:
    """float32 [n, t]: the median of the newest RECENT labels of any accounts that are known as of n moments;
    NaN where none is.

    Args:
        users, times, labels, clock, order: see `history`.
        asked: int64 [n] whom, codes as `users`. as_of: int64 [n] ms, when.
    """
    of = order or Order(users, times)
    matured = np.searchsorted(clock.known_at(of.moments), as_of, side="right")
    latest, _ = of.known(labels).latest(asked, matured, RECENT)
    return _median(np.where((latest >= 0)[:, :, None], labels[latest], np.float32(np.nan)))


def _days(ms: NDArray[np.int64], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.where(valid, ms / DAY_MS, np.nan).astype(np.float32)


def _median(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median over axis 1, ignoring NaN; NaN where there is nothing. np.nanmedian is 30 times slower here."""
    ordered = np.sort(values, axis=1)  # NaN last
    n = np.sum(~np.isnan(ordered), axis=1, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum((n - 1) // 2, 0), axis=1)[:, 0]
    high = np.take_along_axis(ordered, np.minimum(n // 2, ordered.shape[1] - 1), axis=1)[:, 0]
    return np.where(n[:, 0] > 0, (low + high) / 2, np.float32(np.nan)).astype(np.float32)


def _where_any(
    n: NDArray[np.int64], total: NDArray[np.float32], by: NDArray[np.int64]
) -> NDArray[np.float32]:
    return np.where(n > 0, total / by, np.nan).astype(np.float32)
