"""Scale: labels and counts as they are learnt and scored, and between which numbers predictions lie."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from benchmark.declared.card import Scale

LARGEST_LOG = 40.0
"""exp(40) is 2e17: no post has that many likes, so a larger prediction is a count and no logarithm."""
LARGEST_AS_GIVEN = 1e12
"""Of targets that are scored as the data give them. Beyond it one prediction would decide every mean."""
BOUNDS: dict[Scale, tuple[float, float]] = {
    # No label lies below 0, but a model that knows no such thing may err as far below as above.
    "log1p": (-LARGEST_LOG, LARGEST_LOG),
    "signed-log": (-LARGEST_LOG, LARGEST_LOG),
    "identity": (-LARGEST_AS_GIVEN, LARGEST_AS_GIVEN),
}
"""Between which numbers predictions on a scale lie, ends included."""

OF_COUNTS: dict[Scale, str] = {"log1p": "log(1 + count)", "signed-log": "sign(count) * log(1 + |count|)"}
"""The scales on which counts are scored, and what they are in words. Counts are below zero where votes
against a post are taken off."""


_LOGARITHM = re.compile(r"\b(?:log(?P<base>2|10)?|ln)\b")


def log_base(scale: Scale, unit: str) -> float | None:
    """The base of the logarithm that labels are scored on, so that base ** miss is by which factor a
    prediction is off; None where they are no logarithm of a count, or of one that may be below zero.

    Args:
        unit: what a label is, in words, as its card has it: `log2(views + 1)`.
    """
    if scale != "identity":
        return math.e if scale == "log1p" else None
    if (found := _LOGARITHM.search(unit)) is None:
        return None
    return float(found["base"] or math.e)


def scaled(values: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """Values as the data give them -> on the scoring scale: as they are, or their logarithm. NaN stays."""
    if scale == "signed-log":
        return np.sign(values) * np.log1p(np.abs(values))
    return np.log1p(values) if scale == "log1p" else values


def out_of_bounds(predictions: NDArray[np.floating], scale: Scale) -> NDArray[np.bool_]:
    """bool, of the shape of `predictions`: those that no post can have, or that are not finite."""
    low, high = BOUNDS[scale]
    return ~((predictions >= low) & (predictions <= high))
