"""Past: rows ordered by a key and then by moment, searched for many moments at once.

History looks posts up by their user in it, fact tables their rows by a user or a post.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Past:
    """Rows in the order of (code, rank of the moment), searchable by both through one ascending key."""

    order: Ints
    """The rows, code by code, the earliest first."""
    key: Ints
    span: int
    """More than any rank."""

    @classmethod
    def of(cls, codes: Ints, rank: Ints, span: int, rows: Ints) -> Past:
        """Some `rows` of a table whose rows have these codes and ranks (both from 0, ranks below `span`)."""
        key = codes[rows] * span + rank[rows]
        order = np.argsort(key, kind="stable")
        return cls(rows[order], key[order], span)

    def places(self, codes: Ints, before: Ints) -> Ints:
        """As `codes`: the place in `order` of the first row of each code that is not of a rank < before."""
        return np.searchsorted(self.key, codes * self.span + before, side="left")

    def latest(self, codes: Ints, before: Ints, k: int) -> tuple[Ints, Ints]:
        """The rows [n, k] of each code that are latest among those of a rank < before, newest first, -1 where
        there is none; and how many there are in all [n]."""
        first, end = self.places(codes, np.zeros_like(before)), self.places(codes, before)
        place = end[..., None] - 1 - np.arange(k)
        if not len(self.order):
            return np.full(place.shape, -1), end - first
        return np.where(place >= first[..., None], self.order[np.maximum(place, 0)], -1), end - first
