"""Seen: what a network shows of its accounts in a window of time, and all that scores of influence read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """q pairs of accounts, the first of which named or follows the second, and p posts with what they got.

    Nothing of an account itself is among the pairs: who names oneself gains nothing by it.
    """

    n: int
    source: NDArray[np.int32]
    """[q] codes, pairs ascending by source, then target; each pair once."""
    target: NDArray[np.int32]
    strength: Floats
    """[q], above 0: summed weight of the edges from source to target."""
    naming: Floats
    """[q]: posts of the source that name the target, and edges that no post made. 0 of what lasts."""
    follows: NDArray[np.bool_]
    """[q] whether the source follows the target, or has a tie with it."""
    author: NDArray[np.int32]
    """[p] posts ascending by author, then engagement."""
    engagement: Floats
    """[p] counts."""
    times: NDArray[np.int64]
    """[p] how often each post counts: 1, or as often as a resample drew its block."""
    followers: Floats
    """[n] as posts tell it, the newest; NaN where none does."""
    communities: NDArray[np.int64] | None = None
    """[n] codes; -1 for none."""

    @property
    def q(self) -> int:
        return len(self.source)

    @cached_property
    def pairs(self) -> csr_matrix:
        """float64 [n, n]: 1 from source to target."""
        return self._matrix(np.ones(self.q))

    @cached_property
    def logs(self) -> csr_matrix:
        """float64 [n, n]: log(1 + strength): the tenth mention in a row says less than the first."""
        return self._matrix(np.log1p(self.strength))

    @cached_property
    def both_ways(self) -> csr_matrix:
        """float64 [n, n], symmetric: 1 between two accounts of which one names the other."""
        found = (self.pairs + self.pairs.T).tocsr()
        found.data = np.ones_like(found.data)
        return found

    def _matrix(self, values: Floats) -> csr_matrix:
        from scipy.sparse import csr_matrix

        ends = np.searchsorted(self.source, np.arange(self.n + 1))
        return csr_matrix((values, self.target, ends), shape=(self.n, self.n))
