"""Thresholds: the engagement that a post must exceed to lie in the top share of its scope's recent past.

The k-th largest of n values, k = share * n rounded down and at least 1: who exceeds it is among the best k of
n + 1, whatever the values are. No interpolation, so that a threshold is a count that some post has had.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rule:
    """Which posts of a scope a post is held against, and which of them it must exceed."""

    share: float
    """Of the best: 0.1 is a tenth."""
    window: int
    """ms before publication."""
    fewest: int
    """Posts; with fewer there is no threshold."""

    @classmethod
    def of(cls, share: float, window_days: float, fewest: int) -> Rule:
        return cls(share, round(window_days * 86_400_000), fewest)


@dataclass(frozen=True)
class Past:
    """m posts by time, with what is known of them from `known_at` on."""

    scopes: Ints
    """[m] code of the account, the category, the region, ...; -1: of none."""
    times: Ints
    """[m] ms since 1970, ascending."""
    known_at: Ints
    """[m] ms, ascending."""
    values: Floats
    """[m]; NaN: never known."""


@dataclass(frozen=True)
class Asked:
    """n posts, each as of a moment."""

    scopes: Ints
    times: Ints
    """[n] publication, ascending."""
    as_of: Ints
    """[n] ascending, none after publication."""


def just_below(reached: float) -> float:
    """The threshold of a rule that asks for so much or more, in the form of the others, which are exceeded:
    the number next below that 32 bits hold, as engagement is handed over."""
    return float(np.nextafter(np.float32(reached), np.float32(-np.inf)))


def scope_codes(within: str, posts: pa.Table) -> Ints:
    """int64 [n]: a code of each post's account (`account`) or of its value in a column, -1 where it has none;
    0 for all posts under `all`."""
    import pyarrow.compute as pc

    if within == "all":
        return np.zeros(len(posts), np.int64)
    column = posts["user_id" if within == "account" else within].combine_chunks()
    codes: Ints = pc.fill_null(column.dictionary_encode().indices, -1).to_numpy().astype(np.int64)
    return codes


def thresholds(past: Past, asked: Asked, rule: Rule, *, newest: bool = False) -> Floats:
    """float64 [n]: what each post must exceed; NaN where too few are known.

    Args:
        newest: where the window holds too few, the `rule.fewest` newest that are known are taken, however old
            and however few.
    """
    found = np.full(len(asked.times), np.nan)
    known = _by_scope(past.scopes, np.flatnonzero(~np.isnan(past.values) & (past.scopes >= 0)))
    for scope, rows in _by_scope(asked.scopes, np.arange(len(asked.times))).items():
        if scope in known:
            found[rows] = list(_of_scope(past, known[scope], asked, rows, rule, newest))
    return found


def _by_scope(scopes: Ints, rows: Ints) -> dict[int, Ints]:
    """The rows of each scope, in their order."""
    if not len(rows):
        return {}
    order = rows[np.argsort(scopes[rows], kind="stable")]
    codes, starts = np.unique(scopes[order], return_index=True)
    return dict(zip(codes.tolist(), np.split(order, starts[1:]), strict=True))


def _of_scope(past: Past, known: Ints, asked: Asked, rows: Ints, rule: Rule, newest: bool) -> Iterator[float]:
    """Post by post. A sorted list follows the window: what becomes known goes in, what is too old out."""
    values = past.values[known].tolist()
    ends = np.searchsorted(past.known_at[known], asked.as_of[rows], side="right").tolist()
    begins = np.searchsorted(past.times[known], asked.times[rows] - rule.window, side="left").tolist()
    inside: list[float] = []
    begin = end = 0
    for wanted_begin, wanted_end in zip(begins, ends, strict=True):
        while end < wanted_end:
            insort(inside, values[end])
            end += 1
        while begin < min(wanted_begin, end):
            del inside[bisect_left(inside, values[begin])]
            begin += 1
        if len(inside) >= rule.fewest:
            yield inside[-_place(rule.share, len(inside))]
        elif newest and end:
            few = sorted(values[max(0, end - rule.fewest) : end])
            yield few[-_place(rule.share, len(few))]
        else:
            yield np.nan


def _place(share: float, n: int) -> int:
    """From the top. Of 0.1 * 30 no more and no less than 3 comes."""
    return max(1, int(share * n + 1e-9))
