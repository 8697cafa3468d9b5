"""A society: accounts in communities, some of whom carry influence, and who names whom, at any size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WITHIN = 0.7
"""Share of namings, and of follows, that stay in the community."""
SMALLEST_COMMUNITY, LARGEST_COMMUNITIES = 20, 60
"""There is one community for about sixty accounts, and none of fewer than twenty members."""


@dataclass(frozen=True)
class Society:
    """n accounts: arrays of one entry an account."""

    community: Ints
    """From 0; the larger first."""
    influence: Floats
    """Above 0, at most 1: how much it lifts whom it names, relative to the most influential."""
    own: Floats
    """How far the log of what its posts get lies above that of others, whatever the network."""
    activity: Floats
    """Relative number of posts."""
    fame: Floats
    """Relative number of times it is named: the influential are, and luck."""


def society(accounts: int, rng: np.random.Generator) -> Society:
    """Own effect and influence go together a little (0.3), fame and influence more (about 0.7)."""
    count = max(2, min(LARGEST_COMMUNITIES, round(accounts / 60)))
    sizes = np.sort(rng.dirichlet(np.full(count, 8.0)))[::-1]
    least = min(SMALLEST_COMMUNITY, accounts // count)
    members = least + np.floor(sizes * (accounts - least * count)).astype(np.int64)
    members[0] += accounts - members.sum()
    first, second, third = rng.normal(size=(3, accounts))
    influence = np.exp(1.2 * first)
    return Society(
        community=rng.permutation(np.repeat(np.arange(count), members)),
        influence=influence / influence.max(),
        own=0.9 * (0.3 * first + np.sqrt(1 - 0.3**2) * second),
        activity=np.exp(0.7 * rng.normal(size=accounts)),
        fame=np.exp(1.0 * first + 0.8 * third),
    )


def authors(of: Society, count: int, rng: np.random.Generator) -> Ints:
    """Who does it, `count` times: the active more often."""
    return rng.choice(len(of.activity), count, p=of.activity / of.activity.sum())


def named_by(of: Society, author: Ints, rng: np.random.Generator) -> Ints:
    """Whom each of them names: mostly one of the same community, there the famous; never itself."""
    found = _drawn(of, author, rng)
    for _ in range(20):
        itself = np.flatnonzero(found == author)
        if not len(itself):
            break
        found[itself] = _drawn(of, author[itself], rng)
    else:
        found[itself] = (author[itself] + 1) % len(of.fame)
    return found


def _drawn(of: Society, author: Ints, rng: np.random.Generator) -> Ints:
    order = np.argsort(of.community, kind="stable")
    ends = np.cumsum(of.fame[order])
    size = np.bincount(of.community)
    last = np.cumsum(size)
    # Where each community begins and ends on the line of everybody's fame.
    high = ends[last - 1]
    low = np.concatenate([[0.0], high[:-1]])
    community = of.community[author]
    stays = rng.random(len(author)) < WITHIN
    begin = np.where(stays, low[community], 0.0)
    end = np.where(stays, high[community], ends[-1])
    place = np.searchsorted(ends, begin + rng.random(len(author)) * (end - begin), side="right")
    return order[np.minimum(place, len(order) - 1)]
