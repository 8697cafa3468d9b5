"""Table: the rows of one (data set, task, protocol), with intervals of their scores and of their differences.

Where labels are at hand, intervals come from the replicates that the rows share; where not, from what was
published of them (`leaderboard.publishing.told`). All that is shown comes from a table, and asks not which.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmark.declared.naming import EXTERNAL
from benchmark.scores.drawn import Drawn
from benchmark.scores.measures import measure
from benchmark.scores.uncertainty import Uncertainty
from leaderboard.tables.confidence_set import UNKNOWN, Standing, standings
from leaderboard.tables.paired import ROUNDING, paired_interval
from leaderboard.tables.rows import Floats, Identity, Row, drawn_of_rows
from leaderboard.tables.skill import SKILL, sign


@dataclass(frozen=True)
class Difference:
    """The paired 95% interval of one row's score less another's; NaN where the measure is undefined."""

    low: float
    high: float
    same: bool
    """Whether the two are equal in every resample."""


class Table(ABC):
    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = list(rows)
        # A board asks for the same again and again: each row for all of its rivals.
        self._values: dict[tuple[Identity, str, str], Floats] = {}
        self._scores: dict[tuple[Identity, str, str], float] = {}
        self._measures: dict[tuple[Identity, str], list[str]] = {}
        self._rivals: dict[tuple[bool, str, str], list[Row]] = {}

    @cached_property
    def drawn(self) -> Drawn:
        """What the resamples of its posts were drawn from."""
        return drawn_of_rows(self.rows)

    def rivals(self, row: Row, target: str, name: str) -> list[Row]:
        """The ranked rows that a row is held against, itself one of them: those that see columns of the same
        kind and have the measure."""
        at = row.about.crawl, target, name
        if at not in self._rivals:
            ranked = [one for one in self.rows if one.ranked and one.about.crawl == row.about.crawl]
            self._rivals[at] = [one for one in ranked if name in self.measures(one, target)]
        return self._rivals[at]

    @cached_property
    def reference(self) -> Row | None:
        """The row that skill is measured against. It reads no column, so its publish-time row serves the
        crawl-time rows too."""
        wanted = self.rows[0].about.reference
        called = [row for row in self.rows if row.about.baseline == wanted and row.ranked]
        # No row from outside, whatever it is called; and no variant in the place of the baseline itself.
        called = [row for row in called if row.about.variant != EXTERNAL]
        return min(called, key=lambda row: (row.about.crawl, row.about.variant != "default"), default=None)

    def measures(self, row: Row, target: str) -> list[str]:
        """What is known of a scored row, skill at last."""
        at = row.name, target
        if at not in self._measures:
            found = row.measures(target)
            skilled = found and np.isfinite(self.score(row, target, SKILL))
            self._measures[at] = [*found, SKILL] if skilled else found
        return self._measures[at]

    def score(self, row: Row, target: str, name: str) -> float:
        """The mean over seeds; NaN where it is undefined."""
        at = row.name, target, name
        if at not in self._scores:
            self._scores[at] = float(self.values(row, target, name).mean())
        return self._scores[at]

    def values(self, row: Row, target: str, name: str) -> Floats:
        """float64 [seeds]"""
        at = row.name, target, name
        if at not in self._values:
            self._values[at] = row.values(target, name) if name != SKILL else self._skill(row, target)
        return self._values[at]

    def _skill(self, row: Row, target: str) -> Floats:
        primary = row.about.primary
        if self.reference is None or primary not in row.measures(target):
            return np.full(len(row.seeds), np.nan)
        base = self.reference.values(target, primary).mean()
        return measure(primary).skill(row.values(target, primary), base)

    @abstractmethod
    def interval(self, row: Row, target: str, name: str) -> tuple[float, float]:
        """Ends of the 95% interval of a score; NaN where it is undefined."""

    @abstractmethod
    def difference(self, row: Row, other: Row, target: str, name: str) -> Difference:
        """Of row's score less that of the other."""

    @abstractmethod
    def drift(self, row: Row, target: str, name: str) -> float:
        """How far the differences of a ranked row's rivals to the best of them drift: see
        `Uncertainty.drift`; NaN where it is not known."""

    @abstractmethod
    def standing(self, row: Row, target: str, name: str) -> Standing:
        """Of a ranked row among its rivals, by a measure that ranks."""


class Derived(Table):
    """A table whose labels are at hand."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(rows)
        self._known: dict[tuple[Identity, str, str], Floats] = {}
        self._standings: dict[tuple[bool, str, str], dict[Identity, Standing]] = {}
        self._drifts: dict[tuple[bool, str, str], float] = {}

    @cached_property
    def uncertainty(self) -> Uncertainty:
        return Uncertainty(self.drawn)

    def interval(self, row: Row, target: str, name: str) -> tuple[float, float]:
        return self.uncertainty.interval(self.replicates(row, target, name))

    def difference(self, row: Row, other: Row, target: str, name: str) -> Difference:
        one, two = (self.replicates(side, target, name) for side in (row, other))
        return Difference(*paired_interval(one, two, self.uncertainty))

    def drift(self, row: Row, target: str, name: str) -> float:
        at = row.about.crawl, target, name
        if at not in self._drifts:
            self._drifts[at] = self._drift(self.rivals(row, target, name), target, name)
        return self._drifts[at]

    def _drift(self, rivals: Sequence[Row], target: str, name: str) -> float:
        scores = np.array([sign(name) * self.score(one, target, name) for one in rivals])
        if self.drawn.weeks is None or np.isnan(scores).all():
            return np.nan
        told = [self.replicates(one, target, name) for one in rivals]
        best = told[int(np.nanargmax(scores))]
        return self.uncertainty.drift([one - best for one in told if np.abs(one - best).max() > ROUNDING])

    def standing(self, row: Row, target: str, name: str) -> Standing:
        at = row.about.crawl, target, name
        if at not in self._standings:
            rivals = self.rivals(row, target, name)
            losses = np.array([-sign(name) * self.score(one, target, name) for one in rivals])
            told = [-sign(name) * self.replicates(one, target, name) for one in rivals]
            found = standings(losses, np.array(told), self.uncertainty) if rivals else []
            self._standings[at] = dict(zip((one.name for one in rivals), found, strict=True))
        return self._standings[at].get(row.name, UNKNOWN)

    def replicates(self, row: Row, target: str, name: str) -> Floats:
        """float64 [resamples]"""
        at = row.name, target, name
        if at not in self._known:
            self._known[at] = self._replicates(row, target, name)
        return self._known[at]

    def _replicates(self, row: Row, target: str, name: str) -> Floats:
        if name != SKILL:
            return row.replicates(target, name)
        assert self.reference is not None
        primary = row.about.primary
        base = self.replicates(self.reference, target, primary)
        return measure(primary).skill(self.replicates(row, target, primary), base)
