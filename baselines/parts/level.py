"""The recent level of an account, which a model then corrects.

With strong drift a model of the label itself must extrapolate, and trees cannot; a model of the residual
around the recent level need not.
"""

from __future__ import annotations

from typing import Self

import numpy as np

from baselines.parts.categories import CategoryLevels
from benchmark import Array, Posts


class RecentLevel:
    """Median of the account's newest known labels, drawn towards its category where there are few.

    level = (n * median + prior * category median) / (n + prior), for the n <= 20 newest known labels.
    """

    def __init__(self, prior: float = 1.0) -> None:
        self.prior = prior

    def fit(self, train: Posts, y: Array) -> Self:
        self.categories = CategoryLevels()
        self.categories.add(train, y)
        return self

    def add(self, posts: Posts, y: Array) -> None:
        self.categories.add(posts, y)

    def of(self, posts: Posts) -> Array:
        """float32 [n, targets], never NaN."""
        history = posts.history()
        n = np.sum(~np.isnan(history.recent), axis=1)
        median = np.where(n > 0, history.recent_median, 0)
        level = (n * median + self.prior * self.categories.medians(posts)) / (n + self.prior)
        return level.astype(np.float32)
