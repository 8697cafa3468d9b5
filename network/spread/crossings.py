"""Crossings: which tags and links went from community to community, in what order and how fast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from network.communities.leiden import Labels
from network.reading import Crossing
from network.spread.uses import Uses

HOUR_MS = 3_600_000
FEWEST = 5
"""Accounts that use what is told of: 85 of 100 tags are one account's alone."""


def crossings(uses: Uses, labels: Labels, fewest: int = FEWEST) -> tuple[Crossing, ...]:
    """Items that at least `fewest` accounts used and that came to two communities; the most used first.

    Accounts in no community count as users, and nothing is said of where they are. What is used in two
    communities at the same moment has come to the smaller code first.
    """
    ends = uses.ends()
    told = []
    for item in np.flatnonzero(np.diff(ends) >= fewest):
        span = slice(ends[item], ends[item + 1])
        found = _crossing(str(uses.items[item]), uses.time[span], labels[uses.account[span]])
        if found:
            told.append(found)
    return tuple(sorted(told, key=lambda one: (-one.users, one.first_seen, one.what)))


def _crossing(what: str, time: NDArray[np.int64], community: Labels) -> Crossing | None:
    inside = np.flatnonzero(community >= 0)
    order = inside[np.lexsort((community[inside], time[inside]))]
    codes, first = np.unique(community[order], return_index=True)
    if len(codes) < 2:
        return None
    arrived = sorted(zip(time[order][first].tolist(), codes.tolist(), strict=True))
    began = arrived[0][0]
    return Crossing(
        what=what,
        first_seen=began,
        first_in=arrived[0][1],
        users=len(time),
        order=tuple((code, at - began) for at, code in arrived),
        hours_to_third=(arrived[2][0] - began) / HOUR_MS if len(arrived) > 2 else None,
    )
