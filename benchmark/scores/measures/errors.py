"""Errors of point predictions: MAE, RMSE, MAPE, R²."""

from __future__ import annotations

import numpy as np

from benchmark.scores.measures.measure import Floats, Mean, OfSums, Predicted, mean, ratio

ZERO_LABEL = 1e-9
"""A label nearer to zero than this has no percentage error."""


class MAE(Mean):
    """Mean absolute error."""

    name, title, better = "mae", "MAE", "lower"
    is_distance = True

    def loss(self, y: Floats, predicted: Predicted) -> Floats:
        return np.abs(y - predicted.points)


class RMSE(Mean):
    """Root of the mean squared error."""

    name, title, better = "rmse", "RMSE", "lower"
    with_interval = False

    def loss(self, y: Floats, predicted: Predicted) -> Floats:
        return (y - predicted.points) ** 2

    def of_sums(self, sums: Floats) -> Floats:
        return np.sqrt(mean(sums))


class MAPE(OfSums):
    """Mean absolute error as a fraction of the label (0.215); labels of zero are left out."""

    name, title, better = "mape", "MAPE", "lower"

    def terms(self, y: Floats, predicted: Predicted) -> Floats:
        scored = np.abs(y) > ZERO_LABEL
        errors = np.abs(y - predicted.points)
        shares = np.divide(errors, np.abs(y), out=np.zeros_like(y), where=scored)
        return np.stack([shares, scored.astype(np.float64)])

    def of_sums(self, sums: Floats) -> Floats:
        return mean(sums)

    def note(self, y: Floats, predicted: Predicted) -> str | None:
        zero = int((np.abs(y) <= ZERO_LABEL).sum())
        if zero == len(y):
            return "every label is 0; MAPE is undefined"
        return f"{zero} of {len(y)} posts left out: their label is 0" if zero else None


class R2(OfSums):
    """Share of the spread of the labels that is explained; compared with the mean of the test labels."""

    name, title, better = "r2", "R²", "higher"
    perfect = 1.0
    with_interval = False

    def terms(self, y: Floats, predicted: Predicted) -> Floats:
        # Around the median: sums of squares do not cancel, and constant labels give exact zeros.
        centred = y - np.median(y)
        return np.stack([(y - predicted.points) ** 2, centred, centred**2, np.ones_like(y)])

    def of_sums(self, sums: Floats) -> Floats:
        errors, first, second, n = np.moveaxis(sums, -1, 0)
        spread = second - ratio(first**2, n, n > 0)
        # What is left of equal labels after rounding is no spread.
        return 1 - ratio(errors, spread, spread > 1e-12 * second)

    def note(self, y: Floats, predicted: Predicted) -> str | None:
        return "labels are constant; R2 is undefined" if y.min() == y.max() else None
