from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from baselines.linear.linear_columns import linear_columns
from baselines.linear.logistic import Logistic
from baselines.parts.aims import Aim, Chance, aim_of
from baselines.parts.holdout import HOLDOUT
from baselines.parts.origins import origins
from baselines.parts.rehearsing import Rehearsing
from benchmark import Array, Posts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import Ridge as RidgeRegression

    from benchmark.posts import Holdout

ALPHAS = (1.0, 3.0, 10.0, 30.0, 100.0)
OF_EVENTS = (0.3, 1.0, 3.0, 10.0, 30.0)
"""The same of a logistic regression."""
AT_LEAST = 2
"""Training posts that a word is in which is read at all."""
ORIGINS = 3
SMALL = 20_000
"""Training posts: where there are more, one holdout is enough to choose by."""


class BagOfWords(Rehearsing):
    """Ridge regression on hashed words and character n-grams, around the account's recent level.

    Of events a logistic regression. No language is presupposed: characters tell where words are not apart by
    blanks. Beside the text it is told the account's past, and nothing else of the post.
    """

    family = "linear"
    answers = {"regression", "event"}
    needs = {"text"}
    reads_columns = False
    preload = (
        "sklearn.linear_model",
        "sklearn.feature_extraction.text",
        "sklearn.compose",
        "sklearn.preprocessing",
    )

    alpha: float = 0.0
    """Penalty; 0: the one of ALPHAS with the smallest mean error over several holdouts, or of OF_EVENTS."""
    bits: int = 17
    """2^bits columns for words and word pairs, and as many for the 3 to 5 characters inside words."""

    def rehearse(self, train: Posts, y: Array) -> Array:
        alphas = (self.alpha,) if self.alpha else OF_EVENTS if train.kind == "event" else ALPHAS
        first = train.holdout(HOLDOUT)
        found = self._rehearsed(first, y, alphas)
        errors = self._errors(found, y, first)
        if len(alphas) > 1 and len(train) <= SMALL:
            for held in list(origins(train, ORIGINS))[1:]:
                errors += self._errors(self._rehearsed(held, y, alphas), y, held)
        best = int(errors.argmin())
        self.chosen = alphas[best]
        return found[best]

    def conclude(self, train: Posts, y: Array) -> None:
        self._learn(train, y)
        self.model = self._regression(self.chosen).fit(self.matrix, self.aim.wanted)
        del self.matrix

    def reveal(self, posts: Posts, y: Array) -> None:
        self.aim.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        return self._answer(self.model, self._read(posts), self.aim.base(posts))

    def _rehearsed(self, held: Holdout, y: Array, alphas: tuple[float, ...]) -> list[Array]:
        """Of each penalty predictions for what was held out."""
        self._learn(held.fit, y[held.fit_rows])
        check, base = self._read(held.check), self.aim.base(held.check)
        return [
            self._answer(self._regression(alpha).fit(self.matrix, self.aim.wanted), check, base)
            for alpha in alphas
        ]

    def _errors(self, found: list[Array], y: Array, held: Holdout) -> NDArray[np.float64]:
        return np.array([self.aim.error(one, y[held.check_rows]) for one in found])

    def _learn(self, posts: Posts, y: Array) -> None:
        """What turns posts into columns; the matrix of these."""
        from sklearn.feature_extraction.text import TfidfTransformer

        self.aim: Aim = aim_of(posts, history=True).fit(posts, y)
        self.columns: ColumnTransformer = linear_columns(self.seed).fit(self.aim.past(posts))
        every = self._counts(posts)
        # What one post alone has says nothing of others.
        self.kept = [np.flatnonzero(one.getnnz(axis=0) >= AT_LEAST) for one in every]
        counts = [one[:, kept] for one, kept in zip(every, self.kept, strict=True)]
        # Of a few posts no two may share a word: the library refuses what has no columns.
        self.weights = [TfidfTransformer(sublinear_tf=True).fit(one) for one in counts if one.shape[1]]
        self.matrix = self._read(posts, counts)

    def _read(self, posts: Posts, counts: list[Any] | None = None) -> Any:
        """Sparse [n, p]: words, characters, and the account's past."""
        from scipy import sparse

        if counts is None:
            counts = [one[:, kept] for one, kept in zip(self._counts(posts), self.kept, strict=True)]
        parts = zip(self.weights, [one for one in counts if one.shape[1]], strict=True)
        past = sparse.csr_matrix(self.columns.transform(self.aim.past(posts)))
        return sparse.hstack([*(one.transform(count) for one, count in parts), past], format="csr")

    def _counts(self, posts: Posts) -> list[Any]:
        """Sparse [n, 2^bits] each."""
        from sklearn.feature_extraction.text import HashingVectorizer

        texts = posts.text()
        usual = {"n_features": 2**self.bits, "alternate_sign": False, "norm": None, "dtype": np.float32}
        words = HashingVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\w+", **usual)
        characters = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), **usual)
        return [words.transform(texts), characters.transform(texts)]

    def _answer(self, model: RidgeRegression | Logistic, matrix: Any, base: Array) -> Array:
        return self.aim.answer(base, np.asarray(model.predict(matrix)).reshape(base.shape))

    def _regression(self, alpha: float) -> RidgeRegression | Logistic:
        from sklearn.linear_model import Ridge as RidgeRegression

        if isinstance(self.aim, Chance):
            return Logistic(alpha)
        return RidgeRegression(alpha=alpha, solver="lsqr")
