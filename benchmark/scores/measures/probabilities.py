"""Probabilities of an event: how far they are from what happened."""

from __future__ import annotations

import numpy as np

from benchmark.scores.measures.measure import Floats, Mean, Predicted

SUREST = 1e-6
"""Log loss takes no probability for nearer to 0 or 1 than this: one post would else outweigh all others."""


class Brier(Mean):
    """Mean squared distance of the probability from what happened (Brier, Monthly Weather Review, 1950)."""

    name, title, better, reads = "brier", "Brier score", "lower", "probabilities"

    def loss(self, y: Floats, predicted: Predicted) -> Floats:
        return (y - predicted.points) ** 2


class LogLoss(Mean):
    """Mean of -log of the probability that was given to what happened, in nats."""

    name, title, better, reads = "log_loss", "Log loss", "lower", "probabilities"
    with_interval = False

    def loss(self, y: Floats, predicted: Predicted) -> Floats:
        sure = np.clip(predicted.points, SUREST, 1 - SUREST)
        return -np.where(y == 1, np.log(sure), np.log1p(-sure))
