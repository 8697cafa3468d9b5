"""Do not do this: `eval_set=[(x_test, y_test)]`. The validation posts, on which the number of trees, the
epoch and whatever else is chosen, are the test posts."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark.baseline import Baseline
from benchmark.posts import Array, Holdout, Posts
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.laid_open import laid_open
from pitfalls.honest.mistake import Made, Mistake, NotPossible


class StoppedOnTest(Mistake):
    name = "stopped_on_test"
    title = "epoch, or number of trees, chosen by the test"
    layer = "choice"

    def made(self, of: Ground, honest: Said) -> Made:
        labels = of.posts.labels[of.windows.test].astype(np.float32)
        train, test = laid_open(of, labels)
        peeking = _Peeking(train, test, labels)

        def fit(baseline: Baseline, _: Posts, y: Array) -> None:
            baseline.fit(peeking, y.view(_Told))

        said = of.walk(fit=fit)
        if not peeking.asked:
            raise NotPossible(f"{of.found.name} chooses nothing on held-out posts")
        return Made(said)


class _Peeking(Posts):
    """Training posts whose holdout is the test."""

    def __init__(self, train: Posts, test: Posts, labels: Array) -> None:
        super().__init__(train._timeline, train._positions, train._clock)
        self.test, self.labels, self.asked = test, labels, False

    def holdout(self, fraction: float = 0.2) -> Holdout:
        self.asked = True
        rows = np.arange(len(self))
        check = np.arange(len(self), len(self) + len(self.test)).view(_TestRows)
        check.labels = self.labels
        return Holdout(self.take(rows), self.test, rows, check)


class _TestRows(np.ndarray):
    """`check_rows` that lie behind the training posts, and bring their labels along."""

    labels: Array


class _Told(np.ndarray):
    """Labels of the training posts; of `check_rows` those of the test."""

    def __getitem__(self, key: Any) -> Any:
        return key.labels if isinstance(key, _TestRows) else np.asarray(self)[key]
