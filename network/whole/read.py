"""Read: a network -> who carries influence and what that is worth, its communities, and what crossed them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmark.errors import DataError
from network.communities.find import communities, equal_spans
from network.influence.read import influence_of
from network.judging.own_past import held, middle
from network.network import Network
from network.reading import Communities, Crossing, Held, Influence, Reading
from network.spread.crossings import crossings
from network.spread.uses import uses_of

Say = Callable[[str], None]


def read(network: Network, *, windows: int = 4, say: Say = lambda _: None) -> Reading:
    """All of it. What the data do not bear is left out, and a note says why.

    Args:
        windows: of equal length, in which communities are followed.

    Raises:
        DataError: nothing is known at all.
    """
    notes: list[str] = []
    say("communities")
    spans = equal_spans(network.graph, windows) if windows > 1 else ()
    found = communities(network, windows=spans)
    say("influence")
    scores = _influence(network, found, notes)
    say("influence against what came after")
    judged = _held(network, notes) if scores else ()
    say("what crossed communities")
    return Reading(network, scores, judged, found, _crossings(network, found, notes), tuple(notes))


def _influence(network: Network, found: Communities, notes: list[str]) -> tuple[Influence, ...]:
    try:
        return influence_of(network, communities=found.of)
    except DataError as error:
        notes.append(f"no influence is read: {error}")
        return ()


def _held(network: Network, notes: list[str]) -> tuple[Held, ...]:
    try:
        cut = middle(network)
        early = communities(replace(network, graph=network.graph.between(until=cut)), windows=())
        return held(network, cut, communities=early.of)
    except DataError as error:
        notes.append(f"no influence is held against what came after: {error}")
        return ()


def _crossings(network: Network, found: Communities, notes: list[str]) -> tuple[Crossing, ...]:
    if len(np.unique(found.of[found.of >= 0])) < 2:
        notes.append("nothing crosses communities: there are fewer than two")
        return ()
    return crossings(uses_of(network), found.of)
