"""Handles: how posts that name an account have done so far. The rival of a graph, without one.

Whatever a graph tells of whom a post names may be told by the posts that named it before: by how much each
came to more, or less, than its author's recent level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from baselines.beside.graph import largest, mean, others
from benchmark import Array, Posts
from benchmark.past import Past

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from baselines.parts.kept import Kept, Learnt

    Ints = NDArray[np.int64]

PRIOR = 5.0
"""So many residuals of 0 are added to those of each account: of few, little is believed."""


class Handles:
    """Features of n posts from the residuals of earlier posts that named the same accounts.

    A residual is a label, of events that are derived of engagement that engagement, less the median of the
    author's newest labels that were known when the post was predicted. A post knows those of the posts whose
    labels are known at its own moment of prediction.
    """

    def fit(self, train: Posts, y: Array) -> Self:
        self.names: dict[str, int] = {}
        """Account named -> its number here: another timeline has other codes."""
        self.known: dict[str, list[_Residuals]] = {name: [] for name in train.naming}
        self.add(train, y)
        return self

    def add(self, posts: Posts, y: Array) -> None:
        """Posts whose labels have become known."""
        residual = _residual(posts, y)
        told = np.all(~np.isnan(residual), axis=1)
        known_at = posts.known_at.astype(np.int64)
        for table, known in self.known.items():
            pairs = others(posts, table)
            rows = pairs.rows[told[pairs.rows]]
            names = self._numbers(pairs.names[told[pairs.rows]], new=True)
            known.append(_Residuals(names, known_at[rows], residual[rows]))

    def frame(self, posts: Posts) -> pd.DataFrame:
        """float32 [n, features]; NaN where nobody is named."""
        import pandas as pd

        n = len(posts)
        found: dict[str, Array] = {}
        for table, known in self.known.items():
            pairs = others(posts, table)
            numbers = self._numbers(pairs.names, new=False)
            moments = posts.moments.astype(np.int64)[pairs.rows]
            total, count = _joined(known).before(numbers, moments)
            shrunk = (total / (count + PRIOR)[:, None]).astype(np.float32)
            features = pairs.counts(n)
            often = np.log1p(count).astype(np.float32)
            features["posts naming max"] = largest(often, pairs.rows, n)
            for j in range(shrunk.shape[1]):
                features[f"residual mean {j}"] = mean(shrunk[:, j], pairs.rows, n)
                features[f"residual max {j}"] = largest(shrunk[:, j], pairs.rows, n)
                features[f"residual min {j}"] = -largest(-shrunk[:, j], pairs.rows, n)
            found |= {f"{table} {name}": values for name, values in features.items()}
        return pd.DataFrame(found, index=range(n))

    def keep(self, learnt: Learnt) -> None:
        learnt.tell("names", list(self.names))
        learnt.tell("tables", list(self.known))
        for j, known in enumerate(self.known.values()):
            all_of = _joined(known)
            learnt.put(f"named_{j}", all_of.names)
            learnt.put(f"known_at_{j}", all_of.known_at)
            learnt.put(f"residual_{j}", all_of.residuals)

    @classmethod
    def restored(cls, kept: Kept, targets: int) -> Self:
        found = cls()
        found.names = {name: number for number, name in enumerate(kept.all_told("names", str))}
        found.known = {}
        for j, table in enumerate(kept.all_told("tables", str)):
            names = kept.array(f"named_{j}", "i", None)
            known_at = kept.array(f"known_at_{j}", "i", len(names))
            values = kept.array(f"residual_{j}", "f", len(names), targets)
            found.known[table] = [_Residuals(names, known_at, values)]
        return found

    def _numbers(self, names: NDArray[np.object_], *, new: bool) -> Ints:
        """int64 [p]; -1 for one that no known post has named."""
        if new:
            for name in names:
                self.names.setdefault(name, len(self.names))
        return np.array([self.names.get(name, -1) for name in names], np.int64)


class _Residuals:
    """q times that a post whose label is known has named an account."""

    def __init__(self, names: Ints, known_at: Ints, residuals: NDArray[np.floating]) -> None:
        """residuals: [q, targets]"""
        self.names, self.known_at, self.residuals = names, known_at, residuals

    def before(self, names: Ints, moments: Ints) -> tuple[NDArray[np.float64], Ints]:
        """Sum [p, targets] and number [p] of the residuals of accounts that are known as of moments."""
        import pandas as pd

        times, rank = np.unique(self.known_at, return_inverse=True)
        past = Past.of(self.names, rank, len(times) + 1, np.arange(len(self.names)))
        until = np.searchsorted(times, moments, side="right")
        first, end = past.places(names, np.zeros_like(until)), past.places(names, until)
        # Summed account by account: no other, and none that is known later, decides how a sum is rounded.
        values = pd.DataFrame(self.residuals[past.order].astype(np.float64))
        running = values.groupby(self.names[past.order], sort=False).cumsum().to_numpy()
        if not len(running):
            return np.zeros((len(names), self.residuals.shape[1])), end - first
        return np.where((end > first)[:, None], running[np.maximum(end - 1, 0)], 0.0), end - first


def _joined(several: list[_Residuals]) -> _Residuals:
    return _Residuals(
        np.concatenate([one.names for one in several]),
        np.concatenate([one.known_at for one in several]),
        np.concatenate([one.residuals for one in several]),
    )


def _residual(posts: Posts, y: Array) -> Array:
    """float32 [n, targets]; NaN of an account's first posts, of which it is not known what is usual."""
    if posts.counted:
        return posts.engagement() - posts.of_engagement().history(1).recent_median
    return y - posts.history(1).recent_median
