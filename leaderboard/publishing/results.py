"""Published results: rows with their predictions and without any label, small enough to be committed.

```
results/<data set>/<task>/<protocol>/
    table.json, pairs.parquet, standings.parquet
                              what takes labels to derive: see `leaderboard.publishing.told`
    <row>/
        row.json              provenance, scores, slices and costs of every seed; checksums
        predictions.parquet   post_id, then float32 `<target>/seed-<n>` and `<target>@<level>/seed-<n>`
        pictures.json, plots/ see `leaderboard.publishing.pictures`
```
Whoever holds the data derives the scores anew from them, and the paired interval of any two rows.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import StoreError
from benchmark.files import folder_atomically, sha256_of
from benchmark.run.store import PREDICTIONS
from leaderboard.publishing.pictures import DRAWN, PLOTS, Pictures, write_pictures
from leaderboard.publishing.row import ROW, PublishedRow, read_row, row_name, row_text
from leaderboard.publishing.seed import PredictionsFile, PublishedSeed, Truth
from leaderboard.publishing.told import PAIRS, STANDINGS, TABLE, Told, intervals_of, read_told, write_told
from leaderboard.tables.rows import Row
from leaderboard.tables.table import Derived

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.scores.score import Interval

Truths = dict[tuple[str, ...], Truth]


@dataclass(frozen=True)
class Published:
    """A row's folder, read."""

    folder: Path
    told: PublishedRow
    predicted: PredictionsFile
    truth: Truth

    @classmethod
    def read(cls, folder: Path, runs: Sequence[Path], truths: Truths) -> Published:
        """Read row.json.

        Args:
            runs: run stores that may hold the labels.
            truths: of the tables that were read already, so that each is read once.
        """
        told = read_row(folder / ROW)
        table = told.about.table
        places = _folder_name(table[0]), _folder_name(table[1]), _folder_name(table[2])
        key = told.about.truth_key
        truth = truths.setdefault((*table, key), Truth(key, places, tuple(runs)))
        return cls(folder, told, PredictionsFile(folder / PREDICTIONS, told.files.get(PREDICTIONS)), truth)

    @cached_property
    def row(self) -> Row:
        seeds = (PublishedSeed(self.told.about, run, self.predicted, self.truth) for run in self.told.runs)
        return Row(tuple(seeds))


def read_published(folder: Path, runs: Sequence[Path] = ()) -> list[Published]:
    """The published rows in the order of their folders.

    Args:
        runs: run stores that may hold the labels. Where one does, a row has replicates.

    Raises:
        StoreError: a row.json that is damaged, or of another version.
    """
    truths: Truths = {}
    return [Published.read(path.parent, runs, truths) for path in row_files(folder)]


def told_table(published: Sequence[Published], without: Collection[str] = ()) -> Told:
    """The table that these rows make, all that are published of one (data set, task, protocol).

    Args:
        without: names of the folders of others, which are left out.

    Raises:
        StoreError: what was published of the table is damaged, or speaks of other rows.
    """
    intervals = [one.told.intervals for one in published]
    return read_told(published[0].folder.parent, [one.row for one in published], intervals, without)


def publish(table: Derived, pictures: Sequence[Pictures], folder: Path) -> list[Path]:
    """Write a table in one step, in place of what was published of it; the folders of its rows.

    Args:
        table: all of its rows, their labels at hand.
        pictures: of each row.

    Raises:
        StoreError: a name that cannot be that of a folder.
    """
    of = table.rows[0].about
    path = folder.joinpath(*map(_folder_name, of.table))
    for left in path.parent.glob(f".{path.name}.*"):  # by a process that was killed while it wrote
        shutil.rmtree(left)
    with folder_atomically(path) as staging:
        for row, drawn in zip(table.rows, pictures, strict=True):
            _write(row, intervals_of(table, row), drawn, staging / row_name(row.about))
        write_told(table, staging)
    return [path / row_name(row.about) for row in table.rows]


def row_files(folder: Path) -> list[Path]:
    """Every row.json, in path order; none of those that are being written."""
    found = sorted(folder.glob(f"*/*/*/*/{ROW}"))
    return [
        path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def strangers(folder: Path) -> Iterator[Path]:
    """Files that are no part of a row and no note beside the tables, and links, which may lead anywhere."""
    of_row, of_table = {ROW, PREDICTIONS, DRAWN}, {TABLE, PAIRS, STANDINGS}
    for name, folders, files in os.walk(folder):
        here = Path(name)
        depth = len(here.relative_to(folder).parts)
        yield from (here / one for one in sorted(folders) if (here / one).is_symlink())
        for one in sorted(files):
            belongs = (
                (depth == 0 and one.endswith(".md"))
                or (depth == 3 and one in of_table)
                or (depth == 4 and one in of_row)
                or (depth == 5 and here.name == PLOTS and one.endswith(".webp"))
            )
            if (here / one).is_symlink() or not belongs:
                yield here / one
        if depth == 4 and ROW not in files:
            yield here


def _folder_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+=-]*", name):
        raise StoreError(f"{name!r} cannot be published: it cannot be the name of a folder")
    return name


def _write(row: Row, intervals: Sequence[Interval], pictures: Pictures, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir()
    columns: dict[str, pa.ChunkedArray] = {}
    for seed in row.seeds:
        if not seed.run.predicted:
            continue
        table = seed.predictions()
        ids = table["post_id"].cast(pa.string())
        if not columns.setdefault("post_id", ids).equals(ids):
            raise StoreError(f"{'/'.join(map(str, row.name))}: its seeds predict different posts")
        for name in table.column_names:
            if name != "post_id":
                columns[f"{name}/seed-{seed.run.seed}"] = table[name].cast(pa.float32())
    written = write_pictures(pictures, folder)
    if columns:
        # Neighbouring ids and the leading bytes of numbers are alike: a third less than plain zstd.
        encodings = dict.fromkeys(columns, "BYTE_STREAM_SPLIT") | {"post_id": "DELTA_BYTE_ARRAY"}
        pq.write_table(
            pa.table(columns),
            folder / PREDICTIONS,
            compression="zstd",
            compression_level=12,
            use_dictionary=False,
            column_encoding=encodings,
            write_statistics=False,
        )
        written.append(PREDICTIONS)
    files = {name: sha256_of(folder / name) for name in written}
    (folder / ROW).write_text(row_text(row, intervals, files), encoding="utf-8")
