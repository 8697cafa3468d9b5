"""Named: the accounts that a post names, as its own columns say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


class Named(NamedTuple):
    """Of n posts, each account that one of them names and each way of naming it: p of them, post by post."""

    rows: NDArray[np.int64]
    """[p] which of the posts, ascending."""
    accounts: NDArray[np.int64]
    """[p] codes as in `Posts.users`: an account that nobody has met before has a new one."""
    names: NDArray[np.object_]
    """str [p] what the accounts are called."""
    how: NDArray[np.object_]
    """str [p] in which way, as the card calls it: `mention`, `reply`."""


def named_in(
    posts: pa.Table, of: Mapping[str, str]
) -> tuple[NDArray[np.int64], pa.Array, NDArray[np.object_]]:
    """Rows [p] of the posts, names [p] and how each is named [p]; way by way, in the order of the posts.

    Args:
        of: how an account is named -> the column that says which.
    """
    import pyarrow as pa

    rows, names, ways = [], [], []
    for how, column in of.items():
        of_row, found = _split(posts[column])
        rows.append(of_row)
        names.append(found)
        ways.append(np.full(len(found), how, object))
    if not rows:
        return np.empty(0, np.int64), pa.array([], pa.string()), np.empty(0, object)
    return np.concatenate(rows), pa.concat_arrays(names), np.concatenate(ways)


def _split(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], pa.Array]:
    """Several stand in one column of role `tags`, with spaces between them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pc.fill_null(column.combine_chunks().cast(pa.string()), "")
    lists = pc.split_pattern(words, " ")
    rows, names = pc.list_parent_indices(lists), pc.list_flatten(lists)
    told = pc.not_equal(names, "")
    return rows.filter(told).to_numpy(zero_copy_only=False).astype(np.int64), names.filter(told)
