"""Campaigns: accounts that were chosen on early cascades, held against later ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.bootstrap import interval
from network.campaigns.coverage import most_covered
from network.campaigns.independent import reverse_reachable
from network.judging.cascade_files import Steps

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SAMPLES = 20_000
FOLLOWERS, OWN_PAST = "followers", "own past: users after it"
"""What a method must beat to be of use."""
Ways = Mapping[str, Callable[[int], Ints]]
"""How k accounts are chosen: a name -> their codes, the first ones first."""


@dataclass(frozen=True)
class Early:
    """What is known at the cut: cascades as far as they had come, and who follows whom."""

    cascades: tuple[Ints, ...]
    """Codes of the users of each, in order."""
    audience: csr_matrix
    """[n, n] 1 where the account of the column follows that of the row."""


@dataclass(frozen=True)
class Split:
    """Cascades that began before a moment, and those that began after it. Codes of accounts from 0."""

    early: Early
    later: tuple[Ints, ...]
    n: int


def split(cascades: Sequence[Steps], follows: Ints, share: float = 0.5) -> Split:
    """The cut is where a share of the cascades has begun; steps after it are no part of the early ones."""
    from scipy.sparse import csr_matrix

    cut = int(cascades[round(len(cascades) * share)].times[0])
    accounts = np.unique(np.concatenate([follows.ravel(), *(one.users for one in cascades)]))
    code = np.searchsorted(accounts, follows)
    n = len(accounts)
    audience = csr_matrix((np.ones(len(code)), (code[:, 1], code[:, 0])), shape=(n, n))
    early = [one.users[one.times < cut] for one in cascades if one.times[0] < cut]
    later = [one.users for one in cascades if one.times[0] >= cut]
    coded = [[np.searchsorted(accounts, users) for users in some] for some in (early, later)]
    return Split(Early(tuple(coded[0]), audience), tuple(coded[1]), n)


def reached(cascades: Sequence[Ints], seeds: Ints) -> Floats:
    """[c] users of each cascade that came after the first of the seeds in it; no seed counts."""
    found = np.zeros(len(cascades))
    for row, users in enumerate(cascades):
        chosen = np.isin(users, seeds)
        if chosen.any():
            found[row] = (~chosen[int(chosen.argmax()) :]).sum()
    return found


def ways(early: Early, seed: int = 0) -> dict[str, Callable[[int], Ints]]:
    """All ways to choose, none of which sees a later cascade."""
    from scipy.sparse import csr_matrix

    n = early.audience.shape[0]
    followers = np.diff(early.audience.indptr)
    took_part, past = np.zeros(n), np.zeros(n)
    account: list[int] = []
    thing: list[int] = []
    things = 0
    for users in early.cascades:
        took_part[users] += 1
        past[users] += len(users) - 1 - np.arange(len(users))
        for place, user in enumerate(users.tolist()):
            account += [user] * (len(users) - 1 - place)
            thing += range(things + place + 1, things + len(users))
        things += len(users)
    after = csr_matrix((np.ones(len(account)), (account, thing)), shape=(n, things))
    active = early.audience[:, took_part > 0]
    samples = reverse_reachable(early.audience, SAMPLES, seed=seed)
    return {
        FOLLOWERS: lambda k: _most(followers, k),
        "early cascades taken part in": lambda k: _most(took_part, k),
        OWN_PAST: lambda k: _most(past, k),
        "greedy: followers": lambda k: most_covered(early.audience, k).accounts,
        "greedy: followers who took part": lambda k: most_covered(active, k).accounts,
        "greedy: users after it": lambda k: most_covered(after, k).accounts,
        "independent cascade (RIS)": lambda k: most_covered(samples, k).accounts,
    }


def _most(values: NDArray[np.float64] | Ints, k: int) -> Ints:
    return np.lexsort((np.arange(len(values)), -values))[:k]


@dataclass(frozen=True)
class Covered:
    """A way to choose k accounts, held against later cascades."""

    way: str
    k: int
    share: float
    """Of all users of later cascades, those that came after a chosen account."""
    low: float
    high: float
    beyond: float
    """Its share less that of `against`; paired, over cascades."""
    beyond_low: float
    beyond_high: float


def covered(
    given: Split, k: int, against: str = FOLLOWERS, draws: int = 2000, seed: int = 0
) -> list[Covered]:
    """Every way, and as many random accounts of those that took part early; 95% intervals over cascades."""
    random = np.random.default_rng(seed)
    users = np.array([len(one) for one in given.later], np.float64)
    some = np.unique(np.concatenate([np.empty(0, np.int64), *given.early.cascades]))
    by_way = {name: reached(given.later, choose(k)) for name, choose in ways(given.early, seed).items()}
    at_random = [
        reached(given.later, random.choice(some, min(k, len(some)), replace=False)) for _ in range(50)
    ]
    by_way["random, of those who took part"] = np.mean(at_random, axis=0)
    drawn = random.integers(0, len(users), (draws, len(users)))
    shares = {name: one[drawn].sum(axis=1) / users[drawn].sum(axis=1) for name, one in by_way.items()}
    found = []
    for name, one in by_way.items():
        low, high = interval(shares[name], n_clusters=max(2, len(users)))
        beyond = interval(shares[name] - shares[against], n_clusters=max(2, len(users)))
        difference = float((one - by_way[against]).sum() / users.sum())
        found.append(Covered(name, k, float(one.sum() / users.sum()), low, high, difference, *beyond))
    return sorted(found, key=lambda one: -one.share)
