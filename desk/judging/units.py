"""Units: scores as people say them, likes and not their logarithms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from benchmark.declared.card import Target

_LOG2 = re.compile(r"log2\((\w+) \+ 1\)")
LARGEST = 40.0
"""Of a logarithm: beyond it is no count."""


@dataclass(frozen=True)
class Units:
    """Of one target."""

    name: str
    """likes, views, ..."""
    base: float | None
    """Of the logarithm that is predicted; None where it is none."""
    signed: bool = False

    @classmethod
    def of(cls, name: str, target: Target) -> Self:
        """As its card has it; a label that the data give as `log2(views + 1)` is one of views."""
        if target.scale in ("log1p", "signed-log"):
            return cls(name, np.e, target.scale == "signed-log")
        if said := _LOG2.fullmatch(target.unit):
            return cls(said[1], 2.0)
        return cls(name, None)

    def counts(self, scores: ArrayLike) -> NDArray[np.float64]:
        """On the scoring scale -> in people's units, of the same shape."""
        values = np.asarray(scores, np.float64)
        if self.base is None:
            return values
        found = np.expm1(np.minimum(np.abs(values), LARGEST) * np.log(self.base)) * np.sign(values)
        return found if self.signed else np.maximum(found, 0.0)

    def share(self, difference: float, score: float) -> float:
        """A difference of scores -> by which share the count is moved: 0.08 is 8% more.

        Args:
            score: what is predicted with it. On a logarithmic scale it makes no difference.
        """
        if self.base is not None and not self.signed:
            return float(np.expm1(np.clip(difference * np.log(self.base), -LARGEST, LARGEST)))
        there, without = self.counts([score, score - difference])
        least = 1.0 if self.signed else abs(difference)  # of nothing, anything is infinitely more
        return float((there - without) / max(abs(without), least)) if difference else 0.0
