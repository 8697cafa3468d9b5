"""Resamples: how often each cluster of posts is drawn, with replacement. No resample is ever written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Counts = NDArray[np.uint16]

KEPT_BYTES = 2**28
"""At the size of SMPD, 38,312 users, all counts take 77 MB."""
_COUNTS_AT_ONCE = 2**21


@dataclass(frozen=True)
class Resamples:
    """Which clusters each resample drew: a function of the clusters and the seed alone.

    All measures and rows of one table share them. They are drawn once and kept, up to `KEPT_BYTES`.
    """

    clusters: Integers
    """Cluster of each post, int64 [n] in 0..C-1."""
    number: int = 1000
    seed: int = 0

    def part(self, posts: NDArray[np.bool_]) -> Part:
        """The same resamples, of some of the posts alone: bool [n]."""
        present, clusters = np.unique(self.clusters[posts], return_inverse=True)
        return Part(clusters.astype(np.int64), self.number, self.seed, whole=self, present=present)

    @property
    def n_clusters(self) -> int:
        return int(self.clusters.max()) + 1 if len(self.clusters) else 0

    def counts(self, start: int, stop: int) -> Counts:
        """How often resamples start..stop-1 drew each cluster, [stop - start, C]; a row sums to C."""
        c = self.n_clusters
        counts = np.empty((stop - start, c), dtype=np.uint16)
        for resample in range(start, stop):
            drawn = np.random.default_rng([self.seed, resample]).integers(c, size=c, dtype=np.int32)
            counts[resample - start] = np.bincount(drawn, minlength=c)
        return counts

    def blocks(self) -> Iterator[tuple[slice, Counts]]:
        """All counts, in blocks of resamples that keep memory bounded whatever the number of clusters."""
        yield from self._kept if 2 * self.number * self.n_clusters <= KEPT_BYTES else self._drawn()

    def summed(self, terms: Floats) -> Floats:
        """Terms of posts [k, n] -> their sums by cluster [C, k]."""
        c = self.n_clusters
        return np.stack([np.bincount(self.clusters, term, minlength=c) for term in terms], axis=1)

    @cached_property
    def _kept(self) -> list[tuple[slice, Counts]]:
        return list(self._drawn())

    def _drawn(self) -> Iterator[tuple[slice, Counts]]:
        rows = max(1, _COUNTS_AT_ONCE // max(self.n_clusters, 1))
        for start in range(0, self.number, rows):
            stop = min(start + rows, self.number)
            yield slice(start, stop), self.counts(start, stop)


@dataclass(frozen=True, kw_only=True)
class Part(Resamples):
    """Of some posts: how often each cluster that holds any of them was drawn. A row does not sum to C, and is
    all 0 where a resample drew none of them."""

    whole: Resamples
    present: Integers
    """Which of its clusters these are, [C]."""

    def counts(self, start: int, stop: int) -> Counts:
        return np.ascontiguousarray(self.whole.counts(start, stop)[:, self.present])

    def blocks(self) -> Iterator[tuple[slice, Counts]]:
        for rows, counts in self.whole.blocks():
            yield rows, np.ascontiguousarray(counts[:, self.present])
