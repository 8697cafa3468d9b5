"""Backbone: which accounts and edges a page holds, and in which order they come into sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from network.reading import Reading

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GUARD = 5_000
"""Accounts up to which all are drawn at once; of more it is the backbone first."""
FIRST = 1_500
"""Accounts of the backbone that is drawn first."""
HELD = 20_000
"""Accounts that a page holds. All are in the tables that are written beside it."""
RANKED = 500
"""Of each score those in front are held, wherever they stand."""
EDGES = 150_000
"""Edges that a page holds, those of a pair, a kind and a window as one."""


def order_of(reading: Reading, weights: csr_matrix, ties: Ints) -> Ints:
    """All accounts, the backbone's first: of each community the best connected, as many as is its share.

    Accounts without an edge come last; `ties` [n] is the order of those that are alike.
    """
    community = reading.communities.of
    strength = np.asarray(weights.sum(axis=1)).ravel()
    degree = np.diff(weights.indptr)
    codes = np.unique(community, return_inverse=True)[1]
    order = np.lexsort((ties, -strength, codes))
    size = np.bincount(codes)
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    within = np.empty(len(codes))
    within[order] = np.arange(len(codes)) - first[codes[order]]
    share = (within + 0.5) / size[codes]
    return np.lexsort((ties, -strength, share, degree == 0)).astype(np.int64)


def held_of(reading: Reading, order: Ints, most: int = HELD) -> Ints:
    """Codes of the accounts that a page holds, in the order of the backbone: its first, and those in front by
    any score. At most `most`, unless the fronts alone are more."""
    if len(order) <= most:
        return order
    front = np.zeros(len(order), bool)
    for score in reading.influence:
        known = np.flatnonzero(np.isfinite(score.values))
        front[known[np.argsort(-score.values[known], kind="stable")[:RANKED]]] = True
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    rest = [code for code in order.tolist() if not front[code]][: max(most - int(front.sum()), 0)]
    held = np.concatenate([np.flatnonzero(front), np.asarray(rest, np.int64)])
    return held[np.argsort(place[held], kind="stable")]


def chance(source: Ints, target: Ints, weight: Floats, n: int) -> Floats:
    """The disparity filter (Serrano, Boguñá, Vespignani 2009, PNAS 106(16)) of m pairs, each once.

    Returns:
        float64 [m]: how likely so large a share of an account's weight is, were it spread at random; of both
        ends the smaller. 1 where both ends have no other edge.
    """
    strength = np.bincount(source, weight, n) + np.bincount(target, weight, n)
    degree = np.bincount(source, minlength=n) + np.bincount(target, minlength=n)
    found = np.ones(len(source))
    for end in (source, target):
        some = degree[end] > 1
        share = np.clip(weight / strength[end], 0, 1)
        found = np.where(some, np.minimum(found, (1 - share) ** (degree[end] - 1)), found)
    return found
