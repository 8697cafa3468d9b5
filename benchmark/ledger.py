"""Ledger: the rows of one fact table that have been handed over so far, searchable by whom they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.past import Past

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.declared.fact_table import FactColumn

Ints = NDArray[np.int64]

MOST_CHUNKS = 32
"""A chunk may hold a file open: more than this many are made one, which costs a copy every so many blocks."""


class Ledger:
    """m rows, ascending in `known_at`. Rows are only ever added, and a row keeps its place."""

    def __init__(self, columns: Mapping[str, FactColumn]) -> None:
        self.columns = columns
        self.table: pa.Table | None = None
        """[m]; None as long as nothing has been handed over."""
        self.known_at: Ints = np.empty(0, np.int64)
        """[m] ms since 1970."""
        self.users: dict[str, Ints] = {}
        """Column of role `user` -> [m] codes of the accounts, the same as those of posts."""
        self._pasts: dict[str, tuple[Ints, Past]] = {}
        self._sums: dict[tuple[str, str | None], tuple[Ints | None, int, NDArray[np.float64]]] = {}

    def __len__(self) -> int:
        return len(self.known_at)

    def with_role(self, *roles: str) -> list[str]:
        return [name for name, column in self.columns.items() if column.role in roles]

    def extend(self, rows: pa.Table, users: Mapping[str, Ints]) -> None:
        """Append rows that have become known.

        Args:
            users: the codes of the rows' columns of role `user`.

        Raises:
            ValueError: they were known before the last row that is there.
        """
        import pyarrow as pa

        if not rows.num_rows:
            return
        known_at = rows["known_at"].cast("int64").to_numpy()
        joined = np.concatenate([self.known_at, known_at])
        if np.any(np.diff(joined[max(len(self) - 1, 0) :]) < 0):
            raise ValueError("facts are handed over in the order in which they become known")
        table = rows if self.table is None else pa.concat_tables([self.table, rows])
        many = max(column.num_chunks for column in table.columns) > MOST_CHUNKS
        self.table = table.combine_chunks() if many else table
        self.known_at = joined
        for name, codes in users.items():
            self.users[name] = np.concatenate([self.users.get(name, joined[:0]), codes])

    def past(self, by: str, codes: Ints) -> Past:
        """The rows by a key. codes: int64 [m] of column `by`; rows of a negative code are left out."""
        kept = self._pasts.get(by)
        if kept is None or kept[0] is not codes:
            rank = np.arange(len(codes))
            self._pasts[by] = kept = codes, Past.of(codes, rank, len(codes) + 1, np.flatnonzero(codes >= 0))
        return kept[1]

    def running(self, column: str, by: str | None, codes: Ints | None) -> NDArray[np.float64]:
        """float64, in the order of `past(by)`, or of the rows: the sum of a numeric column from the first row
        of each code on; a missing value adds nothing.

        Each code is summed by itself from its first row on, so that no other row, and none that is known
        later, decides how a sum is rounded.
        """
        kept = self._sums.get((column, by))
        if kept is None or kept[0] is not codes or kept[1] != len(self):
            self._sums[column, by] = kept = codes, len(self), self._running(column, by, codes)
        return kept[2]

    def _running(self, column: str, by: str | None, codes: Ints | None) -> NDArray[np.float64]:
        import pandas as pd

        if self.table is None:
            return np.empty(0)
        values = np.nan_to_num(self.table[column].to_pandas().to_numpy(np.float64))
        if by is None or codes is None:
            return np.cumsum(values)
        order = self.past(by, codes).order
        return pd.Series(values[order]).groupby(codes[order], sort=False).cumsum().to_numpy()
