"""Known: the posts whose labels were known when a model was fitted, as far as it needs them again.

Keys, categories and labels: an account's history, and nothing of what its posts said or showed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmark.declared.column import KEY_COLUMNS
from benchmark.errors import ModelError
from benchmark.handover import Reveal, revealed
from benchmark.posts import Posts
from benchmark.timeline import Timeline

if TYPE_CHECKING:
    from benchmark.posts import Array
    from benchmark.split import Clock
    from benchmark.timeline import Schema

KEPT_ROLES = ("category", "categorical")
LABEL, ENGAGEMENT = "label_", "engagement_"


@dataclass(frozen=True)
class Known:
    """m posts by time, t targets."""

    table: pa.Table
    """[m] keys, and columns of the roles `KEPT_ROLES`."""
    labels: Array
    """float32 [m, t]; NaN: none."""
    engagement: Array | None
    """float32 [m, t], where labels are derived of it."""

    @property
    def labelled(self) -> NDArray[np.int64]:
        """Rows that have every label."""
        return np.flatnonzero(~np.isnan(self.labels).any(axis=1))

    @property
    def users(self) -> pa.ChunkedArray:
        return self.table["user_id"]

    def of(self, rows: NDArray[np.int64]) -> Known:
        """These posts alone."""
        engagement = None if self.engagement is None else self.engagement[rows]
        return Known(self.table.take(rows), self.labels[rows], engagement)

    def timeline(self, schema: Schema, clock: Clock, categories: dict[str, list[str]]) -> Timeline:
        """All of them handed over and told; other columns than those kept are empty.

        Args:
            categories: levels of categorical columns, as the model has learnt them.
        """
        timeline = Timeline(schema, clock, categories=categories)
        self.told_to(timeline, self.table)
        return timeline

    def told_to(self, timeline: Timeline, table: pa.Table) -> Posts:
        """Hand posts with all of their columns to a timeline; those that have labels."""
        rows, labelled = np.arange(len(table)), self.labelled
        reveal = Reveal(table, rows, labelled, self.labels[labelled])
        if self.engagement is not None:
            counted = np.flatnonzero(~np.isnan(self.engagement).any(axis=1))
            reveal = replace(reveal, counted=counted, engagement=self.engagement[counted])
        return revealed(timeline, reveal)

    def write(self, path: Path, targets: tuple[str, ...]) -> None:
        columns = {name: self.table[name] for name in self.table.column_names}
        columns |= {f"{LABEL}{name}": pa.array(self.labels[:, j]) for j, name in enumerate(targets)}
        if self.engagement is not None:
            for j, name in enumerate(targets):
                columns[f"{ENGAGEMENT}{name}"] = pa.array(self.engagement[:, j])
        pq.write_table(pa.table(columns), path, compression="zstd")

    @classmethod
    def read(cls, path: Path, targets: tuple[str, ...], kept: list[str]) -> Self:
        """
        Args:
            kept: names of the columns beside the keys.

        Raises:
            ModelError: it is no such table; names the file.
        """
        try:
            table = pq.read_table(path, partitioning=None)
        except (OSError, ValueError, NotImplementedError) as error:  # what pyarrow raises is among them
            raise ModelError(f"{path}: cannot be read: {error}. Fit the model anew") from None
        wanted = [*KEY_COLUMNS.values(), *kept, *(f"{LABEL}{name}" for name in targets)]
        if missing := [name for name in wanted if name not in table.column_names]:
            raise ModelError(f"{path}: has no column '{missing[0]}'. Fit the model anew")
        told = all(f"{ENGAGEMENT}{name}" in table.column_names for name in targets)
        return cls(
            table.select([*KEY_COLUMNS.values(), *kept]),
            _stacked(table, LABEL, targets),
            _stacked(table, ENGAGEMENT, targets) if told else None,
        )


def with_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with all columns of a schema, in its order; empty where it has none."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=pa.schema([field.remove_metadata() for field in schema]))


def _stacked(table: pa.Table, prefix: str, targets: tuple[str, ...]) -> Array:
    columns = [table[f"{prefix}{name}"].to_numpy().astype(np.float32) for name in targets]
    return np.stack(columns, axis=1)
