"""Attention: the edges that say whom an account turns to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from network.graph import UNDIRECTED, Graph

TIE = "tie"
"""Two accounts know each other: attention both ways."""
LASTING = ("follow", TIE)
"""Kinds that are a state, and no event of the day on which they become known."""


def attention(graph: Graph) -> Graph:
    """Edges from one account to another: no loops, none that only say that two are alike (UNDIRECTED), and a
    tie as an edge either way."""
    alike = [place for place, kind in enumerate(graph.kinds) if kind in UNDIRECTED - {TIE}]
    graph = graph.take((graph.source != graph.target) & ~np.isin(graph.kind, alike))
    if TIE not in graph.kinds:
        return graph
    ties = np.flatnonzero(graph.kind == graph.kinds.index(TIE))
    edges = np.concatenate([np.arange(len(graph)), ties])
    turned = np.arange(len(edges)) >= len(graph)
    order = np.argsort(graph.known_at[edges], kind="stable")
    edges, turned = edges[order], turned[order]
    return replace(
        graph,
        source=np.where(turned, graph.target[edges], graph.source[edges]),
        target=np.where(turned, graph.source[edges], graph.target[edges]),
        known_at=graph.known_at[edges],
        kind=graph.kind[edges],
        weight=graph.weight[edges],
        post=graph.post[edges],
    )


def lasting(graph: Graph) -> np.ndarray:
    """[m] whether each edge is a state."""
    return np.isin(graph.kind, [place for place, kind in enumerate(graph.kinds) if kind in LASTING])
