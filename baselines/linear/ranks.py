"""Ranks of heavy-tailed numbers as a normal. Loads scikit-learn: imported where ranks are fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer

if TYPE_CHECKING:
    from baselines.parts.kept import Kept, Learnt

EDGE = 1e-7
"""Nearer than this to the smallest or largest number of training, a number counts as beyond it."""
LEAST, MOST = norm.ppf(EDGE - np.spacing(1)), norm.ppf(1 - (EDGE - np.spacing(1)))
"""Quantiles of the normal that stand for those of 0 and 1."""
NUMBERS_AT_ONCE = 2**18
"""What scipy needs beside them stays small."""


class NormalRanks(QuantileTransformer):
    """scikit-learn's `QuantileTransformer` to a normal, bit for bit, that asks for all columns at once.

    The library asks scipy for the normal's quantiles three times a column. Where blocks of few posts have
    thousands of columns, that is most of the time that a linear model takes.
    """

    def __init__(self, n_quantiles: int = 100, random_state: int | None = None) -> None:
        super().__init__(n_quantiles=n_quantiles, output_distribution="normal", random_state=random_state)
        self.n_quantiles, self.random_state = n_quantiles, random_state

    def transform(self, X: ArrayLike) -> NDArray[np.floating]:
        """float32 or float64 [n, p], as X is; NaN stays.

        Args:
            X: dense [n, p].
        """
        x = self._check_inputs(X, in_fit=False, copy=True)
        at_once = max(1, NUMBERS_AT_ONCE // max(1, len(x)))
        for start in range(0, x.shape[1], at_once):
            columns = slice(start, start + at_once)
            self._shares(x[:, columns], self.quantiles_[:, columns])
            x[:, columns] = np.clip(norm.ppf(x[:, columns]), LEAST, MOST)
        return x

    def _shares(self, x: NDArray[np.floating], quantiles: NDArray[np.float64]) -> None:
        """Numbers -> the share of the training posts below them, in place; 0 and 1 at the ends and beyond."""
        for values, marks in zip(x.T, quantiles.T, strict=True):
            low, high = values - EDGE < marks[0], values + EDGE > marks[-1]
            known = ~np.isnan(values)
            # From either side, so that a number which is many quantiles at once has their middle.
            up = np.interp(values[known], marks, self.references_)
            down = np.interp(-values[known], -marks[::-1], -self.references_[::-1])
            values[known] = 0.5 * (up - down)
            values[high], values[low] = 1, 0

    def keep(self, learnt: Learnt) -> None:
        learnt.put("quantiles", self.quantiles_)
        learnt.put("shares", self.references_)

    @classmethod
    def restored(cls, kept: Kept, width: int, names: Sequence[str] = ()) -> Self:
        """width: number of columns; names: theirs, where a table with names was fitted on."""
        ranks = cls()
        ranks.references_ = kept.array("shares", "f", None)
        ranks.n_quantiles_, ranks.n_features_in_ = len(ranks.references_), width
        ranks.quantiles_ = kept.array("quantiles", "f", ranks.n_quantiles_, width)
        if names:
            ranks.feature_names_in_ = np.array(names, object)
        return ranks
