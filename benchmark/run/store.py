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
import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.errors import StoreError
from benchmark.files import folder_atomically, sha256_of

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.run.cell import Cell

log = logging.getLogger(__name__)

RESULT, PREDICTIONS, REPLICATES, TRUTH = (
    "result.json",
    "predictions.parquet",
    "replicates.npz",
    "truth.parquet",
)


@dataclass(frozen=True)
class Stored:
    """A result folder whose checksums hold."""

    folder: Path
    result: dict[str, Any]

    def predictions(self) -> pa.Table:
        import pyarrow.parquet as pq

        return pq.read_table(self.folder / PREDICTIONS)

    def replicates(self) -> dict[str, Any]:
        """`"target/metric"` -> float64 [resamples]."""
        import numpy as np

        with np.load(self.folder / REPLICATES, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}


class Store:
    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, cell: Cell, key: str) -> Path:
        return self.root / cell.folder / key[:16]

    def read(self, folder: Path) -> Stored | None:
        """The result in a folder; None when there is none, or when it is damaged (which is logged)."""
        if not (folder / RESULT).is_file():
            return None
        try:
            return checked(folder)
        except StoreError as error:
            log.warning("%s; it is computed anew", error)
            return None

    @contextmanager
    def writing(self, folder: Path) -> Iterator[Path]:
        """A staging folder for a result; call `seal` on it before leaving."""
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
                shutil.rmtree(left, ignore_errors=True)
            yield True
        finally:
            lock.release()

    def results(self) -> Iterator[Stored]:
        """Every sound result, in path order."""
        for path in sorted(self.root.glob(f"*/*/*/*/*/seed-*/*/{RESULT}")):
            if not any(part.startswith(".") for part in path.relative_to(self.root).parts):
                stored = self.read(path.parent)
                if stored is not None:
                    yield stored

    def truth_folder(self, cell: Cell, key: str) -> Path:
        return self.root / cell.dataset / cell.task / cell.protocol / f"truth-{key[:16]}"


def seal(folder: Path, result: dict[str, Any]) -> None:
    """Write `result.json` into a filled staging folder, with the checksum of every file and its own."""
    files = {
        str(path.relative_to(folder)): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != RESULT
    }
    whole = {**result, "files": files}
    whole["sha256"] = _own_checksum(whole)
    (folder / RESULT).write_text(json.dumps(whole, indent=1, sort_keys=True, allow_nan=False) + "\n")


def checked(folder: Path) -> Stored:
    """Read a result and hold every file against its checksum.

    Raises:
        StoreError: naming the file that is missing, unreadable or not what was written.
    """
    path = folder / RESULT
    try:
        result = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read as a result: {error}") from None
    if not isinstance(result, dict) or result.get("sha256") != _own_checksum(result):
        raise StoreError(f"{path}: its checksum does not hold: it was changed after it was written")
    for name, checksum in result["files"].items():
        file = folder / name
        if not file.is_file():
            raise StoreError(f"{file}: is missing")
        if sha256_of(file) != checksum:
            raise StoreError(f"{file}: its checksum does not hold: it was changed after it was written")
    return Stored(folder, result)


def _own_checksum(result: dict[str, Any]) -> str:
    bare = {name: value for name, value in result.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()
