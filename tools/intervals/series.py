"""Series: made-up weekly differences of two rows of equal expected error, which depend on each other.

Settings for choosing a rule, and others, by other shapes and numbers of weeks, for holding the choice against
(`tools.intervals.rules`, `tools.coverage`). All are of mean 0 in expectation, and of variance 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.scores.measures.resamples import Floats

UNEQUAL = 0.7
"""Standard deviation of the logarithm of a week's number of posts, where weeks are of unequal size."""
_BEFORE = 300
"""Weeks that are drawn and thrown away, so that a series begins anywhere."""


@dataclass(frozen=True)
class Series:
    """How a series of weeks comes about: noise that is added up with what is left of earlier weeks."""

    name: str
    weeks: int
    fades: float = 0.0
    """AR(1): what is left of a week in the next."""
    echoes: tuple[float, ...] = ()
    """MA: what a week's own surprise adds to the next ones."""
    memory: float = 0.0
    """d of fractional noise: autocorrelation falls as lag^(2d - 1), and so never dies out quickly."""
    share: float = 1.0
    """Of all this in the variance; the rest is noise that no other week knows of."""
    tails: float | None = None
    """Degrees of freedom of Student's t that surprises are drawn from; None: they are normal."""
    unequal: bool = False
    """Weeks are of unequal numbers of posts."""

    def draw(self, number: int, rng: np.random.Generator) -> Floats:
        """float64 [number, weeks]"""
        level = self._surprises((number, self.weeks + _BEFORE), rng) @ self._filter().T
        noise = self._surprises((number, self.weeks), rng)
        return np.asarray(math.sqrt(self.share) * level + math.sqrt(1 - self.share) * noise)

    @property
    def dies_out(self) -> bool:
        """Whether weeks far apart know nothing of each other."""
        return not self.memory

    def sizes(self) -> Floats:
        """float64 [weeks]: posts of each week, of mean 1; the same for every test set."""
        if not self.unequal:
            return np.ones(self.weeks)
        drawn = np.exp(UNEQUAL * np.random.default_rng(self.weeks).normal(size=self.weeks))
        return np.asarray(drawn / drawn.mean())

    def influences(self, drawn: Floats) -> Floats:
        """[number, weeks], of which the mean is the score: what each week adds to it, as far as it weighs."""
        sizes = self.sizes()
        score = (drawn * sizes).mean(axis=1, keepdims=True)
        return np.asarray(score + sizes * (drawn - score))

    def _surprises(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        if self.tails is None:
            return rng.normal(size=shape)
        return np.asarray(rng.standard_t(self.tails, size=shape) / math.sqrt(self.tails / (self.tails - 2)))

    def _filter(self) -> Floats:
        """[weeks, weeks + _BEFORE]: what each surprise is worth in each week."""
        lags = np.arange(self.weeks + _BEFORE)
        left = self.fades ** lags.astype(np.float64)
        parts = [np.ones(1), np.array(self.echoes)]
        left = np.convolve(left, np.concatenate(parts))[: len(lags)]
        if self.memory:
            steps = (lags[1:] - 1 + self.memory) / lags[1:]
            left = np.convolve(left, np.concatenate([[1.0], np.cumprod(steps)]))[: len(lags)]
        left /= math.sqrt(float(left @ left))
        back = np.arange(self.weeks)[:, None] + _BEFORE - lags[None, :]
        return np.where(back >= 0, left[np.abs(back).clip(max=len(lags) - 1)], 0.0)


CHOOSING: Sequence[Series] = (
    Series("30 weeks, independent", 30),
    Series("30 weeks, AR(1) 0.5", 30, fades=0.5),
    Series("30 weeks, level 0.8 in noise", 30, fades=0.8, share=0.4),
    Series("48 weeks, AR(1) 0.4", 48, fades=0.4),
    Series("48 weeks, MA(2)", 48, echoes=(0.5, 0.3)),
    Series("64 weeks, level 0.8 in noise", 64, fades=0.8, share=0.5),
    Series("64 weeks, long memory 0.2", 64, memory=0.2),
    Series("100 weeks, AR(1) 0.7", 100, fades=0.7),
)
"""What a rule is chosen on: other numbers and other shapes than those that the present one was tuned on."""
VALIDATING: Sequence[Series] = (
    Series("26 weeks, independent", 26),
    Series("20 weeks, AR(1) 0.3", 20, fades=0.3),
    Series("26 weeks, AR(1) 0.3", 26, fades=0.3),
    Series("40 weeks, AR(1) 0.3", 40, fades=0.3),
    Series("52 weeks, AR(1) 0.3", 52, fades=0.3),
    Series("80 weeks, AR(1) 0.3", 80, fades=0.3),
    Series("20 weeks, AR(1) 0.6", 20, fades=0.6),
    Series("26 weeks, AR(1) 0.6", 26, fades=0.6),
    Series("40 weeks, AR(1) 0.6", 40, fades=0.6),
    Series("52 weeks, AR(1) 0.6", 52, fades=0.6),
    Series("80 weeks, AR(1) 0.6", 80, fades=0.6),
    Series("40 weeks, ARMA(0.7; -0.3)", 40, fades=0.7, echoes=(-0.3,)),
    Series("52 weeks, ARMA(0.4; 0.4)", 52, fades=0.4, echoes=(0.4,)),
    Series("26 weeks, long memory 0.3", 26, memory=0.3),
    Series("52 weeks, long memory 0.3", 52, memory=0.3),
    Series("80 weeks, long memory 0.3", 80, memory=0.3),
    Series("40 weeks, AR(1) 0.3, unequal", 40, fades=0.3, unequal=True),
    Series("26 weeks, independent, unequal", 26, unequal=True),
    Series("40 weeks, AR(1) 0.3, heavy tails (t3)", 40, fades=0.3, tails=3),
    Series("26 weeks, AR(1) 0.6, heavy tails, unequal", 26, fades=0.6, tails=3, unequal=True),
)
"""What the choice is held against; nothing was tuned after a look at it."""
