"""Sequences: a user's latest earlier posts as steps, gathered by index when a batch asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmark import Array, Posts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class Steps:
    """Each post's k latest earlier posts, the oldest first. n posts, m distinct earlier ones, t targets."""

    def __init__(self, posts: Posts, k: int, relative: Array, features: Callable[[Posts], Array]) -> None:
        """
        Args:
            relative: float32 [n, k, t], how popular the earlier posts were, the newest first; NaN where that
                is not known.
            features: posts -> float32 [m, q], asked once for all distinct earlier posts.
        """
        history = posts.history(k)
        previous = history.previous[:, ::-1]
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
        relative = relative[:, ::-1]
        known = ~np.isnan(relative)
        filled = np.clip(np.where(known, relative, 0), -5, 5)
        gaps = np.log1p(np.nan_to_num(history.gaps[:, ::-1]))
        self.told: Array = np.concatenate(
            [filled, known[:, :, :1], self.exists[:, :, None], gaps[:, :, None]], axis=2
        ).astype(np.float32)
        """[n, k, t + 3]: relative labels (0: unknown), is it known, is there a post, log1p(days)."""


def _first(posts: Posts) -> NDArray[np.int64]:
    return np.arange(min(1, len(posts)))
