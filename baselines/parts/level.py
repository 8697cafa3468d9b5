"""The recent level of an account, which a model then corrects.

With strong drift a model of the label itself must extrapolate, and trees cannot; a model of the residual
around the recent level need not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from baselines.parts.categories import CategoryLevels
from baselines.parts.holdout import HOLDOUT
from baselines.parts.origins import origins
from benchmark import Array, Posts
from benchmark.history import RECENT

if TYPE_CHECKING:
    from baselines.parts.kept import Kept, Learnt
    from benchmark.history import History

NEWEST: tuple[int | None, ...] = (None, 100, 20)
CLEARLY = 0.95
"""Of the error with all labels."""
USUAL = 0.0
"""In place of a half-life: the median of the newest 20 labels."""
HALF_LIVES = (7.0, 30.0)
"""Days after which a label counts half as much as the newest, where a mean is taken instead. Longer ones
reach back to levels that an account has left for good: what comes out well in training then errs by much."""
AVERAGED = 100
"""Of so many of the newest labels at most."""
NOTABLY = 0.98
"""Of the usual level's error, by the mean over several origins."""
NOWHERE_WORSE = 1.01
"""Nor more than that of it in any of them: what is better in one stretch of time alone is chance."""
LOOKED_AT = 3000
"""Posts of each origin, at most, by which it is chosen, evenly spread over it."""
AT_ONCE = 20_000
"""Posts whose newest labels are averaged together."""


class Own(NamedTuple):
    """What an account's own labels say of its level. n posts, t targets."""

    level: NDArray[np.float32]
    """[n, t]; 0 where no label is known."""
    labels: NDArray[np.float32]
    """[n, t]: how many labels it is made of; of a weighted mean, how many equal ones would tell as much."""


class RecentLevel:
    """Where the account stands by its newest known labels, drawn towards its category where there are few.

    level = (n * own + prior * category median) / (n + prior). `own` is the median of the newest 20 labels, or
    the mean of the newest 100 with weights that halve in so many days, n (sum w)^2 / sum w^2: of each target
    what errs notably less over several origins (see `origins`). The prior is the variance within accounts
    over that between them, on training posts and for each target (Efron and Morris 1975: how far a mean of n
    labels can be trusted), and at most 1: of an account that is like any other a label says little, of one
    that is far from the rest it says nearly all. Where levels drift, the median of a category is of its
    newest labels alone.
    """

    def fit(self, train: Posts, y: Array) -> Self:
        category = self._learn(train, y, _newest(train, y))
        self.half_lives = _half_lives(train, y, self.categories.newest)
        """float64 [targets]: days, or USUAL."""
        self.of_training = self._drawn(train, category)
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

    def _learn(self, train: Posts, y: Array, of_category: int | None) -> Array:
        """The categories, and how far an account is trusted; the medians of the categories as they were."""
        self.categories = CategoryLevels(of_category)
        self.categories.add(train, y)
        before = self.categories.before(train, y)
        self.prior = prior(train.users, y - before)
        return before

    def _drawn(self, posts: Posts, category: Array) -> Array:
        """category: [n, targets]"""
        usual = self.half_lives == USUAL
        found = np.empty_like(category)
        if usual.any():
            found[:, usual] = self._towards(_usual(posts.history(1)), category)[:, usual]
        for begin in range(0, len(posts) if not usual.all() else 0, AT_ONCE):
            rows = np.arange(begin, min(begin + AT_ONCE, len(posts)))
            history = posts.take(rows).history(1, newest=AVERAGED)
            for half_life in np.unique(self.half_lives[~usual]):
                level = self._towards(averaged(history, half_life), category[rows])
                of = np.flatnonzero(self.half_lives == half_life)
                found[rows[:, None], of] = level[:, of]
        return found

    def _towards(self, own: Own, category: Array) -> Array:
        """float32 [n, targets]: the account's own level, drawn towards its category's."""
        # An account without any label is its category, however small the prior.
        drawn = (own.labels * own.level + self.prior * category) / np.maximum(own.labels + self.prior, 1e-6)
        return np.where(own.labels > 0, drawn, category).astype(np.float32)

    def keep(self, learnt: Learnt) -> None:
        learnt.put("prior", self.prior)
        learnt.put("half_lives", self.half_lives)
        learnt.tell("newest", self.categories.newest or 0)

    @classmethod
    def restored(cls, kept: Kept, known: Posts, y: Array) -> Self:
        """known, y: see `Baseline.load`."""
        level = cls()
        level.prior = kept.array("prior", "f", len(known.targets))
        level.half_lives = kept.array("half_lives", "f", len(known.targets))
        level.categories = CategoryLevels(kept.told("newest", int) or None)
        level.categories.add(known, y)
        return level


def averaged(history: History, half_life: float) -> Own:
    """The mean of the newest labels asked for. A label that is so many days older than the newest counts half
    of it: how long ago that was is the same for all and changes no mean."""
    there = ~np.isnan(history.recent)
    older = history.recent_gaps - history.recent_gaps[:, :1]
    weights = np.where(there, np.exp2(-np.nan_to_num(older) / half_life)[:, :, None], 0.0)
    total = weights.sum(axis=1)
    level = np.nansum(weights * history.recent, axis=1) / np.maximum(total, 1e-9)
    labels = total**2 / np.maximum(np.square(weights).sum(axis=1), 1e-9)
    return Own(level.astype(np.float32), labels.astype(np.float32))


def _usual(history: History) -> Own:
    labels = np.sum(~np.isnan(history.recent[:, :RECENT]), axis=1)
    return Own(np.where(labels > 0, history.recent_median, 0), labels.astype(np.float32))


def _half_lives(train: Posts, y: Array, of_category: int | None) -> NDArray[np.float64]:
    """float64 [targets], of HALF_LIVES: what errs least over several origins, where it is notably less than
    the usual level does, which else stays.

    Costs a look at the newest labels of LOOKED_AT posts an origin.
    """
    usual: list[NDArray[np.floating]] = []  # an origin each: [t]
    others: list[list[NDArray[np.floating]]] = []  # and of each half-life
    for held in origins(train):
        level = RecentLevel()
        level._learn(held.fit, y[held.fit_rows], of_category)
        some = np.unique(np.linspace(0, len(held.check) - 1, LOOKED_AT).astype(np.int64))
        check, truth = held.check.take(some), y[held.check_rows[some]]
        category, history = level.categories.medians(check), check.history(1, newest=AVERAGED)
        every = [_usual(history), *(averaged(history, one) for one in HALF_LIVES)]
        first, *rest = [np.abs(truth - level._towards(own, category)).mean(axis=0) for own in every]
        usual.append(first)
        others.append(rest)
    if not usual:  # too few posts
        return np.full(y.shape[1], USUAL)
    found, base = np.array(others), np.maximum(np.array(usual), 1e-9)
    share = found.mean(axis=0) / base.mean(axis=0)
    fit = (share < NOTABLY) & ((found / base[:, None]).max(axis=0) < NOWHERE_WORSE)
    share = np.where(fit, share, np.inf)
    return np.where(fit.any(axis=0), np.array(HALF_LIVES)[share.argmin(axis=0)], USUAL)


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
