"""Expected: about how long cells take on this machine, from how long such cells have taken before."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.run.cell import Cell

OVERHEAD = 1.0
"""Seconds of a cell beside its model: a process begins, and what it said is scored and resampled."""
UNKNOWN = 10.0
"""Seconds of a cell, where nothing of the kind was ever run."""
REFERENCE = 0.033
"""Seconds that the work of `machine_factor` takes on the machine that the published rows come from."""
ENCODED = {"text": 0.006, "image": 0.04}
"""Seconds a post that the bundled encoders take there, on one core."""
OTHER = 0.002
"""Of the encodings that no network makes."""
NEAREST = 3
"""Cells, by the number of their posts, whose seconds a post are asked: those of few posts are mostly
what a model takes before the first post, those of half a million are not."""


@dataclass(frozen=True)
class Known:
    """What a cell has taken once."""

    baseline: str
    variant: str
    protocol: str
    posts: int
    """That it was fitted on and tested on."""
    seconds: float
    """For fitting and predicting."""
    dataset: str = ""
    task: str = ""


@dataclass
class Expected:
    """Seconds to expect of cells: what the same took, whatever its seed. Rough where it has not run, since a
    model's time goes with the number of posts."""

    known: Sequence[Known]
    factor: float = 1.0
    """How much slower this machine is than the one that `known` comes from."""
    _rates: dict[tuple[tuple[str, ...], int], float] = field(default_factory=dict, repr=False)

    def seconds(self, cell: Cell, posts: int) -> float:
        """That a cell takes on a data set of so many posts, with its process and its scores."""
        model = self._same.get((cell.baseline, cell.variant, cell.protocol, cell.dataset, cell.task))
        if model is None:
            rate = self._rate(cell, posts)
            model = UNKNOWN if rate is None else rate * posts
        return self.factor * (OVERHEAD + model)

    def encoding(self, name: str, posts: int) -> float:
        """Seconds that encoding the posts of a data set takes."""
        return self.factor * ENCODED.get(name, OTHER) * posts

    @cached_property
    def _same(self) -> dict[tuple[str, ...], float]:
        return {
            (one.baseline, one.variant, one.protocol, one.dataset, one.task): one.seconds
            for one in self.known
            if one.dataset
        }

    def _rate(self, cell: Cell, posts: int) -> float | None:
        """Seconds a post of the cells that are most like this one: of its variant and protocol, else of its
        variant, else of its baseline, else of any; of these, of those of about as many posts."""
        like = (
            (cell.baseline, cell.variant, cell.protocol),
            (cell.baseline, cell.variant),
            (cell.baseline,),
            (),
        )
        for names in like:
            if (names, posts) not in self._rates:
                told = [
                    one
                    for one in self.known
                    if (one.baseline, one.variant, one.protocol)[: len(names)] == names and one.posts
                ]
                told.sort(key=lambda one: abs(log(one.posts / max(posts, 1))))
                rates = [one.seconds / one.posts for one in told[:NEAREST]]
                self._rates[names, posts] = median(rates) if rates else -1.0
            if self._rates[names, posts] >= 0:
                return self._rates[names, posts]
        return None


def machine_factor() -> float:
    """How much slower this machine is, now, than the one that the published rows come from; 0.1 s."""
    import numpy as np

    values = np.random.default_rng(0).standard_normal((400, 400))

    def work() -> float:
        began = time.perf_counter()
        for _ in range(3):
            np.sort(values @ values, axis=None)
        return time.perf_counter() - began

    return max(0.1, min(work() for _ in range(3)) / REFERENCE)
