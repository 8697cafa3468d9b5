"""Scale: labels and counts as they are learnt and scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from benchmark.card import Scale


def scaled(values: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """Values as the data give them -> on the scoring scale: as they are, or log(1 + value). NaN stays."""
    return np.log1p(values) if scale == "log1p" else values
