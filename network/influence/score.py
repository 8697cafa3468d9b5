"""Score: one way to say how much influence each account carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from network.influence.seen import Floats, Seen

Reads = Literal["posts", "edges", "followers"]


@dataclass(frozen=True)
class Score:
    name: str
    """How commands, files and columns call it."""
    words: str
    """In a sentence for people: `accounts that name it`."""
    reads: Reads
    """What it says nothing without."""
    of: Callable[[Seen], Floats]
    """[n], higher is more; NaN where it says nothing of an account. The same for the same, byte by byte."""
    cost: Callable[[Seen], float]
    """About how many seconds it takes on one core: what decides how often it can be resampled."""
    how: str = ""
    """What a reader of the number must know of how it came about."""
    drawn: Callable[[Seen], tuple[Floats, Floats]] | None = None
    """Where only a part of the network is looked at: what `of` gives, and its standard error by the draw."""

    def seconds(self, seen: Seen) -> float:
        return max(self.cost(seen), 1e-9)


def linear(pairs: float = 0.0, posts: float = 0.0, accounts: float = 0.0) -> Callable[[Seen], float]:
    """Seconds for each million of pairs, posts and accounts."""
    return lambda seen: 1e-6 * (pairs * seen.q + posts * len(seen.author) + accounts * seen.n)
