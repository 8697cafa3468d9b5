"""Soundness: a graph in which influence cannot be read, told in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.errors import quoted
from network.graph import Graph
from network.stars import centre


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
    found = centre(graph.source, graph.target, graph.n)
    return None if found is None else Star(str(graph.names[found.account]), found.pairs, found.of)


def unsound(graph: Graph) -> list[str]:
    """Why influence cannot be read in the graph, or in which kinds of its edges: sentences, perhaps none."""
    if not len(graph):
        return ["there are no edges: no base for influence"]
    if whole := star(graph):
        return [str(whole)]
    stars = ((kind, star(graph.of(kind))) for kind in graph.kinds) if len(graph.kinds) > 1 else ()
    return [f"{kind}: {found}" for kind, found in stars if found]
