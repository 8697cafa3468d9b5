from __future__ import annotations

from collections.abc import Set
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from baselines.neighbours.nearest import Found, Nearest
from baselines.parts.aims import Around
from baselines.parts.holdout import HOLDOUT
from baselines.parts.origins import origins
from baselines.parts.rehearsing import Rehearsing
from benchmark import Array, Posts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.decomposition import PCA

    from benchmark.posts import Holdout

NEIGHBOURS = (5, 20, 80, 320)
TEMPERATURES = (0.03, 0.1, 0.3)
TRUST = (0.0, 0.25, 0.5, 0.75, 1.0)
"""How much of what neighbours say is added to the level."""
ORIGINS = 3
SMALL = 20_000
"""Training posts: where there are more, one holdout is enough to choose by."""
SEEN = 20_000
"""Posts that components are learnt from, spread evenly over time."""
CHUNK = 10_000
"""Posts whose encoded content is held at a time."""


class Chosen(NamedTuple):
    k: int
    temperature: float
    trust: float


class Retrieval(Rehearsing):
    """Nearest earlier posts by text and image, and what their known labels were around their own levels.

    Retrieval as in MMRA (Zhong et al., "Predicting Micro-video Popularity via Multi-modal Retrieval
    Augmentation", SIGIR 2024) and SKAPP (Xu et al., AAAI 2025), without their networks: a mean of residuals,
    weighted by similarity, on top of the account's recent level. A post is found once its label is known.
    """

    wants = {"text", "image"}
    without = {"image": "neighbours by text alone"}
    reads_columns = False
    preload = ("sklearn.decomposition",)

    inputs: tuple[str, ...] = ("text", "image")
    """By what posts are compared, if the data have it; the first of them they must have."""
    k: int = 0
    """Neighbours; 0: the one of NEIGHBOURS with the smallest mean error over several holdouts."""
    temperature: float = 0.0
    """Of the weights exp(similarity / temperature); 0: likewise, of TEMPERATURES."""
    components: int = 128
    """PCA components of each embedding."""
    most: int = 300_000
    """Posts that are searched: the newest known ones. With 256 numbers each they take 300 MB."""

    def required(self) -> Set[str]:
        return set(self.inputs[:1])

    def wanted(self) -> Set[str]:
        return set(self.inputs)

    def rehearse(self, train: Posts, y: Array) -> Array:
        tried = [
            Chosen(*one)
            for one in product(
                (self.k,) if self.k else NEIGHBOURS,
                (self.temperature,) if self.temperature else TEMPERATURES,
                TRUST,
            )
        ]
        first = train.holdout(HOLDOUT)
        errors, found = self._rehearsed(first, y, tried)
        if len(train) <= SMALL:
            for held in list(origins(train, ORIGINS))[1:]:
                errors = errors + self._rehearsed(held, y, tried)[0]
        best = int(np.argmin(errors))
        self.chosen = tried[best]
        print(f"chosen: {self.chosen}")
        return self._said(*found, self.chosen)

    def conclude(self, train: Posts, y: Array) -> None:
        self._learn(train, y)

    def reveal(self, posts: Posts, y: Array) -> None:
        self._remember(posts, y - self.aim.base(posts))
        self.aim.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        return self._said(self.aim.base(posts), *self._neighbours(posts, self.chosen.k), self.chosen)

    def _rehearsed(
        self, held: Holdout, y: Array, tried: list[Chosen]
    ) -> tuple[NDArray[np.floating], tuple[Array, Found, Array]]:
        """Of each setting the error on what was held out; and what predictions for it are made of."""
        self._learn(held.fit, y[held.fit_rows])
        base, truth = self.aim.base(held.check), y[held.check_rows]
        # Labels of the held-out posts are found as they become known: see `Nearest`.
        self._remember(held.check, truth - base)
        found, residuals = self._neighbours(held.check, max(one.k for one in tried))
        errors = [self.aim.error(self._said(base, found, residuals, one), truth) for one in tried]
        return np.array(errors), (base, found, residuals)

    def _learn(self, posts: Posts, y: Array) -> None:
        from sklearn.decomposition import PCA

        self.aim = Around(history=True).fit(posts, y)
        some = posts.take(np.unique(np.linspace(0, len(posts) - 1, min(SEEN, len(posts))).astype(int)))
        self.reduced: dict[str, PCA] = {}
        for encoding in self.inputs:
            if posts.has(encoding):
                embeddings = some.encode(encoding)[some.encoded(encoding)]
                if len(embeddings) > 1:
                    width = min(self.components, *embeddings.shape)
                    self.reduced[encoding] = PCA(width, svd_solver="covariance_eigh").fit(embeddings)
        self.vectors = np.zeros((0, sum(pca.n_components_ for pca in self.reduced.values())), np.float32)
        self.known_at = np.zeros(0, np.int64)
        self.residuals = np.zeros((0, y.shape[1]), np.float32)
        self._remember(posts, self.aim.wanted)

    def _remember(self, posts: Posts, residuals: Array) -> None:
        known_at = np.concatenate([self.known_at, posts.known_at.astype(np.int64)])
        kept = np.argsort(known_at, kind="stable")[-self.most :]
        self.known_at = known_at[kept]
        self.vectors = np.concatenate([self.vectors, self._read(posts)])[kept]
        self.residuals = np.concatenate([self.residuals, residuals.astype(np.float32)])[kept]

    def _neighbours(self, posts: Posts, k: int) -> tuple[Found, Array]:
        """And their residuals, float32 [n, k, targets]."""
        nearest = Nearest(self.vectors, self.known_at)
        found = nearest.of(self._read(posts), posts.moments.astype(np.int64), k)
        return found, self.residuals[found.places]

    def _said(self, base: Array, found: Found, residuals: Array, by: Chosen) -> Array:
        """float32 [n, targets]. What is no more alike than any two posts says nothing."""
        similar = found.similarity[:, : by.k]
        weights = np.where(similar > 0, np.exp((similar - 1) / by.temperature), 0)
        total = np.maximum(weights.sum(axis=1), np.finfo(np.float64).tiny)
        mean = np.einsum("nk,nkt->nt", weights, residuals[:, : by.k]) / total[:, None]
        return (base + by.trust * mean).astype(np.float32)

    def _read(self, posts: Posts) -> Array:
        """float32 [n, d], of length 1 where a post has content of every kind; the product of two is the mean
        of their cosines."""
        out = np.zeros((len(posts), self.vectors.shape[1]), np.float32)
        for begin in range(0, len(posts), CHUNK):
            some = posts.take(np.arange(begin, min(begin + CHUNK, len(posts))))
            end = 0
            for encoding, pca in self.reduced.items():
                place, end = end, end + pca.n_components_
                moved = pca.transform(some.encode(encoding)) * some.encoded(encoding)[:, None]
                length = np.linalg.norm(moved, axis=1, keepdims=True) * np.sqrt(len(self.reduced))
                out[begin : begin + len(some), place:end] = moved / np.maximum(length, 1e-9)
        return out
