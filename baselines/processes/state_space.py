"""State space: a Gaussian process over the time of each account, filtered post by post.

The process of an account is the sum of a level that starts somewhere and wanders (Brownian motion), a
straight line, and two Ornstein-Uhlenbeck processes, a slow and a quick one, that return to zero. As a state
of four numbers it costs time linear in the posts (Kalman 1960; Hartikainen and Särkkä 2010), where its
covariance matrix would cost their cube. Compiled by numba: imported where a process is filtered.

Posts are in the order of account and then of time. Everything is in units of the noise of a label.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Process(NamedTuple):
    """Standard deviations in units of the noise, times in days."""

    account: float
    """Of where accounts start."""
    wander: float
    """Of what the level wanders in a day."""
    line: float
    """Of the slopes of accounts, a day."""
    slow: float
    slow_days: float
    quick: float
    quick_days: float


class Filtered(NamedTuple):
    """n posts, q columns."""

    innovations: Floats
    """[n, q]: each column less what the earlier rows of the account tell of it, in units of its own standard
    deviation: independent standard normal numbers, were the column drawn from process and noise."""
    spreads: Floats
    """[n] standard deviation of those differences, before they became units."""
    means: Floats
    """[n, 4] state of the first column after each post."""
    covariances: Floats
    """[n, 4, 4] of what the state may still be then, in units of the noise: the same of all columns."""


def filtered(
    process: Process, first: NDArray[np.bool_], days: Floats, columns: Floats, noise: Floats
) -> Filtered:
    """
    Args:
        first: [n] whether a post is its account's first. days: [n] moments.
        columns: [n, q], filtered alike: the first is the label, others what explains it linearly.
        noise: [n] variance of each label's noise, 1 for a usual post.
    """
    told = np.array(process, np.float64)
    return Filtered(*_filter(told, first, days, np.ascontiguousarray(columns, np.float64), noise))


def ahead(process: Process, means: Floats, days: Floats) -> Floats:
    """[n]: the mean of the process so many days after these states [n, 4]."""
    slow, quick = np.exp(-days / process.slow_days), np.exp(-days / process.quick_days)
    found: Floats = means[:, 0] + days * means[:, 1] + slow * means[:, 2] + quick * means[:, 3]
    return found


def ahead_variance(process: Process, covariances: Floats, days: Floats) -> Floats:
    """[n]: the variance of the process so many days after states of these covariances [n, 4, 4]."""
    slow, quick = np.exp(-days / process.slow_days), np.exp(-days / process.quick_days)
    seen = np.stack([np.ones_like(days), days, slow, quick], axis=1)
    new = (
        process.wander**2 * days
        + process.slow**2 * (1 - np.square(slow))
        + process.quick**2 * (1 - np.square(quick))
    )
    found: Floats = np.einsum("ni,nij,nj->n", seen, covariances, seen) + new
    return found


def beginning(process: Process) -> Floats:
    """[4, 4]: the covariance of an account's state before its first label."""
    return np.diag(np.square([process.account, process.line, process.slow, process.quick]))


@njit
def _filter(
    told: Floats, first: NDArray[np.bool_], days: Floats, columns: Floats, noise: Floats
) -> Any:  # pragma: no cover (compiled)
    account, wander, line, slow, slow_days, quick, quick_days = told
    n, q = columns.shape
    innovations = np.empty((n, q))
    means, covariances = np.empty((n, 4)), np.empty((n, 4, 4))
    state, off, p = np.zeros((4, q)), np.zeros(q), np.zeros((4, 4))
    gain, seen, decay = np.zeros(4), np.zeros(4), np.zeros(4)
    spreads = np.empty(n)
    for i in range(n):
        if first[i]:
            state[:] = 0.0
            p[:] = 0.0
            p[0, 0], p[1, 1], p[2, 2], p[3, 3] = account**2, line**2, slow**2, quick**2
        else:
            gap = days[i] - days[i - 1]
            decay[0], decay[1] = 1.0, 1.0
            decay[2], decay[3] = np.exp(-gap / slow_days), np.exp(-gap / quick_days)
            for c in range(q):
                state[0, c] += gap * state[1, c]
            for j in range(2, 4):
                for c in range(q):
                    state[j, c] *= decay[j]
            for k in range(4):  # the level takes the slope's rows and columns along
                p[0, k] += gap * p[1, k]
            for k in range(4):
                p[k, 0] += gap * p[k, 1]
            for j in range(4):
                for k in range(4):
                    p[j, k] *= decay[j] * decay[k]
            p[0, 0] += wander**2 * gap
            p[2, 2] += slow**2 * (1 - decay[2] ** 2)
            p[3, 3] += quick**2 * (1 - decay[3] ** 2)
        for j in range(4):
            seen[j] = p[j, 0] + p[j, 2] + p[j, 3]
        variance = seen[0] + seen[2] + seen[3] + noise[i]
        spreads[i] = np.sqrt(variance)
        for j in range(4):
            gain[j] = seen[j] / variance
        unit = 1 / spreads[i]
        for c in range(q):
            off[c] = columns[i, c] - state[0, c] - state[2, c] - state[3, c]
            innovations[i, c] = off[c] * unit
        for j in range(4):
            for c in range(q):
                state[j, c] += gain[j] * off[c]
        for j in range(4):
            for k in range(4):
                p[j, k] -= gain[j] * seen[k]
                covariances[i, j, k] = p[j, k]
            means[i, j] = state[j, 0]
    return innovations, spreads, means, covariances
