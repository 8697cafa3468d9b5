"""Foretelling: what is known of a pair of accounts that says how likely one names the other next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.split import DAY_MS
from network.influence.attention import attention
from network.influence.named import DAMPING
from network.influence.seen import Floats, Seen
from network.influence.window import window_of
from network.judging.pairs import Pairs
from network.network import Network

HALF_LIFE_DAYS = 30
STEPS = 25
"""Of a walk from an account; what is left of it then is 0.85 ** 25, 2%."""
AT_ONCE = 4096
TOGETHER = 2**22
"""Numbers of a batch of walks: 32 MB."""


def scores_of(network: Network, at: int, pairs: Pairs) -> dict[str, Floats]:
    """[k] by name, from edges before `at` alone; higher is likelier.

    Frequency: how often it did, as a logarithm. Recency: 2 to the minus months since it last did.
    Preferential: how many it names times how many name the other (Newman, 2001); within, as far as these are
    of candidate pairs themselves. Common neighbours and Adamic-Adar (2003): accounts that both have to do
    with, either way. Personalised PageRank: where a walk from it ends. Reciprocal: how often the other named
    it.
    """
    seen = window_of(network, until=at).whole
    names, named = _degrees(seen, np.ones(seen.q, bool))
    candidates = np.zeros(seen.n, bool)
    candidates[pairs.source] = candidates[pairs.target] = True
    names_of, named_of = _degrees(seen, candidates[seen.source] & candidates[seen.target])
    common, rare = _common(seen, pairs)
    return {
        "frequency": _at(seen, pairs.source, pairs.target),
        "recency": _recency(network, at, pairs),
        "preferential": (names[pairs.source] * named[pairs.target]).astype(np.float64),
        "preferential_within": (names_of[pairs.source] * named_of[pairs.target]).astype(np.float64),
        "common_neighbours": common,
        "adamic_adar": rare,
        "personalised_pagerank": _walked(seen, pairs),
        "reciprocal": _at(seen, pairs.target, pairs.source),
        "names": np.log1p(names[pairs.source]),
        "named": np.log1p(named[pairs.target]),
    }


def _degrees(seen: Seen, taken: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    names, named = (np.bincount(one[taken], minlength=seen.n) for one in (seen.source, seen.target))
    return names, named


def _at(seen: Seen, source: NDArray[np.int64], target: NDArray[np.int64]) -> Floats:
    return np.asarray(seen.logs[source, target], np.float64).ravel()


def _recency(network: Network, at: int, pairs: Pairs) -> Floats:
    graph = attention(network.graph).between(None, at)
    codes = graph.source.astype(np.int64) * graph.n + graph.target
    found, last = np.unique(codes[::-1], return_index=True)  # edges ascend in time: of these the last
    asked = pairs.source * graph.n + pairs.target
    places = np.minimum(np.searchsorted(found, asked), max(len(found) - 1, 0))
    days = np.full(len(pairs), np.inf)
    if len(found):
        known = found[places] == asked
        days[known] = (at - graph.known_at[::-1][last[places[known]]]) / DAY_MS
    return 0.5 ** (days / HALF_LIFE_DAYS)


def _common(seen: Seen, pairs: Pairs) -> tuple[Floats, Floats]:
    both = seen.both_ways
    degrees = np.diff(both.indptr)
    # Who is a neighbour of two has two neighbours at least; of others the logarithm is never asked.
    weight = 1 / np.log(np.maximum(degrees, 2))
    common, rare = np.zeros(len(pairs)), np.zeros(len(pairs))
    for start in range(0, len(pairs), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        shared = both[pairs.source[rows]].multiply(both[pairs.target[rows]]).tocsr()
        common[rows] = np.asarray(shared.sum(axis=1)).ravel()
        rare[rows] = shared @ weight
    return common, rare


def _walked(seen: Seen, pairs: Pairs) -> Floats:
    leaving = np.asarray(seen.logs.sum(axis=1)).ravel()
    step = seen.logs.multiply(1 / np.maximum(leaving, 1e-12)[:, None]).T.tocsr()
    found = np.zeros(len(pairs))
    begins = np.unique(pairs.source)
    together = max(1, TOGETHER // max(seen.n, 1))
    for start in range(0, len(begins), together):
        some = begins[start : start + together]
        walk = np.zeros((seen.n, len(some)))
        walk[some, np.arange(len(some))] = 1 - DAMPING
        ends = walk.copy()
        for _ in range(STEPS):
            walk = DAMPING * (step @ walk)
            ends += walk
        rows = np.isin(pairs.source, some)
        found[rows] = ends[pairs.target[rows], np.searchsorted(some, pairs.source[rows])]
    return found
