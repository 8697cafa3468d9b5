"""Drawn: what the resamples of a test set were drawn from: accounts, or stretches of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from benchmark.scores.clusters import MS_PER_DAY

ENOUGH_ACCOUNTS, ENOUGH_WEEKS = 20, 20
"""From so many on, 95% intervals hold the truth in 93 to 97% of simulated test sets, if what weeks have in
common fades within a quarter of a year: `python -m tools.coverage --only narrow`."""


@dataclass(frozen=True)
class Drawn:
    """The clusters of a bootstrap."""

    clusters: int
    effective: float
    """(sum of n)^2 / sum of n^2 over their numbers of posts n (Kish 1965)."""
    weeks: float | None = None
    """How long they last together, where they are stretches of time; None where they are accounts."""

    @property
    def counted(self) -> float:
        """How many accounts count, or how many weeks there are, of which a block may be less than one."""
        return self.effective if self.weeks is None else min(self.weeks, self.clusters)

    @property
    def enough(self) -> bool:
        """Whether intervals are as wide as they say."""
        return self.counted >= (ENOUGH_ACCOUNTS if self.weeks is None else ENOUGH_WEEKS)


def drawn_from(clusters: ArrayLike, users: ArrayLike, times_ms: ArrayLike) -> Drawn:
    """What `benchmark.scores.clusters` made of n posts.

    Args:
        clusters: [n] codes in 0..C-1. users: [n] codes. times_ms: int64 [n].
    """
    of_posts, accounts = np.asarray(clusters, np.int64), np.asarray(users)
    times = np.asarray(times_ms, np.int64)
    if not len(of_posts):
        return Drawn(0, 0.0)
    sizes = np.bincount(of_posts).astype(np.float64)
    effective = float(sizes.sum() ** 2 / (sizes @ sizes))
    _, first, by_account = np.unique(accounts, return_index=True, return_inverse=True)
    are_accounts = len(first) == len(sizes) and bool((of_posts == of_posts[first][by_account]).all())
    weeks = None if are_accounts else float(np.ptp(times)) / (7 * MS_PER_DAY)
    return Drawn(len(sizes), effective, weeks)
