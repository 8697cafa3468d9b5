"""Probes of the leak screen: how well a column tells a label, or what else nobody knows at publication.

Everything is asked in ranks: the ranks of a label, of its distance from the median, of the next post's label.
A probe predicts them for one half of the posts from what it has learnt on the other; how well a column tells
them is the correlation of the prediction with the ranks, from 0 to 1, and for a column that rises with the
label about Spearman's rho.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

FEWEST_POSTS = 30
MOST_LEVELS = 64
"""Of a column of numbers; more are cut into as many bins, each about as full."""
_ACCOUNTS = 20
"""From as many on, the halves are halves of the accounts: else a column that merely names the account, or
goes with it, would tell its labels."""
_STRETCHES = 40
"""With fewer accounts, the halves are every other one of as many stretches of time."""
_NEIGHBOURS = 25
"""Posts in a row that stand for one level of the labels, where these drift."""
_PENALTIES = (3.0, 30.0, 300.0)

LABEL = "the label"
DISTANCE = "the distance of the label from its median"
NEXT, PREVIOUS = "the label of the next post", "the label of the post before"
NEXT_OWN, PREVIOUS_OWN = "the label of the account's next post", "the label of the account's post before"


@dataclass(frozen=True)
class Asked:
    """What columns are probed for: the labels of some posts. n posts in time order, k questions."""

    rows: Codes
    """[n] positions among all posts."""
    kinds: tuple[tuple[str, str], ...]
    """[k] target, and what is asked about it."""
    ranks: Floats
    """[n, k] from -0.5 to 0.5, 0 where not known."""
    known: NDArray[np.bool_]
    """[n, k]"""
    half: NDArray[np.bool_]
    """[n] which half a post belongs to."""
    neighbours: Codes
    """[n] stretches of posts next to each other in time; where there are few accounts, of one account."""


def asked(labels: Mapping[str, Floats], users: Codes, rows: Codes, most: int) -> Asked | None:
    """The questions about these labels; None with too few of them.

    Args:
        labels: target -> [posts] in time order, NaN = unlabelled. users: [posts] codes.
        rows: that the questions are about, ascending.
        most: posts that are looked at; of more, some are drawn, always the same.
    """
    rows = rows[np.any([np.isfinite(one[rows]) for one in labels.values()], axis=0)]
    if len(rows) < FEWEST_POSTS:
        return None
    who = users[rows]
    chosen = sample(len(rows), most)
    questions = {
        (target, kind): values[chosen]
        for target, one in labels.items()
        for kind, values in _questions(one[rows], who).items()
    }
    questions = {
        one: values for one, values in questions.items() if np.isfinite(values).sum() >= FEWEST_POSTS
    }
    if not questions:
        return None
    values = np.stack([*questions.values()], axis=1)
    known = np.isfinite(values)
    ranks = pd.DataFrame(values).rank(pct=True).to_numpy() - 0.5
    half, neighbours = _halves(who[chosen]), _neighbours(who[chosen])
    return Asked(rows[chosen], (*questions,), np.where(known, ranks, 0.0), known, half, neighbours)


def _questions(y: Floats, who: Codes) -> dict[str, Floats]:
    questions = {LABEL: y}
    present = np.isfinite(y)
    if present.sum() < FEWEST_POSTS:
        return {}
    distance = np.abs(y - np.median(y[present]))
    if abs(spearman(distance[present], y[present])) < 0.9:  # else it is the label: many posts have the least
        questions[DISTANCE] = distance
    questions |= {NEXT: _shifted(y, 1), PREVIOUS: _shifted(y, -1)}
    if len(np.unique(who)) > 1:
        own = np.argsort(who, kind="stable")
        questions |= {NEXT_OWN: _shifted(y, 1, own, who), PREVIOUS_OWN: _shifted(y, -1, own, who)}
    return questions


def sample(count: int, most: int) -> Codes:
    """`most` of the numbers below `count`, ascending, always the same; all if there are no more."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, most, replace=False))


def levels(values: Floats) -> Codes:
    """[n] numbers as levels: their own where there are few, else bins; what is missing is a level too."""
    present = np.isfinite(values)
    distinct = np.unique(values[present])
    if len(distinct) > MOST_LEVELS:
        bins = int(np.clip(len(values) // 30, 2, MOST_LEVELS))
        distinct = np.unique(np.quantile(values[present], np.linspace(0, 1, bins + 1)[:-1]))
    found = np.searchsorted(distinct, values, side="right").astype(np.int64)
    return np.where(present, found, len(distinct) + 1)


def in_order(values: Floats, question: Asked) -> Floats:
    """[n, k] predicted: the ranks of the values [n], or the other way round; what is missing is 0."""
    ranks = np.nan_to_num(pd.Series(values).rank(pct=True).to_numpy() - 0.5)
    same = np.repeat(ranks[:, None], len(question.kinds), axis=1)
    return np.asarray(same * np.where(tells(same, question) < 0, -1, 1))


def by_levels(codes: Codes, question: Asked) -> Floats:
    """[n, k] predicted: the mean of each level in the other half, drawn a little towards the mean of all."""
    count = int(codes.max()) + 1
    place = codes + count * question.half
    order = place.argsort(kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    means = np.zeros((2 * count, len(question.kinds)))
    sums, counts = (
        np.add.reduceat(of[order], starts) for of in (question.ranks, question.known.astype(float))
    )
    means[place[order][starts]] = sums / (counts + 2)
    return means[codes + count * ~question.half]


def by_features(features: Floats, question: Asked) -> Floats:
    """[n, k] predicted by ridge regression on [n, d] features, at the penalty that does best."""
    centred = (features - features.mean(axis=0)).astype(np.float32)
    tried = {penalty: np.zeros_like(question.ranks) for penalty in _PENALTIES}
    for half in (False, True):
        learn = question.half != half
        for penalty, weights in _ridge(centred[learn], question.ranks[learn].astype(np.float32)).items():
            tried[penalty][~learn] = centred[~learn] @ weights
    found = np.stack([tells(predicted, question) for predicted in tried.values()])
    best = found.argmax(axis=0)
    return np.stack([*tried.values()])[best, :, np.arange(len(best))].T


def tells(predicted: Floats, question: Asked) -> Floats:
    """[k] correlation of predictions [n, k] with the ranks, where these are known."""
    return _correlation(predicted, question.ranks, question.known)


def tells_among_neighbours(predicted: Floats, question: Asked) -> Floats:
    """[k] the same among posts of about one time: what only goes with the drift of labels tells nothing."""
    order = question.neighbours.argsort(kind="stable")
    starts = np.flatnonzero(np.diff(question.neighbours[order], prepend=-1))
    counts = np.maximum(np.add.reduceat(question.known[order].astype(float), starts), 1)
    which = np.searchsorted(question.neighbours[order][starts], question.neighbours)

    def without_drift(values: Floats) -> Floats:
        sums = np.add.reduceat((values * question.known)[order], starts)
        return np.asarray(values - (sums / counts)[which])

    return _correlation(without_drift(predicted), without_drift(question.ranks), question.known)


def spearman(x: Floats, y: Floats) -> float:
    """Rank correlation with mid-ranks; 0.0 for fewer than 30 posts or a constant."""
    if len(x) < FEWEST_POSTS:
        return 0.0
    a, b = (pd.Series(values).rank().to_numpy() for values in (x, y))
    a, b = a - a.mean(), b - b.mean()
    norm = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / norm) if norm > 0 else 0.0


def _shifted(y: Floats, by: int, order: Codes | None = None, who: Codes | None = None) -> Floats:
    """The label `by` posts later, in this order and of the same account; NaN where there is none."""
    order = np.arange(len(y)) if order is None else order
    result = np.full(len(y), np.nan)
    here, there = (order[:-1], order[1:]) if by > 0 else (order[1:], order[:-1])
    same = np.ones(len(here), bool) if who is None else who[here] == who[there]
    result[here[same]] = y[there[same]]
    return result


def _halves(who: Codes) -> NDArray[np.bool_]:
    accounts, codes = np.unique(who, return_inverse=True)
    if len(accounts) >= _ACCOUNTS:
        return np.random.default_rng(0).permutation(len(accounts))[codes] % 2 == 0
    return np.arange(len(who)) * _STRETCHES // len(who) % 2 == 0


def _neighbours(who: Codes) -> Codes:
    """Stretches of 25 posts in time; of each account by itself where there are few accounts."""
    accounts, codes = np.unique(who, return_inverse=True)
    order = np.argsort(codes, kind="stable") if len(accounts) < _ACCOUNTS else np.arange(len(who))
    codes = codes if len(accounts) < _ACCOUNTS else np.zeros_like(codes)
    result = np.empty(len(who), dtype=np.int64)
    result[order] = np.arange(len(who)) // _NEIGHBOURS + len(who) * codes[order]
    return result


def _ridge(x: NDArray[np.float32], y: NDArray[np.float32]) -> dict[float, NDArray[np.float32]]:
    """Penalty -> [d, k] weights. Solved in the smaller of posts and features."""
    if x.shape[0] < x.shape[1]:
        inner, among = x @ x.T, np.eye(len(x), dtype=np.float32)
        return {one: np.asarray(x.T @ np.linalg.solve(inner + one * among, y)) for one in _PENALTIES}
    inner, target, among = x.T @ x, x.T @ y, np.eye(x.shape[1], dtype=np.float32)
    return {one: np.asarray(np.linalg.solve(inner + one * among, target)) for one in _PENALTIES}


def _correlation(a: Floats, b: Floats, known: NDArray[np.bool_]) -> Floats:
    count = np.maximum(known.sum(axis=0), 1)
    a, b = (np.where(known, one - (one * known).sum(axis=0) / count, 0.0) for one in (a, b))
    norm = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    return np.divide((a * b).sum(axis=0), norm, out=np.zeros(a.shape[1]), where=norm > 1e-12)
