"""Reading: what was found in a network, and all that pages, tables and exports are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.network import Network

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Influence:
    """One way to say how much influence each account carries."""

    name: str
    """`in_degree`, `pagerank`, `own_past`: how commands, files and columns call it."""
    words: str
    """In a sentence for people: `accounts that name it`."""
    values: Floats
    """[n], higher is more; NaN where it says nothing of an account."""
    low: Floats
    """[n] the 95% interval over blocks of time; NaN where there is none."""
    high: Floats
    tied: NDArray[np.int64] | None = None
    """[n] the best rank that each account's interval allows, from 1; 0 where it has none."""
    how: str = ""
    """How the number and its interval came about, in sentences."""


@dataclass(frozen=True)
class Held:
    """A score of influence held against what came after: does it say more than the account's own past?"""

    score: str
    against: str
    """What was to be foretold: `engagement`, `mentions`."""
    accounts: int
    spearman: float
    low: float
    high: float
    own_past: float
    """Spearman of the account's own past on the same accounts."""
    beyond: float
    """Spearman of own past and score together, less that of own past alone; paired."""
    beyond_low: float
    beyond_high: float


@dataclass(frozen=True)
class Community:
    """Accounts that belong together more than with others."""

    code: int
    name: str
    """What its members write about and others do not: `#tag, #tag; Portuguese`."""
    members: NDArray[np.int64]
    """Codes, by influence within it."""
    stable: float
    """0 to 1: how often two of its members stay together over seeds and resamples."""


@dataclass(frozen=True)
class Move:
    """An account that was steadily in one community, and steadily in another a window later."""

    account: int
    at: int
    """ms since 1970: beginning of the later window."""
    left: int
    joined: int


@dataclass(frozen=True)
class Communities:
    """Every account in one of them, or in none."""

    of: NDArray[np.int64]
    """[n] code of each account's community; -1 where it has no edge."""
    found: tuple[Community, ...]
    resolution: float
    rule: str
    """How their number came about, in a sentence."""
    seeds: float
    """Adjusted mutual information between seeds, the mean."""
    resamples: float
    """The same between resamples of the edges' blocks of time."""
    windows: tuple[tuple[int, int, NDArray[np.int64]], ...] = ()
    """(since, until, [n] codes) of each window; the same code is the same community."""
    moved: tuple[Move, ...] = ()
    """Who moved between two windows that follow each other."""


@dataclass(frozen=True)
class Crossing:
    """A tag, link or phrase that went from community to community. Description, not forecast."""

    what: str
    first_seen: int
    """ms since 1970."""
    first_in: int
    """Code of the community."""
    users: int
    order: tuple[tuple[int, int], ...]
    """(community, ms from first seen to its first use there), in order."""
    hours_to_third: float | None
    """Hours until the third community; None if it never came so far."""


@dataclass(frozen=True)
class Reading:
    network: Network
    influence: tuple[Influence, ...]
    held: tuple[Held, ...]
    communities: Communities
    crossings: tuple[Crossing, ...]
    notes: tuple[str, ...] = ()
