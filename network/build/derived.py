"""Derived: the kinds of edges that are worked out of posts and of other edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmark.errors import SmpbenchError
from network.build.alike import Alikeness, alike
from network.build.edges import Edges
from network.build.kinds import ALIKE, CO_MENTION, CO_TAG, NAMING, SAME, same_column, tag_columns
from network.build.shared import Uses, shared
from network.graph import Codes, Ints

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared


def derived(
    prepared: Prepared,
    posts: pa.Table,
    author: Codes,
    chosen: NDArray[np.bool_],
    edges: Edges,
    kinds: Sequence[str],
    alikeness: Alikeness | None,
) -> tuple[list[Edges], list[str]]:
    """Edges of the kinds asked for, coded by `edges.names`, and how they came about.

    Args:
        author: [p] places in `edges.names`.
        chosen: [p] which posts count: those of a window.
        edges: of the same window.

    Raises:
        SmpbenchError: accounts that write alike are asked for, and not how they are found.
    """
    names, found, notes = edges.names, [], list[str]()
    times = posts["time"].cast("int64").to_numpy()
    for kind in kinds:
        if kind == ALIKE:
            if alikeness is None:
                raise SmpbenchError(
                    "edges of kind 'alike' rest on encoded texts: say in whose home their cache is"
                )
            more, said = alike(prepared, alikeness, author, times, chosen, names)
        elif kind == CO_MENTION:
            more, said = shared(_mentions(edges), kind, names, "accounts that they name")
        elif kind == CO_TAG:
            uses = [
                _uses(posts[column], author, times, chosen, tags=True)
                for column in tag_columns(prepared.card)
            ]
            more, said = shared(_together(uses), kind, names, "tags")
        else:
            column = same_column(prepared.card, kind)
            assert column in SAME[kind]  # it was asked for, so it is there
            more, said = shared(
                _uses(posts[column], author, times, chosen, tags=False), kind, names, f"values of {column}"
            )
        found.append(more)
        notes += said
    return found, notes


def _mentions(edges: Edges) -> Uses:
    naming = np.isin(edges.kind, [place for place, kind in enumerate(edges.kinds) if kind in NAMING])
    value, _ = pd.factorize(edges.target[naming])
    return Uses(edges.source[naming], value.astype(np.int64), edges.known_at[naming])


def _uses(
    column: pa.ChunkedArray, author: Codes, times: Ints, chosen: NDArray[np.bool_], *, tags: bool
) -> Uses:
    """Tags are the same in large and small letters."""
    words = pc.fill_null(column.cast(pa.string()).combine_chunks(), "")
    if tags:
        lists = pc.split_pattern(pc.utf8_lower(words), " ")
        rows = pc.list_parent_indices(lists).to_numpy()
        words = pc.list_flatten(lists)
    else:
        rows = np.arange(len(words))
    kept = (pc.not_equal(words, "").to_numpy(zero_copy_only=False)) & chosen[rows]
    value, _ = pd.factorize(words.to_numpy(zero_copy_only=False)[kept])
    return Uses(author[rows[kept]], value.astype(np.int64), times[rows[kept]])


def _together(several: Sequence[Uses]) -> Uses:
    """Values of different columns stay different."""
    first = np.cumsum([0, *(int(one.value.max(initial=-1)) + 1 for one in several)])
    return Uses(
        np.concatenate([one.account for one in several]),
        np.concatenate([one.value + before for one, before in zip(several, first, strict=False)]),
        np.concatenate([one.moment for one in several]),
    )
