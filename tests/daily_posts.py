"""Daily posts: one account's, a post a day; what one is about decides how popular it is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from benchmark import Array
from benchmark.declared.column import Column
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.posts import Posts
from benchmark.split import DAY_MS, Clock
from benchmark.timeline import Schema, Timeline

TOPICS = 6


@dataclass
class Encoding:
    """Stands in for an encoder: a topic's direction, and a little of each post's own."""

    topics: NDArray[np.int64]
    given: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(1)
        self.given = np.ones(len(self.topics), bool)
        own = rng.normal(0, 0.1, (len(self.topics), 12))
        self.vectors = (rng.normal(size=(TOPICS, 12))[self.topics] + own).astype(np.float32)

    def rows(self, index: ArrayLike) -> Array:
        return self.vectors[np.asarray(index)] * self.ok(index)[:, None]

    def ok(self, index: ArrayLike) -> NDArray[np.bool_]:
        return self.given[np.asarray(index)]


def handed(n: int, later: int) -> tuple[Posts, Posts, Array, Encoding]:
    """n training posts and later ones of one account, a post a day; what it is about decides its label."""
    rng = np.random.default_rng(0)
    topics = rng.integers(TOPICS, size=n + later)
    effects = np.linspace(-2, 2, TOPICS)
    y = (5 + effects[topics] + rng.normal(0, 0.1, n + later)).astype(np.float32)[:, None]
    text = Encoding(topics)
    schema = Schema(columns={"caption": Column(role="text")}, targets=("likes",), features={"text": text})  # type: ignore[dict-item]
    timeline = Timeline(schema, Clock(n * DAY_MS, 0, None))
    days = np.arange(n + later, dtype=np.int64)
    table = pa.table(
        {
            "post_id": [f"p{i}" for i in days],
            "user_id": ["ann"] * (n + later),
            "time": pa.array(days * DAY_MS).cast(pa.timestamp("ms")),
            "caption": ["a post"] * (n + later),
        }
    )
    train = revealed(timeline, Reveal(table[:n], days[:n], days[:n], y[:n], {}))
    return train, shown(timeline, Predict(table[n:], days[n:])), y, text
