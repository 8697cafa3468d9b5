"""What the naive baselines share: they remember the labels that are known, and learn nothing else."""

from __future__ import annotations

from baselines.parts.categories import CategoryLevels
from baselines.parts.keeping import Keeping
from baselines.parts.kept import Kept, Learnt
from benchmark import Array, Posts


class Naive(Keeping):
    """A subclass predicts from `known`: all labels so far, by account and by category."""

    family = "naive"
    reads_columns = False
    keeps = True

    def fit(self, train: Posts, y: Array) -> None:
        self.known = CategoryLevels()
        self.known.add(train, y)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.known.add(posts, y)

    def keep(self, learnt: Learnt) -> None:
        """Nothing is learnt but what is known."""

    def restore(self, kept: Kept, known: Posts, y: Array) -> None:
        self.fit(known, y)
