"""Measures that are wrong."""

from __future__ import annotations

import numpy as np

from benchmark.scores.measures.measure import Floats, Mean, Predicted


class OffByOne(Mean):
    """Not one of the project's: what somebody writes who misses a measure."""

    name, title, better = "share_off_by_one", "Off by more than 1", "lower"

    def loss(self, y: Floats, predicted: Predicted) -> Floats:
        return (np.abs(y - predicted.points) > 1).astype(np.float64)
