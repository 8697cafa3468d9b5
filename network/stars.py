"""Stars: graphs that are one account and its spokes, which say nothing of anybody's influence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SHARE, FEWEST = 0.5, 10
"""A star: one account is an end of more than this share of the pairs, of at least so many."""


class Centre(NamedTuple):
    account: int
    """Its code."""
    pairs: int
    of: int
    """How many pairs of accounts there are, and of how many of them the account is an end."""


def centre(source: NDArray[np.int32], target: NDArray[np.int32], n: int) -> Centre | None:
    """The account that is an end of more than half of all pairs of accounts, whatever their direction and
    number of edges; None where none is, or where there are too few pairs to say.

    Args:
        source, target: [m] codes of n accounts.
    """
    one, other = np.minimum(source, target), np.maximum(source, target)
    pairs = np.unique((one.astype(np.int64) * n + other)[one != other])
    if len(pairs) < FEWEST:
        return None
    ends = np.bincount(np.concatenate([pairs // n, pairs % n]), minlength=n)
    first = int(ends.argmax())
    return Centre(first, int(ends[first]), len(pairs)) if ends[first] > SHARE * len(pairs) else None
