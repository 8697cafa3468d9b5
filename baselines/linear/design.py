"""Design: a table, and embeddings beside it, as a linear model reads them, a block of posts at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from baselines.linear.linear_columns import EDGE, linear_columns
from benchmark import Array, Posts

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.compose import ColumnTransformer

    from baselines.linear.matrix import KeptMatrix
    from baselines.parts.kept import Kept, Learnt

BLOCK = 10_000
"""Posts whose embeddings are held at a time."""
SEEN = 20_000
"""Posts, spread evenly over time, by whose embeddings the ranks of others are told."""


class Design:
    """The columns of `linear_columns`: p of a table and of the embeddings of the same posts."""

    of_table: ColumnTransformer | KeptMatrix
    of_content: ColumnTransformer | KeptMatrix | None
    """None: the posts have no embeddings."""

    def __init__(self, seed: int, encodings: Sequence[str]) -> None:
        """encodings: of which posts may have embeddings."""
        self.seed, self.encodings = seed, sorted(encodings)

    def fit(self, table: pd.DataFrame, posts: Posts) -> Self:
        """table: [n, ...], of these posts, in time order."""
        self.of_table, self.of_content = linear_columns(self.seed).fit(table), None
        some = np.unique(np.linspace(0, len(posts) - 1, min(SEEN, len(posts))).astype(int))
        content = self._content(posts.take(some))
        if content is not None:
            self.of_content = linear_columns(self.seed).fit(content)
        return self

    def blocks(self, table: pd.DataFrame, posts: Posts) -> Iterator[tuple[slice, Array]]:
        """Positions of some posts, and float32 [m, p] of them."""
        for begin in range(0, len(posts), BLOCK):
            rows = slice(begin, min(begin + BLOCK, len(posts)))
            parts = [self.of_table.transform(table.iloc[rows])]
            if self.of_content is not None:
                content = self._content(posts.take(np.arange(rows.start, rows.stop)))
                parts.append(self.of_content.transform(content))
            yield rows, np.hstack([_dense(part) for part in parts])

    def _content(self, posts: Posts) -> pd.DataFrame | None:
        import pandas as pd

        frames = [
            pd.DataFrame(posts.encode(encoding)).add_prefix(f"{encoding}_")
            for encoding in self.encodings
            if posts.has(encoding)
        ]
        return pd.concat(frames, axis=1) if frames else None

    @property
    def width(self) -> int:
        """p, of one that was kept."""
        return sum(one.width for one in (self.of_table, self.of_content) if one is not None)

    def keep(self, learnt: Learnt) -> None:
        from baselines.linear.matrix import keep_matrix

        keep_matrix(self.of_table, EDGE, learnt.part("table"))
        learnt.tell("content", self.of_content is not None)
        if self.of_content is not None:
            keep_matrix(self.of_content, EDGE, learnt.part("content"))

    @classmethod
    def restored(cls, kept: Kept, seed: int, encodings: Sequence[str]) -> Self:
        from baselines.linear.matrix import KeptMatrix

        found = cls(seed, encodings)
        found.of_table, found.of_content = KeptMatrix.restored(kept.part("table")), None
        if kept.told("content", bool):
            found.of_content = KeptMatrix.restored(kept.part("content"))
        return found


def _dense(part: Any) -> Array:
    found: Array = (part if isinstance(part, np.ndarray) else part.toarray()).astype(np.float32, copy=False)
    return found
