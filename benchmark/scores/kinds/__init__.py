"""Kinds of task by name. To add one, write it in a file of this room, and name it here."""

from __future__ import annotations

from benchmark.errors import UnknownName
from benchmark.scores.kinds.event import EVENT
from benchmark.scores.kinds.influence import INFLUENCE
from benchmark.scores.kinds.kind import Kind
from benchmark.scores.kinds.regression import REGRESSION

__all__ = ["KINDS", "Kind", "kind"]

KINDS: dict[str, Kind] = {kind.name: kind for kind in (REGRESSION, EVENT, INFLUENCE)}


def kind(name: str) -> Kind:
    """The kind called `name`.

    Raises:
        UnknownName: there is none; with the nearest.
    """
    if name not in KINDS:
        raise UnknownName("kind of task", name, KINDS)
    return KINDS[name]
