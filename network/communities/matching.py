"""Matching: the same code for the same community over windows of time, and who moved from one to another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from network.communities.leiden import Labels
from network.reading import Move

LEAST = 0.2
"""Members that two communities share, over those that either has, from which on they are the same one."""
STEADY = 0.9
"""Share of its community that a steady account keeps in other runs."""


def matched(windows: Sequence[Labels], first: Labels) -> list[Labels]:
    """Labels of each window in codes that last: of all ways to pair its communities with those known before,
    as each was last seen, that of the largest sum of shared over joint members. What pairs with none is new.

    Args:
        first: codes that are known to begin with, of all time together.
    """
    from scipy.optimize import linear_sum_assignment

    seen = {int(code): first == code for code in np.unique(first[first >= 0])}
    free = max(seen, default=-1) + 1
    coded = []
    for labels in windows:
        here = np.unique(labels[labels >= 0])
        known = list(seen)
        alike = np.array([[_alike(labels == one, seen[code], labels) for code in known] for one in here])
        rows, columns = linear_sum_assignment(-alike) if alike.size else ((), ())
        code_of = {
            int(here[row]): known[column]
            for row, column in zip(rows, columns, strict=True)
            if alike[row, column] >= LEAST
        }
        new = np.full(len(labels), -1, np.int64)
        for one in here:
            if int(one) not in code_of:
                code_of[int(one)], free = free, free + 1
            new[labels == one] = code_of[int(one)]
            seen[code_of[int(one)]] = labels == one
        coded.append(new)
    return coded


def _alike(one: NDArray[np.bool_], other: NDArray[np.bool_], labels: Labels) -> float:
    """Jaccard, among accounts of this window."""
    return float((one & other).sum() / max(1, (one | (other & (labels >= 0))).sum()))


def moves(
    labels: Sequence[Labels], steady: Sequence[NDArray[np.bool_]], begins: Sequence[int]
) -> tuple[Move, ...]:
    """Accounts steady in two windows that follow each other, whose communities differ though both communities
    are in both windows: else it split or merged, and nobody moved.

    Args:
        labels: [n] each, in codes that last.
        steady: [n] each, which accounts are.
        begins: of each window, ms since 1970.
    """
    found = []
    for one, other, sure, surer, at in zip(labels, labels[1:], steady, steady[1:], begins[1:], strict=False):
        lasting = np.intersect1d(one[one >= 0], other[other >= 0])
        moved = sure & surer & (one != other) & np.isin(one, lasting) & np.isin(other, lasting)
        found += [
            Move(int(account), int(at), int(one[account]), int(other[account]))
            for account in np.flatnonzero(moved)
        ]
    return tuple(found)
