"""Matrix: the columns that a linear model reads, kept as arrays.

What scikit-learn's transformers have learnt is written, and they are not: an object of theirs would be a
pickle. Numbers have their medians and ranks, categories the levels that have a column of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from baselines.linear.ranks import NormalRanks
from benchmark.errors import BaselineError, listed

if TYPE_CHECKING:
    import pandas as pd
    from scipy import sparse
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder

    from baselines.parts.kept import Kept, Learnt

Parts = dict[str, tuple[Any, list[str]]]


def keep_matrix(columns: ColumnTransformer, edge: float, learnt: Learnt) -> None:
    """Keep a one-hot encoder of the categories and, after it, medians and ranks of the numbers.

    edge: beyond which no number lies.
    """
    parts: Parts = {name: (fitted, [*names]) for name, fitted, names in columns.transformers_}
    encoder, categories = parts["onehotencoder"]
    pipeline, numbers = parts["pipeline"]
    learnt.tell("categories", [_Levels.of(encoder, j, name).told() for j, name in enumerate(categories)])
    learnt.tell("numbers", numbers)
    learnt.tell("edge", edge)
    learnt.tell("sparse", bool(columns.sparse_output_))
    if numbers:
        learnt.put("medians", pipeline["medians"].statistics_)
        pipeline["normalranks"].keep(learnt.part("ranks"))


class KeptMatrix:
    """Does what the transformers did."""

    categories: list[_Levels]
    numbers: list[str]
    edge: float
    is_sparse: bool
    medians: NDArray[np.floating]
    ranks: NormalRanks

    @classmethod
    def restored(cls, kept: Kept) -> Self:
        found = cls()
        found.categories = [_Levels(**told) for told in kept.all_told("categories", dict)]
        found.numbers = kept.all_told("numbers", str)
        found.edge, found.is_sparse = kept.told("edge", float), kept.told("sparse", bool)
        if found.numbers:
            found.medians = kept.array("medians", "f", len(found.numbers))
            found.ranks = NormalRanks.restored(kept.part("ranks"), len(found.numbers))
        return found

    @property
    def width(self) -> int:
        return sum(one.width for one in self.categories) + len(self.numbers)

    def transform(self, frame: pd.DataFrame) -> NDArray[np.floating] | sparse.csr_array:
        """[n, width]

        Raises:
            BaselineError: the table lacks columns.
        """
        wanted = [*(one.name for one in self.categories), *self.numbers]
        if lacking := sorted(set(wanted) - set(frame)):
            told = f"it lacks {listed(lacking, 5)}"
            raise BaselineError(f"features are not those that the model was fitted on: {told}")
        parts = [one.columns(frame[one.name]) for one in self.categories]
        numbers = [self._numbers(frame[self.numbers].to_numpy())] if self.numbers else []
        if not self.is_sparse:
            return np.hstack([*(part.toarray() for part in parts), *numbers])
        from scipy import sparse

        return sparse.hstack([*parts, *map(sparse.csr_array, numbers)], format="csr")

    def _numbers(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        filled = np.where(np.isnan(x), self.medians.astype(x.dtype), x)
        return np.clip(self.ranks.transform(filled), -self.edge, self.edge)


@dataclass(frozen=True)
class _Levels:
    """One category: a column for each of its frequent levels, one more for all others if `others`."""

    name: str
    levels: list[str | None]
    """None: missing."""
    others: bool

    @classmethod
    def of(cls, encoder: OneHotEncoder, j: int, name: str) -> Self:
        every, rare = encoder.categories_[j].tolist(), encoder.infrequent_categories_[j]
        few = set() if rare is None else {_plain(level) for level in rare}
        return cls(name, [level for level in map(_plain, every) if level not in few], rare is not None)

    def told(self) -> dict[str, object]:
        return {"name": self.name, "levels": self.levels, "others": self.others}

    @property
    def width(self) -> int:
        return len(self.levels) + self.others

    def columns(self, values: pd.Series) -> sparse.csr_array:
        """float32 [n, width]"""
        from scipy import sparse

        place = {level: i for i, level in enumerate(self.levels)}
        of_levels = [place.get(level, len(self.levels)) for level in [*values.cat.categories, None]]
        # The last row is that of all others: one number, or none.
        every = sparse.eye_array(len(self.levels) + 1, self.width, dtype=np.float32, format="csr")
        return every[np.array(of_levels)[values.cat.codes]]  # code -1 is missing: the last


def _plain(level: object) -> str | None:
    return level if isinstance(level, str) else None
