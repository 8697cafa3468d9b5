"""Aggregates over tasks: missing cells follow a stated policy, and nobody rises by leaving a task out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.errors import UnknownName
from leaderboard import aggregate as module
from leaderboard.aggregate import AggregateError, aggregate
from leaderboard.aggregate_format import aggregate_markdown
from leaderboard.critical_difference import runs
from leaderboard.tables import COLUMNS

REFERENCE = "recent_median"


def board(errors: dict[str, list[float | None]], **changed: Any) -> pd.DataFrame:
    """A board of one MAE a row and task; None is a row that was skipped there."""
    lines = [
        dict.fromkeys(COLUMNS)
        | {"dataset": f"data{place}", "task": "likes", "target": "likes", "protocol": "frozen"}
        | {"baseline": name, "variant": "default", "encoders": "none", "crawl": False, "study": False}
        | (
            {"metric": "mae", "score": error, "status": "ok"}
            if error is not None
            else {"status": "skipped: x"}
        )
        | changed
        for name, of_row in errors.items()
        for place, error in enumerate(of_row)
    ]
    return pd.DataFrame(lines, columns=COLUMNS)


THREE = {REFERENCE: [1.0, 1.0, 1.0], "good": [0.5, 0.6, 0.7], "bad": [1.5, 0.9, 1.2]}


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ELO_ROUNDS", 3)


def test_rows_are_ordered_by_their_mean_rank_over_the_tasks() -> None:
    table = aggregate(board(THREE)).table.set_index("row")
    assert list(table.index) == ["good", REFERENCE, "bad"]
    assert table["mean_rank"].tolist() == pytest.approx([1, 7 / 3, 8 / 3])
    assert table["skill"]["good"] == pytest.approx(1 - (0.5 * 0.6 * 0.7) ** (1 / 3))
    assert table["skill"][REFERENCE] == 0
    assert table["win_rate"]["good"] == 1
    assert table["elo"][REFERENCE] == pytest.approx(1000)


def test_the_result_does_not_depend_on_the_order_of_the_lines() -> None:
    lines = board(THREE)
    one, other = aggregate(lines), aggregate(lines.iloc[::-1])
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.diagram == other.diagram


def test_a_missing_score_is_an_error_a_dropped_row_or_imputed_as_the_policy_says() -> None:
    lines = board(THREE | {"bad": [1.5, None, 1.2]})
    with pytest.raises(AggregateError, match=r"'bad' has no score on task 'data1.*skipped: x"):
        aggregate(lines, policy="error")
    assert set(aggregate(lines, policy="drop").table["row"]) == {REFERENCE, "good"}
    imputed = aggregate(lines)
    bad = imputed.table.set_index("row").loc["bad"]
    assert (bad["tasks"], bad["imputed"]) == (2, 1)
    assert any("bad: no score on data1 likes frozen (skipped: x)" in note for note in imputed.notes)


def test_an_unknown_policy_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match=r"policy 'imput'.*impute"):
        aggregate(board(THREE), policy="imput")  # type: ignore[arg-type]


def test_without_the_reference_there_is_no_aggregate() -> None:
    with pytest.raises(AggregateError, match=REFERENCE):
        aggregate(board({"good": [1.0], "bad": [2.0]}))


def test_few_tasks_are_called_weak() -> None:
    assert aggregate(board(THREE)).notes[0].startswith("Weak: over 3 tasks only, fewer than 10.")
    many = {name: errors * 4 for name, errors in THREE.items()}
    assert aggregate(board(many)).notes[0].startswith("Over 12 tasks.")


def test_made_up_data_crawl_rows_studies_and_external_rows_do_not_count() -> None:
    extra = {"other": [0.1, 0.1, 0.1]}
    for changed in ({"crawl": True}, {"study": True}, {"variant": "external"}, {"status": "ceiling"}):
        lines = pd.concat([board(THREE), board(extra, **changed)])
        assert "other" not in set(aggregate(lines).table["row"])
    assert aggregate(board(THREE), synthetic={"data0"}).tasks == ("data1 likes frozen", "data2 likes frozen")


ERRORS = st.floats(0.1, 4).map(lambda error: round(error, 1))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(ERRORS, min_size=4, max_size=4), min_size=3, max_size=5),
    st.integers(0, 3),
    st.data(),
)
def test_leaving_out_ones_worst_task_betters_no_place(
    rows: list[list[float]], also: int, data: st.DataObject
) -> None:
    errors: dict[str, list[float | None]] = {f"row{i}": list(one) for i, one in enumerate(rows)}
    errors[REFERENCE] = [1.0] * 4
    mine = data.draw(st.sampled_from([name for name in errors if name != REFERENCE]))
    whole = aggregate(board(errors)).table.set_index("row")
    relative = [error / 1.0 for error in rows[int(mine[3:])]]
    cut = {
        **errors,
        mine: [
            None if place == int(np.argmax(relative)) else e for place, e in enumerate(rows[int(mine[3:])])
        ],
    }
    after = aggregate(board(cut)).table.set_index("row")
    for column, up in (("mean_rank", -1), ("skill", 1), ("win_rate", 1), ("improvability", -1)):
        before_place = (up * whole[column] > up * whole[column][mine] + 1e-9).sum()
        after_place = (up * after[column] > up * after[column][mine] + 1e-9).sum()
        assert after_place >= before_place, column


def test_runs_join_neighbours_that_are_nearer_than_the_critical_difference() -> None:
    assert runs([1.0, 1.5, 3.0], 1.0) == [(0, 1)]
    assert runs([1.0, 1.5, 2.2], 1.0) == [(0, 1), (1, 2)]


def test_the_markdown_has_a_line_a_row_and_every_note() -> None:
    one = aggregate(board(THREE))
    text = aggregate_markdown(one)

    for note in one.notes:
        assert note.replace("|", r"\|") in text
    assert "| 1 | `good` | 3 |  | +0.4" in text
