"""Agreement: how alike two ways to divide accounts into communities are, and which accounts stay together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from network.communities.leiden import Labels

Floats = NDArray[np.float64]


def agreement(one: Labels, other: Labels) -> float:
    """Adjusted mutual information on the accounts that are in a community of both: 1 if both divide them
    alike, about 0 if only by chance. NaN where neither divides them: then there is nothing to agree on.

    Adjusted, since plain mutual information grows with the number of communities.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    both = (one >= 0) & (other >= 0)
    one, other = one[both], other[both]
    if len(one) < 2 or (np.ptp(one) == 0 and np.ptp(other) == 0):
        return float("nan")
    return float(adjusted_mutual_info_score(one, other))


def most_agreed(runs: Sequence[Labels]) -> tuple[int, float]:
    """Which of several runs agrees best with the others, and the mean agreement of all pairs; NaN of one."""
    between = np.full((len(runs), len(runs)), np.nan)
    for one in range(len(runs)):
        for other in range(one):
            between[one, other] = between[other, one] = agreement(runs[one], runs[other])
    if np.isnan(between).all():
        return 0, float("nan")
    return int(np.nansum(between, axis=1).argmax()), float(np.nanmean(between))


def together(labels: Labels, runs: Sequence[Labels]) -> Floats:
    """[n] how large a share of its community an account keeps in other runs, mean over the runs that know it.

    The mean of it over a community is how often two of its members stay together. NaN where an account is in
    none, alone in it, or in no run.
    """
    shares = np.full((len(runs), len(labels)), np.nan)
    for row, run in enumerate(runs):
        known = (labels >= 0) & (run >= 0)
        if not known.any():
            continue
        cell, places = np.unique(labels[known] * (int(run.max()) + 1) + run[known], return_inverse=True)
        stayed = np.bincount(places, minlength=len(cell))[places] - 1
        fellows = np.bincount(labels[known])[labels[known]] - 1
        shares[row, known] = np.where(fellows > 0, stayed / np.maximum(fellows, 1), np.nan)
    counted = (~np.isnan(shares)).sum(axis=0)
    return np.where(counted > 0, np.nansum(shares, axis=0) / np.maximum(counted, 1), np.nan)
