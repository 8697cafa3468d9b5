"""What learning once costs: rows under both protocols, paired where posts and resamples are the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import stored
from stored import put_predictions

from leaderboard.tables.rows import by_table, read_rows
from leaderboard.tables.table import Derived, Table
from tools.tables.ageing import aged


def tables(runs: Path) -> list[Table]:
    return [Derived(rows) for rows in by_table(read_rows(runs)).values()]


@pytest.mark.slow
def test_a_row_is_paired_with_itself_under_the_other_protocol(tmp_path: Path) -> None:
    for protocol, error in (("frozen", 2.0), ("rolling", 1.0)):
        put_predictions(tmp_path, "ridge", error, protocol=protocol)
        put_predictions(tmp_path, "mlp", 1.0, protocol=protocol)
    found = {one.row: one for one in aged(tables(tmp_path))}
    ridge, mlp = found["ridge"], found["mlp"]
    assert ridge.rolling == pytest.approx(ridge.frozen / 2, rel=1e-5)
    assert ridge.low < ridge.rolling - ridge.frozen < ridge.high < 0
    assert (mlp.low, mlp.high) == (pytest.approx(0), pytest.approx(0))
    # Independent errors of such size would not be told apart so sharply: what is hard is hard under both.
    assert np.ptp((ridge.low, ridge.high)) < 0.5 * ridge.frozen


@pytest.mark.parametrize("other", [{"posts": 100}, {"seed": 1}])
def test_of_other_posts_or_seeds_nothing_is_paired(tmp_path: Path, other: dict[str, int]) -> None:
    put_predictions(tmp_path, "ridge", 2.0)
    put_predictions(tmp_path, "ridge", 1.0, protocol="rolling", **other)  # type: ignore[arg-type]
    assert not list(aged(tables(tmp_path)))


def test_of_as_many_other_posts_nothing_is_paired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_predictions(tmp_path, "ridge", 2.0)
    truth = stored.truth_table()
    at = truth.column_names.index("post_id")
    others = truth.set_column(at, "post_id", pa.array([f"q{i:03}" for i in range(len(truth))]))
    monkeypatch.setattr(stored, "truth_table", lambda _: others)
    put_predictions(tmp_path, "ridge", 1.0, protocol="rolling")
    assert not list(aged(tables(tmp_path)))


def test_a_task_without_the_other_protocol_has_no_line(tmp_path: Path) -> None:
    put_predictions(tmp_path, "ridge", 2.0)
    assert not list(aged(tables(tmp_path)))
