"""A published seed, like a stored one: its replicates are derived from predictions and labels when asked."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import StoreError
from benchmark.files import is_plain, sha256_of
from benchmark.run.result import About, Run
from benchmark.run.truth import read_truth, truth_folder
from benchmark.scores.bootstrap import replicates
from benchmark.scores.measures import measure
from benchmark.scores.measures.resamples import Floats, Resamples
from benchmark.scores.scoring import RESAMPLES, among_of, predicted_of
from leaderboard.publishing.row import MEND, ROW

if TYPE_CHECKING:
    import pyarrow as pa

MOST_NUMBERS = 500_000_000
"""Of the predictions of a row: 2 GB of them."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublishedSeed:
    about: About
    run: Run
    predicted: PredictionsFile
    truth: Truth

    @property
    def labelled(self) -> bool:
        """Whether its labels are on this machine."""
        return self.truth.folder is not None

    @property
    def pages(self) -> tuple[Path, ...]:
        """The file that its row is read from, which names by checksum whatever lies beside it."""
        return (self.predicted.path.parent / ROW,)

    def predictions(self) -> pa.Table:
        """As they were stored: post_id, and a float32 column a target (and a quantile)."""
        return self.predicted.of_seed(self.run.seed)

    def replicates(self) -> Mapping[str, Floats]:
        """As those of a run store, but each is derived when it is looked up.

        Raises (when one is looked up):
            StoreError: the labels are not on this machine, or not of the posts that were predicted.
        """
        return _Derived(self.predictions(), self.truth)


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

        if not is_plain(self.path):
            told = "is no plain file" if self.path.exists() or self.path.is_symlink() else "is missing"
            raise StoreError(f"{self.path}: {told}. {MEND}")
        if sha256_of(self.path) != self.sha256:
            raise StoreError(
                f"{self.path}: its checksum does not hold: it was changed after it was written. {MEND}"
            )
        try:
            told = pq.ParquetFile(self.path).metadata
            if told.num_rows * told.num_columns > MOST_NUMBERS:  # a few kB may unfold to any number of them
                raise StoreError(
                    f"{self.path}: says that it holds {told.num_rows:,} posts in {told.num_columns:,} "
                    f"columns; {MOST_NUMBERS:,} numbers are allowed"
                )
            table = pq.read_table(self.path, partitioning=None)
            at = table.column_names.index("post_id")
            return table.set_column(at, "post_id", table["post_id"].cast("string"))
        except (OSError, ValueError, NotImplementedError) as error:  # what pyarrow raises is among them
            raise StoreError(f"{self.path}: cannot be read as predictions: {error}. {MEND}") from None

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
    table_name: tuple[str, str, str]
    runs: tuple[Path, ...]
    """Run stores."""

    @cached_property
    def folder(self) -> Path | None:
        """Of the first run store whose labels are sound; what is wrong with others is logged."""
        places = [truth_folder(store, self.table_name, self.key) for store in self.runs]
        return next((folder for folder in places if folder.is_dir() and _is_sound(folder)), None)

    @cached_property
    def table(self) -> pa.Table:
        """As `benchmark.run.truth.truth_table` describes it.

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
        """Drawn once for all rows of a table."""
        return Resamples(self.table["cluster"].to_numpy(), RESAMPLES)


def _is_sound(folder: Path) -> bool:
    try:
        read_truth(folder)
    except StoreError as error:
        log.warning("%s; rows are shown as they were published", error)
        return False
    return True


class _Derived(dict[str, Floats]):
    """`"target/measure"` -> float64 [RESAMPLES]. What is never looked up is never computed."""

    def __init__(self, predictions: pa.Table, truth: Truth) -> None:
        super().__init__()
        self.predictions, self.truth = predictions, truth

    def __missing__(self, name: str) -> Floats:
        target, _, of = name.rpartition("/")
        truth = self.truth.table
        if not self.predictions["post_id"].equals(truth["post_id"]):
            raise StoreError("published predictions are not of the test posts, each once and in their order")
        y = truth[f"label_{target}"].to_numpy()
        predicted = predicted_of(self.predictions, target, among_of(truth, target))
        if not measure(of).reads_from(predicted):
            raise StoreError(
                f"{name}: the labels on this machine were stored before what this measure reads was told. "
                "Move them away and run a baseline anew: smpbench run"
            )
        self[name] = replicates(measure(of), y, predicted, self.truth.resamples)
        return self[name]
