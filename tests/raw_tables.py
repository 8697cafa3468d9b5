"""Raw files of tables, and the cards that say how they are read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.declared.card import Card
from benchmark.readers import read

NOON = pd.Timestamp("2021-03-01 12:00")


HEADER = "id,who,at,likes\n"


LINES = "a,ann,2021-03-01T12:00:00Z,3\nb,bob,2021-03-02T12:00:00Z,5\n"


COLUMNS = {
    "post_id": {"role": "id", "source": "id"},
    "user_id": {"role": "user", "source": "who"},
    "time": {"role": "time", "source": "at"},
}


def card(table: dict[str, Any] | None = None, columns: dict[str, Any] | None = None, **more: Any) -> Card:
    declared: dict[str, Any] = {
        "name": "mine",
        "title": "Mine",
        "reader": "table",
        "raw": "raw",
        "licence": "mine",
        "columns": {**COLUMNS, **(columns or {})},
        "targets": {"likes": {}},
        "tasks": [{"name": "t", "targets": ["likes"], "protocols": {"frozen": {"test_fraction": 0.5}}}],
        **more,
    }
    return Card.model_validate(declared if table is None else declared | {"table": table})


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def frame_of(found: Card, folder: Path, files: dict[str, str | bytes]) -> pd.DataFrame:
    return read(found, put(folder, files)).frame


def one_column(tmp_path: Path, values: list[str], **declared: Any) -> list[Any]:
    """The column `x` of a CSV with these values, as a card declares it."""
    rows = "".join(f'p{i},ann,2021-03-01T12:00:00Z,3,"{value}"\n' for i, value in enumerate(values))
    columns = {"x": {"role": "numeric", **declared}}
    return frame_of(card(columns=columns), tmp_path, {"a.csv": f"id,who,at,likes,x\n{rows}"})["x"].tolist()


def gzipped(content: bytes) -> bytes:
    """The same bytes in every process: tests are named by them."""
    return gzip.compress(content, mtime=0)


def table_of(tmp_path: Path, files: dict[str, str | bytes], **columns: Any) -> pd.DataFrame:
    return frame_of(card(columns=columns), tmp_path, files)


def posts(*rows: str, header: str = HEADER) -> dict[str, str | bytes]:
    return {"a.csv": header + "".join(f"{row}\n" for row in rows)}


def objects(*rows: dict[str, Any]) -> dict[str, str | bytes]:
    base = {"who": "ann", "at": "2021-03-01", "likes": 3}
    return {
        "a.jsonl": "".join(json.dumps({"id": f"p{i}", **base, **row}) + "\n" for i, row in enumerate(rows))
    }


def parquet(tmp_path: Path, **columns: Any) -> Path:
    count = len(next(iter(columns.values())))
    base = {
        "id": [f"p{i}" for i in range(count)],
        "who": ["ann"] * count,
        "at": ["2021-03-01T12:00:00"] * count,
        "likes": [3] * count,
    }
    pq.write_table(pa.table({**base, **columns}), tmp_path / "a.parquet")
    return tmp_path


def at(*times: str) -> dict[str, str | bytes]:
    return posts(*(f'p{i},ann,"{time}",3' for i, time in enumerate(times)))
