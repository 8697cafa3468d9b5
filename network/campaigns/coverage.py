"""Coverage: the k sets that together hold most, by lazy greedy choice."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from network.graph import Graph

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Chosen:
    """Accounts, the first the one that reaches most alone."""

    accounts: Ints
    """[k] or fewer: none is taken that reaches nobody new."""
    gained: Ints
    """[k] whom each reaches beyond those before it."""

    @property
    def reached(self) -> int:
        return int(self.gained.sum())


def audiences(graph: Graph) -> csr_matrix:
    """[n, n] whom each account reaches in one step: the accounts that follow, name or repost it."""
    return graph.matrix("pairs").T.tocsr()


def most_covered(sets: csr_matrix, k: int) -> Chosen:
    """Rows of `sets` [n, things] that together hold most things: at least 1 - 1/e of what any k can.

    What a row adds only falls as others are taken, so a row whose old gain is already too small need not be
    looked at again (CELF; Leskovec et al. 2007). Of rows that add as much the first is taken.

    Raises:
        ValueError: k below 0.
    """
    if k < 0:
        raise ValueError(f"{k} accounts cannot be chosen")
    sets = sets.tocsr()
    covered = np.zeros(sets.shape[1], bool)
    heap = [(-int(size), row, 0) for row, size in enumerate(np.diff(sets.indptr).tolist()) if size]
    heapq.heapify(heap)
    rows: list[int] = []
    gained: list[int] = []
    while heap and len(rows) < k:
        gain, row, looked = heapq.heappop(heap)
        held = sets.indices[sets.indptr[row] : sets.indptr[row + 1]]
        if looked == len(rows):
            rows.append(row)
            gained.append(-gain)
            covered[held] = True
        elif now := int((~covered[held]).sum()):
            heapq.heappush(heap, (-now, row, len(rows)))
    return Chosen(np.asarray(rows, np.int64), np.asarray(gained, np.int64))
