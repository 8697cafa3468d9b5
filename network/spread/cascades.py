"""Cascades: who took what from whom, and whether that ran like a broadcast or from mouth to mouth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from network.graph import Graph
from network.spread.uses import Uses

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Cascade:
    """One tree of uses of an item."""

    item: int
    root: int
    """The account that it began with."""
    users: int
    depth: int
    """Steps from the root to the farthest user."""
    virality: float
    """Structural virality: the mean distance of two of its users; NaN of one."""


def structural_virality(parent: ArrayLike) -> float:
    """Mean distance of two nodes of a tree (Goel, Anderson, Hofman & Watts 2016): about 2 where one reached
    all others, more where each reached the next. NaN of fewer than two nodes.

    An edge with s of n nodes below it lies between s (n - s) pairs: subtree sizes are all that is needed.

    Args:
        parent: int [n] place of each node's parent, -1 for the root.

    Raises:
        ValueError: not one root, a parent that there is not, or a circle.
    """
    up = np.asarray(parent, np.int64)
    n = len(up)
    if n < 2:
        return float("nan")
    if (up < 0).sum() != 1 or up.max() >= n:
        raise ValueError(f"a tree of {n} nodes has one root and else parents from 0 to {n - 1}")
    size = np.ones(n, np.int64)
    for node in reversed(_down(up)):
        if up[node] >= 0:
            size[up[node]] += size[node]
    below = size[up >= 0]
    return float(2 * (below * (n - below)).sum() / (n * (n - 1)))


def depths(parent: ArrayLike) -> Ints:
    """int [n] steps from each node's root. Raises ValueError for a circle."""
    up = np.asarray(parent, np.int64)
    found = np.zeros(len(up), np.int64)
    for node in _down(up):
        if up[node] >= 0:
            found[node] = found[up[node]] + 1
    return found


def _down(up: Ints) -> list[int]:
    """Nodes in an order in which each comes after its parent."""
    children: list[list[int]] = [[] for _ in up]
    order = []
    for node, above in enumerate(up.tolist()):
        if above < 0:
            order.append(node)
        else:
            children[above].append(node)
    for node in order:  # grows as it goes
        order += children[node]
    if len(order) < len(up):
        raise ValueError(f"{len(up) - len(order)} nodes lead to no root: their parents go in a circle")
    return order


def taken_from(uses: Uses, graph: Graph, fewest: int = 2) -> Ints:
    """int [u]: the use that each was taken from, a place in `uses`; -1 where it is taken from none.

    It is the newest earlier use by an account to which the user had a tie by then. Who took it from whom is
    not told by data such as these: ties and order make it likely, and what all see at once looks the same.
    """
    found = np.full(len(uses), -1, np.int64)
    known_from: dict[tuple[int, int], int] = {}
    other = graph.source != graph.target
    for source, target, at in zip(
        graph.source[other].tolist(),
        graph.target[other].tolist(),
        graph.known_at[other].tolist(),
        strict=True,
    ):
        known_from.setdefault((source, target), at)  # edges ascend in time
    neighbours: dict[int, set[int]] = {}
    for source, target in known_from:
        neighbours.setdefault(source, set()).add(target)
    ends = uses.ends()
    for item in np.flatnonzero(np.diff(ends) >= fewest):
        span = range(int(ends[item]), int(ends[item + 1]))
        seen: dict[int, int] = {}
        for use in span:
            account, time = int(uses.account[use]), int(uses.time[use])
            ties = [
                seen[one]
                for one in neighbours.get(account, set()) & seen.keys()
                if known_from[account, one] <= time and uses.time[seen[one]] < time
            ]
            found[use] = max(ties, default=-1)
            seen[account] = use
    return found


def cascades(uses: Uses, parent: Ints, fewest: int = 2) -> tuple[Cascade, ...]:
    """Trees of at least `fewest` users, the largest first."""
    depth = depths(parent)
    root = np.arange(len(parent))
    for use in np.argsort(depth, kind="stable"):
        if parent[use] >= 0:
            root[use] = root[parent[use]]
    order = np.argsort(root, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(root[order]) != 0]) if len(order) else np.empty(0, np.int64)
    found = []
    for members in np.split(order, starts[1:]):
        if len(members) < max(1, fewest):
            continue
        place = {int(use): number for number, use in enumerate(members)}
        local = [place.get(int(parent[use]), -1) for use in members]
        first = int(root[members[0]])
        found.append(
            Cascade(
                item=int(uses.item[first]),
                root=int(uses.account[first]),
                users=len(members),
                depth=int(depth[members].max()),
                virality=structural_virality(local),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.users, one.item, one.root)))
