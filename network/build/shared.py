"""Shared: accounts that use the same tags, name the same accounts, or share language, place or zone.

What many use says little of two that use it: a value that u accounts use counts 1 / (u - 1) for each two of
them, as in Newman's networks of authors (Phys. Rev. E 64 (2001) 016132). What is left is a hairball, and only
its backbone is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.build.backbone import ALPHA, backbone
from network.build.edges import NO_POST, Edges
from network.graph import Codes, Ints

MOST_PAIRS = 5_000_000
"""Pairs of accounts, a value each, that are looked at; what most accounts use is given up first."""


@dataclass(frozen=True)
class Uses:
    """Who used what when, a row each, in any order."""

    account: Codes
    value: Ints
    """Codes, dense from 0."""
    moment: Ints
    """ms since 1970."""


def shared(
    uses: Uses, kind: str, names: NDArray[np.object_], what: str = "values", most_pairs: int = MOST_PAIRS
) -> tuple[Edges, list[str]]:
    """One edge for each two accounts that have more in common than chance, known from the last first use of
    anything that they share on.

    Which edges stay depends on all uses: a forecast gives none later than the moment of prediction.

    Args:
        what: what values are, in the notes: `tags`.
    """
    account, value, moment = _first_uses(uses, len(names))
    users = np.bincount(value)
    most = _most_users(users, most_pairs)
    notes = []
    if dropped := int((users > most).sum()):
        notes.append(f"{kind}: {dropped:,} {what} that more than {most:,} accounts use are left out")
    kept = (users[value] <= most) & (users[value] > 1)
    one, other, weight, known_at = _pairs(account[kept], value[kept], moment[kept], len(names))
    stays = backbone(one, other, weight, len(names))
    if len(stays):
        share = weight[stays].sum() / weight.sum()
        notes.append(
            f"{kind}: of {len(stays):,} pairs that share {what} the backbone keeps {int(stays.sum()):,}, "
            f"with {share:.0%} of the weight (disparity filter, alpha {ALPHA:g})"
        )
    else:
        notes.append(f"{kind}: no two accounts share any {what}")
    many = int(stays.sum())
    found = Edges(
        names=names,
        source=one[stays],
        target=other[stays],
        known_at=known_at[stays],
        kind=np.zeros(many, np.int8),
        weight=weight[stays].astype(np.float32),
        post=np.full(many, NO_POST, np.int64),
        kinds=(kind,),
    )
    return found, notes


def _first_uses(uses: Uses, n: int) -> tuple[Codes, Ints, Ints]:
    """The first use of each value by each account, by value and account."""
    key = uses.value.astype(np.int64) * n + uses.account
    order = np.lexsort((uses.moment, key))
    key = key[order]
    order = order[np.concatenate([[True], key[1:] != key[:-1]])] if len(key) else order
    return uses.account[order], uses.value[order].astype(np.int64), uses.moment[order]


def _most_users(users: Ints, most_pairs: int) -> int:
    """The largest number of users so that all values of as many or fewer bring no more pairs than that."""
    if not len(users):
        return 0
    counts = np.bincount(users)
    sizes = np.arange(len(counts), dtype=np.int64)
    pairs = np.cumsum(counts * (sizes * (sizes - 1) // 2))
    return int(np.searchsorted(pairs, most_pairs, side="right")) - 1


def _pairs(
    account: Codes, value: Ints, moment: Ints, n: int
) -> tuple[Codes, Codes, NDArray[np.float64], Ints]:
    """Each two accounts of a value, those of all values put together: codes, weight, moment.

    Rows are by value and then account: row i of a value of u rows goes with the u - 1 - i after it.
    """
    first = (
        np.flatnonzero(np.concatenate([[True], value[1:] != value[:-1]])) if len(value) else np.empty(0, int)
    )
    sizes = np.diff(np.append(first, len(value)))
    ends = np.repeat(first + sizes, sizes)
    after = ends - np.arange(len(value)) - 1
    one = np.repeat(np.arange(len(value)), after)
    starts = np.cumsum(after) - after
    other = one + 1 + np.arange(len(one)) - np.repeat(starts, after)
    key = account[one].astype(np.int64) * n + account[other]
    weight = 1.0 / (np.repeat(sizes, sizes)[one] - 1)
    known_at = np.maximum(moment[one], moment[other])
    order = np.argsort(key, kind="stable")
    key, weight, known_at = key[order], weight[order], known_at[order]
    if not len(key):
        return np.empty(0, np.int32), np.empty(0, np.int32), weight, known_at
    at = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    pair = key[at]
    return (
        (pair // n).astype(np.int32),
        (pair % n).astype(np.int32),
        np.add.reduceat(weight, at),
        np.maximum.reduceat(known_at, at),
    )
