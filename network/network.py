"""Network: a graph, and the posts of its accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from network.graph import Graph
from network.published import Published

if TYPE_CHECKING:
    from benchmark.declared.card import Card


@dataclass(frozen=True)
class Network:
    card: Card
    graph: Graph
    """Every account that publishes or that an edge names, whether or not it has posts."""
    published: Published
    notes: tuple[str, ...] = field(default=())
    """What was left out or put together, counted."""
