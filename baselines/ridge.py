from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

import numpy as np

from baselines.beside.told import Beside, needed
from baselines.linear.linear_columns import EDGE, linear_columns
from baselines.linear.logistic import Logistic
from baselines.parts.aims import Chance, aim_of
from baselines.parts.holdout import HOLDOUT
from baselines.parts.keeping import Keeping
from baselines.parts.rehearsing import Rehearsing
from baselines.parts.vectors import Vectors
from benchmark import Array, Posts

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import Ridge as RidgeRegression

    from baselines.parts.kept import Kept, Learnt

    Matrix = NDArray[np.floating]


ALPHAS = (30.0, 300.0, 3000.0, 30000.0)
OF_EVENTS = (3.0, 30.0, 300.0, 3000.0)
"""The same of a logistic regression."""


class Ridge(Rehearsing, Keeping):
    """Ridge regression on metadata, embeddings and history, around the account's recent level.

    Of events a logistic regression with the same penalty, by their log loss.
    """

    family = "linear"
    answers = {"regression", "event"}
    keeps = True
    wants = {"text", "image"}
    preload = ("sklearn.linear_model", "sklearn.pipeline", "sklearn.compose", "sklearn.preprocessing")
    alpha: float = 0.0
    """Penalty; 0: the one of ALPHAS with the smallest MAE on the chronological holdout, or of OF_EVENTS with
    the smallest log loss."""
    beside: tuple[str, ...] = ()
    """What else it is told: see `baselines.beside.told`."""

    def required(self) -> Set[str]:
        return needed(self.beside)

    def rehearse(self, train: Posts, y: Array) -> Array:
        held = train.holdout(HOLDOUT)
        matrix, wanted = self._learn_inputs(held.fit, y[held.fit_rows])
        check, base = self._matrix(held.check), self.aim.base(held.check)

        def on_holdout(alpha: float) -> Array:
            return self._answer(base, self._regression(alpha).fit(matrix, wanted).predict(check))

        penalties = OF_EVENTS if train.kind == "event" else ALPHAS
        tried = {alpha: on_holdout(alpha) for alpha in ([self.alpha] if self.alpha else penalties)}
        self.chosen = min(tried, key=lambda alpha: self.aim.error(tried[alpha], y[held.check_rows]))
        return tried[self.chosen]

    def conclude(self, train: Posts, y: Array) -> None:
        matrix, wanted = self._learn_inputs(train, y)
        self.model = self._regression(self.chosen).fit(matrix, wanted)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.aim.add(posts, y)
        self.told.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        return self._answer(self.aim.base(posts), self.model.predict(self._matrix(posts)))

    def _learn_inputs(self, posts: Posts, y: Array) -> tuple[Matrix, Array]:
        """Fit what turns posts into columns, whatever the penalty; the matrix, and what it is to explain."""
        self.aim = aim_of(posts, history=True).fit(posts, y)
        self.told = Beside(self.beside).fit(posts, y)
        self.vectors = Vectors().fit(posts)
        self.columns = self._columns()
        matrix: Matrix = self.columns.fit_transform(self._features(posts))
        return matrix, self.aim.wanted

    def _answer(self, base: Array, values: NDArray[np.floating]) -> Array:
        return self.aim.answer(base, values.reshape(base.shape))

    def _matrix(self, posts: Posts) -> Matrix:
        found: Matrix = self.columns.transform(self._features(posts))
        return found

    def _regression(self, alpha: float) -> RidgeRegression | Logistic:
        from sklearn.linear_model import Ridge as RidgeRegression

        if isinstance(self.aim, Chance):
            return Logistic(alpha)
        return RidgeRegression(alpha=alpha, solver="lsqr")

    def _features(self, posts: Posts) -> pd.DataFrame:
        import pandas as pd

        table = self.vectors.joined(self.told.joined(posts.tabular(), posts), posts)
        frames = [table, self.aim.past(posts)]
        for encoding in sorted(self.wants):
            if posts.has(encoding):
                frames.append(pd.DataFrame(posts.encode(encoding)).add_prefix(f"{encoding}_"))
        return pd.concat(frames, axis=1)

    def _columns(self) -> ColumnTransformer:
        return linear_columns(self.seed)

    def keep(self, learnt: Learnt) -> None:
        from baselines.linear.matrix import keep_matrix

        self.aim.keep(learnt)
        self.told.keep(learnt.part("beside"))
        self.vectors.keep(learnt.part("vectors"))
        keep_matrix(self.columns, EDGE, learnt.part("columns"))
        # Of one target, scikit-learn has a vector.
        learnt.put("coefficients", np.atleast_2d(self.model.coef_))
        learnt.put("intercept", np.atleast_1d(self.model.intercept_))

    def restore(self, kept: Kept, known: Posts, y: Array) -> None:
        from baselines.linear.matrix import KeptMatrix

        self.aim = aim_of(known, history=True).restore(kept, known, y)
        self.told = Beside(self.beside).restore(kept.part("beside"), known)
        self.vectors = Vectors.restored(kept.part("vectors"))
        self.columns = KeptMatrix.restored(kept.part("columns"))
        self.model = self._regression(self.alpha)
        width, targets = self.columns.width, len(known.targets)
        coefficients = kept.array("coefficients", "f", targets, width)
        self.model.coef_ = coefficients if targets > 1 else coefficients[0]
        self.model.intercept_ = kept.array("intercept", "f", targets)
        self.model.n_features_in_ = width
