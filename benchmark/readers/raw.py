"""Raw: what every reader hands over, and the account of what it did on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.errors import DataError

FILE, ROW = "source_file", "source_row"
"""Columns of `Raw.frame` that say where a row comes from; they serve error messages and go no further."""


@dataclass
class ReadReport:
    """What was read, dropped and repaired; printed after `prepare` and kept with the prepared data."""

    rows: dict[str, int] = field(default_factory=dict)
    """File -> rows read from it."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Reason -> rows left out."""
    notes: list[str] = field(default_factory=list)
    """Anything else worth knowing, one sentence each."""

    def drop(self, reason: str, count: int) -> None:
        if count:
            self.dropped[reason] += int(count)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


@dataclass(frozen=True)
class Raw:
    """All posts of a data set under canonical names, in any order.

    Attributes:
        frame: `post_id` and `user_id` str, `time` datetime64[ms] (UTC, naive), the format's own columns,
            the targets as float64 (NaN = unlabelled), and `FILE` and `ROW`.
        report: the account of the reading.
        images: the folder that paths in columns of role `image` start from; None without images.
    """

    frame: pd.DataFrame
    report: ReadReport
    images: Path | None = None


@dataclass(frozen=True)
class Origin:
    """Where each of n values was read, so that a message can point at one of them.

    `files` is one name for all values or a name for each; `rows` counts from 1, as an editor or a
    spreadsheet does.
    """

    files: str | Sequence[str]
    rows: np.ndarray

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Origin:
        codes, names = pd.factorize(frame[FILE])  # a name is one string, in however many rows
        return cls(np.asarray(names, dtype=object)[codes], frame[ROW].to_numpy())

    def error(
        self,
        index: int,
        problem: str,
        *,
        column: str,
        value: object,
        mend: str | None = None,
        rows: int = 1,
    ) -> DataError:
        """The error of the value at `index`, the first of `rows` that share the trouble."""
        file = self.files if isinstance(self.files, str) else self.files[index]
        if rows > 1:
            problem = f"{problem}, as in {rows - 1:,} more of {len(self.rows):,} rows"
        return DataError(problem, file=file, row=int(self.rows[index]), column=column, value=value, mend=mend)

    def place(self, index: int) -> str:
        file = self.files if isinstance(self.files, str) else self.files[index]
        return f"{file} row {int(self.rows[index])}"


def numbered(file: str, count: int, first: int = 1) -> Origin:
    """The origin of `count` consecutive rows of one file."""
    return Origin(file, np.arange(first, first + count))
