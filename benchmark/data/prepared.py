"""Prepared: a data set as `benchmark.data.prepare` has stored it, its checksums verified."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.card import Card
from benchmark.errors import DataError
from benchmark.files import sha256_of

POSTS, TARGETS, PREPARED = "posts.parquet", "targets.parquet", "prepared.json"


@dataclass(frozen=True)
class Prepared:
    """A data set ready for use.

    Attributes:
        folder: holds the two parquet files and prepared.json.
        fingerprint: sha256 over the logical content (and the images' sizes); the same on every machine.
        report: what `benchmark.data.report.report_lines` prints.
        images: the folder that image paths start from; None when no image of the set is on this machine.
    """

    card: Card
    folder: Path
    fingerprint: str
    report: Mapping[str, Any]
    images: Path | None

    def posts(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The inputs, all columns or some, by (time, post_id)."""
        return _table(self.folder / POSTS, columns)

    def targets(self) -> pa.Table:
        """`post_id` and a float64 column a target on the raw scale, row by row as `posts`; for a synthetic
        set also `ceiling_<target>` on the scoring scale."""
        return _table(self.folder / TARGETS, None)


def load_prepared(card: Card, home: Path) -> Prepared:
    """What `prepare` stored, its checksums verified.

    Raises:
        DataError: nothing is prepared, or a file is not as it was written.
    """
    folder = home / "prepared" / card.name
    mend = f"Run `smpbench prepare -d {card.name}`"
    try:
        prepared = json.loads((folder / PREPARED).read_text(encoding="utf-8"))
        files = prepared["files"]
        images = prepared["images"]
        found = {name: sha256_of(folder / name) for name in (POSTS, TARGETS)}
    except FileNotFoundError as error:
        raise DataError("the data set is not prepared", file=error.filename, mend=mend) from None
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"cannot be read: {error!r}", file=folder / PREPARED, mend=mend) from None
    for name, checksum in found.items():
        if files.get(name) != checksum:
            raise DataError("the content is not what was written", file=folder / name, mend=mend)
    return Prepared(
        card, folder, prepared["fingerprint"], prepared["report"], Path(images) if images else None
    )


def _table(path: Path, columns: Sequence[str] | None) -> pa.Table:
    return pq.read_table(path, columns=None if columns is None else list(columns))
