"""Beside: drafts as posts that know the past of their accounts, and nothing of each other."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.history import RECENT, History
from benchmark.past import Past
from benchmark.posts import Posts
from benchmark.split import DAY_MS

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.split import Clock
    from benchmark.timeline import Timeline


class DraftPosts(Posts):
    """Posts behind the first `published` ones of a timeline: those alone are anyone's past. Published after
    each other, drafts would be; handed in together they are choices, of which one may never go out."""

    def __init__(
        self, timeline: Timeline, positions: NDArray[np.int64], clock: Clock, published: int
    ) -> None:
        super().__init__(timeline, positions, clock)
        self._published_posts = published
        self._histories: dict[tuple[int, int], History] = {}
        self._tabular: pd.DataFrame | None = None

    def tabular(self) -> pd.DataFrame:
        # Asked for what it predicts, why, and in which words: of a single draft that is most of the time.
        if self._tabular is None:
            self._tabular = super().tabular()
        return self._tabular.copy(deep=False)

    def history(self, k: int = 20, *, newest: int = RECENT) -> History:
        if (k, newest) not in self._histories:
            self._histories[k, newest] = self._past(k, newest)
        return self._histories[k, newest]

    def _past(self, k: int, most: int) -> History:
        line, own, clock = self._timeline, self._positions, self._clock
        past = slice(self._published_posts)
        users, times, labels = line.users[past], line.times[past], line.labels[past]
        moments, rank = np.unique(times, return_inverse=True)
        span = len(moments) + 1
        before = np.searchsorted(moments, line.times[own], side="left")
        posts = Past.of(users, rank, span, np.arange(len(users)))
        previous, count = posts.latest(line.users[own], before, k)
        told = Past.of(users, rank, span, np.flatnonzero(~np.isnan(labels).any(axis=1)))
        matured = np.searchsorted(clock.known_at(moments), self._as_of, side="right")
        newest, known = told.latest(line.users[own], np.minimum(matured, before), most)
        since = line.times[own][:, None] - line.times[previous]
        shown = (previous >= 0) & (clock.known_at(line.times[previous]) <= self._as_of[:, None])
        return History(
            previous=previous,
            gaps=_days(since, previous >= 0),
            labels=np.where(shown[:, :, None], line.labels[previous], np.float32(np.nan)),
            recent=np.where((newest >= 0)[:, :, None], line.labels[newest], np.float32(np.nan)),
            recent_gaps=_days(line.times[own][:, None] - line.times[newest], newest >= 0),
            count=count.astype(np.float32),
            known=known.astype(np.float32),
            recency=_days(since[:, 0], previous[:, 0] >= 0),
            staleness=_days(line.times[own] - line.times[newest[:, 0]], newest[:, 0] >= 0),
        )

    def of_engagement(self) -> DraftPosts:
        return self._of(self._timeline.of_engagement(), self._positions)

    def take(self, rows: NDArray[np.int64]) -> DraftPosts:
        return self._of(self._timeline, self._positions[rows])

    def at(self, positions: NDArray[np.int64]) -> DraftPosts:
        return self._of(self._timeline, super().at(positions)._positions)

    def _of(self, timeline: Timeline, positions: NDArray[np.int64]) -> DraftPosts:
        return DraftPosts(timeline, positions, self._clock, self._published_posts)


def as_drafts(posts: Posts) -> DraftPosts:
    """Posts of a holdout, each as if it alone were drafted when the first of them went out."""
    return DraftPosts(posts._timeline, posts._positions, posts._clock, int(posts._positions.min()))


def strangers(posts: Posts) -> Posts:
    """The same posts as if each were of an account of its own that nothing is known of."""
    timeline, positions = copy(posts._timeline), posts._positions
    timeline.users = timeline.users.copy()
    timeline.users[positions] = timeline.users.max(initial=-1) + 1 + np.arange(len(positions))
    return Posts(timeline, positions, posts._clock)


def _days(ms: NDArray[np.int64], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.where(valid, ms / DAY_MS, np.nan).astype(np.float32)
