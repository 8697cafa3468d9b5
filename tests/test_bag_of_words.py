"""The bag of words: it learns which words and characters tell, in any script."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from baselines.bag_of_words import BagOfWords
from benchmark import Array
from benchmark.declared.column import Column
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.posts import Posts
from benchmark.split import DAY_MS, Clock
from benchmark.timeline import Schema, Timeline


def handed(texts: list[str], y: Array, kind: str = "regression") -> tuple[Posts, Posts]:
    """A post a day of one account with these texts; those behind the labels y are to be predicted."""
    n = len(y)
    schema = Schema(columns={"caption": Column(role="text")}, targets=("likes",), features={}, kind=kind)
    timeline = Timeline(schema, Clock(n * DAY_MS, 0, None))
    days = np.arange(len(texts), dtype=np.int64)
    table = pa.table(
        {
            "post_id": [f"p{i}" for i in days],
            "user_id": ["ann"] * len(texts),
            "time": pa.array(days * DAY_MS).cast(pa.timestamp("ms")),
            "caption": texts,
        }
    )
    train = revealed(timeline, Reveal(table[:n], days[:n], days[:n], y, {}))
    return train, shown(timeline, Predict(table[n:], days[n:]))


def fitted(texts: list[str], y: Array, kind: str = "regression") -> tuple[BagOfWords, Posts]:
    train, test = handed(texts, y, kind)
    model = BagOfWords(bits=12)
    model.seed = 0  # type: ignore[misc]
    model.fit(train, y)
    return model, test


@pytest.mark.slow
@pytest.mark.parametrize(
    ("plain", "telling"),
    [("another quiet day at work", "free cake at work"), ("今日も仕事です", "今日は無料ケーキです")],
)
def test_what_a_text_says_moves_the_prediction_in_any_script(plain: str, telling: str) -> None:
    texts = [telling if i % 3 == 0 else plain for i in range(150)]
    noise = np.random.default_rng(0).normal(0, 0.1, 150)
    y = (np.array([2.0 * (text == telling) for text in texts]) + noise).astype(np.float32)[:, None]
    model, test = fitted([*texts, telling, plain, ""], y)
    found = model.predict(test)[:, 0]
    assert found[0] - found[1] > 1.5
    assert np.isfinite(found[2])
    assert model.validation.shape == (30, 1)


@pytest.mark.slow
def test_of_an_event_it_says_the_probability() -> None:
    texts = ["free cake" if i % 3 == 0 else "a quiet day" for i in range(150)]
    y = np.array([[float(text == "free cake")] for text in texts], np.float32)
    model, test = fitted([*texts, "free cake", "a quiet day"], y, "event")
    found = model.predict(test)[:, 0]
    assert found[0] > 0.8
    assert found[1] < 0.2
