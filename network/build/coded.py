"""Coded: edges by names -> a graph of the accounts that there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import DataError, SmpbenchError
from network.build.edges import Edges
from network.build.single import oriented
from network.graph import Codes, Graph

LONGEST_NAME = 200
"""Characters of an account's name: all names take the room of the longest."""


def within(edges: Edges, since: int | None, until: int | None) -> Edges:
    """Those that become known in [since, until)."""
    chosen = np.ones(len(edges), bool)
    if since is not None:
        chosen &= edges.known_at >= since
    if until is not None:
        chosen &= edges.known_at < until
    return edges if chosen.all() else edges.take(chosen)


def empty_window(edges: Edges, since: int | None, until: int | None) -> SmpbenchError:
    """What is said of a window that no edge of these is in."""
    known = "there are none at all"
    if len(edges):
        known = (
            f"edges are known from {moment(int(edges.known_at.min()))} to {moment(int(edges.known_at.max()))}"
        )
    ends = [f"{word} {moment(end)}" for word, end in (("from", since), ("until", until)) if end is not None]
    return SmpbenchError(f"no edge becomes known {' '.join(ends)}: {known}. Give another window, or none")


def moment(ms: int) -> str:
    """2020-03-01T12:00:00, UTC."""
    try:
        return str(np.datetime64(ms, "ms").astype("datetime64[s]"))
    except (OverflowError, ValueError):
        return f"{ms:,} ms"


def graph_of(edges: Edges, author: Codes) -> tuple[Graph, Codes]:
    """Every account that publishes or has an edge, by name; and the authors by their codes there.

    Args:
        author: [p] who published each post, places in `edges.names`.

    Raises:
        DataError: a name is too long.
    """
    there = np.zeros(len(edges.names), bool)
    for ends in (author, edges.source, edges.target):
        there[ends] = True
    places = np.flatnonzero(there)
    names = edges.names[places]
    order = np.argsort(names, kind="stable")
    names = names[order]
    _check_lengths(names)
    code = np.full(len(edges.names), -1, np.int32)
    code[places[order]] = np.arange(len(places), dtype=np.int32)
    kinds = tuple(edges.kinds[place] for place in np.unique(edges.kind))
    kinds = tuple(sorted(kinds))
    of_kind = np.array([kinds.index(kind) if kind in kinds else -1 for kind in edges.kinds], np.int8)
    by_time = np.argsort(edges.known_at, kind="stable")
    edges = oriented(edges.renamed(code))
    graph = Graph(
        names=np.asarray(names, np.str_),
        source=edges.source[by_time],
        target=edges.target[by_time],
        known_at=edges.known_at[by_time],
        kind=of_kind[edges.kind[by_time]] if len(edges) else np.empty(0, np.int8),
        weight=edges.weight[by_time],
        post=edges.post[by_time],
        kinds=kinds,
    )
    return graph, code[author]


def _check_lengths(names: NDArray[np.object_]) -> None:
    long = next((name for name in names if len(name) > LONGEST_NAME), None)
    if long is not None:
        raise DataError(
            f"the name of an account has {len(long):,} characters, and at most {LONGEST_NAME} are taken",
            value=long,
            mend="Is this the column of accounts, and are the lines cut where they should be?",
        )
