"""Nearest: exact search for the most similar known posts, the same for a post in whatever batch it is asked.

A product of matrices rounds by their shape, so all products are of one shape. What is equally similar is
taken newest first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark import Array

ASKED, HELD = 128, 8192
"""Rows of a product: of what is asked, of what is held."""
FINEST = 2.0**20
"""Similarities are told in steps of one over this: what lies below is rounding."""
NONE = np.iinfo(np.int64).min


class Found(NamedTuple):
    """n posts, k known ones of each, the most similar first."""

    places: NDArray[np.int64]
    """[n, k]; -1 where there are fewer."""
    similarity: NDArray[np.float64]
    """[n, k], -1 to 1; 0 where there are fewer."""


class Nearest:
    """m vectors of length 1 at most, in the order in which they became known."""

    def __init__(self, vectors: Array, known_at: NDArray[np.int64]) -> None:
        """
        Args:
            vectors: float32 [m, d]. known_at: int64 [m], ascending: from when on each may be found.
        """
        self.vectors, self.known_at = vectors, known_at

    def of(self, asked: Array, moments: NDArray[np.int64], k: int) -> Found:
        """The k most similar that are known by then.

        Args:
            asked: float32 [n, d]. moments: int64 [n], as `known_at`.
        """
        keys = np.full((len(asked), k), NONE, np.int64)
        for begin in range(0, len(asked), ASKED):
            rows = slice(begin, begin + ASKED)
            keys[rows] = self._best(asked[rows], moments[rows], k)
        there = keys != NONE
        places = np.where(there, keys & 0xFFFFFFFF, -1)
        return Found(places, np.where(there, (keys >> 32) / FINEST, 0.0))

    def _best(self, asked: Array, moments: NDArray[np.int64], k: int) -> NDArray[np.int64]:
        """int64 [n, k], descending: similarity and, behind it, the place; n is ASKED at most."""
        best = np.full((len(asked), k), NONE, np.int64)
        left = _padded(asked, ASKED)
        until = int(np.searchsorted(self.known_at, moments.max(), side="right"))
        for begin in range(0, until, HELD):
            held = self.vectors[begin : min(begin + HELD, until)]
            similar = (left @ _padded(held, HELD).T)[: len(asked), : len(held)]
            places = np.arange(begin, begin + len(held))
            keys = (np.rint(similar * FINEST).astype(np.int64) << 32) | places
            keys[self.known_at[places] > moments[:, None]] = NONE
            best = np.partition(np.hstack([best, keys]), -k, axis=1)[:, -k:]
        return -np.sort(-best, axis=1) if until else best


def _padded(values: Array, rows: int) -> Array:
    out = np.zeros((rows, values.shape[1]), np.float32)
    out[: len(values)] = values
    return out
