"""Stars: graphs that are one account and its spokes, which say nothing of anybody's influence."""

from __future__ import annotations

import numpy as np

from benchmark.errors import DataError, quoted
from network.influence.seen import Seen

SHARE, FEWEST = 0.5, 10
"""A star: one account is an end of more than this share of the pairs, of at least so many."""


def refuse_a_star(seen: Seen, names: np.ndarray) -> None:
    """Whoever collects the followers of one account, or what one account writes, has drawn that account into
    the middle: its rank was decided by whom was collected.

    Raises:
        DataError: one account is an end of more than half of the pairs, whatever their direction.
    """
    one, other = np.minimum(seen.source, seen.target), np.maximum(seen.source, seen.target)
    pairs = np.unique(one.astype(np.int64) * seen.n + other)
    if len(pairs) < FEWEST:
        return
    ends = np.bincount(np.concatenate([pairs // seen.n, pairs % seen.n]), minlength=seen.n)
    most = int(ends.argmax())
    if ends[most] <= SHARE * len(pairs):
        return
    raise DataError(
        f"the network is a star: {ends[most] / len(pairs):.0%} of its {len(pairs):,} pairs of accounts have "
        f"'{quoted(str(names[most]))}' at one end, because it was collected around it; who carries influence "
        "cannot be read from it",
        mend="Add edges between the other accounts, or look at posts alone",
    )
