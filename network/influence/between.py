"""Between: how many shortest ways from account to account lead over an account (Brandes, 2001), from some of
the accounts that they may begin at (Brandes and Pich, 2007)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from network.influence.seen import Floats, Seen

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BEGINNINGS, FEWEST_BEGINNINGS = 256, 32
"""Accounts at most from which ways are followed, and at least, however large the network."""
WORK = 1.2e8
"""Pairs and accounts that all beginnings together may pass."""
TOGETHER = 2**21
"""Numbers of one batch of beginnings: 16 MB."""
FARTHEST = 30
"""Steps; ways beyond would be of a chain, not of people."""


def betweenness(seen: Seen) -> Floats:
    """Pairs of accounts of whose shortest ways it is on one, or a share of them. Ways follow the edges."""
    return sampled(seen)[0]


def beginnings_of(seen: Seen) -> int:
    """How many a network is given: fewer the larger it is."""
    return int(min(BEGINNINGS, max(FEWEST_BEGINNINGS, WORK // max(seen.q + 2 * seen.n, 1))))


def sampled(seen: Seen, beginnings: int | None = None) -> tuple[Floats, Floats]:
    """Betweenness, and its standard error by the choice of beginnings: 0 where all were taken. Both [n].

    Only accounts that name others are beginnings; where there are no more than are taken, it is exact.
    """
    begins = np.unique(seen.source)
    beginnings, taken = beginnings or beginnings_of(seen), begins
    if len(begins) > beginnings:
        taken = np.sort(np.random.default_rng(0).choice(begins, beginnings, replace=False))
    sums, squares = np.zeros(seen.n), np.zeros(seen.n)
    for found in _ways(seen, taken):
        sums += found.sum(axis=1)
        squares += (found**2).sum(axis=1)
    if len(taken) == len(begins):
        return sums, np.zeros(seen.n)
    k, all_of = len(taken), len(begins)
    spread = np.sqrt(np.maximum(squares / k - (sums / k) ** 2, 0) * k / (k - 1))
    # Without replacement: the more of all are taken, the less is left to chance.
    return sums * all_of / k, all_of * spread / math.sqrt(k) * math.sqrt(1 - k / all_of)


def _ways(seen: Seen, begins: NDArray[np.int32]) -> Iterator[Floats]:
    """[n, some]: what each account gets of the ways from some beginnings, all beginnings in turn."""
    forth = seen.pairs.T.tocsr()
    together = max(1, TOGETHER // max(seen.n, 1))
    for start in range(0, len(begins), together):
        yield _of(begins[start : start + together], seen.pairs, forth)


def _of(begins: NDArray[np.int32], back: csr_matrix, forth: csr_matrix) -> Floats:
    """All ways at once, step by step out and then back again, a column a beginning."""
    n, k = forth.shape[0], len(begins)
    columns = np.arange(k)
    ways = np.zeros((n, k))
    ways[begins, columns] = 1
    step = ways.copy()
    levels = [step > 0]
    reached = levels[0].copy()
    for _ in range(FARTHEST):
        step = (forth @ step) * ~reached
        if not step.any():
            break
        ways += step
        levels.append(step > 0)
        reached |= levels[-1]
    depends = np.zeros((n, k))
    each = np.divide(1.0, ways, out=np.zeros((n, k)), where=reached)
    for nearer, farther in zip(levels[-2::-1], levels[:0:-1], strict=True):
        depends += (back @ (farther * each * (1 + depends))) * ways * nearer
    depends[begins, columns] = 0
    return depends
