"""Graph: who named, followed or resembles whom, and from when on that is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Weighing = Literal["events", "log", "pairs"]
"""What parallel edges between two accounts come to: their summed weight, log(1 + that), or 1."""

UNDIRECTED = frozenset({"co_tag", "co_mention", "co_language", "co_place", "co_time_zone", "alike", "tie"})
"""Kinds of edges that hold both ways; each stands once, its source the smaller code."""


@dataclass(frozen=True)
class Graph:
    """n accounts and m edges between them, an edge an event. Edges are ascending in `known_at`.

    Raises:
        ValueError: arrays of other lengths, edges that are not in the order of time, or codes of no account.
    """

    names: NDArray[np.str_]
    """[n] accounts, each once, ascending; an account's code is its place."""
    source: Codes
    """int32 [m]: who does it: the author, the follower."""
    target: Codes
    """int32 [m]: to whom."""
    known_at: Ints
    """int64 [m]: ms since 1970 from which the edge is known."""
    kind: NDArray[np.int8]
    """[m]: places in `kinds`."""
    weight: NDArray[np.float32]
    """[m], above 0."""
    post: Ints
    """int64 [m]: the row of `Published` that made the edge; -1 where none did."""
    kinds: tuple[str, ...]
    """follow, mention, reply, quote, repost, tie, co_tag, co_mention, alike: those that there are."""

    def __post_init__(self) -> None:
        if {len(one) for one in (self.target, self.known_at, self.kind, self.weight, self.post)} - {
            len(self.source)
        }:
            raise ValueError("arrays of edges differ in length")
        if np.any(np.diff(self.known_at) < 0):
            raise ValueError("edges are not in the order in which they become known")
        for codes in (self.source, self.target):
            if len(codes) and not 0 <= int(codes.min()) <= int(codes.max()) < len(self.names):
                raise ValueError("an edge of no account")

    def __len__(self) -> int:
        """Number of edges m."""
        return len(self.source)

    @property
    def n(self) -> int:
        """Number of accounts."""
        return len(self.names)

    def take(self, edges: NDArray[np.int64] | NDArray[np.bool_] | slice) -> Graph:
        """The same accounts with some of the edges, places ascending."""
        return replace(
            self,
            **{
                name: getattr(self, name)[edges]
                for name in ("source", "target", "known_at", "kind", "weight", "post")
            },
        )

    def between(self, since: int | None = None, until: int | None = None) -> Graph:
        """Edges that become known in [since, until), ms since 1970."""
        first = 0 if since is None else int(np.searchsorted(self.known_at, since, side="left"))
        end = len(self) if until is None else int(np.searchsorted(self.known_at, until, side="left"))
        return self.take(slice(first, max(first, end)))

    def of(self, *kinds: str) -> Graph:
        """Edges of some kinds.

        Raises:
            KeyError: none is of this kind.
        """
        for kind in kinds:
            if kind not in self.kinds:
                raise KeyError(f"no edges of kind '{kind}'; there are: {', '.join(self.kinds) or 'none'}")
        return self.take(np.isin(self.kind, [self.kinds.index(kind) for kind in kinds]))

    def among(self, accounts: Iterable[int] | NDArray[np.bool_]) -> Graph:
        """Some accounts, coded anew in the same order, and the edges between these."""
        kept = np.zeros(self.n, bool)
        kept[accounts if isinstance(accounts, np.ndarray) else list(accounts)] = True
        code = np.cumsum(kept) - 1
        found = self.take(kept[self.source] & kept[self.target])
        return replace(
            found,
            names=self.names[kept],
            source=code[found.source].astype(np.int32),
            target=code[found.target].astype(np.int32),
        )

    def matrix(self, weighing: Weighing = "log", *, symmetric: bool = False) -> csr_matrix:
        """float64 [n, n], from source to target, parallel edges as one; without loops.

        Args:
            symmetric: both directions added up before they are weighed. Undirected kinds hold both ways in
                either case.
        """
        from scipy.sparse import coo_matrix

        other = self.source != self.target
        source, target = self.source[other], self.target[other]
        weight = self.weight[other].astype(np.float64)
        both = [place for place, kind in enumerate(self.kinds) if kind in UNDIRECTED]
        back = np.full(len(source), symmetric) | np.isin(self.kind[other], both)
        rows, columns = np.concatenate([source, target[back]]), np.concatenate([target, source[back]])
        found = coo_matrix(
            (np.concatenate([weight, weight[back]]), (rows, columns)), shape=(self.n, self.n)
        ).tocsr()
        found.sum_duplicates()
        if weighing == "log":
            found.data = np.log1p(found.data)
        elif weighing == "pairs":
            found.data = np.ones_like(found.data)
        return found
