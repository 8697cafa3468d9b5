"""Medians by category, from the deepest level that has enough labels up to the whole data set."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.parts.known import Known, filled, grouped
from benchmark import Array, Posts

AT_LEAST = 5
"""A median of fewer labels than this says less than that of the level above."""


class CategoryLevels:
    """Labels known so far: all of them, by account, and by the category of each level."""

    def __init__(self, newest: int | None = None) -> None:
        """newest: of each category so many of the newest labels count; None: all."""
        self.newest = newest
        self.everything = Known(newest)
        self.levels: dict[str, Known] = {}

    def add(self, posts: Posts, y: Array) -> None:
        self.everything.add(posts.users, y)
        for name in posts.with_role("category"):
            self.levels.setdefault(name, Known(self.newest)).add(posts.codes(name), y)

    def medians(self, posts: Posts) -> Array:
        """float32 [n, targets], never NaN."""
        found = np.tile(self.everything.median(), (len(posts), 1))
        for name, known in self.levels.items():  # from the top down: the deepest that is known stands
            found = filled(known.medians(posts.codes(name), AT_LEAST), found)
        return found

    def before(self, posts: Posts, y: Array) -> Array:
        """float32 [n, targets], never NaN: the medians as each of these posts found them, of the labels of
        those before it. A level that drifts was another when an old post went out.

        Args:
            posts: in the order of time; y: their labels.
        """
        if self.newest is None:
            return self.medians(posts)
        found = filled(_rolling(np.zeros(len(posts), np.int64), y, self.newest), self.everything.median())
        for name in self.levels:
            found = filled(_rolling(posts.codes(name), y, self.newest), found)
        return found


class _Rolled(NamedTuple):
    """Rolling medians, and what they are of."""

    keys: NDArray[np.int64]
    y: Array
    newest: int
    medians: Array

    def beginning(self, keys: NDArray[np.int64], y: Array, newest: int) -> bool:
        """Whether those are the first of these: their medians are the first then, as none looks ahead."""
        first = slice(len(keys))
        same = self.newest == newest and np.array_equal(self.keys[first], keys)
        return same and np.array_equal(self.y[first], y)


_LAST: list[_Rolled] = []
"""The longest of late: a level that is tried on several origins asks for ever shorter beginnings."""
_KEPT = 8
"""As many as a data set has levels of categories, and more."""


def _rolling(keys: NDArray[np.int64], y: Array, newest: int) -> Array:
    """float32 [n, targets]: the median of the newest labels of the same key before each; NaN where they are
    few, or where there is no key."""
    for one in _LAST:
        if one.beginning(keys, y, newest):
            return one.medians[: len(keys)]
    _LAST[:] = [_Rolled(keys.copy(), y.copy(), newest, _rolled(keys, y, newest)), *_LAST[: _KEPT - 1]]
    return _LAST[0].medians


def _rolled(keys: NDArray[np.int64], y: Array, newest: int) -> Array:
    import pandas as pd
    from pandas.api.indexers import BaseIndexer

    order = grouped(keys)
    place, of = np.arange(len(order)), keys[order]
    first = np.searchsorted(of, of, side="left")

    class Before(BaseIndexer):
        def get_window_bounds(
            self,
            num_values: int = 0,
            min_periods: int | None = None,
            center: bool | None = None,
            closed: str | None = None,
            step: int | None = None,
        ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
            return np.maximum(first, place - newest), place

    medians = np.full(y.shape, np.nan, np.float32)
    medians[order] = pd.DataFrame(y[order]).rolling(Before(), min_periods=AT_LEAST).median()
    return medians
