"""Kind: what a task asks. It decides what labels mean and what answers must satisfy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.measures.measure import Reads

Drawing = Literal["against", "reliability"]


@dataclass(frozen=True)
class Kind:
    name: str
    about: str
    """What a label is, in words."""
    measures: tuple[str, ...]
    """By which a task of this kind is scored, unless its card says otherwise."""
    primary: str
    """The measure that ranks, unless the card says otherwise."""
    brief: tuple[str, ...]
    """Measures by which slices and overviews speak, beside the primary one."""
    reference: str
    """The naive baseline that skill is measured against, unless the card says otherwise."""
    reference_in_words: str
    asks: str
    """What a task of this kind is about, in a word for people."""
    drawing: Drawing
    """What a row's page draws of predictions: against labels, or how often what was foretold happened."""
    predicts: Reads = "points"
    """What a prediction is: measures of probabilities apply where those are predicted, those of points to
    any number."""
    labels: tuple[float, ...] = ()
    """The values that a label may have; empty for any finite number."""
    answered_as: str = ""
    """The kind that baselines answer it as, and are told; empty for its own."""
    competes: Literal["week", "period"] = "week"
    """What may be compared, where a measure asks: posts of one account and week, or rows of one moment."""
    lowest: float = -np.inf
    highest: float = np.inf
    """Between which predictions lie, ends included."""

    @property
    def asked(self) -> str:
        """The kind that a baseline must answer."""
        return self.answered_as or self.name

    def wrong_labels(self, values: NDArray[np.floating]) -> NDArray[np.bool_]:
        """bool, of the shape of `values`: labels (NaN: none) that this kind has no meaning for."""
        if not self.labels:
            return np.isinf(values)
        return ~(np.isnan(values) | np.isin(values, self.labels))

    def wrong_predictions(self, values: NDArray[np.floating]) -> NDArray[np.bool_]:
        """bool, of the shape of `values`: predictions that are none."""
        return ~(np.isfinite(values) & (values >= self.lowest) & (values <= self.highest))

    @property
    def wanted(self) -> str:
        """What a prediction must be, in words."""
        if np.isfinite(self.lowest) and np.isfinite(self.highest):
            return f"a number from {self.lowest:g} to {self.highest:g}"
        return "a finite number"
