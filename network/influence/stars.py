"""Stars: graphs that are one account and its spokes, which say nothing of anybody's influence."""

from __future__ import annotations

import numpy as np

from benchmark.errors import DataError
from network.influence.seen import Seen

SHARE = 0.9
"""Of pairs that one account is an end of."""
FEWEST = 20
"""Pairs; of fewer nothing is said."""


def refuse_a_star(seen: Seen, names: np.ndarray) -> None:
    """Whoever collects the followers of one account, or what one account writes, has drawn that account into
    the middle: its rank was decided by whom was collected.

    Raises:
        DataError: one account is an end of nine in ten pairs.
    """
    if seen.q < FEWEST:
        return
    ends = np.bincount(seen.source, minlength=seen.n) + np.bincount(seen.target, minlength=seen.n)
    most = int(ends.argmax())
    if ends[most] < SHARE * seen.q:
        return
    raise DataError(
        f"the network is a star: {ends[most] / seen.q:.0%} of its {seen.q:,} pairs of accounts have "
        f"'{names[most]}' at one end, because it was collected around this account; who carries influence "
        "cannot be read from it",
        mend="Add edges between the other accounts, or look at posts alone",
    )
