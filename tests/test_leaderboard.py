"""The board: ranks, paired differences and skill, from made-up results whose answers are known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmark.run.store import REPLICATES, seal
from benchmark.scores.bootstrap import interval
from benchmark.scores.metrics import METRICS
from leaderboard.board.write import differences, write_board
from leaderboard.tables.rows import read_rows
from leaderboard.tables.scores import leaderboard

COLUMNS = re.findall(
    r"\w+",
    """
    dataset, task, target, protocol, baseline, variant, encoders, crawl, study, seeds, n_train, n_test,
    metric, score, score_low, score_high, score_std, skill, rank, delta_best, delta_best_low, delta_best_high,
    fit_seconds, predict_ms_per_post, peak_mb, status, data_fingerprint, protocol_version, code_hash
    """,
)
CLUSTERS, RESAMPLES = 400, 200
NOISE = np.random.default_rng(0).normal(0, 0.05, RESAMPLES)
"""What a resample does to every row alike: it cancels in a paired difference."""


def put(
    runs: Path,
    baseline: str,
    mae: float | None = None,
    *,
    noise: np.ndarray = NOISE,
    run: str = "",
    **changed: Any,
) -> dict[str, Any]:
    """Store a result of one row: its MAE, and a Spearman that falls as the MAE grows.

    Args:
        run: tells apart the results of one seed of the same code on the same posts.
    """
    told: dict[str, Any] = {
        "dataset": "posts",
        "title": "Some posts",
        "synthetic": False,
        "task": "likes",
        "targets": ["likes"],
        "metrics": ["spearman", "mae"],
        "protocol": "frozen",
        "protocol_version": "1",
        "baseline": baseline,
        "variant": "default",
        "encoders": "none",
        "crawl": False,
        "seed": 0,
        "status": "ok",
        "reason": None,
        "truth_key": "t" * 64,
        "data_fingerprint": "d" * 64,
        "code_hash": baseline.ljust(64, "0"),
        "created": "2026-01-01T00:00:00.000+00:00",
    } | changed
    variant = f"{told['variant']}{'+crawl' if told['crawl'] else ''}"
    seed, key = f"seed-{told['seed']}", told["code_hash"][:8] + told["truth_key"][:8] + run
    row = runs / told["dataset"] / told["task"] / told["protocol"] / baseline / variant
    folder = row / seed / key
    folder.mkdir(parents=True)
    if mae is not None:
        values = {"spearman": 1 - mae / 4, "mae": mae}
        told |= {
            "n_train": 100,
            "n_test": 50,
            "clusters": CLUSTERS,
            "fit_seconds": 2.0,
            "predict_seconds": 0.5,
            "peak_mb": 100.0,
            "slices": [],
            "scores": [
                {"target": "likes", "metric": name, "value": value, "note": None}
                for name, value in values.items()
            ],
        } | changed
        replicates = {f"likes/{name}": value + noise for name, value in values.items()}
        np.savez_compressed(folder / REPLICATES, **replicates)  # type: ignore[arg-type]
    seal(folder, told)
    return told


def table(runs: Path, metric: str | None = "mae") -> pd.DataFrame:
    board = leaderboard(read_rows(runs))
    return board if metric is None else board[board["metric"] == metric].set_index("baseline")


def test_the_columns_are_those_that_are_promised(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 1.0)
    assert list(table(tmp_path, None).columns) == COLUMNS
    write_board(tmp_path, tmp_path / "board")
    assert (tmp_path / "board" / "leaderboard.csv").read_text().splitlines()[0] == ",".join(COLUMNS)


def test_rows_are_ranked_the_better_way_round_for_each_metric(tmp_path: Path) -> None:
    for name, mae in {"good": 1.0, "bad": 3.0, "middling": 2.0}.items():
        put(tmp_path, name, mae)
    for metric in ("mae", "spearman"):
        assert table(tmp_path, metric)["rank"].to_dict() == {"good": 1, "middling": 2, "bad": 3}


def test_equal_rows_share_a_rank_and_the_next_one_is_left_out(tmp_path: Path) -> None:
    for name, mae in {"a": 1.0, "b": 1.0, "c": 2.0}.items():
        put(tmp_path, name, mae)
    assert table(tmp_path)["rank"].to_dict() == {"a": 1, "b": 1, "c": 3}


def test_the_difference_to_the_best_has_the_interval_of_the_paired_replicates(tmp_path: Path) -> None:
    """What every row suffers alike in a resample cancels: the interval is far narrower than the scores'."""
    put(tmp_path, "best", 1.0)
    put(tmp_path, "second", 1.2)
    board = table(tmp_path)
    second = board.loc["second"]
    assert second["delta_best"] == pytest.approx(0.2)
    assert (second["delta_best_low"], second["delta_best_high"]) == pytest.approx((0.2, 0.2))
    assert second["score_high"] - second["score_low"] > 0.1
    expected = interval(1.2 + NOISE, n_clusters=CLUSTERS)
    assert (second["score_low"], second["score_high"]) == pytest.approx(expected)
    assert board.loc["best", ["delta_best", "delta_best_low", "delta_best_high"]].isna().all()


def test_skill_is_the_share_of_the_references_mae_that_is_saved(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 2.0)
    put(tmp_path, "model", 1.5)
    for metric in ("mae", "skill", "spearman"):
        assert table(tmp_path, metric)["skill"].to_dict() == pytest.approx(
            {"recent_median": 0, "model": 0.25}
        )
    assert table(tmp_path, "skill")["score"]["model"] == pytest.approx(0.25)
    assert table(tmp_path, "skill")["rank"]["model"] == 1


def test_without_the_reference_there_is_no_skill(tmp_path: Path) -> None:
    put(tmp_path, "model", 1.5)
    assert table(tmp_path, None)["skill"].isna().all()


def test_seeds_are_averaged_and_their_spread_is_shown(tmp_path: Path) -> None:
    for seed, mae in enumerate((1.0, 1.2, 1.4)):
        put(tmp_path, "model", mae, seed=seed)
    row = table(tmp_path).loc["model"]
    assert (row["seeds"], row["score"], row["score_std"]) == pytest.approx((3, 1.2, 0.2))


@pytest.mark.parametrize(
    ("status", "reason"),
    [("failed", "ValueError: x"), ("skipped", "needs image"), ("timeout", "took longer")],
)
def test_a_row_without_scores_keeps_its_line_and_its_reason(tmp_path: Path, status: str, reason: str) -> None:
    put(tmp_path, "good", 1.0)
    put(tmp_path, "poor", None, status=status, reason=reason)
    board = table(tmp_path, None).set_index("baseline")
    assert board.loc["poor", "status"] == f"{status}: {reason}"
    assert pd.isna(board.loc["poor", "score"])
    assert table(tmp_path)["rank"].to_dict() == {"good": 1}


def test_one_failed_seed_takes_the_row_out_of_the_ranking(tmp_path: Path) -> None:
    """A mean over the seeds that happened to work would flatter it."""
    put(tmp_path, "steady", 2.0)
    put(tmp_path, "lucky", 1.0, seed=0)
    put(tmp_path, "lucky", None, seed=1, status="failed", reason="NaN", code_hash="lucky".ljust(64, "0"))
    assert table(tmp_path)["rank"].to_dict() == {"steady": 1}


def test_a_ceiling_is_scored_and_not_ranked(tmp_path: Path) -> None:
    put(tmp_path, "model", 1.0)
    put(tmp_path, "ceiling", 0.5, status="ceiling")
    board = table(tmp_path)
    assert board.loc["ceiling", "score"] == 0.5
    assert pd.isna(board.loc["ceiling", "rank"])
    assert board.loc["model", "rank"] == 1
    assert pd.isna(board.loc["model", "delta_best"])


def test_rows_with_crawl_time_columns_are_ranked_among_themselves(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 2.0)
    put(tmp_path, "model", 1.0)
    put(tmp_path, "model", 0.5, crawl=True)
    put(tmp_path, "other", 0.6, crawl=True)
    board = leaderboard(read_rows(tmp_path))
    mae = board[board["metric"] == "mae"].set_index(["baseline", "crawl"])
    assert mae["rank"].to_dict() == {
        ("recent_median", False): 2,
        ("model", False): 1,
        ("model", True): 1,
        ("other", True): 2,
    }
    assert mae.loc[("other", True), "delta_best"] == pytest.approx(0.1)
    assert mae.loc[("model", True), "skill"] == pytest.approx(0.75), "measured against the same reference"


def test_results_on_older_data_or_of_older_code_are_not_mixed_with_the_newest(tmp_path: Path) -> None:
    later = "2026-02-01T00:00:00.000+00:00"
    put(tmp_path, "stale", 0.1, truth_key="s" * 64)
    put(tmp_path, "model", 0.2, code_hash="old".ljust(64, "0"))
    put(tmp_path, "model", 1.0, created=later)
    put(tmp_path, "other", 2.0, created=later)
    assert table(tmp_path)["score"].to_dict() == {"model": 1.0, "other": 2.0}


def test_an_empty_store_has_an_empty_board(tmp_path: Path) -> None:
    write_board(tmp_path / "runs", tmp_path / "board")
    assert (tmp_path / "board" / "leaderboard.csv").read_text() == ",".join(COLUMNS) + "\n"
    assert differences(tmp_path / "runs", tmp_path / "board") == []


def test_the_page_says_what_the_csv_says(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 2.0)
    put(tmp_path, "model", 1.5)
    put(tmp_path, "broken", None, status="failed", reason="ValueError: x")
    put(tmp_path, "demo", 0.5, dataset="made_up", title="Made up", synthetic=True)
    write_board(tmp_path, tmp_path / "board")
    page = (tmp_path / "board" / "LEADERBOARD.md").read_text()
    csv = pd.read_csv(tmp_path / "board" / "leaderboard.csv")
    real, synthetic = page.split("## Synthetic data\n")
    for _, row in csv[csv["metric"] == "mae"].iterrows():
        line = line_of(row["baseline"], synthetic if row["dataset"] == "made_up" else real)
        assert line.startswith(f"| {row['rank']:.0f} |")
        shown = f"{row['score']:.3f} [{row['score_low']:.3f}, {row['score_high']:.3f}]"
        assert shown in line
        if not pd.isna(row["delta_best"]):
            assert f"{row['delta_best']:+.3f}" in line
    for name in ("mae", "spearman"):
        assert f"| {METRICS[name].title} {METRICS[name].arrow} |" in page
    assert "failed: ValueError: x" in line_of("broken", real)


def line_of(baseline: str, page: str) -> str:
    """The line that the last table of a page has for a baseline; those before it go over many tables."""
    *_, line = [line for line in page.splitlines() if line.split("|")[2:3] == [f" `{baseline}` "]]
    return line


def test_a_reason_with_bars_and_line_breaks_does_not_tear_the_page(tmp_path: Path) -> None:
    put(tmp_path, "sound", 1.0)
    put(tmp_path, "broken", None, status="failed", reason="TypeError: a | b\n\nsee the manual")
    write_board(tmp_path, tmp_path / "board")
    page = (tmp_path / "board" / "LEADERBOARD.md").read_text()
    line = line_of("broken", page)
    assert r"failed: TypeError: a \| b see the manual" in line
    assert len(re.findall(r"(?<!\\)\|", line)) == line_of("sound", page).count("|")
