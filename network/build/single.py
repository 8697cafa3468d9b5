"""Single: loops left out, and each event one edge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from network.build.edges import ABSENT_POST, NO_POST, Edges
from network.graph import UNDIRECTED, Ints

STRENGTH = {"mention": 1, "quote": 2, "reply": 3, "repost": 4}
"""Ways in which one post may name an account: of several the strongest counts. A reply begins with the handle
of whom it answers, and a quote may name whom it quotes."""
STATES = frozenset({"follow", "tie"})
"""Kinds that hold from a moment on, rather than happen: told again they are the same edge."""


def without_loops(edges: Edges) -> tuple[Edges, list[str]]:
    other = edges.source != edges.target
    if other.all():
        return edges, []
    return edges.take(other), [f"edges from an account to itself, left out: {int((~other).sum()):,}"]


def strongest(edges: Edges) -> tuple[Edges, list[str]]:
    """An account that one post names in several ways is named once, in the strongest."""
    strength = np.array([STRENGTH.get(kind, 0) for kind in edges.kinds], np.int8)[edges.kind]
    ways = np.flatnonzero((edges.post >= 0) & (strength > 0))
    order = ways[np.lexsort((-strength[ways], edges.target[ways], edges.source[ways], edges.post[ways]))]
    again = np.zeros(len(edges), bool)
    again[order[1:]] = _same(edges, order, "post", "source", "target")
    if not again.any():
        return edges, []
    note = (
        f"times a post names an account in a further way, of which the strongest counts: {int(again.sum()):,}"
    )
    return edges.take(~again), [note]


def oriented(edges: Edges) -> Edges:
    """Edges that hold both ways lead from the smaller code to the larger."""
    both = np.array([kind in UNDIRECTED for kind in edges.kinds], bool)
    swapped = (edges.source > edges.target) & (both[edges.kind] if len(both) else False)
    if not swapped.any():
        return edges
    return replace(
        edges,
        source=np.where(swapped, edges.target, edges.source),
        target=np.where(swapped, edges.source, edges.target),
    )


def each_once(edges: Edges) -> tuple[Edges, list[str]]:
    """Rows that are the same. Of what a post made, or what is a state, one is kept, the first that is known;
    others are one edge of their weight together."""
    if not len(edges):
        return edges, []
    edges = oriented(edges)
    order = _sorted(edges)
    state = np.array([kind in STATES for kind in edges.kinds])[edges.kind]
    same = _same(edges, order, "source", "target", "kind")
    same &= state[order[1:]] | _same(edges, order, "known_at", "post")
    if not same.any():
        return edges, []
    first = np.concatenate([[0], 1 + np.flatnonzero(~same)])
    summed = np.add.reduceat(edges.weight[order].astype(np.float64), first).astype(np.float32)
    kept = edges.take(order[first])
    once = state[order[first]] | (kept.post >= 0)
    note = f"edges that stand there again, each put together with the first: {int(same.sum()):,}"
    return replace(kept, weight=np.where(once, kept.weight, summed)), [note]


def of_posts(edges: Edges) -> tuple[Edges, list[str]]:
    """Edges of posts that are not there are kept, and counted."""
    absent = edges.post == ABSENT_POST
    if not absent.any():
        return edges, []
    note = f"edges of posts that are not in the data: {int(absent.sum()):,}"
    return replace(edges, post=np.where(absent, NO_POST, edges.post)), [note]


def _same(edges: Edges, order: Ints, *names: str) -> np.ndarray:
    """[m - 1] whether each edge of an order is in these fields as the one before it."""
    found = np.ones(max(len(order) - 1, 0), bool)
    for name in names:
        values = getattr(edges, name)[order]
        found &= values[1:] == values[:-1]
    return found


def _sorted(edges: Edges) -> Ints:
    """By ends, kind, moment and post. What is the same in all edges is not sorted by: that counts."""
    keys = [values for values in (edges.post, edges.known_at, edges.kind) if values.min() != values.max()]
    pair = edges.source.astype(np.int64) * len(edges.names) + edges.target
    return np.lexsort((*keys, pair)) if keys else np.argsort(pair, kind="stable")
