"""The board: ranks, paired differences and skill, from made-up results whose answers are known."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from boards import board_of, table
from stored import CLUSTERS, EVENT, HAPPENED, NOISE, derived, put, put_predictions

from benchmark import PROJECT
from benchmark.scores.bootstrap import interval
from benchmark.scores.measures import MEASURES
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.narrow import DRIFTS, OF_DRIFT
from leaderboard.board.merged import merged
from leaderboard.board.overview import overview
from leaderboard.board.write import differences
from leaderboard.page.data import page_data
from leaderboard.tables.scores import leaderboard

COLUMNS = re.findall(
    r"\w+",
    """
    dataset, task, target, protocol, baseline, variant, profile, crawl, study, seeds, n_train, n_test,
    clusters, measure, score, score_low, score_high, score_widen, score_std, skill,
    rank, rank_low, rank_high, set_p, delta_best, delta_best_low, delta_best_high, delta_best_widen, drift,
    fit_seconds, predict_ms_per_post, peak_mb, engine,
    status, data_fingerprint, protocol_version, code_hash, kind, primary, reference, margin, reads
    """,
)


def test_the_columns_are_those_that_are_promised(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 1.0)
    assert list(table(tmp_path, None).columns) == COLUMNS
    board_of(tmp_path)
    assert (tmp_path / "board" / "leaderboard.csv").read_text().splitlines()[0] == ",".join(COLUMNS)


def test_rows_are_ranked_the_better_way_round_for_each_measure(tmp_path: Path) -> None:
    for name, mae in {"good": 1.0, "bad": 3.0, "middling": 2.0}.items():
        put(tmp_path, name, mae)
    for measure in ("mae", "spearman"):
        assert table(tmp_path, measure)["rank"].to_dict() == {"good": 1, "middling": 2, "bad": 3}


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
    for measure in ("mae", "skill", "spearman"):
        assert table(tmp_path, measure)["skill"].to_dict() == pytest.approx(
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
    put(tmp_path, "lucky", None, seed=1, status="failed", reason="NaN")
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
    board = leaderboard(derived(tmp_path))
    mae = board[board["measure"] == "mae"].set_index(["baseline", "crawl"])
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
    board_of(tmp_path)
    assert (tmp_path / "board" / "leaderboard.csv").read_text() == ",".join(COLUMNS) + "\n"
    assert differences(tmp_path / "board", merged(tmp_path, tmp_path / "nothing")) == []


@pytest.mark.slow
def test_the_page_says_what_the_csv_says(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 2.0)
    put(tmp_path, "model", 1.5)
    put(tmp_path, "broken", None, status="failed", reason="ValueError: x")
    put(tmp_path, "demo", 0.5, dataset="made_up", title="Made up", synthetic=True)
    page = board_of(tmp_path)
    csv = pd.read_csv(tmp_path / "board" / "leaderboard.csv")
    real, synthetic = page.split("## Synthetic data\n")
    for _, row in csv[csv["measure"] == "mae"].iterrows():
        line = line_of(row["baseline"], synthetic if row["dataset"] == "made_up" else real)
        assert line.startswith(f"| {row['rank']:.0f} |")
        shown = f"{row['score']:.3f} [{row['score_low']:.3f}, {row['score_high']:.3f}]"
        assert shown in line
        if not pd.isna(row["delta_best"]):
            assert f"{row['delta_best']:+.3f}" in line
    for name in ("mae", "spearman"):
        assert f"| {MEASURES[name].title} {MEASURES[name].arrow} |" in page
    assert "failed: ValueError: x" in line_of("broken", real)


def line_of(baseline: str, page: str) -> str:
    """The line that the last table of a page has for a baseline; those before it go over many tables."""
    *_, line = [line for line in page.splitlines() if line.split("|")[2:3] == [f" `{baseline}` "]]
    return line


def test_a_reason_with_bars_and_line_breaks_does_not_tear_the_page(tmp_path: Path) -> None:
    put(tmp_path, "sound", 1.0)
    put(tmp_path, "broken", None, status="failed", reason="TypeError: a | b\n\nsee the manual")
    page = board_of(tmp_path)
    line = line_of("broken", page)
    assert r"failed: TypeError: a \| b see the manual" in line
    assert len(re.findall(r"(?<!\\)\|", line)) == line_of("sound", page).count("|")


# Tasks that are ranked by another measure

BY_RANK = {"primary": "spearman", "reference": "last_value"}


@pytest.mark.slow
def test_rank_difference_and_skill_follow_the_primary_measure_and_the_reference_of_the_task(
    tmp_path: Path,
) -> None:
    """`near` is best by MAE, `ordered` by Spearman, by which the task is ranked."""
    put(tmp_path, "last_value", values={"spearman": 0.2, "mae": 1.0}, **BY_RANK)
    put(tmp_path, "near", values={"spearman": 0.4, "mae": 0.5}, **BY_RANK)
    put(tmp_path, "ordered", values={"spearman": 0.6, "mae": 0.8}, **BY_RANK)
    put(tmp_path, "recent_median", values={"spearman": 0.1, "mae": 0.9}, **BY_RANK)
    board = table(tmp_path, "spearman")
    assert board["rank"].to_dict() == {"ordered": 1, "near": 2, "last_value": 3, "recent_median": 4}
    skill = {"ordered": 1 - 0.4 / 0.8, "near": 1 - 0.6 / 0.8, "last_value": 0, "recent_median": 1 - 0.9 / 0.8}
    assert board["skill"].to_dict() == pytest.approx(skill)
    page = board_of(tmp_path)
    assert "; skill against `last_value`" in page
    assert "| skill ↑ | Δ Spearman's ρ |" in page
    assert line_of("ordered", page).startswith("| 1 |") and line_of("ordered", page).endswith("| best |")
    assert line_of("near", page).endswith("| +0.250 | -0.200 [-0.200, -0.200] |")
    assert page.index("`ordered` | **0.600 [") < page.index("`near` | 0.400 ["), "in the order of the rank"


@pytest.mark.slow
def test_a_task_about_an_event_is_ranked_by_average_precision_of_which_more_is_better(tmp_path: Path) -> None:
    for name, error in (("recent_rate", 3.0), ("good", 0.2), ("fair", 1.0)):
        put_predictions(tmp_path, name, error, **EVENT)
    board = table(tmp_path, "average_precision")
    assert list(board.sort_values("rank").index) == ["good", "fair", "recent_rate"]
    assert board.loc["fair", "delta_best"] < 0
    assert board.loc["fair", "delta_best_high"] < 0
    error = 1 - board["score"]
    assert board["skill"].to_dict() == pytest.approx((1 - error / error["recent_rate"]).to_dict())
    low, high = table(tmp_path, "skill").loc["fair", ["score_low", "score_high"]]
    assert 0 < low < board.loc["fair", "skill"] < high < 1
    page = board_of(tmp_path)
    assert "Average precision ↑ | AUC ↑ | Brier score ↓ | skill ↑ | Δ Average precision |" in page
    assert "; skill against `recent_rate`" in page


@pytest.mark.slow
def test_over_a_table_of_events_stands_how_many_of_the_posts_are_some(tmp_path: Path) -> None:
    put_predictions(tmp_path, "good", 0.2, **EVENT)
    put_predictions(tmp_path, "model", 0.2, dataset="counted")
    page = board_of(tmp_path)
    told = f"Base rate: {HAPPENED.mean():.1%} of the test posts are events."
    assert page.count("Base rate") == 1, "and of a number there is none"
    before, _, after = page.partition(f"\n{told}\n\n| # | baseline |")
    assert before.endswith("skill against `recent_rate`\n"), "between the caption and the table"
    assert after


@pytest.mark.slow
def test_the_overview_says_in_its_heads_by_what_each_task_is_ranked(tmp_path: Path) -> None:
    """And bold are the rows that cannot be told from the best by that."""
    for name, error in (("recent_median", 2.0), ("good", 0.5)):
        put_predictions(tmp_path, name, error)
    only = overview(leaderboard(derived(tmp_path)), set())
    assert "| `posts` | likes frozen<br>MAE ↓ / Spearman's ρ ↑ |" in only
    for name, error in (("recent_rate", 3.0), ("good", 0.2)):
        put_predictions(tmp_path, name, error, dataset="viral", **EVENT)
    both = overview(leaderboard(derived(tmp_path)), set())
    numbers, events = both.split("| `viral` |")
    assert "| `posts` | likes frozen<br>MAE ↓ / Spearman's ρ ↑ |" in numbers
    assert events.startswith(" likes frozen<br>Average precision ↑ / AUC ↑ |")
    for of_set in (numbers, events):
        (good,) = (line for line in of_set.splitlines() if line.startswith("| `good` |"))
        assert good.count("**") == 2, "the best of both"
    assert "`recent_rate`" not in numbers, "a row stands in the tables that it is in"
    (reference,) = (line for line in events.splitlines() if line.startswith("| `recent_rate` |"))
    assert "**" not in reference


def test_nothing_of_the_board_knows_a_measure_or_a_baseline_by_name() -> None:
    """By what a task is ranked, and against what, its results say."""
    named = re.compile(r"\b(mae|spearman|average_precision|recent_median|recent_rate)\b", re.IGNORECASE)
    files = [*PROJECT.glob("leaderboard/**/*.py"), *PROJECT.glob("leaderboard/page/site/*.js")]
    assert len(files) > 30
    found = {
        f"{path.relative_to(PROJECT)}: {line}"
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if named.search(line)
    }
    assert found == set()


FEW_WEEKS = {"clusters": 9, "effective": 9.0, "weeks": 9.4}
A_YEAR = {"clusters": 52, "effective": 52.0, "weeks": 52.0}


def of_weeks(runs: Path, drawn: dict[str, float], *, drifting: bool) -> None:
    """Three rows whose weeks are noise, or go up and down with the year; one is as far off as another."""
    number, rng = int(drawn["clusters"]), np.random.default_rng(1)
    counts = Resamples(np.arange(number), len(NOISE)).counts(0, len(NOISE)) / number
    for at, name in enumerate(("recent_median", "model", "other")):
        year = np.linspace(-1, 1, number) * at if drifting else 0.0
        weeks = rng.normal(size=number) * (0.1 if drifting else 1.0) + year
        put(runs, name, 1 + at / 10, noise=counts @ weeks, **drawn)


@pytest.mark.slow
def test_intervals_of_few_weeks_say_by_how_much_they_are_too_narrow(tmp_path: Path) -> None:
    of_weeks(tmp_path, FEW_WEEKS, drifting=False)
    found = table(tmp_path)
    assert found["clusters"].tolist() == [9] * 3
    assert found["score_widen"].tolist() == [1.5] * 3
    assert found["delta_best_widen"].dropna().tolist() == [1.5] * 2
    assert "the test posts span 9 weeks" in board_of(tmp_path)
    assert "1.5 times as wide, they would in 95; where" in board_of(tmp_path)


@pytest.mark.slow
def test_differences_that_drift_say_so_and_scores_do_not(tmp_path: Path) -> None:
    of_weeks(tmp_path, A_YEAR, drifting=True)
    found = table(tmp_path)
    assert found["drift"].min() > DRIFTS[1]
    assert found["score_widen"].tolist() == [1.0] * 3
    assert found["delta_best_widen"].dropna().tolist() == [OF_DRIFT[52][1].factor] * 2
    assert "Differences drift" in board_of(tmp_path)


@pytest.mark.slow
def test_where_there_are_weeks_enough_and_nothing_drifts_nothing_is_said(tmp_path: Path) -> None:
    of_weeks(tmp_path, A_YEAR, drifting=False)
    assert set(table(tmp_path)["delta_best_widen"].dropna()) == {1.0}
    assert "too narrow" not in board_of(tmp_path)
    assert "Differences drift" not in board_of(tmp_path)


def test_the_page_has_what_is_said_of_intervals(tmp_path: Path) -> None:
    of_weeks(tmp_path, FEW_WEEKS, drifting=False)
    found = merged(tmp_path, tmp_path / "nothing")
    told = page_data(found.board, found.slices, found.tables, found.folders, None)
    row = told["rows"][0]
    assert [one[:24] for one in row["narrow"]["likes"]] == ["Intervals are too narrow"]
    columns = dict(zip(told["columns"], row["scores"]["likes"]["mae"], strict=True))
    assert columns["widen"] == 1.5
