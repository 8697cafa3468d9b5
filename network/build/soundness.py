"""Soundness: a graph in which influence cannot be read, told in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.errors import quoted
from network.graph import Graph

STAR_SHARE, STAR_PAIRS = 0.5, 10
"""A star: one account is an end of more than this share of the pairs, of at least so many."""


@dataclass(frozen=True)
class Star:
    """An account around which a graph was collected."""

    account: str
    pairs: int
    of: int
    """How many pairs of accounts there are, and of how many of them the account is an end."""

    def __str__(self) -> str:
        return (
            f"'{quoted(self.account)}' is an end of {self.pairs:,} of {self.of:,} pairs: a star: no base for "
            "influence. It shows whom one account has around it, as a dump of followers does, and says "
            "nothing of the others; add the edges between these"
        )


def star(graph: Graph) -> Star | None:
    """The account that is an end of more than half of all pairs of accounts, whatever their direction, kind
    and number of edges; None where none is, or where there are too few pairs to say."""
    one, other = np.minimum(graph.source, graph.target), np.maximum(graph.source, graph.target)
    pair = np.unique((one.astype(np.int64) * graph.n + other)[one != other])
    if len(pair) < STAR_PAIRS:
        return None
    ends = np.bincount(np.concatenate([pair // graph.n, pair % graph.n]), minlength=graph.n)
    first = int(ends.argmax())
    if ends[first] <= STAR_SHARE * len(pair):
        return None
    return Star(str(graph.names[first]), int(ends[first]), len(pair))


def unsound(graph: Graph) -> list[str]:
    """Why influence cannot be read in the graph, or in which kinds of its edges: sentences, perhaps none."""
    if not len(graph):
        return ["there are no edges: no base for influence"]
    if whole := star(graph):
        return [str(whole)]
    stars = ((kind, star(graph.of(kind))) for kind in graph.kinds) if len(graph.kinds) > 1 else ()
    return [f"{kind}: {found}" for kind, found in stars if found]
