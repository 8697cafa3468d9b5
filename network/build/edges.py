"""Edges: rows of who to whom, by names, before they are a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Names = NDArray[np.object_]


@dataclass(frozen=True)
class Edges:
    """m edges; a name or a post that is not told is the empty string."""

    source: Names
    target: Names
    known_at: NDArray[np.int64]
    kind: Names
    post: Names


def joined(several: Sequence[Edges]) -> Edges:
    """All of them; none is an empty one."""

    def all_of(name: str, empty: np.ndarray) -> np.ndarray:
        return np.concatenate([empty, *(getattr(one, name) for one in several)])

    words, moments = np.empty(0, object), np.empty(0, np.int64)
    found = Edges(
        all_of("source", words),
        all_of("target", words),
        all_of("known_at", moments),
        all_of("kind", words),
        all_of("post", words),
    )
    told = (found.source != "") & (found.target != "")
    return Edges(
        found.source[told], found.target[told], found.known_at[told], found.kind[told], found.post[told]
    )
