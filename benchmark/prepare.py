"""Prepare: raw files -> posts.parquet, targets.parquet and a fingerprint.

    home/prepared/<data set>/posts.parquet     a row a post, by (time, post_id); the card's columns
                             targets.parquet   the same rows; raw labels, NaN = unlabelled
                             prepared.json     fingerprint, checksums, report

The folder appears whole or not at all. The same raw files give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.canonical import canonical
from benchmark.card import Card
from benchmark.errors import DataError, DataUnavailable
from benchmark.fingerprint import fingerprint
from benchmark.image_files import image_files
from benchmark.leaks import refuse_leaks
from benchmark.readers import read
from benchmark.report import report, report_lines
from benchmark.synthetic import ensure_generated, with_ceiling

__all__ = ["Prepared", "load_prepared", "prepare", "raw_folder", "report_lines"]

POSTS, TARGETS, PREPARED = "posts.parquet", "targets.parquet", "prepared.json"
_SOURCES = ("prepare", "canonical", "synthetic", "leaks", "image_files", "fingerprint", "report")


@dataclass(frozen=True)
class Prepared:
    """A data set ready for use.

    Attributes:
        folder: holds the two parquet files and prepared.json.
        fingerprint: sha256 over the logical content (and the images' sizes); the same on every machine.
        report: what `benchmark.report.report_lines` prints.
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


def raw_folder(card: Card, home: Path, raw_roots: Sequence[Path]) -> Path:
    """Where the raw files of a data set are: the first of the card's `raw` that exists below one of
    `raw_roots`, below `home/raw`, or beside the card.

    Raises:
        DataUnavailable: none exists; the text says how to obtain the files.
    """
    for root in (*raw_roots, home / "raw", card.folder):
        for name in card.raw:
            if (root / name).exists():
                return (root / name).resolve()
    looked = ", ".join(str(root / card.raw[0]) for root in (*raw_roots, home / "raw"))
    raise DataUnavailable(f"{card.name}: no raw files (looked for {looked}). {card.obtain}".strip())


def prepare(card: Card, home: Path, raw_roots: Sequence[Path], *, force: bool = False) -> Prepared:
    """Read, check and store a data set; nothing is done when neither its raw files, its card nor this code
    have changed since the last time. Two processes at once take turns.

    Raises:
        DataUnavailable: the raw files are not on this machine.
        DataError: they are wrong; names file, row, column and value. What was prepared before stays.
    """
    folder = home / "prepared" / card.name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder.parent / f".{card.name}.lock"):
        ensure_generated(card, home, raw_roots)
        raw = raw_folder(card, home, raw_roots)
        stamp = _stamp(card, raw)
        if not force and _stamp_of(folder) == stamp:
            try:
                return load_prepared(card, home)
            except DataError:
                pass  # A damaged copy of good raw files: made anew below.
        _replace(folder, _built(card, raw, folder, stamp))
        return load_prepared(card, home)


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
        found = {name: _checksum(folder / name) for name in (POSTS, TARGETS)}
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


def _built(card: Card, raw: Path, folder: Path, stamp: str) -> Path:
    """Everything in a new folder beside `folder`."""
    content = read(card, raw)
    tables = canonical(card, content)
    refuse_leaks(card, tables.posts, tables.targets)
    images = image_files(card, tables, content.images)
    targets = with_ceiling(card, raw, tables.targets)

    new = _emptied(folder.with_name(f".{folder.name}.new"))
    _write(tables.posts, new / POSTS)
    _write(targets, new / TARGETS)
    prepared = {
        "dataset": card.name,
        "fingerprint": fingerprint({POSTS: tables.posts, TARGETS: targets}, images.sizes),
        "files": {name: _checksum(new / name) for name in (POSTS, TARGETS)},
        "images": str(content.images) if images.sizes else None,
        "stamp": stamp,
        "report": report(card, tables, images, content.report),
    }
    with (new / PREPARED).open("w", encoding="utf-8") as file:
        json.dump(prepared, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    return new


def _write(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        pq.write_table(table, file, compression="zstd", row_group_size=65536)
        file.flush()
        os.fsync(file.fileno())


def _replace(folder: Path, new: Path) -> None:
    old = _emptied(folder.with_name(f".{folder.name}.old"))
    if folder.exists():
        folder.rename(old / folder.name)
    new.rename(folder)
    shutil.rmtree(old)


def _emptied(folder: Path) -> Path:
    """A new empty folder; what an interrupted run left under its name is removed."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    return folder


def _table(path: Path, columns: Sequence[str] | None) -> pa.Table:
    return pq.read_table(path, columns=None if columns is None else list(columns))


def _stamp_of(folder: Path) -> str | None:
    try:
        stamp: str = json.loads((folder / PREPARED).read_text(encoding="utf-8"))["stamp"]
    except (OSError, ValueError, KeyError):
        return None
    return stamp


def _stamp(card: Card, raw: Path) -> str:
    """Changes when a raw file, the card or the code that reads them changes."""
    package = Path(__file__).parent
    sources = [*(package / f"{name}.py" for name in _SOURCES), *sorted((package / "readers").glob("*.py"))]
    digest = hashlib.sha256(f"{raw}\n{card.model_dump_json()}\n".encode())
    for source in sources:
        digest.update(source.read_bytes())
    for path, stat in _walk(raw):
        digest.update(f"{path}\n{stat.st_size}\n{stat.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _walk(raw: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Relative path and stat of every file, in a fixed order."""
    if raw.is_file():
        yield raw.name, raw.stat()
        return
    for folder, below, names in os.walk(raw):
        below.sort()
        for name in sorted(names):
            path = f"{folder}/{name}"  # Not a Path: there may be half a million images.
            yield path[len(str(raw)) + 1 :], os.lstat(path)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
