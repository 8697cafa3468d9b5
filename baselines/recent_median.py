from __future__ import annotations

from baselines._categories import CategoryLevels
from baselines._known import filled
from benchmark import Array, Baseline, Posts


class RecentMedian(Baseline):
    """The reference: the median of the account's last 20 known labels, else of its category, else of all."""

    reads_columns = False

    def fit(self, train: Posts, y: Array) -> None:
        self.levels = CategoryLevels()
        self.levels.add(train, y)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.levels.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        return filled(posts.history().recent_median, self.levels.medians(posts))
