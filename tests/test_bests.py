"""Two boards' best rows are paired, target by target, and learned rows stand against the reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored import put

from leaderboard.tables.rows import by_table, read_rows
from leaderboard.tables.table import Derived, Table
from tools.tables.bests import against, best, bests


def tables(runs: Path) -> list[Table]:
    return [Derived(rows) for rows in by_table(read_rows(runs)).values()]


def noise(seed: int) -> Any:
    """What resamples do to one row alone: it cancels in no difference."""
    return np.random.default_rng(seed).normal(0, 0.01, 200)


def test_the_best_of_each_board_is_paired_with_the_others(tmp_path: Path) -> None:
    put(tmp_path / "old", "ridge", 1.0)
    put(tmp_path / "old", "worse", 1.2)
    put(tmp_path / "new", "worse", 1.1)
    put(tmp_path / "new", "mlp", 0.9)
    (found,) = bests(tables(tmp_path / "old"), tables(tmp_path / "new"))
    assert (found.old, found.new) == ("ridge", "mlp")
    assert found.new_score - found.old_score == pytest.approx(-0.1)
    # What resamples do to both alike cancels.
    assert (found.low, found.high) == (pytest.approx(-0.1), pytest.approx(-0.1))


def test_what_was_measured_on_other_posts_is_not_compared(tmp_path: Path) -> None:
    put(tmp_path / "old", "ridge", 1.0, truth_key="b" * 64)
    put(tmp_path / "new", "ridge", 0.9)
    assert not list(bests(tables(tmp_path / "old"), tables(tmp_path / "new")))


def test_a_row_that_reads_crawl_time_columns_is_best_of_nothing(tmp_path: Path) -> None:
    put(tmp_path, "ridge", 1.0)
    put(tmp_path, "lightgbm", 0.5, crawl=True)
    (table,) = tables(tmp_path)
    row = best(table, "likes")
    assert row is not None and row.about.baseline == "ridge"


def test_learned_rows_are_better_worse_or_cannot_be_told_from_the_reference(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 1.0, family="naive")
    put(tmp_path, "global_median", 2.0, family="naive")
    put(tmp_path, "ridge", 0.8, family="linear", noise=noise(1))
    put(tmp_path, "mlp", 1.3, family="network", noise=noise(2))
    put(tmp_path, "lstm", 1.0, family="network", noise=noise(3))
    (found,) = against(tables(tmp_path))
    assert (found.better, found.worse, found.untold) == (("ridge",), ("mlp",), ("lstm",))
