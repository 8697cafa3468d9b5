"""Confidence set: the rows of which one is the best, for all that resamples tell; and where each may rank.

To hold every row against the one that happens to look best, pair by pair, forgets that it was chosen: of
twelve rows that are truly equal such a rule calls one worse in nearly half of all test sets. The model
confidence set (Hansen, Lunde & Nason, Econometrica, 2011) asks of all rows at once whether any two differ, as
far as the largest of so many differences differs by chance; if so it strikes the worst and asks again of the
rest. All best rows survive in 95 of 100 test sets.

Their packages (`arch`) take a loss a post, and resample them. Here what a row has is its score in each
resample: so a rank correlation or an average precision, which is no mean over posts, has a set too, posts are
drawn by whole clusters, and seeds are in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.uncertainty import Uncertainty
from leaderboard.tables.paired import ROUNDING

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

LEVEL = 0.05
"""A row whose p-value is lower is not among the best."""


@dataclass(frozen=True)
class Standing:
    """Of one row among its rivals, by one measure."""

    p: float
    """The smallest level at which the row is struck from the set; 1 for the last, NaN without a score."""
    rank_low: float
    rank_high: float
    """Ends of the 95% interval of its rank; NaN without a score."""

    @property
    def best(self) -> bool:
        """Whether it is in the 95% set: whether it cannot be told from the best."""
        return self.p >= LEVEL


UNKNOWN = Standing(np.nan, np.nan, np.nan)


def standings(losses: Floats, replicates: Floats, uncertainty: Uncertainty) -> list[Standing]:
    """The standing of each of k rows.

    Where no resample is defined nothing can be told apart, and every row with a score is among the best.

    Args:
        losses: [k] scores, less is better; NaN where one is undefined.
        replicates: [k, B] the same in each resample, the same resamples for all. Those in which a row with a
            score has none are left out.
        uncertainty: of the table that the rows are of.
    """
    scored = np.flatnonzero(~np.isnan(losses))
    found = [UNKNOWN] * len(losses)
    told = replicates[scored]
    told = told[:, ~np.isnan(told).any(axis=0)]
    if not len(scored):
        return found
    if told.shape[1] < 2:
        of_scored = [Standing(1.0, 1.0, float(len(scored)))] * len(scored)
    else:
        of_scored = _standings(_Gaps(losses[scored], told, uncertainty))
    for place, standing in zip(scored, of_scored, strict=True):
        found[place] = standing
    return found


class _Gaps:
    """The differences of all pairs, in standard errors: as they are, and as they are by chance."""

    def __init__(self, losses: Floats, replicates: Floats, uncertainty: Uncertainty) -> None:
        k = len(losses)
        self.replicates = replicates - replicates.mean(axis=1, keepdims=True)
        self.uncertainty = uncertainty
        self.spread = np.zeros((k, k))
        self.observed = np.zeros((k, k))
        """[i, j]: by how much i is worse than j."""
        for i in range(k):
            for j in range(i):
                self._set(i, j, losses[i] - losses[j], replicates[i] - replicates[j])

    def _set(self, i: int, j: int, apart: float, gap: Floats) -> None:
        if np.ptp(gap) > ROUNDING:
            self.spread[i, j] = self.spread[j, i] = gap.std(ddof=1)
            in_errors = apart / self.uncertainty.error_among_many(gap)
        else:  # the same difference in every resample
            in_errors = np.copysign(np.inf, apart) if abs(apart) > ROUNDING else 0.0
        self.observed[i, j], self.observed[j, i] = in_errors, -in_errors

    def by_chance(self, row: int, others: Integers) -> Floats:
        """[B]: how large the largest difference of a row to one of these gets, either way; 0 without any.

        An error is itself known from few clusters alone: what is normal becomes Student's.
        """
        from scipy.special import ndtr, stdtrit

        apart = np.abs(self.replicates[row] - self.replicates[others])
        spread = self.spread[row, others][:, None]
        normal = np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 0).max(axis=0, initial=0)
        return np.asarray(
            -stdtrit(self.uncertainty.degrees_among_many, ndtr(-normal))
        )  # the tail keeps more digits


def _standings(gaps: _Gaps) -> list[Standing]:
    k = len(gaps.observed)
    p = _p_values(gaps)
    found = []
    for row in range(k):
        others = np.delete(np.arange(k), row)
        most = float(np.quantile(gaps.by_chance(row, others), 1 - LEVEL))
        better, worse = (int((side > most).sum()) for side in (gaps.observed[row], -gaps.observed[row]))
        found.append(Standing(float(p[row]), 1.0 + better, float(k - worse)))
    return found


def _p_values(gaps: _Gaps) -> Floats:
    """[k]; by the range statistic: the largest difference of any two rows of a set."""
    struck, statistics, last = _elimination(gaps.observed)
    p = np.ones(len(gaps.observed))
    largest = np.zeros(gaps.replicates.shape[1])
    inside: list[int] = []
    for row in last:
        largest = np.maximum(largest, gaps.by_chance(row, np.array(inside, np.intp)))
        inside.append(int(row))
    of_steps = []
    for rows, statistic in zip(reversed(struck), reversed(statistics), strict=True):
        for row in rows:  # so each set is the one after it and what it strikes
            largest = np.maximum(largest, gaps.by_chance(row, np.array(inside, np.intp)))
            inside.append(int(row))
        of_steps.append(float((largest >= statistic).mean()))
    so_far = 0.0
    for rows, step in zip(struck, reversed(of_steps), strict=True):
        so_far = max(so_far, step)  # whoever is struck later was in every set before
        p[rows] = so_far
    return p


def _elimination(observed: Floats) -> tuple[list[Integers], list[float], Sequence[int]]:
    """Which rows are struck at each step, at which statistic, and which are left: equal ones go together."""
    left = np.arange(len(observed))
    struck: list[Integers] = []
    statistics: list[float] = []
    while True:
        worst = observed[np.ix_(left, left)].max(axis=1)
        most = worst.max()
        goes = worst >= most - ROUNDING if np.isfinite(most) else worst == most
        if most <= 0 or goes.all():
            return struck, statistics, left.tolist()
        struck.append(left[goes])
        statistics.append(float(most))
        left = left[~goes]
