from __future__ import annotations

from baselines.parts.known import filled
from baselines.parts.naive import Naive
from benchmark import Array, Posts


class UserMedian(Naive):
    """The median of the account's known labels; of all labels for an account never seen."""

    def predict(self, posts: Posts) -> Array:
        everything = self.known.everything
        return filled(everything.medians(posts.users), everything.median())
