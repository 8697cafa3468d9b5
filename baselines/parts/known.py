"""Labels known so far, grouped by a key: what the naive baselines are made of."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from benchmark import Array


class Known:
    """Grows as labels are revealed, in the order of time; medians by key are worked out when asked for."""

    def __init__(self, newest: int | None = None) -> None:
        """newest: medians are of so many of the newest labels, of all and of each key; None: of all
        labels."""
        self.newest = newest
        self._keys: list[Hashable] = []
        self._labels: list[Array] = []
        self._medians: pd.DataFrame | None = None

    def add(self, keys: Iterable[Hashable], y: Array) -> None:
        self._keys += list(keys)
        self._labels.append(y)
        self._medians = None

    def median(self) -> Array:
        """float32 [targets]: the median of every label, or of the newest."""
        labels = np.concatenate(self._labels)[-self.newest if self.newest else None :]
        return np.median(labels, axis=0).astype(np.float32)

    def mean(self) -> Array:
        """float32 [targets]: the mean of every label."""
        return np.asarray(np.mean(np.concatenate(self._labels), axis=0, dtype=np.float64), np.float32)

    def medians(self, keys: Iterable[Hashable], at_least: int = 1) -> Array:
        """float32 [n, targets]: the median by key; NaN where fewer than `at_least` labels have it."""
        import pandas as pd

        if self._medians is None:
            labels, of = pd.DataFrame(np.concatenate(self._labels)), pd.Series(self._keys, dtype=object)
            if self.newest:
                labels = labels.groupby(of).tail(self.newest)
                of = of[labels.index]
            grouped = labels.groupby(of)
            self._medians = grouped.median()[(grouped.size() >= at_least)]
        return self._medians.reindex(list(keys)).to_numpy(np.float32)


def filled(values: Array, otherwise: Array) -> Array:
    """`values` [n, targets], with NaN replaced by `otherwise` [n, targets] or [targets]."""
    return np.where(np.isnan(values), otherwise, values).astype(np.float32)
