"""Spearman's rank correlation with average ranks: of a sample, and of many resamples of it at once.

A resample is given as how often each cluster of posts was drawn. Its posts are never materialised: the
samples are sorted once, and one pass over each order yields the average ranks that the repeated posts would
have, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.measures.compiled import compiled
from benchmark.scores.measures.resamples import Floats, Integers

Indices = NDArray[np.uint32]
"""Unsigned, because numba then need not ask whether an index counts from the end: half the time."""


def spearman(y: Floats, prediction: Floats) -> float:
    """Pearson correlation of the average ranks of two finite arrays [n]; 0 if one is constant or n < 3."""
    if len(y) < 3:
        return 0.0
    of_y, of_prediction = _centred_ranks(y), _centred_ranks(prediction)
    spread = np.sqrt((of_y @ of_y) * (of_prediction @ of_prediction))
    return float(np.clip(of_y @ of_prediction / spread, -1, 1)) if spread > 0 else 0.0


@dataclass(frozen=True)
class SortedPosts:
    """Labels and predictions of n posts, sorted once for any number of resamples."""

    clusters_by_y: Indices
    """Cluster of each post, posts in the order of their labels [n]."""
    starts_by_y: Indices
    """Where each group of tied labels begins in that order, then n."""
    clusters_by_prediction: Indices
    starts_by_prediction: Indices
    tied_label: Indices
    """Group of tied labels of each post, posts in the order of their predictions [n]."""

    @classmethod
    def sort(cls, y: Floats, prediction: Floats, clusters: Integers) -> Self:
        """Finite labels and predictions [n], and the cluster of each post, int64 [n] in 0..C-1."""
        by_y, by_prediction = np.argsort(y, kind="stable"), np.argsort(prediction, kind="stable")
        starts = _starts(y[by_y])
        tied = np.empty(len(y), dtype=np.uint32)
        tied[by_y] = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        return cls(
            clusters_by_y=clusters[by_y].astype(np.uint32),
            starts_by_y=starts,
            clusters_by_prediction=clusters[by_prediction].astype(np.uint32),
            starts_by_prediction=_starts(prediction[by_prediction]),
            tied_label=tied[by_prediction],
        )

    def spearman(self, counts: NDArray[np.uint16]) -> Floats:
        """Spearman of each resample, float64 [b], where row r drew cluster c `counts[r, c]` times, [b, C].

        As in `spearman`, 0 where a resample is constant or has fewer than 3 posts. Compiled on first use.
        """
        found: Floats = compiled(_spearman_of_resamples)(
            counts,
            self.clusters_by_y,
            self.starts_by_y,
            self.clusters_by_prediction,
            self.starts_by_prediction,
            self.tied_label,
        )
        return found


def _starts(ordered: Floats) -> Indices:
    """Where each run of equal values begins, then the length."""
    changes = np.flatnonzero(np.diff(ordered)) + 1
    return np.concatenate([[0], changes, [len(ordered)]]).astype(np.uint32)


def _centred_ranks(values: Floats) -> Floats:
    """Twice the average ranks, less their mean: whole numbers, so that sums of products do not round."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    below = np.cumsum(sizes) - sizes
    ranks: Floats = (2 * below + sizes - len(values)).astype(np.float64)
    return ranks[group]


def _spearman_of_resamples(
    counts: NDArray[np.uint16],
    clusters_by_y: Indices,
    starts_by_y: Indices,
    clusters_by_prediction: Indices,
    starts_by_prediction: Indices,
    tied_label: Indices,
) -> Floats:
    """The loops behind `SortedPosts.spearman`, in the part of Python that numba compiles."""
    correlations = np.zeros(counts.shape[0])
    ties = len(starts_by_y) - 1
    weight = np.empty(ties)
    rank = np.empty(ties)
    for resample in range(counts.shape[0]):
        drawn = counts[resample]

        n = 0.0
        for tie in range(ties):
            w = 0
            for i in range(starts_by_y[tie], starts_by_y[tie + 1]):
                w += drawn[clusters_by_y[i]]
            weight[tie] = w
            n += w
        if n < 3:
            continue

        # Ranks are doubled and centred as in `_centred_ranks`, and tied posts share one.
        below, spread_y = 0.0, 0.0
        for tie in range(ties):
            rank[tie] = 2 * below + weight[tie] - n
            spread_y += weight[tie] * rank[tie] ** 2
            below += weight[tie]

        below, spread_prediction, product = 0.0, 0.0, 0.0
        for tie in range(len(starts_by_prediction) - 1):
            w, ranks_of_labels = 0, 0.0
            for i in range(starts_by_prediction[tie], starts_by_prediction[tie + 1]):
                times = drawn[clusters_by_prediction[i]]
                w += times
                ranks_of_labels += times * rank[tied_label[i]]
            centred = 2 * below + w - n
            spread_prediction += w * centred**2
            product += centred * ranks_of_labels
            below += w

        spread = np.sqrt(spread_y * spread_prediction)
        if spread > 0:
            correlations[resample] = min(1.0, max(-1.0, product / spread))
    return correlations
