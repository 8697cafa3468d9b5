"""Medians by category, from the deepest level that has enough labels up to the whole data set."""

from __future__ import annotations

import numpy as np

from baselines.parts.known import Known, filled
from benchmark import Array, Posts

AT_LEAST = 5
"""A median of fewer labels than this says less than that of the level above."""


class CategoryLevels:
    """Labels known so far: all of them, by account, and by the category of each level."""

    def __init__(self) -> None:
        self.everything = Known()
        self.levels: dict[str, Known] = {}

    def add(self, posts: Posts, y: Array) -> None:
        self.everything.add(posts.users, y)
        for name in posts.with_role("category"):
            self.levels.setdefault(name, Known()).add(posts.column(name).tolist(), y)

    def medians(self, posts: Posts) -> Array:
        """float32 [n, targets], never NaN."""
        found = np.tile(self.everything.median(), (len(posts), 1))
        for name, known in self.levels.items():  # from the top down: the deepest that is known stands
            found = filled(known.medians(posts.column(name).tolist(), AT_LEAST), found)
        return found
