"""Logistic regression of several events from the same columns, kept as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from benchmark import Array

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS = 1000
"""At most."""


class Logistic:
    """A model an event, with the same penalty. n posts, t events, p columns.

    An event that always or never happened has the rate alone that Laplace gives it.
    """

    coefficients: NDArray[np.floating[Any]]
    """[t, p]"""
    intercept: NDArray[np.floating[Any]]
    """[t]: log-odds."""

    def __init__(self, alpha: float) -> None:
        """alpha: alpha |w|^2 / 2 is added to the sum of the log losses."""
        self.alpha = alpha

    def fit(self, x: Any, y: Array) -> Self:
        """x: [n, p], dense or sparse. y: [n, t], 0 or 1."""
        self.coefficients, self.intercept = np.zeros((y.shape[1], x.shape[1])), np.zeros(y.shape[1])
        for j in range(y.shape[1]):
            self.coefficients[j], self.intercept[j] = self._fitted(x, y[:, j])
        return self

    @classmethod
    def of(cls, alpha: float, coefficients: NDArray[Any], intercept: NDArray[Any]) -> Self:
        """One that was fitted."""
        found = cls(alpha)
        found.coefficients, found.intercept = coefficients, intercept
        return found

    def predict(self, x: Any) -> NDArray[np.floating[Any]]:
        """[n, t]: probabilities."""
        from scipy.special import expit

        found: NDArray[np.floating[Any]] = expit(x @ self.coefficients.T + self.intercept)
        return found

    def _fitted(self, x: Any, happened: NDArray[np.floating[Any]]) -> tuple[Any, float]:
        from sklearn.linear_model import LogisticRegression

        if happened.min() == happened.max():
            rate = (float(happened.sum()) + 1) / (len(happened) + 2)
            return 0.0, float(np.log(rate / (1 - rate)))
        model = LogisticRegression(C=1 / self.alpha, max_iter=STEPS).fit(x, happened == 1)
        return model.coef_[0], float(model.intercept_[0])
