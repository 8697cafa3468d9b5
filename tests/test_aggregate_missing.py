"""What a missing score costs a row over many tasks, what is refused, and what is said."""

from __future__ import annotations

import io
import json
import math
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_boards import REFERENCE, Scores, board, column, line, told
from stored import put_predictions
from typer.testing import CliRunner

from benchmark.errors import UnknownName
from leaderboard.tables.scores import COLUMNS
from leaderboard.together import aggregate as module
from leaderboard.together.aggregate import Aggregate, AggregateError, aggregate
from leaderboard.together.format import FORMATS, aggregate_markdown
from smpbench.cli.main import app

pytestmark = pytest.mark.slow
HIGHER = ("skill", "win_rate", "elo")
LOWER = ("mean_rank", "improvability")


def places(one: Aggregate) -> pd.DataFrame:
    """[rows, columns]: how many rows are better than a row, in each column."""
    table = one.table.set_index("row")
    better = {name: table[name] for name in HIGHER} | {name: -table[name] for name in LOWER}
    found = {
        name: [int((values > value + 1e-6).sum()) for value in values] for name, values in better.items()
    }
    return pd.DataFrame(found, index=table.index)


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
