"""What is talked about around a post, as trees may see it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from baselines.beside.surroundings import Surroundings
from benchmark.declared.fact_table import FactColumn
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.posts import Posts
from benchmark.split import DAY_MS, Clock
from benchmark.timeline import Schema, Timeline

TALK = {
    "known_at": FactColumn(role="known_at"),
    "place": FactColumn(role="categorical"),
    "title": FactColumn(role="text"),
}
FOLLOWS = {"known_at": FactColumn(role="known_at"), "who": FactColumn(role="user")}


def posts_at(days: list[float], talk: list[tuple[float, str, str]]) -> tuple[Posts, Posts]:
    """A training post on day 0 and the posts to predict, one a day given; each knows the talk before it."""
    clock = Clock(DAY_MS // 2, 0, 1)  # blocks of a millisecond: a post is predicted as of its own time
    schema = Schema(columns={}, targets=("likes",), features={}, facts={"talk": TALK, "follows": FOLLOWS})
    timeline = Timeline(schema, clock)

    def table(at: list[float]) -> pa.Table:
        moments = pa.array(np.array(at) * DAY_MS, pa.int64()).cast(pa.timestamp("ms"))
        return pa.table({"post_id": [f"p{day}" for day in at], "user_id": ["ann"] * len(at), "time": moments})

    facts = pa.table(
        {
            "known_at": pa.array([int(day * DAY_MS) for day, _, _ in talk], pa.int64()).cast(
                pa.timestamp("ms")
            ),
            "place": [place for _, place, _ in talk],
            "title": [title for _, _, title in talk],
        }
    )
    none = pa.table({"known_at": pa.array([], pa.timestamp("ms")), "who": pa.array([], pa.string())})
    zero = np.zeros(1, np.int64)
    handed = Reveal(table([0.0]), zero, zero, np.zeros((1, 1), np.float32), {"talk": facts, "follows": none})
    train = revealed(timeline, handed)
    return train, shown(timeline, Predict(table(days), np.arange(1, len(days) + 1)))


def test_counts_by_level_and_sentiment_are_of_the_last_day_and_week_and_of_nothing_later() -> None:
    talk = [
        (1.0, "cars", "what a wonderful great car"),
        (8.5, "cars", "terrible awful horrible"),
        (9.5, "pub", "a table"),
        (10.5, "pub", "great great great"),
    ]
    train, test = posts_at([0.5, 10.0], talk)
    found = Surroundings().fit(test).frame(test)
    assert found["talk count 1d"].tolist() == [0, 1]
    assert found["talk count 7d"].tolist() == [0, 2]
    assert found["talk count of cars 7d"].tolist() == [0, 1]
    assert found["talk count of pub 1d"].tolist() == [0, 1]
    assert np.isnan(found["talk sentiment 1d"].iloc[0])
    assert found["talk sentiment 7d"].iloc[1] < -0.2
    assert found["talk sentiment 1d"].iloc[1] == pytest.approx(0.0)
    assert not [name for name in found if name.startswith("follows")]
    assert len(train) == 1


def test_levels_that_training_does_not_know_are_counted_with_all_alone() -> None:
    train, test = posts_at([10.0], [(9.5, "pub", "")])
    surroundings = Surroundings().fit(train)
    surroundings.levels["talk"]["place"] = ["cars"]
    found = surroundings.frame(test)
    assert found["talk count 1d"].tolist() == [1]
    assert found["talk count of cars 1d"].tolist() == [0]
