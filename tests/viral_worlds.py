"""Posts of which some go viral, and what is known of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from raw_layouts import write_csv
from table_sets import table_card

from benchmark.data.prepare import prepare
from benchmark.declared.card import Card
from benchmark.run.tasks import TaskPosts
from benchmark.timeline import Schema, Timeline

RULE = {"of": "likes", "share": 0.25, "window_days": 10, "minimum": 3, "matured_days": 1}


PROTOCOLS = {
    "frozen": {"cut_off": "2021-02-01", "embargo_days": 1},
    "rolling": {"cut_off": "2021-02-01", "block_days": 2, "reveal_days": 1},
}


def posts_of(n: int = 160, seed: int = 0) -> list[dict[str, Any]]:
    """Of three accounts in sixty days, with counts that grow and else follow nothing."""
    rng = np.random.default_rng(seed)
    hours = np.sort(rng.choice(60 * 24, n, replace=False))
    return [
        {
            "id": f"p{i:03}",
            "author": f"u{rng.integers(3)}",
            "posted": str(np.datetime64("2021-01-01T00:00") + np.timedelta64(int(hour), "h")),
            "likes": int(rng.integers(100) * (1 + hour / 720)),
            "shares": int(rng.integers(10)),
            "topic": str(rng.choice(["a", "b"])),
            "age": int(rng.integers(1, 9)),
        }
        for i, hour in enumerate(hours)
    ]


def card_of(folder: Path, rule: dict[str, Any] = RULE, **task: Any) -> Card:
    write_csv(folder / "raw" / "mine.csv", posts_of())
    return table_card(
        folder,
        columns={
            "post_id": {"role": "id", "source": "id"},
            "user_id": {"role": "user", "source": "author"},
            "time": {"role": "time", "source": "posted"},
            "topic": {"role": "categorical"},
            "age": {"role": "numeric", "availability": "crawl"},
        },
        targets={"likes": {"scale": "log1p"}, "shares": {"scale": "log1p"}, "viral": {"viral": rule}},
        tasks=[{"name": "virality", "kind": "event", "targets": ["viral"], "protocols": PROTOCOLS} | task],
    )


def task_posts(folder: Path, rule: dict[str, Any] = RULE, **task: Any) -> TaskPosts:
    card = card_of(folder, rule, **task)
    return TaskPosts.of(prepare(card, folder / "home", []), card.tasks[0])


def timeline_of(posts: TaskPosts, protocol: str) -> tuple[Timeline, Any]:
    card, windows = posts.prepared.card, posts.windows(protocol)  # type: ignore[arg-type]
    schema = Schema.of(card, "virality", {}, None)
    return Timeline(schema, windows.clock), windows
