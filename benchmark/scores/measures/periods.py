"""Periods: how well accounts are ranked among each other, period by period.

Rows of the same moment compete: each is an account, and the time that begins then. A value is the mean over
periods: each of them weighs the same. In a bootstrap over accounts every replicate ranks the accounts that
were drawn anew, period by period, one that was drawn twice beside itself.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from benchmark.scores.measures.measure import Floats, Measure, Predicted
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.measures.weeks import Standing, WeekNDCG, Weeks, WeekSpearman

FIRST = 10


class WithinPeriods(Measure):
    """The mean of a value over the periods that count: of 5 accounts or more that did not all come to the
    same."""

    better, perfect = "higher", 1.0
    within_periods: ClassVar[bool] = True

    def of_periods(self, periods: Weeks, truth: Standing, prediction: Standing) -> Floats:
        """float64 [g]: the value of each period; NaN where it is undefined."""
        raise NotImplementedError

    def value(self, y: Floats, predicted: Predicted) -> float:
        periods = _periods(predicted)
        truth, prediction = (periods.standing(one) for one in (y, predicted.points))
        found = self.of_periods(periods, truth, prediction)
        known = found[~np.isnan(found)]
        return float(known.mean()) if len(known) else np.nan

    def note(self, y: Floats, predicted: Predicted) -> str:
        periods = _periods(predicted)
        if not len(periods.sizes):
            return f"no period has 5 accounts that did not all come to the same; {self.title} is undefined"
        accounts = f"{periods.sizes.min()} to {periods.sizes.max()} accounts"
        return f"{len(periods.sizes)} periods of {accounts}"

    def replicates(self, y: Floats, predicted: Predicted, resamples: Resamples) -> Floats:
        found = np.empty(resamples.number)
        every = np.arange(len(y))
        for rows, counts in resamples.blocks():
            for resample, often in zip(range(rows.start, rows.stop), counts, strict=True):
                drawn = np.repeat(every, often[resamples.clusters])
                found[resample] = self.value(y[drawn], predicted.part(drawn))
        return found


class PeriodSpearman(WithinPeriods):
    """Spearman between prediction and what accounts came to; a period of equal predictions counts as 0."""

    name, title = "period_spearman", "Spearman's ρ, within periods"

    def of_periods(self, periods: Weeks, truth: Standing, prediction: Standing) -> Floats:
        return WeekSpearman().of_weeks(periods, truth, prediction)


class PeriodNDCG(WithinPeriods):
    """nDCG over all accounts of a period; the gain of one is the share of the others that it beats."""

    name, title = "period_ndcg", "nDCG, within periods"
    with_interval = False

    def of_periods(self, periods: Weeks, truth: Standing, prediction: Standing) -> Floats:
        return WeekNDCG().of_weeks(periods, truth, prediction)


class PeriodFirstTen(WithinPeriods):
    """Precision at 10: of the ten accounts that are ranked first, the share that were among the first ten.

    Where equal predictions lie across the tenth place, each is there with the share of it that is left; an
    account that came to as much as the tenth was among them. Undefined for a period of ten accounts or fewer.
    """

    name, title = "period_first_ten", "Precision at 10, within periods"

    def of_periods(self, periods: Weeks, truth: Standing, prediction: Standing) -> Floats:
        among = truth.above(periods) < FIRST
        left = np.clip((FIRST - prediction.above(periods)) / prediction.tied, 0, 1)
        both = np.where(among, left, 0.0)
        return np.where(periods.sizes > FIRST, periods.summed(both) / FIRST, np.nan)


def _periods(predicted: Predicted) -> Weeks:
    if predicted.among is None:
        raise ValueError("nothing says which accounts compete; ask `reads_from` first")
    return Weeks.of(predicted.among)
