"""Conformal bands: predicted quantiles moved until they hold their share of the posts.

Conformalised quantile regression (Romano, Patterson and Candès 2019): by how much held-out labels lie
outside the band between two quantiles says how much wider, or narrower, it must be. That holds where the
posts to come are as the held-out ones; where they drift and labels keep being revealed, the share that is
asked for follows what was missed (adaptive conformal inference, Gibbs and Candès 2021), and the newest
labels take the place of the oldest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from benchmark import Array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from baselines.parts.kept import Kept, Learnt

PACE = 0.005
"""By which the share that is asked for follows each miss. Gibbs and Candès 2021, section 2.2."""


class Bands:
    """n posts, t targets, q quantiles, p bands: from the lowest quantile to the highest, and so inwards."""

    def __init__(self, levels: Sequence[float]) -> None:
        """levels: ascending, as many below as above the median, which is one of them and stays as it is."""
        self.wanted = np.array([1 - levels[-1 - i] + levels[i] for i in range(len(levels) // 2)], np.float64)
        """[p]: share of the posts outside each band."""

    def fit(self, predicted: Array, y: Array) -> Self:
        """predicted: float32 [n, t, q] of posts that were not learnt from, n > 0; y: float32 [n, t]."""
        self.misses = self._misses(predicted, y)
        """float64 [n, t, p]: how far outside each band a label lay; less than 0 inside it."""
        self.asked = np.tile(self.wanted, (y.shape[1], 1))
        """float64 [t, p]: the share outside that is asked for, so that `wanted` comes out."""
        return self

    def of(self, predicted: Array) -> Array:
        """float32 [n, t, q]: the quantiles, moved. No two cross, and none crosses the median."""
        found, p = predicted.astype(np.float32), len(self.wanted)
        wider = self._wider().astype(np.float32)
        median = found[:, :, p]
        for i in reversed(range(p)):  # from the inside out
            inside = found[:, :, i + 1], found[:, :, -2 - i]
            found[:, :, i] = np.minimum(found[:, :, i] - wider[:, i], np.minimum(inside[0], median))
            found[:, :, -1 - i] = np.maximum(found[:, :, -1 - i] + wider[:, i], np.maximum(inside[1], median))
        return found

    def add(self, predicted: Array, y: Array) -> None:
        """Labels that have become known, and the quantiles, not moved yet, that were predicted of them."""
        misses = self._misses(predicted, y)
        outside = misses > self._wider()
        self.asked = np.clip(self.asked + PACE * (self.wanted - outside).sum(axis=0), 0, 1)
        self.misses = np.concatenate([self.misses, misses])[-len(self.misses) :]

    def keep(self, learnt: Learnt) -> None:
        learnt.put("misses", self.misses)
        learnt.put("asked", self.asked)

    def restore(self, kept: Kept, targets: int) -> Self:
        self.misses = kept.array("misses", "f", None, targets, len(self.wanted))
        self.asked = kept.array("asked", "f", targets, len(self.wanted))
        return self

    def _misses(self, predicted: Array, y: Array) -> NDArray[np.float64]:
        p = len(self.wanted)
        low, high = predicted[:, :, :p], predicted[:, :, : -1 - p : -1]
        return np.maximum(low - y[:, :, None], y[:, :, None] - high).astype(np.float64)

    def _wider(self) -> NDArray[np.float64]:
        """[t, p]: what each quantile moves outwards by: the (1 - asked)(1 + 1 / n) quantile of the misses."""
        n = len(self.misses)
        ordered = np.sort(self.misses, axis=0)
        # Of 0.8 * 10 + 0.8 no more than 9 comes.
        place = np.ceil((1 - self.asked) * (n + 1) - 1e-9).astype(np.int64)
        return np.take_along_axis(ordered, np.clip(place - 1, 0, n - 1)[None], axis=0)[0]
