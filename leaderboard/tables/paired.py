"""Paired: the interval of the difference of two rows, from the resamples that they share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.uncertainty import Uncertainty

MARGIN = 0.005
"""Of practical equivalence: less than this share of the reference's error is no difference that matters."""
ROUNDING = 1e-9
"""Within it, two numbers of a score are the same: what is derived anew differs from what was stored in the
last bit, and that is no difference. `smpbench verify` takes them so, too."""


def paired_interval(
    one: NDArray[np.float64], other: NDArray[np.float64], uncertainty: Uncertainty
) -> tuple[float, float, bool]:
    """Ends of the 95% interval of one - other, and whether the two are the same in every resample.

    Args:
        one, other: float64 [resamples], of the same resamples; NaN where the measure is undefined.
        uncertainty: of the table that both are of.
    """
    gaps = one - other
    gaps[np.abs(gaps) <= ROUNDING] = 0
    low, high = uncertainty.interval(gaps)
    return low, high, not np.nan_to_num(gaps).any()
