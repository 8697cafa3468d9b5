"""Stars: graphs in which no influence can be read are refused."""

from __future__ import annotations

import numpy as np

from benchmark.errors import DataError, quoted
from network.influence.seen import Seen
from network.stars import centre


def refuse_a_star(seen: Seen, names: np.ndarray) -> None:
    """Whoever collects the followers of one account, or what one account writes, has drawn that account into
    the middle: its rank was decided by whom was collected.

    Raises:
        DataError: one account is an end of more than half of the pairs, whatever their direction.
    """
    found = centre(seen.source, seen.target, seen.n)
    if found is None:
        return
    raise DataError(
        f"the network is a star: {found.pairs / found.of:.0%} of its {found.of:,} pairs of accounts have "
        f"'{quoted(str(names[found.account]))}' at one end, because it was collected around it; who carries "
        "influence cannot be read from it",
        mend="Add edges between the other accounts, or look at posts alone",
    )
