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
from baselines.parts.origins import origins
from benchmark import Array, Posts

if TYPE_CHECKING:
    from baselines.parts.kept import Kept, Learnt
    from benchmark.history import History

NEWEST: tuple[int | None, ...] = (None, 100, 20)
CLEARLY = 0.95
"""Of the error with all labels."""
OF_ACCOUNT = (5, 10, 20, 50, 100)
"""How many of its newest known labels may make an account's level."""
USUAL = 20
NOTABLY = 0.98
"""Of the error with the usual number of labels."""
LOOKED_AT = 5000
"""Posts of each holdout, at most, by which the number is chosen, evenly spread over it."""
AT_ONCE = 20_000
"""Posts whose newest labels are looked up together: 100 of each are not held for all."""


class RecentLevel:
    """Median of the account's newest known labels, drawn towards its category where there are few.

    level = (n * median + prior * category median) / (n + prior), for the n <= k newest known labels. How
    many, k, is chosen for each target by the mean error over several holdouts (see `origins`). The
    prior is the variance within accounts over that between them, on training posts and for each target (Efron
    and Morris 1975: how far a mean of n labels can be trusted), and at most 1: of an account that is like any
    other a label says little, of one that is far from the rest it says nearly all. Where levels drift, the
    median of a category is of its newest labels alone.
    """

    def fit(self, train: Posts, y: Array) -> Self:
        category = self._learn(train, y, _newest(train, y))
        self.newest = _of_account(train, y, self.categories.newest)
        """int64 [targets]: the k of each."""
        self.of_training = self._drawn(train, category)
        """float32 [n, targets]: the level of the training posts, each as it was at its time."""
        return self

    def add(self, posts: Posts, y: Array) -> None:
        self.categories.add(posts, y)

    def of(self, posts: Posts) -> Array:
        """float32 [n, targets], never NaN."""
        return self._drawn(posts, self.categories.medians(posts))

    def _learn(self, train: Posts, y: Array, of_category: int | None) -> Array:
        """The categories, and how far an account is trusted; the medians of the categories as they were."""
        self.categories = CategoryLevels(of_category)
        self.categories.add(train, y)
        before = self.categories.before(train, y)
        self.prior = prior(train.users, y - before)
        return before

    def _drawn(self, posts: Posts, category: Array) -> Array:
        found = np.empty_like(category)
        for start in range(0, len(posts), AT_ONCE):
            rows = np.arange(start, min(start + AT_ONCE, len(posts)))
            history = posts.take(rows).history(1, newest=max(USUAL, int(self.newest.max())))
            for newest in np.unique(self.newest):
                of = np.flatnonzero(self.newest == newest)
                level = self._of(history, int(newest), category[rows])
                found[rows[:, None], of] = level[:, of]
        return found

    def _of(self, history: History, newest: int, category: Array) -> Array:
        """float32 [n, targets]: the level by so many labels."""
        n = np.sum(~np.isnan(history.recent[:, :newest]), axis=1)
        median = np.where(n > 0, history.median_of(newest), 0)
        # An account without any label is its category, however small the prior.
        level = (n * median + self.prior * category) / np.maximum(n + self.prior, 1e-6)
        return np.where(n > 0, level, category).astype(np.float32)

    def keep(self, learnt: Learnt) -> None:
        learnt.put("prior", self.prior)
        learnt.put("of_account", self.newest)
        learnt.tell("newest", self.categories.newest or 0)

    @classmethod
    def restored(cls, kept: Kept, known: Posts, y: Array) -> Self:
        """known, y: see `Baseline.load`."""
        level = cls()
        level.prior = kept.array("prior", "f", len(known.targets))
        level.newest = kept.array("of_account", "i", len(known.targets))
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


def _of_account(train: Posts, y: Array, of_category: int | None) -> NDArray[np.int64]:
    """int64 [targets], of OF_ACCOUNT: how many labels of an account err least, by the mean over several
    holdouts; the usual number, unless another errs notably less.

    Costs a look at the newest 100 labels of LOOKED_AT posts in each holdout.
    """
    totals = np.zeros((len(OF_ACCOUNT), y.shape[1]))
    for held in origins(train):
        level = RecentLevel()
        level._learn(held.fit, y[held.fit_rows], of_category)
        some = np.unique(np.linspace(0, len(held.check) - 1, LOOKED_AT).astype(np.int64))
        check, truth = held.check.take(some), y[held.check_rows[some]]
        category, history = level.categories.medians(check), check.history(1, newest=max(OF_ACCOUNT))
        for i, newest in enumerate(OF_ACCOUNT):
            totals[i] += np.abs(truth - level._of(history, newest, category)).mean(axis=0)
    best = np.where(totals.min(axis=0) < NOTABLY * totals[OF_ACCOUNT.index(USUAL)], totals.argmin(axis=0), -1)
    return np.where(best < 0, USUAL, np.array(OF_ACCOUNT)[best])


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
