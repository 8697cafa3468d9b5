"""Windows: a series of equal spans of time."""

from __future__ import annotations

from itertools import pairwise

from benchmark.errors import SmpbenchError
from benchmark.split import DAY_MS
from network.graph import Graph

Window = tuple[int, int]
"""ms since 1970: from when on, and until when: the latter is outside."""
MOST_WINDOWS = 1000


def span(graph: Graph) -> Window:
    """From the first edge to just after the last.

    Raises:
        SmpbenchError: there is no edge.
    """
    if not len(graph):
        raise SmpbenchError("a graph without edges has no windows. Take other kinds of edges, or more time")
    return int(graph.known_at[0]), int(graph.known_at[-1]) + 1


def windows(graph: Graph, count: int) -> tuple[Window, ...]:
    """So many equal spans, from the first edge to the last; edges of one moment are one window.

    Raises:
        SmpbenchError: there is no edge, or the number is none from 1 to 1,000.
    """
    since, until = span(graph)
    if not 1 <= count <= MOST_WINDOWS:
        raise SmpbenchError(f"{count} windows: give a number from 1 to {MOST_WINDOWS:,}")
    count = min(count, until - since)
    cuts = [since + (until - since) * place // count for place in range(count + 1)]
    return tuple(pairwise(cuts))


def windows_of_days(graph: Graph, days: float) -> tuple[Window, ...]:
    """Spans of so many days, the last of which ends just after the last edge; the first begins early enough
    to hold the first, and may hold fewer.

    Raises:
        SmpbenchError: there is no edge, or the days are none, or so few that over 1,000 windows came of it.
    """
    since, until = span(graph)
    length = round(days * DAY_MS) if days > 0 else 0
    if length < 1 or (until - since) / length > MOST_WINDOWS:
        raise SmpbenchError(
            f"windows of {days:g} days: edges are of {(until - since) / DAY_MS:,.1f} days, and at most "
            f"{MOST_WINDOWS:,} windows are made"
        )
    ends = range(until, since, -length)
    return tuple((end - length, end) for end in reversed(ends))
