"""Hours: when an account's posts have done better than its own usual."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from benchmark.posts import Array, Posts
from desk.model.intervals import account_names
from desk.ranking import Hour

FEWEST = 100
"""Posts of an account whose hours are told by itself; else all accounts together tell them."""
SHOWN = 3
CLOSE = 1
"""Hours before and after that count as the same."""
PRIOR = 10.0
"""So many posts without any effect are added to each hour: few posts prove little."""
Z = 3.6
"""Of 95% intervals of all 168 hours of a week at once (Bonferroni): the best of them looks good by chance."""
DAYS, HOURS = 7, 24


@dataclass(frozen=True)
class Hours:
    """a accounts; the last row is that of all together."""

    accounts: list[str]
    count: NDArray[np.float64]
    """[a + 1, 7, 24] posts by weekday and hour, UTC."""
    total: NDArray[np.float64]
    """The same: sum of what they had above the account's recent median, on the scoring scale."""
    squares: NDArray[np.float64]
    _told: dict[int, tuple[NDArray[np.float64], ...]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, train: Posts, y: Array) -> Self:
        """Of the first target of the training posts."""
        above = y[:, 0] - train.history().recent_median[:, 0]
        known = ~np.isnan(above)
        names, codes = np.unique(np.asarray(account_names(train))[known], return_inverse=True)
        hours = train.times[known].astype("datetime64[h]").astype(np.int64)
        place = codes * DAYS * HOURS + (hours // HOURS + 3) % DAYS * HOURS + hours % HOURS
        # What is left after the account's own mean: some are rising all the time.
        above = above[known] - (np.bincount(codes, above[known]) / np.bincount(codes))[codes]
        cells = len(names) * DAYS * HOURS

        def summed(weights: Array | None) -> NDArray[np.float64]:
            by_account = np.bincount(place, weights, cells).reshape(len(names), DAYS, HOURS)
            return np.concatenate([by_account, by_account.sum(axis=0, keepdims=True)]).astype(np.float64)

        return cls(names.tolist(), summed(None), summed(above), summed(above**2))

    def best(self, account: str, start: dt.datetime) -> tuple[Hour, ...]:
        """The best hours of the week that begins at a moment, the best first.

        The effect of an hour of the day and that of a weekday add up; each is the mean over its posts, drawn
        towards none (PRIOR).
        """
        row = self.accounts.index(account) if account in self.accounts else len(self.accounts)
        if self.count[row].sum() < FEWEST:
            row = len(self.accounts)
        if self.count[row].sum() < FEWEST:
            return ()
        if row not in self._told:
            self._told[row] = self._of(row)
        effect, error, posts = self._told[row]
        first = start.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
        if first < start:
            first += dt.timedelta(hours=1)
        coming = [first + dt.timedelta(hours=i) for i in range(DAYS * HOURS)]
        coming.sort(key=lambda hour: (-effect[hour.weekday(), hour.hour], hour))
        return tuple(self._hour(hour, effect, error, posts) for hour in coming[:SHOWN])

    def _of(self, row: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """[7, 24] each: effect, its standard error, and how many posts went out about then."""
        tables = self.count[row], self.total[row], self.squares[row]
        around = [
            sum(np.roll(one.sum(axis=0), shift) for shift in range(-CLOSE, CLOSE + 1)) for one in tables
        ]
        by_hour, by_day = _shrunk(*around), _shrunk(*(one.sum(axis=1) for one in tables))
        effect = by_day[0][:, None] + by_hour[0][None]
        error = np.sqrt(by_day[1][:, None] ** 2 + by_hour[1][None] ** 2)
        near = sum(np.roll(self.count[row], shift, axis=1) for shift in range(-CLOSE, CLOSE + 1))
        return effect, error, np.asarray(near)

    @staticmethod
    def _hour(
        hour: dt.datetime,
        effect: NDArray[np.float64],
        error: NDArray[np.float64],
        posts: NDArray[np.float64],
    ) -> Hour:
        place = hour.weekday(), hour.hour
        low, middle, high = np.expm1(effect[place] + error[place] * np.array([-Z, 0, Z]))
        return Hour(
            start=hour, effect=float(middle), low=float(low), high=float(high), posts=int(posts[place])
        )


def _shrunk(
    count: NDArray[np.float64], total: NDArray[np.float64], squares: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean of each cell, drawn towards 0, and its standard error."""
    spread = squares.sum() / max(count.sum(), 1.0)
    return total / (count + PRIOR), np.sqrt(spread * count) / (count + PRIOR) + np.sqrt(spread) * (count == 0)
