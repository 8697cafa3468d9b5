"""Drawn: what the resamples of a test set were drawn from: accounts, or stretches of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from benchmark.scores.clusters import MS_PER_DAY

ENOUGH_ACCOUNTS, ENOUGH_WEEKS = 30, 26
"""From so many on, 95% intervals hold the truth in about 93 to 97% of test sets that are simulated:
`python -m tools.coverage`."""


@dataclass(frozen=True)
class Drawn:
    """The clusters of a bootstrap."""

    clusters: int
    effective: float
    """(sum of n)^2 / sum of n^2 over their numbers of posts n (Kish 1965)."""
    weeks: float | None = None
    """How long they last together, where they are stretches of time; None where they are accounts."""

    @property
    def enough(self) -> bool:
        """Whether intervals are as wide as they say."""
        return self.effective >= ENOUGH_ACCOUNTS if self.weeks is None else self.weeks >= ENOUGH_WEEKS


def too_narrow(drawn: Drawn) -> str:
    """By how much intervals fall short of what they say, a sentence; empty where they do not.

    The shares are those of `python -m tools.coverage`.
    """
    if drawn.enough or not drawn.clusters:
        return ""
    if drawn.weeks is None:
        return (
            f"Intervals are a little too narrow: {drawn.effective:.0f} accounts count, fewer than "
            f"{ENOUGH_ACCOUNTS}; such 95% intervals hold the truth in about 93 of 100 simulated test sets"
        )
    return (
        f"Intervals are too narrow: the test posts span {drawn.weeks:.0f} weeks, fewer than {ENOUGH_WEEKS}; "
        "where weeks depend on each other, such 95% intervals hold the truth in about 91 to 93 of 100 "
        "simulated test sets, and where a level drifts all the while, in fewer"
    )


def drawn_part(whole: Drawn, clusters: ArrayLike, times_ms: ArrayLike) -> Drawn:
    """What the resamples are drawn from as far as it concerns some of the posts.

    Args:
        whole: of all posts. clusters: [n] codes of the posts of the part, of all posts. times_ms: int64 [n].
    """
    sizes = np.unique(np.asarray(clusters), return_counts=True)[1].astype(np.float64)
    if not len(sizes):
        return Drawn(0, 0.0)
    weeks = None if whole.weeks is None else float(np.ptp(np.asarray(times_ms))) / (7 * MS_PER_DAY)
    return Drawn(len(sizes), float(sizes.sum() ** 2 / (sizes @ sizes)), weeks)


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
