"""Published: the posts of a network's accounts, and what each got."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True)
class Published:
    """p posts, ascending in time."""

    author: NDArray[np.int32]
    """[p] codes of accounts in `Graph.names`."""
    times: NDArray[np.int64]
    """[p] ms since 1970."""
    engagement: NDArray[np.float64]
    """[p] counts, by `measure`; NaN where unknown."""
    known_at: NDArray[np.int64]
    """[p] ms since 1970 from which the engagement is known."""
    measure: str
    """What was counted: `likes`, `likes + 2 retweets`."""
    judged: NDArray[np.bool_]
    """[p] whether the post is of the task whose labels these are: no reply, counts settled."""
    table: pa.Table
    """[p] all columns known at publication, as the card declares them."""

    def __len__(self) -> int:
        return len(self.author)
