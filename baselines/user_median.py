from __future__ import annotations

from baselines._known import Known, filled
from benchmark import Array, Baseline, Posts


class UserMedian(Baseline):
    """The median of the account's known labels; of all labels for an account never seen."""

    reads_columns = False

    def fit(self, train: Posts, y: Array) -> None:
        self.known = Known()
        self.known.add(train.users, y)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.known.add(posts.users, y)

    def predict(self, posts: Posts) -> Array:
        return filled(self.known.medians(posts.users), self.known.median())
