"""The plain mean of rows is a row of its own: scored as they are, and paired with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stored import LABELS, published, put_predictions

from benchmark.run.store import Store
from leaderboard.board.merged import tables_of
from leaderboard.tables.rows import by_table, read_rows
from tools.tables.averaged import Line, averaged


def lines(runs: Path, *against: str) -> list[Line]:
    return [line for rows in by_table(read_rows(runs)).values() for line in averaged(rows, against)]


def predicted(runs: Path, baseline: str) -> np.ndarray:
    stored = next(one for one in Store(runs).results() if one.about.baseline == baseline)
    return stored.predictions()["likes"].to_numpy()


@pytest.mark.slow
def test_the_mean_of_what_rows_predict_is_scored_and_paired_with_another(tmp_path: Path) -> None:
    for name, error in (("mlp", 2.0), ("ridge", 2.0), ("ensemble", 2.0), ("elsewhere", 0.1)):
        put_predictions(tmp_path, name, error)
    (line,) = lines(tmp_path, "ensemble")
    mean = (predicted(tmp_path, "mlp") + predicted(tmp_path, "ridge")) / 2
    assert (line.members, line.measure, line.other) == (2, "mae", "ensemble")
    assert line.mean == pytest.approx(np.abs(mean - LABELS).mean(), abs=1e-4)
    assert line.score == pytest.approx(np.abs(predicted(tmp_path, "ensemble") - LABELS).mean(), abs=1e-4)
    # Two independent errors of a size: their mean is smaller by a root of two.
    assert line.low < line.mean - line.score < line.high < 0


@pytest.mark.slow
def test_each_seed_is_the_mean_of_the_same_seed_of_all(tmp_path: Path) -> None:
    for seed in (0, 1):
        put_predictions(tmp_path, "mlp", 2.0, seed=seed)
        put_predictions(tmp_path, "ridge", 2.0, seed=seed)
    put_predictions(tmp_path, "ridge", 2.0, seed=2)
    put_predictions(tmp_path, "ensemble", 1.0)
    (line,) = lines(tmp_path, "ensemble")
    stored = {
        (one.about.baseline, one.run.seed): one.predictions()["likes"] for one in Store(tmp_path).results()
    }
    means = [(stored["mlp", n].to_numpy() + stored["ridge", n].to_numpy()) / 2 for n in (0, 1)]
    assert line.mean == pytest.approx(np.mean([np.abs(one - LABELS).mean() for one in means]), abs=1e-4)


@pytest.mark.slow
def test_of_published_rows_it_is_the_same_where_their_labels_are(tmp_path: Path) -> None:
    for name, error in (("mlp", 2.0), ("ridge", 2.0), ("ensemble", 2.0)):
        put_predictions(tmp_path / "runs", name, error)
    ran = lines(tmp_path / "runs", "ensemble")
    tables = tables_of(published(tmp_path / "runs", tmp_path / "published"), [tmp_path / "runs"])
    found = [line for table in tables for line in averaged(table.rows, ["ensemble"])]
    assert [one[:4] for one in found] == [one[:4] for one in ran]
    assert found[0][4:5] + found[0][6:] == pytest.approx(ran[0][4:5] + ran[0][6:])


def test_one_row_alone_has_no_mean_and_neither_have_rows_of_other_seeds(tmp_path: Path) -> None:
    put_predictions(tmp_path, "ridge", 2.0)
    put_predictions(tmp_path, "ensemble", 2.0)
    assert lines(tmp_path, "ensemble") == []
    put_predictions(tmp_path, "mlp", 2.0, seed=1)
    assert lines(tmp_path, "ensemble") == []
