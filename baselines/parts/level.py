"""The recent level of an account, which a model then corrects.

With strong drift a model of the label itself must extrapolate, and trees cannot; a model of the residual
around the recent level need not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from baselines.parts.categories import CategoryLevels
from baselines.parts.holdout import HOLDOUT
from benchmark import Array, Posts

if TYPE_CHECKING:
    from baselines.parts.kept import Kept, Learnt

NEWEST: tuple[int | None, ...] = (None, 100, 20)
CLEARLY = 0.95
"""Of the error with all labels."""


class RecentLevel:
    """Median of the account's newest known labels, drawn towards its category where there are few.

    level = (n * median + prior * category median) / (n + prior), for the n <= 20 newest known labels. The
    prior is the variance within accounts over that between them, on training posts and for each target (Efron
    and Morris 1975: how far a mean of n labels can be trusted), and at most 1: of an account that is like any
    other a label says little, of one that is far from the rest it says nearly all. Where levels drift, the
    median of a category is of its newest labels alone.
    """

    def fit(self, train: Posts, y: Array) -> Self:
        self.categories = CategoryLevels(_newest(train, y))
        self.categories.add(train, y)
        self.prior = prior(train.users, y - self.categories.before(train, y))
        self.of_training = self.found(train, y)
        """float32 [n, targets]: the level of the training posts, each as it was at its time."""
        return self

    def found(self, train: Posts, y: Array) -> Array:
        """float32 [n, targets]: the level of the training posts, each as of its moment, or of an earlier one
        where they are `staler`."""
        return self._drawn(train, self.categories.before(train, y))

    def add(self, posts: Posts, y: Array) -> None:
        self.categories.add(posts, y)

    def of(self, posts: Posts) -> Array:
        """float32 [n, targets], never NaN."""
        return self._drawn(posts, self.categories.medians(posts))

    def _drawn(self, posts: Posts, category: Array) -> Array:
        history = posts.history()
        n = np.sum(~np.isnan(history.recent), axis=1)
        median = np.where(n > 0, history.recent_median, 0)
        # An account without any label is its category, however small the prior.
        level = (n * median + self.prior * category) / np.maximum(n + self.prior, 1e-6)
        return np.where(n > 0, level, category).astype(np.float32)

    def keep(self, learnt: Learnt) -> None:
        learnt.put("prior", self.prior)
        learnt.tell("newest", self.categories.newest or 0)

    @classmethod
    def restored(cls, kept: Kept, known: Posts, y: Array) -> Self:
        """known, y: see `Baseline.load`."""
        level = cls()
        level.prior = kept.array("prior", "f", len(known.targets))
        level.categories = CategoryLevels(kept.told("newest", int) or None)
        level.categories.add(known, y)
        return level


def _newest(train: Posts, y: Array) -> int | None:
    """How many of its newest labels tell a category's level best: what errs least on the newest posts of the
    training, held out as the protocol holds out the test. Where levels drift, the newest say most; where the
    difference is small it is chance, and all labels count."""
    try:
        held = train.holdout(HOLDOUT)
    except ValueError:  # too few posts
        return None
    errors = {}
    for newest in NEWEST:
        categories = CategoryLevels(newest)
        categories.add(held.fit, y[held.fit_rows])
        errors[newest] = float(np.mean(np.abs(y[held.check_rows] - categories.medians(held.check))))
    best = min(NEWEST, key=lambda newest: errors[newest])
    return best if errors[best] < CLEARLY * errors[None] else None


def prior(users: NDArray[np.int64], y: Array) -> NDArray[np.float64]:
    """float64 [targets], from 0 to 1: the variance of labels within accounts over that of accounts' means.

    1 where it cannot be told: with a single account, or with no account of two labels.

    Args:
        users: [n] a code an account. y: [n, targets]
    """
    _, codes, counts = np.unique(users, return_inverse=True, return_counts=True)
    freedom = len(users) - len(counts)
    if len(counts) < 2 or not freedom:
        return np.ones(y.shape[1])
    sums = np.stack([np.bincount(codes, column) for column in y.T.astype(np.float64)], axis=1)
    means: NDArray[np.float64] = sums / counts[:, None]
    within = np.sum((y - means[codes]) ** 2, axis=0) / freedom
    # Means of few labels differ by chance too.
    between = np.var(means, axis=0, ddof=1) - within * np.mean(1 / counts)
    share: NDArray[np.float64] = np.clip(within / np.maximum(between, 1e-9), 0.0, 1.0)
    return share
