"""Store: results and predictions on disk, atomic, checksummed, named by content.

```
runs/<dataset>/<task>/<protocol>/
    truth-<key>/            truth.parquet   what the scored posts were, and their labels
    <baseline>/<variant>/seed-<n>/<key>/
        result.json         scores, costs, provenance, and the sha256 of every file beside it
        predictions.parquet post_id and a column a target (and a quantile)
        replicates.npz      every score in every bootstrap resample
        log.txt  plots/
```
A folder appears whole or not at all. Anything whose checksum does not hold is treated as absent, said so,
and computed anew.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import StoreError
from benchmark.files import folder_atomically, remove
from benchmark.run.checksums import PAGE, read_checksummed, write_checksummed
from benchmark.run.result import About, Result, Run

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.run.cell import Cell
    from benchmark.scores.measures.resamples import Floats

log = logging.getLogger(__name__)

PREDICTIONS, REPLICATES = "predictions.parquet", "replicates.npz"


@dataclass(frozen=True)
class StoredResult:
    """A result folder whose checksums hold."""

    folder: Path
    result: Result
    files: Mapping[str, str]
    """Name -> sha256."""

    @property
    def labelled(self) -> bool:
        """Whether its labels are on this machine: a run store has them."""
        return True

    @property
    def about(self) -> About:
        return self.result.about

    @property
    def run(self) -> Run:
        return self.result.run

    @property
    def pages(self) -> tuple[Path, ...]:
        """The file that it is read from, which names by checksum whatever lies beside it."""
        return (self.folder / PAGE,)

    def predictions(self) -> pa.Table:
        """Post ids, and a column a target and quantile.

        Raises:
            StoreError: there are none, or they are no table of predictions.
        """
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(self._beside(PREDICTIONS), partitioning=None)
        except (OSError, ValueError, NotImplementedError) as error:  # what pyarrow raises is among them
            raise StoreError(f"{self.folder / PREDICTIONS}: cannot be read: {error}") from None
        if "post_id" not in table.column_names:
            raise StoreError(f"{self.folder / PREDICTIONS}: has no column 'post_id'")
        return table

    def replicates(self) -> Mapping[str, Floats]:
        """`"target/measure"` -> float64 [resamples].

        Raises:
            StoreError: there are none, or they cannot be read.
        """
        return self._replicates

    @cached_property
    def _replicates(self) -> Mapping[str, Floats]:
        import zipfile

        import numpy as np

        path = self._beside(REPLICATES)
        try:
            with np.load(path, allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
            raise StoreError(f"{path}: cannot be read: {error}") from None

    def _beside(self, name: str) -> Path:
        """A file whose checksum was held; one that the result does not name may be anything."""
        if name not in self.files:
            raise StoreError(f"{self.folder}: tells of no {name}")
        return self.folder / name


class Store:
    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, cell: Cell, key: str) -> Path:
        return self.root / cell.folder / key[:16]

    def read(self, folder: Path) -> StoredResult | None:
        """The result in a folder; None when there is none, or when it is damaged (which is logged)."""
        if not (folder / PAGE).exists():
            return None
        try:
            return read_result(folder)
        except StoreError as error:
            log.warning("%s; it is computed anew", error)
            return None

    @contextmanager
    def writing(self, folder: Path) -> Iterator[Path]:
        """A staging folder for a result; call `write_result` on it before leaving."""
        with folder_atomically(folder) as staging:
            yield staging

    @contextmanager
    def claim(self, folder: Path) -> Iterator[bool]:
        """Whether this run may compute the cell: False while another run of any process computes it.

        The lock goes with the process that holds it, however that ends.
        """
        from filelock import FileLock, Timeout

        locks = self.root / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(str(folder.relative_to(self.root)).encode()).hexdigest()[:32]
        lock = FileLock(locks / f"{name}.lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        try:
            for left in folder.parent.glob(f".{folder.name}.*"):  # by a run that was killed while it wrote
                with suppress(OSError):
                    remove(left)
            yield True
        finally:
            lock.release()

    def folders(self, table: tuple[str, str, str] = ("*", "*", "*")) -> list[Path]:
        """Where results are, sound or not, in path order; none of those that are being written.

        Args:
            table: data set, task and protocol; all, unless it is named.
        """
        found = sorted(path.parent for path in self.root.glob(f"{'/'.join(table)}/*/*/seed-*/*/{PAGE}"))
        return [one for one in found if not any(p.startswith(".") for p in one.relative_to(self.root).parts)]

    def results(self, table: tuple[str, str, str] = ("*", "*", "*")) -> Iterator[StoredResult]:
        """Every sound result, in path order."""
        for folder in self.folders(table):
            stored = self.read(folder)
            if stored is not None:
                yield stored


def write_result(folder: Path, result: Result) -> None:
    """Write `result.json` into a filled staging folder, with the checksum of every file and its own."""
    write_checksummed(folder, result.model_dump(mode="json"))


def read_result(folder: Path) -> StoredResult:
    """Read a result and hold every file against its checksum.

    Raises:
        StoreError: naming the file that is missing, unreadable, of another version or not what was written.
    """
    content = read_checksummed(folder)
    files = content.pop("files")
    return StoredResult(folder, Result.read(content, folder / PAGE), files)
