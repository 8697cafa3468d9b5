from __future__ import annotations

from baselines.parts.known import filled
from baselines.parts.naive import Naive
from benchmark import Array, Posts


class RecentMedian(Naive):
    """The reference: the median of the account's last 20 known labels, else of its category, else of all."""

    def predict(self, posts: Posts) -> Array:
        return filled(posts.history().recent_median, self.known.medians(posts))
