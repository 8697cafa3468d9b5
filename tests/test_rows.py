"""Rows of the board: which results make one, and what is told of several seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import table
from stored import CLUSTERS, NOISE, RESAMPLES, put

from benchmark.scores.bootstrap import interval
from leaderboard.tables.rows import read_rows
from leaderboard.tables.scores import slice_table

EARLY, LATE = "2026-01-01T00:00:00.000+00:00", "2026-02-01T00:00:00.000+00:00"
OTHER_NOISE = np.random.default_rng(1).normal(0, 0.05, RESAMPLES)


def test_seeds_of_older_code_are_no_seeds_of_the_row(tmp_path: Path) -> None:
    for seed in (0, 1):
        put(tmp_path, "model", 0.2, code_hash="old".ljust(64, "0"), seed=seed, created=EARLY)
    put(tmp_path, "model", 1.0, seed=0, created=LATE)
    (row,) = read_rows(tmp_path)
    assert row.values("likes", "mae").tolist() == [1.0]


@pytest.mark.parametrize(
    ("older", "seeds"),
    [
        ({"seed": 0, "key": "a" * 64}, [1]),
        ({"seed": 2, "row_key": "a" * 64}, [1]),
        ({"seed": 0, "key": "b" * 64}, [0, 1]),
        ({"seed": 2, "row_key": "b" * 64}, [1, 2]),
        ({"seed": 2}, [1, 2]),
    ],
    ids=[
        "other, the first",
        "other, a later one",
        "the same, the first",
        "the same, a later one",
        "not told",
    ],
)
def test_seeds_of_other_encoders_are_no_seeds_of_the_row(
    tmp_path: Path, older: dict[str, Any], seeds: list[int]
) -> None:
    put(tmp_path, "model", 0.2, created=EARLY, **older)
    put(tmp_path, "model", 1.0, created=LATE, seed=1, row_key="b" * 64)
    (row,) = read_rows(tmp_path)
    assert [run.seed for run in row.runs] == seeds


def test_of_a_seed_that_ran_twice_the_later_run_counts(tmp_path: Path) -> None:
    put(tmp_path, "model", 1.0, created=LATE, again="a")
    put(tmp_path, "model", 0.2, created=EARLY, again="b")
    (row,) = read_rows(tmp_path)
    assert row.values("likes", "mae").tolist() == [1.0]


@pytest.mark.parametrize(
    ("name", "value"), [("profile", "hub"), ("crawl", True), ("variant", "deep"), ("protocol", "rolling")]
)
def test_what_names_a_row_keeps_its_results_apart(tmp_path: Path, name: str, value: Any) -> None:
    put(tmp_path, "model", 1.0)
    put(tmp_path, "model", 2.0, again="again", **{name: value})
    assert len({row.name for row in read_rows(tmp_path)}) == 2


def test_seeds_come_in_order_and_the_dearest_of_them_tells_the_memory(tmp_path: Path) -> None:
    for seed, peak in ((1, 100.0), (0, 300.0)):
        put(tmp_path, "model", 1.0 + seed, seed=seed, peak_mb=peak)
    (row,) = read_rows(tmp_path)
    assert row.values("likes", "mae").tolist() == [1.0, 2.0]
    assert table(tmp_path)["peak_mb"]["model"] == 300


def test_skill_is_measured_against_all_seeds_of_the_reference(tmp_path: Path) -> None:
    for seed, mae in enumerate((1.0, 3.0)):
        put(tmp_path, "recent_median", mae, seed=seed)
    put(tmp_path, "model", 1.5)
    assert table(tmp_path)["skill"]["model"] == pytest.approx(0.25)


def test_the_interval_of_skill_pairs_a_row_with_the_reference(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 2.0)
    put(tmp_path, "model", 1.5)
    line = table(tmp_path, "skill").loc["model"]
    expected = interval(1 - (1.5 + NOISE) / (2.0 + NOISE), n_clusters=CLUSTERS)
    assert (line["score_low"], line["score_high"]) == pytest.approx(expected)


def test_few_clusters_widen_the_interval_of_a_difference_too(tmp_path: Path) -> None:
    put(tmp_path, "best", 1.0)
    put(tmp_path, "second", 1.2, noise=OTHER_NOISE)
    line = table(tmp_path).loc["second"]
    expected = interval(0.2 + OTHER_NOISE - NOISE, n_clusters=CLUSTERS)
    assert (line["delta_best_low"], line["delta_best_high"]) == pytest.approx(expected)
    assert expected != interval(0.2 + OTHER_NOISE - NOISE)


def test_the_score_of_a_slice_is_the_mean_over_seeds(tmp_path: Path) -> None:
    for seed, value in enumerate((1.0, 2.0)):
        one = {"target": "likes", "slice": "unseen_users", "n": 40, "measure": "mae", "value": value}
        put(tmp_path, "model", 1.0, seed=seed, slices=[{**one, "note": None}])
    (line,) = slice_table(read_rows(tmp_path)).to_dict("records")
    assert (line["slice"], line["n"], line["score"]) == ("unseen_users", 40, 1.5)
