"""Vectors: the columns of role `vector` as a few numbers each, learnt from the training posts alone.

SMPD has two, what an account says of itself and of its place; hundreds of entries each, the same in all of an
account's posts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from baselines.parts.embeddings import keep_components, restored_components
from benchmark import Array, Posts

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.decomposition import PCA

    from baselines.parts.kept import Kept, Learnt

COMPONENTS = 16
"""Of each column, at most."""
SEEN = 20_000
"""Posts that components are learnt from, spread evenly over time."""
CHUNK = 10_000
"""Posts whose vectors are held at a time: 486,000 of SMPD would be 750 MB a column."""


class Vectors:
    """A `vector` column -> `COMPONENTS` columns of a PCA; NaN where a post has none."""

    def fit(self, posts: Posts) -> Self:
        """posts: in time order."""
        from sklearn.decomposition import PCA

        some = posts.take(np.unique(np.linspace(0, len(posts) - 1, min(SEEN, len(posts))).astype(int)))
        self.found: dict[str, PCA] = {}
        for name in posts.with_role("vector"):
            values = _given(some.vector(name))
            if len(values) > 1 and values.shape[1]:
                width = min(COMPONENTS, *values.shape)
                self.found[name] = PCA(width, svd_solver="covariance_eigh").fit(values)
        return self

    def joined(self, frame: pd.DataFrame, posts: Posts) -> pd.DataFrame:
        """The table [n, p] of these posts, and the components [n, q] beside it."""
        import pandas as pd

        if not self.found:
            return frame
        parts = [
            pd.DataFrame(self._components(name, posts), index=frame.index).add_prefix(f"{name}_")
            for name in self.found
        ]
        return pd.concat([frame, *parts], axis=1)

    def _components(self, name: str, posts: Posts) -> Array:
        pca = self.found[name]
        out = np.full((len(posts), pca.n_components_), np.nan, np.float32)
        if name not in posts.columns:  # a draft has none
            return out
        for begin in range(0, len(posts), CHUNK):
            rows = np.arange(begin, min(begin + CHUNK, len(posts)))
            values = posts.take(rows).vector(name)
            given = np.isfinite(values).all(axis=1)
            if values.shape[1] == pca.n_features_in_ and given.any():
                out[rows[given]] = pca.transform(values[given])
        return out

    def keep(self, learnt: Learnt) -> None:
        learnt.tell("vectors", [*self.found])
        for name, pca in self.found.items():
            keep_components(pca, learnt.part(name))

    @classmethod
    def restored(cls, kept: Kept) -> Self:
        found = cls()
        found.found = {name: restored_components(kept.part(name)) for name in kept.all_told("vectors", str)}
        return found


def _given(values: Array) -> Array:
    """Rows without a missing entry."""
    return values[np.isfinite(values).all(axis=1)]
