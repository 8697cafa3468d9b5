"""Sequences: a user's newest posts with known labels as steps, gathered by index when a batch asks for them.

A step is a post whose label is known, not simply a recent one: where labels lag behind, the latest posts are
those of which nothing is known. How old each is says how far the labels lag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmark import Array, Posts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmark.history import Told


class Steps:
    """Each post's k steps, the oldest first. n posts, m distinct earlier ones, t targets."""

    def __init__(self, posts: Posts, past: Told, features: Callable[[Posts], Array]) -> None:
        """
        Args:
            past: the steps, the newest first; labels are relative to the account.
            features: posts -> float32 [m, q], asked once for all distinct earlier posts.
        """
        previous = past.previous[:, ::-1]
        distinct, place = np.unique(previous, return_inverse=True)
        there = distinct >= 0
        found = features(posts.at(distinct[there])) if there.any() else None
        width = found.shape[1] if found is not None else features(posts.take(_first(posts))).shape[1]
        self.features: Array = np.zeros((len(distinct), width), np.float32)
        """[m, q]: features of the distinct earlier posts; zeros for none."""
        if found is not None:
            self.features[there] = found
        self.index: NDArray[np.int64] = place.reshape(previous.shape)
        """[n, k] rows of `features`."""
        self.exists: NDArray[np.bool_] = previous >= 0
        """[n, k]"""
        labels = np.clip(np.nan_to_num(past.labels[:, ::-1]), -5, 5)
        gaps, ages = (np.log1p(np.nan_to_num(days[:, ::-1])) for days in (past.gaps, past.ages))
        self.told: Array = np.concatenate(
            [labels, gaps[:, :, None], self.exists[:, :, None], ages[:, :, None]], axis=2
        ).astype(np.float32)
        """[n, k, t + 3]: relative labels, log1p(days) to the next step, is there a step, log1p(days) to the
        post itself."""


def _first(posts: Posts) -> NDArray[np.int64]:
    return np.arange(min(1, len(posts)))
