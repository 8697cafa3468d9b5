"""Order: which drafts get most, how sure that is, and which cannot be told apart.

Errors are drawn from those that the model made on posts held out, for each draft from its own group and for
drafts independently of each other: a weak week of the whole account moves all of them, and no order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
CLOSE = 2 / 3
"""Two drafts are too close to call if the one that ranks higher gets more with a smaller chance."""
COMPARED = 20
"""Places up and down that a draft is compared with."""
SEED = 0

Floats = NDArray[np.float64]


def ordered(predicted: Floats) -> NDArray[np.int64]:
    """[n] the drafts from the best on; equal ones as they came."""
    return np.argsort(-predicted, kind="stable")


def drawn(predicted: Floats, errors: Sequence[Floats]) -> NDArray[np.float32]:
    """float32 [n, DRAWS]: what drafts may come to.

    Args:
        errors: of each draft, those that may befall it.
    """
    rng = np.random.default_rng(SEED)
    found = np.empty((len(predicted), DRAWS), np.float32)
    for row, (middle, some) in enumerate(zip(predicted, errors, strict=True)):
        found[row] = middle + some[rng.integers(len(some), size=DRAWS)]
    return found


def chances_of_best(outcomes: NDArray[np.float32]) -> Floats:
    """float64 [n], adding up to 1: how often each draft gets most; of equal ones each has its share."""
    best = outcomes == outcomes.max(axis=0)
    return np.asarray((best / best.sum(axis=0)).mean(axis=1), np.float64)


def too_close(outcomes: NDArray[np.float32], order: NDArray[np.int64]) -> list[list[int]]:
    """[n] for each draft the others that cannot be told from it, of the COMPARED places up and down."""
    found: list[list[int]] = [[] for _ in order]
    for place, one in enumerate(order):
        for other in order[place + 1 : place + 1 + COMPARED]:
            more = np.count_nonzero(outcomes[one] > outcomes[other])
            equal = np.count_nonzero(outcomes[one] == outcomes[other])
            if more + equal / 2 < CLOSE * outcomes.shape[1]:
                found[one].append(int(other))
                found[other].append(int(one))
    return found
