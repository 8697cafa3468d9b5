"""Calibration: whether what was foretold with a probability happens as often."""

from __future__ import annotations

import numpy as np

from benchmark.scores.measures.measure import Floats, OfSums, Predicted, ratio
from benchmark.scores.measures.resamples import Integers

BINS = 10
"""As many as Naeini et al. take. With more, the bins of a small test set hold mostly chance."""


class CalibrationError(OfSums):
    """Expected calibration error: |events - sum of their probabilities| in each bin, added up, a post.

    Naeini et al. (AAAI, 2015), over bins of as many posts each; Guo et al. (ICML, 2017) made it usual, over
    bins of equal width, of which rare events fill one or two. The bins are cut once, on the posts that are
    scored: a resample weighs them anew and does not move them.

    Chance alone makes it more than 0, and a resample adds chance to chance: where it is small its replicates
    lie above it. The difference of two rows is less touched by that.
    """

    name, title, better, reads = "calibration_error", "Calibration error", "lower", "probabilities"
    with_interval = False

    def terms(self, y: Floats, predicted: Predicted) -> Floats:
        found = np.zeros((BINS + 1, len(y)))
        found[equal_bins(predicted.points, BINS), np.arange(len(y))] = y - predicted.points
        found[BINS] = 1
        return found

    def of_sums(self, sums: Floats) -> Floats:
        posts = sums[..., BINS]
        return ratio(np.abs(sums[..., :BINS]).sum(axis=-1), posts, posts > 0)


def equal_bins(points: Floats, bins: int) -> Integers:
    """int64 [n]: the bin of each post by its prediction, 0..bins-1, as many posts in each as ties allow.

    Equal predictions share a bin, the one that holds the middle of their ranks, so that neither the order of
    posts nor a last digit decides; a bin may then be empty.
    """
    _, of_posts, sizes = np.unique(points, return_inverse=True, return_counts=True)
    twice_the_middle = 2 * np.cumsum(sizes) - sizes
    of_values: Integers = twice_the_middle * bins // (2 * len(points))
    return of_values[of_posts]
