"""What the naive baselines share: they remember the labels that are known, and learn nothing else."""

from __future__ import annotations

from baselines.parts.categories import CategoryLevels
from benchmark import Array, Baseline, Posts


class Naive(Baseline):
    """A subclass predicts from `known`: all labels so far, by account and by category."""

    family = "naive"
    reads_columns = False

    def fit(self, train: Posts, y: Array) -> None:
        self.known = CategoryLevels()
        self.known.add(train, y)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.known.add(posts, y)
