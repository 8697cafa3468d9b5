"""Medians by category, from the deepest level that has enough labels up to the whole data set."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from baselines.parts.known import Known, filled
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
            self.levels.setdefault(name, Known(self.newest)).add(posts.column(name).tolist(), y)

    def medians(self, posts: Posts) -> Array:
        """float32 [n, targets], never NaN."""
        found = np.tile(self.everything.median(), (len(posts), 1))
        for name, known in self.levels.items():  # from the top down: the deepest that is known stands
            found = filled(known.medians(posts.column(name).tolist(), AT_LEAST), found)
        return found

    def before(self, posts: Posts, y: Array) -> Array:
        """float32 [n, targets], never NaN: the medians as each of these posts found them, of the labels of
        those before it. A level that drifts was another when an old post went out.

        Args:
            posts: in the order of time; y: their labels.
        """
        if self.newest is None:
            return self.medians(posts)
        found = filled(_rolling(["all"] * len(posts), y, self.newest), self.everything.median())
        for name in self.levels:
            found = filled(_rolling(posts.column(name).tolist(), y, self.newest), found)
        return found


def _rolling(keys: list[Hashable], y: Array, newest: int) -> Array:
    """float32 [n, targets]: the median of the newest labels of the same key before each; NaN where they are
    few."""
    import pandas as pd

    labels = pd.DataFrame(y)
    of = pd.Series(keys, dtype=object)
    before = labels.groupby(of).shift(1)
    medians = before.groupby(of).rolling(newest, min_periods=AT_LEAST).median()
    return medians.droplevel(0).reindex(labels.index).to_numpy(np.float32)
