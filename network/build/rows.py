"""Rows: what a file of edges says, column by column, as it is written there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmark.errors import DataError

MOST_EDGES = 50_000_000


@dataclass(frozen=True)
class EdgeFile:
    """How a file of edges is written; what is None is told by the header, or is not there."""

    source: str | None = None
    """The column of who does it: the follower, the author."""
    target: str | None = None
    time: str | None = None
    weight: str | None = None
    kind: str | None = None
    names: tuple[str, ...] = ()
    """Of the columns, where no header line tells them."""
    delimiter: str | None = None
    """One character, or a blank for any white space."""
    time_format: str | None = None
    """`iso`, `epoch_seconds`, `epoch_milliseconds`, or a pattern of strptime."""
    kind_of_all: str | None = None
    """Where no column tells: `follow`, or `tie` of what is said to be undirected, when None."""
    collected: int | None = None
    """ms since 1970: from when on edges without a time are known."""


@dataclass(frozen=True)
class EdgeRows:
    """m rows; columns of text, or of text by a dictionary."""

    path: Path
    source: pa.ChunkedArray
    target: pa.ChunkedArray
    time: pa.ChunkedArray | None
    weight: pa.ChunkedArray | None
    kind: pa.ChunkedArray | None
    line: Callable[[int], int]
    """Place of a row -> the line of the file that it stands on, from 1."""
    undirected: bool = False
    notes: tuple[str, ...] = ()
    source_name: str = "source"
    target_name: str = "target"
    time_name: str = "time"
    weight_name: str = "weight"

    def __len__(self) -> int:
        return len(self.source)

    def error(self, row: int, problem: str, **where: Any) -> DataError:
        return DataError(problem, file=self.path, row=self.line(row), **where)


def too_many(path: Path, most: int = MOST_EDGES) -> DataError:
    return DataError(
        f"more than {most:,} edges", file=path, mend="Take a sample, or the edges of some accounts"
    )
