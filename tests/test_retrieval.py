"""Retrieval: what the most similar earlier posts came to says what a new one will."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import ArrayLike, NDArray

from baselines.retrieval import Retrieval
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


@pytest.fixture
def model() -> Retrieval:
    found = Retrieval()
    found.seed = 0  # type: ignore[misc]
    return found


def test_what_a_post_is_about_is_found_in_posts_about_the_same(model: Retrieval) -> None:
    train, test, y, _ = handed(300, 60)
    model.fit(train, y[:300])
    error = np.abs(model.predict(test) - y[300:]).mean()
    assert error < 0.3 * np.abs(np.median(y[:300]) - y[300:]).mean()
    assert model.validation.shape == (60, 1)


def test_where_content_says_nothing_the_level_is_the_answer(model: Retrieval) -> None:
    train, test, y, _ = handed(300, 60)
    model.fit(train, np.random.default_rng(3).permutation(y[:300]))
    assert model.chosen.trust <= 0.25
    assert np.abs(model.predict(test) - model.aim.base(test)).max() < 0.5


def test_a_post_without_content_is_predicted_at_its_level(model: Retrieval) -> None:
    train, test, y, text = handed(300, 60)
    text.given[310] = False
    model.fit(train, y[:300])
    off = np.abs(model.predict(test) - model.aim.base(test))[:, 0]
    assert off[10] == 0 and np.median(off) > 0.1


def test_labels_that_become_known_are_found_from_then_on(model: Retrieval) -> None:
    train, test, y, _ = handed(200, 60)
    model.fit(train, y[:200])
    before = len(model.residuals)
    model.reveal(test.take(np.arange(20)), y[200:220])
    assert len(model.residuals) == before + 20
    assert (np.diff(model.known_at) >= 0).all()


def test_no_more_posts_are_searched_than_a_setting_says(model: Retrieval) -> None:
    train, _, y, _ = handed(200, 60)
    model.most = 50
    model.fit(train, y[:200])
    assert len(model.vectors) == len(model.residuals) == 50
    assert model.known_at[0] > train.known_at[149].astype(np.int64)
