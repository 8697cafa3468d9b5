"""Do not do this: predict the test, take the predictions for labels, and fit once more on both. The model has
seen what it is tested on before it was asked, and a post of the first day is predicted with those of the
last at hand."""

from __future__ import annotations

import numpy as np

from benchmark.baseline import Baseline
from benchmark.posts import Array, Posts
from benchmark.scores.kinds import kind
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.laid_open import both, laid_open
from pitfalls.honest.mistake import Made, Mistake, NotPossible


class PseudoLabels(Mistake):
    name = "pseudo_labels"
    title = "pseudo-labels of the test posts"
    layer = "data"

    def check(self, of: Ground) -> None:
        if kind(of.posts.task.kind).labels:
            raise NotPossible("a chance is predicted, which is no label")

    def made(self, of: Ground, honest: Said) -> Made:
        train, test = laid_open(of, honest.predicted)

        def fit(baseline: Baseline, _: Posts, y: Array) -> None:
            baseline.fit(both(train, test), np.concatenate([y, honest.predicted]))

        return Made(of.walk(fit=fit))
