"""Columns of role `vector`: what a table says beside texts and numbers, hundreds of entries wide."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from baselines.gp_level import GPLevel
from baselines.lightgbm import LightGBM
from baselines.parts.kept import Kept, Learnt
from baselines.parts.vectors import COMPONENTS, Vectors
from baselines.ridge import Ridge
from benchmark import Array, Baseline
from benchmark.declared.column import Column
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.posts import Posts
from benchmark.split import DAY_MS, Clock
from benchmark.timeline import Schema, Timeline

WIDE = 40


def handed(values: list[list[float] | None], y: Array, columns: dict[str, Column]) -> tuple[Posts, Posts]:
    """A post a day, each of an account of its own, with a vector `about`; those behind y are to predict."""
    n = len(y)
    schema = Schema(columns=columns, targets=("likes",), features={})
    timeline = Timeline(schema, Clock(n * DAY_MS, 0, None))
    days = np.arange(len(values), dtype=np.int64)
    table = pa.table(
        {
            "post_id": [f"p{i}" for i in days],
            "user_id": [f"u{i}" for i in days],
            "time": pa.array(days * DAY_MS).cast(pa.timestamp("ms")),
            "about": pa.array(values, pa.list_(pa.float32())),
        }
    )
    train = revealed(timeline, Reveal(table[:n], days[:n], days[:n], y, {}))
    return train, shown(timeline, Predict(table[n:], days[n:]))


def told(n: int) -> tuple[Posts, Posts, Array, Array]:
    """n training posts and 60 others, whose labels follow one direction of their vectors."""
    rng = np.random.default_rng(0)
    direction = rng.normal(size=WIDE) / np.sqrt(WIDE)
    side = rng.normal(size=n + 60)
    values = side[:, None] * direction * 6 + rng.normal(0, 0.3, (n + 60, WIDE))
    y = (2 * side + rng.normal(0, 0.1, n + 60)).astype(np.float32)[:, None]
    columns = {"about": Column(role="vector")}
    train, test = handed([*map(list, values)], y[:n], columns)
    return train, test, y[:n], y[n:]


def test_a_wide_vector_becomes_a_few_columns_that_hold_what_varies_most() -> None:
    train, test, _, truth = told(200)
    frame = Vectors().fit(train).joined(test.tabular(), test)
    names = [name for name in frame if str(name).startswith("about_")]
    assert len(names) == COMPONENTS
    assert abs(np.corrcoef(frame["about_0"], truth[:, 0])[0, 1]) > 0.95


def test_a_post_without_the_vector_has_nothing_in_its_columns_and_the_others_are_as_they_were() -> None:
    values: list[list[float] | None] = [[float(i), 1.0, -float(i)] for i in range(30)]
    with_gaps = [None if i % 3 == 0 else value for i, value in enumerate(values)]
    columns = {"about": Column(role="vector")}
    train, test = handed(with_gaps, np.zeros((20, 1), np.float32), columns)
    found = Vectors().fit(train).joined(test.tabular(), test).filter(like="about_")
    assert found.isna().all(axis=1).tolist() == [value is None for value in with_gaps[20:]]


def test_where_no_training_post_has_a_vector_there_are_no_columns() -> None:
    values: list[list[float] | None] = [None] * 20 + [[1.0, 2.0]] * 5
    train, test = handed(values, np.zeros((20, 1), np.float32), {"about": Column(role="vector")})
    frame = test.tabular()
    assert list(Vectors().fit(train).joined(frame, test)) == list(frame)


def test_what_is_kept_of_vectors_gives_the_same_columns(tmp_path: Any) -> None:
    train, test, _, _ = told(100)
    fitted, learnt, of = Vectors().fit(train), Learnt(), Ridge()
    fitted.keep(learnt)
    learnt.write(tmp_path, of)
    again = Vectors.restored(Kept.read(tmp_path, of))
    frame = test.tabular()
    np.testing.assert_array_equal(again.joined(frame, test), fitted.joined(frame, test))


@pytest.mark.slow
@pytest.mark.parametrize("model", [Ridge(), LightGBM(), GPLevel(noise="normal")])
def test_models_of_tables_learn_from_a_vector(model: Baseline) -> None:
    train, test, y, truth = told(400)
    model.seed = 0  # type: ignore[misc]
    model.fit(train, y)
    said = model.predict(test)
    middle = said[..., said.shape[2] // 2] if said.ndim == 3 else said  # of quantiles the median
    error = np.abs(middle - truth).mean()
    assert error < 0.5 * np.abs(np.median(y) - truth).mean()
