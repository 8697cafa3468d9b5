"""Intervals of slices: the resamples of the whole test set, as far as they concern the posts of a slice."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from stored import put, put_predictions

from benchmark.run.store import Store, read_result
from benchmark.run.verify import unequal_slices
from benchmark.scores.bootstrap import interval
from benchmark.scores.clusters import MS_PER_DAY
from benchmark.scores.drawn import Drawn, drawn_part
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.scoring import predictions_table, scored
from leaderboard.tables.rows import read_rows
from leaderboard.tables.scores import slice_table

POSTS, ACCOUNTS, RESAMPLES = 600, 60, 1000
LABELS = np.random.default_rng(0).normal(size=POSTS)
POINTS = LABELS + np.random.default_rng(1).normal(size=POSTS)
ACCOUNT = np.arange(POSTS) % ACCOUNTS


@dataclass
class Asked:
    kind: str = "regression"
    targets: tuple[str, ...] = ("likes",)
    measures: tuple[str, ...] = ("spearman", "mae")
    primary: str = "mae"


@dataclass
class Posts:
    clusters: NDArray[np.int64]
    users: NDArray[np.int64]
    seen: NDArray[np.bool_]
    days: NDArray[np.int64] = field(default_factory=lambda: np.arange(POSTS) // 10)

    @property
    def truth(self) -> pa.Table:
        return pa.table(
            {
                "post_id": [f"p{i}" for i in range(POSTS)],
                "user": self.users,
                "time": pa.array(1_600_000_000_000 + self.days * MS_PER_DAY, pa.timestamp("ms", "UTC")),
                "cluster": self.clusters,
                "seen_in_training": self.seen,
                "category": pa.nulls(POSTS, pa.string()),
                "label_likes": LABELS,
            }
        )


MANY = Posts(ACCOUNT, ACCOUNT, ACCOUNT < 40)


def slices_of(posts: Posts) -> dict[tuple[str, str], Any]:
    predictions = predictions_table(posts.truth, ["likes"], POINTS[:, None].astype(np.float32), {})
    return {(one.slice, one.measure): one for one in scored(posts.truth, predictions, Asked()).slices}


def test_a_slice_of_accounts_has_the_interval_of_the_shared_resamples_over_these_accounts() -> None:
    found = slices_of(MANY)["unseen_users", "mae"]
    losses = np.abs(POINTS.astype(np.float32).astype(np.float64) - LABELS)
    counts = Resamples(ACCOUNT, RESAMPLES).counts(0, RESAMPLES)[:, ACCOUNT]
    inside = counts * ~MANY.seen
    replicates = (inside @ losses) / inside.sum(axis=1)
    assert (found.low, found.high) == pytest.approx(interval(replicates, n_clusters=20.0))
    assert found.low < found.value < found.high


def test_a_slice_of_fewer_accounts_is_known_less_surely() -> None:
    found = slices_of(Posts(ACCOUNT, ACCOUNT, ACCOUNT < 54))
    few, many = (found[name, "mae"] for name in ("unseen_users", "seen_users"))
    assert few.high - few.low > 2 * (many.high - many.low)


def test_a_slice_of_one_cluster_has_a_score_and_no_interval() -> None:
    clusters = np.where(MANY.seen, ACCOUNT, 40)
    found = slices_of(Posts(clusters, clusters, MANY.seen))["unseen_users", "mae"]
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


def test_a_month_of_a_single_account_is_as_sure_as_its_few_weeks_allow() -> None:
    weeks = np.arange(POSTS) // 70
    found = slices_of(Posts(weeks, np.zeros(POSTS, np.int64), MANY.seen))
    months = [one for (name, measure), one in found.items() if name.startswith("month=") and measure == "mae"]
    assert months and all(one.low < one.value < one.high for one in months)


def test_what_a_slice_is_drawn_from_is_told_of_its_own_clusters() -> None:
    times = np.arange(6) * 7 * MS_PER_DAY
    of_accounts = drawn_part(Drawn(90, 80.0), [7, 7, 7, 7, 50, 50], times)
    assert of_accounts == Drawn(2, pytest.approx(36 / 20))
    assert drawn_part(Drawn(90, 80.0, 90.0), [1, 1, 2, 2, 3, 3], times) == Drawn(3, 3.0, 5.0)


def test_a_part_of_the_resamples_draws_each_of_its_clusters_as_often_as_the_whole() -> None:
    whole = Resamples(ACCOUNT, 50)
    part = whole.part(ACCOUNT >= 40)
    assert (part.counts(0, 50) == whole.counts(0, 50)[:, 40:]).all()
    assert [counts.tolist() for _, counts in part.blocks()] == [part.counts(0, 50).tolist()]


def test_results_without_intervals_of_slices_still_load_and_are_held_against_their_scores(
    tmp_path: Path,
) -> None:
    told = {"target": "likes", "slice": "unseen_users", "n": 40, "measure": "mae", "note": None}
    put(tmp_path, "model", 1.0, slices=[told | {"value": 1.5}])
    (line,) = slice_table(read_rows(tmp_path)).to_dict("records")
    assert line["score"] == 1.5 and np.isnan(line["score_low"]) and np.isnan(line["score_high"])
    (run,) = read_rows(tmp_path)[0].runs
    derived = [one.model_copy(update={"low": 1.0, "high": 2.0}) for one in run.slices]
    assert list(unequal_slices(run.slices, derived)) == []
    flattered = [one.model_copy(update={"low": 1.4}) for one in derived]
    assert list(unequal_slices(flattered, derived)) == [
        "slice score likes, unseen_users, mae is told as 1.4 and derived anew as 1.0"
    ]


def test_the_interval_of_a_mean_over_seeds_holds_the_chance_of_posts_and_of_seeds(tmp_path: Path) -> None:
    told = {"target": "likes", "slice": "unseen_users", "n": 40, "measure": "mae", "note": None}
    for seed, value in enumerate((1.0, 2.0)):
        ends = {"low": value - 0.3, "high": value + 0.4}
        put(tmp_path, "model", 1.0, seed=seed, slices=[told | ends | {"value": value}])
    (line,) = slice_table(read_rows(tmp_path)).to_dict("records")
    of_seeds = 1.96 * np.std([1.0, 2.0], ddof=1) / np.sqrt(2)
    assert line["score_low"] == pytest.approx(1.5 - np.hypot(0.3, of_seeds))
    assert line["score_high"] == pytest.approx(1.5 + np.hypot(0.4, of_seeds))


def test_what_is_stored_is_what_is_derived_anew(tmp_path: Path) -> None:
    put_predictions(tmp_path, "model")
    (folder,) = Store(tmp_path).folders()
    found = [one for one in read_result(folder).run.slices if one.slice == "seen_users"]
    assert found and all(one.low is not None and one.low <= one.value <= one.high for one in found)
