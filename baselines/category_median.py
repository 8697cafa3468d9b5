from __future__ import annotations

from baselines.parts.naive import Naive
from benchmark import Array, Posts


class CategoryMedian(Naive):
    """The median of the post's category: the deepest level with enough labels, else the one above."""

    needs = {"category"}

    def predict(self, posts: Posts) -> Array:
        return self.known.medians(posts)
