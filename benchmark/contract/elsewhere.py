"""Elsewhere: posts as they are where a kept baseline is loaded, without the data that it was fitted on.

Of posts whose labels are known there are keys, categorical and category columns, and their part in the
history of others; accounts have other codes. Posts to be predicted have all that they had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.errors import BaselineError

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.declared.column import Column

THERE = ("category", "categorical")
"""Roles of the columns that known posts still have."""


@dataclass(frozen=True)
class Withheld:
    """Encoded content, without that of the posts that were known."""

    features: Any
    known: NDArray[np.int64]
    """Their rows."""

    def rows(self, index: ArrayLike) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self.features.rows(self._new(index))
        return found

    def ok(self, index: ArrayLike) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.features.ok(self._new(index))
        return found

    def _new(self, index: ArrayLike) -> ArrayLike:
        if np.isin(index, self.known).any():
            raise BaselineError(
                "it reads encoded content of posts that were known when it was kept: that is not there where "
                "it is loaded. What it learns from them belongs into `save`; else leave `keeps` False"
            )
        return index


def emptied(posts: pa.Table, columns: Mapping[str, Column], known: NDArray[np.int64]) -> pa.Table:
    """The same table, the content of the posts in these rows left out.

    columns: those that may be seen.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    there = np.ones(len(posts), bool)
    there[known] = False
    for name, column in columns.items():
        if column.role not in THERE:
            values = pc.if_else(pa.array(there), posts[name], pa.scalar(None, posts[name].type))
            posts = posts.set_column(posts.column_names.index(name), name, values)
    return posts


def other_codes(users: pa.ChunkedArray) -> dict[str, int]:
    """Account -> a code, that of the first seen the largest: in the place of those of a timeline."""
    import pyarrow.compute as pc

    return {user: code for code, user in enumerate(reversed(pc.unique(users).to_pylist()))}
