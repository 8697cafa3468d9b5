"""Intervals: how much of an account's influence hangs on a few weeks, and which ranks can be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from network.influence.score import Score
from network.influence.seen import Floats
from network.influence.window import FEWEST_BLOCKS, Window

RESAMPLES, FEWEST_RESAMPLES = 100, 20
SECONDS = 2.0
"""That the resamples of one score may take: of a costly one there are fewer, and of fewer than
FEWEST_RESAMPLES nothing is said."""
BYTES = 2**29
"""That the resamples of all scores may take."""
LEVEL = 0.95


def resamples_of(score: Score, window: Window, scores: int) -> int:
    """How many there are of a score: by what it is said to cost, not by a clock, so that they stay."""
    if window.blocks < FEWEST_BLOCKS or (score.reads == "edges" and not window.naming.nnz):
        return 0
    number = min(SECONDS / score.seconds(window.whole), BYTES / (4 * scores * max(window.whole.n, 1)))
    return 0 if number < FEWEST_RESAMPLES else min(RESAMPLES, int(number))


def intervals_of(
    scores: Sequence[Score], values: Sequence[Floats], window: Window
) -> list[tuple[Floats, Floats]]:
    """The interval of each account by each score, [n] and [n]; NaN where there is none.

    Blocks of time are drawn with replacement, all edges and posts of one together. A resample lacks a third
    of the blocks, and with them every pair of accounts that is of no other: counts of accounts come out too
    low in all of them. The interval is therefore as wide as the middle 95% of the resamples, and lies around
    the value as these lie around their median. What is read of an account's own posts has none where these
    are of fewer than FEWEST_BLOCKS blocks: of a single one it would be as narrow as can be.
    """
    numbers = [resamples_of(score, window, len(scores)) for score in scores]
    found = [np.empty((number, window.whole.n), np.float32) for number in numbers]
    for place, seen in enumerate(window.resamples(max(numbers, default=0))):
        for score, number, rows in zip(scores, numbers, found, strict=True):
            if place < number:
                rows[place] = score.of(seen)
    few = _in_few_blocks(window)
    return [
        _around(np.where(few & (score.reads != "edges"), np.nan, value), rows)
        for score, value, rows in zip(scores, values, found, strict=True)
    ]


def best_ranks(low: Floats, high: Floats) -> NDArray[np.int64]:
    """[n] from 1: one more than there are accounts whose whole interval lies above the account's own; 0 where
    there is no interval. Accounts whose intervals overlap cannot be told apart."""
    some = ~np.isnan(low) & ~np.isnan(high)
    above = some.sum() - np.searchsorted(np.sort(low[some]), high[some], side="right")
    found = np.zeros(len(low), np.int64)
    found[some] = 1 + above
    return found


def _in_few_blocks(window: Window) -> NDArray[np.bool_]:
    blocks = max(window.blocks, 1)
    some = np.unique(window.whole.author.astype(np.int64) * blocks + window.post_block) // blocks
    few: NDArray[np.bool_] = np.bincount(some, minlength=window.whole.n) < FEWEST_BLOCKS
    return few


def _around(value: Floats, rows: NDArray[np.float32]) -> tuple[Floats, Floats]:
    number, n = rows.shape
    if number == 0:
        return np.full(n, np.nan), np.full(n, np.nan)
    ordered = np.sort(rows.T, axis=1)  # NaN last
    told = number - np.isnan(ordered).sum(axis=1)
    low, middle, high = (_quantile(ordered, told, at) for at in ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))
    # An account that posted in half of the resamples at most is too seldom there.
    seldom = 2 * told <= number
    low, high = (
        value + np.where(seldom, np.nan, low - middle),
        value + np.where(seldom, np.nan, high - middle),
    )
    return (low if np.nanmin(value, initial=0) < 0 else np.maximum(low, 0)), high


def _quantile(ordered: NDArray[np.float32], told: NDArray[np.int64], level: float) -> Floats:
    at = level * np.maximum(told - 1, 0)
    below = at.astype(np.int64)
    rows = np.arange(len(ordered))
    first = ordered[rows, below].astype(np.float64)
    second = ordered[rows, np.minimum(below + 1, np.maximum(told - 1, 0))]
    found: Floats = first + (at - below) * (second - first)
    return found
