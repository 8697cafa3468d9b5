from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from baselines.linear.linear_columns import EDGE, linear_columns
from baselines.linear.season import without_season
from baselines.parts.embeddings import keep_components, restored_components
from baselines.parts.holdout import HOLDOUT
from baselines.parts.keeping import Keeping
from baselines.parts.origins import origins
from baselines.parts.rehearsing import Rehearsing
from baselines.parts.vectors import Vectors
from baselines.processes.gaussian_process import GaussianProcess, Series
from benchmark import Array, Posts
from benchmark.split import DAY_MS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.compose import ColumnTransformer
    from sklearn.decomposition import PCA

    from baselines.linear.matrix import KeptMatrix
    from baselines.parts.kept import Kept, Learnt
    from benchmark.posts import Holdout

NOISES = ("normal", "heavy")
CALM = (1.0, 0.5, 0.3, 0.2)
"""Times what the level wanders: see `GaussianProcess`."""
NOTABLY = 0.98
"""Of the error as it wanders by evidence, which else it does."""
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
SMALL = 20_000
"""Posts: where there are more, accounts of about so many say what is chosen, and weights wait for new
labels."""
GROWN = 1.05
"""Times the labels that weights are of: by then they are learnt anew."""
ENCODINGS = ("text", "image")
COLUMNS = 30
"""Of a category at most."""
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

    def take(self, rows: NDArray[np.int64]) -> Labelled:
        return Labelled(self.users[rows], self.days[rows], self.x[rows], self.y[rows])

    def plus(self, more: Labelled) -> Labelled:
        return Labelled(
            np.concatenate([self.users, more.users]),
            np.concatenate([self.days, more.days]),
            np.concatenate([self.x, more.x]),
            np.concatenate([self.y, more.y]),
        )


class Rehearsed(NamedTuple):
    """What was said of n posts held out, by noise and by how calm the level is; t targets."""

    middles: NDArray[np.float64]
    """[noises, calms, n, t]"""
    spreads: NDArray[np.float64]
    """[noises, calms, n, t]: standard deviations of labels around it."""
    truth: Array
    """[n, t]"""

    @property
    def errors(self) -> NDArray[np.float64]:
        """[noises, calms, t]: mean absolute ones."""
        found: NDArray[np.float64] = np.abs(self.truth - self.middles).mean(axis=2)
        return found


class GPLevel(Rehearsing, Keeping):
    """Gaussian process around the account: line, wandering level and two returns to it, and features.

    Rasmussen and Williams 2006, in the form of a state space: linear in time. Its settings have the largest
    evidence on the training posts, each target its own; it is conditioned on every label that becomes known.
    Several origins say how much of its wandering is followed, and how wide its quantiles are.
    """

    keeps = True
    quantiles = LEVELS
    wants = {"text", "image"}
    preload = ("numba", "scipy.optimize", "sklearn.compose", "sklearn.preprocessing", "sklearn.decomposition")

    noise: str = ""
    """Of a label: `normal`, `heavy` (with the tails of Student's t), or, empty, of each target the one with
    the smaller mean error over several holdouts."""
    components: int = 64
    """PCA components of each embedding."""

    def rehearse(self, train: Posts, y: Array) -> Array:
        noises = self._noises()
        held = train.holdout(HOLDOUT)
        some = _accounts(train.users, SMALL, self.seed)
        few, labels = train.take(some), y[some]
        rehearsed = [self._rehearsed(few, labels, one, noises, CALM) for one in origins(few)]
        self.settings, self.tails = _chosen(rehearsed, noises)
        if len(some) == len(train):
            first = rehearsed[0]
            places = [(noises.index(noise), CALM.index(calm)) for noise, calm in self.settings]
            middles = [first.middles[noise, calm, :, j] for j, (noise, calm) in enumerate(places)]
        else:
            self._learn(held.fit, y[held.fit_rows], self.settings)
            self._know(train, y)
            middles = list(self._said(held.check)[0].T)
        return np.stack(middles, axis=1).astype(np.float32)

    def conclude(self, train: Posts, y: Array) -> None:
        self._learn(train, y, self.settings)

    def reveal(self, posts: Posts, y: Array) -> None:
        self._hold(self.known.plus(self._labelled(posts, y)))
        anew = len(self.labels) <= SMALL or len(self.labels) > GROWN * self.learnt_from
        for j, process in enumerate(self.processes):
            (process.learn if anew else process.follow)(self.series, self.labels[:, j])
        if anew:
            self._learnt()

    def predict(self, posts: Posts) -> Array:
        middles, spreads = self._said(posts)
        return (middles[:, :, None] + spreads[:, :, None] * self.tails).astype(np.float32)

    def _said(self, posts: Posts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """[n, targets] each: the middle, and the standard deviation of a label around it."""
        x, days = self._features(posts), _days(posts)
        newest = self.series.newest(posts.users, _newest_known(posts))
        since = days - self.series.days[np.maximum(newest, 0)]
        middles = [process.predict(x, newest, since) for process in self.processes]
        spreads = [process.spread(newest, since) for process in self.processes]
        return np.stack(middles, axis=1), np.stack(spreads, axis=1)

    def keep(self, learnt: Learnt) -> None:
        from baselines.linear.matrix import keep_matrix

        self.vectors.keep(learnt.part("vectors"))
        keep_matrix(self.columns, EDGE, learnt.part("columns"))
        learnt.tell("encodings", [*self.reduced])
        for encoding, pca in self.reduced.items():
            keep_components(pca, learnt.part(encoding))
        learnt.put("tails", self.tails)
        # As labels became known: accounts have other codes, and so another order, where this is loaded.
        back = np.argsort(self.order)
        for j, process in enumerate(self.processes):
            process.keep(learnt.part(f"process_{j}"), back)

    def restore(self, kept: Kept, known: Posts, y: Array) -> None:
        from baselines.linear.matrix import KeptMatrix

        self.vectors: Vectors = Vectors.restored(kept.part("vectors"))
        self.columns: ColumnTransformer | KeptMatrix = KeptMatrix.restored(kept.part("columns"))
        encodings = kept.all_told("encodings", str)
        self.reduced: dict[str, PCA] = {name: restored_components(kept.part(name)) for name in encodings}
        self.tails = kept.array("tails", "f", len(known.targets), len(LEVELS))
        width = self.columns.width + sum(int(pca.n_components_) for pca in self.reduced.values()) + 1
        self.targets: tuple[str, ...] = known.targets
        self.groups: NDArray[np.int64] = np.full(width, -1)
        features = np.zeros((len(known), width), np.float32)  # they are not there, and only labels need them
        self._hold(Labelled(known.users, _days(known), features, y.astype(np.float64)))
        self.processes: list[GaussianProcess] = [
            GaussianProcess.restored(kept.part(f"process_{j}"), self.order, width)
            for j in range(len(known.targets))
        ]

    def artefacts(self, folder: Path) -> None:
        """`process.json`: what was found of each target, in units of its noise and in days."""
        (folder / "process.json").write_text(json.dumps(self._told(), indent=2) + "\n")

    def _noises(self) -> list[str]:
        if self.noise not in ("", *NOISES):
            raise ValueError(f"noise={self.noise}: it is one of {', '.join(NOISES)}, or empty")
        return [self.noise] if self.noise else list(NOISES)

    def _rehearsed(
        self, train: Posts, y: Array, held: Holdout, noises: list[str], calms: tuple[float, ...]
    ) -> Rehearsed:
        """train: whole accounts, of which `held` is a part."""
        said = []
        for noise in noises:
            self._learn(held.fit, y[held.fit_rows], [(noise, 1.0)] * y.shape[1])
            for calm in calms:
                for process in self.processes:
                    process.calm = calm
                self._know(train, y)
                said.append(self._said(held.check))
        shape = (len(noises), len(calms), len(held.check), y.shape[1])
        middles, spreads = (np.stack(parts).reshape(shape) for parts in zip(*said, strict=True))
        return Rehearsed(middles, spreads, y[held.check_rows])

    def _learn(self, posts: Posts, y: Array, settings: list[tuple[str, float]]) -> None:
        """settings: of each target its noise, and how calm its level is."""
        self.targets = posts.targets
        self._learn_features(posts)
        self._hold(self._labelled(posts, y))
        rows = self.series.sample(SEARCHED)
        some = self.series.take(rows)
        self.processes = [
            GaussianProcess(heavy=noise == "heavy", calm=calm)
            .search(some, self.labels[rows, j])
            .learn(self.series, self.labels[:, j])
            for j, (noise, calm) in enumerate(settings)
        ]
        self._learnt()
        print(json.dumps(self._told()))

    def _know(self, train: Posts, y: Array) -> None:
        """Follow these labels. Those of later posts are known to a post as far as the protocol says: see
        `_said`."""
        self._hold(self._labelled(train, y))
        for j, process in enumerate(self.processes):
            process.follow(self.series, self.labels[:, j])

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
        self.order: NDArray[np.int64] = np.lexsort([known.days, known.users])
        now = known.take(self.order)
        self.series: Series = Series(now.users, now.days, now.x, self.groups)
        self.labels: NDArray[np.float64] = now.y

    def _learn_features(self, posts: Posts) -> None:
        from sklearn.decomposition import PCA

        self.vectors = Vectors().fit(posts)
        self.columns = linear_columns(self.seed, COLUMNS).fit(without_season(self._table(posts), posts.times))
        self.reduced = {}
        for encoding in ENCODINGS:
            if posts.has(encoding):
                embeddings = posts.encode(encoding)
                # One post has no covariance; the same twice has: none.
                given = embeddings if len(embeddings) > 1 else np.repeat(embeddings, 2, axis=0)
                width = min(self.components, *given.shape)
                self.reduced[encoding] = PCA(width, svd_solver="covariance_eigh").fit(given)

        widths = [part.shape[1] for part in self._parts(posts.take(np.arange(1)))]
        self.groups = np.append(np.repeat(np.arange(len(widths)), widths), -1)

    def _features(self, posts: Posts) -> Array:
        """float32 [n, p]: every part, and 1."""
        return np.column_stack([*self._parts(posts), np.ones(len(posts))]).astype(np.float32)

    def _parts(self, posts: Posts) -> list[Array]:
        """The table; the components of each embedding, the first with variance 1."""
        from scipy import sparse

        table: Any = self.columns.transform(self._table(posts))
        parts: list[Array] = [table.toarray() if sparse.issparse(table) else table]
        for encoding, pca in self.reduced.items():
            scale = np.sqrt(pca.explained_variance_[0] + 1e-12)
            parts.append(pca.transform(posts.encode(encoding)) / scale)
        return parts

    def _table(self, posts: Posts) -> pd.DataFrame:
        return self.vectors.joined(posts.tabular(), posts)


def _days(posts: Posts) -> NDArray[np.float64]:
    return posts.times.astype(np.int64) / DAY_MS


def _newest_known(posts: Posts) -> NDArray[np.float64]:
    """[n]: when the account's newest post was published whose label is known; -inf where none is.

    How many are known does not say which: of events, engagement is known of posts that have no label."""
    previous = posts.told(1).previous[:, 0]
    days = np.full(len(posts), -np.inf)
    some = previous >= 0
    days[some] = _days(posts.at(previous[some]))
    return days


def _accounts(users: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """Posts, by their places: all, or, where they are more, those of some accounts, about so many."""
    _, codes, counts = np.unique(users, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(counts))
    before = np.cumsum(counts[order]) - counts[order]
    taken = np.zeros(len(counts), bool)
    taken[order[before < most]] = True
    return np.flatnonzero(taken[codes])


def _chosen(
    rehearsed: list[Rehearsed], noises: list[str]
) -> tuple[list[tuple[str, float]], NDArray[np.float64]]:
    """Of each target its noise and how calm it is, by the mean error over the origins; and the quantiles
    [targets, levels] of labels around the middle, in units of the spread, with the median in the middle."""
    errors = np.mean([one.errors for one in rehearsed], axis=0)
    settings: list[tuple[str, float]] = []
    tails = np.zeros((errors.shape[2], len(LEVELS)))
    for j, of_target in enumerate(np.moveaxis(errors, 2, 0)):
        noise = int(of_target[:, 0].argmin())
        calm = int(of_target[noise].argmin())
        calm = calm if of_target[noise, calm] < NOTABLY * of_target[noise, 0] else 0
        settings.append((noises[noise], CALM[calm]))
        off = [
            (one.truth[:, j] - one.middles[noise, calm, :, j])
            / np.maximum(one.spreads[noise, calm, :, j], 1e-9)
            for one in rehearsed
        ]
        found = np.quantile(np.concatenate(off), LEVELS)
        below = np.array(LEVELS) < 0.5
        tails[j] = np.where(below, np.minimum(found, 0.0), np.maximum(found, 0.0))
        tails[j, LEVELS.index(0.5)] = 0.0
    return settings, tails
