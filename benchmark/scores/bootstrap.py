"""Bootstrap: how sure a score, or the difference of two rows, is.

Whole clusters of posts are drawn with replacement. All rows of one (task, protocol) are scored on the same
resamples, so the elementwise difference of two rows' replicates is the paired difference, and each row's
replicates are computed once and stored.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from benchmark.scores.measures.measure import Measure, Predicted, finite
from benchmark.scores.measures.resamples import Floats, Resamples


def replicates(measure: Measure, y: ArrayLike, predicted: Predicted, resamples: Resamples) -> Floats:
    """The value of a measure in every resample, float64 [B].

    A replicate is what `measure.value` gives for the resampled posts, each as often as it was drawn. It is
    NaN where the measure is undefined there, and everywhere if there are fewer than two clusters.

    Args:
        y: labels [n], posts in the order of `resamples.clusters`.

    Raises:
        ValueError: labels that are not finite, or posts that are not those of `resamples`.
    """
    labels = finite("label", y, len(predicted.points))
    if len(labels) != len(resamples.clusters):
        raise ValueError(f"{len(labels)} posts, but the resamples are of {len(resamples.clusters)}")
    if resamples.n_clusters < 2:
        return np.full(resamples.number, np.nan)
    return measure.replicates(labels, predicted, resamples)


def interval(
    replicates: ArrayLike, level: float = 0.95, *, n_clusters: float | None = None
) -> tuple[float, float]:
    """Percentile interval of [B] replicates, or of the difference of two rows' replicates, of clusters that
    know nothing of each other.

    The plain percentile interval is too narrow where clusters are few. Given their number it is expanded as
    Hesterberg (The American Statistician, 2015) does: with 20 clusters by a tenth, with 1000 not visibly.
    Where clusters are of very different size, fewer count than there are.

    Resamples in which the metric is undefined (NaN) are left out; (nan, nan) if it is undefined in all.

    Raises:
        ValueError: a level outside (0, 1), or replicates of fewer than two clusters.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie inside (0, 1), got {level}")
    values = np.asarray(replicates, dtype=np.float64)
    defined = values[~np.isnan(values)]
    if not len(defined):
        return math.nan, math.nan
    tail = (1 - level) / 2 if n_clusters is None else _expanded_tail((1 - level) / 2, n_clusters)
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)


def _expanded_tail(tail: float, n_clusters: float) -> float:
    """The share of replicates to cut off at either end for an interval as wide as Student's t asks."""
    from scipy.special import ndtr, stdtrit

    if n_clusters < 2:
        raise ValueError(f"replicates that are defined come from at least two clusters, not {n_clusters}")
    return float(ndtr(stdtrit(n_clusters - 1, tail) * math.sqrt(n_clusters / (n_clusters - 1))))
