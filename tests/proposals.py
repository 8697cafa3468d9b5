"""Tables of strangers, and what of a card is proposed for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.proposing.draft import Draft, Entry
from benchmark.proposing.study import study

DAYS = pd.date_range("2023-01-01 08:30", periods=30, freq="29h")
PLAIN: dict[str, Sequence[Any]] = {
    "id": [f"p{i}" for i in range(30)],
    "account": ["ann", "bob", "cyd"] * 10,
    "posted_at": [f"{day.isoformat()}Z" for day in DAYS],
    "caption": [f"walk number {i} along the river" for i in range(30)],
    "likes": [i * i % 97 for i in range(30)],
}


def put(folder: Path, columns: Mapping[str, Sequence[Any]], name: str = "posts.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def draft_of(folder: Path, **more: Sequence[Any]) -> Draft:
    """Of a plain table with these columns besides, or instead (None: without it)."""
    columns = {name: one for name, one in {**PLAIN, **more}.items() if one is not None}
    return study(put(folder, columns))


def column(draft: Draft, name: str) -> Entry:
    return next(one for one in draft.columns if one.name == name)


def words_of(draft: Draft, name: str) -> dict[str, Any]:
    return column(draft, name).words
