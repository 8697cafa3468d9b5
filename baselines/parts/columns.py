"""Columns: what a table of features looked like in training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from benchmark.errors import BaselineError, listed, quoted

if TYPE_CHECKING:
    import pandas as pd

    from baselines.parts.kept import Kept, Learnt


@dataclass(frozen=True)
class Columns:
    """Names in their order, and the levels of each categorical column: what is learnt goes by their codes."""

    names: list[str]
    levels: Mapping[str, list[str]]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        levels = frame.select_dtypes("category")
        return cls([*map(str, frame)], {str(name): levels[name].cat.categories.tolist() for name in levels})

    def checked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The same table.

        Raises:
            BaselineError: it is another one than in training; names a column.
        """
        found = Columns.of(frame)
        if found.names != self.names:
            lacks, more = set(self.names) - set(found.names), set(found.names) - set(self.names)
            told = [f"it lacks {listed(sorted(lacks), 5)}"] if lacks else []
            told += [f"it has {listed(sorted(more), 5)} as well"] if more else []
            problem = " and ".join(told) or "they are in another order"
            raise BaselineError(f"features are not those that the model was fitted on: {problem}")
        for name, levels in self.levels.items():
            if found.levels.get(name) != levels:
                told_by = f"column '{quoted(name)}' has other levels than the model was fitted on"
                raise BaselineError(f"{told_by}: {len(found.levels.get(name, ())):,} for {len(levels):,}")
        return frame

    def keep(self, learnt: Learnt) -> None:
        learnt.tell("names", self.names)
        learnt.tell("levels", dict(self.levels))

    @classmethod
    def restored(cls, kept: Kept) -> Self:
        names, levels = kept.all_told("names", str), kept.told("levels", dict)
        return cls(names, levels)
