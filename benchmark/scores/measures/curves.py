"""Curves over a ranking of events: average precision, AUC, and what the first of it hold.

Posts are sorted by prediction once. A resample is then how often each cluster was drawn: one pass down the
ranking adds up the drawn posts and events so far, and posts of equal prediction are one step. So every value
is exact, and no resample is ever written out.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.measures.compiled import compiled
from benchmark.scores.measures.measure import Floats, Measure, Predicted
from benchmark.scores.measures.resamples import Resamples

TENTH = 0.1


class Ranking(NamedTuple):
    """n posts by falling prediction, in s steps of equal predictions."""

    clusters: NDArray[np.uint32]
    """[n] cluster of each post."""
    events: NDArray[np.bool_]
    """[n] whether it happened."""
    ends: NDArray[np.uint32]
    """[s] how many posts lie above the end of each step."""

    @classmethod
    def of(cls, y: Floats, points: Floats, clusters: NDArray[np.int64]) -> Ranking:
        order = np.argsort(-points, kind="stable")
        changes = np.flatnonzero(np.diff(points[order])) + 1
        ends = np.append(changes, len(points)).astype(np.uint32)
        return cls(clusters[order].astype(np.uint32), y[order] == 1, ends)


class OfCurve(Measure):
    """A function of how many posts, and how many events, lie above each step of the ranking."""

    better, perfect, reads = "higher", 1.0, "probabilities"
    share: ClassVar[float] = TENTH
    """Of the posts: how many of those ranked first can be looked at. Read by those that look at no more; for
    another budget, subclass them with another name, title and share."""

    @property
    @abstractmethod
    def column(self) -> int:
        """Which of the values that `_curves` gives is this measure."""

    def value(self, y: Floats, predicted: Predicted) -> float:
        ranking = Ranking.of(y, predicted.points, np.zeros(len(y), np.int64))
        return float(compiled(_curves)(np.ones((1, 1), np.uint16), *ranking, self.share)[0, self.column])

    def note(self, y: Floats, predicted: Predicted) -> str | None:
        events = int((y == 1).sum())
        if 0 < events < len(y):
            return f"{events / len(y):.1%} of the posts are events"
        return f"{'every' if events else 'no'} post is an event; {self.title} is undefined"

    def replicates(self, y: Floats, predicted: Predicted, resamples: Resamples) -> Floats:
        ranking = Ranking.of(y, predicted.points, resamples.clusters)
        found = np.empty(resamples.number)
        for rows, counts in resamples.blocks():
            found[rows] = compiled(_curves)(counts, *ranking, self.share)[:, self.column]
        return found


class AveragePrecision(OfCurve):
    """Mean precision at the events, without interpolation; chance is the share of events."""

    name, title = "average_precision", "Average precision"
    column = 0


class AUC(OfCurve):
    """Share of pairs of an event and no event that are in the right order, equal ones counting half."""

    name, title = "auc", "AUC"
    column = 1


class PrecisionAtTenth(OfCurve):
    """Share of events among the tenth of the posts that is ranked first.

    Of the step in which the tenth ends, each post counts as the share of it that is inside.
    """

    name, title = "precision_at_tenth", "Precision, top tenth"
    column = 2
    with_interval = False


class RecallAtTenth(OfCurve):
    """Share of all events that lie among the tenth of the posts that is ranked first.

    What somebody finds who looks at a tenth of the posts; a step across its end counts as for the precision.
    Where more than a tenth of the posts are events, nobody finds them all: the best value is then a tenth
    over the share of events, and not 1.
    """

    name, title = "recall_at_tenth", "Recall, top tenth"
    column = 3
    with_interval = False


def _curves(
    counts: NDArray[np.uint16],
    clusters: NDArray[np.uint32],
    events: NDArray[np.bool_],
    ends: NDArray[np.uint32],
    share: float,
) -> Floats:
    """float64 [b, 4]: average precision, AUC, and precision and recall of the first `share`, of resamples
    [b, C].

    NaN where all or none of the drawn posts are events. In the part of Python that numba compiles.
    """
    found = np.full((counts.shape[0], 4), np.nan)
    for resample in range(counts.shape[0]):
        drawn = counts[resample]
        all_posts, all_events = 0.0, 0.0
        for i in range(len(clusters)):
            times = drawn[clusters[i]]
            all_posts += times
            if events[i]:
                all_events += times
        if all_events == 0 or all_events == all_posts:
            continue
        budget = share * all_posts
        posts, hits, i = 0.0, 0.0, 0
        precision, in_order, inside = 0.0, 0.0, 0.0
        for end in ends:
            step_posts, step_hits = 0.0, 0.0
            while i < end:
                times = drawn[clusters[i]]
                step_posts += times
                if events[i]:
                    step_hits += times
                i += 1
            if step_posts == 0:
                continue
            if posts < budget:
                inside += step_hits * min(1.0, (budget - posts) / step_posts)
            in_order += (step_posts - step_hits) * (hits + step_hits / 2)
            posts += step_posts
            hits += step_hits
            precision += step_hits * hits / posts
        found[resample, 0] = precision / all_events
        found[resample, 1] = in_order / (all_events * (all_posts - all_events))
        found[resample, 2] = inside / budget
        found[resample, 3] = inside / all_events
    return found
