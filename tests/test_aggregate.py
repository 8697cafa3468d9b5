"""One standing over many tasks: what counts, and what a missing score costs."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_boards import REFERENCE, Scores, board, column, line, told
from stored import EVENT

from leaderboard.together.aggregate import AggregateError, aggregate
from leaderboard.together.format import FORMATS, aggregate_markdown

pytestmark = pytest.mark.slow


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
