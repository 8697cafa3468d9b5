"""Labels known so far, grouped by a key: what the naive baselines are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from benchmark import Array


class Known:
    """Grows as labels are revealed, in the order of time; medians by key are worked out when asked for.

    Keys are codes: `posts.users`, `posts.codes(name)`; -1 is none.
    """

    def __init__(self, newest: int | None = None) -> None:
        """newest: medians are of so many of the newest labels, of all and of each key; None: of all
        labels."""
        self.newest = newest
        self._keys: list[NDArray[np.int64]] = []
        self._labels: list[Array] = []
        self._medians: tuple[NDArray[np.int64], Array] | None = None

    def add(self, keys: NDArray[np.int64], y: Array) -> None:
        self._keys.append(keys)
        self._labels.append(y)
        self._medians = None

    def median(self) -> Array:
        """float32 [targets]: the median of every label, or of the newest."""
        labels = np.concatenate(self._labels)[-self.newest if self.newest else None :]
        return np.median(labels, axis=0).astype(np.float32)

    def mean(self) -> Array:
        """float32 [targets]: the mean of every label."""
        return np.asarray(np.mean(np.concatenate(self._labels), axis=0, dtype=np.float64), np.float32)

    def medians(self, keys: NDArray[np.int64], at_least: int = 1) -> Array:
        """float32 [n, targets]: the median by key; NaN where fewer than `at_least` labels have it."""
        if self._medians is None:
            self._medians = self._medians_by_key()
        counts, medians = self._medians
        found = np.full((len(keys), medians.shape[1]), np.nan, np.float32)
        enough = (keys >= 0) & (keys < len(counts))
        enough[enough] = counts[keys[enough]] >= at_least
        found[enough] = medians[keys[enough]]
        return found

    def _medians_by_key(self) -> tuple[NDArray[np.int64], Array]:
        """How many labels count of each key from 0 on, and their median: [k], [k, targets]."""
        keys, labels = np.concatenate(self._keys), np.concatenate(self._labels)
        rows = grouped(keys)
        if self.newest:
            of = keys[rows]
            from_end = np.searchsorted(of, of, side="right") - np.arange(len(of))
            rows = rows[from_end <= self.newest]
        keys, labels = keys[rows], labels[rows].astype(np.float64)
        counts = np.bincount(keys)
        starts = np.cumsum(counts) - counts
        some = np.flatnonzero(counts)
        medians = np.full((len(counts), labels.shape[1]), np.nan, np.float32)
        for j, of_target in enumerate(labels.T):
            by_value = np.argsort(of_target)
            ordered = of_target[by_value[grouped(keys[by_value])]]
            low = ordered[(starts + (counts - 1) // 2)[some]]
            medians[some, j] = (low + ordered[(starts + counts // 2)[some]]) / 2
        return counts, medians


def grouped(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows that have a key, key by key, those of one key in their order."""
    some = np.flatnonzero(keys >= 0)
    of = keys[some]
    # Sixteen bits are sorted digit by digit, in a tenth of the time.
    few = of.astype(np.uint16) if of.max(initial=0) < 1 << 16 else of
    return some[np.argsort(few, kind="stable")]


def filled(values: Array, otherwise: Array) -> Array:
    """`values` [n, targets], with NaN replaced by `otherwise` [n, targets] or [targets]."""
    return np.where(np.isnan(values), otherwise, values).astype(np.float32)
