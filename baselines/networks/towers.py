"""Towers: what a frozen encoder says of posts, as an adapter over it reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from baselines.parts.embeddings import CrossFittedRidge, keep_components, restored_components
from benchmark import Array, Posts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from baselines.networks.clip import Scaling
    from baselines.parts.kept import Kept, Learnt

COMPONENTS = 128
"""Principal components that the ridge regression reads. All 1,280 do no better, and take 20 times as long."""
SAMPLE = 20_000
"""Posts, spread evenly over time, that the components are taken from."""
FEWEST = 2
"""Training posts with the content; with fewer there is no tower."""


class Tower:
    """One encoding: its frozen features, their place and spread, and a ridge score a target."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding

    def fit(self, posts: Posts, residual: Array, seed: int) -> Self:
        """posts: in time order, at least FEWEST with the content. residual: float32 [n, targets]."""
        from sklearn.decomposition import PCA

        features, there = posts.encode(self.encoding), posts.encoded(self.encoding)
        rows = np.flatnonzero(there)
        rows = rows[np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(int)]
        width = min(COMPONENTS, len(rows), features.shape[1])
        self.pca = PCA(width, svd_solver="randomized", random_state=seed).fit(features[rows])
        self.spread = max(float(np.sqrt(self.pca.explained_variance_[0])), 1e-3)
        self.score = CrossFittedRidge().fit(self._components(features, there), residual)
        return self

    def read(
        self, posts: Posts, *, fitted_on: bool
    ) -> tuple[NDArray[np.float16], NDArray[np.float32], Array]:
        """Features float16 [n, d], whether there are any float32 [n, 1], and scores float32 [n, targets].

        Args:
            fitted_on: these are the posts that `fit` saw: each score is of a ridge without its label.
        """
        features, there = posts.encode(self.encoding), posts.encoded(self.encoding)
        known = self.score.out_of_fold if fitted_on else self.score.predict(self._components(features, there))
        return features.astype(np.float16), there.astype(np.float32)[:, None], known

    def scaling(self) -> Scaling:
        """The layer that centres the features and gives their first component variance 1."""
        import torch

        from baselines.networks.clip import Scaling

        return Scaling(torch.from_numpy(self.pca.mean_.astype(np.float32)), self.spread)

    def _components(self, features: Array, there: NDArray[np.bool_]) -> Array:
        components: Array = self.pca.transform(features) * there[:, None]
        return components

    def keep(self, learnt: Learnt) -> None:
        keep_components(self.pca, learnt.part("components"))
        learnt.tell("spread", self.spread)
        self.score.keep(learnt.part("score"))

    def restore(self, kept: Kept, targets: int) -> Self:
        self.pca = restored_components(kept.part("components"))
        self.spread = kept.told("spread", float)
        self.score = CrossFittedRidge().restore(kept.part("score"), self.pca.n_components_, targets)
        return self
