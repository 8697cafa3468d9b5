"""A published seed, like a stored one: its replicates are derived from predictions and labels when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import StoreError
from benchmark.files import sha256_of
from benchmark.run.store import Stored
from benchmark.run.truth import read_truth
from benchmark.scores.bootstrap import Resamples, mean_replicates, replicates
from benchmark.scores.metrics import POINT_METRICS, quantile_terms
from benchmark.scores.scoring import RESAMPLES, quantile_levels

if TYPE_CHECKING:
    import pyarrow as pa

    from leaderboard.tables.rows import Row


@dataclass(frozen=True)
class PublishedSeed(Stored):
    predicted: PredictionsFile
    truth: Truth

    def predictions(self) -> pa.Table:
        """As they were stored: post_id, and a float32 column a target (and a quantile)."""
        return self.predicted.of_seed(self.result["seed"])

    def replicates(self) -> dict[str, Any]:
        """As those of a run store, but each is derived when it is looked up.

        Raises (when one is looked up):
            StoreError: the labels are not on this machine, or not of the posts that were predicted.
        """
        return _Derived(self.predictions(), self.truth)


def labelled(row: Row) -> bool:
    """Has the row replicates: those of a run store, or labels to derive them from?"""
    return all(not isinstance(one, PublishedSeed) or one.truth.folder is not None for one in row.seeds)


@dataclass(frozen=True)
class PredictionsFile:
    """The predictions.parquet of a row: all of its seeds."""

    path: Path
    sha256: str | None

    @cached_property
    def table(self) -> pa.Table:
        """post_id, then `<target>/seed-<n>` and `<target>@<level>/seed-<n>`.

        Raises:
            StoreError: missing, unreadable, without post ids, or not what was written.
        """
        import pyarrow.parquet as pq

        if not self.path.is_file():
            raise StoreError(f"{self.path}: is missing")
        if sha256_of(self.path) != self.sha256:
            raise StoreError(f"{self.path}: its checksum does not hold: it was changed after it was written")
        try:
            table = pq.read_table(self.path)
            at = table.column_names.index("post_id")
            return table.set_column(at, "post_id", table["post_id"].cast("string"))
        except (OSError, ValueError, NotImplementedError) as error:  # what pyarrow raises is among them
            raise StoreError(f"{self.path}: cannot be read as predictions: {error}") from None

    def of_seed(self, seed: int) -> pa.Table:
        import pyarrow as pa

        end = f"/seed-{seed}"
        mine = [name for name in self.table.column_names if name.endswith(end)]
        columns = {name.removesuffix(end): self.table[name] for name in mine}
        return pa.table({"post_id": self.table["post_id"]} | columns)


@dataclass(frozen=True)
class Truth:
    """The labels of one table's posts, where a run store on this machine has them."""

    key: str
    folders: tuple[Path, ...]
    """Of the run stores, `<dataset>/<task>/<protocol>`."""

    @cached_property
    def folder(self) -> Path | None:
        stored = [folder / f"truth-{self.key[:16]}" for folder in self.folders]
        return next((folder for folder in stored if folder.is_dir()), None)

    @cached_property
    def table(self) -> pa.Table:
        """As `benchmark.scores.scoring.truth_table` describes it.

        Raises:
            StoreError: there is none on this machine, or it is damaged.
        """
        if self.folder is None:
            raise StoreError(
                f"no labels on this machine for published results on truth {self.key[:16]}. Prepare the data "
                "and run a baseline on them: smpbench run"
            )
        table = read_truth(self.folder)
        at = table.column_names.index("post_id")
        return table.set_column(at, "post_id", table["post_id"].cast("string"))

    @cached_property
    def resamples(self) -> Resamples:
        return _Kept(self.table["cluster"].to_numpy(), RESAMPLES)


@dataclass(frozen=True)
class _Kept(Resamples):
    """Resamples drawn once for all rows of a table: at full size (38,312 users) the counts take 77 MB."""

    def blocks(self) -> Iterator[tuple[slice, NDArray[np.uint16]]]:
        return iter(self._drawn)

    @cached_property
    def _drawn(self) -> list[tuple[slice, NDArray[np.uint16]]]:
        return list(super().blocks())


class _Derived(dict[str, Any]):
    """`"target/metric"` -> float64 [RESAMPLES]. What is never looked up is never computed."""

    def __init__(self, predictions: pa.Table, truth: Truth) -> None:
        super().__init__()
        self.predictions, self.truth = predictions, truth

    def __missing__(self, name: str) -> Any:
        target, _, metric = name.rpartition("/")
        truth, predictions = self.truth.table, self.predictions
        if not predictions["post_id"].equals(truth["post_id"]):
            raise StoreError("published predictions are not of the test posts, each once and in their order")
        y = truth[f"label_{target}"].to_numpy()
        if metric in POINT_METRICS:
            found = replicates(y, predictions[target].to_numpy(), self.truth.resamples, [metric])[metric]
        else:
            levels = quantile_levels(predictions, target)
            columns = [predictions[f"{target}@{level:g}"].to_numpy() for level in levels]
            terms = quantile_terms(y, np.stack(columns, axis=1), levels)
            found = mean_replicates(terms[metric], self.truth.resamples)
        self[name] = found
        return found
