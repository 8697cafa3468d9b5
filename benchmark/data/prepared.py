"""Prepared: a data set as `benchmark.data.prepare` has stored it, its checksums verified."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.declared.card import Card
from benchmark.declared.column import KEY_COLUMNS
from benchmark.errors import DataError
from benchmark.files import opened, sha256_of

POSTS, TARGETS, PREPARED = "posts.parquet", "targets.parquet", "prepared.json"
CRAWL = "crawl.parquet"
"""The columns known only at crawl time. They lie apart, so that a worker can be kept from the whole file."""


def facts_file(name: str) -> str:
    """The file that holds the prepared fact table of this name."""
    return f"facts_{name}.parquet"


@dataclass(frozen=True)
class Prepared:
    """A data set ready for use.

    Attributes:
        folder: holds the parquet files and prepared.json.
        fingerprint: sha256 over the logical content (and the images' sizes); the same on every machine.
        content: sha256 over what encoders read alone, texts, tags and images: encoded content stays good
            though labels, facts or other columns change.
        report: what `benchmark.data.report.report_lines` prints.
        images: the folder that image paths start from; None when no image of the set is on this machine.
    """

    card: Card
    folder: Path
    fingerprint: str
    content: str
    report: Mapping[str, Any]
    images: Path | None

    def posts(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The inputs by (time, post_id): all columns in the card's order, or those asked for, as asked.

        The file of crawl-time columns is opened only for one of its own.
        """
        late = crawl_columns(self.card)
        if columns is None:
            columns = ordered(self.card)
        published = [name for name in columns if name not in late]
        posts = _table(self.folder / POSTS, published)
        if len(published) == len(columns):
            return posts
        crawled = _table(self.folder / CRAWL, [name for name in columns if name in late])
        for name in crawled.column_names:
            posts = posts.append_column(crawled.schema.field(name), crawled[name])
        return posts.select(list(columns))

    def targets(self) -> pa.Table:
        """`post_id` and a float64 column a target on the raw scale, row by row as `posts`; for a synthetic
        set also `ceiling_<target>`, and perhaps `ceiling_noise_<target>`, on the scoring scale."""
        return _table(self.folder / TARGETS, None)

    def facts(self, name: str) -> pa.Table:
        """A fact table that the card declares, by (known_at, then all columns)."""
        return _table(self.folder / facts_file(name), None)


def ordered(card: Card) -> list[str]:
    """All columns of the inputs: the keys, then as the card has them."""
    keys = list(KEY_COLUMNS.values())
    return keys + [name for name in card.columns if name not in keys]


def crawl_columns(card: Card) -> list[str]:
    """Names of the columns that lie in the file of those known only at crawl time."""
    return [name for name in card.visible(crawl=True) if name not in card.visible()]


def load_prepared(card: Card, home: Path) -> Prepared:
    """What `prepare` stored, its checksums verified.

    Raises:
        DataError: nothing is prepared, a file is not as it was written, or it was written by other code or
            for a card with other columns.
    """
    folder = home / "prepared" / card.name
    mend = f"Run `smpbench prepare -d {card.name}`"
    try:
        with opened(folder / PREPARED) as file:
            prepared = json.load(file)
        files = prepared["files"]
        images, encoded = prepared["images"], prepared["content"]
        if set(files) != set(stored_files(card)):
            raise DataError(_OTHERWISE, file=folder / PREPARED, mend=mend)
        found = {name: sha256_of(folder / name) for name in stored_files(card)}
    except FileNotFoundError as error:
        raise DataError("the data set is not prepared", file=error.filename, mend=mend) from None
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"cannot be read: {error!r}", file=folder / PREPARED, mend=mend) from None
    for name, checksum in found.items():
        if files.get(name) != checksum:
            raise DataError("the content is not what was written", file=folder / name, mend=mend)
    late = crawl_columns(card)
    for name, declared in {POSTS: [one for one in ordered(card) if one not in late], CRAWL: late}.items():
        if declared and pq.read_schema(folder / name).names != declared:
            raise DataError(_OTHERWISE, file=folder / name, mend=mend)
    return Prepared(
        card, folder, prepared["fingerprint"], encoded, prepared["report"], Path(images) if images else None
    )


def stored_files(card: Card) -> list[str]:
    """Names of the tables that make up a prepared data set."""
    return [POSTS, *[CRAWL] * bool(crawl_columns(card)), TARGETS, *map(facts_file, card.facts)]


def split_columns(card: Card, posts: pa.Table) -> dict[str, pa.Table]:
    """The inputs as they are stored: by file."""
    late = crawl_columns(card)
    published = [name for name in posts.column_names if name not in late]
    return {POSTS: posts.select(published)} | ({CRAWL: posts.select(late)} if late else {})


_OTHERWISE = "prepared by other code, or for a card with other columns"


def _table(path: Path, columns: Sequence[str] | None) -> pa.Table:
    return pq.read_table(path, columns=None if columns is None else list(columns))
