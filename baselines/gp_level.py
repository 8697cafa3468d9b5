from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from baselines.parts.holdout import HOLDOUT
from baselines.parts.linear_columns import linear_columns
from baselines.parts.origins import origins
from baselines.parts.vectors import Vectors
from baselines.processes.gaussian_process import GaussianProcess, Series
from benchmark import Array, Baseline, Posts
from benchmark.split import DAY_MS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.compose import ColumnTransformer
    from sklearn.decomposition import PCA

    from benchmark.posts import Holdout

NOISES = ("normal", "heavy")
ORIGINS = 3
SMALL = 20_000
"""Posts: where there are more, one holdout is enough to choose by, and weights wait for new labels."""
GROWN = 1.05
"""Times the labels that weights are of: by then they are learnt anew."""
ENCODINGS = ("text", "image")
LEVELS = 30
"""Columns of a category at most."""
SEARCHED = 10_000
"""Training posts by which settings are found; all of them, where they are fewer."""


class Labelled(NamedTuple):
    """n labelled posts, in the order in which they became known."""

    users: NDArray[np.int64]
    """[n]"""
    days: NDArray[np.float64]
    """[n]"""
    x: Array
    """[n, p]"""
    y: NDArray[np.float64]
    """[n, targets]"""

    def plus(self, more: Labelled) -> Labelled:
        return Labelled(
            np.concatenate([self.users, more.users]),
            np.concatenate([self.days, more.days]),
            np.concatenate([self.x, more.x]),
            np.concatenate([self.y, more.y]),
        )


class GPLevel(Baseline):
    """Gaussian process around the account: line, wandering level and two returns to it, and features.

    Rasmussen and Williams 2006, in the form of a state space: linear in time. Its settings have the largest
    evidence on the training posts, each target its own; it is conditioned on every label that becomes known.
    """

    wants = {"text", "image"}
    preload = ("numba", "scipy.optimize", "sklearn.compose", "sklearn.preprocessing", "sklearn.decomposition")

    noise: str = ""
    """Of a label: `normal`, `heavy` (with the tails of Student's t), or, empty, of each target the one with
    the smaller mean error over several holdouts."""
    components: int = 64
    """PCA components of each embedding."""

    def fit(self, train: Posts, y: Array) -> None:
        noises = self._noises()
        first = train.holdout(HOLDOUT)
        found = [self._rehearsed(train, y, first, noise) for noise in noises]
        errors = self._errors(found, y, first)
        if len(noises) > 1 and len(train) <= SMALL:
            for held in list(origins(train, ORIGINS))[1:]:
                again = [self._rehearsed(train, y, held, noise) for noise in noises]
                errors += self._errors(again, y, held)
        best = errors.argmin(axis=0)
        self.validation = np.stack([found[i][:, j] for j, i in enumerate(best)], axis=1)
        self._learn(train, y, [noises[i] for i in best])

    def reveal(self, posts: Posts, y: Array) -> None:
        self._hold(self.known.plus(self._labelled(posts, y)))
        anew = len(self.labels) <= SMALL or len(self.labels) > GROWN * self.learnt_from
        for j, process in enumerate(self.processes):
            (process.learn if anew else process.follow)(self.series, self.labels[:, j])
        if anew:
            self._learnt()

    def predict(self, posts: Posts) -> Array:
        x, days = self._features(posts), _days(posts)
        newest = self.series.newest(posts.users, posts.history(1).known.astype(np.int64))
        since = days - self.series.days[np.maximum(newest, 0)]
        found = [process.predict(x, newest, since) for process in self.processes]
        return np.stack(found, axis=1).astype(np.float32)

    def artefacts(self, folder: Path) -> None:
        """`process.json`: what was found of each target, in units of its noise and in days."""
        (folder / "process.json").write_text(json.dumps(self._told(), indent=2) + "\n")

    def _noises(self) -> list[str]:
        if self.noise not in ("", *NOISES):
            raise ValueError(f"noise={self.noise}: it is one of {', '.join(NOISES)}, or empty")
        return [self.noise] if self.noise else list(NOISES)

    def _rehearsed(self, train: Posts, y: Array, held: Holdout, noise: str) -> Array:
        """[n_check, targets]: predictions for what was held out."""
        self._learn(held.fit, y[held.fit_rows], [noise] * y.shape[1])
        # Labels of later posts are known to a post as far as the protocol says: see `predict`.
        self._hold(self._labelled(train, y))
        for j, process in enumerate(self.processes):
            process.follow(self.series, self.labels[:, j])
        return self.predict(held.check)

    def _errors(self, found: list[Array], y: Array, held: Holdout) -> NDArray[np.floating]:
        """[predictions, targets]"""
        truth = y[held.check_rows]
        return np.stack([np.abs(truth - one).mean(axis=0) for one in found])

    def _learn(self, posts: Posts, y: Array, noises: list[str]) -> None:
        """noises: of each target."""
        self.targets: tuple[str, ...] = posts.targets
        self._learn_features(posts)
        self._hold(self._labelled(posts, y))
        rows = self.series.sample(SEARCHED)
        some = self.series.take(rows)
        self.processes: list[GaussianProcess] = [
            GaussianProcess(heavy=noise == "heavy")
            .search(some, self.labels[rows, j])
            .learn(self.series, self.labels[:, j])
            for j, noise in enumerate(noises)
        ]
        self._learnt()
        print(json.dumps(self._told()))

    def _told(self) -> dict[str, dict[str, float]]:
        """Of each target, in units of its noise and in days."""
        return {name: one.told() for name, one in zip(self.targets, self.processes, strict=True)}

    def _learnt(self) -> None:
        self.learnt_from: int = len(self.labels)

    def _labelled(self, posts: Posts, y: Array) -> Labelled:
        return Labelled(posts.users, _days(posts), self._features(posts), y.astype(np.float64))

    def _hold(self, known: Labelled) -> None:
        """These are the labels that are known."""
        self.known: Labelled = known
        order = np.lexsort([known.days, known.users])
        self.series: Series = Series(known.users[order], known.days[order], known.x[order], self.groups)
        self.labels: NDArray[np.float64] = known.y[order]

    def _learn_features(self, posts: Posts) -> None:
        from sklearn.decomposition import PCA

        self.vectors: Vectors = Vectors().fit(posts)
        self.columns: ColumnTransformer = linear_columns(self.seed, LEVELS).fit(self._table(posts))
        self.reduced: dict[str, PCA] = {}
        for encoding in ENCODINGS:
            if posts.has(encoding):
                embeddings = posts.encode(encoding)
                # One post has no covariance; the same twice has: none.
                given = embeddings if len(embeddings) > 1 else np.repeat(embeddings, 2, axis=0)
                width = min(self.components, *given.shape)
                self.reduced[encoding] = PCA(width, svd_solver="covariance_eigh").fit(given)

        widths = [part.shape[1] for part in self._parts(posts.take(np.arange(1)))]
        self.groups: NDArray[np.int64] = np.append(np.repeat(np.arange(len(widths)), widths), -1)

    def _features(self, posts: Posts) -> Array:
        """float32 [n, p]: every part, and 1."""
        return np.column_stack([*self._parts(posts), np.ones(len(posts))]).astype(np.float32)

    def _parts(self, posts: Posts) -> list[Array]:
        """The table; the components of each embedding, the first with variance 1."""
        from scipy import sparse

        table = self.columns.transform(self._table(posts))
        parts = [table.toarray() if sparse.issparse(table) else table]
        for encoding, pca in self.reduced.items():
            scale = np.sqrt(pca.explained_variance_[0] + 1e-12)
            parts.append(pca.transform(posts.encode(encoding)) / scale)
        return parts

    def _table(self, posts: Posts) -> pd.DataFrame:
        return self.vectors.joined(posts.tabular(), posts)


def _days(posts: Posts) -> NDArray[np.float64]:
    return posts.times.astype(np.int64) / DAY_MS
