"""Cells: sums over the posts of a group in a cluster. What is found in a resample follows from them alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.measures.resamples import Floats, Integers


@dataclass(frozen=True)
class Cells:
    cluster: Integers
    """[cells]"""
    group: Integers
    """[cells] 0..G-1, each used."""
    sums: Floats
    """[cells, 4]: viral posts, others, and the sums of their values."""

    @classmethod
    def of(cls, values: Floats, viral: NDArray[np.bool_], groups: Integers, clusters: Integers) -> Cells:
        """Of posts [n]: a value, a side, a group and a cluster each."""
        pairs, cell = np.unique(np.stack([clusters, groups]), axis=1, return_inverse=True)
        terms = viral, ~viral, viral * values, ~viral * values
        sums = [np.bincount(cell, term, minlength=pairs.shape[1]) for term in terms]
        return cls(pairs[0], pairs[1], np.stack(sums, axis=1))

    def means(self, counts: Floats) -> Floats:
        """[B, 2]: mean of viral posts and of others over the groups, by weight; NaN where no group has both.

        Args:
            counts: [B, C] how often each cluster was drawn.
        """
        # Where accounts are both, no group lies in two clusters, and there may be 38,000 of them.
        whole = len(self.group) == self.group.max() + 1
        return self._of_whole_groups(counts) if whole else self._of_cut_groups(counts)

    def _of_whole_groups(self, counts: Floats) -> Floats:
        # Drawn k times, a group has k times its weight, and its means are what they were.
        ones, others, sum_ones, sum_others = self.sums.T
        weight = _weight(ones, others)
        terms = weight, weight * sum_ones / ones, weight * sum_others / others
        by_cluster = [np.bincount(self.cluster, term, minlength=counts.shape[1]) for term in terms]
        total = counts @ np.stack(by_cluster, axis=1)
        return _divided(total[:, 1:], total[:, :1])

    def _of_cut_groups(self, counts: Floats) -> Floats:
        from scipy.sparse import csr_array

        shape = counts.shape[1], int(self.group.max()) + 1
        ones, others, sum_ones, sum_others = (
            counts @ csr_array((self.sums[:, k], (self.cluster, self.group)), shape=shape) for k in range(4)
        )
        weight = _weight(ones, others)
        means = _divided(sum_ones, ones), _divided(sum_others, others)
        weighted = [np.where(weight > 0, weight * mean, 0).sum(axis=1) for mean in means]
        return _divided(np.stack(weighted, axis=1), weight.sum(axis=1, keepdims=True))


def _weight(ones: Floats, others: Floats) -> Floats:
    return np.nan_to_num(_divided(ones * others, ones + others))


def _divided(one: Floats, other: Floats) -> Floats:
    """NaN where the divisor is 0."""
    shape = np.broadcast_shapes(one.shape, other.shape)
    return np.divide(one, other, out=np.full(shape, np.nan), where=other != 0)
