from __future__ import annotations

from baselines._categories import CategoryLevels
from benchmark import Array, Baseline, Posts


class CategoryMedian(Baseline):
    """The median of the post's category: the deepest level with enough labels, else the one above."""

    needs = {"category"}
    reads_columns = False

    def fit(self, train: Posts, y: Array) -> None:
        self.levels = CategoryLevels()
        self.levels.add(train, y)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.levels.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        return self.levels.medians(posts)
