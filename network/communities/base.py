"""Base: the accounts among which communities are looked for, and how the others join them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from network.communities.leiden import Labels
from network.graph import Graph

TIES = ("follow", "mention", "reply", "quote", "repost")
"""Kinds of edges that one account makes to another. Shared tags and likeness are no ties, as long as there
are others: most tags are used by one account, and a few bind everybody."""


@dataclass(frozen=True)
class Base:
    graph: Graph
    """Ties of all accounts."""
    accounts: NDArray[np.bool_]
    """[n] those that are divided; the others join."""
    words: str
    """Which these are, in a sentence."""

    @property
    def within(self) -> Graph:
        return self.graph.among(self.accounts)

    def between(self, since: int, until: int) -> Base:
        """The same accounts, with ties that become known in [since, until), ms since 1970."""
        return replace(self, graph=self.graph.between(since, until))

    def spread(self, labels: Labels) -> Labels:
        """Codes of the base's accounts -> [n] of all: every other account joins the community with which it
        has the heaviest ties, the smaller code where two are as heavy."""
        from scipy.sparse import csr_matrix

        everyone = np.full(self.graph.n, -1, np.int64)
        everyone[self.accounts] = labels
        others = np.flatnonzero(~self.accounts)
        members = np.flatnonzero(everyone >= 0)
        if not len(members) or not len(others):
            return everyone
        ties = self.graph.matrix("log", symmetric=True)[others][:, members]
        of = csr_matrix((np.ones(len(members)), (np.arange(len(members)), everyone[members])))
        weights = (ties @ of).tocsr()
        # Of a row of few entries the first heaviest: no row is made dense.
        weights.sort_indices()
        rows = np.repeat(np.arange(len(others)), np.diff(weights.indptr))
        order = np.lexsort((weights.indices, -weights.data, rows))
        found, first = np.unique(rows[order], return_index=True)
        everyone[others[found]] = weights.indices[order][first]
        return everyone


def base_of(graph: Graph, writes: NDArray[np.bool_]) -> Base:
    """Accounts whose own ties are known: those that write or from whom an edge goes. Whom they name, and who
    does nothing, would make a star of each of them. If less than half of them have ties to each other, what
    binds them is whom they name alike: then all accounts are divided.

    Args:
        writes: [n] whether an account has posts.
    """
    ties = [kind for kind in graph.kinds if kind in TIES]
    graph = graph.of(*ties) if ties else graph
    known = writes.copy()
    known[graph.source] = True
    inside = graph.among(known)
    other = inside.source != inside.target
    bound = len(np.union1d(inside.source[other], inside.target[other]))
    if 2 * bound >= known.sum() and bound:
        words = f"ties among the {known.sum():,} accounts whose own ties are known"
        return Base(graph, known, f"{words}; others join those they are tied to most")
    return Base(graph, np.ones(graph.n, bool), f"ties among all {graph.n:,} accounts")
