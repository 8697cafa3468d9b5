"""Prepare: raw files -> posts.parquet, targets.parquet and a fingerprint.

    home/prepared/<data set>/posts.parquet     a row a post, by (time, post_id); what is known at publication
                             crawl.parquet     the same rows; what was known only at crawl time, if any
                             targets.parquet   the same rows; raw labels, NaN = unlabelled
                             facts_NAME.parquet   a fact table each, by known_at
                             prepared.json     fingerprint, checksums, report

The folder appears whole or not at all. The same raw files give the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import filelock
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.data.canonical import canonical
from benchmark.data.facts import fact_rows
from benchmark.data.fingerprint import fingerprint
from benchmark.data.image_files import image_files
from benchmark.data.leaks import leaks
from benchmark.data.prepared import (
    POSTS,
    PREPARED,
    TARGETS,
    Prepared,
    facts_file,
    load_prepared,
    split_columns,
)
from benchmark.data.raw_files import facts_folders, raw_folder
from benchmark.data.report import report
from benchmark.data.stamp import stamp, stamp_of
from benchmark.data.synthetic import ensure_generated, with_ceiling
from benchmark.declared.card import Card
from benchmark.declared.column import READS
from benchmark.errors import DataError
from benchmark.files import sha256_of
from benchmark.readers import read


def prepare(
    card: Card,
    home: Path,
    raw_roots: Sequence[Path],
    *,
    force: bool = False,
    allow_generator: bool = False,
) -> Prepared:
    """Read, check and store a data set; nothing is done when neither its raw files, its card nor this code
    have changed since the last time. Two processes at once take turns.

    Args:
        allow_generator: whether the script of a synthetic set that is none of the project's may be run.

    Raises:
        CardError: a script would have to be run and may not be.
        DataUnavailable: the raw files are not on this machine.
        DataError: they are wrong; names file, row, column and value. What was prepared before stays.
    """
    folder = home / "prepared" / card.name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder.parent / f".{card.name}.lock"):
        ensure_generated(card, home, raw_roots, allowed=allow_generator)
        raw = raw_folder(card, home, raw_roots)
        folders = facts_folders(card, raw, home, raw_roots)
        now = stamp(card, raw, folders, home)
        if not force and stamp_of(folder) == now:
            try:
                return load_prepared(card, home)
            except DataError:
                pass  # A damaged copy of good raw files: made anew below.
        _replace(folder, _built(card, raw, folders, folder, now))
        return load_prepared(card, home)


def _built(card: Card, raw: Path, facts_in: Mapping[str, Path], folder: Path, now: str) -> Path:
    """Everything in a new folder beside `folder`."""
    with _whole_characters(raw):
        content = read(card, raw)
        tables = canonical(card, content)
        suspects = leaks(card, tables.posts, tables.targets)
        images = image_files(card, tables, content.images)
        facts = fact_rows(card, facts_in, tables.posts)
    beside = {TARGETS: with_ceiling(card, raw, tables.targets)}
    beside |= {facts_file(name): rows.table for name, rows in facts.items()}
    stored = split_columns(card, tables.posts) | beside

    new = _emptied(folder.with_name(f".{folder.name}.new"))
    for name, table in stored.items():
        _write(table, new / name)
    prepared = {
        "dataset": card.name,
        # Of what the data are, however many files the posts lie in.
        "fingerprint": fingerprint({POSTS: tables.posts, **beside}, images.sizes),
        "content": fingerprint({POSTS: _read_by_encoders(card, tables.posts)}, images.sizes),
        "files": {name: sha256_of(new / name) for name in stored},
        "images": str(content.images) if images.sizes else None,
        "stamp": now,
        "report": report(card, tables, images, content.report, facts, suspects),
    }
    with (new / PREPARED).open("w", encoding="utf-8") as file:
        json.dump(prepared, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    return new


def _read_by_encoders(card: Card, posts: pa.Table) -> pa.Table:
    return posts.select(["post_id", *(name for one in READS for name in card.content(one))])


@contextmanager
def _whole_characters(raw: Path) -> Iterator[None]:
    """Half a character, a lone surrogate, can stand in JSON and in no table: an error wherever it shows."""
    try:
        yield
    except UnicodeEncodeError as error:
        begin = max(0, error.start - 10)
        raise DataError(
            "a text holds half a character (a lone surrogate)",
            file=raw,
            value=error.object[begin : error.end + 10],
            mend="Mend or remove its row",
        ) from None


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
