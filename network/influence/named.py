"""Named: what it says of an account that others name or follow it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from network.influence.seen import Floats, Seen

Marks = NDArray[np.float32]

ROUNDS = 256
"""Of the estimate of audiences; its standard error is 1 / sqrt(ROUNDS - 2), 6%."""
EXACT_STEPS = 2e7
"""Ways of two steps up to which audiences are counted, above which they are estimated."""
DAMPING, SURF_ROUNDS = 0.85, 60
"""What is left of a difference after the rounds is 0.85 ** 60, 6e-5 of all ranks."""
HUB_ROUNDS, CLOSE = 100, 1e-8


def in_degree(seen: Seen) -> Floats:
    """Accounts that name or follow it: its audience, each once."""
    return np.bincount(seen.target, minlength=seen.n).astype(np.float64)


def in_strength(seen: Seen) -> Floats:
    """How often it is named or followed, by their weights."""
    return _summed(seen, seen.strength)


def mentions(seen: Seen) -> Floats:
    """Posts of others that name it."""
    return _summed(seen, seen.naming)


def shared_audience(seen: Seen) -> Floats:
    """Accounts that name it, each shared among all that it names: one that names everybody is nobody's."""
    names = np.bincount(seen.source, minlength=seen.n)
    return _summed(seen, 1 / names[seen.source])


def _summed(seen: Seen, of_pairs: Floats) -> Floats:
    # Of no pair at all, bincount gives whole numbers.
    return np.bincount(seen.target, of_pairs, minlength=seen.n).astype(np.float64)


def ways_of_two(seen: Seen) -> float:
    """Ways a -> b -> c, what counting audiences within two steps costs."""
    arriving = np.bincount(seen.target, minlength=seen.n).astype(np.float64)
    return float(arriving @ np.bincount(seen.source, minlength=seen.n))


def two_steps(seen: Seen) -> Floats:
    """Accounts that name it, or name one that does: each once, without itself."""
    return _counted(seen) if ways_of_two(seen) <= EXACT_STEPS else _estimated(seen)


def _counted(seen: Seen) -> Floats:
    audience = seen.pairs.T.tocsr()
    found = (audience + audience @ audience).tocsr()
    return np.diff(found.indptr) - (found.diagonal() > 0)


def _estimated(seen: Seen) -> Floats:
    """From the least of exponential marks that a set's members carry (Cohen, JCSS 1997)."""
    order = np.argsort(seen.target, kind="stable")
    source = seen.source[order]
    starts = np.flatnonzero(np.diff(seen.target[order], prepend=-1))
    named = seen.target[order][starts]
    sums, rng = np.zeros(seen.n), np.random.default_rng(0)

    def of_audience(marks: Marks) -> Marks:
        least = np.full(seen.n, np.inf, np.float32)
        if len(starts):
            least[named] = np.minimum.reduceat(marks[source], starts)
        return least

    for _ in range(ROUNDS):
        marks = rng.exponential(size=seen.n).astype(np.float32)
        sums += of_audience(np.minimum(marks, of_audience(marks)))
    found = np.zeros(seen.n)
    found[named] = (ROUNDS - 1) / sums[named]
    # Never fewer than the first step, which is known.
    return np.maximum(found, in_degree(seen))


def pagerank(seen: Seen) -> Floats:
    """The share of time that somebody spends there who goes from account to account by whom they name.

    Brin and Page, 1998; the stronger a pair by the logarithm of its strength, the likelier. By Ruffini and
    Horner: scikit-network 0.33's own choice of a solver gives accounts that name nobody what is due to all.
    """
    from sknetwork.ranking import PageRank

    if not seen.q:
        return np.full(seen.n, 1 / max(seen.n, 1))
    found = PageRank(damping_factor=DAMPING, solver="RH", n_iter=SURF_ROUNDS).fit_predict(seen.logs)
    return np.asarray(found, np.float64)


def authority(seen: Seen) -> Floats:
    """HITS: named by those who name whom many name (Kleinberg, JACM 1999), of length 1.

    By rounds from all being equal, since scikit-network's begins at random and differs from call to call.
    """
    matrix, back = seen.logs, seen.logs.T.tocsr()
    found = np.full(seen.n, 1 / np.sqrt(max(seen.n, 1)))
    for _ in range(HUB_ROUNDS if seen.q else 0):
        before, found = found, back @ (matrix @ found)
        found /= np.linalg.norm(found)
        if np.abs(found - before).max() < CLOSE:
            break
    return found if seen.q else np.zeros(seen.n)


def core(seen: Seen) -> Floats:
    """The largest k such that it is among accounts each of which is tied to k others of them, either way."""
    from sknetwork.topology import get_core_decomposition

    return np.asarray(get_core_decomposition(seen.both_ways), np.float64)
