"""Over seeds: how a row of several seeds scores in each resample, the chance of its training included."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SEED = 20_240_229


def over_seeds(replicates: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The mean over seeds in each resample of the posts, as many seeds being drawn anew with each of them.

    A network trained twice is two networks. So beside the posts its seeds are resampled (a bootstrap of two
    stages: Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8). The mean of k
    drawn seeds spreads by less than that of k new ones would, by (k - 1) / k: what they deviate by is
    stretched accordingly.

    All rows of k seeds draw alike, so that rows which share what a seed decides are paired in that too, and
    rows which are the same in every seed stay the same.

    Args:
        replicates: a row's score in each resample, float64 [resamples], a seed each.

    Returns:
        float64 [resamples]; of one seed, nothing is known of this chance, and its own are returned.
    """
    of_seeds = np.stack(replicates)
    k, resamples = of_seeds.shape
    if k == 1:
        return of_seeds[0]
    drawn = np.random.default_rng([SEED, k]).integers(0, k, (k, resamples))
    mean = of_seeds.mean(axis=0)
    deviation = np.take_along_axis(of_seeds, drawn, axis=0).mean(axis=0) - mean
    return np.asarray(mean + math.sqrt(k / (k - 1)) * deviation)
