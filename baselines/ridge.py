from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING

import numpy as np

from baselines.beside.told import Beside, needed
from baselines.linear.design import Design
from baselines.linear.gram import Gram, Plane
from baselines.linear.logistic import Logistic
from baselines.linear.season import without_season
from baselines.parts.aims import Chance, aim_of
from baselines.parts.holdout import HOLDOUT
from baselines.parts.keeping import Keeping
from baselines.parts.rehearsing import Rehearsing
from baselines.parts.vectors import Vectors
from benchmark import Array, Posts

if TYPE_CHECKING:
    import pandas as pd

    from baselines.parts.kept import Kept, Learnt

Model = Plane | Logistic

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
    preload = (
        "scipy.linalg",
        "sklearn.linear_model",
        "sklearn.pipeline",
        "sklearn.compose",
        "sklearn.preprocessing",
    )
    alpha: float = 0.0
    """Penalty; 0: the one of ALPHAS with the smallest MAE on the chronological holdout, or of OF_EVENTS with
    the smallest log loss."""
    beside: tuple[str, ...] = ()
    """What else it is told: see `baselines.beside.told`."""

    def required(self) -> Set[str]:
        return needed(self.beside)

    def rehearse(self, train: Posts, y: Array) -> Array:
        held = train.holdout(HOLDOUT)
        penalties = [self.alpha] if self.alpha else OF_EVENTS if train.kind == "event" else ALPHAS
        solved = self._learn(held.fit, y[held.fit_rows])
        tried = self._said([solved(alpha) for alpha in penalties], held.check)
        errors = [self.aim.error(said, y[held.check_rows]) for said in tried]
        best = int(np.argmin(errors))
        self.chosen = penalties[best]
        return tried[best]

    def conclude(self, train: Posts, y: Array) -> None:
        self.model = self._learn(train, y)(self.chosen)

    def reveal(self, posts: Posts, y: Array) -> None:
        self.aim.add(posts, y)
        self.told.add(posts, y)

    def predict(self, posts: Posts) -> Array:
        return self._said([self.model], posts)[0]

    def _learn(self, posts: Posts, y: Array) -> Callable[[float], Model]:
        """Fit what turns posts into columns, whatever the penalty; the model of a penalty."""
        self.aim = aim_of(posts, history=True).fit(posts, y)
        self.told = Beside(self.beside).fit(posts, y)
        self.vectors = Vectors().fit(posts)
        table = self._table(posts)
        self.design = Design(self.seed, sorted(self.wants)).fit(without_season(table, posts.times), posts)
        blocks = self.design.blocks(table, posts)
        if isinstance(self.aim, Chance):
            every = np.vstack([block for _, block in blocks])
            return lambda penalty: Logistic(penalty).fit(every, self.aim.wanted)
        gram = Gram()
        for rows, block in blocks:
            gram.add(block, self.aim.wanted[rows])
        return gram.solved

    def _said(self, models: Sequence[Model], posts: Posts) -> list[Array]:
        """float32 [n, targets] of each model."""
        base = self.aim.base(posts)
        found = [np.zeros_like(base) for _ in models]
        for rows, block in self.design.blocks(self._table(posts), posts):
            for said, model in zip(found, models, strict=True):
                said[rows] = model.predict(block)
        return [self.aim.answer(base, said) for said in found]

    def _table(self, posts: Posts) -> pd.DataFrame:
        import pandas as pd

        told = self.vectors.joined(self.told.joined(posts.tabular(), posts), posts)
        return pd.concat([told, self.aim.past(posts)], axis=1)

    def keep(self, learnt: Learnt) -> None:
        self.aim.keep(learnt)
        self.told.keep(learnt.part("beside"))
        self.vectors.keep(learnt.part("vectors"))
        self.design.keep(learnt.part("design"))
        learnt.put("coefficients", self.model.coefficients)
        learnt.put("intercept", self.model.intercept)

    def restore(self, kept: Kept, known: Posts, y: Array) -> None:
        self.aim = aim_of(known, history=True).restore(kept, known, y)
        self.told = Beside(self.beside).restore(kept.part("beside"), known)
        self.vectors = Vectors.restored(kept.part("vectors"))
        self.design = Design.restored(kept.part("design"), self.seed, sorted(self.wants))
        targets = len(known.targets)
        coefficients = kept.array("coefficients", "f", targets, self.design.width)
        intercept = kept.array("intercept", "f", targets)
        plane = not isinstance(self.aim, Chance)
        self.model = (
            Plane(coefficients, intercept) if plane else Logistic.of(self.alpha, coefficients, intercept)
        )
