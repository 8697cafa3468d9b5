"""Narrow: by how much 95% intervals fall short of what they say, where they do, and what would mend them.

Read off simulations of test sets (`python -m tools.coverage --only narrow`), in which weeks of one account
depend on each other as those of published rows do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from benchmark.scores.drawn import Drawn

ENOUGH = 0.93
"""From so much on, nothing is said of an interval."""
DRIFTS = (2.5, 4.0)
"""Of `Uncertainty.drift`: from the first on, weeks may depend on each other for longer than they last."""
TELLING_WEEKS = 33
"""In fewer, what drifts and what fades look alike."""

T = TypeVar("T")


@dataclass(frozen=True)
class Narrow:
    holds: float
    """The share of simulated test sets in which such intervals hold the truth."""
    factor: float
    """So much wider they would hold it in 95 of 100."""


OF_ACCOUNTS: Mapping[int, Narrow] = {3: Narrow(0.73, 2.8), 5: Narrow(0.91, 1.2), 8: Narrow(0.94, 1.0)}
"""By how many accounts count, from so many on."""
OF_WEEKS: Mapping[int, Narrow] = {
    3: Narrow(0.89, 1.6),
    4: Narrow(0.89, 1.6),
    6: Narrow(0.90, 1.5),
    8: Narrow(0.90, 1.5),
    10: Narrow(0.91, 1.4),
    13: Narrow(0.91, 1.4),
    17: Narrow(0.92, 1.3),
}
"""By how many weeks there are, from so many on: of the settings that fade, the one that is covered least."""
OF_DRIFT: Mapping[int, tuple[Narrow, Narrow]] = {
    33: (Narrow(0.87, 1.6), Narrow(0.86, 1.6)),
    40: (Narrow(0.87, 1.6), Narrow(0.86, 1.6)),
    52: (Narrow(0.84, 1.8), Narrow(0.81, 1.9)),
    80: (Narrow(0.84, 1.7), Narrow(0.78, 2.0)),
}
"""By how many weeks there are, and from which of `DRIFTS` on: over all settings, of which two drift."""


def narrow(drawn: Drawn) -> Narrow | None:
    """Of scores and of differences, for so few accounts or weeks; None where there are enough."""
    if drawn.enough or not drawn.clusters:
        return None
    found = _from(OF_ACCOUNTS if drawn.weeks is None else OF_WEEKS, drawn.counted)
    return found if found.holds < ENOUGH else None


def narrow_differences(drawn: Drawn, drift: float) -> Narrow | None:
    """Of differences of rows.

    Args:
        drift: `Uncertainty.drift` of their table; NaN where it is not known.
    """
    few = narrow(drawn)
    if drawn.weeks is None or drawn.counted < TELLING_WEEKS or math.isnan(drift) or drift < DRIFTS[0]:
        return few
    drifts = _from(OF_DRIFT, drawn.counted)[int(drift >= DRIFTS[1])]
    return drifts if few is None or drifts.factor > few.factor else few


def widened(drawn: Drawn, found: Narrow | None) -> float:
    """How many times as wide an interval should be: 1 where it is wide enough, NaN where nothing is known."""
    return math.nan if not drawn.clusters else 1.0 if found is None else found.factor


def in_words(found: Narrow) -> str:
    """`hold the truth in about 80 of 100 simulated test sets: 1.6 times as wide they would in 95`"""
    return (
        f"hold the truth in about {100 * found.holds:.0f} of 100 simulated test sets; {found.factor:.1f} "
        "times as wide, they would in 95"
    )


def too_narrow(drawn: Drawn) -> str:
    """What there is to say of all intervals of a table, a sentence; empty where they are wide enough."""
    if (found := narrow(drawn)) is None:
        return ""
    if drawn.weeks is None:
        why = f"only {drawn.effective:.0f} accounts count"
        return f"Intervals are too narrow: {why}. Such 95% intervals {in_words(found)}"
    return (
        f"Intervals are too narrow: the test posts span {drawn.counted:.0f} weeks. Where weeks depend on "
        f"each other, such 95% intervals {in_words(found)}; where a level drifts all the while, not even then"
    )


def sentences(drawn: Drawn, drift: float) -> list[str]:
    """All that there is to say of the intervals of a table by one measure; of most, nothing."""
    return [told for told in (too_narrow(drawn), drifting(drawn, drift)) if told]


def drifting(drawn: Drawn, drift: float) -> str:
    """What there is to say of differences besides, a sentence; empty where they do not drift."""
    found = narrow_differences(drawn, drift)
    if found is None or found == narrow(drawn):
        return ""
    return (
        f"Differences drift: what sets rows apart changes over the whole test period (the two slowest waves "
        f"carry {drift:.1f} times what the next ones do), and nothing in it tells how far it would go. Such "
        f"95% intervals of a difference {in_words(found)}"
    )


def _from(table: Mapping[int, T], number: float) -> T:
    """The entry of the largest number that is not larger, else the first."""
    return table[max((key for key in table if key <= number), default=min(table))]
