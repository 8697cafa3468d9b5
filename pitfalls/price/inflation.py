"""Inflation: by how much a score is better under a mistake than without it, and how sure that is.

Where both are of the same posts, or the posts of one are among those of the other, both are computed on the
same resamples, and the difference is paired. Where they are not, as after a random split, each has resamples
of its own: the interval holds the chance of either set of posts, and is wider. Weeks of one account depend on
each other here as they do on the boards: `benchmark.scores.uncertainty`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.bootstrap import replicates
from benchmark.scores.clusters import clusters
from benchmark.scores.drawn import drawn_from
from benchmark.scores.measures import measure
from benchmark.scores.measures.measure import Floats, Measure, Predicted, defined
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.scoring import RESAMPLES, brief
from benchmark.scores.uncertainty import Uncertainty
from pitfalls.honest.ground import Said
from pitfalls.honest.mistake import Made

if TYPE_CHECKING:
    from benchmark.run.tasks import TaskPosts

VALUES = 60_000
"""Of so many batches the measure is computed, over all resamples; there are fewer resamples if need be."""
FEWEST_RESAMPLES = 200


@dataclass(frozen=True)
class Inflation:
    """Of one target by one measure."""

    target: str
    measure: str
    wrong: float | None
    """The score under the mistake; None where it is undefined."""
    honest: float | None
    inflation: float | None
    """By how much it is better than it should be: of an error, how much smaller."""
    low: float | None
    """Of the 95% interval."""
    high: float | None

    @property
    def told(self) -> str:
        """`inflates`, `deflates`, or `cannot tell` where the interval holds 0 or is none."""
        if self.low is None or self.high is None:
            return "cannot tell"
        return "inflates" if self.low > 0 else "deflates" if self.high < 0 else "cannot tell"


@dataclass(frozen=True)
class Priced:
    paired: bool
    n_wrong: int
    n_honest: int
    clusters: int
    inflations: tuple[Inflation, ...]


def measures_of(posts: TaskPosts) -> list[Measure]:
    """By which a mistake is priced: those that overviews speak by. What compares posts within a week is left
    out: it reads more than a prediction."""
    found = [measure(name) for name in brief(posts.task)]
    return [one for one in found if one.reads != "quantiles" and not one.within_weeks]


def priced(posts: TaskPosts, made: Made, honest: Said) -> Priced:
    """Hold what came out under a mistake against what it departs from.

    Args:
        honest: the honest run, where the mistake has nothing else to be held against.
    """
    wrong, right = made.wrong, made.honest or honest
    found, paired, n_clusters = [], True, 0
    for j, target in enumerate(posts.task.targets):
        for one in measures_of(posts):
            pair = _Pair(one, _Side(posts, wrong, j), _Side(posts, right, j), made.batches)
            paired, n_clusters = pair.paired, pair.n_clusters
            found.append(pair.inflation(target))
    return Priced(paired, len(wrong.rows), len(right.rows), n_clusters, tuple(found))


class _Side:
    """Labels and predictions of one target."""

    def __init__(self, posts: TaskPosts, said: Said, target: int) -> None:
        self.rows = said.rows
        self.y = posts.labels[said.rows, target].astype(np.float64)
        self.points = said.predicted[:, target].astype(np.float64)
        users, times = posts.users[said.rows], posts.times[said.rows]
        self.clusters = clusters(users, times)
        self.n_clusters = int(self.clusters.max()) + 1
        self.uncertainty = Uncertainty(drawn_from(self.clusters, users, times))

    def value(
        self, one: Measure, batches: int | None = None, drawn: NDArray[np.int64] | None = None
    ) -> float:
        """Of all posts, or of those drawn; NaN of none."""
        y, points = (self.y, self.points) if drawn is None else (self.y[drawn], self.points[drawn])
        if not len(y):
            return float("nan")
        if batches is None:
            return one.value(y, Predicted.of(points))
        # The last batch is as small in every resample as it is in truth: of 3 posts, it decides much.
        last = len(y) - len(self.y) % batches
        cut = [(i, i + batches) for i in range(0, last - batches + 1, batches)]
        cut += [(last, len(y))] if 0 <= last < len(y) else []
        values = [one.value(y[i:j], Predicted.of(points[i:j])) for i, j in cut]
        return float(np.nanmean(values)) if values else float("nan")

    def replicates(self, one: Measure, seed: int) -> Floats:
        return replicates(
            one, self.y, Predicted.of(self.points), Resamples(self.clusters, RESAMPLES, seed=seed)
        )


class _Pair:
    def __init__(self, one: Measure, wrong: _Side, right: _Side, batches: int | None) -> None:
        self.measure, self.wrong, self.right, self.batches = one, wrong, right, batches
        self.same = np.array_equal(wrong.rows, right.rows)
        self.larger, self.smaller = (wrong, right) if len(wrong.rows) >= len(right.rows) else (right, wrong)
        self.paired = self.same or bool(np.isin(self.smaller.rows, self.larger.rows).all())
        self.n_clusters = self.larger.n_clusters if self.paired else min(wrong.n_clusters, right.n_clusters)

    def inflation(self, target: str) -> Inflation:
        wrong, honest = self.wrong.value(self.measure, self.batches), self.right.value(self.measure)
        low, high = self._interval(wrong, honest) if self.n_clusters >= 2 else (float("nan"), float("nan"))
        return Inflation(
            target=target,
            measure=self.measure.name,
            wrong=defined(wrong),
            honest=defined(honest),
            inflation=defined(float(self._better(np.array(wrong), np.array(honest)))),
            low=defined(low),
            high=defined(high),
        )

    def _better(self, wrong: Floats, honest: Floats) -> Floats:
        return wrong - honest if self.measure.better == "higher" else honest - wrong

    def _interval(self, wrong: float, honest: float) -> tuple[float, float]:
        """Ends of the 95% interval of the inflation."""
        if not self.paired:
            return self._of_two(wrong, honest)
        if self.same and self.batches is None:
            both = self.wrong.replicates(self.measure, 0), self.right.replicates(self.measure, 0)
            return self.larger.uncertainty.interval(self._better(*both))
        found = self._redrawn()
        low, high = self.larger.uncertainty.interval(found)
        if self.batches is None:
            return low, high
        # A batch of a resample holds other posts than one of the data: its mean is off, its spread is not.
        off = float(self._better(np.array(wrong), np.array(honest))) - float(np.nanmedian(found))
        return low + off, high + off

    def _of_two(self, wrong: float, honest: float) -> tuple[float, float]:
        """Of two sets of posts, each with an interval of its own: a root of a sum of squares either way (Zou
        and Donner, Statistics in Medicine, 2008)."""
        sign = 1.0 if self.measure.better == "higher" else -1.0
        a, b = sign * wrong, sign * honest
        of_wrong = self.wrong.uncertainty.interval(sign * self.wrong.replicates(self.measure, 0))
        of_honest = self.right.uncertainty.interval(sign * self.right.replicates(self.measure, 0))
        low = a - b - float(np.hypot(a - of_wrong[0], of_honest[1] - b))
        high = a - b + float(np.hypot(of_wrong[1] - a, b - of_honest[0]))
        return low, high

    def _redrawn(self) -> Floats:
        """Posts written out, where the sides are of other posts or are scored in another way."""
        order = np.argsort(self.larger.rows, kind="stable")
        place = order[np.searchsorted(self.larger.rows[order], self.smaller.rows)]
        inside = np.full(len(self.larger.rows), -1, np.int64)
        inside[place] = np.arange(len(place))
        cuts = 1 if self.batches is None else -(-len(self.larger.rows) // self.batches)
        number = int(np.clip(VALUES // cuts, FEWEST_RESAMPLES, RESAMPLES))
        found = []
        for _, counts in Resamples(self.larger.clusters, number).blocks():
            for drawn in counts:
                of_larger = _written_out(drawn[self.larger.clusters])
                of_smaller = inside[of_larger]
                of_smaller = of_smaller[of_smaller >= 0]
                mine = (of_larger, of_smaller) if self.larger is self.wrong else (of_smaller, of_larger)
                found.append(
                    [
                        self.wrong.value(self.measure, self.batches, mine[0]),
                        self.right.value(self.measure, None, mine[1]),
                    ]
                )
        pairs = np.array(found, np.float64)
        return self._better(pairs[:, 0], pairs[:, 1])


def _written_out(times: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Each post as often as it was drawn: all of them once, those drawn twice once more, and so on. A batch
    then holds a post once, as it does where nothing is drawn; copies side by side are ties, and few posts."""
    copies = range(int(times.max(initial=0)))
    return np.concatenate([np.flatnonzero(times > copy) for copy in copies] or [np.empty(0, np.int64)])
