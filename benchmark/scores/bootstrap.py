"""Bootstrap: how sure a score, or the difference of two rows, is.

Whole clusters of posts are drawn with replacement: users, whose posts share an audience, or stretches of time
where a few accounts wrote everything. All rows of one (task, protocol) are scored on the same resamples, so
the elementwise difference of two rows' replicates is the paired difference, and each row's replicates are
computed once and stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from benchmark.scores.metrics import Floats, checked, point_metric
from benchmark.scores.spearman import Integers, SortedPosts

ENOUGH_CLUSTERS = 20
"""Intervals from fewer clusters are too narrow (Cameron & Miller, Journal of Human Resources, 2015)."""

MS_PER_DAY = 86_400_000
_COUNTS_AT_ONCE = 2**21


def clusters(users: ArrayLike, times_ms: ArrayLike, *, block_days: float = 7.0) -> Integers:
    """The cluster of each post, int64 [n] in 0..C-1, each used.

    A cluster is a user where users are many: where the effective number of users, (sum of n_u)^2 / sum of
    n_u^2 over their numbers of posts n_u (Kish, Survey Sampling, 1965), is at least `ENOUGH_CLUSTERS`.

    Otherwise clusters are consecutive, non-overlapping blocks of time over all accounts (Carlstein, Annals of
    Statistics, 1986). A block lasts for whole multiples of `block_days`, a week, so that it holds the rhythm
    of the week, and for at least n^(1/3) posts, the length that Hall, Horowitz & Jing (Biometrika, 1995)
    derive. Where that leaves fewer than `ENOUGH_CLUSTERS` blocks, n^(1/3) posts alone make a block.

    Args:
        users: user of each post [n], none missing.
        times_ms: time of each post in milliseconds, int64 [n].

    Raises:
        ValueError: arrays that are not of one shape [n], a missing user, or no positive `block_days`.
    """
    # As objects: pandas refuses lists, and would otherwise number strings by their type.
    names, times = np.asarray(users, dtype=object), np.asarray(times_ms, dtype=np.int64)
    if names.ndim != 1 or names.shape != times.shape:
        raise ValueError(f"users {names.shape} and times {times.shape} must have the same shape (n,)")
    if not block_days > 0:
        raise ValueError(f"block_days must be positive, got {block_days}")
    by_user = pd.factorize(names, sort=True)[0].astype(np.int64)
    if (missing := by_user < 0).any():
        raise ValueError(f"{missing.sum()} posts have no user; the first is at {int(missing.argmax())}")
    posts = np.bincount(by_user).astype(np.float64)
    if len(names) and posts.sum() ** 2 / (posts @ posts) >= ENOUGH_CLUSTERS:
        return by_user
    return _time_blocks(times, block_days)


@dataclass(frozen=True)
class Resamples:
    """Which clusters each resample drew: a function of the clusters and the seed alone."""

    clusters: Integers
    """Cluster of each post, int64 [n] in 0..C-1."""
    number: int = 1000
    seed: int = 0

    @property
    def n_clusters(self) -> int:
        return int(self.clusters.max()) + 1 if len(self.clusters) else 0

    def counts(self, start: int, stop: int) -> NDArray[np.uint16]:
        """How often resamples start..stop-1 drew each cluster, [stop - start, C]; a row sums to C."""
        c = self.n_clusters
        counts = np.empty((stop - start, c), dtype=np.uint16)
        for resample in range(start, stop):
            drawn = np.random.default_rng([self.seed, resample]).integers(c, size=c, dtype=np.int32)
            counts[resample - start] = np.bincount(drawn, minlength=c)
        return counts

    def blocks(self) -> Iterator[tuple[slice, NDArray[np.uint16]]]:
        """All counts, in blocks of resamples that keep memory bounded whatever the number of clusters."""
        rows = max(1, _COUNTS_AT_ONCE // max(self.n_clusters, 1))
        for start in range(0, self.number, rows):
            stop = min(start + rows, self.number)
            yield slice(start, stop), self.counts(start, stop)


def replicates(
    y: ArrayLike, prediction: ArrayLike, resamples: Resamples, metrics: Sequence[str]
) -> dict[str, Floats]:
    """The value of each metric in every resample, float64 [B] each.

    A replicate is what `metrics.score` gives for the resampled posts, each as often as it was drawn. It is
    NaN where the metric is undefined there, and everywhere if there are fewer than two clusters.

    Args:
        y, prediction: [n], posts in the order of `resamples.clusters`.
        metrics: names of point metrics.

    Raises:
        UnknownName: no such metric, or one that needs quantiles (`mean_replicates`).
        ValueError: as `metrics.score`, or posts that are not those of `resamples`.
    """
    y, prediction = checked(y, prediction)
    _same_posts(y, resamples)
    chosen = [point_metric(name) for name in metrics]
    sums = {
        metric.name: _sums_by_cluster(metric.terms(y, prediction), resamples)
        for metric in chosen
        if metric.terms is not None
    }
    by_rank = len(sums) < len(chosen)
    posts = SortedPosts.sort(y, prediction, resamples.clusters) if by_rank else None
    found = {metric.name: np.full(resamples.number, np.nan) for metric in chosen}
    if resamples.n_clusters < 2:
        return found
    for rows, counts in resamples.blocks():
        weights = counts.astype(np.float64)
        for metric in chosen:
            if metric.value is not None:
                found[metric.name][rows] = metric.value(weights @ sums[metric.name])
            elif posts is not None:
                found[metric.name][rows] = posts.spearman(counts)
    return found


def mean_replicates(terms: ArrayLike, resamples: Resamples) -> Floats:
    """The mean of `terms` [n] in every resample, float64 [B]; for the metrics of `quantile_terms`.

    Raises:
        ValueError: a value that is not finite, or posts that are not those of `resamples`.
    """
    values = checked(terms, terms)[0]
    _same_posts(values, resamples)
    if resamples.n_clusters < 2:
        return np.full(resamples.number, np.nan)
    sums = _sums_by_cluster(np.stack([values, np.ones_like(values)]), resamples)
    totals = np.concatenate([counts.astype(np.float64) @ sums for _, counts in resamples.blocks()])
    return totals[:, 0] / totals[:, 1]


def interval(
    replicates: ArrayLike, level: float = 0.95, *, n_clusters: int | None = None
) -> tuple[float, float]:
    """Percentile interval of [B] replicates, or of the difference of two rows' replicates.

    The plain percentile interval is too narrow where clusters are few. Given their number it is expanded as
    Hesterberg (The American Statistician, 2015) does: with 20 clusters by a tenth, with 1000 not visibly.

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


def _expanded_tail(tail: float, n_clusters: int) -> float:
    """The share of replicates to cut off at either end for an interval as wide as Student's t asks."""
    from scipy.special import ndtr, stdtrit

    if n_clusters < 2:
        raise ValueError(f"replicates that are defined come from at least two clusters, not {n_clusters}")
    return float(ndtr(stdtrit(n_clusters - 1, tail) * math.sqrt(n_clusters / (n_clusters - 1))))


def _time_blocks(times: Integers, block_days: float) -> Integers:
    n = len(times)
    if not n:
        return np.empty(0, dtype=np.int64)
    order = np.argsort(times, kind="stable")
    fewest_posts = math.ceil(round(n ** (1 / 3), 9))
    spans = (times[order] - times[order[0]]) // round(block_days * MS_PER_DAY)
    blocks = _joined(spans, fewest_posts)
    if blocks[-1] + 1 < ENOUGH_CLUSTERS:
        blocks = _joined(np.arange(n), fewest_posts)
    of_posts = np.empty(n, dtype=np.int64)
    of_posts[order] = blocks
    return of_posts


def _joined(spans: Integers, fewest_posts: int) -> Integers:
    """Consecutive blocks of whole spans, at least `fewest_posts` each; what is left joins the last."""
    ends = np.append(np.flatnonzero(np.diff(spans)) + 1, len(spans))
    starts = [0]
    for end in ends:
        if end - starts[-1] >= fewest_posts:
            starts.append(int(end))
    inner = [start for start in starts[1:] if len(spans) - start >= fewest_posts]
    block = np.zeros(len(spans), dtype=np.int64)
    block[inner] = 1
    return np.cumsum(block)


def _sums_by_cluster(terms: Floats, resamples: Resamples) -> Floats:
    """Terms [k, n] -> their sums [C, k]."""
    c = resamples.n_clusters
    return np.stack([np.bincount(resamples.clusters, term, minlength=c) for term in terms], axis=1)


def _same_posts(values: Floats, resamples: Resamples) -> None:
    if len(values) != len(resamples.clusters):
        raise ValueError(f"{len(values)} posts, but the resamples are of {len(resamples.clusters)}")
