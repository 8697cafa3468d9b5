"""Pairs: accounts of which one may name the other next, and whether it did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.graph import Graph
from network.influence.attention import attention
from network.influence.seen import Floats
from network.network import Network

MOST_ACCOUNTS = 1000
"""Of so many, every pair is a candidate; of more, OTHERS are drawn for each account."""
OTHERS = 200
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """k ordered pairs of accounts that have published before a moment, none with itself."""

    source: Ints
    """[k] codes: who may name."""
    target: Ints
    """[k]: whom."""
    before: NDArray[np.bool_]
    """[k] whether it did before the moment: such a pair is a repeated one, any other a new one."""
    came: NDArray[np.bool_]
    """[k] whether it does after it."""
    drawn: bool
    """Whether new pairs that do not come are a draw: average precision and MRR are then too good."""

    def __len__(self) -> int:
        return len(self.source)

    def take(self, rows: NDArray[np.bool_]) -> Pairs:
        return Pairs(self.source[rows], self.target[rows], self.before[rows], self.came[rows], self.drawn)


def pairs_of(network: Network, at: int, until: int, seed: int = 0) -> Pairs:
    """Pairs among the accounts that have published before `at`, by the edges before it and in [at, until).

    Whoever posts afterwards is not asked: it is not known at that moment.
    """
    posts, graph = network.published, attention(network.graph)
    accounts = np.unique(posts.author[posts.times < at]).astype(np.int64)
    before, came = (_codes(graph.between(*span), accounts) for span in ((None, at), (at, until)))
    drawn = len(accounts) > MOST_ACCOUNTS
    k = len(accounts)
    if drawn:
        rng = np.random.default_rng(seed)
        some = np.repeat(accounts, OTHERS) * graph.n + accounts[rng.integers(k, size=k * OTHERS)]
        codes = np.unique(np.concatenate([some, before, came]))
    else:
        codes = (accounts[:, None] * graph.n + accounts).ravel()
    source, target = codes // max(graph.n, 1), codes % max(graph.n, 1)
    codes, source, target = (one[source != target] for one in (codes, source, target))
    return Pairs(source, target, np.isin(codes, before), np.isin(codes, came), drawn)


def reciprocal_ranks(pairs: Pairs, by: Floats) -> Floats:
    """One over the place of the best pair that came, of each account that any came of; among equals the
    middle place."""
    order = np.lexsort((-by, pairs.source))
    found = []
    for rows in np.split(order, np.flatnonzero(np.diff(pairs.source[order])) + 1):
        if pairs.came[rows].any():
            best = by[rows][pairs.came[rows]].max()
            found.append(1 / ((by[rows] > best).sum() + ((by[rows] == best).sum() + 1) / 2))
    return np.array(found)


def _codes(graph: Graph, accounts: Ints) -> Ints:
    among = np.isin(graph.source, accounts) & np.isin(graph.target, accounts)
    return np.unique(graph.source[among].astype(np.int64) * graph.n + graph.target[among])
