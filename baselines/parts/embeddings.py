"""Embeddings as a few columns for a tabular model, learned from the training posts alone.

A PCA keeps what varies most; a cross-fitted ridge adds the one direction that says most about the labels.
Trees find that direction badly by themselves: it is oblique to every component.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.decomposition import PCA

    from baselines.parts.kept import Kept, Learnt
    from benchmark import Array

ALPHAS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
FOLDS = 5


Fitted = TypeVar("Fitted")
Known = dict[tuple[object, ...], object]
_known: ContextVar[Known | None] = ContextVar("_known", default=None)


@contextmanager
def fitted_once() -> Iterator[None]:
    """While the body runs, what is fitted of equal embeddings and labels is fitted once.

    The members of an ensemble, one after the other, ask for the same reduction of the same posts.
    """
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


class Reduced:
    """One embedding -> `components` columns of a PCA and a score a target."""

    def __init__(self, encoding: str, components: int) -> None:
        self.encoding, self.components = encoding, components

    def fit(self, embeddings: Array, y: Array, seed: int) -> Self:
        """embeddings: float32 [n, d], posts in time order. y: float32 [n, targets]."""
        from sklearn.decomposition import PCA

        width = min(self.components, *embeddings.shape)

        def components() -> PCA:
            # One post has no covariance; the same twice has: none.
            given = embeddings if len(embeddings) > 1 else np.repeat(embeddings, 2, axis=0)
            return PCA(width, svd_solver="covariance_eigh", random_state=seed).fit(given)

        def score() -> CrossFittedRidge:
            return CrossFittedRidge().fit(embeddings, y)

        known = _known.get()
        if known is None:
            self.pca, self.score = components(), score()
        else:
            read, told = _digest(embeddings), _digest(y)
            self.pca = _once(known, ("components", width, seed, read), components)
            self.score = _once(known, ("score", read, told), score)
        return self

    def training_frame(self, embeddings: Array) -> pd.DataFrame:
        """Columns of the posts fitted on; each score is of a ridge that has not seen the label."""
        return self._frame(embeddings, self.score.out_of_fold)

    def frame(self, embeddings: Array) -> pd.DataFrame:
        return self._frame(embeddings, self.score.predict(embeddings))

    def _frame(self, embeddings: Array, scores: Array) -> pd.DataFrame:
        import pandas as pd

        components = pd.DataFrame(self.pca.transform(embeddings)).add_prefix(f"{self.encoding}_")
        return components.join(pd.DataFrame(scores).add_prefix(f"{self.encoding}_score_"))

    def keep(self, learnt: Learnt) -> None:
        keep_components(self.pca, learnt.part("components"))
        self.score.keep(learnt.part("score"))

    def restore(self, kept: Kept, targets: int) -> Self:
        self.pca = restored_components(kept.part("components"))
        self.score = CrossFittedRidge().restore(kept.part("score"), self.pca.n_features_in_, targets)
        return self


class CrossFittedRidge:
    """Ridge regression whose predictions for the training posts are out of fold.

    Folds are stretches of time. The penalty is the one with the smallest squared error out of fold.
    Everything follows from one Gram matrix a fold, so that 250,000 posts take seconds.
    """

    def fit(self, x: Array, y: Array) -> Self:
        self.x_mean, self.y_mean = x.mean(axis=0), y.mean(axis=0)
        centred, residual = x - self.x_mean, y - self.y_mean
        parts = np.array_split(np.arange(len(x)), min(FOLDS, len(x)))
        grams = [centred[part].T @ centred[part] for part in parts]
        moments = [centred[part].T @ residual[part] for part in parts]
        gram, moment = np.sum(grams, axis=0), np.sum(moments, axis=0)

        def out_of_fold(alpha: float) -> Array:
            folds = zip(parts, grams, moments, strict=True)
            weights = [
                (part, _solved(gram - own, moment - own_moment, alpha)) for part, own, own_moment in folds
            ]
            return np.concatenate([centred[part] @ without for part, without in weights])

        tried = {alpha: out_of_fold(alpha) for alpha in ALPHAS}
        self.alpha = min(tried, key=lambda alpha: float(np.square(residual - tried[alpha]).sum()))
        self.out_of_fold = tried[self.alpha] + self.y_mean
        self.weights = _solved(gram, moment, self.alpha)
        return self

    def predict(self, x: Array) -> Array:
        """float32 [n, targets]"""
        return ((x - self.x_mean) @ self.weights + self.y_mean).astype(np.float32)

    def keep(self, learnt: Learnt) -> None:
        """Without the predictions out of fold, which are of the training posts."""
        learnt.put("x_mean", self.x_mean)
        learnt.put("y_mean", self.y_mean)
        learnt.put("weights", self.weights)

    def restore(self, kept: Kept, width: int, targets: int) -> Self:
        self.x_mean = kept.array("x_mean", "f", width)
        self.y_mean = kept.array("y_mean", "f", targets)
        self.weights = kept.array("weights", "f", width, targets)
        return self


def keep_components(pca: PCA, learnt: Learnt) -> None:
    learnt.put("mean", pca.mean_)
    learnt.put("directions", pca.components_)
    learnt.put("variances", pca.explained_variance_)


def restored_components(kept: Kept) -> PCA:
    """One that transforms as the kept one did."""
    from sklearn.decomposition import PCA

    directions = kept.array("directions", "f", None, None)
    count, width = directions.shape
    pca = PCA(count)
    pca.components_, pca.n_components_, pca.n_features_in_ = directions, count, width
    pca.mean_ = kept.array("mean", "f", width)
    pca.explained_variance_ = kept.array("variances", "f", count)
    return pca


def _once(known: Known, key: tuple[object, ...], fit: Callable[[], Fitted]) -> Fitted:
    if key not in known:
        known[key] = fit()
    return known[key]  # type: ignore[return-value]


def _digest(array: Array) -> tuple[object, ...]:
    return array.shape, str(array.dtype), hashlib.sha256(np.ascontiguousarray(array).data).digest()


def _solved(gram: Array, moment: Array, alpha: float) -> Array:
    penalised = gram.astype(np.float64) + alpha * np.eye(len(gram))
    return np.linalg.solve(penalised, moment).astype(np.float32)
