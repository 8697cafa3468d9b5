"""Broker: accounts that stand between communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from network.influence.seen import Floats, Seen

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def brokerage(seen: Seen) -> Floats:
    """Pairs of accounts of different communities, the first of which names it and the second is named by it.

    After Gould and Fernandez (Sociological Methodology, 1989), whether or not the two name each other. NaN
    where communities are not known.
    """
    if seen.communities is None:
        return np.full(seen.n, np.nan)
    into, out = _by_community(seen, seen.target, seen.source), _by_community(seen, seen.source, seen.target)
    same = np.asarray(into.multiply(out).sum(axis=1)).ravel()
    return np.asarray(into.sum(axis=1)).ravel() * np.asarray(out.sum(axis=1)).ravel() - same


def participation(seen: Seen) -> Floats:
    """How evenly those who name it, or whom it names, are spread over communities: 0 for one, to 1.

    Guimerà and Amaral (Nature, 2005); NaN without any, or where communities are not known.
    """
    found = np.full(seen.n, np.nan)
    if seen.communities is None:
        return found
    both = _by_community(seen, seen.target, seen.source) + _by_community(seen, seen.source, seen.target)
    total = np.asarray(both.sum(axis=1)).ravel()
    squares = np.asarray(both.multiply(both).sum(axis=1)).ravel()
    some = total > 0
    found[some] = 1 - squares[some] / total[some] ** 2
    return found


def _by_community(seen: Seen, of: NDArray[np.int32], others: NDArray[np.int32]) -> csr_matrix:
    """[n, communities]: how many of the others of its pairs are of each; those of none are left out."""
    from scipy.sparse import coo_matrix

    assert seen.communities is not None
    community = seen.communities[others]
    told = community >= 0
    shape = seen.n, int(seen.communities.max(initial=0)) + 1
    found = coo_matrix((np.ones(told.sum()), (of[told], community[told])), shape=shape).tocsr()
    found.sum_duplicates()
    return found
