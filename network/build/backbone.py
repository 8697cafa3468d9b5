"""Backbone: of weighted ties between accounts those that are more than chance of each account's own ties.

The disparity filter of Serrano, Boguñá and Vespignani, "Extracting the multiscale backbone of complex
weighted networks", PNAS 106 (2009) 6483-6488, https://doi.org/10.1073/pnas.0808904106.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from network.graph import Codes

ALPHA = 0.05
Floats = NDArray[np.float64]


def significance(source: Codes, target: Codes, weight: Floats, n: int) -> Floats:
    """[m] how likely a tie is as strong if an account's strength is cut at random among its ties: the less
    likely of its two ends.

    (1 - w / s)^(k - 1) of an account of strength s over k ties; an account of one tie tells nothing of it, 1.

    Args:
        weight: above 0; each pair of accounts once.
        n: number of accounts.
    """
    found = np.ones(len(weight))
    ends = np.concatenate([source, target])
    strength = np.bincount(ends, weights=np.concatenate([weight, weight]), minlength=n)
    degree = np.bincount(ends, minlength=n)
    for end in (source, target):
        share = np.minimum(weight / strength[end], 1.0)
        chance = np.where(degree[end] > 1, (1.0 - share) ** np.maximum(degree[end] - 1, 1), 1.0)
        found = np.minimum(found, chance)
    return found


def backbone(source: Codes, target: Codes, weight: Floats, n: int, alpha: float = ALPHA) -> NDArray[np.bool_]:
    """[m] whether a tie stays."""
    return significance(source, target, weight, n) < alpha
