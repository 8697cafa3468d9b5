"""Quantile predictions: what they lose, and how often the outermost of them hold the label."""

from __future__ import annotations

import numpy as np

from benchmark.scores.measures.measure import Floats, Mean, Predicted


class Pinball(Mean):
    """Quantile loss of Koenker & Bassett (Econometrica, 1978), averaged over the levels."""

    name, title, better, reads = "pinball", "Pinball loss", "lower", "quantiles"
    with_interval = False

    def loss(self, y: Floats, predicted: Predicted) -> Floats:
        found = predicted.quantiles.items()
        return np.asarray(np.mean([np.maximum(at * (y - q), (at - 1) * (y - q)) for at, q in found], axis=0))


class Coverage(Mean):
    """Share of labels between the outermost quantiles, ends included: right where it is their distance."""

    name, title, better, reads = "coverage", "Coverage", None, "quantiles"
    with_interval = False

    def loss(self, y: Floats, predicted: Predicted) -> Floats:
        low, *_, high = predicted.quantiles.values()
        return ((low <= y) & (y <= high)).astype(np.float64)

    def note(self, y: Floats, predicted: Predicted) -> str:
        first, *_, last = predicted.quantiles
        return f"{100 * (last - first):g}% of the labels should be covered"
