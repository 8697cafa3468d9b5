"""Uncertainty: from the replicates of a score, or of a difference, to its standard error and its interval.

Clusters are drawn one by one, as if none knew of the next. Accounts do not; stretches of time do: where one
model errs more than another this week, it does next week. What the replicates say of *each* cluster is in
them all the same, for any measure: replicates go up with how often a cluster was drawn as far as it weighs.
So they are taken apart by waves of time, and the slowest waves tell the variance of a sum over neighbours
that depend on each other: the equally weighted cosine estimator, with Student's t for as few waves
(Lazarus, Lewis, Stock & Watson, Journal of Business & Economic Statistics, 2018). Replicates stay as they
are, and nothing is drawn anew.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.scores.bootstrap import interval
from benchmark.scores.drawn import Drawn
from benchmark.scores.measures.resamples import Floats, Resamples

Mask = NDArray[np.bool_]

LEVEL = 0.95
SHARE = 0.3
"""Waves are `SHARE` * weeks^(2/3). Lazarus et al. weigh coverage against width, and take 0.4; of the rules in
`tools.intervals.rules` this is the narrowest that holds the truth in 93 of 100 simulated test sets."""
FEWEST = 2


class Uncertainty:
    """Of all rows of one table, which share the resamples."""

    def __init__(self, drawn: Drawn) -> None:
        self.drawn = drawn
        self._inverses: dict[int, Floats] = {}

    @cached_property
    def degrees(self) -> float:
        """Of freedom: by how much is known of the spread, and so how wide an interval must be."""
        if self.drawn.weeks is None:
            return max(self.drawn.effective, 2.0) - 1
        most = max(self.drawn.clusters - 1, 1)
        return float(min(max(FEWEST, math.floor(SHARE * self.drawn.counted ** (2 / 3))), most))

    def interval(self, replicates: ArrayLike) -> tuple[float, float]:
        """Ends of the 95% interval; NaN where no replicate is defined.

        Args:
            replicates: [B], NaN where the measure is undefined.
        """
        values = np.asarray(replicates, dtype=np.float64)
        if self.drawn.weeks is None:
            return interval(values, LEVEL, n_clusters=max(self.drawn.effective, 2.0))
        low, high = interval(values, LEVEL)
        spread = float(np.nanstd(values, ddof=1)) if np.isfinite(low) else 0.0
        if not spread:
            return low, high
        middle, wider = float(np.nanmedian(values)), self.error(values) / spread
        return middle - wider * (middle - low), middle + wider * (high - middle)

    def error(self, replicates: ArrayLike) -> float:
        """The standard error of which 1.96 are half a 95% interval: with what few clusters ask for.

        0 where all replicates are the same, NaN where fewer than two are defined.
        """
        found = self._variances(replicates)
        return math.sqrt(self.wider**2 * found.of_neighbours + found.rest)

    @cached_property
    def wider(self) -> float:
        """By how much Student's t of so many degrees of freedom is wider than the normal distribution."""
        from scipy.special import ndtri, stdtrit

        tail = (1 - LEVEL) / 2
        return float(stdtrit(self.degrees, tail) / ndtri(tail))

    @property
    def degrees_among_many(self) -> float:
        """Those of `error_among_many`: its floor keeps an error from being misjudged downward, which is half
        of the ways."""
        return self.degrees if self.drawn.weeks is None else 2 * self.degrees

    def error_among_many(self, replicates: ArrayLike) -> float:
        """The standard error by which one difference of many is held against the largest of them.

        A few waves misjudge each pair in a way of its own, and the largest of many differences in such errors
        is one whose error came out too small. So none is less than if whole weeks were drawn alone: in
        simulations that keeps a set of rows as true, and makes it smaller.
        """
        found = self._variances(replicates)
        return math.sqrt(max(found.of_neighbours, found.of_weeks) + found.rest)

    def _variances(self, replicates: ArrayLike) -> _Variances:
        values = np.asarray(replicates, dtype=np.float64)
        known = ~np.isnan(values)
        if known.sum() < 2:
            return _Variances(math.nan, math.nan, math.nan)
        variance = float(values[known].var(ddof=1))
        if self.drawn.weeks is None:
            effective = max(self.drawn.effective, 2.0)
            alone = variance * effective / (effective - 1)
            return _Variances(alone, alone, 0.0)
        power, c = self._power(values, known), self.drawn.clusters
        slow = int(self.degrees)
        than_weeks = max(slow, round(self.drawn.weeks) - 1)
        rest = max(variance - float(power.mean()) * (c - 1), 0.0)
        return _Variances(float(power[:slow].mean()) * c, float(power[:than_weeks].mean()) * c, rest)

    def drift(self, gaps: ArrayLike) -> float:
        """Whether differences of rows depend on the time for longer than it lasts: see `drift_of`.

        NaN where clusters are accounts, or too few to tell.

        Args:
            gaps: [k, B] replicates of differences; what varies nowhere, or is undefined somewhere, is left
                out.
        """
        if self.drawn.weeks is None:
            return math.nan
        told = [one for one in np.asarray(gaps, dtype=np.float64) if np.isfinite(one).all() and np.ptp(one)]
        if not told:
            return math.nan
        everything = np.ones(len(told[0]), dtype=bool)
        return drift_of(np.array([self._power(one, everything) for one in told]), int(self.degrees))

    def _power(self, values: Floats, known: Mask) -> Floats:
        """[waves]: how much replicates [B] follow each wave."""
        centred = values[known] - values[known].mean()
        number = len(values)
        if known.all():
            if number not in self._inverses:
                self._inverses[number] = np.linalg.pinv(self._waves(number)).astype(np.float64)
            return np.asarray((self._inverses[number] @ centred) ** 2)
        return np.asarray(np.linalg.lstsq(self._waves(number)[known], centred, rcond=None)[0] ** 2)

    def _waves(self, number: int) -> Floats:
        """[B, waves], of unit variance: how much each resample drew along each wave, the slowest first."""
        c = self.drawn.clusters
        waves = min(c - 1, number // 2)
        counts = Resamples(np.arange(c), number).counts(0, number).astype(np.float64)
        return np.asarray(counts @ cosine_waves(c, waves).T)


def cosine_waves(number: int, waves: int) -> Floats:
    """[waves, number], orthonormal, the slowest first; a constant is none of them."""
    at = (np.arange(number) + 0.5) / number
    return np.asarray(math.sqrt(2 / number) * np.cos(math.pi * np.outer(np.arange(1, waves + 1), at)))


def drift_of(powers: Floats, degrees: int) -> float:
    """How much more the two slowest waves carry than the next ones, as a mean.

    Where weeks know nothing of each other it is about 1, where they fade within a month 1 to 2. What goes on
    rising toward the slowest wave would rise beyond it, in waves for which the test period is too short: and
    an interval that is read off it is too narrow. Of one difference that is told by two numbers, and so
    hardly; a table's differences, each of which counts for one, tell it better.

    Args:
        powers: [differences, waves], the slowest wave first.
        degrees: waves that an interval is read off.

    Returns:
        NaN of fewer waves than that takes.
    """
    next_ones = max(2 * degrees, 6)
    if powers.shape[1] < 2 + next_ones:
        return math.nan
    shares = (powers / powers.sum(axis=1, keepdims=True)).mean(axis=0)
    return float(shares[:2].mean() / shares[2 : 2 + next_ones].mean())


@dataclass(frozen=True)
class _Variances:
    """Of a score; what is in each replicate, by where it comes from."""

    of_neighbours: float
    """The draws', as neighbours depend on each other; of accounts, which do not, as they are."""
    of_weeks: float
    """The draws', as if weeks did not."""
    rest: float
    """What seeds do, and what is not linear in the draws."""
