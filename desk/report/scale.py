"""Scale: where a count lies on a line that all drafts share, so that their bars can be compared."""

from __future__ import annotations

import math
from dataclasses import dataclass

from desk.ranking import Expected, Ranking


@dataclass(frozen=True)
class Scale:
    """Of the target that decides the order. Logarithmic, as counts spread, unless one is below zero."""

    low: float
    high: float
    logarithmic: bool

    @classmethod
    def of(cls, ranking: Ranking) -> Scale:
        found = [one.expected[0] for one in ranking.drafts if one.expected]
        low = min((min(one.low, one.middle) for one in found), default=0.0)
        high = max((max(one.high, one.middle) for one in found), default=1.0)
        return cls(low, high, low >= 0)

    def place(self, count: float) -> float:
        """Percent of the way from its beginning to its end."""
        start, end, here = map(self._at, (self.low, self.high, count))
        return 100 * min(max((here - start) / (end - start), 0), 1) if end > start else 50.0

    def _at(self, count: float) -> float:
        return math.log1p(max(count, 0)) if self.logarithmic else count


def track(one: Expected, scale: Scale) -> str:
    """The interval as a bar with a mark at its middle; for the eye alone, since the numbers stand beside."""
    low, middle, high = (scale.place(count) for count in (one.low, one.middle, one.high))
    bar = f'<i style="left:{low:.1f}%;width:{max(high - low, 1):.1f}%"></i>'
    return f'<div class="track" aria-hidden="true">{bar}<b style="left:{middle:.1f}%"></b></div>'
