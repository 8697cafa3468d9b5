"""Ridge by blocks: how many posts are held at a time decides nothing; nor does a season seen once."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pytest
from daily_posts import handed

from baselines.gp_level import GPLevel
from baselines.linear import design
from baselines.linear.design import Design
from baselines.linear.season import OF_THE_YEAR
from baselines.ridge import Ridge

Model = TypeVar("Model", Ridge, GPLevel)


def seeded(model: Model) -> Model:
    model.seed = 0  # type: ignore[misc]
    return model


def test_blocks_are_the_rows_of_the_whole_matrix_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    train, *_, text = handed(200, 1)
    text.given[[3, 150]] = False
    found = Design(0, ["text"]).fit(train.tabular(), train)
    ((rows, whole),) = found.blocks(train.tabular(), train)
    assert (rows, len(whole)) == (slice(0, 200), 200)
    monkeypatch.setattr(design, "BLOCK", 7)
    blocks = list(found.blocks(train.tabular(), train))
    assert [len(block) for _, block in blocks] == [7] * 28 + [4]
    np.testing.assert_array_equal(np.vstack([block for _, block in blocks]), whole)
    assert [row for rows, _ in blocks for row in range(rows.start, rows.stop)] == list(range(200))


def test_ridge_finds_what_a_post_is_about_however_few_posts_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    train, test, y, _ = handed(300, 60)
    whole, few = seeded(Ridge()), seeded(Ridge())
    whole.fit(train, y[:300])
    found = whole.predict(test)
    assert np.abs(found - y[300:]).mean() < 0.5 * np.abs(np.median(y[:300]) - y[300:]).mean()
    monkeypatch.setattr(design, "BLOCK", 11)
    few.fit(train, y[:300])
    np.testing.assert_allclose(few.predict(test), found, atol=1e-4)


def test_ranks_of_embeddings_are_learnt_from_so_many_posts_spread_over_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train, *_ = handed(200, 1)
    every = Design(0, ["text"]).fit(train.tabular(), train)
    monkeypatch.setattr(design, "SEEN", 50)
    some = Design(0, ["text"]).fit(train.tabular(), train)
    ((_, one),), ((_, other),) = (found.blocks(train.tabular(), train) for found in (every, some))
    assert not np.array_equal(one, other)
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.99


@pytest.mark.parametrize(("days", "read"), [(200, False), (900, True)])
def test_ridge_and_the_process_read_the_year_where_training_has_seen_two(days: int, read: bool) -> None:
    train, _, y, _ = handed(days, 1)
    ridge, process = seeded(Ridge()), seeded(GPLevel())
    ridge.chosen, process.settings = 300.0, [("normal", 1.0)]
    ridge.conclude(train, y[:days])
    process.conclude(train, y[:days])
    assert set(OF_THE_YEAR) <= set(train.tabular())
    for columns in (ridge.design.of_table, process.columns):
        assert (set(OF_THE_YEAR) <= set(columns.feature_names_in_)) == read
