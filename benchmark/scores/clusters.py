"""Clusters: which posts hang together, so that a bootstrap draws them together.

Posts of one user share an audience; where a few accounts wrote everything, posts of one stretch of time do.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from benchmark.scores.measures.resamples import Integers

ENOUGH_CLUSTERS = 20
"""Intervals from fewer clusters are too narrow (Cameron & Miller, Journal of Human Resources, 2015)."""

MS_PER_DAY = 86_400_000


def clusters(users: ArrayLike, times_ms: ArrayLike, *, block_days: float = 7.0) -> Integers:
    """The cluster of each post, int64 [n] in 0..C-1, each used.

    A cluster is a user where users are many: where the effective number of users, (sum of n_u)^2 / sum of
    n_u^2 over their numbers of posts n_u (Kish, Survey Sampling, 1965), is at least `ENOUGH_CLUSTERS`.

    Otherwise clusters are consecutive, non-overlapping blocks of time over all accounts (Carlstein, Annals of
    Statistics, 1986). A block lasts for whole multiples of `block_days`, a week, so that it holds the rhythm
    of the week, and for at least n^(1/3) posts, the length that Hall, Horowitz & Jing (Biometrika, 1995)
    derive. Where that leaves fewer than `ENOUGH_CLUSTERS` blocks, n^(1/3) posts alone make a block.

    Args:
        users: user of each post [n], none missing.
        times_ms: time of each post in milliseconds, int64 [n].

    Raises:
        ValueError: arrays that are not of one shape [n], a missing user, or no positive `block_days`.
    """
    # As objects: pandas refuses lists, and would otherwise number strings by their type.
    names, times = np.asarray(users, dtype=object), np.asarray(times_ms, dtype=np.int64)
    if names.ndim != 1 or names.shape != times.shape:
        raise ValueError(f"users {names.shape} and times {times.shape} must have the same shape (n,)")
    if not block_days > 0:
        raise ValueError(f"block_days must be positive, got {block_days}")
    by_user = pd.factorize(names, sort=True)[0].astype(np.int64)
    if (missing := by_user < 0).any():
        raise ValueError(f"{missing.sum()} posts have no user; the first is at {int(missing.argmax())}")
    posts = np.bincount(by_user).astype(np.float64)
    if len(names) and posts.sum() ** 2 / (posts @ posts) >= ENOUGH_CLUSTERS:
        return by_user
    return _time_blocks(times, block_days)


def _time_blocks(times: Integers, block_days: float) -> Integers:
    n = len(times)
    if not n:
        return np.empty(0, dtype=np.int64)
    order = np.argsort(times, kind="stable")
    fewest_posts = math.ceil(round(n ** (1 / 3), 9))
    spans = (times[order] - times[order[0]]) // round(block_days * MS_PER_DAY)
    blocks = _joined(spans, fewest_posts)
    if blocks[-1] + 1 < ENOUGH_CLUSTERS:
        blocks = _joined(np.arange(n), fewest_posts)
    of_posts = np.empty(n, dtype=np.int64)
    of_posts[order] = blocks
    return of_posts


def _joined(spans: Integers, fewest_posts: int) -> Integers:
    """Consecutive blocks of whole spans, at least `fewest_posts` each; what is left joins the last."""
    ends = np.append(np.flatnonzero(np.diff(spans)) + 1, len(spans))
    starts = [0]
    for end in ends:
        if end - starts[-1] >= fewest_posts:
            starts.append(int(end))
    inner = [start for start in starts[1:] if len(spans) - start >= fewest_posts]
    block = np.zeros(len(spans), dtype=np.int64)
    block[inner] = 1
    return np.cumsum(block)
