"""The smallest data set: a CSV of posts and the card that describes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark.declared.card import Card


def rows(count: int = 40) -> list[dict[str, Any]]:
    """Posts whose label has nothing to do with `width`."""
    return [
        {
            "post_id": f"p{i}",
            "user_id": f"u{i % 3}",
            "time": f"2021-03-{1 + i * 5 % 28:02}T00:00:00",
            "text": f"text {i}",
            "width": i * 17 % count,
            "likes": i,
        }
        for i in range(count)
    ]


def table_card(folder: Path, **changed: Any) -> Card:
    """A card for `rows`, in `folder` beside its raw file."""
    declared: dict[str, Any] = {
        "name": "mine",
        "title": "Mine",
        "reader": "table",
        "raw": "raw",
        "licence": "mine",
        "obtain": "Ask Ann.",
        "columns": {
            "post_id": {"role": "id"},
            "user_id": {"role": "user"},
            "time": {"role": "time"},
            "text": {"role": "text"},
            "width": {"role": "numeric"},
        },
        "targets": {"likes": {"scale": "log1p"}},
        "tasks": [
            {"name": "t", "targets": ["likes"], "protocols": {"frozen": {"cut_off": "2021-03-20T00:00:00"}}}
        ],
        "folder": folder,
    }
    return Card.model_validate({**declared, **changed})


def with_column(card: Card, name: str, **column: Any) -> Card:
    columns = {key: value.model_dump() for key, value in card.columns.items()}
    return table_card(card.folder, columns={**columns, name: column})
