"""Excess: a baseline that predicts engagement answers whether a post goes viral.

A post is viral if its engagement exceeds a threshold. So a regression says it too: by how much its prediction
exceeds the threshold, as far as that is known when it predicts, turned into a probability on the
chronological holdout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.baseline import Baseline
from benchmark.errors import BaselineError
from benchmark.posts import Array, Posts

if TYPE_CHECKING:
    from pathlib import Path

HOLDOUT = 0.2
"""The newest fifth of the training posts."""
BEYOND = 15.0
"""Log-odds: no probability is nearer to 0 or 1."""


class Excess(Baseline):
    """Stands in a worker for a baseline that answers `regression` alone, in a task of events.

    The log-odds are a line in the excess, fitted on the holdout (Platt, "Probabilistic outputs for support
    vector machines", 1999); its slope is not below zero. A baseline that keeps `validation`, what it predicts
    for the holdout without having learnt from it, is fitted once, any other twice. A post of which no
    threshold is known is given the mean excess.
    """

    answers = {"event"}

    baseline: Baseline
    again: Baseline
    """The same once more, not fitted either: for the holdout."""

    def fit(self, train: Posts, y: Array) -> None:
        posts, engagement = train.of_engagement(), train.engagement()
        held = posts.holdout(HOLDOUT)
        self.baseline.fit(posts, engagement)
        predicted = getattr(self.baseline, "validation", None)
        if predicted is None:
            self.again.fit(held.fit, engagement[held.fit_rows])
            predicted = self._middle(self.again.predict(held.check))
        excess = _sound(predicted) - train.take(held.check_rows).threshold()
        self.lines = [line(excess[:, j], y[held.check_rows, j]) for j in range(y.shape[1])]

    def reveal(self, posts: Posts, y: Array) -> None:
        self.baseline.reveal(posts.of_engagement(), posts.engagement())

    def predict(self, posts: Posts) -> Array:
        predicted = _sound(self._middle(self.baseline.predict(posts.of_engagement())))
        excess = predicted - posts.threshold()
        return np.stack([one.probability(excess[:, j]) for j, one in enumerate(self.lines)], axis=1)

    def artefacts(self, folder: Path) -> None:
        self.baseline.artefacts(folder)

    def _middle(self, predicted: Array) -> Array:
        """[n, targets]: of quantiles the median."""
        if predicted.ndim == 3:
            return predicted[:, :, self.baseline.quantiles.index(0.5)]
        return predicted


def _sound(predicted: Array) -> np.ndarray[Any, Any]:
    """float64, what was predicted. A number that is none would pass for a post without a threshold.

    Raises:
        BaselineError: one is not finite.
    """
    found = np.asarray(predicted, np.float64)
    if wrong := np.count_nonzero(~np.isfinite(found)):
        raise BaselineError(f"{wrong} of {found.size} predictions of engagement are not a finite number")
    return found


class Line:
    """Excess -> log-odds and probability."""

    def __init__(self, slope: float, offset: float, missing: float) -> None:
        self.slope, self.offset, self.missing = slope, offset, missing

    def probability(self, excess: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """float32 [n], NaN: no threshold is known."""
        from scipy.special import expit

        known = np.where(np.isnan(excess), self.missing, excess).astype(np.float64)
        found = expit(np.clip(self.slope * known + self.offset, -BEYOND, BEYOND))
        return np.asarray(found, np.float32)


def line(excess: np.ndarray[Any, Any], happened: np.ndarray[Any, Any]) -> Line:
    """Log-odds by excess [n], of events [n]; level where one kind is missing."""
    from sklearn.linear_model import LogisticRegression

    known = ~np.isnan(excess)
    rate = (happened.sum() + 1) / (len(happened) + 2)  # Laplace: never certain
    level = Line(0.0, float(np.log(rate / (1 - rate))), 0.0)
    if len(np.unique(happened[known])) < 2 or np.ptp(excess[known]) < 1e-9:
        return level
    model = LogisticRegression(C=1e6).fit(excess[known, None].astype(np.float64), happened[known] == 1)
    slope = float(model.coef_[0, 0])
    if slope <= 0:
        return level
    return Line(slope, float(model.intercept_[0]), float(np.mean(excess[known])))
