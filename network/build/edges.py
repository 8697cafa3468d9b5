"""Edges: rows of who to whom, before they are a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmark.errors import DataError, listed
from network.graph import Codes, Ints

UNDATED = int(np.iinfo(np.int64).min)
"""In place of a moment: nothing tells from when on the edge is known."""
NO_POST, ABSENT_POST = -1, -2
"""In place of a row of posts: no post made the edge, or one that is not in the data."""
MOST_KINDS = 100
FIELDS = ("source", "target", "known_at", "kind", "weight", "post")


@dataclass(frozen=True)
class Edges:
    """m edges between u names."""

    names: NDArray[np.object_]
    """[u] each once; some may be of no edge."""
    source: Codes
    """[m] places in `names`."""
    target: Codes
    known_at: Ints
    """[m] ms since 1970."""
    kind: NDArray[np.int8]
    """[m] places in `kinds`."""
    weight: NDArray[np.float32]
    post: Ints
    """[m] rows of posts, `NO_POST` or `ABSENT_POST`."""
    kinds: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.source)

    def take(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> Edges:
        return replace(self, **{name: getattr(self, name)[chosen] for name in FIELDS})

    def dated(self, moment: int) -> Edges:
        """What is undated is known from this moment on, ms since 1970."""
        return replace(self, known_at=np.where(self.known_at == UNDATED, moment, self.known_at))

    def renamed(self, code: NDArray[np.int64] | Codes) -> Edges:
        """Every end exchanged for the account that it is another name of.

        Args:
            code: [u] place in `names` -> place in `names`.
        """
        return replace(
            self,
            source=code[self.source].astype(np.int32),
            target=code[self.target].astype(np.int32),
        )


def edges_of(
    source: pa.ChunkedArray,
    target: pa.ChunkedArray,
    known_at: Ints,
    kind: pa.ChunkedArray | str,
    *,
    weight: NDArray[np.float32] | None = None,
    post: Ints | None = None,
) -> Edges:
    """Of columns of text. A row with an end that is null or the empty string is left out."""
    names, codes = _coded(pa.chunked_array([*source.chunks, *target.chunks], type=pa.string()))
    many = len(source)
    if isinstance(kind, str):
        kinds, of_kind = np.array([kind], object), np.zeros(many, np.int32)
    else:
        kinds, of_kind = _coded(kind.cast(pa.string()).fill_null(""))
    if len(kinds) > MOST_KINDS:
        raise DataError(
            f"{len(kinds):,} kinds of edges: {listed(map(str, kinds), 3)}",
            mend=f"At most {MOST_KINDS} are told apart: name a column of ways to name an account",
        )
    found = Edges(
        names=names,
        source=codes[:many],
        target=codes[many:],
        known_at=known_at,
        kind=of_kind.astype(np.int8),
        weight=np.ones(many, np.float32) if weight is None else weight,
        post=np.full(many, NO_POST, np.int64) if post is None else post,
        kinds=tuple(map(str, kinds)),
    )
    told = (found.source >= 0) & (found.target >= 0)
    return found if told.all() else found.take(told)


def joined(names: NDArray[np.object_], several: Sequence[Edges]) -> Edges:
    """All of them, coded by one list of names that begins with `names`."""
    every = np.concatenate([names, *(one.names for one in several)])
    codes, unique = pd.factorize(every)
    kinds = tuple(dict.fromkeys(kind for one in several for kind in one.kinds))
    if len(kinds) > MOST_KINDS:
        raise DataError(f"{len(kinds):,} kinds of edges: at most {MOST_KINDS} are told apart")
    parts: dict[str, list[NDArray]] = {
        "source": [np.empty(0, np.int32)],
        "target": [np.empty(0, np.int32)],
        "known_at": [np.empty(0, np.int64)],
        "kind": [np.empty(0, np.int8)],
        "weight": [np.empty(0, np.float32)],
        "post": [np.empty(0, np.int64)],
    }
    first = len(names)
    for one in several:
        code = codes[first : first + len(one.names)].astype(np.int32)
        first += len(one.names)
        parts["source"].append(code[one.source])
        parts["target"].append(code[one.target])
        parts["kind"].append(np.array([kinds.index(kind) for kind in one.kinds], np.int8)[one.kind])
        for name in ("known_at", "weight", "post"):
            parts[name].append(getattr(one, name))
    return Edges(
        names=np.asarray(unique, object),
        kinds=kinds,
        **{name: np.concatenate(arrays) for name, arrays in parts.items()},
    )


def _coded(column: pa.ChunkedArray) -> tuple[NDArray[np.object_], NDArray[np.int32]]:
    """Values, and the place of each row's among them: -1 of what is null or empty."""
    coded = column.dictionary_encode().combine_chunks()
    if isinstance(coded, pa.ChunkedArray):  # a column without rows has no chunk
        return np.empty(0, object), np.empty(0, np.int32)
    values = coded.dictionary.to_numpy(zero_copy_only=False)
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    empty = np.flatnonzero(values == "")
    if len(empty):
        codes = np.where(codes == empty[0], -1, codes).astype(np.int32)
    return values, codes
