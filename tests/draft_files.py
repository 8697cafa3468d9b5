"""Files of drafts, and a reading of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from benchmark.declared.column import Role
from desk.drafts.read import Drafts, read_drafts

NOW = dt.datetime(2030, 5, 14, 12, 0, tzinfo=dt.UTC)
COLUMNS: dict[str, Role] = {
    "post_id": "id",
    "user_id": "user",
    "time": "time",
    "headline": "text",
    "body": "text",
    "tags": "tags",
    "category": "category",
    "followers": "numeric",
    "is_ad": "categorical",
    "embedding": "vector",
}


def read(path: Path, at: dt.datetime | None = None, columns: Mapping[str, Role] = COLUMNS) -> Drafts:
    return read_drafts(path, at, columns, now=NOW)


def table(tmp_path: Path, text: str | bytes, name: str = "drafts.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def picture(path: Path, size: tuple[int, int] = (8, 6), format: str | None = None) -> Path:
    Image.new("RGB", size, "teal").save(path, format)
    return path
