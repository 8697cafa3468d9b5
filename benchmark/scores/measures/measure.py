"""Measure: what a prediction is worth, in one number that carries itself.

A measure says what it reads, which end is better, its value, a note where the value needs one, and its
value in every resample of a bootstrap. Nobody keeps a list of exceptions elsewhere. All arithmetic is in
float64, on the scoring scale.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.scores.measures.resamples import Floats, Integers, Resamples

Reads = Literal["points", "probabilities", "quantiles"]
Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Among:
    """Which of n posts compete with each other, and what for."""

    groups: Integers
    """int64 [n]: one code an account and week, or a period; the posts of one code compete."""
    engagement: Floats
    """[n]: what each post came to, on any scale that keeps the order; NaN where it is not known, and such a
    post competes with none."""


@dataclass(frozen=True)
class Predicted:
    """What a row says of n posts, for one target; all finite."""

    points: Floats
    """[n]: predictions on the scoring scale; of an event, its probability."""
    quantiles: Mapping[float, Floats] = field(default_factory=dict)
    """Level -> [n], ascending; empty where none are predicted."""
    among: Among | None = None
    """None where nothing says which posts compete."""

    @classmethod
    def of(
        cls,
        points: ArrayLike,
        quantiles: Mapping[float, ArrayLike] | None = None,
        among: Among | None = None,
    ) -> Predicted:
        """As float64.

        Raises:
            ValueError: an array is not of shape [n], or a value is NaN or infinite.
        """
        given = finite("prediction", points)
        by_level = {level: finite("quantile", one, len(given)) for level, one in (quantiles or {}).items()}
        if among is not None and not among.groups.shape == among.engagement.shape == given.shape:
            shapes = f"groups {among.groups.shape} and engagement {among.engagement.shape}"
            raise ValueError(f"{shapes} must have the shape ({len(given)},)")
        return cls(given, dict(sorted(by_level.items())), among)

    def part(self, rows: NDArray[np.bool_] | Integers) -> Predicted:
        """What is said of these posts alone, which compete among themselves."""
        among = self.among and Among(self.among.groups[rows], self.among.engagement[rows])
        return Predicted(self.points[rows], {at: one[rows] for at, one in self.quantiles.items()}, among)


class Measure(ABC):
    """One way to hold predictions of n posts against their labels."""

    name: ClassVar[str]
    title: ClassVar[str]
    better: ClassVar[Better | None]
    """None: neither end is better, and the measure ranks nothing (coverage)."""
    perfect: ClassVar[float] = 0.0
    """The value that no prediction betters. What is short of it is a row's error."""
    reads: ClassVar[Reads] = "points"
    within_weeks: ClassVar[bool] = False
    """Whether it compares the posts of one account and week with each other: it then reads `among` too."""
    within_periods: ClassVar[bool] = False
    """Whether it compares rows of one moment with each other, which reads `among` as well."""
    is_distance: ClassVar[bool] = False
    """Whether its value is how far a typical prediction lies from its label, on the scoring scale."""
    with_interval: ClassVar[bool] = True
    """Whether tables for reading, which are narrow, have room for its interval."""

    @property
    def arrow(self) -> str:
        return {"higher": "↑", "lower": "↓", None: ""}[self.better]

    @property
    def compares(self) -> bool:
        """Whether it compares some of the posts alone with each other, and so reads which."""
        return self.within_weeks or self.within_periods

    def reads_from(self, predicted: Predicted) -> bool:
        """Whether these predictions have what it reads."""
        if self.compares and predicted.among is None:
            return False
        return self.reads != "quantiles" or bool(predicted.quantiles)

    @abstractmethod
    def value(self, y: Floats, predicted: Predicted) -> float:
        """Of labels [n], n >= 1, and their predictions; NaN where the measure is undefined."""

    def note(self, y: Floats, predicted: Predicted) -> str | None:
        """What a reader of the value must know: why it is undefined, or of how many posts it is."""
        return None

    @abstractmethod
    def replicates(self, y: Floats, predicted: Predicted, resamples: Resamples) -> Floats:
        """float64 [B]: what `value` gives for the posts of each resample, each as often as it was drawn.

        NaN where the measure is undefined there. `resamples` are of at least two clusters of these posts.
        """

    def error(self, value: ArrayLike) -> Floats:
        """How far values are from perfect, 0 or more: what skill and improvability are shares of."""
        values = np.asarray(value, dtype=np.float64)
        return values if self.perfect == 0 and self.better == "lower" else np.abs(self.perfect - values)

    def skill(self, value: ArrayLike, of_reference: ArrayLike) -> Floats:
        """1 - error / error of the reference: 1 is perfect, 0 no better than the reference.

        NaN or infinite where the reference makes no error.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1 - self.error(value) / self.error(of_reference))


class OfSums(Measure):
    """A function of sums over posts: the bootstrap adds up clusters, and resamples exactly what is scored."""

    @abstractmethod
    def terms(self, y: Floats, predicted: Predicted) -> Floats:
        """float64 [k, n]: what each post adds to each of k sums."""

    @abstractmethod
    def of_sums(self, sums: Floats) -> Floats:
        """Sums of the terms, [..., k] -> [...]; NaN where the measure is undefined."""

    def value(self, y: Floats, predicted: Predicted) -> float:
        return float(self.of_sums(self.terms(y, predicted).sum(axis=-1)))

    def replicates(self, y: Floats, predicted: Predicted, resamples: Resamples) -> Floats:
        sums = resamples.summed(self.terms(y, predicted))
        found = np.empty(resamples.number)
        for rows, counts in resamples.blocks():
            found[rows] = self.of_sums(counts.astype(np.float64) @ sums)
        return found


class Mean(OfSums):
    """The mean over posts of what each of them loses."""

    @abstractmethod
    def loss(self, y: Floats, predicted: Predicted) -> Floats:
        """float64 [n]"""

    def terms(self, y: Floats, predicted: Predicted) -> Floats:
        return np.stack([self.loss(y, predicted), np.ones_like(y)])

    def of_sums(self, sums: Floats) -> Floats:
        return mean(sums)


def mean(sums: Floats) -> Floats:
    """[..., 2], a sum and the number of what was summed -> [...]; NaN where it is of nothing."""
    return ratio(sums[..., 0], sums[..., 1], sums[..., 1] > 0)


def ratio(numerator: Floats, denominator: Floats, defined: NDArray[np.bool_]) -> Floats:
    """NaN where it is not defined."""
    undefined = np.full(np.shape(numerator), np.nan)
    return np.divide(numerator, denominator, out=undefined, where=defined)


def finite(what: str, values: ArrayLike, n: int | None = None) -> Floats:
    """float64 [n], n >= 1.

    Raises:
        ValueError: another shape, no value, or one that is NaN or infinite.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or (n is not None and len(found) != n):
        raise ValueError(f"{what}s {found.shape} must have the shape ({'n' if n is None else n},)")
    if not len(found):
        raise ValueError("no posts to score")
    if not (sound := np.isfinite(found)).all():
        bad, first = int((~sound).sum()), int(np.argmin(sound))
        raise ValueError(f"{bad} of {len(found)} {what}s not finite; the first: {found[first]} at {first}")
    return found


def defined(value: float) -> float | None:
    """As it is stored: None where a measure is undefined."""
    return None if math.isnan(value) else value
