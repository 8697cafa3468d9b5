"""Inputs of a network: posts as tensors, scaled by what the training posts alone say.

Numbers become nearly standard normal by their ranks, categories become codes, embeddings their first
components. Nothing here sees a label, but for the score of `Reduced`, which is cross-fitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from baselines.parts.columns import Columns
from baselines.parts.embeddings import Reduced
from benchmark import Array, Posts

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from baselines.parts.kept import Kept, Learnt

SMALLEST = 10
"""A level of a category with fewer training posts counts as unseen."""


class Inputs:
    """What a network reads of a post itself: numbers, codes, and reduced embeddings."""

    def __init__(
        self,
        encodings: tuple[str, ...],
        components: int,
        past: Callable[[Posts], pd.DataFrame | None],
    ) -> None:
        """
        Args:
            encodings: of embeddings; those that the data set lacks are left out.
            components: PCA components of each embedding.
            past: what is told of the accounts' past, a row a post.
        """
        self.wanted, self.components, self.past = encodings, components, past
        self.expected: Columns | None = None
        """Once there are inputs that were fitted: what their table looks like."""

    def fit(self, posts: Posts, residual: Array, seed: int) -> Self:
        """posts: in time order. residual: float32 [n, targets], what embeddings are to explain."""
        self.encodings = tuple(encoding for encoding in self.wanted if posts.has(encoding))
        frame = self._frame(posts)
        self.numbers = Numbers().fit(frame.select_dtypes("number"), seed)
        self.levels = {name: _levels(frame[name]) for name in frame.select_dtypes("category")}
        self.reduced = [
            Reduced(encoding, self.components).fit(posts.encode(encoding), residual, seed)
            for encoding in self.encodings
        ]
        self.expected = Columns.of(frame)
        return self

    @property
    def names(self) -> list[str]:
        """Of the first columns of `numbers`; the ridge scores come after them."""
        return [*self.numbers.names, *(f"{name} missing" for name in self.numbers.gaps)]

    @property
    def shape(self) -> tuple[int, list[int], int]:
        """Number of numbers, levels of each category (with the one for unseen), width of the embeddings."""
        scores = sum(one.score.y_mean.size for one in self.reduced)
        embeddings = sum(one.pca.n_components_ for one in self.reduced)
        return self.numbers.width + scores, [1 + levels.max() for levels in self.levels.values()], embeddings

    def tensors(self, posts: Posts, *, fitted_on: bool = False) -> dict[str, NDArray[Any]]:
        """What `Entry` reads.

        numbers: float32 [n, p], the numbers and the ridge scores of each embedding. codes: int64 [n, c], the
        level of each category, 0 where it is missing, rare or was never seen. embeddings: float32 [n, e],
        PCA components, the first one of each encoding with variance 1.

        Args:
            fitted_on: these are the posts that `fit` saw: each score is of a ridge without its label.
        """
        frame = self._frame(posts) if self.expected is None else self.expected.checked(self._frame(posts))
        vectors = {encoding: posts.encode(encoding) for encoding in self.encodings}
        scores = [
            one.score.out_of_fold if fitted_on else one.score.predict(vectors[one.encoding])
            for one in self.reduced
        ]
        codes = [levels[frame[name].cat.codes] for name, levels in self.levels.items()]
        return {
            "numbers": _stacked([self.numbers.of(frame), *scores], len(posts)),
            "codes": np.stack([np.zeros(len(posts), np.int64), *codes], axis=1)[:, 1:].copy(),
            "embeddings": self._components(posts, self.components),
        }

    def of_past(self, posts: Posts, components: int) -> Array:
        """float32 [n, q]: what is read of an earlier post: its numbers, a few components."""
        return np.hstack([self.numbers.of(self._frame(posts)), self._components(posts, components)])

    def _components(self, posts: Posts, count: int) -> Array:
        return _stacked(
            [self._scaled(one, posts.encode(one.encoding))[:, :count] for one in self.reduced], len(posts)
        )

    def _scaled(self, one: Reduced, vectors: Array) -> Array:
        scaled: Array = one.pca.transform(vectors) / np.sqrt(one.pca.explained_variance_[0] + 1e-12)
        return scaled

    def _frame(self, posts: Posts) -> pd.DataFrame:
        frame, past = posts.tabular(), self.past(posts)
        return frame if past is None else frame.join(past)

    def keep(self, learnt: Learnt) -> None:
        assert self.expected is not None
        self.expected.keep(learnt.part("columns"))
        self.numbers.keep(learnt.part("numbers"))
        for j, levels in enumerate(self.levels.values()):
            learnt.put(f"levels_{j}", levels)
        learnt.tell("encodings", [*self.encodings])
        for one in self.reduced:
            one.keep(learnt.part(one.encoding))

    def restore(self, kept: Kept, targets: int) -> Self:
        """targets: how many columns the residual had."""
        self.expected = Columns.restored(kept.part("columns"))
        self.numbers = Numbers().restore(kept.part("numbers"))
        self.levels = {
            name: kept.array(f"levels_{j}", "i", len(levels) + 1)
            for j, (name, levels) in enumerate(self.expected.levels.items())
        }
        self.encodings = tuple(kept.all_told("encodings", str))
        self.reduced = [
            Reduced(encoding, self.components).restore(kept.part(encoding), targets)
            for encoding in self.encodings
        ]
        return self


class Numbers:
    """Heavy-tailed columns -> nearly standard normal ones by rank; missing is 0, and a column of its own."""

    def fit(self, frame: pd.DataFrame, seed: int) -> Self:
        """frame: float32 [n, p], NaN = missing."""
        from baselines.linear.ranks import NormalRanks

        self.names = [name for name in frame if frame[name].min() < frame[name].max()]
        self.gaps = [name for name in self.names if frame[name].isna().any()]
        self.ranks = NormalRanks(n_quantiles=min(100, len(frame)), random_state=seed)
        if self.names:
            self.ranks.fit(frame[self.names])
        return self

    @property
    def width(self) -> int:
        return len(self.names) + len(self.gaps)

    def of(self, frame: pd.DataFrame) -> Array:
        """float32 [n, p + columns with gaps], inside [-3, 3]"""
        if not self.names:
            return np.zeros((len(frame), 0), np.float32)
        normal = np.clip(np.nan_to_num(self.ranks.transform(frame[self.names])), -3, 3)
        return np.hstack([normal, frame[self.gaps].isna()]).astype(np.float32)

    def keep(self, learnt: Learnt) -> None:
        learnt.tell("names", self.names)
        learnt.tell("gaps", self.gaps)
        if self.names:
            self.ranks.keep(learnt.part("ranks"))

    def restore(self, kept: Kept) -> Self:
        from baselines.linear.ranks import NormalRanks

        self.names, self.gaps = kept.all_told("names", str), kept.all_told("gaps", str)
        if self.names:
            self.ranks = NormalRanks.restored(kept.part("ranks"), len(self.names), self.names)
        return self


def _levels(values: pd.Series) -> NDArray[np.int64]:
    """[levels + 1]: of each pandas code a code 1, 2, ... where it is frequent, else 0; the last is for -1."""
    counts = np.bincount(values.cat.codes + 1, minlength=len(values.cat.categories) + 1)[1:]
    frequent = counts >= SMALLEST
    return np.append(np.where(frequent, np.cumsum(frequent), 0), 0)


def _stacked(parts: list[Array], n: int) -> Array:
    return np.hstack([np.zeros((n, 0)), *parts]).astype(np.float32)
