"""Published results: rows with their predictions and without any label, small enough to be committed.

```
results/<dataset>/<task>/<protocol>/<row>/
    row.json              provenance, scores, slices and costs of every seed; checksums
    predictions.parquet   post_id, then float32 `<target>/seed-<n>` and `<target>@<level>/seed-<n>`
```
Whoever holds the data derives the scores anew from them, and the paired interval of any two rows.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import StoreError
from benchmark.files import folder_atomically, sha256_of
from benchmark.run.store import PREDICTIONS
from leaderboard.publishing.check import row_problems
from leaderboard.publishing.row import ROW, PublishedRow, read_row, row_name, row_text
from leaderboard.publishing.seed import PredictionsFile, PublishedSeed, Truth
from leaderboard.tables.rows import Row

if TYPE_CHECKING:
    import pyarrow as pa


def publish(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write the tables that `rows` belong to, each in one step, and return the folders of the rows.

    Rows of these tables that are published and no longer among `rows` go; other tables stay as they are.

    Raises:
        StoreError: a name that cannot be that of a folder.
    """
    paths = {
        table: folder.joinpath(*map(_folder_name, table)) for table in dict.fromkeys(r.table for r in rows)
    }
    for table, path in paths.items():
        for left in path.parent.glob(f".{path.name}.*"):  # by a process that was killed while it wrote
            shutil.rmtree(left)
        with folder_atomically(path) as staging:
            for row in rows:
                if row.table == table:
                    _write(row, staging / row_name(row.first))
    return [paths[row.table] / row_name(row.first) for row in rows]


def read_published(folder: Path, runs: Sequence[Path] = ()) -> list[Row]:
    """The published rows in the order of their folders, like those that a run store gives.

    Args:
        runs: run stores that may hold the labels. Where one does, a row has replicates.

    Raises:
        StoreError: a row.json that is damaged, or of another version.
    """
    truths: dict[tuple[str, ...], Truth] = {}
    return [Published.read(path.parent, runs, truths).row for path in _row_files(folder)]


def check_published(folder: Path, runs: Sequence[Path] = ()) -> list[str]:
    """What is wrong with published results, a phrase each; an empty list if nothing is.

    Checksums and the form of every file; each test post predicted once, by a finite number; the same posts
    in all rows of a table. Where a run store of `runs` has the labels, scores, slices and intervals are
    derived anew.
    """
    if not folder.is_dir():
        return [f"{folder}: no such folder"]
    problems = [f"{path}: does not belong to published results" for path in _strangers(folder)]
    truths: dict[tuple[str, ...], Truth] = {}
    tables: dict[tuple[str, ...], Published] = {}
    for path in _row_files(folder):
        try:
            one = Published.read(path.parent, runs, truths)
            identity = (*one.told.table, row_name(one.told.model_dump()))
            if path.parent.relative_to(folder).parts != identity:
                raise StoreError(f"{path}: says that it is {'/'.join(identity)}")
            found = list(row_problems(one.told, one.predicted, one.truth))
            if one.told.files and not found:
                found += one.on_other_posts_than(tables.setdefault(one.told.table, one))
            problems += [f"{path.parent}: {what}" for what in found]
        except StoreError as error:
            problems.append(str(error))
    return problems


@dataclass(frozen=True)
class Published:
    """A row's folder, read."""

    folder: Path
    told: PublishedRow
    predicted: PredictionsFile
    truth: Truth

    @classmethod
    def read(cls, folder: Path, runs: Sequence[Path], truths: dict[tuple[str, ...], Truth]) -> Published:
        """Read row.json. `truths`: of the tables that were read already, so that each is read once."""
        told = read_row(folder / ROW)
        places = tuple(store.joinpath(*map(_folder_name, told.table)) for store in runs)
        truth = truths.setdefault((*told.table, told.truth_key), Truth(told.truth_key, places))
        return cls(folder, told, PredictionsFile(folder / PREDICTIONS, told.files.get(PREDICTIONS)), truth)

    @property
    def row(self) -> Row:
        one = (self.told.result(seed) for seed in self.told.seeds)
        return Row(tuple(PublishedSeed(self.folder, result, self.predicted, self.truth) for result in one))

    def on_other_posts_than(self, other: Published) -> Iterator[str]:
        """Rows of a table are compared post by post."""
        for name in ("protocol_version", "data_fingerprint", "truth_key"):
            mine, theirs = getattr(self.told, name), getattr(other.told, name)
            if mine != theirs:
                what = name.replace("_", " ")
                yield f"its {what} is {mine[:16]}; that of {other.folder.name} is {theirs[:16]}"
        if not self.predicted.table["post_id"].equals(other.predicted.table["post_id"]):
            yield f"its posts, or their order, are not those of {other.folder.name}"


def _folder_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+=-]*", name):
        raise StoreError(f"{name!r} cannot be published: it cannot be the name of a folder")
    return name


def _row_files(folder: Path) -> list[Path]:
    found = sorted(folder.glob(f"*/*/*/*/{ROW}"))
    return [
        path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _strangers(folder: Path) -> Iterator[Path]:
    """Files that are no part of a row and no note beside the tables, and links, which may lead anywhere."""
    for name, folders, files in os.walk(folder):
        here = Path(name)
        depth = len(here.relative_to(folder).parts)
        yield from (here / one for one in sorted(folders) if (here / one).is_symlink())
        for one in sorted(files):
            of_row = depth == 4 and one in (ROW, PREDICTIONS)
            if (here / one).is_symlink() or not (of_row or (depth == 0 and one.endswith(".md"))):
                yield here / one
        if depth == 4 and ROW not in files:
            yield here


def _write(row: Row, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir()
    columns: dict[str, pa.ChunkedArray] = {}
    for stored in row.seeds:
        if "n_test" not in stored.result:
            continue
        table = stored.predictions()
        ids = table["post_id"].cast(pa.string())
        if not columns.setdefault("post_id", ids).equals(ids):
            raise StoreError(f"{stored.folder}: its posts are not those of the row's other seeds")
        for name in table.column_names:
            if name != "post_id":
                columns[f"{name}/seed-{stored.result['seed']}"] = table[name].cast(pa.float32())
    files = {}
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
        files[PREDICTIONS] = sha256_of(folder / PREDICTIONS)
    (folder / ROW).write_text(row_text(row, files), encoding="utf-8")
