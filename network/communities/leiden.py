"""Leiden: the communities of a weighted graph at one resolution, the same ones each time."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Labels = NDArray[np.int64]
"""[n] a community's code for each account, 0 the largest; -1 where it has no edge."""


def leiden(matrix: csr_matrix, resolution: float = 1.0, seed: int = 0) -> Labels:
    """Communities of highest modularity (Traag, Waltman & van Eck 2019).

    Args:
        matrix: symmetric weights [n, n], none below 0, no loops.
        resolution: higher ones give more communities.
        seed: of the order in which accounts are looked at; nothing else is left to chance.
    """
    labels = np.full(matrix.shape[0], -1, np.int64)
    tied = np.diff(matrix.indptr) > 0
    if not tied.any():
        return labels
    found = _repeatable()(
        resolution=resolution,
        shuffle_nodes=True,
        random_state=seed,
        return_probs=False,
        return_aggregate=False,
    )
    labels[tied] = found.fit_predict(matrix if tied.all() else matrix[tied][:, tied])
    return labels


@cache
def _repeatable() -> type[Any]:
    from sknetwork.clustering import Leiden

    class Repeatable(Leiden):
        """scikit-network refines communities by moving accounts to one that C's `rand()` picks, which no seed
        of its own reaches: two calls in one process differ. Here each goes where it gains most."""

        def _optimize_refine(
            self, labels: Any, labels_refined: Any, adjacency: Any, out_weights: Any, in_weights: Any
        ) -> Any:
            rows = np.repeat(np.arange(len(labels)), np.diff(adjacency.indptr))
            inside = adjacency.copy()
            inside.data = np.where(labels[rows] == labels[inside.indices], inside.data, 0)
            inside.eliminate_zeros()
            refined, _ = self._optimize(labels_refined, inside, out_weights, in_weights)
            return np.asarray(refined)

    return Repeatable
