"""One standing over many tasks: what counts, and what a missing score costs."""

from __future__ import annotations

import io
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored import EVENT, put_predictions
from typer.testing import CliRunner

from benchmark.errors import UnknownName
from leaderboard.tables.scores import COLUMNS
from leaderboard.together import aggregate as module
from leaderboard.together.aggregate import Aggregate, AggregateError, aggregate
from leaderboard.together.format import FORMATS, aggregate_markdown
from smpbench.cli.main import app

pytestmark = pytest.mark.slow

REFERENCE = "recent_median"
Scores = dict[str, list[float | None]]
HIGHER = ("skill", "win_rate", "elo")
LOWER = ("mean_rank", "improvability")


def line(baseline: str, dataset: str, score: float | None = None, **told: Any) -> dict[str, Any]:
    """One line of a board; without a score, that of a row which could not run."""
    missing, measure = score is None, told.pop("measure", "mae")
    return {
        **dict.fromkeys(COLUMNS),
        "dataset": dataset,
        "task": "likes",
        "target": "likes",
        "protocol": "frozen",
        "baseline": baseline,
        "variant": "default",
        "profile": "none",
        "crawl": False,
        "study": False,
        "kind": "regression",
        "primary": "mae",
        "reference": REFERENCE,
        "measure": None if missing else measure,
        "score": np.nan if missing else score,
        "status": "skipped: needs image" if missing else "ok",
        **told,
    }


def board(scores: Scores, *more: dict[str, Any]) -> pd.DataFrame:
    """Baseline -> its MAE on data sets `d0`, `d1`, ..."""
    lines = [
        line(name, f"d{number}", score) for name, row in scores.items() for number, score in enumerate(row)
    ]
    return pd.DataFrame([*lines, *more], columns=COLUMNS)


def column(one: Aggregate, name: str) -> dict[str, Any]:
    return one.table.set_index("row")[name].to_dict()


def places(one: Aggregate) -> pd.DataFrame:
    """[rows, columns]: how many rows are better than a row, in each column."""
    table = one.table.set_index("row")
    better = {name: table[name] for name in HIGHER} | {name: -table[name] for name in LOWER}
    found = {
        name: [int((values > value + 1e-6).sum()) for value in values] for name, values in better.items()
    }
    return pd.DataFrame(found, index=table.index)


def told(one: Aggregate, words: str) -> str:
    (note,) = [note for note in one.notes if words in note]
    return note


# How it is shown


@pytest.mark.parametrize("form", ["table", "md", "latex", "html"])
def test_every_format_has_every_row_and_what_a_reader_must_know(form: str) -> None:
    evil = r"a & b \\input{x} <script> | `c`"
    one = aggregate(board({REFERENCE: [1.0, 4.0], "mine": [0.5, 2.0], evil: [0.8, 1.0]}))
    text = FORMATS[form](one)
    assert "mine" in text and ("best first" in text.lower()) and "1000" in text
    assert "<script>" not in text or form in ("table", "md", "latex")
    if form == "latex":
        assert text.count(r"\begin{") == text.count(r"\end{") == 2 and r"\input" not in text
        body = text.partition(r"\toprule")[2].partition(r"\bottomrule")[0]
        lines = [row for row in body.splitlines() if row.endswith(r"\\")]
        assert {len(re.findall(r"(?<!\\)&", row)) for row in lines} == {8} and len(lines) == 4


# What is computed


def test_the_statistics_of_a_small_board_are_those_worked_by_hand() -> None:
    one = aggregate(board({REFERENCE: [1.0, 4.0], "a": [0.5, 2.0], "b": [0.8, 1.0]}))
    assert one.tasks == ("d0 likes frozen", "d1 likes frozen")
    assert list(one.table["row"]) == ["b", "a", REFERENCE]
    assert column(one, "mean_rank") == {"a": 1.5, "b": 1.5, REFERENCE: 3.0}
    assert column(one, "win_rate") == {"a": 0.75, "b": 0.75, REFERENCE: 0.0}
    skill = {"a": 1 - 0.5, "b": 1 - math.sqrt(0.8 * 0.25), REFERENCE: 0.0}
    assert column(one, "skill") == pytest.approx(skill)
    improvability = {"a": (0 + 0.5) / 2, "b": (1 - 0.5 / 0.8) / 2, REFERENCE: (0.5 + 0.75) / 2}
    assert column(one, "improvability") == pytest.approx(improvability)
    assert one.win_rates.loc["a", "b"] == 0.5
    assert one.win_rates.loc["a", REFERENCE] == 1
    assert math.isnan(one.win_rates.loc["a", "a"])


def test_a_task_weighs_one_however_many_targets_it_has() -> None:
    """`a` is best on the three targets of one task, and last on the only target of another."""
    targets = [
        line(name, "d0", score, target=target)
        for name, score in (("a", 1.0), ("b", 2.0), (REFERENCE, 3.0))
        for target in ("likes", "replies", "shares")
    ]
    one = aggregate(board({}, *targets, line("a", "d1", 3), line("b", "d1", 2), line(REFERENCE, "d1", 1)))
    assert len(one.tasks) == 2
    assert column(one, "mean_rank") == {"a": 2.0, "b": 2.0, REFERENCE: 2.0}


def test_a_data_set_weighs_one_however_many_tasks_it_has() -> None:
    """Frozen and rolling are of the same posts: `a` is best on both, and last on another data set."""
    ranked = ("a", 1.0), ("b", 2.0), (REFERENCE, 3.0)
    first = [line(name, "d0", at, protocol=of) for name, at in ranked for of in ("frozen", "rolling")]
    one = aggregate(board({}, *first, *(line(name, "d1", 4 - at) for name, at in ranked)))
    assert len(one.tasks) == 3
    assert column(one, "tasks") == {"a": 3, "b": 3, REFERENCE: 3}
    assert column(one, "mean_rank") == {"a": 2.0, "b": 2.0, REFERENCE: 2.0}
    assert one.critical.tasks == 2
    assert "3 tasks of 2 data sets" in one.notes[0]


@pytest.mark.parametrize(("data_sets", "some"), [(4, False), (5, True)])
def test_below_five_data_sets_there_is_no_elo_and_that_is_said(data_sets: int, some: bool) -> None:
    one = aggregate(board({REFERENCE: [2.0] * data_sets, "a": [1.0] * data_sets}))
    assert one.table["elo"].notna().all() == some
    assert ("There is no Elo" in one.notes[0]) is not some
    assert "nan" not in aggregate_markdown(one)


def test_elo_orders_rows_as_their_mean_ranks_do_and_gives_the_reference_1000() -> None:
    rng = np.random.default_rng(0)
    scores: Scores = {
        name: list(rng.uniform(1, 2, 12) + at / 8) for at, name in enumerate([REFERENCE, *"abcdef"])
    }
    one = aggregate(board(scores))
    assert one.table["elo"].is_monotonic_decreasing
    assert one.table["mean_rank"].is_monotonic_increasing
    assert column(one, "elo")[REFERENCE] == pytest.approx(1000)
    assert (one.table["elo_low"] <= one.table["elo"]).all()
    assert (one.table["elo"] <= one.table["elo_high"]).all()
    assert (one.table["elo_high"] - one.table["elo_low"] > 10).all()


def test_of_a_measure_of_which_more_is_better_more_is_better() -> None:
    lines = [line(name, "d0", rho, measure="spearman") for name, rho in ((REFERENCE, 0.2), ("a", 0.6))]
    one = aggregate(board({}, *lines), measure="spearman")
    assert list(one.table["row"]) == ["a", REFERENCE]
    assert column(one, "skill")["a"] == pytest.approx(1 - 0.4 / 0.8)


def test_the_order_of_the_lines_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    scores: Scores = {name: list(rng.uniform(1, 2, 5)) for name in [REFERENCE, *"abcd"]}
    scores["b"][2] = scores["d"][4] = None
    lines = board(scores)
    one, other = aggregate(lines), aggregate(lines.sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    pd.testing.assert_frame_equal(one.win_rates, other.win_rates, check_exact=True)
    assert (one.diagram, one.notes, one.tasks) == (other.diagram, other.notes, other.tasks)
    assert aggregate_markdown(one) == aggregate_markdown(other)


def test_only_ranked_publish_time_rows_of_real_data_compete() -> None:
    one = aggregate(
        board(
            {REFERENCE: [1.0], "a": [0.5]},
            line("a", "d0", 0.1, crawl=True),
            line("a", "d0", 0.1, variant="loss=mae", study=True),
            line("ceiling", "d0", 0.1, status="ceiling"),
            line("theirs", "d0", 0.1, variant="external"),
            line(REFERENCE, "made_up", 1.0),
            line("a", "made_up", 2.0),
        ),
        synthetic={"made_up"},
    )
    assert list(one.table["row"]) == ["a", REFERENCE]
    assert one.tasks == ("d0 likes frozen",)
    assert told(one, "External") == "External, and left out: theirs."


def test_variants_and_encoder_profiles_are_rows_of_their_own() -> None:
    one = aggregate(
        board(
            {REFERENCE: [3.0]},
            line("mlp", "d0", 1.0, variant="wide", profile="hub"),
            line("mlp", "d0", 2.0, variant="wide", profile="bundled"),
            line("mlp", "d0", 4.0, profile="bundled"),
        )
    )
    assert list(one.table["row"]) == ["mlp wide (hub)", "mlp wide (bundled)", REFERENCE, "mlp"]


# Tasks of several kinds


def event(baseline: str, score: float | None = None, **told: Any) -> dict[str, Any]:
    """A line of a task about an event, of its average precision."""
    of = {name: EVENT[name] for name in ("kind", "primary", "reference")}
    return line(baseline, "viral", score, **({"measure": "average_precision"} | of | told))


BOTH = "(reference)"
TWO_KINDS = [
    event("recent_rate", 0.2),
    event("a", 0.6),
    event("b", 0.4),
    event("b", 0.9, measure="auc"),
]


def test_each_task_is_ranked_by_its_own_primary_measure_against_its_own_reference() -> None:
    """The references of the tasks make one row together: each is naive in its task alone."""
    one = aggregate(board({REFERENCE: [2.0], "a": [1.0], "b": [0.5]}, *TWO_KINDS))
    assert one.tasks == ("d0 likes frozen", "viral likes frozen")
    assert set(one.measures) == {"mae", "average_precision"}
    assert one.reference == BOTH
    assert set(one.table["row"]) == {BOTH, "a", "b"}
    assert column(one, "imputed") == {BOTH: 0, "a": 0, "b": 0}
    assert column(one, "mean_rank") == {"a": 1.5, "b": 1.5, BOTH: 3.0}
    skill = {"a": 1 - math.sqrt(0.5 * 0.4 / 0.8), "b": 1 - math.sqrt(0.25 * 0.6 / 0.8), BOTH: 0}
    assert column(one, "skill") == pytest.approx(skill)
    assert "over 2 tasks by MAE, Average precision;" in aggregate_markdown(one)
    assert told(one, "of each task") == f"{BOTH} is the reference of each task: recent_median, recent_rate."


def test_tasks_that_lack_the_measure_that_is_asked_for_are_told_to_be_left_out() -> None:
    one = aggregate(board({REFERENCE: [2.0, 2.0], "a": [1.0, None]}, *TWO_KINDS), measure="mae")
    assert one.tasks == ("d0 likes frozen", "d1 likes frozen"), "a hole is no task that lacks a measure"
    assert one.reference == REFERENCE
    assert told(one, "left out: viral") == "Not scored by mae, and left out: viral likes frozen."
    assert column(one, "imputed")["a"] == 1


def test_a_reference_that_misses_its_own_task_is_refused_and_named() -> None:
    lines = [event("a", 0.6), event("b", 0.4), event("recent_rate")]
    with pytest.raises(AggregateError, match="'recent_rate', the reference, has no score on task viral"):
        aggregate(board({REFERENCE: [2.0], "a": [1.0], "b": [0.5]}, *lines))


def test_a_baseline_that_is_called_reference_does_not_pass_for_those_of_the_tasks() -> None:
    lines = [event("reference", 0.9), *TWO_KINDS]
    one = aggregate(board({REFERENCE: [2.0], "a": [1.0], "b": [0.5], "reference": [1.0]}, *lines))
    assert set(one.table["row"]) == {BOTH, "a", "b", "reference"}
    assert column(one, "skill")[BOTH] == 0


# What a missing score costs

HOLES: Scores = {REFERENCE: [2.0, 2.0], "a": [1.0, 1.0], "b": [0.5, None], "c": [3, 5]}


def test_a_missing_score_ranks_last_and_counts_as_the_worst_of_the_others() -> None:
    one = aggregate(board(HOLES))
    assert column(one, "imputed") == {REFERENCE: 0, "a": 0, "b": 1, "c": 0}
    assert column(one, "tasks") == {REFERENCE: 2, "a": 2, "b": 1, "c": 2}
    assert column(one, "mean_rank")["b"] == (1 + 4) / 2
    assert column(one, "skill")["b"] == pytest.approx(1 - math.sqrt(0.25 * 2.5))
    assert column(one, "skill")["c"] == pytest.approx(0), "its 3 and 5 count as no worse than a 2 does"
    assert told(one, "b:") == "b: no score on d1 likes frozen (skipped: needs image); imputed there."


def test_a_missing_score_counts_as_no_better_than_the_reference() -> None:
    one = aggregate(board({REFERENCE: [2.0, 2.0], "a": [1.0, 1.0], "b": [1.0, None]}))
    assert column(one, "skill")["b"] == pytest.approx(1 - math.sqrt(0.5 * 1))


def test_a_policy_of_errors_names_the_row_the_task_and_the_reason() -> None:
    with pytest.raises(
        AggregateError, match=r"'b' has no score on task 'd1 likes frozen' \(skipped: needs im"
    ):
        aggregate(board(HOLES), policy="error")
    whole = {name: row for name, row in HOLES.items() if name != "b"}
    assert len(aggregate(board(whole), policy="error").table) == 3


def test_dropping_leaves_out_rows_and_never_tasks() -> None:
    one = aggregate(board(HOLES), policy="drop")
    assert set(one.table["row"]) == {REFERENCE, "a", "c"}
    assert len(one.tasks) == 2
    assert column(one, "skill")["c"] == pytest.approx(1 - math.sqrt(1.5 * 2.5)), "and caps nothing"
    assert told(one, "b:").endswith("left out.")


@pytest.mark.parametrize("policy", module.POLICIES)
def test_a_task_that_the_reference_misses_is_refused_and_not_passed_over(policy: module.Policy) -> None:
    with pytest.raises(AggregateError, match=f"'{REFERENCE}', the reference, has no score on task d1 "):
        aggregate(board({REFERENCE: [1.0, None], "a": [1.0, 2.0], "b": [1.0, 2.0]}), policy=policy)


def test_a_row_without_any_score_is_named_and_left_out() -> None:
    one = aggregate(board({REFERENCE: [1.0], "a": [0.5], "b": [None]}))
    assert list(one.table["row"]) == ["a", REFERENCE]
    assert told(one, "any task") == "Without a score on any task, and left out: b."


def test_an_undefined_score_is_a_missing_one() -> None:
    one = aggregate(board({REFERENCE: [1.0, 1.0], "a": [0.5, math.nan], "b": [2, 2]}))
    assert column(one, "imputed")["a"] == 1


errors = st.integers(0, 8).map(lambda number: number / 2)


@st.composite
def boards_and_absences(draw: st.DrawFn) -> tuple[pd.DataFrame, str, set[str]]:
    """A board with ties and holes, one of its rows, and data sets that this row leaves out; it keeps one."""
    datasets = [f"d{number}" for number in range(draw(st.integers(2, 5)))]
    targets = ["likes", "replies"][: draw(st.integers(1, 2))]
    names = "abcd"[: draw(st.integers(1, 4))]
    row = draw(st.sampled_from(names))
    kept = draw(st.sampled_from(datasets))
    lines = [
        line(name, dataset, draw(errors if whole else st.none() | errors), target=target)
        for name in [REFERENCE, *names]
        for dataset in datasets
        for target in targets
        for whole in [name == REFERENCE or (name, dataset) == (row, kept)]
    ]
    left = draw(st.sets(st.sampled_from([dataset for dataset in datasets if dataset != kept]), min_size=1))
    return pd.DataFrame(lines, columns=COLUMNS), row, left


@pytest.mark.slow
@settings(max_examples=25)
@given(boards_and_absences())
def test_leaving_out_tasks_never_betters_a_place(drawn: tuple[pd.DataFrame, str, set[str]]) -> None:
    """In no column, Elo's neither, whichever tasks a row leaves out, its worst ones or not."""
    lines, row, left = drawn
    gone = (lines["baseline"] == row) & lines["dataset"].isin(left)
    before, after = aggregate(lines), aggregate(lines[~gone])
    assert (places(after).loc[row] >= places(before).loc[row]).all(), (before.table, after.table)


def test_leaving_out_ones_worst_task_does_not_raise_ones_rank() -> None:
    """Were a missing score to count as the reference's, `a` would pass `b` by leaving out its 9."""
    with_it = aggregate(board({REFERENCE: [2, 2, 2], "a": [1, 1, 9], "b": [1.2, 1.2, 3]}))
    without = aggregate(board({REFERENCE: [2, 2, 2], "a": [1, 1, None], "b": [1.2, 1.2, 3]}))
    assert (places(without).loc["a"] >= places(with_it).loc["a"]).all()
    assert column(without, "skill")["a"] <= column(with_it, "skill")["a"]


# What it refuses and what it says


def test_names_that_nothing_answers_to_are_refused() -> None:
    with pytest.raises(UnknownName, match="unknown policy 'imput'; did you mean 'impute'"):
        aggregate(board(HOLES), policy="imput")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="measure that ranks 'coverage'"):
        aggregate(board(HOLES), measure="coverage")


def test_a_board_with_nothing_to_compare_is_refused() -> None:
    with pytest.raises(AggregateError, match="no row has a score in its task's primary measure"):
        aggregate(board({}))
    with pytest.raises(AggregateError, match="no row has a score in 'auc'"):
        aggregate(board(HOLES), measure="auc")
    with pytest.raises(AggregateError, match="two rows or more; policy 'impute' leaves 1 of 1"):
        aggregate(board({REFERENCE: [1.0]}))
    with pytest.raises(AggregateError, match="'a' has two scores on task 'd0 likes frozen', likes"):
        aggregate(board({REFERENCE: [1.0], "a": [1.0]}, line("a", "d0", 2.0)))


@pytest.mark.parametrize(("tasks", "weak"), [(1, True), (9, True), (10, False)])
def test_aggregates_over_fewer_than_ten_tasks_are_called_weak(tasks: int, weak: bool) -> None:
    one = aggregate(board({REFERENCE: [2.0] * tasks, "a": [1.0] * tasks}))
    assert one.notes[0].startswith("Weak") is weak
    assert f"over {tasks} task" in one.notes[0].lower()


def test_skill_is_undefined_where_the_reference_is_perfect_and_that_is_said() -> None:
    one = aggregate(board({REFERENCE: [0.0, 1.0], "a": [1.0, 1.0]}))
    assert one.table["skill"].isna().all()
    assert told(one, "undefined")


def test_the_markdown_holds_the_policy_every_row_and_every_note() -> None:
    evil = line("b", "d1", status="failed: a|b\nc")
    text = aggregate_markdown(aggregate(board({REFERENCE: [2, 2], "a": [1, 1]}, line("b", "d0", 3), evil)))
    table = [one for one in text.splitlines() if one.startswith("|")]
    assert len(table) == 2 + 3
    assert {len(re.findall(r"(?<!\\)\|", one)) for one in table} == {10}
    assert "policy `impute`" in text
    assert r"failed: a\|b c" in text
    assert "| `a` | 2 |  | +0.500 | 1.00 | 100% | 0.0% |" in text
    assert "#" not in text.replace("| # |", ""), "the heading is the page's"


def test_csv_and_json_hold_what_the_markdown_holds() -> None:
    one = aggregate(board({REFERENCE: [2.0, 2.0], "good": [1.0, 1.5], "absent": [1.5, None]}))
    table = pd.read_csv(io.StringIO(FORMATS["csv"](one)))
    pd.testing.assert_frame_equal(table, one.table, check_dtype=False, rtol=1e-5)
    told = json.loads(FORMATS["json"](one))
    assert [row["row"] for row in told["rows"]] == list(one.table["row"])
    assert told["win_rates"]["good"] == {REFERENCE: 1.0, "absent": 1.0, "good": None}
    assert (told["policy"], told["measures"], told["notes"]) == ("impute", ["mae"], list(one.notes))


@pytest.mark.slow
def test_the_command_takes_the_real_data_sets_of_the_board_unless_some_are_named(tmp_path: Path) -> None:
    for dataset, synthetic in (("musk_tweets", False), ("demo_tweets", True)):
        for name, error in ((REFERENCE, 1.5), ("model", 1.0)):
            put_predictions(tmp_path / "runs", name, error, dataset=dataset, synthetic=synthetic)

    def tasks(*options: str) -> list[str]:
        done = CliRunner().invoke(app, ["aggregate", "--home", str(tmp_path), "--format", "json", *options])
        assert done.exit_code == 0, done.output
        return list(json.loads(done.stdout)["tasks"])

    assert tasks() == ["musk_tweets likes frozen"]
    assert tasks("-d", "demo_tweets", "-m", "spearman") == ["demo_tweets likes frozen"]
    assert len(tasks("-d", "demo_tweets", "-d", "musk_tweets", "--missing", "error")) == 2


def test_a_task_of_few_posts_or_of_few_clusters_does_not_count_and_is_named() -> None:
    lines = [
        line(name, dataset, score + at / 10, n_test=posts, clusters=clusters)
        for at, (dataset, posts, clusters) in enumerate(
            [("large", 500, 60), ("small", 99, 60), ("alone", 500, 19), ("enough", 100, 20)]
        )
        for name, score in ((REFERENCE, 1.0), ("model", 0.9))
    ]
    found = aggregate(pd.DataFrame(lines, columns=COLUMNS))
    assert found.tasks == ("enough likes frozen", "large likes frozen")
    (note,) = [one for one in found.notes if one.startswith("Too small")]
    assert "small likes frozen (99 test posts, fewer than 100)" in note
    assert "alone likes frozen (19 accounts or weeks, fewer than 20)" in note


def test_where_no_task_is_large_enough_there_is_no_aggregate() -> None:
    lines = [line(name, "small", 1.0, n_test=50, clusters=50) for name in (REFERENCE, "model")]
    with pytest.raises(AggregateError, match=r"no task is large enough.*small likes frozen \(50 test posts"):
        aggregate(pd.DataFrame(lines, columns=COLUMNS))
